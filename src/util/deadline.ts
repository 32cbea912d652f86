// Stops synchronous code that takes too long. V8 ends it wherever it is, also in a loop that calls nothing; no catch or finally of
// that code sees it.
import { createContext, Script } from 'node:vm'

/** Code that was stopped. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
  readonly milliseconds: number
  constructor(milliseconds: number) {
    super(`stopped after ${milliseconds} ms`)
    this.milliseconds = milliseconds
  }
}

const script = new Script('run()')

/** The engine's error is of the context's own realm, so that it is no instance of our Error. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}

/** What `run` gives. Throws DeadlineError when it takes longer; what it had changed by then stays changed. */
export function withDeadline<T>(milliseconds: number, run: () => T): T {
  const box: { done?: { value: T } } = {}
  const context = createContext({
    run: () => {
      box.done = { value: run() }
    },
  })
  try {
    script.runInContext(context, { timeout: Math.max(1, Math.trunc(milliseconds)) })
  } catch (error) {
    throw isTimeout(error) ? new DeadlineError(milliseconds) : error
  }
  if (box.done === undefined) throw new DeadlineError(milliseconds)
  return box.done.value
}
