// Joins a framework's requirements with rules: patterns become rules, and of several strengths the strongest holds.
// May not: leave a requirement without rules and without a reason, or say that a framework is met.
import { type Crosswalk, type Publication, type Strength, strengths } from '../model/crosswalk.ts'
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
  readonly publication: Publication
  readonly source: string
  /** Date of the last review, YYYY-MM-DD. */
  readonly reviewed: string
  readonly reviews: Crosswalk['reviews']
  readonly requirements: readonly MappedRequirement[]
  /** Rules that no requirement is about, but for those that take every rule; sorted. No reason: nobody has placed the rule yet. */
  readonly unmappedRules: readonly { readonly id: string; readonly reason?: string }[]
}

type Rules = readonly Pick<CompiledRule, 'rule' | 'section'>[]

/** The framework of a file. */
export function frameworkOf(file: Crosswalk, rules: Rules, plans: ReadonlyMap<string, BenchmarkPlan>): Framework {
  const { key, name, version, publication, source, reviews, benchmark, requirements = [] } = file
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
  const answered = controls.map(ofControl)
  const placed = new Set([
    ...answered.flatMap((control) => control.rules.map(({ id }) => id)),
    ...requirements.flatMap((one) => ownPatterns(one).flatMap((pattern) => matching(pattern, rules))),
  ])
  return {
    key,
    name,
    version,
    publication,
    source,
    reviewed: reviews.at(-1)?.date ?? '',
    reviews,
    requirements: [...answered, ...own],
    unmappedRules: withoutRequirement(file, rules, placed),
  }
}

/** What a requirement names itself; "*" says nothing about one rule. */
function ownPatterns(requirement: NonNullable<Crosswalk['requirements']>[number]): string[] {
  return strengths.flatMap((strength) => requirement[strength] ?? []).filter((pattern) => pattern !== '*')
}

function withoutRequirement({ unmapped = [] }: Crosswalk, rules: Rules, placed: ReadonlySet<string>) {
  const reasons = new Map(
    unmapped.flatMap(({ rules: patterns, reason }) =>
      patterns.flatMap((pattern) => matching(pattern, rules).map((id) => [id, reason] as const)),
    ),
  )
  const ids = rules.map(({ rule }) => rule.id).filter((id) => !placed.has(id))
  return ids.toSorted().map((id) => {
    const reason = reasons.get(id)
    return { id, ...(reason !== undefined && { reason }) }
  })
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
  checkUnmapped(source, file, known)
}

function checkUnmapped(source: YamlSource<Crosswalk>, file: Crosswalk, known: readonly string[]): void {
  const named = new Set((file.requirements ?? []).flatMap(ownPatterns))
  file.unmapped?.forEach(({ rules: patterns }, index) => {
    for (const pattern of patterns) {
      const add = (message: string) => source.add(['unmapped', index, 'rules'], message)
      if (pattern === '*') add('name rules or sections: nobody sets all rules aside')
      else if (!known.includes(pattern)) add(`there is no rule or section ${pattern}${nearest(pattern, known)}`)
      if (named.has(pattern)) add(`${pattern} is mapped to a requirement`)
    }
  })
}
