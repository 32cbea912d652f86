// Earlier audits of the cluster: a line of scores with their bounds, what failed in each, and what changed since the one before.
// May not: draw audits on one line that did not ask the same; those stand beside it and say why.
import type { ChangeKind, Comparison, FindingChange, Trend } from '../model/comparison.ts'
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { countNoun, formatCount, formatTime, joinWords } from './text.ts'
import { columnsOf, heightAt, type Part, placeAt, roundCeiling, segmentsOf } from './view-charts.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import { shownNote } from './view-rules.ts'
import type { CountPlot, ScorePlot, TrendSection } from './view-trend-model.ts'
import { outcomeMarks, severityMarks } from './words.ts'

type Run = Trend[number]

/** `withBlock`: rules that have a place of their own in this document. */
export function trendView(context: ViewContext, withBlock: ReadonlySet<string>): TrendSection {
  const { result, limits, dataFile } = context
  const runs = runsOf(result)
  const shown = runs.slice(-limits.trendRows).reverse()
  const hasLine = runs.length > 1
  return {
    sentence: sentenceOf(runs),
    comparability: comparabilityOf(runs),
    score: hasLine ? scorePlot(runs) : null,
    counts: hasLine ? countPlot(runs) : null,
    from: dayOf(runs[0]),
    to: dayOf(runs.at(-1)),
    columns: ['Coverage', ...severities.map((severity) => severityMarks[severity].word), 'Not answered', 'Passed'],
    rows: hasLine ? shown.map((run) => rowOf(run, run === runs.at(-1))) : [],
    rowsNote: hasLine ? cutNote(shown.length, runs.length, 'audits', dataFile) : '',
    ...changesOf(context, withBlock),
  }
}

/** Empty where the result knows of no other audit. */
function runsOf({ trend = [] }: Result): readonly Run[] {
  return trend.length > 1 ? trend : []
}

/** The newest audit before this one that asked the same; undefined for none. */
export function lastComparable(result: Result): Run | undefined {
  return runsOf(result)
    .slice(0, -1)
    .findLast(({ isComparable }) => isComparable)
}

function sentenceOf(runs: readonly Run[]): string {
  const earlier = runs.slice(0, -1)
  if (earlier.length === 0)
    return 'No earlier audit of this cluster is stored beside this one, so there is no trend yet. Audits that are written to one folder make one.'
  const same = earlier.filter(({ isComparable }) => isComparable)
  const there = `${countNoun(earlier.length, 'earlier audit is', 'earlier audits are')} stored, from ${formatTime(earlier[0]?.evaluatedAt ?? '')} on.`
  const before = same.at(-1)
  const now = runs.at(-1)
  if (before === undefined || now === undefined)
    return `${there} None of them asked what this one asks: their scores stand beside this one, and no line joins them. A trend needs two audits with the same rules and benchmarks.`
  return `${there} ${earlier.length === same.length ? (same.length === 1 ? 'It' : 'All') : formatCount(same.length)} asked what this one asks. ${movedWords(before, now)}`
}

function movedWords(before: Run, now: Run): string {
  const since = `Since ${formatTime(before.evaluatedAt)}`
  if (before.lower === undefined || now.lower === undefined) return `${since} one of the two audits has no score.`
  const score =
    before.lower === now.lower
      ? `the score stayed at ${now.lower}`
      : `the score went from ${before.lower} to ${now.lower}`
  return `${since} ${score}, and failing rules ${failingOf(before) === failingOf(now) ? `stayed at ${formatCount(failingOf(now))}` : `went from ${formatCount(failingOf(before))} to ${formatCount(failingOf(now))}`}.`
}

function failingOf({ failing }: Run): number {
  return severities.reduce((sum, severity) => sum + failing[severity], 0)
}

const aspects: Readonly<Record<NonNullable<Run['differs']>[number], string>> = {
  cluster: 'the cluster’s identity is not known in both',
  format: 'written without fingerprints',
  scope: 'other rules left out',
  benchmark: 'other benchmarks',
  catalogue: 'other rules',
  formula: 'another formula of the score',
}

