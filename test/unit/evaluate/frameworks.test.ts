// Requirements of a framework: findings through the map, and never a word that one is met.
import { describe, expect, it } from 'vitest'
import type { Framework } from '../../../src/catalog/index.ts'
import { frameworkResult } from '../../../src/evaluate/frameworks.ts'
import type { Strength } from '../../../src/model/crosswalk.ts'
import { type Finding, type Result, resultSchema } from '../../../src/model/result.ts'
import { languageOf } from '../../../src/report/lang/language.ts'
import { screenLimits } from '../../../src/report/limits.ts'
import { RuleTexts } from '../../../src/report/rule-texts.ts'
import { frameworksView } from '../../../src/report/view-frameworks.ts'
import { plainPhrase } from '../../support/plain-phrase.ts'
import { nodeUnit, result, rule } from '../../support/result-builder.ts'

const finding = (outcome: Finding['outcome']): Finding => ({ unit: nodeUnit('n1'), outcome, evidence: [] })
const parts = { title: 'T', severity: 'low' as const, each: 'nodes' as const }
const rules = [
  rule({ ...parts, id: 'good', pass: 1 }),
  rule({ ...parts, id: 'bad', findings: [finding('fail')] }),
  rule({ ...parts, id: 'open', findings: [finding('unknown')] }),
]

function requirement(id: string, ties: Record<string, Strength>) {
  return { id, subject: 'S', rules: Object.entries(ties).map(([tied, strength]) => ({ id: tied, strength })) }
}

const framework: Framework = {
  key: 'test',
  name: 'Test',
  version: '1',
  publication: { publisher: 'Somebody', title: 'A Standard', edition: 'first edition', date: '2026-10' },
  source: 'Ours.',
  reviewed: '2026-11-25',
  reviews: [{ date: '2026-11-25', by: 'first reader', against: 'nothing' }],
  unmappedRules: [{ id: 'aside', reason: 'It is about something else.' }, { id: 'new' }],
  requirements: [
    requirement('all-good', { good: 'direct' }),
    requirement('one-bad', { good: 'direct', bad: 'partial' }),
    requirement('one-open', { good: 'direct', open: 'partial' }),
    requirement('indirect-only', { bad: 'indirect' }),
    requirement('indirect-bad', { good: 'direct', bad: 'indirect' }),
    requirement('one-left-out', { good: 'direct', gone: 'direct' }),
    requirement('left-out-and-bad', { bad: 'direct', gone: 'direct' }),
    { id: 'none', subject: 'S', rules: [], reason: 'People.' },
  ],
}
const judged = frameworkResult(framework, rules)

describe('a requirement', () => {
  it.each([
    ['all-good', 'pass', 'No finding'],
    ['one-bad', 'fail', 'Findings'],
    ['one-open', 'unknown', 'Unknown'],
    // An indirect tie alone decides nothing, in either direction.
    ['indirect-only', undefined, 'No verdict'],
    ['indirect-bad', 'pass', 'No finding'],
    ['one-left-out', undefined, 'No verdict'],
    ['left-out-and-bad', 'fail', 'Findings'],
    ['none', undefined, 'No rule'],
  ])('%s: %s, shown as %s', (id, outcome, word) => {
    expect(judged.requirements.find((one) => one.id === id)?.outcome).toBe(outcome)
    const whole: Result = { ...result({ rules }), frameworks: [judged] }
    const context = {
      result: whole,
      lang: languageOf('en'),
      texts: new RuleTexts(),
      limits: screenLimits,
      dataFile: 'result.json',
      findingsFile: 'result.json',
      anchors: new Map(),
    }
    const [view] = frameworksView(context, new Set()).frameworks
    expect(view?.requirements.find((one) => one.id === id)?.mark.word).toBe(word)
    expect(view?.sentence).toBe(
      '8 requirements: 2 with findings, 2 without, 1 unknown, 2 without a verdict, 1 that no rule says anything about.',
    )
  })

  it('says which publication its ids are of, and how many rules are set aside', () => {
    const whole: Result = { ...result({ rules }), frameworks: [judged] }
    const context = {
      result: whole,
      lang: languageOf('en'),
      texts: new RuleTexts(),
      limits: screenLimits,
      dataFile: 'result.json',
      findingsFile: 'result.json',
      anchors: new Map(),
    }
    expect(judged.unmappedRules).toEqual([{ rule: 'aside', reason: 'It is about something else.' }, { rule: 'new' }])
    expect(plainPhrase(frameworksView(context, new Set()).frameworks[0]?.source ?? [])).toBe(
      'Ids of: A Standard (Somebody), first edition, 2026-10. Ours. Reviewed 2026-11-25. 2 rules are set aside: no requirement is about them.',
    )
    const { publication: _, unmappedRules: __, ...older } = judged
    const old: Result = { ...whole, frameworks: [older] }
    expect(plainPhrase(frameworksView({ ...context, result: old }, new Set()).frameworks[0]?.source ?? [])).toBe(
      'Ours. Reviewed 2026-11-25.',
    )
  })

  it('keeps strength and outcome of each rule, and the reason where there is none', () => {
    expect(judged.requirements[1]?.rules).toEqual([
      { rule: 'good', strength: 'direct', outcome: 'pass' },
      { rule: 'bad', strength: 'partial', outcome: 'fail' },
    ])
    expect(judged.requirements[5]?.rules[1]).toEqual({ rule: 'gone', strength: 'direct' })
    expect(judged.requirements[7]).toEqual({ id: 'none', subject: 'S', rules: [], reason: 'People.' })
    expect(resultSchema.safeParse({ ...result({ rules }), frameworks: [judged] }).success).toBe(true)
  })
})
