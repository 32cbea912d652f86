// `diff`: what changed between two runs, for people, programs and comments on a change.
import { compare, isOfCluster } from '../../evaluate/index.ts'
import { diffMarkdown, diffText } from '../comparison-text.ts'
import { exitCodes } from '../exit.ts'
import { readEarlierOf, readRun } from '../history.ts'
import type { Terminal } from '../terminal.ts'

export async function diff(
  before: string,
  after: string,
  format: 'table' | 'json' | 'markdown',
  terminal: Terminal,
): Promise<number> {
  const [from, to] = await Promise.all([readRun(before), readRun(after)])
  if (from.record.evaluatedAt > to.record.evaluatedAt)
    terminal.warn('note: the first run is the later one; what is new here went away in time.')
  const earlier = await readEarlierOf(from, terminal)
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
