// Why there is no PDF, and what to do about it. HTML and JSON never depend on any of this.
// May not: carry a library's raw error in its message; it is kept as the cause.
export type PdfErrorReason =
  | 'no-browser' // none found on this machine
  | 'start-failed' // found, but it does not start
  | 'crashed' // it ended while it made the document
  | 'timeout' // it did not finish in time
  | 'render-failed' // it refused the document, or gave something that is not one
  | 'write-failed' // the file could not be written
  | 'interrupted' // the caller stopped it

export class PdfError extends Error {
  override readonly name = 'PdfError'
  readonly reason: PdfErrorReason
  /** What the reader can do, one or two sentences. */
  readonly advice: string

  /** `what` and `advice` are whole sentences; the message is both. */
  constructor(reason: PdfErrorReason, what: string, advice: string, cause?: unknown) {
    super(advice === '' ? what : `${what} ${advice}`, cause === undefined ? undefined : { cause })
    this.reason = reason
    this.advice = advice
  }
}
