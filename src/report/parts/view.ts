// A part of a report as a view: what one owner has to do, each rule with this owner's findings only.
// May not: speak for the cluster as a whole; the score and the verdict are not a part's.
import { severities } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import type { Part } from '../part-model.ts'
import { countNoun, formatCount, listNames } from '../text.ts'
import type { OwnerGroup } from '../view-frame-model.ts'
import type { Cover, ViewContext } from '../view-model.ts'
import { anchorsOf, cutNote, ofOutcome } from '../view-order.ts'
import { ruleBlock, ruleLine } from '../view-rules.ts'
import { severityMarks } from '../words.ts'

/** A group for each owner. Where not all findings can be shown in full, the severe ones of all owners are. */
export function ownerGroups(context: ViewContext, parts: readonly Part[]): OwnerGroup[] {
  const { limits, dataFile } = context
  const shown = parts.slice(0, limits.indexRows)
  const inFull = new Set(
    shown
      .flatMap((part) => ofOutcome(resultOf(context, part), ['fail']))
      .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .slice(0, limits.blocks),
  )
  const groups = shown.map((part, index) => ownerGroup(context, part, index, inFull))
  if (shown.length === parts.length) return groups
  const further = cutNote(shown.length, parts.length, 'owners', dataFile)
  return [...groups, { ...noFindings, id: 'part-further', title: 'Further owners', sentence: `${further}.` }]
}

const noFindings = { index: [], indexNote: '', blocks: [], blocksNote: '' }

function resultOf({ result }: ViewContext, part: Part): Result {
  return { ...result, rules: [...part.rules] }
}

function ownerGroup(context: ViewContext, part: Part, index: number, inFull: ReadonlySet<RuleResult>): OwnerGroup {
  const result = resultOf(context, part)
  const own: ViewContext = { ...context, result, anchors: anchorsOf(part.rules, `part-${index + 1}`) }
  const rules = ofOutcome(result, ['fail'])
  const shown = rules.filter((rule) => inFull.has(rule))
  const lines = rules.slice(0, context.limits.indexRows)
  return {
    id: `part-${index + 1}`,
    title: part.title,
    sentence: `${sentenceOf(part)}${cutSentence(part, context)}`,
    index: lines.map((rule) => ruleLine(own, rule, inFull.has(rule))),
    indexNote: cutNote(lines.length, rules.length, 'findings', context.dataFile),
    blocks: shown.map((rule) => ruleBlock(own, rule)),
    blocksNote: cutNote(shown.length, rules.length, 'findings in full', context.dataFile),
  }
}

function sentenceOf({ rules }: Part): string {
  const units = new Set(rules.flatMap(({ findings }) => findings.map(({ unit }) => unit.id)))
  return `${countNoun(rules.length, 'rule does', 'rules do')} not hold, on ${countNoun(units.size, 'unit', 'units')}.`
}

function cutSentence({ cut }: Part, { limits, dataFile }: ViewContext): string {
  if (cut.length === 0) return ''
  return ` ${dataFile} holds only the first findings of ${listNames(cut, limits.names)}: more may fail here.`
}

/** Of a document that is one part alone. */
export function partCover(part: Part, whole: Cover, { reportId, cluster }: Result): Cover {
  const found = severities
    .map((severity) => ({ severity, count: part.rules.filter((rule) => rule.severity === severity).length }))
    .filter(({ severity, count }) => count > 0 || severity !== 'info')
  return {
    cluster: part.title,
    lead: `${countNoun(part.rules.length, 'finding', 'findings')}.`,
    rest: `A part of the audit of ${cluster.name}: only what belongs here. The verdict on the whole, its score and its coverage are in report ${reportId}.`,
    bar: null,
    scoreCaption: 'A part has no score of its own.',
    counts: found.map(({ severity, count }) => ({
      value: formatCount(count),
      kind: severityMarks[severity].kind,
      word: severity,
    })),
    facts: whole.facts,
  }
}
