// One page for who decides: the verdict, the score with what it stands on, rules by outcome, severity and section, and what presses most.
// May not: compute a score or an outcome.
import { type Outcome, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { phraseOf } from './phrase.ts'
import { cutText, firstSentence, shareOf } from './text.ts'
import { verdictOf } from './verdict.ts'
import { barOf, donutOf, gaugeOf, type Part } from './view-charts.ts'
import { scoreCaption } from './view-cover.ts'
import { answersWords } from './view-coverage.ts'
import type { RuleLine, ViewContext } from './view-model.ts'
import { moversView } from './view-movers.ts'
import { placeOf } from './view-rules.ts'
import type { Summary } from './view-summary-model.ts'
import { changesSentence, lastComparable } from './view-trend.ts'
import { sectionWords, termsOf } from './words.ts'

const outcomes = ['fail', 'error', 'unknown', 'manual', 'pass', 'notApplicable'] as const satisfies Outcome[]
const pressingShown = 5
const endingShown = 4
const namedSections = 14
/** So that the page stays one page whatever names and reasons are. */
const phraseLimits = { characters: 240, lines: 2 }
const nameLimits = { characters: 40, lines: 1 }
const changesLimits = { characters: 600, lines: 4 }

/** `failing`: the most pressing first. `withBlock`: rules with a block of their own in this document. */
export function summaryView(
  context: ViewContext,
  failing: readonly RuleResult[],
  line: (rule: RuleResult) => RuleLine,
  withBlock: ReadonlySet<string>,
): Summary {
  const { result, limits, lang, texts } = context
  const phrase = limits.phrase.characters < phraseLimits.characters ? limits.phrase : phraseLimits
  const { findingMark, outcomeMarks } = termsOf(lang)
  const { rules } = result.summary
  const whole = Object.values(rules).reduce((sum, count) => sum + count, 0)
  const parts = outcomes.map((outcome) => ({
    ...(outcome === 'fail' ? findingMark : outcomeMarks[outcome]),
    count: rules[outcome],
  }))
  return {
    ...verdictOf(result, lang),
    gauge: gaugeOf(result.score),
    scoreCaption: scoreCaption(result, lang),
    ...moversView(context, withBlock),
    basis: basisOf(result, whole, lang),
    ring: donutOf(parts),
    outcomes: parts
      .filter(({ count }) => count > 0)
      .map(({ kind, word, count }) => ({
        mark: { kind, word },
        count: lang.number(count),
        share: shareOf(count, whole, lang),
      })),
    changes: phraseOf(cutText(changesWords(result, lang), changesLimits, lang)),
    ...endingOf(result, Math.min(endingShown, limits.waiverRows), lang),
    ...bySeverity(result, lang),
    ...bySection(result, limits.sections, lang),
    pressing: failing.slice(0, pressingShown).map((rule, index) => {
      const why = texts.of(rule, rule.rationale)
      return {
        ...line(rule),
        // A short edition's index may end before.
        anchor: index < Math.max(limits.blocks, limits.indexRows) ? line(rule).anchor : '',
        title: cutText(line(rule).title, phrase, lang),
        where: placeOf(rule, lang),
        why: cutText(firstSentence(why.text), phrase, lang),
        whyLang: why.lang,
      }
    }),
  }
}

/** Against the audit that this one was held against; else how far the score moved since the last one that asked the same. */
function changesWords(result: Result, lang: Language): string {
  const compared = changesSentence(result, lang)
  const before = lastComparable(result)
  if (compared !== '' || before === undefined) return compared
  const { lower } = result.score
  if (before.lower === undefined || lower === undefined) return ''
  const { say, time } = lang
  const since = { report: before.reportId, time: time(before.evaluatedAt), lower }
  return before.lower === lower
    ? say('summary.scoreStill', since)
    : say('summary.scoreWent', { ...since, before: before.lower })
}

/** What ends soon or has ended, the next end first; '' where no risk was accepted. */
function endingOf(
  { waivers, evaluatedAt }: Result,
  most: number,
  lang: Language,
): Pick<Summary, 'ending' | 'endingNote'> {
  const { say, sentences } = lang
  if (waivers === undefined || waivers.list.length === 0) return { ending: [], endingNote: '' }
  const expiring = new Set(waivers.issues.filter(({ id }) => id === 'waiver-expiring').map(({ waiver }) => waiver))
  const soon = waivers.list.filter(({ id }) => expiring.has(id)).sort((a, b) => (a.expires < b.expires ? -1 : 1))
  const ended = waivers.list.filter(({ state }) => state === 'ended').length
  const further = soon.length - most
  const notes = [
    ...(further > 0 ? [say('summary.endingFurther', { number: further })] : []),
    ...(soon.length === 0 ? [say('summary.endingNone')] : []),
    ...(ended > 0 ? [say('summary.ended', { count: ended })] : []),
  ]
  return {
    ending: soon.slice(0, most).map(({ id, owner, waived, expires: day }) => ({
      id,
      when: endWords(lang.day(day), daysBetween(evaluatedAt, day), { say }),
      covers: say('summary.endingCovers', {
        findings: say('count.findings', { count: waived.fail + waived.unknown + waived.error + waived.manual }),
        owner: cutText(owner, nameLimits, lang),
      }),
    })),
    endingNote: sentences(notes),
  }
}

function basisOf({ summary, score }: Result, whole: number, lang: Language): string[] {
  const { pass, fail } = summary.rules
  return [lang.say('summary.assessed', { assessed: pass + fail, all: whole }), answersWords(score, lang)]
}

/** Rules by severity and outcome. */
function bySeverity(result: Result, lang: Language): Pick<Summary, 'columns' | 'rows' | 'total'> {
  const { outcomeWords, severityMarks } = termsOf(lang)
  const write = (count: number) => zeroAsDash(count, lang)
  const rows = severities.map((severity) => {
    const ofSeverity = result.rules.filter((rule) => rule.severity === severity)
    const cells = outcomes.map((outcome) => ofSeverity.filter((rule) => rule.outcome === outcome).length)
    return { mark: severityMarks[severity], counts: [...cells, ofSeverity.length] }
  })
  const used = rows.filter((row) => row.counts.at(-1) !== 0)
  const totals = outcomes.map((outcome) => result.summary.rules[outcome])
  return {
    columns: [...outcomes.map((outcome) => outcomeWords[outcome]), lang.say('summary.all')],
    rows: used.map((row) => ({ mark: row.mark, cells: row.counts.map(write) })),
    total: [...totals, totals.reduce((sum, count) => sum + count, 0)].map(write),
  }
}

/** What fails and what is not known by section, longest bar first. */
function bySection(
  { rules }: Result,
  limit: number,
  lang: Language,
): Pick<Summary, 'sections' | 'sectionColumns' | 'sectionMarks' | 'sectionNote'> {
  const { say, number } = lang
  const { outcomeMarks, severityMarks } = termsOf(lang)
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
      name: cutText(sectionWords(section, lang), nameLimits, lang),
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
      cells: [...parts.filter(({ word }) => isUsed(word)).map(({ count }) => zeroAsDash(count, lang)), number(all)],
    })),
    sectionColumns: [...used.map(({ word }) => word), say('summary.rules')],
    sectionNote: lang.sentences([
      furtherNote(
        ranked.slice(limit).map((section) => `${section.name} ${number(lengthOf(section))}`),
        lang,
      ),
      calmNote(
        sections.filter((section) => lengthOf(section) === 0).map(({ name }) => name),
        lang,
      ),
    ]),
    sectionMarks: used.map(({ kind, word }) => ({ kind, word })),
  }
}

function furtherNote(sections: readonly string[], lang: Language): string {
  return sections.length === 0 ? '' : lang.say('summary.further', { sections: lang.names(sections, namedSections) })
}

function calmNote(names: readonly string[], lang: Language): string {
  return names.length === 0 ? '' : lang.say('summary.calm', { sections: lang.names(names.toSorted(), namedSections) })
}

function zeroAsDash(count: number, { number }: Language): string {
  return count === 0 ? '–' : number(count)
}

function endWords(day: string, count: number, { say }: Pick<Language, 'say'>): string {
  return count === 0 ? say('summary.endsToday', { day }) : say('summary.ends', { day, count })
}

/** Whole days from the day of a moment to a day. */
function daysBetween(moment: string, day: string): number {
  return Math.round((Date.parse(day) - Date.parse(moment.slice(0, 10))) / 86_400_000)
}
