// Accepted risks: who accepted what for whom, why and until when, with the outcome that stands all the same; and what is wrong with them.
// May not: leave out the underlying outcome, or call an accepted finding solved.
import { severities } from '../model/outcome.ts'
import type { WaiverResult } from '../model/waiver.ts'
import type { Language } from './lang/language.ts'
import { cutText, type TextLimits } from './text.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import type { WaiverLine, WaiversSection } from './view-waivers-model.ts'
import { termsOf } from './words.ts'

export function waiversView(context: ViewContext): WaiversSection {
  const { result, limits, lang } = context
  const { say } = lang
  const { waivers, score } = result
  if (waivers === undefined)
    return { isThere: false, sentence: '', score: '', issues: [], issuesNote: '', list: [], listNote: '', files: [] }
  const issues = waivers.issues.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const list = waivers.list.toSorted(
    (a, b) => order(a) - order(b) || (a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : 0),
  )
  const shownIssues = issues.slice(0, limits.waiverRows)
  const shown = list.slice(0, limits.waiverRows)
  const { withAcceptedRisks } = score
  return {
    isThere: true,
    sentence: sentenceOf(waivers.list, lang),
    score:
      withAcceptedRisks?.lower === undefined || score.lower === undefined
        ? ''
        : say('waivers.score', { score: score.lower, without: withAcceptedRisks.lower }),
    issues: shownIssues.map(({ severity, waiver, message, remedy }) => ({
      mark: termsOf(lang).severityMarks[severity],
      waiver,
      message,
      remedy,
    })),
    issuesNote: cutNote(context, shownIssues.length, issues.length, 'remarks'),
    list: shown.map((waiver) => lineOf(waiver, limits.phrase, lang)),
    listNote: cutNote(context, shown.length, list.length, 'waivers'),
    files: waivers.files.map(({ path, sha256 }) => ({
      label: say('waivers.file'),
      value: path,
      code: `SHA-256 ${sha256}`,
    })),
  }
}

function sentenceOf(list: readonly WaiverResult[], { say }: Language): string {
  const active = list.filter(({ state }) => state === 'active')
  const covered = active.reduce((sum, { waived }) => sum + total(waived), 0)
  if (list.length === 0) return say('waivers.none')
  return say('waivers.sentence', { findings: say('waivers.covered', { count: covered }), count: active.length })
}

function total({ fail, unknown, error, manual }: WaiverResult['waived']): number {
  return fail + unknown + error + manual
}

/** What counts first, then what would have. */
function order({ state }: WaiverResult): number {
  return ['active', 'refused', 'ended', 'elsewhere'].indexOf(state)
}

function lineOf(waiver: WaiverResult, phrase: TextLimits, lang: Language): WaiverLine {
  const { say } = lang
  const { id, rules, controls, selects, owner, approver, reason, ticket, created, source } = waiver
  const plain = (label: string, value: string | undefined) => (value === undefined ? [] : [{ label, value, code: '' }])
  return {
    id,
    state: stateWords(waiver, lang),
    isInForce: waiver.state === 'active',
    covers: coversWords(waiver, lang),
    owner: cutText(owner, phrase, lang),
    reason: cutText(reason, phrase, lang),
    facts: [
      { label: say('waivers.accepts'), value: selects, code: [...rules, ...controls].join(', '), ...englishOf(lang) },
      ...plain(say('waivers.owner'), owner),
      ...plain(say('waivers.approver'), approver),
      ...plain(say('waivers.ticket'), ticket),
      ...plain(say('waivers.created'), created === undefined ? undefined : lang.day(created)),
      ...plain(say('waivers.source'), source),
    ],
  }
}

/** What a waiver selects is in English words. */
function englishOf({ code }: Language): { lang?: 'en' } {
  return code === 'en' ? {} : { lang: 'en' }
}

function stateWords({ state, expires }: WaiverResult, { say, day }: Language): string {
  return say(`waivers.${state}`, { day: day(expires) })
}

function coversWords({ state, waived }: WaiverResult, { say, parts: joined }: Language): string {
  if (state !== 'active') return say('waivers.coversNothingHere')
  const parts = (['fail', 'unknown', 'error', 'manual'] as const)
    .filter((outcome) => waived[outcome] > 0)
    .map((outcome) => say('waivers.coversPart', { number: waived[outcome], outcome: say(`outcome.${outcome}.inside`) }))
  return parts.length === 0 ? say('waivers.coversNothing') : say('waivers.covers', { parts: joined(parts) })
}
