// The second stage: a snapshot into a result.
import { type BenchmarkChoice, type Catalogue, leftOutRules, selectBenchmarks } from '../catalog/index.ts'
import { deriveFacts, distributionOfCluster } from '../derive/index.ts'
import { evaluate, type WaiversInput } from '../evaluate/index.ts'
import { distributions } from '../model/benchmark.ts'
import type { Config } from '../model/config.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Result } from '../model/result.ts'
import type { FactSet } from '../model/unit.ts'
import { loadSnapshot } from '../snapshot/index.ts'
import { benchmarksAsked, frameworksAsked, type RuleSet } from './load-rules.ts'
import { toolIdentity } from './paths.ts'
import { type OpenFile, openFileWith } from './sealed-input.ts'

/** `open`: how the snapshot is read; default: as the settings' identities allow. */
export async function evaluateSnapshot(
  path: string,
  catalogue: RuleSet,
  settings: Config,
  now: Date,
  waivers?: WaiversInput,
  open?: OpenFile,
): Promise<Result> {
  const evidence = await loadSnapshot(path, open ?? (await openFileWith(settings)))
  const facts = deriveFacts(evidence)
  const [benchmark, ...furtherBenchmarks] = choicesFor(catalogue, settings, evidence, facts)
  const leftOut = leftOutRules(catalogue, [benchmark, ...furtherBenchmarks], settings)
  return evaluate({
    evidence,
    facts,
    catalogue,
    benchmark,
    furtherBenchmarks,
    frameworks: frameworksAsked(catalogue, settings),
    leftOut: new Map([...leftOut, ...catalogue.off]),
    level: settings.level,
    now: now.toISOString(),
    tool: toolIdentity(),
    findingsCap: settings.findingsCap ?? 1000,
    ...(waivers !== undefined && { waivers }),
  })
}

function choicesFor(
  catalogue: Catalogue,
  settings: Config,
  evidence: Evidence,
  facts: FactSet,
): [BenchmarkChoice, ...BenchmarkChoice[]] {
  const { version } = evidence.header.cluster
  const name = distributionOfCluster(evidence, facts)
  const distribution = distributions.find((one) => one === name)
  const [first, ...rest] = selectBenchmarks(catalogue, benchmarksAsked(settings), { version, distribution })
  if (first === undefined) throw new Error('no benchmark was chosen')
  return [first, ...rest]
}
