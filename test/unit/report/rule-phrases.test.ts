import { beforeAll, describe, expect, it } from 'vitest'
import { loadTranslation } from '../../../src/catalog/index.ts'
import { splitTemplate } from '../../../src/catalog/template.ts'
import { rulesFolder } from '../../../src/cli/paths.ts'
import type { Translation } from '../../../src/model/translation.ts'
import { languageOf } from '../../../src/report/lang/language.ts'
import { phraseOf } from '../../../src/report/phrase.ts'
import { RuleTexts } from '../../../src/report/rule-texts.ts'

const rule = { id: 'a' }

function made(
  steps: readonly [string, string][],
  phrases: readonly [string, string][] = [],
  language = languageOf('ko'),
): RuleTexts {
  const both = ([from, to]: readonly [string, string]) => ({ from: splitTemplate(from), to: splitTemplate(to) })
  return new RuleTexts(
    new Map([['a', { texts: new Map(), steps: steps.map(both), phrases: phrases.map(both) }]]),
    language,
  )
}

describe('steps in another language', () => {
  const condition = 'x ? "Close it." : "Open the " + y + "."'
  const whole: [string, string] = [`{{ ${condition} }}`, `{{ ${condition} }}`]
  const part: [string, string] = [`{{ ${condition} }} The part:`, `{{ ${condition} }} 부분:`]
  const phrases: [string, string][] = [
    ['Close it.', '닫습니다.'],
    ['Open the {{ thing }}.', '다음을 엽니다: {{ thing }}.'],
  ]

  it.each([
    [
      'values stand in their places',
      [['Stop {{ a }} and {{ b }}.', '{{ b }}, {{ a }} 중지.']],
      'Stop x and y.',
      'y, x 중지.',
    ],
    ['a sentence of a condition is said in other words', [part], 'Close it. The part:', '닫습니다. 부분:'],
    ['with what stands in the sentence', [part], 'Open the <b>. The part:', '다음을 엽니다: <b>. 부분:'],
    ['a value that is no such sentence stays', [part], 'See it. The part:', 'See it. 부분:'],
    [
      'a text of a value alone does not stand in the way',
      [whole, ['Apply it.', '적용합니다.']],
      'Apply it.',
      '적용합니다.',
    ],
    ['and is said in other words itself', [whole, part], 'Close it.', '닫습니다.'],
  ] as [string, [string, string][], string, string][])('%s', (_, steps, english, text) => {
    expect(made(steps, phrases).step(rule, english)).toEqual([{ text, lang: '' }])
  })

  it.each([
    ['a value alone that has no other words', [whole], 'Something else.'],
    ['no step of the rule', [part], 'Something else.'],
    [
      'two steps that differ',
      [
        ['Stop it.', '중지.'],
        ['Stop it.', '멈춤.'],
      ],
      'Stop it.',
    ],
    ['values that could be cut in two ways', [['{{ a }} and {{ b }}.', '{{ a }}, {{ b }}.']], 'x and y and z.'],
  ] as [string, [string, string][], string][])('stays English and says so: %s', (_, steps, english) => {
    expect(made(steps, phrases).step(rule, english)).toEqual([{ text: english, lang: 'en' }])
  })
})

describe('what an evaluation says of a step', () => {
  const steps: [string, string][] = [['Apply it.', '적용합니다.']]
  // As the view marks what stays English.
  const why = 'could not be read: swap (timeout: No answer.)'
  it.each([
    [
      `Whether this step is needed ${why}. The step: Apply it.`,
      '이 단계가 필요한지 알 수 없습니다(읽을 수 없음: \u0002swap (timeout: No answer.)\u0003). 단계: 적용합니다.',
    ],
    [
      `Apply it. The exact change is not shown: a value ${why}.`,
      '적용합니다. 정확한 변경 내용은 표시하지 않습니다(읽을 수 없음: \u0002swap (timeout: No answer.)\u0003).',
    ],
    [
      `Apply it. Whether more of them need it ${why}.`,
      '적용합니다. 더 필요한 대상이 있는지는 알 수 없습니다(읽을 수 없음: \u0002swap (timeout: No answer.)\u0003).',
    ],
    [why, '읽을 수 없음: \u0002swap (timeout: No answer.)\u0003'],
    ['could not be written: a pipe', '작성할 수 없음: \u0002a pipe\u0003'],
    [
      `Whether this step is needed ${why}. The step: ${why}`,
      '이 단계가 필요한지 알 수 없습니다(읽을 수 없음: \u0002swap (timeout: No answer.)\u0003). 단계: 읽을 수 없음: \u0002swap (timeout: No answer.)\u0003',
    ],
  ])('%s', (english, text) => {
    expect(made(steps).step(rule, english)).toEqual(phraseOf(text))
  })

  it('stays English around a step that is not translated', () => {
    const english = `Whether this step is needed ${why}. The step: Do it.`
    expect(made(steps).step(rule, english)).toEqual([{ text: english, lang: 'en' }])
  })
})

describe.each([
  ['ko', /[가-힣]/],
  ['ja', /[ぁ-ん]/],
] as const)('sentences that conditions write out, in %s', (lang, letters) => {
  let translation: Translation
  beforeAll(async () => {
    translation = await loadTranslation(rulesFolder, lang)
  })

  it.each([
    [
      'pod-security-baseline',
      'Change the manifest that this Pod comes from, delete it and create it anew. This makes all of these changes at once:',
    ],
    [
      'pod-security-restricted',
      'Write the settings that level restricted asks of these containers as a patch. A runAsUser of 0 must be changed with them.',
    ],
    [
      'host-network',
      'A Job is not changed in place. Change the manifest that it comes from, delete it and create it anew. The part of its pod spec:',
    ],
    [
      'probe-values',
      'This is a static pod: change its manifest on the node; the kubelet then restarts it. The part of its pod spec:',
    ],
    [
      'sysctl-init-container',
      'Then take the init container out of the manifest that this Pod comes from, delete it and create it anew.',
    ],
  ])('%s', (id, english) => {
    const [{ text, lang: left } = { text: '', lang: 'en' }, ...more] = new RuleTexts(translation).step({ id }, english)
    expect([left, more]).toEqual(['', []])
    expect(text).toMatch(letters)
    expect(text).not.toMatch(/manifest|create|restart|patch/)
  })
})
