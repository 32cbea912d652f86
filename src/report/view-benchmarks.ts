// Every control of the benchmarks of a run on one line: what it asks, how it ended, by which rules, and why where no rule decided.
// May not: judge, or leave out a control without saying so.
import { type Outcome, severities } from '../model/outcome.ts'
import type { BenchmarkResult, ControlResult, Result } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { englishIn, phraseOf } from './phrase.ts'
import type { BenchmarksSection, BenchmarkView, ControlLine, RuleReference } from './view-benchmarks-model.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import { type Mark, termsOf } from './words.ts'

export function benchmarksView(context: ViewContext, withBlock: ReadonlySet<string>): BenchmarksSection {
  const { benchmarks = [], excluded = [] } = context.result
  const listed = benchmarks.filter(({ controls, note }) => controls.length > 0 || note !== undefined)
  const groups = [...Map.groupBy(excluded, ({ reason }) => reason)]
  return {
    sentence: context.lang.say(listed.length === 0 ? 'benchmarks.none' : 'benchmarks.sentence'),
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
  const { say } = context.lang
  const shown = controls.slice(0, context.limits.indexRows)
  return {
    anchor: `benchmark-${index + 1}`,
    title: `${name} ${version}`,
    sentence: summarySentence(benchmark, context.lang),
    scoreLine: scoreLine(benchmark, context.lang),
    note,
    source: source === '' ? [] : phraseOf(say('benchmarks.numbering', { source: englishIn(source, context.lang) })),
    hasLevels: controls.some(({ level }) => level !== undefined),
    controls: shown.map((control) => controlLine(control, context, withBlock)),
    controlsNote: cutNote(context, shown.length, controls.length, 'controls'),
  }
}

function summarySentence({ summary }: BenchmarkResult, { say, parts }: Language): string {
  const { fail, pass, unknown, error, manual, notApplicable } = summary.outcomes
  const evaluated = parts([
    say('benchmarks.passed', { number: pass }),
    say('benchmarks.findings', { number: fail }),
    ...(unknown + error > 0 ? [say('benchmarks.unknown', { number: unknown + error })] : []),
    ...(notApplicable > 0 ? [say('benchmarks.notApplicable', { number: notApplicable })] : []),
  ])
  const rest = [
    ...(summary.manual + manual > 0 ? [say('benchmarks.person', { number: summary.manual + manual })] : []),
    ...(summary.notEvaluated > 0 ? [say('benchmarks.notEvaluated', { number: summary.notEvaluated })] : []),
    ...(summary.excluded > 0 ? [say('benchmarks.excludedCount', { number: summary.excluded })] : []),
  ]
  return say('benchmarks.summary', {
    controls: say('count.controls', { count: summary.controls }),
    parts: [evaluated, ...rest].join('; '),
  })
}

function scoreLine({ score: { lower, upper }, summary }: BenchmarkResult, { say }: Language): string {
  if (lower === undefined || upper === undefined) return say('benchmarks.noScore')
  const score = lower === upper ? lower : say('benchmarks.scoreRange', { lower, upper })
  return say('benchmarks.score', { score, count: summary.evaluated })
}

/** A control has no severity of its own; with a finding it takes the shape of its most severe failing rule. */
function markOf(
  { state, outcome, rules }: Pick<ControlResult, 'state' | 'outcome' | 'rules'>,
  result: Result,
  lang: Language,
): Mark {
  const { outcomeMarks, findingMark } = termsOf(lang)
  if (state === 'excluded') return { kind: 'open', word: lang.say('overview.leftOut') }
  if (state === 'notEvaluated') return { kind: 'unknown', word: lang.say('overview.notEvaluated') }
  if (outcome !== undefined && outcome !== 'fail') return outcomeMarks[outcome]
  const failing = result.rules.filter((rule) => rule.outcome === 'fail' && rules.includes(rule.id))
  const worst = severities.find((severity) => failing.some((rule) => rule.severity === severity)) ?? 'info'
  return { kind: worst, word: findingMark.word }
}

function controlLine(control: ControlResult, context: ViewContext, withBlock: ReadonlySet<string>): ControlLine {
  const { lang } = context
  const { number, level, subject, rules, evidence = [], note = '' } = control
  const reference = (id: string): RuleReference => {
    const { outcome, pack } = context.result.rules.find((rule) => rule.id === id) ?? {}
    return {
      id,
      from: pack === undefined ? '' : ` (${lang.say('rule.fromPack', { pack })})`,
      anchor: withBlock.has(id) || isOnALine(outcome) ? (context.anchors.get(id) ?? '') : '',
      outcome: lang.say(outcome === undefined ? 'benchmarks.leftOut' : `outcome.${outcome}.inside`),
    }
  }
  return {
    number,
    level: level === undefined ? '' : `L${level}`,
    subject,
    mark: markOf(control, context.result, lang),
    units: unitsOf(control, lang),
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
function unitsOf({ counts, outcome }: ControlResult, { say, number }: Language): string {
  const all = counts.pass + counts.fail + counts.unknown + counts.error
  if (all === 0 || outcome === undefined) return ''
  if (outcome === 'fail') return say('share', { part: counts.fail, whole: all })
  if (outcome === 'unknown' || outcome === 'error')
    return say('share', { part: counts.unknown + counts.error, whole: all })
  return outcome === 'pass' ? number(all) : ''
}
