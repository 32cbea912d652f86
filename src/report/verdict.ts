// The verdict a manager can read aloud, made from the result's own counts. Unknown never reads as good.
// May not: weigh or score; it says what the counts say.
import type { UnitKind } from '../model/facts.ts'
import { type Severity, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import { countNoun, formatCount, joinWords } from './text.ts'
import { unitWords } from './words.ts'

export interface Verdict {
  readonly lead: string
  readonly rest: string
}

/** Two or three sentences: what to think of it, what was found where, and how much of it is known. */
export function verdictOf(result: Result): Verdict {
  const { rules } = result.summary
  const total = Object.values(rules).reduce((sum, count) => sum + count, 0)
  if (total === 0) return { lead: 'Nothing was assessed.', rest: 'The catalogue of this run holds no rule.' }
  const rest = [foundSentence(result), assessedSentence(result), ...gapSentences(result)].filter((text) => text !== '')
  return { lead: leadOf(result), rest: rest.join(' ') }
}

function leadOf(result: Result): string {
  const { rules, failingBySeverity } = result.summary
  if (rules.pass + rules.fail === 0) {
    const isOnlyIrrelevant = rules.manual + rules.unknown + rules.error === 0 && isWhole(result)
    return isOnlyIrrelevant ? 'No rule applies.' : 'Nothing could be assessed.'
  }
  if (failingBySeverity.critical > 0) return 'Not acceptable as it stands.'
  if (failingBySeverity.high > 0) return 'Needs correction.'
  if (!isWhole(result)) return 'Not fully known.'
  if (rules.fail > 0) return 'Acceptable with corrections.'
  return rules.manual > 0 ? 'No findings so far.' : 'No findings.'
}

/** Whether every question of this run has an answer. */
export function isWhole(result: Result): boolean {
  const { rules, units } = result.summary
  const { cluster, coverage, snapshot } = result
  const unanswered = rules.unknown + rules.error + units.unknown + units.error
  const isRead = coverage.families.every((family) => family.unavailable === undefined)
  return unanswered === 0 && isRead && !snapshot.interrupted && cluster.nodesReached === cluster.nodes
}

function foundSentence(result: Result): string {
  const worst = severities.find((severity) => result.summary.failingBySeverity[severity] > 0)
  if (!worst) return ''
  const failing = result.rules.filter((rule) => rule.outcome === 'fail' && rule.severity === worst)
  const count = countNoun(result.summary.failingBySeverity[worst], `${worst} finding`, `${worst} findings`)
  const others = otherFindings(result, worst)
  return `${count}${placesOf(result, failing)}${others}.`
}

function otherFindings(result: Result, worst: Severity): string {
  const other = result.summary.rules.fail - result.summary.failingBySeverity[worst]
  return other === 0 ? '' : `, and ${formatCount(other)} of lower severity`
}

function placesOf(result: Result, rules: readonly RuleResult[]): string {
  const totals: Partial<Record<UnitKind, number>> = {
    nodes: result.cluster.nodes,
    workloads: result.cluster.workloads,
    namespaces: result.cluster.namespaces,
  }
  const kinds = [...new Set(rules.map((rule) => rule.each))].filter((kind) => kind !== 'cluster')
  const places = kinds.map((kind) => {
    const { count, isAtLeast } = failingUnits(rules.filter((rule) => rule.each === kind))
    const total = totals[kind] ?? 0
    const { one, many } = unitWords[kind]
    const number = `${isAtLeast ? 'at least ' : ''}${formatCount(count)}`
    if (total < count) return `${number} ${count === 1 ? one : many}`
    return `${number} of ${countNoun(total, one, many)}`
  })
  return places.length === 0 ? '' : ` on ${joinWords(places)}`
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

function assessedSentence(result: Result): string {
  const { rules } = result.summary
  const total = Object.values(rules).reduce((sum, count) => sum + count, 0)
  const parts = [`${formatCount(rules.pass + rules.fail)} of ${countNoun(total, 'rule', 'rules')} assessed`]
  const open = rules.unknown + rules.error
  if (rules.manual > 0) parts.push(`${formatCount(rules.manual)} ${rules.manual === 1 ? 'needs' : 'need'} a person`)
  if (open > 0) parts.push(`${formatCount(open)} could not be answered`)
  if (rules.notApplicable > 0) {
    parts.push(`${formatCount(rules.notApplicable)} ${rules.notApplicable === 1 ? 'does' : 'do'} not apply`)
  }
  return `${parts.join(', ')}.`
}

function gapSentences(result: Result): string[] {
  const { cluster, snapshot } = result
  const missed = cluster.nodes - cluster.nodesReached
  const sentences: string[] = []
  if (missed > 0) {
    const nodes = `${formatCount(missed)} of ${countNoun(cluster.nodes, 'node', 'nodes')}`
    sentences.push(`${nodes} could not be reached.`)
  }
  if (snapshot.interrupted) sentences.push('The collection was stopped early; what was not read counts as unknown.')
  return sentences
}
