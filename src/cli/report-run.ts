// What writing reports runs with. May not: write.
import type { Terminal } from './terminal.ts'

export interface ReportRun {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  /** Called with the path of each report as soon as it is whole. */
  readonly onWritten: (path: string) => void
}
