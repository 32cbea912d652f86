// Which rules a run evaluates: --include, --exclude, --tag and --level. What is left out keeps its reason, so that a result can list it.
// May not: leave a rule out without a word, or accept a pattern that means nothing.
import { nearest } from '../util/did-you-mean.ts'
import { InputError } from '../util/input-error.ts'
import { starPattern } from '../util/star-pattern.ts'
import { type BenchmarkChoice, benchmarkId } from './benchmark.ts'
import type { CompiledRule } from './compile.ts'
import type { BenchmarkPlan } from './controls.ts'

export interface RuleSelection {
  /** Patterns of rule ids ("kubelet-*"), sections ("rbac/*") or numbers of the run's benchmarks ("4.2.*", "cis-eks@1.8:3.2.1"). */
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** A rule needs one of them. */
  readonly tags?: readonly string[] | undefined
  /** 1 leaves out what the run's benchmarks ask for at level 2 only. */
  readonly level?: 1 | 2 | undefined
}

interface Filterable {
  readonly rules: readonly CompiledRule[]
  readonly plans: ReadonlyMap<string, BenchmarkPlan>
}

/**
 * Rules to leave out, by id, each with its reason. Throws InputError for a pattern or tag that no rule answers to, because it would
 * otherwise change nothing, or everything, unnoticed.
 */
export function leftOutRules(
  { rules, plans }: Filterable,
  choices: readonly Pick<BenchmarkChoice, 'key' | 'version'>[],
  { include = [], exclude = [], tags = [], level }: RuleSelection,
): Map<string, string> {
  const chosen = choices.flatMap((choice) => plans.get(benchmarkId(choice)) ?? [])
  const words = new Map(rules.map((compiled) => [compiled.rule.id, wordsOf(compiled, chosen)]))
  const matching = (flag: string, patterns: readonly string[]) =>
    patterns.map((pattern) => matcher(flag, pattern, words))
  const included = matching('--include', include)
  const excluded = matching('--exclude', exclude)
  checkTags(rules, tags)
  const leftOut = new Map<string, string>()
  for (const { rule, section } of rules) {
    const own = words.get(rule.id) ?? []
    const by = excluded.find(({ test }) => own.some(test))
    const mine = tagsOf({ rule, section })
    if (by !== undefined) leftOut.set(rule.id, `--exclude ${by.pattern}`)
    else if (included.length > 0 && !included.some(({ test }) => own.some(test)))
      leftOut.set(rule.id, `not in --include ${include.join(', ')}`)
    else if (tags.length > 0 && !tags.some((tag) => mine.includes(tag)))
      leftOut.set(rule.id, `not in --tag ${tags.join(', ')}`)
    else if (level === 1 && isAboveLevel(rule.id, chosen)) leftOut.set(rule.id, 'level 2; --level 1 was asked for')
  }
  if (leftOut.size === rules.length)
    throw new InputError('No rule is left to evaluate; loosen --include, --exclude or --tag.')
  return leftOut
}

/**
 * Refuses patterns and tags that nothing in the catalogue answers to, whatever benchmark is chosen in the end; for a check before
 * anything is read. Throws InputError.
 */
export function checkSelection(
  { rules, plans }: Filterable,
  { include = [], exclude = [], tags = [] }: RuleSelection,
): void {
  const words = new Map(rules.map((compiled) => [compiled.rule.id, wordsOf(compiled, [...plans.values()])]))
  for (const pattern of include) matcher('--include', pattern, words)
  for (const pattern of exclude) matcher('--exclude', pattern, words)
  checkTags(rules, tags)
}

/** Tags of a rule: its own, and its section, severity, unit, assessment and rows of the documents. */
export function tagsOf({ rule, section }: Pick<CompiledRule, 'rule' | 'section'>): string[] {
  return [
    ...(rule.tags ?? []),
    section,
    rule.severity,
    rule.each,
    rule.assessment,
    ...(rule.references.documents ?? []),
  ]
}

function wordsOf({ rule, section }: CompiledRule, plans: readonly BenchmarkPlan[]): string[] {
  const numbers = plans.flatMap((plan) =>
    plan.controls
      .filter((control) => control.rules.includes(rule.id))
      .flatMap(({ number }) => [number, `${benchmarkId(plan)}:${number}`]),
  )
  return [rule.id, `${section}/${rule.id}`, ...numbers]
}

function matcher(flag: string, pattern: string, words: ReadonlyMap<string, readonly string[]>) {
  const test = starPattern(pattern)
  if ([...words.values()].some((own) => own.some(test))) return { pattern, test }
  const hint = pattern.includes('*') ? '' : nearest(pattern, [...words.keys()])
  throw new InputError(
    `${flag} ${pattern}: no rule has this id, section or number${hint}. kube-assay rules list and benchmarks show tell what there is.`,
  )
}

function checkTags(rules: readonly CompiledRule[], tags: readonly string[]): void {
  const known = new Set(rules.flatMap(tagsOf))
  for (const tag of tags) {
    if (known.has(tag)) continue
    throw new InputError(
      `--tag ${tag}: no rule has this tag${nearest(tag, [...known])}; known: ${[...known].sort().join(', ')}.`,
    )
  }
}

/** Only where every number that names the rule is known to be of level 2. */
function isAboveLevel(id: string, plans: readonly BenchmarkPlan[]): boolean {
  const controls = plans.flatMap((plan) => plan.controls.filter((control) => control.rules.includes(id)))
  return controls.length > 0 && controls.every(({ level }) => level === 2)
}
