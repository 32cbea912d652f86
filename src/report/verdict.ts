// The verdict a manager can read aloud, made from the result's own counts. Unknown never reads as good.
// May not: weigh or score; it says what the counts say.
import type { UnitKind } from '../model/facts.ts'
import { severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'

export interface Verdict {
  readonly lead: string
  readonly rest: string
}

/** Two or three sentences: what to think of it, what was found where, and how much of it is known. */
export function verdictOf(result: Result, lang: Language): Verdict {
  const { say } = lang
  const { rules } = result.summary
  const total = Object.values(rules).reduce((sum, count) => sum + count, 0)
  if (total === 0) return { lead: say('verdict.nothing'), rest: say('verdict.noRules') }
  const rest = [
    foundSentence(result, lang),
    acceptedSentence(result, lang),
    assessedSentence(result, lang),
    ...gapSentences(result, lang),
  ]
  return { lead: leadOf(result, lang), rest: lang.sentences(rest) }
}

function leadOf(result: Result, { say }: Language): string {
  const { rules, failingBySeverity } = result.summary
  if (rules.pass + rules.fail === 0) {
    const isOnlyIrrelevant = rules.manual + rules.unknown + rules.error === 0 && isWhole(result)
    return isOnlyIrrelevant ? say('verdict.noneApplies') : say('verdict.notAssessed')
  }
  if (failingBySeverity.critical > 0) return say('verdict.notAcceptable')
  if (failingBySeverity.high > 0) return say('verdict.needsCorrection')
  if (!isWhole(result)) return say('verdict.notFullyKnown')
  if (rules.fail > 0) return say('verdict.withCorrections')
  return rules.manual > 0 ? say('verdict.noneSoFar') : say('verdict.none')
}

/** Whether every question of this run has an answer. */
export function isWhole(result: Result): boolean {
  const { rules, units } = result.summary
  const { cluster, coverage, snapshot } = result
  const unanswered = rules.unknown + rules.error + units.unknown + units.error
  const isRead = coverage.families.every((family) => family.unavailable === undefined)
  return unanswered === 0 && isRead && !snapshot.interrupted && cluster.nodesReached === cluster.nodes
}

function foundSentence(result: Result, lang: Language): string {
  const { say } = lang
  const worst = severities.find((severity) => result.summary.failingBySeverity[severity] > 0)
  if (!worst) return ''
  const failing = result.rules.filter((rule) => rule.outcome === 'fail' && rule.severity === worst)
  const count = result.summary.failingBySeverity[worst]
  const other = result.summary.rules.fail - count
  const others = other === 0 ? '' : say('verdict.others', { others: other })
  const severity = say(`severity.${worst}.inside`)
  const places = placesOf(result, failing, lang)
  return places.length === 0
    ? say('verdict.found', { count, severity, others })
    : say('verdict.foundOn', { count, severity, others, places: lang.list(places) })
}

/** The lead stays what it is: a risk that somebody accepted is there. */
function acceptedSentence(result: Result, { say }: Language): string {
  const count = result.rules.reduce((sum, { waived }) => sum + (waived?.fail ?? 0), 0)
  return count === 0 ? '' : say('verdict.accepted', { count, all: result.summary.units.fail })
}

function placesOf(result: Result, rules: readonly RuleResult[], { say, number }: Language): string[] {
  const totals: Partial<Record<UnitKind, number>> = {
    nodes: result.cluster.nodes,
    workloads: result.cluster.workloads,
    namespaces: result.cluster.namespaces,
  }
  const kinds = [...new Set(rules.map((rule) => rule.each))].filter((kind) => kind !== 'cluster')
  return kinds.map((kind) => {
    const { count, isAtLeast } = failingUnits(rules.filter((rule) => rule.each === kind))
    const total = totals[kind] ?? 0
    const bounded = (text: string) => (isAtLeast ? say('verdict.atLeast', { number: text }) : text)
    if (total < count) return bounded(say(`units.${kind}`, { count }))
    return say(`share.${kind}`, { part: bounded(number(count)), count: total })
  })
}

/** Distinct failing units. Where the result keeps only the first findings, the number is a lower bound. */
function failingUnits(rules: readonly RuleResult[]): { count: number; isAtLeast: boolean } {
  const listed = new Set<string>()
  let largest = 0
  let isAtLeast = false
  for (const rule of rules) {
    const failing = rule.findings.filter((finding) => finding.outcome === 'fail')
    for (const finding of failing) listed.add(finding.unit.id)
    largest = Math.max(largest, rule.counts.fail)
    isAtLeast ||= failing.length < rule.counts.fail
  }
  return isAtLeast
    ? { count: Math.max(largest, listed.size), isAtLeast: rules.length > 1 }
    : { count: listed.size, isAtLeast }
}

function assessedSentence(result: Result, { say, parts: joined }: Language): string {
  const { rules } = result.summary
  const leftOut = result.excluded?.length ?? 0
  const total = Object.values(rules).reduce((sum, count) => sum + count, 0)
  const parts = [say('verdict.assessed', { assessed: rules.pass + rules.fail, count: total })]
  const open = rules.unknown + rules.error
  if (rules.manual > 0) parts.push(say('verdict.persons', { count: rules.manual }))
  if (open > 0) parts.push(say('verdict.open', { open }))
  if (rules.notApplicable > 0) parts.push(say('verdict.notApplicable', { count: rules.notApplicable }))
  if (leftOut > 0) parts.push(say('verdict.leftOut', { count: leftOut }))
  return say('verdict.sentence', { parts: joined(parts) })
}

function gapSentences({ cluster, snapshot }: Result, { say }: Language): string[] {
  const missed = cluster.nodes - cluster.nodesReached
  const sentences: string[] = []
  if (missed > 0) {
    const nodes = say('share.nodes', { part: missed, count: cluster.nodes })
    sentences.push(say('verdict.unreached', { nodes }))
  }
  if (snapshot.interrupted) sentences.push(say('verdict.interrupted'))
  return sentences
}
