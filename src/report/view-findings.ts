// Rules by outcome: findings with their index, what stayed open, what needs a person, and the rest on one line each.
// May not: judge, or shorten a list without a note.
import { severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import { countNoun, formatCount } from './text.ts'
import type { BlockSection, Findings, LineSection, RuleLine, ViewContext } from './view-model.ts'
import { cutNote, ofOutcome } from './view-order.ts'
import { openPlaceOf, ruleBlock } from './view-rules.ts'
import { severityMarks } from './words.ts'

export type ToLine = (rule: RuleResult) => RuleLine

export function findingsView(context: ViewContext, failing: readonly RuleResult[], line: ToLine): Findings {
  const { limits, dataFile } = context
  const shown = failing.slice(0, limits.blocks)
  const groups = severities.flatMap((severity) => {
    const blocks = shown.filter((rule) => rule.severity === severity).map((rule) => ruleBlock(context, rule))
    const mark = severityMarks[severity]
    return blocks.length === 0 ? [] : [{ mark, heading: `${mark.word} findings`, blocks }]
  })
  const index = failing.slice(0, limits.indexRows).map(line)
  return {
    sentence: findingsSentence(context.result, failing),
    index,
    indexNote: cutNote(index.length, failing.length, 'findings', dataFile),
    groups,
    blocksNote: cutNote(shown.length, failing.length, 'findings in full', dataFile),
  }
}

function findingsSentence(result: Result, failing: readonly RuleResult[]): string {
  if (failing.length > 0) {
    const units = result.summary.units.fail
    return `${countNoun(failing.length, 'rule does', 'rules do')} not hold, on ${formatCount(units)} ${units === 1 ? 'unit' : 'units'} in all (a unit is a node, a workload, a namespace, a binding or the cluster). Severe first.`
  }
  const open = result.summary.rules.unknown + result.summary.rules.error
  return open > 0
    ? `No finding in what could be read. ${countNoun(open, 'rule', 'rules')} could not be answered.`
    : 'No finding.'
}

export function unknownView(context: ViewContext, line: ToLine): BlockSection {
  const { result, limits, dataFile } = context
  const rules = ofOutcome(result, ['unknown', 'error'])
  const partly = ofOutcome(result, ['fail']).filter((rule) => rule.counts.unknown + rule.counts.error > 0)
  const shown = rules.slice(0, limits.blocks)
  return {
    sentence: unknownSentence(rules.length, partly.length),
    blocks: shown.map((rule) => ruleBlock(context, rule)),
    note: cutNote(shown.length, rules.length, 'rules', dataFile),
    partly: partly.slice(0, limits.indexRows).map((rule) => ({ ...line(rule), where: openPlaceOf(rule) })),
  }
}

function unknownSentence(rules: number, partly: number): string {
  if (rules + partly === 0) return 'Every rule could be answered.'
  const whole = rules > 0 ? `${countNoun(rules, 'rule', 'rules')} could not be answered for lack of evidence.` : ''
  const part = partly > 0 ? `${countNoun(partly, 'finding is', 'findings are')} known for some units only.` : ''
  return [whole, part, 'This is not a pass: the score counts it as open.'].filter((text) => text !== '').join(' ')
}

export function manualView(context: ViewContext): BlockSection {
  const rules = ofOutcome(context.result, ['manual'])
  const shown = rules.slice(0, context.limits.blocks)
  return {
    sentence:
      rules.length === 0
        ? 'No rule of this run needs a person.'
        : `${countNoun(rules.length, 'rule needs', 'rules need')} a person to judge. They weigh nothing in the score.`,
    blocks: shown.map((rule) => ruleBlock(context, rule)),
    note: cutNote(shown.length, rules.length, 'rules', context.dataFile),
    partly: [],
  }
}

export function linesView(
  context: ViewContext,
  outcome: 'pass' | 'notApplicable',
  sentence: (count: number) => string,
  line: ToLine,
): LineSection {
  const rules = ofOutcome(context.result, [outcome])
  const lines = rules.slice(0, context.limits.indexRows).map(line)
  return {
    sentence: sentence(rules.length),
    lines,
    note: cutNote(lines.length, rules.length, 'rules', context.dataFile),
  }
}

export function passedSentence(count: number): string {
  if (count === 0) return 'No rule passed on every unit it applies to.'
  return `${countNoun(count, 'rule was', 'rules were')} assessed and found to hold wherever they apply.`
}

export function notApplicableSentence(count: number): string {
  return count === 0 ? 'Every rule applies.' : `${countNoun(count, 'rule does', 'rules do')} not apply here.`
}
