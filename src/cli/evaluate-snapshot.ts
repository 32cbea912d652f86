// The second stage: a snapshot into a result.
import { type Catalogue, loadCatalogue, selectBenchmark } from '../catalog/index.ts'
import { deriveFacts } from '../derive/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Config } from '../model/config.ts'
import type { Result } from '../model/result.ts'
import { loadSnapshot } from '../snapshot/index.ts'
import { rulesFolder, toolIdentity } from './paths.ts'

/** The built-in catalogue; loaded before collecting, so that a defect in it cannot cost a finished collection. */
export function loadRules(): Promise<Catalogue> {
  return loadCatalogue(rulesFolder, toolIdentity().version)
}

export async function evaluateSnapshot(
  path: string,
  catalogue: Catalogue,
  settings: Config,
  now: Date,
): Promise<Result> {
  const evidence = await loadSnapshot(path)
  const facts = deriveFacts(evidence)
  const benchmark = selectBenchmark(catalogue, settings.benchmark ?? 'auto', evidence.header.cluster.version)
  return evaluate({
    evidence,
    facts,
    catalogue,
    benchmark,
    now: now.toISOString(),
    tool: toolIdentity(),
    findingsCap: settings.findingsCap ?? 1000,
  })
}
