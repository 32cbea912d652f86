// The findings of a result as every export format walks them: the most pressing first, each with its texts at hand.
// May not: drop one; a format that has no room for all says how many there are.
import { hash } from 'node:crypto'
import { type Outcome, severities } from '../../model/outcome.ts'
import type { Finding, Result, RuleResult } from '../../model/result.ts'
import { formatCount, plainProse } from '../text.ts'
import { factWords, termsOf } from '../words.ts'
import { english } from './english.ts'
import { joinLines, plainLine, plainText } from './text.ts'
import { type UnitObject, unitObject } from './unit-object.ts'

export type FindingOutcome = Exclude<Outcome, 'pass' | 'notApplicable'>
/** As in SARIF and everywhere else where only the first N fit. */
export const findingOutcomes: readonly FindingOutcome[] = ['fail', 'error', 'unknown', 'manual']

export interface FindingRow {
  readonly rule: RuleResult
  readonly finding: Finding
  readonly outcome: FindingOutcome
  readonly fingerprint: string
  readonly object: UnitObject
  /** Someone accepted it for a while; the outcome is what it is all the same. */
  readonly accepted?: Accepted
}

export interface Accepted {
  readonly owner: string
  readonly approver?: string
  readonly reason: string
  readonly ticket?: string
  /** Last day, YYYY-MM-DD. */
  readonly expires: string
}

/** Every finding that the result lists: by outcome, then severity, then rule, then unit. */
export function* findingRows(result: Result): Generator<FindingRow> {
  for (const outcome of findingOutcomes) for (const rule of pressingRules(result)) yield* rowsOf(result, rule, outcome)
}

/** The findings of one rule with one outcome, in the order of the result. */
export function* rowsOf(result: Result, rule: RuleResult, outcome: FindingOutcome): Generator<FindingRow> {
  for (const finding of rule.findings) {
    if (finding.outcome !== outcome) continue
    yield {
      rule,
      finding,
      outcome,
      fingerprint: fingerprintOf(result, rule, finding),
      object: unitObject(finding.unit, result.cluster.name),
      ...(finding.waiver !== undefined && { accepted: acceptedOf(result, finding.waiver) }),
    }
  }
}

/** What the finding says, and who approved it, from the list of waivers. */
function acceptedOf({ waivers }: Result, { id, owner, reason, expires }: NonNullable<Finding['waiver']>): Accepted {
  const { approver, ticket } = waivers?.list.find((one) => one.id === id) ?? {}
  return {
    owner,
    reason,
    expires,
    ...(approver !== undefined && { approver }),
    ...(ticket !== undefined && { ticket }),
  }
}

function pressingRules(result: Result): RuleResult[] {
  return result.rules.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}

/** Results of format 1.0 have none; then one of the same parts, which matches no other. */
function fingerprintOf({ cluster }: Result, rule: RuleResult, { unit, ...finding }: Finding): string {
  if ('fingerprint' in finding && typeof finding.fingerprint === 'string') return finding.fingerprint
  return `fp0:${hash('sha256', JSON.stringify([cluster.uid ?? cluster.name, rule.id, unit.kind, unit.id])).slice(0, 32)}`
}

export interface Cut {
  readonly rule: RuleResult
  readonly outcome: FindingOutcome
  readonly listed: number
  readonly total: number
}

/** Rules of which the result lists fewer findings of an outcome than there are. */
export function cutsOf({ rules }: Pick<Result, 'rules'>): Cut[] {
  return rules.flatMap((rule) =>
    findingOutcomes.flatMap((outcome) => {
      const listed = rule.findings.filter((finding) => finding.outcome === outcome).length
      const total = rule.counts[outcome]
      return listed < total ? [{ rule, outcome, listed, total }] : []
    }),
  )
}

/** "1,000 of 4,310 findings of container-limits (fail) are listed". */
export function cutSentence({ rule, outcome, listed, total }: Cut): string {
  return `${formatCount(listed)} of ${formatCount(total)} findings of ${plainLine(rule.id, 200)} (${outcome}) are listed; raise --findings-cap to have all.`
}

export function findingsTotal({ rules }: Pick<Result, 'rules'>): number {
  return rules.reduce((sum, rule) => sum + rule.findingsTotal, 0)
}

/** One line on what was seen: of a failure the first evidence, else why there is no answer. */
export function headlineOf({ finding, rule, outcome }: FindingRow, max = 500): string {
  const unit = plainLine(finding.unit.name, 200)
  const [first] = finding.evidence
  if (first !== undefined) {
    const more = finding.evidence.length > 1 ? ` (and ${finding.evidence.length - 1} more)` : ''
    return plainLine(`${unit}: ${first.message}${first.observed === '' ? '' : `: ${first.observed}`}${more}`, max)
  }
  const [missing] = finding.missing ?? []
  if (missing !== undefined) {
    return plainLine(
      `${unit}: ${factWords(missing.fact, english)}: ${english.say(`reason.${missing.reason}`)}: ${missing.detail}`,
      max,
    )
  }
  return plainLine(`${unit}: ${termsOf(english).outcomeWords[outcome]}: ${rule.title}`, max)
}

/** Evidence and what is missing, a few lines for each. */
export function detailLines({ finding }: FindingRow): string[] {
  const evidence = finding.evidence.flatMap(({ message, observed, expected, source }) => [
    plainText(message, 1_000),
    ...(observed === '' ? [] : [`  observed: ${plainText(observed, 1_000)}`]),
    ...(expected === '' ? [] : [`  expected: ${plainText(expected, 1_000)}`]),
    ...(source === '' ? [] : [`  read from: ${plainText(source, 1_000)}`]),
  ])
  const missing = (finding.missing ?? []).map(
    ({ fact, reason, detail }) =>
      `not known: ${plainLine(factWords(fact, english), 300)}: ${english.say(`reason.${reason}`)}: ${plainLine(detail, 1_000)}`,
  )
  return [...evidence, ...missing]
}

/** As detailLines, after a line that names the unit. */
export function unitLines(row: FindingRow): string[] {
  const lines = detailLines(row)
  return lines.length === 0 ? [headlineOf(row)] : [`${plainLine(row.finding.unit.name, 300)}:`, ...lines]
}

/** The change for this unit, as text: each step, its file and its content. */
export function fixText({ finding }: FindingRow, max: number): string {
  const steps = (finding.remediation ?? []).flatMap(({ text, file, content }, index) => [
    `${index + 1}. ${plainText(plainProse(text), 1_000)}${file === undefined ? '' : ` (${plainLine(file, 300)})`}`,
    ...(content === undefined ? [] : [plainText(content, 2_000)]),
  ])
  return joinLines(steps, max)
}

/** References of a rule as labels, at most `count`. */
export function referencesOf({ references }: RuleResult, count: number, max = 100): string[] {
  return [...new Set(references.map((text) => plainLine(text, max)))].slice(0, count)
}

/** "Accepted until 2027-01-31 by owner (approved by x): reason (ticket)". */
export function acceptedSentence({ owner, approver, reason, ticket, expires }: Accepted): string {
  const approved = approver === undefined ? '' : `, approved by ${plainLine(approver, 200)}`
  const where = ticket === undefined ? '' : ` (${plainLine(ticket, 200)})`
  return `Accepted until ${plainLine(expires, 40)} by ${plainLine(owner, 200)}${approved}: ${plainLine(reason, 1_000)}${where}`
}
