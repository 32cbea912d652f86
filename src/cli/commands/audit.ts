// `audit`: collect, evaluate and render in one run, then the verdict in a few lines.
import { createReadStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { neededFamilies } from '../../catalog/index.ts'
import type { Config } from '../../model/config.ts'
import { collectCluster } from '../collect-cluster.ts'
import { evaluateSnapshot } from '../evaluate-snapshot.ts'
import { exitCodes } from '../exit.ts'
import { checkGates } from '../gates.ts'
import { checkLatest, closeRun, readBaseline, readPast, withPast, writeRecord } from '../history.ts'
import { stopIfAsked } from '../interrupt.ts'
import { loadRules } from '../load-rules.ts'
import { loadSealer } from '../load-sealer.ts'
import { loadWaivers } from '../load-waivers.ts'
import { checkMetricsFolder, writeFailedRun, writeMetrics } from '../metrics-folder.ts'
import { defaultFolder, prepareFolder } from '../output.ts'
import { createRunFiles, type FileTarget, type RunFiles } from '../run-files.ts'
import { type OpenFile, openFileWith } from '../sealed-input.ts'
import { type Flags, readSettings } from '../settings.ts'
import { summarise } from '../summary.ts'
import type { Terminal } from '../terminal.ts'
import { loadSigningKey, removeManifest, writeManifest } from '../write-manifest.ts'
import { writeReports } from '../write-reports.ts'

export async function audit(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  return auditWith(await readSettings(flags), terminal, signal)
}

/** The whole line for settings that are already read; the demo uses it too. */
export async function auditWith(settings: Config, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { metricsFolder: folder } = settings
  if (folder === undefined) return runAudit(settings, terminal, signal, {})
  await checkMetricsFolder(folder)
  const seen: Seen = { cluster: settings.cluster?.name }
  try {
    return await runAudit(settings, terminal, signal, seen)
  } catch (error) {
    if (seen.isTold !== true && seen.cluster !== undefined) await writeFailedRun(seen.cluster, folder, new Date())
    throw error
  }
}

/** How far a run came. */
interface Seen {
  cluster?: string | undefined
  /** The metrics of its result are written. */
  isTold?: boolean
}

async function runAudit(settings: Config, terminal: Terminal, signal: AbortSignal, seen: Seen): Promise<number> {
  const now = new Date()
  const key = await loadSigningKey(settings)
  const files = createRunFiles(await loadSealer(settings))
  const open = await openFileWith(settings)
  const given = await readBaseline(settings, open)
  const catalogue = await loadRules(settings)
  const waivers = await loadWaivers(settings)
  if (settings.output !== undefined) await prepareFolder(settings.output)
  const snapshot: { back?: FileTarget['back'] } = {}
  const targetFor = async (clusterName: string) => {
    seen.cluster = clusterName
    await checkLatest(clusterName, settings)
    const target = files.target(join(settings.output ?? defaultFolder(clusterName, now), 'snapshot.ndjson.zst'))
    snapshot.back = target.back
    return target
  }
  const { snapshotPath } = await collectCluster(settings, neededFamilies(catalogue), targetFor, terminal, signal)
  const kept = keptText(snapshotPath, files)
  stopIfAsked(signal, kept)
  terminal.progress.stage('Evaluating')
  const readBack: OpenFile = (path) => snapshot.back?.(createReadStream(path)) ?? open(path)
  const evaluated = await evaluateSnapshot(snapshotPath, catalogue, settings, new Date(), waivers, readBack)
  stopIfAsked(signal, kept)
  terminal.progress.done(`Evaluated ${evaluated.rules.length} rules, ${evaluated.score.expected} units`)
  const past = await readPast(evaluated, settings, given, open, terminal)
  const result = withPast(evaluated, past, settings.findingsCap ?? 1000)
  const folder = dirname(snapshotPath)
  await removeManifest(folder)
  await writeRecord(folder, result, files)
  const formats = settings.formats ?? ['html', 'pdf', 'json']
  // Filled as they are written: a file of an earlier run in the same folder is none of this one.
  const written: string[] = []
  try {
    await writeReports(result, folder, formats, settings, {
      terminal,
      signal,
      files,
      onWritten: (file) => written.push(file),
    })
  } finally {
    // Whatever became of a PDF: the numbers are known, and the other files are whole.
    try {
      await files.close()
      written.push(...(await writeManifest(folder, result, files, key)))
      if (settings.metricsFolder !== undefined) written.push(await writeMetrics(result, settings.metricsFolder))
      seen.isTold = true
    } finally {
      terminal.progress.stop()
      terminal.summary(() => summarise(result, [...written.toSorted(), snapshotPath], terminal))
    }
  }
  if (settings.output === undefined) await closeRun(folder, settings, now, past.baseline, terminal)
  checkGates(result, settings)
  return exitCodes.done
}

function keptText(path: string, { recipients }: RunFiles): string {
  const identity = recipients === undefined ? '' : ' --identity <file>'
  return `What was read is kept in ${path}; score it with: kube-assay evaluate ${path}${identity}`
}
