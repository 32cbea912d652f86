// Joins the numbers of a benchmark with the rules that answer them. A rule says its own numbers in its references; a list says `rules`
// where rules have no key for the benchmark, and `as` where a number asks the same as one of another list.
// May not: leave a number without rules, a question or a reason.
import type { Benchmark, Control, ControlList } from '../model/benchmark.ts'
import type { Rule } from '../model/rule.ts'
import { nearest } from '../util/did-you-mean.ts'
import type { YamlSource } from '../util/yaml-source.ts'

/** A control with everything that is known of it here. */
export interface PlannedControl extends Omit<Control, 'rules' | 'as'> {
  /** Ids of the rules that answer it, sorted; none: `question` or `reason` says why. */
  readonly rules: readonly string[]
}

export interface BenchmarkPlan {
  readonly key: string
  readonly version: string
  readonly source: string
  readonly controls: readonly PlannedControl[]
}

/** Numbers by which a rule names a version of a benchmark. */
function ownNumbers({ references }: Rule, key: string, version: string): readonly string[] {
  if (key === 'disa-stig') return references['disa-stig'] ?? []
  if (key === 'documents') return references.documents ?? []
  const number = key === 'cis-kubernetes' ? references['cis-kubernetes']?.[version] : undefined
  return number === undefined ? [] : [number]
}

/** The plan of a list. `lists` holds all lists by id, for `basis`; a basis that is not there gives no rules, and the loader refuses it. */
export function planOf(
  list: ControlList,
  lists: ReadonlyMap<string, ControlList>,
  rules: readonly Rule[],
): BenchmarkPlan {
  const basisList = list.basis === undefined ? undefined : lists.get(list.basis)
  const basis = basisList === undefined ? undefined : planOf(basisList, lists, rules)
  const basisControls = new Map((basis?.controls ?? []).map((control) => [control.number, control]))
  const answering = answersOf(list, rules)
  const plan = (control: Control): PlannedControl => {
    const { rules: listed = [], as = [], ...rest } = control
    const shared = as.map((number) => basisControls.get(number)).filter((one) => one !== undefined)
    const ids = new Set([...(answering.get(control.number) ?? []), ...listed, ...shared.flatMap((one) => one.rules)])
    const evidence = [...new Set([...(rest.evidence ?? []), ...shared.flatMap((one) => one.evidence ?? [])])]
    return {
      ...firstOf(shared, ['question', 'reason', 'accepts', 'note']),
      ...rest,
      ...(evidence.length > 0 && { evidence }),
      rules: [...ids].sort(),
    }
  }
  const own = list.controls.map(plan)
  if (list.inherits !== true) return { key: list.benchmark, version: list.version, source: list.source, controls: own }
  const replaced = new Map(own.map((control) => [control.number, control]))
  const inherited = (basis?.controls ?? []).map((control) => replaced.get(control.number) ?? control)
  return { key: list.benchmark, version: list.version, source: list.source, controls: inherited }
}

function firstOf<K extends keyof PlannedControl>(
  controls: readonly PlannedControl[],
  keys: readonly K[],
): Partial<Pick<PlannedControl, K>> {
  const found: Partial<Pick<PlannedControl, K>> = {}
  for (const key of keys) {
    const value = controls.map((control) => control[key]).find((one) => one !== undefined)
    if (value !== undefined) found[key] = value
  }
  return found
}

function answersOf(
  { benchmark, version }: Pick<ControlList, 'benchmark' | 'version'>,
  rules: readonly Rule[],
): Map<string, string[]> {
  const answers = new Map<string, string[]>()
  for (const rule of rules) {
    for (const number of ownNumbers(rule, benchmark, version)) {
      answers.set(number, [...(answers.get(number) ?? []), rule.id])
    }
  }
  return answers
}

/** The plans with further rules, under the numbers that their references name. Numbers of other lists that rest on these stay as they are. */
export function withRules(
  plans: ReadonlyMap<string, BenchmarkPlan>,
  rules: readonly Rule[],
): ReadonlyMap<string, BenchmarkPlan> {
  return new Map(
    [...plans].map(([id, plan]) => {
      const answering = answersOf({ benchmark: plan.key, version: plan.version }, rules)
      const controls = plan.controls.map((control) => {
        const more = answering.get(control.number)
        return more === undefined ? control : { ...control, rules: [...control.rules, ...more].sort() }
      })
      return [id, { ...plan, controls }]
    }),
  )
}

