// Ctrl-C and SIGTERM: the first asks to stop in order, the second stops at once. Either way nothing half-written stays
// (util/remove-at-exit.ts).
import { ExitError, exitCodes } from './exit.ts'

/** Runs `body` with a signal that the first Ctrl-C aborts. */
export async function withInterrupt<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
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

/** Ends the run between two steps when it was asked to stop. `what`: what there is by now, a sentence. */
export function stopIfAsked(signal: AbortSignal, what: string): void {
  if (signal.aborted) throw new ExitError(exitCodes.interrupted, `interrupted. ${what}`)
}
