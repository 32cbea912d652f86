// Texts of rules in other languages: rules/translations/<lang>/<section>.yaml beside the rules they are of, and in <lang>.json of
// which English text each was made.
// May not: let a rule depend on being translated, or show a text that was made from another English one.
import { createHash } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { LanguageCode } from '../model/language.ts'
import { type Rule, ruleSchema } from '../model/rule.ts'
import {
  type MadeFrom,
  madeFromSchema,
  phraseFileSchema,
  type Rephrased,
  type RuleTranslation,
  type Translation,
  translationFileSchema,
} from '../model/translation.ts'
import { type Problem, YamlSource } from '../util/yaml-source.ts'
import { CatalogueError } from './load.ts'
import { splitTemplate } from './template.ts'

/** translated: shown. missing: no text yet. stale: its English has changed since. new: not yet said to be of this English text. */
export type TextState = 'translated' | 'missing' | 'stale' | 'new'

export interface SurveyedText {
  readonly rule: string
  readonly section: string
  /** "title", "steps.0". */
  readonly place: string
  readonly english: string
  /** Absent where it is missing. */
  readonly text?: string
  readonly state: TextState
  /** The rule answers a row of the documents that this catalogue began with. */
  readonly isOfDocuments: boolean
}

export interface TranslationSurvey {
  readonly texts: readonly SurveyedText[]
  readonly phrases: readonly Rephrased[]
  /** Entries that are of no rule, or do not fit their rule. Never of a rule without an entry. */
  readonly problems: readonly Problem[]
  readonly madeFrom: MadeFrom
}

/** The texts that may be shown. Throws CatalogueError where a file is not one of translations. */
export async function loadTranslation(folder: string, lang: LanguageCode): Promise<Translation> {
  const { texts, phrases } = await surveyTranslation(folder, lang)
  const shown = texts.filter(({ state }) => state === 'translated')
  return new Map(
    [...Map.groupBy(shown, ({ rule }) => rule)].map(([rule, own]) => [
      rule,
      {
        texts: new Map(own.filter(({ place }) => !isStep(place)).map(({ english, text = '' }) => [english, text])),
        steps: own.filter(({ place }) => isStep(place)).map(({ english, text = '' }) => rephrased(english, text)),
        phrases: phrases.filter((phrase) => own.some(({ english }) => writes(english, phrase))),
      },
    ]),
  )
}

function rephrased(english: string, text: string): Rephrased {
  return { from: splitTemplate(english), to: splitTemplate(text) }
}

/** Whether an expression of a text holds the words of a phrase. */
function writes(english: string, { from }: Rephrased): boolean {
  return splitTemplate(english).expressions.some((expression) =>
    from.literals.every((literal) => expression.includes(literal)),
  )
}

function isStep(place: string): boolean {
  return place.startsWith('steps.')
}

/** Every text of every rule and whether it is translated. Throws CatalogueError where a file is not one of translations. */
export async function surveyTranslation(folder: string, lang: LanguageCode): Promise<TranslationSurvey> {
  const madeFrom = await readMadeFrom(madeFromPath(folder, lang))
  const problems: Problem[] = []
  const translated = await readTranslated(folder, lang, problems)
  if (problems.length > 0) throw new CatalogueError(problems)
  const rules = await readRules(folder)
  const texts = rules.flatMap(({ rule, section }) => {
    const entry = translated.get(rule.id)
    const own = entry === undefined ? new Map<string, string>() : placesOf(entry.texts)
    if (entry !== undefined) checkEntry(entry, rule, section)
    const isOfDocuments = rule.references.documents !== undefined
    return [...placesOf(textsOf(rule))].map(([place, english]): SurveyedText => {
      const text = own.get(place)
      const state = stateOf(english, text, madeFrom[rule.id]?.[place])
      return { rule: rule.id, section, place, english, ...(text === undefined ? {} : { text }), state, isOfDocuments }
    })
  })
  const known = new Set(rules.map(({ rule }) => rule.id))
  for (const [id, { source }] of translated) {
    if (!known.has(id)) source.add([id], 'there is no such rule')
    problems.push(...source.problems.splice(0))
  }
  return { texts, phrases: await readPhrases(folder, lang, texts, problems), problems, madeFrom }
}

export function madeFromPath(folder: string, lang: LanguageCode): string {
  return join(folder, 'translations', `${lang}.json`)
}

/** Ten hex digits of SHA-256: enough to tell a text that was changed. */
export function textDigest(english: string): string {
  return createHash('sha256').update(english).digest('hex').slice(0, 10)
}

function stateOf(english: string, text: string | undefined, made: string | undefined): TextState {
  if (text === undefined) return 'missing'
  if (made === undefined) return 'new'
  return made === textDigest(english) && hasSamePlaces(english, text) ? 'translated' : 'stale'
}

