// Accepted risks: who accepted what for whom, why and until when, with the outcome that stands all the same; and what is wrong with them.
// May not: leave out the underlying outcome, or call an accepted finding solved.
import { severities } from '../model/outcome.ts'
import type { WaiverResult } from '../model/waiver.ts'
import { countNoun, formatCount } from './text.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import type { WaiverLine, WaiversSection } from './view-waivers-model.ts'
import { outcomeWords, severityMarks } from './words.ts'

export function waiversView({ result, limits, dataFile }: ViewContext): WaiversSection {
  const { waivers, score } = result
  if (waivers === undefined)
    return { isThere: false, sentence: '', score: '', issues: [], issuesNote: '', list: [], listNote: '', files: [] }
  const issues = waivers.issues.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const list = waivers.list.toSorted(
    (a, b) => order(a) - order(b) || (a.expires < b.expires ? -1 : a.expires > b.expires ? 1 : 0),
  )
  const shownIssues = issues.slice(0, limits.indexRows)
  const shown = list.slice(0, limits.indexRows)
  const { withAcceptedRisks } = score
  return {
    isThere: true,
    sentence: sentenceOf(waivers.list),
    score:
      withAcceptedRisks?.lower === undefined || score.lower === undefined
        ? ''
        : `The score of this report, ${score.lower} of 100, counts these findings. Without the units they are on it would be ${withAcceptedRisks.lower}.`,
    issues: shownIssues.map(({ severity, waiver, message, remedy }) => ({
      mark: severityMarks[severity],
      waiver,
      message,
      remedy,
    })),
    issuesNote: cutNote(shownIssues.length, issues.length, 'remarks', dataFile),
    list: shown.map(lineOf),
    listNote: cutNote(shown.length, list.length, 'waivers', dataFile),
    files: waivers.files.map(({ path, sha256 }) => ({ label: 'File', value: path, code: `SHA-256 ${sha256}` })),
  }
}

function sentenceOf(list: readonly WaiverResult[]): string {
  const active = list.filter(({ state }) => state === 'active')
  const covered = active.reduce((sum, { waived }) => sum + total(waived), 0)
  if (list.length === 0) return 'No risk was accepted in this run.'
  return `${countNoun(covered, 'finding falls', 'findings fall')} under ${countNoun(active.length, 'waiver in force', 'waivers in force')}. Each keeps its outcome and its place in this report and in the score; it was decided that it may stay until a day.`
}

function total({ fail, unknown, error, manual }: WaiverResult['waived']): number {
  return fail + unknown + error + manual
}

/** What counts first, then what would have. */
function order({ state }: WaiverResult): number {
  return ['active', 'refused', 'ended', 'elsewhere'].indexOf(state)
}

function lineOf(waiver: WaiverResult): WaiverLine {
  const { id, rules, controls, selects, owner, approver, reason, ticket, created, source } = waiver
  const plain = (label: string, value: string | undefined) => (value === undefined ? [] : [{ label, value, code: '' }])
  return {
    id,
    state: stateWords(waiver),
    isInForce: waiver.state === 'active',
    covers: coversWords(waiver),
    reason,
    facts: [
      { label: 'Accepts', value: selects, code: [...rules, ...controls].join(', ') },
      ...plain('Owner', owner),
      ...plain('Approved by', approver),
      ...plain('Ticket', ticket),
      ...plain('Created', created),
      ...plain('From', source),
    ],
  }
}

function stateWords({ state, expires }: WaiverResult): string {
  switch (state) {
    case 'active':
      return `In force until ${expires}`
    case 'ended':
      return `Ended on ${expires}`
    case 'refused':
      return `Does not count (until ${expires})`
    case 'elsewhere':
      return `For other clusters (until ${expires})`
  }
}

function coversWords({ state, waived }: WaiverResult): string {
  if (state !== 'active') return 'covers nothing here'
  const parts = (['fail', 'unknown', 'error', 'manual'] as const)
    .filter((outcome) => waived[outcome] > 0)
    .map((outcome) => `${formatCount(waived[outcome])} × ${outcomeWords[outcome].toLowerCase()}`)
  return parts.length === 0 ? 'covers nothing that was found' : `outcome: ${parts.join(', ')}`
}
