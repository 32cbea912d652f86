// Rules by outcome: findings with their index, what stayed open, what needs a person, and the rest on one line each.
// May not: judge, or shorten a list without a note.
import { severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import type { BlockSection, Findings, LineSection, OpenCause, RuleBlock, RuleLine, ViewContext } from './view-model.ts'
import { cutNote, ofOutcome } from './view-order.ts'
import { openPlaceOf, ruleBlock } from './view-rules.ts'
import { termsOf } from './words.ts'

export type ToLine = (rule: RuleResult) => RuleLine

export function findingsView(context: ViewContext, failing: readonly RuleResult[], line: ToLine): Findings {
  const { limits, lang } = context
  const { say } = lang
  const { severityMarks } = termsOf(lang)
  const shown = failing.slice(0, limits.blocks)
  const groups = severities.flatMap((severity) => {
    const blocks = shown.filter((rule) => rule.severity === severity).map((rule) => ruleBlock(context, rule))
    const mark = severityMarks[severity]
    return blocks.length === 0 ? [] : [{ mark, heading: say('findings.ofSeverity', { severity: mark.word }), blocks }]
  })
  const index = failing.slice(0, limits.indexRows).map(line)
  return {
    sentence: findingsSentence(context.result, failing, lang),
    index,
    indexNote: cutNote(context, index.length, failing.length, 'findings'),
    groups,
    blocksNote: cutNote(context, shown.length, failing.length, 'blocks'),
  }
}

function findingsSentence({ summary }: Result, failing: readonly RuleResult[], { say }: Language): string {
  if (failing.length > 0) {
    return say('findings.sentence', { count: failing.length, units: say('count.units', { count: summary.units.fail }) })
  }
  const open = summary.rules.unknown + summary.rules.error
  return open > 0 ? say('findings.noneOfRead', { count: open }) : say('findings.none')
}

export function unknownView(context: ViewContext, line: ToLine): BlockSection {
  const { result, limits, lang } = context
  const rules = ofOutcome(result, ['unknown', 'error'])
  const partly = ofOutcome(result, ['fail']).filter((rule) => rule.counts.unknown + rule.counts.error > 0)
  const shown = rules.slice(0, limits.blocks)
  const blocks = shown.map((rule) => ruleBlock(context, rule))
  const partlyShown = partly.slice(0, limits.indexRows)
  return {
    sentence: unknownSentence(rules.length, partly.length, lang),
    blocks,
    causes: causesOf(blocks),
    note: cutNote(context, shown.length, rules.length, 'rules'),
    partly: partlyShown.map((rule) => ({ ...line(rule), where: openPlaceOf(rule, lang) })),
    partlyNote: cutNote(context, partlyShown.length, partly.length, 'findings'),
  }
}

function causesOf(blocks: readonly RuleBlock[]): OpenCause[] {
  const rows = blocks.flatMap(({ anchor, mark, title, titleLang, ruleId, open, openNote }) =>
    open
      .flatMap(({ units, reasons }) => reasons.map(({ what, why }) => ({ units, why, what })))
      .map(({ units, why, what }, index) => {
        const first = index === 0
        const row = { mark, title, titleLang, ruleId, anchor: first ? anchor : '', what, note: first ? openNote : '' }
        return { units, why, row }
      }),
  )
  const causes = Map.groupBy(rows, ({ units, why }) => JSON.stringify([units, why]))
  return [...causes.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ units: first.units, why: first.why, rules: group.map(({ row }) => row) }]
  })
}

function unknownSentence(rules: number, partly: number, { say, sentences }: Language): string {
  if (rules + partly === 0) return say('findings.allAnswered')
  const whole = rules > 0 ? say('findings.unanswered', { count: rules }) : ''
  const part = partly > 0 ? say('findings.partly', { count: partly }) : ''
  return sentences([whole, part, say('findings.noPass')])
}

export function manualView(context: ViewContext): BlockSection {
  const { say } = context.lang
  const rules = ofOutcome(context.result, ['manual'])
  const shown = rules.slice(0, context.limits.blocks)
  return {
    sentence: rules.length === 0 ? say('findings.noPerson') : say('findings.persons', { count: rules.length }),
    blocks: shown.map((rule) => ruleBlock(context, rule)),
    causes: [],
    note: cutNote(context, shown.length, rules.length, 'rules'),
    partly: [],
    partlyNote: '',
  }
}

export function linesView(context: ViewContext, outcome: 'pass' | 'notApplicable', line: ToLine): LineSection {
  const rules = ofOutcome(context.result, [outcome])
  const lines = rules.slice(0, context.limits.indexRows).map(line)
  return {
    sentence: (outcome === 'pass' ? passedSentence : notApplicableSentence)(rules.length, context.lang),
    lines,
    note: cutNote(context, lines.length, rules.length, 'rules'),
  }
}

function passedSentence(count: number, { say }: Language): string {
  return count === 0 ? say('findings.nonePassed') : say('findings.passed', { count })
}

function notApplicableSentence(count: number, { say }: Language): string {
  return count === 0 ? say('findings.allApply') : say('findings.notApplicable', { count })
}
