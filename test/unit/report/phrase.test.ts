// Texts in a translated frame: which piece is in which language.
import { expect, test } from 'vitest'
import { languageOf } from '../../../src/report/lang/language.ts'
import { englishIn, englishPhrase, phraseOf } from '../../../src/report/phrase.ts'
import { factPhrase } from '../../../src/report/words.ts'

const [en, ko] = [languageOf('en'), languageOf('ko')]

test('what a message says in English is a piece of its own, and the whole is one piece in English', () => {
  const said = (lang: typeof en) =>
    phraseOf(lang.say('reason.detailed', { reason: lang.say('reason.timeout'), detail: englishIn('No answer.', lang) }))
  expect(said(ko)).toEqual([
    { text: `${ko.say('reason.timeout')}: `, lang: '' },
    { text: 'No answer.', lang: 'en' },
  ])
  expect(said(en)).toEqual([{ text: `${en.say('reason.timeout')}: No answer.`, lang: '' }])
})

test('a name of a fact is translated, and the words of its field are not', () => {
  expect(factPhrase('kubeletConfiguration.authorizationMode', ko)).toEqual([
    { text: ko.term('Kubelet'), lang: '' },
    { text: ': authorization mode', lang: 'en' },
  ])
  expect(factPhrase('swap', ko)).toEqual([{ text: ko.term('Swap'), lang: '' }])
  expect(factPhrase('no such fact', ko)).toEqual([{ text: 'no such fact', lang: 'en' }])
})

test.each([
  ['nothing', '', []],
  ['marks of its own', 'a\u0002b\u0003c', [{ text: 'a[U+0002]b[U+0003]c', lang: 'en' }]],
])('an English text with %s', (_, text, phrase) => expect(englishPhrase(text, ko)).toEqual(phrase))

test('a text that was cut within its English keeps its languages', () => {
  expect(phraseOf(`이유: ${englishIn('No answer.', ko)}`.slice(0, 8))).toEqual([
    { text: '이유: ', lang: '' },
    { text: 'No ', lang: 'en' },
  ])
})
