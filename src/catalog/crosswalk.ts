// Joins a framework's requirements with rules: patterns become rules, and of several strengths the strongest holds.
// May not: leave a requirement without rules and without a reason, or say that a framework is met.
import { type Crosswalk, type Strength, strengths } from '../model/crosswalk.ts'
import { nearest } from '../util/did-you-mean.ts'
import type { YamlSource } from '../util/yaml-source.ts'
import type { CompiledRule } from './compile.ts'
import type { BenchmarkPlan, PlannedControl } from './controls.ts'

export interface MappedRequirement {
  readonly id: string
  readonly subject: string
  /** Strong ones first, then by id. */
  readonly rules: readonly { readonly id: string; readonly strength: Strength }[]
  /** Why no rule says anything about it. */
  readonly reason?: string
}

export interface Framework {
  readonly key: string
  readonly name: string
  readonly version: string
  readonly source: string
  readonly reviewed: string
  readonly requirements: readonly MappedRequirement[]
}

type Rules = readonly Pick<CompiledRule, 'rule' | 'section'>[]

/** The framework of a file. */
export function frameworkOf(file: Crosswalk, rules: Rules, plans: ReadonlyMap<string, BenchmarkPlan>): Framework {
  const { key, name, version, source, reviewed, benchmark, requirements = [] } = file
  const controls = benchmark === undefined ? [] : (plans.get(benchmark)?.controls ?? [])
  const own = requirements.map(({ id, subject, reason, ...lists }) => ({
    id,
    subject,
    rules: strongest(
      strengths.flatMap((strength) =>
        (lists[strength] ?? []).flatMap((pattern) => matching(pattern, rules).map((rule) => ({ id: rule, strength }))),
      ),
    ),
    ...(reason !== undefined && { reason }),
  }))
  return { key, name, version, source, reviewed, requirements: [...controls.map(ofControl), ...own] }
}

/** A rule that answers a control asks what it asks; where the control accepts more, or says what the rule does not see, in part. */
function ofControl({ number, subject, rules, evidence = [], accepts, note, question, reason }: PlannedControl) {
  const strength = accepts === undefined && note === undefined ? 'direct' : 'partial'
  const indirect = evidence.map((id) => ({ id, strength: 'indirect' as const }))
  const mapped = strongest([...rules.map((id) => ({ id, strength }) as const), ...indirect])
  const why = reason ?? (question === undefined ? undefined : `For a person: ${question}`)
  return { id: number, subject, rules: mapped, ...(mapped.length === 0 && why !== undefined && { reason: why }) }
}

function strongest(all: readonly MappedRequirement['rules'][number][]): MappedRequirement['rules'] {
  const best = new Map<string, Strength>()
  const rank = (strength: Strength) => strengths.indexOf(strength)
  for (const { id, strength } of all) {
    const before = best.get(id)
    if (before === undefined || rank(strength) < rank(before)) best.set(id, strength)
  }
  const sorted = [...best].sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1))
  return sorted.map(([id, strength]) => ({ id, strength }))
}

function matching(pattern: string, rules: Rules): string[] {
  const section = pattern.endsWith('/*') ? pattern.slice(0, -2) : undefined
  return rules
    .filter((one) => (section === undefined ? pattern === '*' || one.rule.id === pattern : one.section === section))
    .map(({ rule }) => rule.id)
}

/** Adds everything that is wrong with a file. */
export function checkCrosswalk(
  source: YamlSource<Crosswalk>,
  file: Crosswalk,
  rules: Rules,
  plans: ReadonlyMap<string, BenchmarkPlan>,
): void {
  const { benchmark, requirements = [] } = file
  if (benchmark !== undefined && !plans.has(benchmark))
    source.add(['benchmark'], `there is no list of controls ${benchmark}`)
  if ((benchmark === undefined) === (requirements.length === 0))
    source.add(['key'], 'give either requirements or a benchmark')
  const known = ['*', ...rules.map(({ rule }) => rule.id), ...new Set(rules.map(({ section }) => `${section}/*`))]
  requirements.forEach((requirement, index) => {
    const add = (field: string, message: string) => source.add(['requirements', index, field], message)
    const { id, reason } = requirement
    if (requirements.findIndex((other) => other.id === id) < index) add('id', `${id} is listed twice`)
    const patterns = strengths.flatMap((strength) =>
      (requirement[strength] ?? []).map((pattern) => ({ strength, pattern })),
    )
    for (const { strength, pattern } of patterns)
      if (!known.includes(pattern)) add(strength, `there is no rule or section ${pattern}${nearest(pattern, known)}`)
    if (patterns.length === 0 && reason === undefined) add('id', `${id} has no rules, and no reason says why`)
    if (patterns.length > 0 && reason !== undefined) add('reason', 'give rules or a reason, not both')
  })
}
