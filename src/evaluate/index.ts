// Facts and catalogue to a result. Synchronous and deterministic: clock, tool and digests are given; same input, same bytes.
// May not: do I/O, or look at anything but its arguments.
import {
  type BenchmarkChoice,
  type Catalogue,
  type CompiledRule,
  neededFamilies,
  referencesOf,
  UnitContext,
  visibleText,
} from '../catalog/index.ts'
import type { Evidence } from '../model/evidence.ts'
import { isUnavailable } from '../model/fact.ts'
import { type UnitKind, unitKinds } from '../model/facts.ts'
import { type Outcome, worstOutcome } from '../model/outcome.ts'
import { type Finding, type Result, type RuleResult, resultSchemaVersion } from '../model/result.ts'
import type { FactSet, Unit, UnitIdentity } from '../model/unit.ts'
import { countsWithout, noneWaived, WaiverBook, type WaiversInput } from './accepted-risks.ts'
import { benchmarkResult } from './benchmarks.ts'
import { coverageOf } from './coverage.ts'
import { definitionOf } from './definition.ts'
import { describe, findingOutcomes, unitOf } from './describe.ts'
import { fingerprintOf } from './fingerprint.ts'
import { frameworkResult } from './frameworks.ts'
import { judge } from './judge.ts'
import { nodeProfilesOf } from './node-profiles.ts'
import { PackRuleRun } from './pack-rules.ts'
import { partsOf } from './parts.ts'
import { countOutcomes, gainsOf, noCounts, scoreOf } from './score.ts'
import { withSeenFiles } from './seen-files.ts'
import { unitLabelsOf } from './unit-labels.ts'

export { checkWaiverBook, type WaiversInput } from './accepted-risks.ts'
export { compare, isOfCluster, trendOf } from './compare.ts'
export { firstUnavailable } from './coverage.ts'
export { runRecordOf } from './run-record.ts'

export interface EvaluateInput {
  readonly evidence: Evidence
  readonly facts: FactSet
  readonly catalogue: Catalogue
  readonly benchmark: BenchmarkChoice
  /** Further benchmarks to report from the same evaluation. */
  readonly furtherBenchmarks?: readonly BenchmarkChoice[]
  /** Keys of frameworks to report. */
  readonly frameworks?: readonly string[]
  /** Rules that are not evaluated, by id, with the reason. */
  readonly leftOut?: ReadonlyMap<string, string>
  /** Controls of a higher level are not reported. */
  readonly level?: 1 | 2 | undefined
  /** ISO 8601, UTC. */
  readonly now: string
  readonly tool: { readonly name: string; readonly version: string }
  /** Findings kept per rule and outcome. */
  readonly findingsCap: number
  /** Accepted risks, as the run was given them. */
  readonly waivers?: WaiversInput
}

