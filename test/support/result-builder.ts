// Results for tests of reports, made from a few telling parts; counts and roll-ups follow from the findings, and the
// result schema checks every one. May not: be used outside tests; it is no second evaluator.
import { type Outcome, type Severity, severities, worstOutcome } from '../../src/model/outcome.ts'
import { type Finding, type OutcomeCounts, type Result, type RuleResult, resultSchema } from '../../src/model/result.ts'

export interface RuleParts extends Partial<Pick<RuleResult, 'references' | 'links' | 'risk' | 'assessment'>> {
  readonly id: string
  readonly title: string
  /** Left out where a test does not look at it. */
  readonly problem?: string
  readonly severity: Severity
  readonly each: RuleResult['each']
  readonly rationale?: string
  readonly findings?: readonly Finding[]
  readonly pass?: number
  readonly notApplicable?: number
  /** Findings kept per outcome, as the evaluation does. */
  readonly cap?: number
}

export function rule(parts: RuleParts): RuleResult {
  const findings = parts.findings ?? []
  const counts = noCounts()
  for (const finding of findings) counts[finding.outcome] += 1
  counts.pass = parts.pass ?? 0
  counts.notApplicable = parts.notApplicable ?? 0
  const present = (['notApplicable', 'pass', 'manual', 'unknown', 'error', 'fail'] as const).filter(
    (name) => counts[name] > 0,
  )
  return {
    id: parts.id,
    title: parts.title,
    problem: parts.problem ?? `${parts.id} is not as it should be`,
    severity: parts.severity,
    assessment: parts.assessment ?? 'automated',
    each: parts.each,
    references: parts.references ?? [],
    links: parts.links ?? [],
    description: `What ${parts.id} looks at.`,
    rationale: parts.rationale ?? `Why ${parts.id} matters to whoever runs the cluster.`,
    ...(parts.risk === undefined ? {} : { risk: parts.risk }),
    outcome: worstOutcome(present),
    counts,
    findings: capped(findings, parts.cap ?? 1000),
    findingsTotal: findings.length,
  }
}

function capped(findings: readonly Finding[], cap: number): Finding[] {
  const order: Outcome[] = ['fail', 'unknown', 'error', 'manual']
  return order.flatMap((outcome) => findings.filter((finding) => finding.outcome === outcome).slice(0, cap))
}

function noCounts(): OutcomeCounts {
  return { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
}

export const nodeUnit = (node: string): Finding['unit'] => ({ kind: 'nodes', id: `node/${node}`, name: node, node })
export const workloadUnit = (namespace: string, kind: string, name: string, pods = 1): Finding['unit'] => ({
  kind: 'workloads',
  id: `${namespace}/${kind}/${name}`,
  name: `${kind} ${namespace}/${name}`,
  namespace,
  pods,
})

export interface ResultParts {
  readonly rules: readonly RuleResult[]
  readonly nodes?: Result['coverage']['nodes']
  readonly families?: Result['coverage']['families']
  readonly cluster?: Partial<Result['cluster']>
  readonly snapshot?: Partial<Result['snapshot']>
  readonly benchmark?: Result['benchmark']
  readonly excluded?: Result['excluded']
}

export const columns = [
  { fact: 'node', label: 'Node status' },
  { fact: 'operatingSystem', label: 'System' },
  { fact: 'kernelParameters', label: 'Kernel' },
  { fact: 'kubeletConfiguration', label: 'Kubelet' },
  { fact: 'kubeletService', label: 'Kubelet unit' },
  { fact: 'swap', label: 'Swap' },
  { fact: 'cgroups', label: 'cgroups' },
  { fact: 'containerRuntime', label: 'Runtime' },
  { fact: 'runtimeStorage', label: 'Storage' },
  { fact: 'hostIsolation', label: 'Isolation' },
]

export function result(parts: ResultParts): Result {
  const nodes = parts.nodes ?? []
  const units = noCounts()
  const rules = noCounts()
  const failing = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  for (const item of parts.rules) {
    rules[item.outcome] += 1
    if (item.outcome === 'fail') failing[item.severity] += 1
    for (const [outcome, count] of Object.entries(item.counts)) if (isOutcome(outcome)) units[outcome] += count
  }
  const answered = units.pass + units.fail
  const expected = answered + units.unknown + units.error
  return resultSchema.parse({
    kind: 'kube-assay/result',
    schemaVersion: '1.0',
    reportId: 'KA-2026-11-20-prod-eu-1-7f3a',
    tool: { name: 'kube-assay', version: '0.1.0' },
    catalogue: { version: '0.1.0', digest: '5f2c'.repeat(16), rules: parts.rules.length },
    benchmark: parts.benchmark ?? { name: 'CIS Kubernetes', version: '1.24' },
    snapshot: {
      sha256: '9f86d081884c7d659a2feaa0c55ad015'.repeat(2),
      schemaVersion: '1.0',
      startedAt: '2026-11-20T02:00:04Z',
      finishedAt: '2026-11-20T02:01:17Z',
      interrupted: false,
      tool: 'kube-assay 0.1.0',
      ...parts.snapshot,
    },
    evaluatedAt: '2026-11-20T02:01:18Z',
    ...(parts.excluded && { excluded: parts.excluded }),
    cluster: {
      name: 'prod-eu-1',
      uid: '5b0c6d1e-2f0a-4c1b-9d2e-0e6f7a8b91af',
      version: 'v1.24.17',
      source: 'https://10.0.0.10:6443',
      nodes: nodes.length,
      nodesReached: nodes.filter((node) => node.access !== undefined).length,
      namespaces: 9,
      workloads: 48,
      pods: 131,
      ...parts.cluster,
    },
    score: {
      formula: 'severity-weighted-mean/1',
      ...bounds(parts.rules),
      coverage: expected === 0 ? 0 : answered / expected,
      answered,
      expected,
    },
    summary: { rules, units, failingBySeverity: failing },
    rules: parts.rules,
    coverage: { families: parts.families ?? [], columns, nodes },
  })
}

function isOutcome(name: string): name is Outcome {
  return Object.hasOwn(noCounts(), name)
}

function bounds(rules: readonly RuleResult[]): { lower?: number; upper?: number } {
  let [weight, lower, upper] = [0, 0, 0]
  for (const { counts, severity, assessment } of rules) {
    const open = counts.unknown + counts.error
    const all = counts.pass + counts.fail + open
    if (all === 0 || assessment === 'manual') continue
    const own = severities.length - severities.indexOf(severity)
    weight += own
    lower += (own * counts.pass) / all
    upper += (own * (counts.pass + open)) / all
  }
  const oneDecimal = (value: number) => Math.floor((value / weight) * 1000) / 10
  return weight === 0 ? {} : { lower: oneDecimal(lower), upper: oneDecimal(upper) }
}
