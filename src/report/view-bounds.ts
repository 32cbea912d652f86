// What a document shows of a result, and where the rest is: so that a reader never takes a part for the whole.
// May not: count what the result does not keep as shown.
import type { RuleBlock, ViewContext } from './view-model.ts'

interface BlockGroup {
  readonly blocks: readonly RuleBlock[]
}

/** `groups`: all blocks of the document. A finding that has several owners is shown with each and counted once for each rule. */
export function boundsOf({ result, findingsFile, lang: { say } }: ViewContext, groups: readonly BlockGroup[]): string {
  const total = result.summary.units.fail
  const findings = say('count.findings', { count: total })
  if (total === 0) return say('bounds.none')
  const blocks = groups.flatMap((group) => group.blocks)
  if (blocks.length === 0) return say('bounds.rules', { findings, file: findingsFile })
  const ofRule = new Map<string, number>()
  for (const { ruleId, shownFindings } of blocks) ofRule.set(ruleId, (ofRule.get(ruleId) ?? 0) + shownFindings)
  const shown = result.rules.reduce((sum, { id, counts }) => sum + Math.min(ofRule.get(id) ?? 0, counts.fail), 0)
  if (shown >= total) return say('bounds.all', { findings })
  // The result itself keeps only the first findings of a rule, and counts all.
  const kept = result.rules.flatMap((rule) => rule.findings).filter(({ outcome }) => outcome === 'fail').length
  return kept >= total
    ? say('bounds.part', { shown, findings, file: findingsFile })
    : say('bounds.partKept', { shown, findings, file: findingsFile, kept })
}
