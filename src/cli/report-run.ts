// What writing reports runs with. May not: write.
import type { RunFiles } from './run-files.ts'
import type { Terminal } from './terminal.ts'

export interface ReportRun {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly files: RunFiles
  /** Called with the path of each report as soon as it is whole. */
  readonly onWritten: (path: string) => void
}