/** What a list is checked against. */
export interface Known {
  readonly lists: ReadonlyMap<string, ControlList>
  readonly benchmarks: ReadonlyMap<string, Benchmark>
  readonly rules: readonly Rule[]
}

/** Adds everything that is wrong with a list, given what else is in the catalogue. */
export function checkControlList(source: YamlSource<ControlList>, list: ControlList, known: Known): void {
  checkHead(source, list, known)
  const ids = known.rules.map(({ id }) => id)
  const answering = answersOf(list, known.rules)
  const planned = new Map(planOf(list, known.lists, known.rules).controls.map((control) => [control.number, control]))
  list.controls.forEach((control, index) => {
    const add = (field: string, message: string) => source.add(['controls', index, field], message)
    const { number } = control
    if (list.controls.findIndex((other) => other.number === number) < index) add('number', `${number} is listed twice`)
    for (const problem of namedBy(control, list, known, ids)) add(problem.field, problem.message)
    for (const id of (control.rules ?? []).filter((one) => answering.get(number)?.includes(one)))
      add('rules', `${id} says this number in its references already; say it in one place`)
    checkAnswer(planned.get(number), add)
    if (control.part !== undefined && !hasParts(control, known.rules))
      add('part', 'needs rules, each with a part in one of its checks')
  })
  for (const [number, owners] of answering)
    if (!planned.has(number))
      source.add(['controls'], `there is no ${number}, which the references of ${owners.join(', ')} name`)
}

function hasParts({ rules: named = [] }: Control, rules: readonly Rule[]): boolean {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  return named.length > 0 && named.every((id) => byId.get(id)?.checks.some(({ part }) => part !== undefined) === true)
}

function checkHead(source: YamlSource<ControlList>, list: ControlList, { lists, benchmarks }: Known): void {
  const versions = benchmarks.get(list.benchmark)?.versions.map(({ version }) => version)
  if (versions === undefined) source.add(['benchmark'], `there is no benchmarks/${list.benchmark}.yaml`)
  else if (!versions.includes(list.version))
    source.add(['version'], `benchmarks/${list.benchmark}.yaml does not list ${list.version}`)
  if (list.basis === undefined) {
    if (list.inherits === true) source.add(['inherits'], 'needs a basis')
    return
  }
  const basis = lists.get(list.basis)
  if (basis === undefined) source.add(['basis'], `there is no list ${list.basis}`)
  else if (basis.basis !== undefined) source.add(['basis'], `${list.basis} has a basis itself; name that one`)
}

/** Names in a control that nothing answers to. */
function namedBy(control: Control, list: ControlList, { lists }: Known, ids: readonly string[]) {
  const basis = list.basis === undefined ? [] : (lists.get(list.basis)?.controls ?? []).map(({ number }) => number)
  const from = list.basis ?? 'a list without basis'
  const numbers = list.inherits === true ? [control.number, ...(control.as ?? [])] : (control.as ?? [])
  const unknownNumbers = numbers.filter((number) => !basis.includes(number))
  const unknownRules = (['rules', 'evidence'] as const).flatMap((field) =>
    (control[field] ?? [])
      .filter((id) => !ids.includes(id))
      .map((id) => ({ field, message: `there is no rule ${id}${nearest(id, ids)}` })),
  )
  return [...unknownNumbers.map((number) => ({ field: 'as', message: `${from} has no ${number}` })), ...unknownRules]
}

function checkAnswer(planned: PlannedControl | undefined, add: (field: string, message: string) => void): void {
  if (planned === undefined) return
  const { number, rules, question, reason } = planned
  if (rules.length === 0 && question === undefined && reason === undefined)
    add('number', `no rule answers ${number}, and neither question nor reason says why`)
  if (question !== undefined && reason !== undefined) add('reason', 'give a question or a reason, not both')
}