/** Judges every unit by every rule of its kind. */
export function evaluate(input: EvaluateInput): Result {
  const { evidence, facts, catalogue, benchmark, now, tool, findingsCap, leftOut = new Map() } = input
  const benchmarks = [benchmark, ...(input.furtherBenchmarks ?? [])]
  const references = ({ rule }: CompiledRule) => referencesOf(rule, benchmarks, catalogue.plans)
  const compiledRules = catalogue.rules.filter(({ rule }) => !leftOut.has(rule.id))
  const packRuns = new Map(
    compiledRules.filter(({ pack }) => pack !== undefined).map((one) => [one, new PackRuleRun(one, facts.cluster)]),
  )
  const outcomes = judgeAll(compiledRules, facts, packRuns)
  const addSeen = withSeenFiles(evidence)
  const clusterInfo = clusterOf(evidence, facts)
  const fingerprint: Fingerprint = (rule, unit) => fingerprintOf(clusterInfo, rule, unit)
  const book = new WaiverBook(input.waivers, { catalogue, leftOut, facts, cluster: clusterInfo, now })
  const judged = compiledRules.map((compiled, index) => {
    const rule = ruleResult(
      compiled,
      outcomes[index] ?? [],
      facts,
      references(compiled),
      findingsCap,
      { fingerprint, book },
      packRuns.get(compiled),
    )
    return rule.each === 'nodes' ? { ...rule, findings: rule.findings.map(addSeen) } : rule
  })
  const isIncomplete = (rule: RuleResult) => facts.missingUnits[rule.each] !== undefined
  const scored = (rule: RuleResult) => ({ ...rule, isIncomplete: isIncomplete(rule) })
  const gains = gainsOf(judged.map(scored))
  const rules = judged.map((rule, index) => withGain(rule, gains[index] ?? 0))
  const version = evidence.header.cluster.version
  const minor = typeof version === 'string' ? /^v?1\.(\d+)/.exec(version)?.[1] : undefined
  const run = {
    plans: catalogue.plans,
    rules,
    leftOut,
    level: input.level,
    minor: minor === undefined ? undefined : Number(minor),
    isIncomplete,
  }
  const waivers = book.report()
  const { header, trailer } = evidence
  const nodes = nodeProfilesOf(evidence, facts)
  const labels = unitLabelsOf(evidence, rules)
  return {
    kind: 'kube-assay/result',
    schemaVersion: resultSchemaVersion,
    reportId: `KA-${now.slice(0, 10)}-${slug(header.cluster.name)}-${trailer.sha256.slice(0, 4)}`,
    tool: { name: tool.name, version: tool.version },
    catalogue: {
      version: catalogue.version,
      digest: catalogue.digest,
      rules: catalogue.rules.length,
      ...(catalogue.packs !== undefined && { packs: catalogue.packs.map((pack) => ({ ...pack })) }),
    },
    benchmark: {
      name: benchmark.name,
      version: benchmark.version,
      ...(benchmark.note !== undefined && { note: benchmark.note }),
    },
    benchmarks: benchmarks.map((choice) => benchmarkResult(choice, run)),
    ...frameworksOf(input, rules),
    ...(leftOut.size > 0 && { excluded: [...leftOut].map(([rule, reason]) => ({ rule, reason })) }),
    ...(waivers !== undefined && { waivers }),
    snapshot: {
      sha256: trailer.sha256,
      schemaVersion: header.schemaVersion,
      startedAt: header.startedAt,
      finishedAt: trailer.finishedAt,
      interrupted: trailer.interrupted ?? false,
      tool: `${header.tool.name} ${header.tool.version}`,
    },
    evaluatedAt: now,
    cluster: clusterInfo,
    score: {
      ...scoreOf(rules.map(scored)),
      ...unlistedOf(facts, rules),
      ...withAcceptedRisks(rules, isIncomplete),
    },
    summary: summaryOf(rules),
    rules,
    ...(nodes !== undefined && { nodes }),
    ...(labels.length > 0 && { labels }),
    units: unitsOf(facts),
    coverage: coverageOf(evidence, facts, neededFamilies(catalogue)),
  }
}

function withGain(rule: RuleResult, gain: number): RuleResult {
  return gain === 0 ? rule : { ...rule, gain }
}

function frameworksOf({ frameworks = [], catalogue }: EvaluateInput, rules: readonly RuleResult[]): Partial<Result> {
  const chosen = frameworks.flatMap((key) => catalogue.frameworks.get(key) ?? [])
  return chosen.length === 0 ? {} : { frameworks: chosen.map((one) => frameworkResult(one, rules)) }
}

/** Outcomes by rule, then by unit in the order of the fact set. Unit by unit, so that a unit's facts are converted once. */
function judgeAll(
  rules: readonly CompiledRule[],
  facts: FactSet,
  packRuns: ReadonlyMap<CompiledRule, PackRuleRun>,
): Outcome[][] {
  const outcomes: Outcome[][] = rules.map((one) => packRuns.get(one)?.outcomes(facts.units[one.rule.each]) ?? [])
  for (const kind of unitKinds) {
    const mine = rules.flatMap((compiled, index) =>
      compiled.rule.each === kind && !packRuns.has(compiled) ? [{ compiled, index }] : [],
    )
    if (mine.length === 0) continue
    for (const unit of facts.units[kind]) {
      const context = new UnitContext(unit, facts.cluster)
      for (const { compiled, index } of mine) outcomes[index]?.push(judge(compiled, context).outcome)
    }
  }
  return outcomes
}

