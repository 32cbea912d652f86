// A part of a report as a view: what one owner has to do, each rule with this owner's findings only.
// May not: speak for the cluster as a whole; the score and the verdict are not a part's.
import { severities } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import type { Language } from '../lang/language.ts'
import type { Part } from '../part-model.ts'
import { cutText } from '../text.ts'
import { longName, nameLimits } from '../view-cover.ts'
import type { OwnerGroup } from '../view-frame-model.ts'
import type { Cover, ViewContext } from '../view-model.ts'
import { anchorsOf, cutNote, ofOutcome } from '../view-order.ts'
import { ruleBlock, ruleLine } from '../view-rules.ts'

/** A group for each owner. Where not all findings can be shown in full, the severe ones of all owners are. */
export function ownerGroups(context: ViewContext, parts: readonly Part[]): OwnerGroup[] {
  const { limits, lang } = context
  const shown = parts.slice(0, limits.indexRows)
  const inFull = new Set(
    shown
      .flatMap((part) => ofOutcome(resultOf(context, part), ['fail']))
      .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .slice(0, limits.blocks),
  )
  const groups = shown.map((part, index) => ownerGroup(context, part, index, inFull))
  if (shown.length === parts.length) return groups
  const sentence = lang.say('verdict.sentence', { parts: cutNote(context, shown.length, parts.length, 'owners') })
  return [...groups, { ...noFindings, id: 'part-further', title: lang.say('owners.further'), sentence }]
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
    sentence: `${sentenceOf(part, context.lang)}${acceptedSentence(part, context.lang)}${cutSentence(part, context)}`,
    index: lines.map((rule) => ruleLine(own, rule, inFull.has(rule))),
    indexNote: cutNote(context, lines.length, rules.length, 'findings'),
    blocks: shown.map((rule) => ruleBlock(own, rule)),
    blocksNote: cutNote(context, shown.length, rules.length, 'blocks'),
  }
}

function sentenceOf({ rules }: Part, { say }: Language): string {
  const units = new Set(rules.flatMap(({ findings }) => findings.map(({ unit }) => unit.id)))
  return say('owners.sentence', { count: rules.length, units: say('count.units', { count: units.size }) })
}

/** What is accepted stays listed and needs no work while it is. */
function acceptedSentence({ rules }: Part, { say }: Language): string {
  const count = rules.reduce((sum, { waived }) => sum + (waived?.fail ?? 0), 0)
  return count === 0 ? '' : say('owners.accepted', { count })
}

function cutSentence({ cut }: Part, { limits, findingsFile, lang }: ViewContext): string {
  if (cut.length === 0) return ''
  return lang.say('owners.cut', { file: findingsFile, rules: lang.names(cut, limits.names) })
}

/** Of a document that is one part alone. */
export function partCover(part: Part, whole: Cover, { result: { reportId, cluster }, lang }: ViewContext): Cover {
  const { say, number } = lang
  const found = severities
    .map((severity) => ({ severity, count: part.rules.filter((rule) => rule.severity === severity).length }))
    .filter(({ severity, count }) => count > 0 || severity !== 'info')
  return {
    cluster: cutText(part.title, nameLimits, lang),
    isLong: part.title.length > longName,
    lead: say('owners.lead', { count: part.rules.length }),
    rest: say('owners.rest', { cluster: cluster.name, report: reportId }),
    bar: null,
    scoreCaption: say('owners.noScore'),
    counts: found.map(({ severity, count }) => ({
      value: number(count),
      kind: severity,
      word: say(`severity.${severity}.inside`),
    })),
    facts: whole.facts,
  }
}
