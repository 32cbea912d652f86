// All that is said to a person: progress and notes on stderr, answers on stdout.
// Text that came from a cluster passes `visibleText` first, so that it cannot move the cursor or hide itself.
import { styleText } from 'node:util'
import type { Severity } from '../model/outcome.ts'

export interface Terminal {
  /** An answer that was asked for: stdout. */
  readonly print: (text: string) => void
  /** Something a person should know: stderr, also with --quiet. */
  readonly warn: (text: string) => void
  /** Progress: one changing line on a terminal, plain lines elsewhere, nothing with --quiet. */
  readonly progress: Progress
  /** The closing words of a run: stdout, nothing with --quiet. */
  readonly summary: (make: () => string) => void
  /** Shown with --verbose only. */
  readonly detail: (text: string) => void
  readonly style: (format: Style, text: string) => string
  readonly columns: number
}

export interface Progress {
  readonly stage: (text: string) => void
  /** Changes the current stage's line; on a pipe nothing is printed for it. */
  readonly update: (text: string) => void
  readonly done: (text: string) => void
  /** Ends the line without a result, before an error is printed. */
  readonly stop: () => void
}

export type Style = 'bold' | 'dim' | Severity | 'pass' | 'unknown' | 'fail'

const formats: { readonly [S in Style]: Parameters<typeof styleText>[0] } = {
  bold: 'bold',
  dim: 'dim',
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'blue',
  info: 'dim',
  pass: 'green',
  unknown: 'magenta',
  fail: 'red',
}

export interface TerminalOptions {
  readonly quiet: boolean
  readonly verbose: boolean
  /** False for --no-color; NO_COLOR and pipes are respected in any case. */
  readonly color: boolean
}

export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const warn = (text: string) => process.stderr.write(`${text}\n`)
  return {
    print: (text) => process.stdout.write(`${text}\n`),
    warn,
    summary: (make) => {
      if (!options.quiet) process.stdout.write(`${make()}\n`)
    },
    detail: (text) => options.verbose && warn(text),
    style: (format, text) => (options.color ? styleText(formats[format], text, { stream: process.stdout }) : text),
    columns: columnsOf(process.stdout.columns, process.env['COLUMNS']),
    progress: options.quiet ? silent : process.stderr.isTTY ? await spinner(options.color) : lines(warn),
  }
}

/** Of the terminal; in a pipe what COLUMNS says, else 80. Lines longer than 120 are hard to read. */
export function columnsOf(terminal: number | undefined, variable: string | undefined): number {
  const asked = Number(variable)
  const given = Number.isInteger(asked) && asked > 0 ? asked : 80
  return Math.min(Math.max(terminal ?? given, 40), 120)
}

const silent: Progress = {
  stage: () => undefined,
  update: () => undefined,
  done: () => undefined,
  stop: () => undefined,
}

function lines(write: (text: string) => void): Progress {
  return { stage: write, update: () => undefined, done: write, stop: () => undefined }
}

async function spinner(color: boolean): Promise<Progress> {
  const { default: ora } = await import('ora')
  const line = ora({ stream: process.stderr, discardStdin: false, ...(color ? {} : { color: false, spinner: 'line' }) })
  return {
    stage: (text) => line.start(text),
    update: (text) => {
      line.text = text
    },
    done: (text) => line.stopAndPersist({ symbol: '✓', text }),
    stop: () => line.stop(),
  }
}
