// `diff`: what changed between two runs, for people, programs and comments on a change.
import { compare, isOfCluster } from '../../evaluate/index.ts'
import { diffMarkdown, diffText } from '../comparison-text.ts'
import { exitCodes } from '../exit.ts'
import { readEarlierOf, readRun } from '../history.ts'
import { openFileWith } from '../sealed-input.ts'
import type { Terminal } from '../terminal.ts'

export interface DiffFlags {
  readonly format: 'table' | 'json' | 'markdown'
  readonly identity?: string[]
}

export async function diff(
  before: string,
  after: string,
  { format, identity }: DiffFlags,
  terminal: Terminal,
): Promise<number> {
  const open = await openFileWith({ identities: identity })
  const [from, to] = await Promise.all([readRun(before, open), readRun(after, open)])
  if (from.record.evaluatedAt > to.record.evaluatedAt)
    terminal.warn('note: the first run is the later one; what is new here went away in time.')
  const earlier = await readEarlierOf(from, open, terminal)
  const comparison = compare(
    from.record,
    to.record,
    earlier.filter((run) => isOfCluster(run, from.record)),
  )
  switch (format) {
    case 'json':
      terminal.print(JSON.stringify(comparison, null, 2))
      break
    case 'markdown':
      terminal.print(diffMarkdown(comparison, to.record))
      break
    case 'table':
      terminal.print(diffText(comparison, to.record, terminal))
      break
    default:
      format satisfies never
  }
  return exitCodes.done
}