function ruleResult(
  compiled: CompiledRule,
  outcomes: readonly Outcome[],
  facts: FactSet,
  references: string[],
  cap: number,
  { fingerprint, book }: { readonly fingerprint: Fingerprint; readonly book: WaiverBook },
  packRun?: PackRuleRun,
): RuleResult {
  const { rule } = compiled
  const units = facts.units[rule.each]
  const gap = gapFinding(facts, rule.each)
  const counts = countOutcomes(gap === undefined ? outcomes : [...outcomes, gap.outcome])
  const capped: RuleResult['capped'] = {}
  const cappedWaived: string[] = []
  const waived = noneWaived()
  const findings = findingOutcomes.flatMap((outcome) => {
    const ofOutcome = units.filter((_, index) => outcomes[index] === outcome).sort(byId)
    const first = outcome === gap?.outcome ? [gap] : []
    const room = cap - first.length
    const marked = ofOutcome.map((unit) => {
      const waiver = book.take(rule.id, unit.identity, outcome)
      if (waiver !== undefined) waived[outcome] += 1
      return { unit, waiver }
    })
    for (const { unit, waiver } of marked.slice(room)) {
      const print = fingerprint(rule.id, unit.identity)
      if (capped[outcome] === undefined) capped[outcome] = []
      capped[outcome].push(print)
      if (waiver !== undefined) cappedWaived.push(print)
    }
    const describeUnit = (unit: Unit) => findingOf(compiled, unit, facts.cluster)
    return [
      ...first.map((finding) => ({ ...finding, fingerprint: fingerprint(rule.id, finding.unit) })),
      ...marked.slice(0, room).map(({ unit, waiver }) => ({
        ...(packRun?.finding(unit, outcome, () => describeUnit(unit)) ?? describeUnit(unit)),
        fingerprint: fingerprint(rule.id, unit.identity),
        ...(waiver !== undefined && { waiver }),
      })),
    ]
  })
  const failing = units.filter((_, index) => outcomes[index] === 'fail')
  const parts = packRun === undefined ? partsOf(compiled, failing, counts, facts.cluster) : undefined
  return {
    id: rule.id,
    title: rule.title,
    problem: rule.problem,
    severity: rule.severity,
    section: visibleText(compiled.section),
    assessment: rule.assessment,
    each: rule.each,
    references,
    links: rule.references.links ?? [],
    description: rule.description,
    rationale: rule.rationale,
    ...(rule.remediation.risk !== undefined && { risk: rule.remediation.risk }),
    ...(rule.remediation.after !== undefined && { after: rule.remediation.after }),
    ...(rule.remediation.optIn !== undefined && { optIn: rule.remediation.optIn }),
    ...(compiled.pack !== undefined && { pack: compiled.pack }),
    ...(compiled.params !== undefined && { parameters: parametersOf(compiled) }),
    definition: definitionOf(compiled),
    ...(compiled.severityBefore !== undefined && { severityBefore: compiled.severityBefore }),
    ...(compiled.changeReason !== undefined && { changeReason: visibleText(compiled.changeReason) }),
    ...(rule.remediation.blocks !== undefined && { blocks: rule.remediation.blocks }),
    ...(rule.remediation.undo !== undefined && { undo: rule.remediation.undo }),
    outcome: worstOutcome(gap === undefined ? outcomes : [...outcomes, gap.outcome]),
    counts,
    ...(parts !== undefined && { parts }),
    findings,
    findingsTotal: findingOutcomes.reduce((sum, outcome) => sum + counts[outcome], 0),
    ...(Object.keys(capped).length > 0 && { capped }),
    ...(findingOutcomes.some((outcome) => waived[outcome] > 0) && { waived }),
    ...(cappedWaived.length > 0 && { cappedWaived }),
  }
}

type Fingerprint = (rule: string, unit: Pick<UnitIdentity, 'kind' | 'id' | 'lasting'>) => string

function parametersOf({ rule, params }: CompiledRule): NonNullable<RuleResult['parameters']> {
  const text = (value: unknown) => (Array.isArray(value) ? value.join(', ') : String(value))
  return Object.entries(rule.parameters ?? {}).map(([name, one]) => ({
    name,
    value: visibleText(text(params?.values[name] ?? one.default)),
    default: visibleText(text(one.default)),
    description: one.description,
  }))
}

