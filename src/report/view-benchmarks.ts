// Every control of the benchmarks of a run on one line: what it asks, how it ended, by which rules, and why where no rule decided.
// May not: judge, or leave out a control without saying so.
import { type Outcome, severities } from '../model/outcome.ts'
import type { BenchmarkResult, ControlResult, Result } from '../model/result.ts'
import { countNoun, formatCount } from './text.ts'
import type { BenchmarksSection, BenchmarkView, ControlLine, RuleReference } from './view-benchmarks-model.ts'
import type { ViewContext } from './view-model.ts'
import { type Mark, outcomeMarks, outcomeWords } from './words.ts'

export function benchmarksView(context: ViewContext, withBlock: ReadonlySet<string>): BenchmarksSection {
  const { benchmarks = [], excluded = [] } = context.result
  const listed = benchmarks.filter(({ controls, note }) => controls.length > 0 || note !== undefined)
  const groups = [...Map.groupBy(excluded, ({ reason }) => reason)]
  return {
    sentence:
      listed.length === 0
        ? 'This result lists no controls; evaluate the snapshot again to have them.'
        : 'A control is as good as the worst of its rules. What no rule decides is never counted as passed.',
    benchmarks: listed.map((benchmark, index) => benchmarkView(benchmark, index, context, withBlock)),
    excluded: groups.map(([reason, rules]) => ({ reason, rules: rules.map(({ rule }) => rule).join(', ') })),
  }
}

function benchmarkView(
  benchmark: BenchmarkResult,
  index: number,
  context: ViewContext,
  withBlock: ReadonlySet<string>,
): BenchmarkView {
  const { name, version, note = '', source = '', controls } = benchmark
  const shown = controls.slice(0, context.limits.indexRows)
  const left = controls.length - shown.length
  return {
    anchor: `benchmark-${index + 1}`,
    title: `${name} ${version}`,
    sentence: summarySentence(benchmark),
    scoreLine: scoreLine(benchmark),
    note,
    source,
    hasLevels: controls.some(({ level }) => level !== undefined),
    controls: shown.map((control) => controlLine(control, context, withBlock)),
    controlsNote:
      left > 0
        ? `${formatCount(shown.length)} of ${formatCount(controls.length)} controls shown, all in ${context.dataFile}`
        : '',
  }
}

function summarySentence({ summary }: BenchmarkResult): string {
  const { fail, pass, unknown, error, manual, notApplicable } = summary.outcomes
  const evaluated = [
    `${formatCount(pass)} passed`,
    `${formatCount(fail)} with findings`,
    ...(unknown + error > 0 ? [`${formatCount(unknown + error)} unknown`] : []),
    ...(notApplicable > 0 ? [`${formatCount(notApplicable)} not applicable`] : []),
  ].join(', ')
  const rest = [
    ...(summary.manual + manual > 0 ? [`${formatCount(summary.manual + manual)} for a person`] : []),
    ...(summary.notEvaluated > 0 ? [`${formatCount(summary.notEvaluated)} that nothing here evaluates`] : []),
    ...(summary.excluded > 0 ? [`${formatCount(summary.excluded)} left out of this run`] : []),
  ]
  return `${countNoun(summary.controls, 'control', 'controls')}: ${[evaluated, ...rest].join('; ')}.`
}

function scoreLine({ score, summary }: BenchmarkResult): string {
  if (score.lower === undefined || score.upper === undefined) return 'No score: nothing applicable was assessed.'
  const range = score.lower === score.upper ? `${score.lower}` : `${score.lower}, at best ${score.upper}`
  return `Score ${range} of 100, over the rules of ${countNoun(summary.evaluated, 'evaluated control', 'evaluated controls')}.`
}

/** A control has no severity of its own; with a finding it takes the shape of its most severe failing rule. */
function markOf({ state, outcome, rules }: Pick<ControlResult, 'state' | 'outcome' | 'rules'>, result: Result): Mark {
  if (state === 'excluded') return { kind: 'open', word: 'Left out' }
  if (state === 'notEvaluated') return { kind: 'unknown', word: 'Not evaluated' }
  if (outcome !== undefined && outcome !== 'fail') return outcomeMarks[outcome]
  const failing = result.rules.filter((rule) => rule.outcome === 'fail' && rules.includes(rule.id))
  const worst = severities.find((severity) => failing.some((rule) => rule.severity === severity)) ?? 'info'
  return { kind: worst, word: 'Finding' }
}

function controlLine(control: ControlResult, context: ViewContext, withBlock: ReadonlySet<string>): ControlLine {
  const { number, level, subject, rules, evidence = [], note = '' } = control
  const reference = (id: string): RuleReference => {
    const outcome = context.result.rules.find((rule) => rule.id === id)?.outcome
    return {
      id,
      anchor: withBlock.has(id) || isOnALine(outcome) ? (context.anchors.get(id) ?? '') : '',
      outcome: outcome === undefined ? 'left out' : outcomeWords[outcome].toLowerCase(),
    }
  }
  return {
    number,
    level: level === undefined ? '' : `L${level}`,
    subject,
    mark: markOf(control, context.result),
    units: unitsOf(control),
    rules: rules.map(reference),
    why: control.reason ?? '',
    note,
    evidence: evidence.map(({ rule }) => reference(rule)),
  }
}

/** Rules that passed or do not apply have a line of their own further down, which carries their anchor. */
function isOnALine(outcome: Outcome | undefined): boolean {
  return outcome === 'pass' || outcome === 'notApplicable'
}

/** "2 of 6": units that fail of those that were to be answered. */
function unitsOf({ counts, outcome }: ControlResult): string {
  const all = counts.pass + counts.fail + counts.unknown + counts.error
  if (all === 0 || outcome === undefined) return ''
  if (outcome === 'fail') return `${formatCount(counts.fail)} of ${formatCount(all)}`
  if (outcome === 'unknown' || outcome === 'error')
    return `${formatCount(counts.unknown + counts.error)} of ${formatCount(all)}`
  return outcome === 'pass' ? formatCount(all) : ''
}
