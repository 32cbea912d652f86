// Texts part of which stays English in a report of another language: a translated frame around what a system or the catalogue said.
// May not: hold words. The marks live in the view's making only; what a template gets are pieces with their language.
import { visibleText } from '../util/visible-text.ts'
import type { Language } from './lang/language.ts'

/** A piece of a text and its language where it is not the report's, else ''. */
export interface Piece {
  readonly text: string
  readonly lang: '' | 'en'
}

export type Phrase = readonly Piece[]

const [begin, end] = ['\u0002', '\u0003']
const marked = new RegExp(`${begin}([^${end}]*)(?:${end}|$)`)

/** An English value for a message of the report's language; as it is where that is English. */
export function englishIn(text: string, { code }: Pick<Language, 'code'>): string {
  return code === 'en' || text === '' ? text : `${begin}${visibleText(text)}${end}`
}

/** A message whose English values were marked, in pieces, also where it was cut in one of them; no piece is empty, and an empty text has none. */
export function phraseOf(text: string): Phrase {
  return text
    .split(marked)
    .map((piece, index): Piece => ({ text: piece, lang: index % 2 === 1 ? 'en' : '' }))
    .filter((piece) => piece.text !== '')
}

/** What is English as a whole in every report. */
export function englishPhrase(text: string, lang: Pick<Language, 'code'>): Phrase {
  return phraseOf(englishIn(text, lang))
}

/** One after the other, parted as the language parts things of a list. */
export function joinPhrases(phrases: readonly Phrase[], { parts }: Pick<Language, 'parts'>): Phrase {
  const between = parts(['', ''])
  return phrases.flatMap((phrase, index) => (index === 0 ? phrase : [{ text: between, lang: '' } as const, ...phrase]))
}

/** Characters. */
export function lengthOf(phrase: Phrase): number {
  return phrase.reduce((sum, { text }) => sum + text.length, 0)
}
