import type { Phrase } from '../../src/report/phrase.ts'

/** What a reader reads, whatever the languages of its pieces. */
export function plainPhrase(phrase: Phrase): string {
  return phrase.map(({ text }) => text).join('')
}
