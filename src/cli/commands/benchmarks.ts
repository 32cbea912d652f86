// `benchmarks list` and `benchmarks show`: every control with what answers it, for people and for programs.
import {
  type BenchmarkPlan,
  benchmarkId,
  type Catalogue,
  type PlannedControl,
  selectBenchmark,
} from '../../catalog/index.ts'
import { unavailable } from '../../model/fact.ts'
import type { Rule } from '../../model/rule.ts'
import { InputError } from '../../util/input-error.ts'
import { exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../wrap.ts'

/** How a control ends where every rule has an answer. */
export type ControlState = 'evaluated' | 'manual' | 'notEvaluated'

export function stateOf({ rules, question }: PlannedControl, byId: ReadonlyMap<string, Rule>): ControlState {
  if (rules.length > 0) return rules.every((id) => byId.get(id)?.assessment === 'manual') ? 'manual' : 'evaluated'
  return question === undefined ? 'notEvaluated' : 'manual'
}

export interface PlanCoverage {
  readonly id: string
  readonly name: string
  /** Minor versions of Kubernetes that the publisher names. */
  readonly kubernetes: readonly string[]
  /** Undefined where the numbers are known for single rules only. */
  readonly plan: BenchmarkPlan | undefined
  readonly controls: number
  readonly evaluated: number
  readonly manual: number
  readonly notEvaluated: number
}

/** Every version of every benchmark with how much of it is evaluated; CIS Kubernetes first, the others by key. */
export function coverageOfPlans({ benchmarks, plans, rules }: Catalogue): PlanCoverage[] {
  const byId = new Map(rules.map(({ rule }) => [rule.id, rule]))
  const first = ({ key }: { key: string }) => (key === 'cis-kubernetes' ? 0 : 1)
  const ordered = [...benchmarks.values()].toSorted((a, b) => first(a) - first(b) || (a.key < b.key ? -1 : 1))
  return ordered.flatMap(({ key, name, versions }) =>
    versions.map(({ version, kubernetes = [] }) => {
      const id = benchmarkId({ key, version })
      const plan = plans.get(id)
      const states = (plan?.controls ?? []).map((control) => stateOf(control, byId))
      const count = (wanted: ControlState) => states.filter((state) => state === wanted).length
      return {
        id,
        name: `${name} ${version}`,
        kubernetes,
        plan,
        controls: states.length,
        evaluated: count('evaluated'),
        manual: count('manual'),
        notEvaluated: count('notEvaluated'),
      }
    }),
  )
}

export async function listBenchmarks(format: 'table' | 'json', terminal: Terminal): Promise<number> {
  const all = coverageOfPlans(await loadRules())
  terminal.print(format === 'json' ? JSON.stringify(all.map(asListed), null, 2) : listTable(all, terminal))
  return exitCodes.done
}

function asListed({ plan, controls, evaluated, manual, notEvaluated, ...rest }: PlanCoverage) {
  return plan === undefined ? rest : { ...rest, controls, evaluated, manual, notEvaluated }
}

function listTable(all: readonly PlanCoverage[], { style, columns }: Terminal): string {
  const width = Math.max(...all.map(({ id }) => id.length))
  const head = `${'benchmark'.padEnd(width)}  total  evaluated  manual  neither  Kubernetes`
  const lines = all.map(({ id, plan, controls, evaluated, manual, notEvaluated, kubernetes }) => {
    const numbers =
      plan === undefined
        ? style('dim', 'single numbers only'.padEnd(33))
        : `${String(controls).padStart(5)}  ${String(evaluated).padStart(9)}  ${String(manual).padStart(6)}  ${String(notEvaluated).padStart(7)}`
    return `${id.padEnd(width)}  ${numbers}  ${range(kubernetes)}`.trimEnd()
  })
  const hint = wrap(
    'Controls that rules evaluate, that are for a person, and neither. kube-assay benchmarks show <name@version> tells every one.',
    columns,
  )
  return [style('bold', head), ...lines, '', hint].join('\n')
}

/** "1.29–1.31" for a run of versions. */
export function range(versions: readonly string[]): string {
  const [first, last] = [versions[0], versions.at(-1)]
  if (first === undefined || last === undefined) return ''
  return first === last ? first : `${first}–${last}`
}

export async function showBenchmark(name: string, format: 'table' | 'json', terminal: Terminal): Promise<number> {
  const catalogue = await loadRules()
  const choice = selectBenchmark(catalogue, name, unavailable('not-collected', 'No cluster was read.'))
  const id = benchmarkId(choice)
  const found = coverageOfPlans(catalogue).find((one) => one.id === id)
  if (found?.plan === undefined)
    throw new InputError(
      `The controls of ${choice.name} ${choice.version} are not listed here, only the numbers of single rules: kube-assay rules list --benchmark ${id}.`,
    )
  const byId = new Map(catalogue.rules.map(({ rule }) => [rule.id, rule]))
  const { plan } = found
  terminal.print(
    format === 'json' ? JSON.stringify(asShown(found, plan, byId), null, 2) : page(found, plan, byId, terminal),
  )
  return exitCodes.done
}

function asShown(found: PlanCoverage, plan: BenchmarkPlan, byId: ReadonlyMap<string, Rule>) {
  const controls = plan.controls.map((control) => ({ ...control, state: stateOf(control, byId) }))
  return { ...asListed(found), source: plan.source, controls }
}

function page(
  found: PlanCoverage,
  plan: BenchmarkPlan,
  byId: ReadonlyMap<string, Rule>,
  { style, columns }: Terminal,
): string {
  const { name, kubernetes, controls, evaluated, manual, notEvaluated } = found
  const width = Math.max(...plan.controls.map(({ number }) => number.length))
  const isLevelled = plan.controls.some(({ level }) => level !== undefined)
  const isAssessed = plan.controls.some(({ assessment }) => assessment !== undefined)
  const indent = ' '.repeat(width + 2 + (isLevelled ? 4 : 0) + (isAssessed ? 11 : 0))
  const lines = plan.controls.map((control) => {
    const { number, level, assessment, subject, rules, part, note, accepts } = control
    const lead = [
      number.padEnd(width),
      ...(isLevelled ? [level === undefined ? '  ' : `L${level}`] : []),
      ...(isAssessed ? [(assessment ?? '').padEnd(9)] : []),
    ].join('  ')
    const text = wrap(subject, columns, indent).slice(lead.length + 2)
    const paragraph = (words: string) => style('dim', wrap(words, columns, indent))
    const state = stateOf(control, byId)
    const named = `${rules.join(', ')}${part === undefined ? '' : `: what it finds for ${part} alone`}`
    const answer = [
      ...(rules.length > 0 ? [style(state === 'evaluated' ? 'pass' : 'unknown', wrap(named, columns, indent))] : []),
      ...answerOf(control, state).map((words) => style('unknown', wrap(words, columns, indent))),
    ]
    const notes = [accepts?.text, note].filter((one) => one !== undefined).map(paragraph)
    return [`${style('bold', lead)}  ${text}`, ...answer, ...notes].join('\n')
  })
  const scope = kubernetes.length === 0 ? '' : `for Kubernetes ${range(kubernetes)}; `
  const counts = `${controls} controls: ${evaluated} evaluated, ${manual} for a person, ${notEvaluated} that nothing here evaluates`
  return [
    style('bold', name),
    wrap(`${scope}${counts}`, columns),
    style('dim', wrap(plan.source, columns)),
    '',
    ...lines,
  ].join('\n')
}

/** Why no rule decides. */
function answerOf({ question, reason, evidence = [] }: PlannedControl, state: ControlState): string[] {
  if (state === 'evaluated') return []
  if (state === 'notEvaluated') return [`Not evaluated: ${reason ?? 'no rule answers it'}`]
  const shown = evidence.length === 0 ? [] : [`Evidence: ${evidence.join(', ')}`]
  return [`For a person: ${question ?? ''}`, ...shown]
}
