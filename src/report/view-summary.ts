// One page for who decides: the verdict, the score with what it stands on, rules by outcome, severity and section, and what presses most.
// May not: compute a score or an outcome.
import { type Outcome, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import { firstSentence, formatCount, formatShare, formatTime } from './text.ts'
import { verdictOf } from './verdict.ts'
import { barOf, donutOf, gaugeOf, type Part } from './view-charts.ts'
import { scoreCaption } from './view-cover.ts'
import type { RuleLine, ViewContext } from './view-model.ts'
import { placeOf } from './view-rules.ts'
import type { Summary } from './view-summary-model.ts'
import { findingMark, outcomeMarks, outcomeWords, sectionWords, severityMarks } from './words.ts'

const outcomes = ['fail', 'error', 'unknown', 'manual', 'pass', 'notApplicable'] as const satisfies Outcome[]
const pressingShown = 5

/** `failing`: the most pressing first. */
export function summaryView(
  { result, limits }: ViewContext,
  failing: readonly RuleResult[],
  line: (rule: RuleResult) => RuleLine,
): Summary {
  const { rules } = result.summary
  const whole = Object.values(rules).reduce((sum, count) => sum + count, 0)
  const parts = outcomes.map((outcome) => ({
    ...(outcome === 'fail' ? findingMark : outcomeMarks[outcome]),
    count: rules[outcome],
  }))
  return {
    ...verdictOf(result),
    gauge: gaugeOf(result.score),
    scoreCaption: scoreCaption(result),
    basis: basisOf(result, whole),
    ring: donutOf(parts),
    outcomes: parts
      .filter(({ count }) => count > 0)
      .map(({ kind, word, count }) => ({
        mark: { kind, word },
        count: formatCount(count),
        share: `${formatShare(count, whole)} %`,
      })),
    changes: changesOf(result),
    ...bySeverity(result),
    ...bySection(result, limits.sections),
    pressing: failing.slice(0, pressingShown).map((rule) => ({
      ...line(rule),
      where: placeOf(rule),
      why: firstSentence(rule.rationale),
    })),
  }
}

/** "Since KA-… of 2026-11-19 02:01:18 UTC: 4 new, 7 fixed, 1 no longer assessed, 20 as before." */
function changesOf({ comparison }: Result): string {
  if (comparison === undefined) return ''
  const { baseline, comparable, counts, differences } = comparison
  const since = `Since ${baseline.reportId} of ${formatTime(baseline.evaluatedAt)}`
  const why = differences.map(({ detail }) => detail).join(' ')
  if (comparable === 'no') return `${since}: not comparable. ${why}`
  const parts = [
    `${formatCount(counts.new)} new`,
    ...(counts.reopened > 0 ? [`${formatCount(counts.reopened)} that came back`] : []),
    `${formatCount(counts.fixed)} fixed`,
    ...(counts.noLongerAssessed > 0 ? [`${formatCount(counts.noLongerAssessed)} no longer assessed`] : []),
    `${formatCount(counts.persisting)} as before`,
  ]
  return `${since}: ${parts.join(', ')} (findings by unit).${comparable === 'partly' ? ` Not everything can be compared. ${why}` : ''}`
}

function basisOf({ summary, score }: Result, whole: number): string[] {
  const { pass, fail } = summary.rules
  return [
    `${formatCount(pass + fail)} of ${formatCount(whole)} rules assessed`,
    `${formatCount(score.answered)} of ${formatCount(score.expected)} answers rest on evidence (${formatShare(score.answered, score.expected)} %)`,
  ]
}

/** Rules by severity and outcome. */
function bySeverity(result: Result): Pick<Summary, 'columns' | 'rows' | 'total'> {
  const rows = severities.map((severity) => {
    const ofSeverity = result.rules.filter((rule) => rule.severity === severity)
    const cells = outcomes.map((outcome) => ofSeverity.filter((rule) => rule.outcome === outcome).length)
    return { mark: severityMarks[severity], counts: [...cells, ofSeverity.length] }
  })
  const used = rows.filter((row) => row.counts.at(-1) !== 0)
  const totals = outcomes.map((outcome) => result.summary.rules[outcome])
  return {
    columns: [...outcomes.map((outcome) => outcomeWords[outcome]), 'All'],
    rows: used.map((row) => ({ mark: row.mark, cells: row.counts.map(zeroAsDash) })),
    total: [...totals, totals.reduce((sum, count) => sum + count, 0)].map(zeroAsDash),
  }
}

/** What fails and what is not known by section, longest bar first. */
function bySection(
  { rules }: Result,
  limit: number,
): Pick<Summary, 'sections' | 'sectionColumns' | 'sectionMarks' | 'sectionNote'> {
  const groups = Map.groupBy(
    rules.filter(({ section }) => section !== undefined),
    ({ section = '' }) => section,
  )
  const sections = [...groups].map(([section, members]) => {
    const failing = (severity: RuleResult['severity']) =>
      members.filter((rule) => rule.outcome === 'fail' && rule.severity === severity).length
    const parts: Part[] = severities.map((severity) => ({ ...severityMarks[severity], count: failing(severity) }))
    const open = members.filter(({ outcome }) => outcome === 'unknown' || outcome === 'error').length
    return {
      name: sectionWords(section),
      parts: [...parts, { ...outcomeMarks.unknown, count: open }],
      all: members.length,
    }
  })
  const lengthOf = ({ parts }: (typeof sections)[number]) => parts.reduce((sum, { count }) => sum + count, 0)
  const longest = Math.max(0, ...sections.map(lengthOf))
  const used = (sections[0]?.parts ?? []).filter((_, index) =>
    sections.some(({ parts }) => (parts[index]?.count ?? 0) > 0),
  )
  const ranked = sections
    .filter((section) => lengthOf(section) > 0)
    .sort((a, b) => lengthOf(b) - lengthOf(a) || (a.name < b.name ? -1 : 1))
  const isUsed = (word: string) => used.some((part) => part.word === word)
  return {
    sections: ranked.slice(0, limit).map(({ name, parts, all }) => ({
      name,
      bar: barOf(parts, longest),
      cells: [...parts.filter(({ word }) => isUsed(word)).map(({ count }) => zeroAsDash(count)), formatCount(all)],
    })),
    sectionColumns: [...used.map(({ word }) => word), 'Rules'],
    sectionNote: [
      furtherNote(ranked.slice(limit).map((section) => `${section.name} ${formatCount(lengthOf(section))}`)),
      calmNote(sections.filter((section) => lengthOf(section) === 0).map(({ name }) => name)),
    ]
      .filter((note) => note !== '')
      .join(' '),
    sectionMarks: used.map(({ kind, word }) => ({ kind, word })),
  }
}

function furtherNote(sections: readonly string[]): string {
  return sections.length === 0 ? '' : `Failing or unknown besides: ${sections.join(', ')}.`
}

function calmNote(names: readonly string[]): string {
  return names.length === 0 ? '' : `Nothing fails or is unknown in: ${names.toSorted().join(', ')}.`
}

function zeroAsDash(count: number): string {
  return count === 0 ? '–' : formatCount(count)
}
