// Audits at the edge, each of a real evaluation of the stored sample: nothing found, no node, nothing to be read, everything accepted.
import { loadCatalogue, selectBenchmark } from '../../src/catalog/index.ts'
import { deriveFacts } from '../../src/derive/index.ts'
import { type EvaluateInput, evaluate } from '../../src/evaluate/index.ts'
import type { Evidence, FamilyEvidence } from '../../src/model/evidence.ts'
import { unavailable } from '../../src/model/fact.ts'
import type { Family } from '../../src/model/objects.ts'
import type { Result } from '../../src/model/result.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { samplePath } from '../golden/sample.ts'
import { rulesFolder } from '../unit/catalog/support.ts'

const catalogue = await loadCatalogue(rulesFolder)
const sample = await loadSnapshot(samplePath('snapshot.ndjson.zst'))

function judge(evidence: Evidence, more: Partial<EvaluateInput> = {}): Result {
  return evaluate({
    evidence,
    facts: deriveFacts(evidence),
    catalogue,
    benchmark: selectBenchmark(catalogue, 'auto', evidence.header.cluster.version),
    now: evidence.trailer.finishedAt,
    tool: evidence.header.tool,
    findingsCap: 1000,
    ...more,
  })
}

const whole = judge(sample)
const rulesWith = (result: Result, ...outcomes: string[]) =>
  result.rules.filter(({ outcome }) => outcomes.includes(outcome)).map(({ id }) => id)

/** Only rules that pass are asked. */
export function nothingFound(): Result {
  const others = rulesWith(whole, 'fail', 'unknown', 'manual', 'error')
  return judge(sample, { leftOut: new Map(others.map((id) => [id, 'left out by --exclude'])) })
}

/** A cluster whose list of nodes is complete, and empty. */
export function noNodes(): Result {
  const { nodes } = sample.families
  return judge({
    ...sample,
    nodes: [],
    components: [],
    families: {
      ...sample.families,
      nodes: { objects: [], ...(nodes.status && { status: { ...nodes.status, count: 0 } }) },
    },
  })
}

/** Every list was refused, and so no node is known. */
export function nothingRead(): Result {
  const refused = (name: string, { status }: FamilyEvidence<Family>) => {
    const detail = `the API server refused list ${name} to user audit`
    return { objects: [], ...(status && { status: { ...status, count: 0, ...unavailable('forbidden', detail) } }) }
  }
  const names = Object.keys(sample.families) as Family[]
  const families = Object.fromEntries(names.map((name) => [name, refused(name, sample.families[name])]))
  return judge({
    ...sample,
    nodes: [],
    components: [],
    templates: new Map(),
    families: families as unknown as Evidence['families'],
  })
}

/** Each failing rule is waived as a whole. */
export function everythingAccepted(): Result {
  const { finishedAt } = sample.trailer
  const day = (inDays: number) => new Date(Date.parse(finishedAt) + inDays * 86_400_000).toISOString().slice(0, 10)
  const waivers = rulesWith(whole, 'fail').map((rule) => ({
    id: `accept-${rule}`,
    rule,
    owner: 'Platform',
    approver: 'CISO',
    reason: 'Accepted until the platform is replaced',
    created: day(-1),
    expires: day(60),
    source: 'waivers.yaml',
  }))
  return judge(sample, { waivers: { files: [], waivers, config: {} } })
}
