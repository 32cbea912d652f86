// One page for who decides: the verdict, the score with what it stands on, rules by outcome, severity and section, and what presses most.
// May not: compute a score or an outcome.
import { type Outcome, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import { countNoun, firstSentence, formatCount, formatShare, formatTime } from './text.ts'
import { verdictOf } from './verdict.ts'
import { barOf, donutOf, gaugeOf, type Part } from './view-charts.ts'
import { scoreCaption } from './view-cover.ts'
import type { RuleLine, ViewContext } from './view-model.ts'
import { placeOf } from './view-rules.ts'
import type { Summary } from './view-summary-model.ts'
import { changesSentence, lastComparable } from './view-trend.ts'
import { findingMark, outcomeMarks, outcomeWords, sectionWords, severityMarks } from './words.ts'

const outcomes = ['fail', 'error', 'unknown', 'manual', 'pass', 'notApplicable'] as const satisfies Outcome[]
const pressingShown = 5
const endingShown = 4

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
    changes: changesWords(result),
    ...endingOf(result),
    ...bySeverity(result),
    ...bySection(result, limits.sections),
    pressing: failing.slice(0, pressingShown).map((rule) => ({
      ...line(rule),
      where: placeOf(rule),
      why: firstSentence(rule.rationale),
    })),
  }
}

/** Against the audit that this one was held against; else how far the score moved since the last one that asked the same. */
function changesWords(result: Result): string {
  const compared = changesSentence(result)
  const before = lastComparable(result)
  if (compared !== '' || before === undefined) return compared
  const since = `Since ${before.reportId} of ${formatTime(before.evaluatedAt)}`
  const { lower } = result.score
  if (before.lower === undefined || lower === undefined) return ''
  const score =
    before.lower === lower ? `the score is still ${lower}` : `the score went from ${before.lower} to ${lower}`
  return `${since} ${score}. The findings of the two were not compared.`
}

/** What ends soon or has ended, the next end first; '' where no risk was accepted. */
function endingOf({ waivers }: Result): Pick<Summary, 'ending' | 'endingNote'> {
  if (waivers === undefined || waivers.list.length === 0) return { ending: [], endingNote: '' }
  const known = new Map(waivers.list.map((waiver) => [waiver.id, waiver]))
  const soon = waivers.issues
    .filter(({ id }) => id === 'waiver-expiring')
    .flatMap(({ waiver, message }) => {
      const found = known.get(waiver)
      return found === undefined ? [] : [{ found, message }]
    })
    .sort((a, b) => (a.found.expires < b.found.expires ? -1 : 1))
  const ended = waivers.list.filter(({ state }) => state === 'ended').length
  const further = soon.length - endingShown
  const notes = [
    ...(further > 0 ? [`${formatCount(further)} more end soon; all are in the chapter on accepted risks.`] : []),
    ...(soon.length === 0 ? ['No accepted risk is about to end.'] : []),
    ...(ended > 0
      ? [
          `${countNoun(ended, 'accepted risk has', 'accepted risks have')} ended and no longer ${ended === 1 ? 'counts' : 'count'}.`,
        ]
      : []),
  ]
  return {
    ending: soon.slice(0, endingShown).map(({ found: { id, owner, waived }, message }) => ({
      id,
      when: message,
      covers: `${countNoun(waived.fail + waived.unknown + waived.error + waived.manual, 'finding', 'findings')}, owner ${owner}`,
    })),
    endingNote: notes.join(' '),
  }
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
