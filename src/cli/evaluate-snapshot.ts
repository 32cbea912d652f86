// The second stage: a snapshot into a result.
import { type Catalogue, selectBenchmark } from '../catalog/index.ts'
import { deriveFacts } from '../derive/index.ts'
import { evaluate } from '../evaluate/index.ts'
import type { Config } from '../model/config.ts'
import type { Result } from '../model/result.ts'
import { loadSnapshot } from '../snapshot/index.ts'
import { toolIdentity } from './paths.ts'

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