/** The same expressions, each as often. */
function hasSamePlaces(english: string, text: string): boolean {
  const places = (of: string) => JSON.stringify(splitTemplate(of).expressions.toSorted())
  return places(english) === places(text)
}

interface Entry {
  readonly source: YamlSource<Record<string, RuleTranslation>>
  readonly section: string
  readonly texts: RuleTranslation
}

async function readTranslated(folder: string, lang: LanguageCode, problems: Problem[]): Promise<Map<string, Entry>> {
  const own = join(folder, 'translations', lang)
  const entries = new Map<string, Entry>()
  for (const file of await filesIn(own, '*.yaml')) {
    const shown = join(basename(folder), 'translations', lang, file)
    const source = new YamlSource(shown, await readFile(join(own, file), 'utf8'), translationFileSchema)
    for (const [id, texts] of Object.entries(source.value ?? {})) {
      if (entries.has(id)) source.add([id], 'another file has this rule too')
      entries.set(id, { source, section: file.replace(/\.yaml$/, ''), texts })
    }
    problems.push(...source.problems)
  }
  return entries
}

/** Phrases that some step writes out; others are a problem. */
async function readPhrases(
  folder: string,
  lang: LanguageCode,
  texts: readonly SurveyedText[],
  problems: Problem[],
): Promise<Rephrased[]> {
  const path = join('translations', `${lang}-phrases.yaml`)
  const text = await readFile(join(folder, path), 'utf8').catch(() => '[]')
  const source = new YamlSource(join(basename(folder), path), text, phraseFileSchema)
  const steps = texts.filter(({ place }) => isStep(place))
  const phrases = (source.value ?? []).flatMap((entry, at) => {
    const phrase = rephrased(entry.english, entry.text)
    if (!hasSamePlaces(entry.english, entry.text))
      source.add([at, 'text'], 'the {{ }} are not those of the English phrase, each as often')
    else if (!steps.some(({ english }) => writes(english, phrase)))
      source.add([at, 'english'], 'no step of a rule writes this')
    else return phrase
    return []
  })
  problems.push(...source.problems)
  return phrases
}

async function readRules(folder: string): Promise<{ rule: Rule; section: string }[]> {
  const files = await filesIn(folder, '*/*.yaml', ['benchmarks', 'crosswalk', 'translations'])
  const read = await Promise.all(
    files.map(async (file) => {
      const { value } = new YamlSource(file, await readFile(join(folder, file), 'utf8'), ruleSchema)
      return value === undefined ? [] : [{ rule: value, section: file.split(/[\\/]/, 1)[0] ?? '' }]
    }),
  )
  return read.flat()
}

async function filesIn(folder: string, pattern: string, exclude: string[] = []): Promise<string[]> {
  const files = await Array.fromAsync(glob(pattern, { cwd: folder, exclude }))
  return files.sort()
}

function textsOf({ title, problem, description, rationale, remediation }: Rule): RuleTranslation {
  const { risk, undo, steps } = remediation
  return { title, problem, description, rationale, risk, undo, steps: steps.map(({ text }) => text) }
}

/** Each text by its place. */
function placesOf({ steps = [], ...texts }: RuleTranslation): Map<string, string> {
  const plain = Object.entries(texts).flatMap(([place, text]) => (text === undefined ? [] : [[place, text] as const]))
  return new Map([...plain, ...steps.map((text, index) => [`steps.${index}`, text] as const)])
}

function checkEntry({ source, section, texts }: Entry, rule: Rule, ruleSection: string): void {
  const { id, remediation } = rule
  const english = placesOf(textsOf(rule))
  if (section !== ruleSection)
    source.add([id], `the rule is in ${ruleSection}, so its texts belong in ${ruleSection}.yaml`)
  if (texts.steps !== undefined && texts.steps.length !== remediation.steps.length)
    source.add([id, 'steps'], `has ${texts.steps.length} texts; the rule has ${remediation.steps.length} steps`)
  for (const [place, text] of placesOf(texts)) {
    const path = [id, ...place.split('.')]
    const of = english.get(place)
    if (of === undefined) source.add(path, 'the rule has no such text')
    else if (!hasSamePlaces(of, text)) source.add(path, 'the {{ }} are not those of the English text, each as often')
  }
}

async function readMadeFrom(path: string): Promise<MadeFrom> {
  const text = await readFile(path, 'utf8').catch(() => '{}')
  const parsed = madeFromSchema.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new CatalogueError([
    { file: path, line: 1, column: 1, message: 'is not a list of digests; npm run translations writes it' },
  ])
}
