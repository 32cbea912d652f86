// Earlier audits of the cluster: a line of scores with their bounds, what failed in each, and what changed since the one before.
// May not: draw audits on one line that did not ask the same; those stand beside it and say why.
import type { Comparison, Trend } from '../model/comparison.ts'
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { englishIn, phraseOf } from './phrase.ts'
import { cutText } from './text.ts'
import { columnsOf, heightAt, type Part, placeAt, roundCeiling, segmentsOf } from './view-charts.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote, shownNote } from './view-order.ts'
import type { CountPlot, ScorePlot, TrendSection } from './view-trend-model.ts'
import { termsOf } from './words.ts'

type Run = Trend[number]

const reportLimits = { characters: 80, lines: 1 }

/** `withBlock`: rules that have a place of their own in this document. */
export function trendView(context: ViewContext, withBlock: ReadonlySet<string>): TrendSection {
  const { result, limits, lang } = context
  const { say } = lang
  const runs = runsOf(result)
  const shown = runs.slice(-limits.trendRows).reverse()
  const hasLine = runs.length > 1
  return {
    sentence: sentenceOf(runs, lang),
    comparability: comparabilityOf(runs, lang),
    score: hasLine ? scorePlot(runs, lang) : null,
    counts: hasLine ? countPlot(runs, lang) : null,
    from: lang.day(runs[0]?.evaluatedAt ?? ''),
    to: lang.day(runs.at(-1)?.evaluatedAt ?? ''),
    columns: [
      say('chapter.coverage'),
      ...severities.map((severity) => say(`severity.${severity}`)),
      say('chapter.unknown'),
      say('outcome.pass'),
    ],
    rows: hasLine ? shown.map((run) => rowOf(run, run === runs.at(-1), lang)) : [],
    rowsNote: hasLine ? cutNote(context, shown.length, runs.length, 'audits') : '',
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

function sentenceOf(runs: readonly Run[], { say, time, sentences }: Language): string {
  const earlier = runs.slice(0, -1)
  if (earlier.length === 0) return say('trend.none')
  const same = earlier.filter(({ isComparable }) => isComparable)
  const stored = say('trend.stored', { count: earlier.length, time: time(earlier[0]?.evaluatedAt ?? '') })
  const before = same.at(-1)
  const now = runs.at(-1)
  if (before === undefined || now === undefined) return sentences([stored, say('trend.noneAsked')])
  const asked =
    earlier.length > same.length
      ? say('trend.someAsked', { number: same.length })
      : say(same.length === 1 ? 'trend.itAsked' : 'trend.allAsked')
  return sentences([stored, asked, movedWords(before, now, { say, time })])
}

function movedWords(before: Run, now: Run, { say, time }: Pick<Language, 'say' | 'time'>): string {
  const since = time(before.evaluatedAt)
  if (before.lower === undefined || now.lower === undefined) return say('trend.noScore', { since })
  const score =
    before.lower === now.lower
      ? say('trend.scoreStayed', { now: now.lower })
      : say('trend.scoreWent', { before: before.lower, now: now.lower })
  const [had, has] = [failingOf(before), failingOf(now)]
  const failing =
    had === has ? say('trend.failingStayed', { now: has }) : say('trend.failingWent', { before: had, now: has })
  return say('trend.moved', { since, score, failing })
}

function failingOf({ failing }: Run): number {
  return severities.reduce((sum, severity) => sum + failing[severity], 0)
}

const aspects = ['cluster', 'format', 'scope', 'benchmark', 'catalogue', 'formula'] as const

function comparabilityOf(runs: readonly Run[], { say, list }: Language): string {
  const others = runs.filter(({ isComparable }) => !isComparable)
  if (others.length === 0) return ''
  const why = aspects
    .map((aspect) => ({
      aspect: say(`trend.differs.${aspect}`),
      number: others.filter(({ differs = [] }) => differs.includes(aspect)).length,
    }))
    .filter(({ number }) => number > 0)
    .map((told) => say('trend.differing', told))
  return why.length === 0
    ? say('trend.others', { count: others.length })
    : say('trend.othersFor', { count: others.length, reasons: list(why) })
}

/** The axis begins at a multiple of 20 below everything drawn, so that small changes are seen; its ends are written beside it. */
function scorePlot(runs: readonly Run[], lang: Language): ScorePlot {
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
    label: lang.say('trend.scoreLabel', {
      count: runs.length,
      scores: runs
        .map((run) => scoreOf(run, lang))
        .slice(-12)
        .join('; '),
    }),
    axis: ['100', String((100 + floor) / 2), String(floor)],
    points: points.map(({ covered, ...point }) => point),
    lines: segmentsOf(line),
    coverage: segmentsOf(line.map(({ x, covered }) => ({ x, y: covered }))),
  }
}

function scoreOf({ lower, upper }: Run, { say }: Language): string {
  if (lower === undefined || upper === undefined) return say('overview.noScore')
  return lower === upper ? String(lower) : say('overview.scoreRange', { lower, upper })
}

function partsOf({ failing, outcomes }: Run, lang: Language): Part[] {
  const { outcomeMarks, severityMarks } = termsOf(lang)
  const found = severities.map((severity) => ({ ...severityMarks[severity], count: failing[severity] }))
  const open = (outcomes?.unknown ?? 0) + (outcomes?.error ?? 0)
  return [...found, { ...outcomeMarks.unknown, word: lang.say('chapter.unknown'), count: open }]
}

function countPlot(runs: readonly Run[], lang: Language): CountPlot {
  const { say, number } = lang
  const stacks = runs.map((run) => partsOf(run, lang))
  const sums = stacks.map((parts) => parts.reduce((sum, { count }) => sum + count, 0))
  const ceiling = roundCeiling(Math.max(...sums))
  const used = (stacks[0] ?? []).filter((_, index) => stacks.some((parts) => (parts[index]?.count ?? 0) > 0))
  return {
    label: say('trend.countsLabel', { count: runs.length }),
    axis: [number(ceiling), number(ceiling / 2), '0'],
    columns: columnsOf(stacks, ceiling),
    marks: used.map(({ kind, word }) => ({ kind, word })),
  }
}

function rowOf(run: Run, isThis: boolean, lang: Language): TrendSection['rows'][number] {
  const { say } = lang
  const { evaluatedAt, reportId, coverage, failing, outcomes, isComparable, differs = [] } = run
  const open = outcomes === undefined ? undefined : (outcomes.unknown ?? 0) + (outcomes.error ?? 0)
  const known = (count: number | undefined) => (count === undefined ? say('trend.notKept') : orDash(count, lang))
  return {
    time: cutText(lang.time(evaluatedAt).replace(/ UTC$/, ''), reportLimits, lang),
    reportId: cutText(reportId, reportLimits, lang),
    score: scoreOf(run, lang),
    cells: [
      say('percent', { share: String(Math.floor(coverage * 1000) / 10) }),
      ...severities.map((severity) => orDash(failing[severity], lang)),
      known(open),
      known(outcomes === undefined ? undefined : (outcomes.pass ?? 0)),
    ],
    comparable: isThis
      ? say('trend.thisAudit')
      : isComparable
        ? say('trend.sameQuestions')
        : differs.length === 0
          ? say('trend.otherQuestions')
          : lang.list(differs.map((aspect) => say(`trend.differs.${aspect}`))),
  }
}

function orDash(count: number, { number }: Language): string {
  return count === 0 ? '–' : number(count)
}

/** "Since KA-… of 2026-11-19 02:01:18 UTC: 4 new, 7 fixed, 1 no longer assessed, 20 as before.", its English marked; '' without a comparison. */
export function changesSentence({ comparison }: Result, lang: Language): string {
  if (comparison === undefined) return ''
  const { say, time } = lang
  const { baseline, comparable, differences, counts } = comparison
  const since = { report: baseline.reportId, time: time(baseline.evaluatedAt) }
  const why = englishIn(differences.map(({ detail }) => detail).join(' '), lang)
  if (comparable === 'no') return say('summary.since', { ...since, changes: say('summary.notComparable', { why }) })
  const parts = [...changeCounts(comparison, lang), say('summary.persisting', { number: counts.persisting })]
  const changes = say('summary.changes', { changes: lang.parts(parts) })
  const partly = comparable === 'partly' ? say('summary.partly', { why }) : ''
  return `${say('summary.since', { ...since, changes })}${partly}`
}

/** "4 new", "7 fixed", "1 no longer assessed". */
export function changeCounts({ counts }: Comparison, { say }: Language): string[] {
  return [
    say('summary.new', { number: counts.new }),
    ...(counts.reopened > 0 ? [say('summary.reopened', { number: counts.reopened })] : []),
    say('summary.fixed', { number: counts.fixed }),
    ...(counts.noLongerAssessed > 0 ? [say('summary.noLongerAssessed', { number: counts.noLongerAssessed })] : []),
  ]
}

function changesOf(
  context: ViewContext,
  withBlock: ReadonlySet<string>,
): Pick<TrendSection, 'changesSentence' | 'changes' | 'changesNote'> {
  const { result, limits, anchors, lang, texts } = context
  const { comparison } = result
  // Where none can be listed, the summary's sentence says it all.
  if (comparison === undefined || limits.changeRows === 0) return { changesSentence: [], changes: [], changesNote: '' }
  const { say } = lang
  const problems = new Map(result.rules.map(({ id, problem }) => [id, problem]))
  const kinds = ['new', 'reopened', 'noLongerAssessed', 'fixed'] as const
  const kept = kinds.flatMap((kind) => comparison.changes.filter(({ change }) => change === kind))
  const total = kinds.reduce((sum, kind) => sum + comparison.counts[kind], 0)
  const shown = kept.slice(0, limits.changeRows)
  return {
    changesSentence: phraseOf(changesSentence(result, lang)),
    changes: shown.map(({ change, because, rule, severity, unit, fingerprint, waived }) => {
      const problem = problems.get(rule)
      const title = problem === undefined ? { text: rule, lang: '' } : texts.of({ id: rule }, problem)
      return {
        change: change === 'persisting' ? '' : say(`trend.change.${change}`),
        mark: termsOf(lang).severityMarks[severity],
        title: title.text,
        titleLang: title.lang,
        anchor: withBlock.has(rule) ? (anchors.get(rule) ?? '') : '',
        unit: unit?.name ?? fingerprint,
        why: [
          ...(because === undefined ? [] : [say(`trend.because.${because}`)]),
          ...(waived ? [say('trend.accepted')] : []),
        ].join('; '),
      }
    }),
    changesNote: shownNote({ lang, findingsFile: context.dataFile }, shown.length, total, kept.length, 'changes'),
  }
}
