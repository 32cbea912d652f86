// What moves the score: the rules by which it rises most, with the points that the result gives, and what the interval means.
// May not: compute a gain. How the score is made is known where results are made.
import type { RuleResult } from '../model/result.ts'
import { cutText } from './text.ts'
import type { ViewContext } from './view-model.ts'
import { ofOutcome } from './view-order.ts'
import { openPlaceOf, placeOf, titleOf } from './view-rules.ts'
import type { Mover, Summary } from './view-summary-model.ts'
import { termsOf } from './words.ts'

/** So that a row keeps to two lines. */
const titleLimits = { characters: 140, lines: 1 }

/** `withBlock`: rules with a block of their own in this document. */
export function moversView(
  context: ViewContext,
  withBlock: ReadonlySet<string>,
): Pick<Summary, 'interval' | 'movers' | 'moversNote'> {
  const { result, limits, lang, anchors } = context
  const movers = result.rules
    .filter(({ gain = 0 }) => gain > 0)
    .sort((a, b) => (b.gain ?? 0) - (a.gain ?? 0) || (a.id < b.id ? -1 : 1))
  const shown = movers.slice(0, limits.moverRows)
  // What has no block is a row of the index, if it fails.
  const indexed = new Set(ofOutcome(result, ['fail']).slice(0, limits.indexRows))
  const linkOf = (rule: RuleResult) => (withBlock.has(rule.id) || indexed.has(rule) ? (anchors.get(rule.id) ?? '') : '')
  return {
    interval: intervalWords(context),
    movers: shown.map((rule) => moverOf(context, rule, linkOf(rule))),
    moversNote:
      shown.length === 0
        ? ''
        : lang.sentences([lang.say('movers.said'), restWords(movers.slice(shown.length), context)]),
  }
}

function restWords(rest: readonly RuleResult[], { lang: { say } }: ViewContext): string {
  if (rest.length === 0) return ''
  const points = rest.reduce((sum, { gain = 0 }) => sum + gain, 0).toFixed(2)
  return say('movers.rest', { rules: say('count.rules', { count: rest.length }), points })
}

function intervalWords({ result, lang: { say } }: ViewContext): string {
  const { lower, upper, answered, expected } = result.score
  if (lower === undefined || upper === undefined) return ''
  if (lower < upper) return say('movers.interval', { lower, upper })
  return answered === expected ? say('movers.oneScore') : say('movers.nearlyOne')
}

function moverOf({ limits, lang, texts }: ViewContext, rule: RuleResult, anchor: string): Mover {
  const { say } = lang
  const { severityMarks } = termsOf(lang)
  const title = titleOf(rule, texts)
  const { fail, error, unknown } = rule.counts
  const isOpen = error + unknown > 0
  return {
    points: `+${(rule.gain ?? 0).toFixed(2)}`,
    mark: severityMarks[rule.severity],
    title: cutText(title.text, limits.phrase.characters < titleLimits.characters ? limits.phrase : titleLimits, lang),
    titleLang: title.lang,
    anchor,
    found: fail === 0 ? '' : say('movers.found', { place: placeOf(rule, lang) || say('place.inCluster') }),
    open: isOpen ? { kind: unknown > 0 ? 'unknown' : 'error', word: say('movers.notAssessed') } : null,
    openWhere: isOpen ? openPlaceOf(rule, lang) : '',
  }
}
