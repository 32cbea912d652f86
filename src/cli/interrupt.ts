// Ctrl-C and SIGTERM: the first asks to stop in order, the second stops at once. Either way nothing half-written stays
// (util/remove-at-exit.ts), and nothing in the cluster (util/before-exit.ts) unless a third one cuts that short.
import { runForcedExitTasks } from '../util/before-exit.ts'
import { ExitError, exitCodes } from './exit.ts'

/** For a few requests to a cluster; nobody who pressed twice waits longer. */
const forcedExitMs = 5000

/** Runs `body` with a signal that the first Ctrl-C aborts. */
export async function withInterrupt<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let isLeaving = false
  const stop = () => {
    if (isLeaving) process.exit(exitCodes.interrupted)
    if (!controller.signal.aborted) return controller.abort()
    isLeaving = true
    void runForcedExitTasks(forcedExitMs).finally(() => process.exit(exitCodes.interrupted))
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
