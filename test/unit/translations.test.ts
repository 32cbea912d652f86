// What of the built-in rules is translated: counted, and held to a floor. A new rule needs no translation and changes no floor; a text
// that is lost, or whose English changed without `npm run translations -- --renew <rule>`, falls below it.
import { describe, expect, test } from 'vitest'
import { type SurveyedText, surveyTranslation } from '../../src/catalog/translations.ts'
import { rulesFolder } from '../../src/cli/paths.ts'

const isShort = ({ place }: SurveyedText) => place === 'title' || place === 'problem'
const groups = {
  'titles and problems': isShort,
  'long texts of rules that answer the documents': (one: SurveyedText) => !isShort(one) && one.isOfDocuments,
  'long texts of other rules': (one: SurveyedText) => !isShort(one) && !one.isOfDocuments,
}

describe.each(['ko', 'ja'] as const)('%s', async (lang) => {
  const { texts, problems } = await surveyTranslation(rulesFolder, lang)

  test('fits the rules: ids, sections, steps and every {{ }}', () => {
    expect(problems).toEqual([])
  })

  test.each([
    ['titles and problems', 522],
    ['long texts of rules that answer the documents', 1110],
    ['long texts of other rules', 658],
  ] as const)('%s: at least %i are translated', (group, floor) => {
    const own = texts.filter(groups[group])
    const missing = own
      .filter(({ state }) => state !== 'translated')
      .map(({ rule, place, state }) => [rule, place, state])
    expect(own.length - missing.length, `not translated: ${JSON.stringify(missing)}`).toBeGreaterThanOrEqual(floor)
  })
})
