// Ctrl-C and SIGTERM: the first asks to stop in order, the second stops at once.

/** Runs `body` with a signal that the first Ctrl-C aborts. */
export async function withInterrupt<T>(onFirst: () => void, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(130)
    onFirst()
    controller.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    return await body(controller.signal)
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