function comparabilityOf(runs: readonly Run[]): string {
  const others = runs.filter(({ isComparable }) => !isComparable)
  if (others.length === 0) return ''
  const why = Object.entries(aspects)
    .map(([aspect, words]) => ({
      words,
      count: others.filter(({ differs = [] }) => differs.some((one) => one === aspect)).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${words} (${formatCount(count)})`)
  const reasons = why.length === 0 ? '' : `: ${joinWords(why)}`
  return `${countNoun(others.length, 'audit', 'audits')} cannot be held against this one${reasons}. They are drawn hollow, and no line goes through them.`
}

/** The axis begins at a multiple of 20 below everything drawn, so that small changes are seen; its ends are written beside it. */
function scorePlot(runs: readonly Run[]): ScorePlot {
  const values = runs.flatMap(({ lower, coverage }) => [...(lower === undefined ? [] : [lower]), coverage * 100])
  const floor = Math.max(0, Math.min(80, Math.floor((Math.min(...values) - 2) / 20) * 20))
  const at = (value: number) => heightAt(value, floor, 100)
  const points = runs.flatMap(({ lower, upper, coverage, isComparable }, index) => {
    if (lower === undefined || upper === undefined) return []
    const [y, top] = [at(lower), at(upper)]
    return [
      {
        x: placeAt(index, runs.length),
        y,
        top,
        height: Math.max(0, y - top),
        isComparable,
        covered: at(coverage * 100),
      },
    ]
  })
  const line = points.filter(({ isComparable }) => isComparable)
  return {
    label: `Score and coverage in ${countNoun(runs.length, 'audit', 'audits')}, oldest first: ${runs.map(scoreOf).slice(-12).join('; ')}. The table below has the numbers.`,
    axis: ['100', String((100 + floor) / 2), String(floor)],
    points: points.map(({ covered, ...point }) => point),
    lines: segmentsOf(line),
    coverage: segmentsOf(line.map(({ x, covered }) => ({ x, y: covered }))),
  }
}

function scoreOf({ lower, upper }: Run): string {
  if (lower === undefined || upper === undefined) return 'no score'
  return lower === upper ? String(lower) : `${lower}–${upper}`
}

function partsOf({ failing, outcomes }: Run): Part[] {
  const found = severities.map((severity) => ({ ...severityMarks[severity], count: failing[severity] }))
  const open = (outcomes?.unknown ?? 0) + (outcomes?.error ?? 0)
  return [...found, { ...outcomeMarks.unknown, word: 'Not answered', count: open }]
}

function countPlot(runs: readonly Run[]): CountPlot {
  const stacks = runs.map(partsOf)
  const sums = stacks.map((parts) => parts.reduce((sum, { count }) => sum + count, 0))
  const ceiling = roundCeiling(Math.max(...sums))
  const used = (stacks[0] ?? []).filter((_, index) => stacks.some((parts) => (parts[index]?.count ?? 0) > 0))
  return {
    label: `Failing rules by severity, and rules not answered, in ${countNoun(runs.length, 'audit', 'audits')}. The table below has the numbers.`,
    axis: [formatCount(ceiling), formatCount(ceiling / 2), '0'],
    columns: columnsOf(stacks, ceiling),
    marks: used.map(({ kind, word }) => ({ kind, word })),
  }
}

function rowOf(run: Run, isThis: boolean): TrendSection['rows'][number] {
  const { evaluatedAt, reportId, coverage, failing, outcomes, isComparable, differs = [] } = run
  const open = outcomes === undefined ? undefined : (outcomes.unknown ?? 0) + (outcomes.error ?? 0)
  const known = (count: number | undefined) => (count === undefined ? 'not kept' : orDash(count))
  return {
    time: formatTime(evaluatedAt).replace(/ UTC$/, ''),
    reportId,
    score: scoreOf(run),
    cells: [
      `${Math.floor(coverage * 1000) / 10} %`,
      ...severities.map((severity) => orDash(failing[severity])),
      known(open),
      known(outcomes === undefined ? undefined : (outcomes.pass ?? 0)),
    ],
    comparable: isThis
      ? 'this audit'
      : isComparable
        ? 'same questions'
        : differs.length === 0
          ? 'other questions'
          : joinWords(differs.map((aspect) => aspects[aspect])),
  }
}

function orDash(count: number): string {
  return count === 0 ? '–' : formatCount(count)
}

function dayOf(run: Run | undefined): string {
  return run === undefined ? '' : formatTime(run.evaluatedAt).slice(0, 10)
}

const changeWords: Readonly<Record<Exclude<ChangeKind, 'persisting'>, string>> = {
  new: 'New',
  reopened: 'Came back',
  noLongerAssessed: 'No longer assessed',
  fixed: 'Fixed',
}

const becauseWords: Readonly<Record<NonNullable<FindingChange['because']>, string>> = {
  'rule-added': 'the audit before did not ask this',
  'rule-changed': 'the rule asks something else now',
  'rule-not-evaluated': 'the rule was not evaluated',
  'was-unknown': 'the audit before could not tell',
  'unknown-now': 'cannot be told now',
  passes: 'passes now',
  gone: 'there is no such unit any more',
}

/** "Since KA-… of 2026-11-19 02:01:18 UTC: 4 new, 7 fixed, 1 no longer assessed, 20 as before."; '' without a comparison. */
export function changesSentence({ comparison }: Result): string {
  if (comparison === undefined) return ''
  const { baseline, comparable, differences } = comparison
  const since = `Since ${baseline.reportId} of ${formatTime(baseline.evaluatedAt)}`
  const why = differences.map(({ detail }) => detail).join(' ')
  if (comparable === 'no') return `${since}: not comparable. ${why}`
  return `${since}: ${changeCounts(comparison)}, ${formatCount(comparison.counts.persisting)} as before (findings by unit).${comparable === 'partly' ? ` Not everything can be compared. ${why}` : ''}`
}

/** "4 new, 7 fixed, 1 no longer assessed". */
export function changeCounts({ counts }: Comparison): string {
  return [
    `${formatCount(counts.new)} new`,
    ...(counts.reopened > 0 ? [`${formatCount(counts.reopened)} that came back`] : []),
    `${formatCount(counts.fixed)} fixed`,
    ...(counts.noLongerAssessed > 0 ? [`${formatCount(counts.noLongerAssessed)} no longer assessed`] : []),
  ].join(', ')
}

function changesOf(
  { result, limits, dataFile, anchors }: ViewContext,
  withBlock: ReadonlySet<string>,
): Pick<TrendSection, 'changesSentence' | 'changes' | 'changesNote'> {
  const { comparison } = result
  if (comparison === undefined) return { changesSentence: '', changes: [], changesNote: '' }
  const titles = new Map(result.rules.map(({ id, problem }) => [id, problem]))
  const kinds = ['new', 'reopened', 'noLongerAssessed', 'fixed'] as const
  const kept = kinds.flatMap((kind) => comparison.changes.filter(({ change }) => change === kind))
  const total = kinds.reduce((sum, kind) => sum + comparison.counts[kind], 0)
  const shown = kept.slice(0, limits.changeRows)
  return {
    changesSentence: changesSentence(result),
    changes: shown.map(({ change, because, rule, severity, unit, fingerprint, waived }) => ({
      change: change === 'persisting' ? '' : changeWords[change],
      mark: severityMarks[severity],
      title: titles.get(rule) ?? rule,
      anchor: withBlock.has(rule) ? (anchors.get(rule) ?? '') : '',
      unit: unit?.name ?? fingerprint,
      why: [...(because === undefined ? [] : [becauseWords[because]]), ...(waived ? ['accepted'] : [])].join('; '),
    })),
    changesNote: shownNote(shown.length, total, kept.length, 'changes', dataFile),
  }
}
