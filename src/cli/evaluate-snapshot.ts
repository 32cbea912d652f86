// The second stage: a snapshot into a result.
import {
  type BenchmarkChoice,
  type Catalogue,
  distributionOf,
  leftOutRules,
  selectBenchmarks,
} from '../catalog/index.ts'
import { deriveFacts } from '../derive/index.ts'
import { evaluate, type WaiversInput } from '../evaluate/index.ts'
import type { Config } from '../model/config.ts'
import type { Evidence } from '../model/evidence.ts'
import type { Result } from '../model/result.ts'
import { loadSnapshot } from '../snapshot/index.ts'
import { benchmarksAsked, frameworksAsked, type RuleSet } from './load-rules.ts'
import { toolIdentity } from './paths.ts'

export async function evaluateSnapshot(
  path: string,
  catalogue: RuleSet,
  settings: Config,
  now: Date,
  waivers?: WaiversInput,
): Promise<Result> {
  const evidence = await loadSnapshot(path)
  const [benchmark, ...furtherBenchmarks] = choicesFor(catalogue, settings, evidence)
  const leftOut = leftOutRules(catalogue, [benchmark, ...furtherBenchmarks], settings)
  return evaluate({
    evidence,
    facts: deriveFacts(evidence),
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
  { header, families }: Evidence,
): [BenchmarkChoice, ...BenchmarkChoice[]] {
  const { version } = header.cluster
  const nodes = families.nodes.objects.map(({ providerID, nodeInfo }) => ({ providerID, osImage: nodeInfo.osImage }))
  const distribution = distributionOf({ serverVersion: typeof version === 'string' ? version : undefined, nodes })
  const [first, ...rest] = selectBenchmarks(catalogue, benchmarksAsked(settings), { version, distribution })
  if (first === undefined) throw new Error('no benchmark was chosen')
  return [first, ...rest]
}
