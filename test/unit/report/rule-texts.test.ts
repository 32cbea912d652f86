// Rule texts in the report's language: a translation of exactly this English text, with its values put where they belong, or English.
import { describe, expect, test } from 'vitest'
import type { TextParts, TranslatedRule } from '../../../src/model/translation.ts'
import { screenLimits } from '../../../src/report/limits.ts'
import { RuleTexts } from '../../../src/report/rule-texts.ts'
import { buildView } from '../../../src/report/view.ts'
import { demoResult } from '../../support/sample-results.ts'

const parts = (literals: string[], expressions: string[]): TextParts => ({ literals, expressions })
const rule = { id: 'a' }
const textsWith = (steps: TranslatedRule['steps']) =>
  new RuleTexts(new Map([['a', { texts: new Map([['Title', '제목']]), steps }]]))

test('in English every text is as it is, and nothing is counted', () => {
  const texts = new RuleTexts()
  expect([texts.of(rule, 'Title'), texts.step(rule, 'Do it.')]).toEqual([
    { text: 'Title', lang: '' },
    [{ text: 'Do it.', lang: '' }],
  ])
  expect(texts.counts).toEqual({ shown: 0, untranslated: 0 })
})

test('a text is translated where it is the one that was translated, and counted once', () => {
  const texts = textsWith([])
  expect([
    texts.of(rule, 'Title'),
    texts.of(rule, 'Title'),
    texts.of(rule, 'Title, changed'),
    texts.of({ id: 'b' }, 'Title'),
  ]).toEqual([
    { text: '제목', lang: '' },
    { text: '제목', lang: '' },
    { text: 'Title, changed', lang: 'en' },
    { text: 'Title', lang: 'en' },
  ])
  expect(texts.counts).toEqual({ shown: 3, untranslated: 2 })
})

describe('the values of a step', () => {
  const swapped = {
    from: parts(['Set ', ' to ', '.'], ['key', 'value']),
    to: parts(['', ' 값: ', ''], ['value', 'key']),
  }
  const twice = { from: parts(['', ' and ', ''], ['x', 'x']), to: parts(['', '·', ''], ['x', 'x']) }
  const beside = { from: parts(['', '', ''], ['x', 'y']), to: parts(['', ' ', ''], ['y', 'x']) }
  const plain = { from: parts(['Restart it.'], []), to: parts(['재시작합니다.'], []) }
  test.each([
    ['go where the translation has them', swapped, 'Set a to b.', 'b 값: a'],
    ['may be empty', swapped, 'Set  to .', ' 값: '],
    ['may hold what looks like a place', swapped, 'Set {{ key }} to $&.', '$& 값: {{ key }}'],
    ['are not guessed where a literal stands in one of them', swapped, 'Set a to b to c.', undefined],
    ['are not taken from a text that begins otherwise', swapped, 'Do set a to b.', undefined],
    ['are not taken from a text that goes on', swapped, 'Set a to b. The exact change is not shown', undefined],
    [
      'are not taken where the literals overlap',
      { from: parts(['aba', 'aba'], ['x']), to: swapped.to },
      'ababa',
      undefined,
    ],
    ['of one expression are the same each time', twice, 'a and a', 'a·a'],
    ['of one expression that differ are no match', twice, 'a and b', undefined],
    ['beside each other cannot be told apart', beside, 'ab', undefined],
    ['are none in a plain step', plain, 'Restart it.', '재시작합니다.'],
    ['are none in another plain step', plain, 'Restart it', undefined],
  ])('%s', (_, step, english, text) =>
    expect(textsWith([step]).step(rule, english)).toEqual([
      text === undefined ? { text: english, lang: 'en' } : { text, lang: '' },
    ]),
  )

  test('are not taken where two steps fit and differ', () => {
    const same = { from: swapped.from, to: parts(['', ' = ', ''], ['key', 'value']) }
    expect(textsWith([swapped, same]).step(rule, 'Set a to b.')).toEqual([{ text: 'Set a to b.', lang: 'en' }])
    expect(textsWith([swapped, swapped]).step(rule, 'Set a to b.')).toEqual([{ text: 'b 값: a', lang: '' }])
  })
})

test('a report says how many texts of rules it could not translate', () => {
  const result = demoResult()
  const [first] = result.rules.filter(({ outcome }) => outcome === 'fail')
  if (first === undefined) throw new Error('no rule fails')
  const translation = new Map([[first.id, { texts: new Map([[first.problem, '문제']]), steps: [] }]])
  const { method, findings } = buildView(result, { limits: screenLimits, lang: 'ko', translation })
  expect(findings.index.find(({ ruleId }) => ruleId === first.id)).toMatchObject({ title: '문제', titleLang: '' })
  expect(findings.index.filter(({ titleLang }) => titleLang === 'en')).toHaveLength(findings.index.length - 1)
  expect(method.language).toMatch(/^이 결과의 규칙 텍스트 \d+개 중 \d+개는 번역되지 않아 영어로 표시됩니다\./)
  expect(buildView(result, { limits: screenLimits }).method.language).toBe('')
})
