// Puts a result among the earlier runs of its cluster: comparison with a baseline, trend, record, `latest`, retention.
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { compare, isOfCluster, runRecordOf, trendOf } from '../evaluate/index.ts'
import { sealedSuffix } from '../integrity/index.ts'
import type { Comparison, FindingChange, RunRecord } from '../model/comparison.ts'
import type { Config } from '../model/config.ts'
import type { Result } from '../model/result.ts'
import { InputError } from '../util/input-error.ts'
import { visibleText } from '../util/visible-text.ts'
import { slug } from './output.ts'
import { parseResult, readResultFile } from './read-result.ts'
import type { RunFiles } from './run-files.ts'
import {
  latestName,
  latestRun,
  listRuns,
  parseRecord,
  readRecord,
  recordFile,
  recordOf,
  removeOldRuns,
  setLatest,
} from './run-store.ts'
import { type OpenFile, SealedError } from './sealed-input.ts'
import type { Terminal } from './terminal.ts'

/** Earlier runs that are looked at: for the trend, and for what failed before the baseline. */
const trendRuns = 90

/** An audit to compare with, and where its cluster's other runs are. */
export interface Baseline {
  readonly record: RunRecord
  /** The folder it is in. */
  readonly folder: string
}

/** A run by its folder, run.json or result.json. Rejects with InputError or the file system's error. */
export async function readRun(path: string, open: OpenFile): Promise<Baseline> {
  const isFolder = (await stat(path)).isDirectory()
  // Where the file system has no links, `latest` is a file that names the run.
  const named = !isFolder && basename(path) === latestName ? await latestRun(dirname(path)) : undefined
  if (named !== undefined) return readRun(named.folder, open)
  const folder = isFolder ? path : dirname(path)
  const file = isFolder ? await fileIn(path) : path
  const value = await readResultFile(file, open)
  const isRecord = typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'kube-assay/run'
  if (isRecord) return { record: parseRecord(file, value), folder }
  return { record: runRecordOf(parseResult(file, value)), folder }
}

async function fileIn(folder: string): Promise<string> {
  const clear = [recordFile, 'result.json']
  for (const name of [...clear, ...clear.map((one) => one + sealedSuffix)]) {
    const path = join(folder, name)
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path
  }
  throw new InputError(`${folder} holds no run: neither ${recordFile} nor result.json is in it.`)
}

/** The baseline of the settings where it is a path; `latest` is found once the cluster is known. */
export async function readBaseline({ baseline }: Config, open: OpenFile): Promise<Baseline | undefined> {
  return baseline === undefined || baseline === 'latest' ? undefined : readRun(baseline, open)
}

/** Throws InputError where `latest` will not be readable: before anything is collected, not after. */
export async function checkLatest(clusterName: string, { baseline, identities }: Config): Promise<void> {
  if (baseline !== 'latest' || identities !== undefined) return
  const run = await latestRun(join('reports', slug(clusterName)))
  if (run !== undefined && recordOf(run.folder).endsWith(sealedSuffix)) throw new SealedError(recordOf(run.folder))
}

/** What a run is compared with, and what it is stored beside. */
export interface Past {
  readonly baseline?: Baseline | undefined
  /** Other runs of the cluster, oldest first. */
  readonly earlier: readonly RunRecord[]
}

/** Finds `latest`, and the runs beside the baseline or in the cluster's folder. */
export async function readPast(
  result: Result,
  settings: Config,
  given: Baseline | undefined,
  open: OpenFile,
  terminal: Terminal,
): Promise<Past> {
  const clusterFolder = join('reports', slug(result.cluster.name))
  const asked = settings.baseline === 'latest' ? await latestRun(clusterFolder) : undefined
  if (settings.baseline === 'latest' && asked === undefined)
    terminal.warn(`note: no earlier run in ${clusterFolder}; nothing to compare with.`)
  const baseline = asked === undefined ? given : await readRun(asked.folder, open)
  const beside = baseline === undefined || asked !== undefined ? clusterFolder : dirname(resolve(baseline.folder))
  const isStored = settings.output === undefined || settings.baseline !== undefined
  const earlier = isStored ? await readEarlier(beside, result, open, terminal) : []
  return { baseline, earlier }
}

