// Measures judging a large cluster by the whole catalogue. Usage: node bench/evaluate.ts [snapshot.ndjson.zst]
// Without a snapshot: 5,000 nodes and 3,000 workload templates (standing for 150,000 pods), with the facts of the rules' own cases
// dealt out over them, so that passing and failing units are both there, and nothing read of every fiftieth unit.
import { loadCatalogue, selectBenchmark } from '../src/catalog/index.ts'
import { type EvaluateInput, evaluate } from '../src/evaluate/index.ts'
import { isUnavailable } from '../src/model/fact.ts'
import type { UnitKind } from '../src/model/facts.ts'
import type { FactSet, Unit } from '../src/model/unit.ts'
import { readFixtures, rulesFolder, unitsOfCase } from '../test/unit/catalog/support.ts'
import { evidenceOf, unreachable } from '../test/unit/evaluate/support.ts'

const sizes: { readonly [K in UnitKind]: number } = {
  cluster: 1,
  nodes: 5000,
  workloads: 3000,
  namespaces: 300,
  bindings: 1000,
  roles: 500,
  subjects: 1000,
}

const [snapshot] = process.argv.slice(2)
const loaded = performance.now()
const catalogue = await loadCatalogue(rulesFolder)
const loadSeconds = seconds(loaded)
const { evidence, facts } = snapshot === undefined ? synthetic() : await fromSnapshot(snapshot)
const benchmark = selectBenchmark(catalogue, 'auto', evidence.header.cluster.version)
const tool = { name: 'kube-assay', version: 'bench' }
const input: EvaluateInput = {
  evidence,
  facts,
  catalogue,
  benchmark,
  now: new Date().toISOString(),
  tool,
  findingsCap: 1000,
}

const evaluations = catalogue.rules.reduce((sum, { rule }) => sum + facts.units[rule.each].length, 0)
const times: number[] = []
let result = evaluate(input)
for (let round = 0; round < 3; round += 1) {
  const started = performance.now()
  result = evaluate(input)
  times.push(seconds(started))
}
const median = times.sort((a, b) => a - b)[1] ?? 0
const { units } = result.summary
console.log(`rules             ${catalogue.rules.length} (loaded in ${loadSeconds.toFixed(2)} s)`)
console.log(
  `units             ${Object.entries(facts.units)
    .map(([kind, of]) => `${of.length} ${kind}`)
    .join(', ')}`,
)
console.log(
  `evaluations       ${evaluations} (${Object.entries(units)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')})`,
)
console.log(`findings kept     ${result.rules.reduce((sum, { findings }) => sum + findings.length, 0)}`)
console.log(`time              ${median.toFixed(2)} s, ${((median / evaluations) * 1e6).toFixed(1)} µs an evaluation`)
console.log(`peak memory       ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`)

function seconds(since: number): number {
  return (performance.now() - since) / 1000
}

function synthetic(): { evidence: EvaluateInput['evidence']; facts: FactSet } {
  const pools = poolsOfCases()
  const cluster: Unit = {
    identity: { kind: 'cluster', id: 'cluster', name: 'bench' },
    facts: deal(pools, 'cluster', 0),
  }
  const unitsOf = (kind: UnitKind): Unit[] =>
    Array.from({ length: sizes[kind] }, (_, index) => {
      const name = `${kind}-${String(index).padStart(5, '0')}`
      return {
        identity: { kind, id: `${kind}/${name}`, name, ...(kind === 'nodes' && { node: name }) },
        facts: deal(pools, kind, index),
      }
    })
  const units = {
    cluster: [cluster],
    nodes: unitsOf('nodes'),
    workloads: unitsOf('workloads'),
    namespaces: unitsOf('namespaces'),
    bindings: unitsOf('bindings'),
    roles: unitsOf('roles'),
    subjects: unitsOf('subjects'),
  }
  return { evidence: evidenceOf(), facts: { cluster, units, missingUnits: {} } }
}

type Pools = Map<UnitKind, Map<string, unknown[]>>

/** Every fact that a case of a rule gives, by unit kind and name. */
function poolsOfCases(): Pools {
  const pools: Pools = new Map()
  const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule, fixture?.cases ?? []]))
  for (const { rule } of catalogue.rules) {
    for (const { facts: given } of fixtures.get(rule.id) ?? []) {
      const { unit, cluster } = unitsOfCase(rule.each, given)
      for (const [kind, holder] of [
        [rule.each, unit],
        ['cluster', cluster],
      ] as const) {
        const pool = pools.get(kind) ?? new Map<string, unknown[]>()
        pools.set(kind, pool)
        for (const [name, value] of Object.entries(holder.facts)) pool.set(name, [...(pool.get(name) ?? []), value])
      }
    }
  }
  for (const pool of pools.values()) {
    for (const [name, values] of pool) {
      pool.set(
        name,
        values.map((value) => completed(value, values)).filter((value) => !isUnavailable(value)),
      )
    }
  }
  return pools
}

function deal(pools: Pools, kind: UnitKind, index: number): Unit['facts'] {
  const facts: Record<string, unknown> = {}
  for (const [name, whole] of pools.get(kind) ?? []) {
    facts[name] = index % 50 === 49 ? unreachable : structuredClone(whole[index % whole.length])
  }
  return facts
}

/** A fact whose unread values are taken from another case that gives them. */
function completed(value: unknown, donors: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isUnavailable(value)) return value
  const filled = Object.entries(value).map(([field, part]) => {
    if (!isUnavailable(part)) return [field, part]
    const others = donors.flatMap((donor) => (typeof donor === 'object' && donor ? [Reflect.get(donor, field)] : []))
    return [field, others.find((other) => other !== undefined && !isUnavailable(other)) ?? part]
  })
  return Object.fromEntries(filled)
}

async function fromSnapshot(path: string): Promise<{ evidence: EvaluateInput['evidence']; facts: FactSet }> {
  const { loadSnapshot } = await import('../src/snapshot/index.ts')
  const { deriveFacts } = await import('../src/derive/index.ts')
  const evidence = await loadSnapshot(path)
  return { evidence, facts: deriveFacts(evidence) }
}
