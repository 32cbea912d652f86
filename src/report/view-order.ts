// In which order rules are said, what they are called in links, and what is said where a list is cut.
// May not: drop a rule.
import { type Outcome, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import type { MessageKey } from './lang/keys.ts'
import type { ViewContext } from './view-model.ts'

/** Rules of some outcomes: severe first, then those with more units, then by id. */
export function ofOutcome(result: Result, wanted: readonly Outcome[]): RuleResult[] {
  const size = (rule: RuleResult) => wanted.reduce((sum, outcome) => sum + rule.counts[outcome], 0)
  return result.rules
    .filter((rule) => wanted.includes(rule.outcome))
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) || size(b) - size(a) || (a.id < b.id ? -1 : 1),
    )
}

/** Ids for links, safe in a URL and unique whatever a rule is called. */
export function anchorsOf(rules: readonly RuleResult[], prefix = ''): Map<string, string> {
  const used = new Set<string>()
  const anchors = new Map<string, string>()
  for (const rule of rules) {
    const base = `${prefix === '' ? '' : `${prefix}-`}finding-${rule.id
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 80)}`
    let anchor = base
    for (let count = 2; used.has(anchor); count += 1) anchor = `${base}-${count}`
    used.add(anchor)
    anchors.set(rule.id, anchor)
  }
  return anchors
}

/** Rules that have a block of their own. */
export function blockRules({ result, limits }: Pick<ViewContext, 'result' | 'limits'>): Set<string> {
  const sections = [ofOutcome(result, ['fail']), ofOutcome(result, ['unknown', 'error']), ofOutcome(result, ['manual'])]
  return new Set(sections.flatMap((rules) => rules.slice(0, limits.blocks)).map((rule) => rule.id))
}

/** What lists hold, as `things.…` calls it. */
export type Things = MessageKey extends infer K ? (K extends `things.${infer Name}` ? Name : never) : never

/** "300 of 4,310 rules shown, all in result.json", or '' where all are. */
export function cutNote(
  { lang: { say }, dataFile }: Pick<ViewContext, 'lang' | 'dataFile'>,
  shown: number,
  all: number,
  things: Things,
): string {
  return shown < all ? say('cut.shown', { shown, all, things: say(`things.${things}`), file: dataFile }) : ''
}

/** "12 of 4,310 nodes shown, all in result.json", and honest where the result itself keeps only the first. */
export function shownNote(
  { lang: { say }, findingsFile: file }: Pick<ViewContext, 'lang' | 'findingsFile'>,
  shown: number,
  all: number,
  kept: number,
  things: Things,
): string {
  if (shown >= all) return ''
  const told = { shown, all, things: say(`things.${things}`), file }
  return kept >= all ? say('cut.shown', told) : say('cut.first', { ...told, kept })
}