/** The runs beside a baseline, as far as it is kept among others. */
export async function readEarlierOf({ folder }: Baseline, open: OpenFile, terminal: Terminal): Promise<RunRecord[]> {
  return readRecords(dirname(resolve(folder)), open, terminal)
}

async function readEarlier(
  clusterFolder: string,
  result: Result,
  open: OpenFile,
  terminal: Terminal,
): Promise<RunRecord[]> {
  const now = runRecordOf(result)
  return (await readRecords(clusterFolder, open, terminal)).filter((record) => isOfCluster(record, now))
}

async function readRecords(clusterFolder: string, open: OpenFile, terminal: Terminal): Promise<RunRecord[]> {
  const records: RunRecord[] = []
  let sealed = 0
  for (const { folder } of (await listRuns(clusterFolder)).slice(-trendRuns)) {
    try {
      records.push(await readRecord(folder, open))
    } catch (error) {
      if (error instanceof SealedError) {
        sealed += 1
        continue
      }
      const why = error instanceof Error ? error.message : String(error)
      terminal.warn(visibleText(`note: ${folder} is left out of the history: ${why}`))
    }
  }
  if (sealed > 0)
    terminal.warn(`note: ${sealed} earlier runs are encrypted and left out of the history; --identity reads them.`)
  return records
}

/** The result with what changed and the trend, as far as there is a past. Lists of changes are cut at the cap; counts stay exact. */
export function withPast(result: Result, { baseline, earlier }: Past, cap: number): Result {
  const now = runRecordOf(result)
  const trend = trendOf(baseline === undefined ? earlier : unique([...earlier, baseline.record]), now)
  const dated = trend.length > 1 ? { ...result, trend } : result
  if (baseline === undefined) return dated
  const comparison = compare(baseline.record, now, earlier)
  return { ...dated, rules: markChanges(result.rules, comparison), comparison: shortened(comparison, cap) }
}

function unique(records: readonly RunRecord[]): RunRecord[] {
  return [...new Map(records.map((record) => [`${record.evaluatedAt} ${record.reportId}`, record])).values()]
}

function markChanges(rules: Result['rules'], { changes }: Comparison): Result['rules'] {
  const known = new Map(changes.map(({ fingerprint, change }) => [fingerprint, change]))
  return rules.map((rule) => ({
    ...rule,
    findings: rule.findings.map((finding) => {
      const change = finding.fingerprint === undefined ? undefined : known.get(finding.fingerprint)
      return finding.outcome === 'fail' && (change === 'new' || change === 'reopened' || change === 'persisting')
        ? { ...finding, change }
        : finding
    }),
  }))
}

function shortened(comparison: Comparison, cap: number): Comparison {
  const seen = new Map<FindingChange['change'], number>()
  const changes = comparison.changes.filter(({ change }) => {
    if (change === 'persisting') return false
    const count = (seen.get(change) ?? 0) + 1
    seen.set(change, count)
    return count <= cap
  })
  return { ...comparison, changes }
}

/** Writes run.json; a run without it is no baseline for a later one. */
export async function writeRecord(folder: string, result: Result, files: RunFiles): Promise<void> {
  await files.write(join(folder, recordFile), `${JSON.stringify(runRecordOf(result))}\n`)
}

/** After a run in reports/<cluster>/<time>: `latest` and retention. Says what was removed. */
export async function closeRun(
  folder: string,
  settings: Config,
  now: Date,
  baseline: Baseline | undefined,
  terminal: Terminal,
): Promise<void> {
  const clusterFolder = dirname(folder)
  if (!(await setLatest(clusterFolder, basename(folder))))
    terminal.warn(`note: ${join(clusterFolder, 'latest')} is neither a link nor a file; it was left as it is.`)
  const protect = [folder, ...(baseline === undefined ? [] : [baseline.folder])]
  const { removed, kept } = await removeOldRuns(clusterFolder, settings, now, protect)
  if (removed.length > 0) terminal.warn(`Removed ${removed.length} old: ${removed.join(', ')}`)
  if (kept.length > 0)
    terminal.warn(`note: kept, although old, for what else is in it or because it is not whole: ${kept.join(', ')}`)
}
