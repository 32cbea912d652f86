// What must still be undone elsewhere (in a cluster) when the process is told to stop at once: a second Ctrl-C.
// May not: replace the owner's own clean-up, which does more and says what failed.

const tasks = new Set<() => Promise<unknown>>()

/** Registers what a forced exit runs first, until the returned function is called. */
export function beforeForcedExit(task: () => Promise<unknown>): () => void {
  tasks.add(task)
  return () => {
    tasks.delete(task)
  }
}

/** Runs all of it at once, for at most `ms` milliseconds. False when there was nothing to do. */
export async function runForcedExitTasks(ms: number): Promise<boolean> {
  if (tasks.size === 0) return false
  const running = Promise.allSettled([...tasks].map((task) => task()))
  await Promise.race([running, new Promise((resolve) => setTimeout(resolve, ms))])
  return true
}
