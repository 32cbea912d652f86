// What writing reports runs with. May not: write.
import type { RunFiles } from './run-files.ts'
import type { Terminal } from './terminal.ts'

export interface ReportRun {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly files: RunFiles
  /** The result's file, where it was read from one: its name, and the digest of the bytes that it has. */
  readonly resultFile?: { readonly name: string; readonly sha256: string }
  /** Called with the path of each report as soon as it is whole. */
  readonly onWritten: (path: string) => void
}
