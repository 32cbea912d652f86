// Counts what of the rules is translated, and notes of which English text each new translation was made.
// `npm run translations` notes what is new and tells what is stale; `npm run translations -- --renew <rule> …` says that the texts
// of these rules were brought up to date by hand.
import { writeFile } from 'node:fs/promises'
import { madeFromPath, type SurveyedText, surveyTranslation, textDigest } from '../src/catalog/translations.ts'
import { rulesFolder } from '../src/cli/paths.ts'
import { languages } from '../src/model/language.ts'

const [flag, ...named] = process.argv.slice(2)
const renewed = new Set(flag === '--renew' ? named : [])

for (const lang of languages.filter((one) => one !== 'en')) {
  const { texts, problems, madeFrom } = await surveyTranslation(rulesFolder, lang)
  for (const { file, line, column, message } of problems)
    process.stdout.write(`${file}:${line}:${column}: ${message}\n`)
  if (problems.length > 0) process.exitCode = 1
  const made = texts.filter(({ text }) => text !== undefined)
  const noted = Map.groupBy(made, ({ rule }) => rule)
  const isTold = ({ rule, state }: SurveyedText) => state === 'new' || renewed.has(rule)
  const lines = [...noted.keys()].sort().map((rule) => {
    const digests = (noted.get(rule) ?? []).map((one): [string, string] => [
      one.place,
      isTold(one) ? textDigest(one.english) : (madeFrom[rule]?.[one.place] ?? ''),
    ])
    return `${JSON.stringify(rule)}: ${JSON.stringify(Object.fromEntries(digests))}`
  })
  await writeFile(madeFromPath(rulesFolder, lang), `{\n${lines.join(',\n')}\n}\n`)
  report(lang, texts)
}

function report(lang: string, texts: readonly SurveyedText[]): void {
  const share = (title: string, of: readonly SurveyedText[]) => {
    const done = of.filter(({ state, rule }) => state === 'translated' || state === 'new' || renewed.has(rule))
    process.stdout.write(`${lang}  ${title}: ${done.length} of ${of.length}\n`)
  }
  const isShort = ({ place }: SurveyedText) => place === 'title' || place === 'problem'
  share('titles and problems', texts.filter(isShort))
  share(
    'long texts of the documents’ rules',
    texts.filter((one) => !isShort(one) && one.isOfDocuments),
  )
  share(
    'long texts of other rules',
    texts.filter((one) => !isShort(one) && !one.isOfDocuments),
  )
  for (const { rule, place } of texts.filter(({ state, rule: id }) => state === 'stale' && !renewed.has(id)))
    process.stdout.write(`${lang}  stale: ${rule} ${place}\n`)
  for (const { rule, place } of texts.filter((one) => one.state === 'missing' && isShort(one)))
    process.stdout.write(`${lang}  missing: ${rule} ${place}\n`)
}
