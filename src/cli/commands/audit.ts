// `audit`: collect, evaluate and render in one run, then the verdict in a few lines.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../model/config.ts'
import { collectCluster } from '../collect-cluster.ts'
import { evaluateSnapshot } from '../evaluate-snapshot.ts'
import { ExitError, exitCodes } from '../exit.ts'
import { checkGates } from '../gates.ts'
import { withInterrupt } from '../interrupt.ts'
import { loadRules } from '../load-rules.ts'
import { defaultFolder, prepareFolder } from '../output.ts'
import { type Flags, readSettings } from '../settings.ts'
import { summarise } from '../summary.ts'
import type { Terminal } from '../terminal.ts'
import { writeReports } from '../write-reports.ts'

export async function audit(flags: Flags, terminal: Terminal): Promise<number> {
  return auditWith(await readSettings(flags), terminal)
}

/** The whole line for settings that are already read; the demo uses it too. */
export async function auditWith(settings: Config, terminal: Terminal): Promise<number> {
  const now = new Date()
  const catalogue = await loadRules()
  if (settings.output !== undefined) await prepareFolder(settings.output)
  const pathFor = (clusterName: string) =>
    join(settings.output ?? defaultFolder(clusterName, now), 'snapshot.ndjson.zst')
  const { trailer, snapshotPath } = await withInterrupt(
    () => terminal.warn('Stopping: finishing the snapshot with what was read (Ctrl-C again to drop it).'),
    (signal) => collectCluster(settings, pathFor, terminal, signal),
  )
  if (trailer.interrupted === true) {
    throw new ExitError(
      exitCodes.interrupted,
      `interrupted. What was read is kept in ${snapshotPath}; score it with: kube-assay evaluate ${snapshotPath}`,
    )
  }
  terminal.progress.stage('Evaluating')
  const result = await evaluateSnapshot(snapshotPath, catalogue, settings, new Date())
  terminal.progress.done(`Evaluated ${result.catalogue.rules} rules, ${result.score.expected} units`)
  const folder = dirname(snapshotPath)
  try {
    await writeReports(result, folder, settings.formats ?? ['html', 'pdf', 'json'], settings, terminal)
  } finally {
    terminal.progress.stop()
    const files = ['report.html', 'report.pdf', 'result.json', 'snapshot.ndjson.zst'].map((name) => join(folder, name))
    terminal.summary(() =>
      summarise(
        result,
        files.filter((file) => existsSync(file)),
        terminal,
      ),
    )
  }
  checkGates(result, settings)
  return exitCodes.done
}
