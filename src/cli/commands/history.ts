// `history`: the runs that are kept of a cluster, one line each, and their score as a line of bars.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compare } from '../../evaluate/index.ts'
import type { RunRecord } from '../../model/comparison.ts'
import { InputError } from '../../util/input-error.ts'
import { visibleText } from '../../util/visible-text.ts'
import { shortTime } from '../comparison-text.ts'
import { exitCodes } from '../exit.ts'
import { listRuns, readRecord } from '../run-store.ts'
import { type OpenFile, openFileWith, SealedError } from '../sealed-input.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

export interface HistoryFlags {
  readonly format: 'table' | 'json'
  /** Folder of the clusters' folders. */
  readonly reports: string
  /** Newest runs to show. */
  readonly limit: string
  readonly identity?: string[]
}

interface Row {
  readonly run: string
  readonly record: RunRecord
  /** Against the run before it; absent for the first. */
  readonly comparison?: ReturnType<typeof compare>
}

export async function history(
  cluster: string | undefined,
  { reports, limit, format, identity }: HistoryFlags,
  terminal: Terminal,
): Promise<number> {
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1) throw new InputError(`--limit ${limit}: expected a whole number from 1.`)
  const clusters = await clustersIn(reports)
  const chosen = cluster === undefined ? clusters : clusters.filter((name) => name === cluster)
  if (chosen.length === 0) {
    const known = clusters.length === 0 ? 'There are none.' : `There are: ${clusters.join(', ')}.`
    throw new InputError(`No runs of ${cluster ?? 'any cluster'} in ${reports}. ${visibleText(known)}`)
  }
  const open = await openFileWith({ identities: identity })
  const all = await Promise.all(
    chosen.map(async (name) => ({ name, rows: await rowsOf(join(reports, name), count, open, terminal) })),
  )
  if (format === 'json') terminal.print(JSON.stringify(all.map(asJson), null, 2))
  else terminal.print(all.map(({ name, rows }) => table(name, rows, terminal)).join('\n\n'))
  return exitCodes.done
}

async function clustersIn(reports: string): Promise<string[]> {
  const entries = await readdir(reports, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const counts = await Promise.all(names.map(async (name) => (await listRuns(join(reports, name))).length))
  return names.filter((_, index) => (counts[index] ?? 0) > 0).toSorted()
}

/** One record in memory beside the one before it: those of large clusters are many megabytes. */
async function rowsOf(folder: string, count: number, open: OpenFile, terminal: Terminal): Promise<Row[]> {
  const rows: Row[] = []
  let before: RunRecord | undefined
  for (const run of (await listRuns(folder)).slice(-count - 1)) {
    const record = await readRecord(run.folder, open).catch((error: unknown) => {
      // No other run of the cluster is likely to be readable either.
      if (error instanceof SealedError) throw error
      terminal.warn(visibleText(`note: ${run.folder} is left out: ${error instanceof Error ? error.message : ''}`))
    })
    if (record === undefined) continue
    const comparison = before === undefined ? undefined : { ...compare(before, record), changes: [] }
    rows.push({ run: run.name, record: { ...record, rules: [], units: {} }, ...(comparison && { comparison }) })
    before = record
  }
  return rows.slice(-count)
}

function asJson({ name, rows }: { readonly name: string; readonly rows: readonly Row[] }) {
  return {
    cluster: name,
    runs: rows.map(({ run, record, comparison }) => ({
      run,
      reportId: record.reportId,
      evaluatedAt: record.evaluatedAt,
      score: record.score,
      failing: record.failing,
      ...(comparison !== undefined && {
        comparable: comparison.comparable,
        differences: comparison.differences,
        counts: comparison.counts,
      }),
    })),
  }
}

function table(name: string, rows: readonly Row[], { style, columns }: Terminal): string {
  const head = `${'run (UTC)'.padEnd(16)}  ${'score'.padEnd(11)}  cover  crit high  med  low   new  fixed  lost`
  const lines = rows.map(({ record, comparison }) => {
    const { score, failing } = record
    const counts = [failing.critical, failing.high, failing.medium, failing.low].map((one) => cell(one, 4))
    return [
      shortTime(record.evaluatedAt),
      boundsText(score).padEnd(11),
      `${(Math.floor(score.coverage * 1000) / 10).toFixed(1)}%`.padStart(6).slice(0, 6),
      counts.join(' '),
      changeCells(comparison),
    ].join('  ')
  })
  const bars = sparkline(
    rows.map(({ record }) => record.score.lower),
    columns - scaleWidth,
  )
  const notes = rows.some(({ comparison }) => comparison !== undefined && comparison.comparable !== 'yes')
    ? [style('dim', wrap('~ partly comparable with the run before, ≠ not at all: kube-assay diff says why', columns))]
    : []
  return [style('bold', visibleText(name)), style('bold', head), ...lines, '', ...bars, ...notes].join('\n')
}

function boundsText({ lower, upper }: RunRecord['score']): string {
  if (lower === undefined) return 'none'
  return lower === upper || upper === undefined ? lower.toFixed(1) : `${lower.toFixed(1)}–${upper.toFixed(1)}`
}

function changeCells(comparison: Row['comparison']): string {
  if (comparison === undefined) return '   –      –     –'
  if (comparison.comparable === 'no') return '   ≠      ≠     ≠'
  const { counts, comparable } = comparison
  const mark = comparable === 'partly' ? '~' : ' '
  const cells = [cell(counts.new + counts.reopened, 4), cell(counts.fixed, 5), cell(counts.noLongerAssessed, 4)]
  return `${cells.join('  ')}${mark}`.trimEnd()
}

/** Right-aligned; thousands as 12k and millions as 3M, cut off, where the digits do not fit. */
function cell(count: number, width: number): string {
  const digits = String(count)
  const short = count >= 1_000_000 ? `${Math.floor(count / 1_000_000)}M` : `${Math.floor(count / 1000)}k`
  return (digits.length <= width ? digits : short).padStart(width)
}

const bars = '▁▂▃▄▅▆▇█'
/** "Score  " before the bars and "  lowest 12.3, highest 100.0" after them. */
const scaleWidth = 35

/**
 * The scores from lowest to highest as bars, the newest where there is no room for all; a dot where there is none. The ends of the
 * scale stand beside it.
 */
export function sparkline(all: readonly (number | undefined)[], room = 45): string[] {
  const scores = all.slice(-room)
  const known = scores.filter((score) => score !== undefined)
  if (known.length < 2) return []
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const bar = (score: number) =>
    high === low ? (bars[3] ?? '') : (bars[Math.round(((score - low) / (high - low)) * (bars.length - 1))] ?? '')
  const drawn = scores.map((score) => (score === undefined ? '·' : bar(score))).join('')
  const scale = high === low ? `${low.toFixed(1)} throughout` : `lowest ${low.toFixed(1)}, highest ${high.toFixed(1)}`
  return [`Score  ${drawn}  ${scale}`]
}
