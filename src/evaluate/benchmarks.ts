// The controls of the run's benchmarks, rolled up from the rules that answer them: one evaluation, any number of benchmarks.
// May not: judge anew, or let a number pass that no rule answered or whose rules were left out in part.
import { type BenchmarkChoice, type BenchmarkPlan, benchmarkId, type PlannedControl } from '../catalog/index.ts'
import { worstOutcome } from '../model/outcome.ts'
import type { BenchmarkResult, ControlResult, RuleResult } from '../model/result.ts'
import { outcomeOfCounts } from './parts.ts'
import { countOutcomes, noCounts, type ScoredRule, scoreOf } from './score.ts'

export interface BenchmarkRun {
  readonly plans: ReadonlyMap<string, BenchmarkPlan>
  readonly rules: readonly RuleResult[]
  /** Rules left out of the run, by id, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Controls of a higher level are left out. */
  readonly level?: 1 | 2 | undefined
  /** Minor version of Kubernetes 1; undefined when not known. */
  readonly minor?: number | undefined
  readonly isIncomplete: (rule: RuleResult) => boolean
}

interface Run extends BenchmarkRun {
  readonly byId: ReadonlyMap<string, RuleResult>
}

/** One benchmark of a result. A version without a list of controls gives none and says so. */
export function benchmarkResult(choice: BenchmarkChoice, run: BenchmarkRun): BenchmarkResult {
  const { key, name, version } = choice
  const plan = run.plans.get(benchmarkId(choice))
  const byId = new Map(run.rules.map((rule) => [rule.id, rule]))
  const controls = (plan?.controls ?? []).map((control) => controlResult(control, { ...run, byId }))
  const noList = 'The numbers of this version are known here for single rules only; there is no list of its controls.'
  const notes = [...(choice.note === undefined ? [] : [choice.note]), ...(plan === undefined ? [noList] : [])]
  return {
    key,
    name,
    version,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(plan !== undefined && { source: plan.source }),
    controls,
    summary: summaryOf(controls),
    score: scoreOf(scoredRules(plan, controls, { ...run, byId })),
  }
}

function controlResult(control: PlannedControl, run: Run): ControlResult {
  const { number, subject, level, assessment, rules, question, note, evidence = [] } = control
  const evidenceRules = evidence.flatMap((id) => run.byId.get(id) ?? [])
  const base = {
    number,
    subject,
    ...(level !== undefined && { level }),
    ...(assessment !== undefined && { assessment }),
    rules: [...rules],
    ...(control.part !== undefined && { part: control.part }),
  }
  const tail = {
    ...(question !== undefined && { question }),
    ...(evidenceRules.length > 0 && { evidence: evidenceRules.map(({ id, outcome }) => ({ rule: id, outcome })) }),
    ...(note !== undefined && { note }),
  }
  return { ...base, ...verdictOf(control, run), ...tail }
}

type Verdict = Pick<ControlResult, 'state' | 'outcome' | 'counts' | 'reason'>

function verdictOf(control: PlannedControl, run: Run): Verdict {
  const { level, since, rules, question, reason } = control
  if (run.level !== undefined && level !== undefined && level > run.level)
    return { state: 'excluded', counts: noCounts(), reason: `level ${level}; --level ${run.level} was asked for` }
  if (since !== undefined && run.minor !== undefined && run.minor < since)
    return {
      state: 'evaluated',
      outcome: 'notApplicable',
      counts: noCounts(),
      reason: `Kubernetes has this from 1.${since} on.`,
    }
  if (rules.length === 0) {
    if (question !== undefined) return { state: 'manual', outcome: 'manual', counts: noCounts(), reason: question }
    return { state: 'notEvaluated', outcome: 'unknown', counts: noCounts(), reason: reason ?? 'No rule answers it.' }
  }
  return rolledUp(control, run)
}

function rolledUp({ rules, part, accepts, question }: PlannedControl, run: Run): Verdict {
  const present = rules.flatMap((id) => run.byId.get(id) ?? []).map((rule) => ofPart(rule, part))
  const missing = rules.filter((id) => !run.byId.has(id))
  const counts = noCounts()
  for (const rule of present)
    for (const outcome of ['notApplicable', 'pass', 'manual', 'unknown', 'error', 'fail'] as const)
      counts[outcome] += rule.counts[outcome]
  const judged = present.map((rule) => (rule.outcome === 'fail' ? acceptedOutcome(rule, accepts) : rule.outcome))
  const outcome = worstOutcome(judged)
  if (missing.length > 0 && outcome !== 'fail') {
    const why = missing.map((id) => `${id} (${run.leftOut.get(id) ?? 'not in this run'})`)
    return { state: 'excluded', counts, reason: `Left out: ${why.join(', ')}` }
  }
  const isManual = present.every(({ assessment }) => assessment === 'manual')
  const wasAccepted = present.some((rule, index) => rule.outcome !== judged[index])
  const reason = wasAccepted ? accepts?.text : isManual ? question : undefined
  return { state: isManual ? 'manual' : 'evaluated', outcome, counts, ...(reason !== undefined && { reason }) }
}

/** A rule as it ended for one part of what it asks. */
function ofPart(rule: RuleResult, part: string | undefined): RuleResult {
  if (part === undefined || rule.parts === undefined) return rule
  const found = rule.parts.find(({ name }) => name === part) ?? rule.parts.find(({ name }) => name === '')
  return found === undefined ? rule : { ...rule, counts: found.counts, outcome: outcomeOfCounts(found.counts) }
}

/** What a failing rule means where the benchmark asks for less: a pass where it accepts every value seen, else for a person. */
function acceptedOutcome(rule: RuleResult, accepts: PlannedControl['accepts']): RuleResult['outcome'] {
  if (accepts === undefined) return 'fail'
  const { observed = [] } = accepts
  const fails = rule.findings.filter(({ outcome }) => outcome === 'fail')
  if (observed.length === 0 || fails.length < rule.counts.fail) return 'manual'
  if (fails.some(({ evidence }) => evidence.some((line) => !observed.includes(line.observed)))) return 'fail'
  const { pass, unknown, error, manual } = rule.counts
  const others = [unknown > 0 && 'unknown', error > 0 && 'error', manual > 0 && 'manual', pass > 0 && 'pass'] as const
  return worstOutcome(['pass', ...others.filter((one) => one !== false)])
}

function summaryOf(controls: readonly ControlResult[]): BenchmarkResult['summary'] {
  const ofState = (state: ControlResult['state']) => controls.filter((control) => control.state === state)
  return {
    controls: controls.length,
    evaluated: ofState('evaluated').length,
    manual: ofState('manual').length,
    notEvaluated: ofState('notEvaluated').length,
    excluded: ofState('excluded').length,
    outcomes: countOutcomes(ofState('evaluated').flatMap(({ outcome }) => outcome ?? [])),
  }
}

/** Each rule of the evaluated controls once. A rule that asks for more than the benchmark accepts here says nothing of it. */
function scoredRules(plan: BenchmarkPlan | undefined, controls: readonly ControlResult[], run: Run): ScoredRule[] {
  const accepting = new Set(
    (plan?.controls ?? []).filter(({ accepts }) => accepts !== undefined).map((one) => one.number),
  )
  const used = controls.filter(
    ({ state, number, outcome }) => state === 'evaluated' && (!accepting.has(number) || outcome === 'fail'),
  )
  const ids = new Set(used.flatMap(({ rules }) => rules))
  return [...ids].flatMap((id) => {
    const rule = run.byId.get(id)
    return rule === undefined ? [] : [{ ...rule, isIncomplete: run.isIncomplete(rule) }]
  })
}
