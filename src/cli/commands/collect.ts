// `collect`: the cluster into a snapshot file, nothing else.
import { dirname, join } from 'node:path'
import { neededFamilies } from '../../catalog/index.ts'
import { collectCluster } from '../collect-cluster.ts'
import { exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import { loadSealer } from '../load-sealer.ts'
import { defaultFolder, prepareFolder } from '../output.ts'
import { createRunFiles } from '../run-files.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export async function collect(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags)
  const families = neededFamilies(await loadRules(settings))
  const now = new Date()
  const files = createRunFiles(await loadSealer(settings))
  const targetFor = async (clusterName: string) =>
    files.target(settings.output ?? join(defaultFolder(clusterName, now), 'snapshot.ndjson.zst'))
  if (settings.output !== undefined) await prepareFolder(dirname(settings.output))
  const { trailer, snapshotPath } = await collectCluster(settings, families, targetFor, terminal, signal)
  terminal.print(snapshotPath)
  return trailer.interrupted === true ? exitCodes.interrupted : exitCodes.done
}