/** Judges and describes one unit by one rule. */
export function findingOf(compiled: CompiledRule, unit: Unit, cluster: Unit): Finding {
  const context = new UnitContext(unit, cluster)
  return describe(compiled, judge(compiled, context), unit.identity, context)
}

/** By code unit, not by locale: the order must be the same everywhere. */
function byId(a: Unit, b: Unit): number {
  if (a.identity.id === b.identity.id) return 0
  return a.identity.id < b.identity.id ? -1 : 1
}

/** Stands for the units that a list did not give. Its id sorts before every unit's. */
function gapFinding(facts: FactSet, kind: UnitKind): Finding | undefined {
  const missing = facts.missingUnits[kind]
  if (missing === undefined) return undefined
  const { reason, detail } = missing.unavailable
  return {
    unit: { kind, id: `(${missing.family})`, name: `${kind} that could not be listed` },
    outcome: 'unknown',
    evidence: [],
    missing: [{ fact: missing.family, reason, detail: visibleText(detail) }],
  }
}

function unitsOf({ units }: FactSet): NonNullable<Result['units']> {
  return Object.fromEntries(unitKinds.map((kind) => [kind, units[kind].map(({ identity }) => unitOf(identity).id)]))
}

/** A second figure, for those who ask what is left beside the accepted risks. */
function withAcceptedRisks(
  rules: readonly RuleResult[],
  isIncomplete: (rule: RuleResult) => boolean,
): Pick<Result['score'], 'withAcceptedRisks'> {
  if (rules.every(({ waived }) => waived === undefined)) return {}
  const { lower, upper } = scoreOf(
    rules.map((rule) => ({ ...rule, counts: countsWithout(rule), isIncomplete: isIncomplete(rule) })),
  )
  return { withAcceptedRisks: { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }) } }
}

/** Of the kinds that automated rules are about. */
function unlistedOf(facts: FactSet, rules: readonly RuleResult[]): Pick<Result['score'], 'unlisted'> {
  const unlisted = unitKinds.flatMap((kind) => {
    const missing = facts.missingUnits[kind]
    const counts = rules.some((rule) => rule.each === kind && rule.assessment === 'automated')
    return missing === undefined || !counts
      ? []
      : [{ kind, family: missing.family, reason: missing.unavailable.reason }]
  })
  return unlisted.length === 0 ? {} : { unlisted }
}

function clusterOf(evidence: Evidence, facts: FactSet): Result['cluster'] {
  const { cluster, source } = evidence.header
  return {
    name: cluster.name,
    ...(typeof cluster.uid === 'string' && { uid: cluster.uid }),
    ...(typeof cluster.version === 'string' && { version: cluster.version }),
    source: source.kind === 'live' ? source.server : source.paths.join(', '),
    nodes: facts.units.nodes.length,
    nodesReached: reachedNodes(evidence, facts),
    namespaces: facts.units.namespaces.length,
    workloads: facts.units.workloads.length,
    pods: evidence.families.pods.objects.length,
  }
}

function summaryOf(rules: readonly RuleResult[]): Result['summary'] {
  const units = noCounts()
  for (const { counts } of rules) {
    for (const outcome of ['notApplicable', 'pass', 'manual', 'unknown', 'error', 'fail'] as const)
      units[outcome] += counts[outcome]
  }
  const failingBySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  for (const rule of rules) if (rule.outcome === 'fail') failingBySeverity[rule.severity] += 1
  return { rules: countOutcomes(rules.map(({ outcome }) => outcome)), units, failingBySeverity }
}

/** Lower-case letters, digits and single hyphens; what a cluster's name holds besides must not reach a file name. */
function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
  return plain.slice(0, 40) || 'cluster'
}

/** Nodes of which anything was read, other machines that answered in a node's place not counted. */
function reachedNodes(evidence: Evidence, facts: FactSet): number {
  const wrong = facts.units.nodes.filter(({ facts: { operatingSystem } }) => {
    return (
      operatingSystem !== undefined &&
      isUnavailable(operatingSystem) &&
      operatingSystem.unavailable.reason === 'wrong-host'
    )
  })
  const wrongNames = new Set(wrong.map(({ identity }) => identity.node))
  return evidence.nodes.filter(({ node, host }) => !isUnavailable(host) && !wrongNames.has(node)).length
}
