// Exit codes, and which error ends in which. README.md and `--help` show the same list.
import { InputError } from '../util/input-error.ts'

export const exitCodes = {
  done: 0,
  /** Findings at or above --fail-on or --fail-on-new, or a score below --min-score; `verify`: not as written; `waivers check`, `rules lint|test`: something is wrong. */
  findings: 1,
  /** A flag, a file or a setting that a person can correct; nothing was written. */
  usage: 2,
  /** Nobody can tell: cluster not reached, a gate on coverage, unknown or comparison not met, `verify` without a manifest; `doctor`: something to mend. */
  incomplete: 3,
  /** A defect of ours, or something that could not be written. */
  internal: 4,
  /** Stopped by Ctrl-C or SIGTERM; what was collected is kept. */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An end that is not 0, with the one line that explains it. */
export class ExitError extends Error {
  override readonly name = 'ExitError'
  readonly code: ExitCode

  constructor(code: ExitCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Code and text for whatever was thrown. Only defects get a stack trace, and only with --verbose. */
export function explain(error: unknown, verbose: boolean): { code: ExitCode; message: string } {
  if (error instanceof ExitError) return { code: error.code, message: error.message }
  if (error instanceof InputError) return { code: exitCodes.usage, message: error.message }
  const fileError = explainFileError(error)
  if (fileError !== undefined) return { code: isFull(error) ? exitCodes.internal : exitCodes.usage, message: fileError }
  const text = error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error)
  const hint = verbose ? '' : '\nThis is a defect of kube-assay; run again with --verbose and report the output.'
  return { code: exitCodes.internal, message: `internal error: ${text}${hint}` }
}

const fileProblems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'is a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'exists already and is not a folder',
}

/** The disk filled up while a file was written; Node.js then does not say which. */
function isFull(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

function explainFileError(error: unknown): string | undefined {
  if (isFull(error))
    return `${fileProblems[error.code]}. Free some or choose another output; what was written whole is kept.`
  if (!(error instanceof Error && 'code' in error && 'path' in error && typeof error.path === 'string'))
    return undefined
  const problem = fileProblems[String(error.code)]
  return problem === undefined ? undefined : `${error.path}: ${problem}. Choose another path or change its permissions.`
}
