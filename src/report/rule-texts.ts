// A rule's own texts in the report's language: a translation where there is one of exactly this English text, else the English.
// May not: guess. Values are taken out of a filled-in English text only where there is one way to do so.
import type { RuleResult } from '../model/result.ts'
import type { Rephrased, TextParts, Translation } from '../model/translation.ts'
import { english as source } from './lang/en.ts'
import type { Language } from './lang/language.ts'
import { englishIn, type Phrase, phraseOf } from './phrase.ts'

/** As an evaluation writes them (evaluate/describe.ts). */
const framed = {
  'step.perhaps': partsOf(source.messages['step.perhaps']),
  'step.withoutChange': partsOf(source.messages['step.withoutChange']),
  'step.perhapsMore': partsOf(source.messages['step.perhapsMore']),
  'step.unread': partsOf(source.messages['step.unread']),
  'step.unwritten': partsOf(source.messages['step.unwritten']),
}

/** A text and the language it had to be left in; '' for the report's own. */
export interface RuleText {
  readonly text: string
  readonly lang: '' | 'en'
}

export class RuleTexts {
  readonly #translation: Translation | undefined
  readonly #language: Language | undefined
  readonly #shown = new Map<string, RuleText>()

  /** Without a translation the report is in English, in which every text is. */
  constructor(translation?: Translation, language?: Language) {
    this.#translation = translation
    this.#language = language
  }

  /** Title, problem, description, rationale or risk of a rule. */
  of({ id }: Pick<RuleResult, 'id'>, english: string): RuleText {
    return this.#once(id, english, () => this.#translation?.get(id)?.texts.get(english))
  }

  /** What to do, with its values filled in. */
  step({ id }: Pick<RuleResult, 'id'>, english: string): Phrase {
    const { text, lang } = this.#once(id, english, () => {
      const { steps = [], phrases = [] } = this.#translation?.get(id) ?? {}
      const translate = (text: string) => rephrase(text, steps, (value) => rephrase(value, phrases) ?? value)
      return this.#sentence(english, translate) ?? translate(english)
    })
    return lang === '' ? phraseOf(text) : [{ text, lang }]
  }

  /** Texts asked for so far, each once, and how many of them stayed English. */
  get counts(): { readonly shown: number; readonly untranslated: number } {
    const shown = [...this.#shown.values()]
    return { shown: shown.length, untranslated: shown.filter(({ lang }) => lang === 'en').length }
  }

  /** What an evaluation says of a step that it could not decide on, or not write out; undefined for any other text. */
  #sentence(text: string, translate: (step: string) => string | undefined): string | undefined {
    const language = this.#language
    if (language === undefined) return undefined
    const { say } = language
    const why = (reason = '') => {
      for (const key of ['step.unread', 'step.unwritten'] as const) {
        const reasons = valuesIn(reason, framed[key])?.get('reasons')
        if (reasons !== undefined) return say(key, { reasons: englishIn(reasons, language) })
      }
      return undefined
    }
    for (const key of ['step.perhaps', 'step.withoutChange', 'step.perhapsMore'] as const) {
      const values = valuesIn(text, framed[key])
      const step = translate(values?.get('step') ?? '') ?? why(values?.get('step'))
      const reason = why(values?.get('why'))
      if (step !== undefined && reason !== undefined) return say(key, { step, why: reason })
    }
    return why(text)
  }

  #once(rule: string, english: string, translate: () => string | undefined): RuleText {
    if (this.#translation === undefined || english === '') return { text: english, lang: '' }
    const key = `${rule}\0${english}`
    const known = this.#shown.get(key)
    if (known !== undefined) return known
    const text = translate()
    const made: RuleText = text === undefined ? { text: english, lang: 'en' } : { text, lang: '' }
    this.#shown.set(key, made)
    return made
  }
}

/**
 * A filled-in text in other words; undefined where none of them fits, or several do that say different things. Those with the most
 * words of their own count, because what consists of a value alone fits every text; it has to be a value that has other words.
 */
function rephrase(
  text: string,
  choices: readonly Rephrased[],
  translate: (value: string) => string = (value) => value,
): string | undefined {
  const fitting = choices.flatMap(({ from, to }) => {
    const values = valuesIn(text, from)
    if (values === undefined) return []
    const words = from.literals.join('').length
    const isKnown = words > 0 || [...values.values()].every((value) => translate(value) !== value)
    return isKnown ? [{ words, text: fill(to, values, translate) }] : []
  })
  const most = Math.max(...fitting.map(({ words }) => words))
  const found = new Set(fitting.filter(({ words }) => words === most).map((one) => one.text))
  return found.size === 1 ? [...found][0] : undefined
}

/**
 * The value of each expression in a text that was made from a template; undefined where it was not, or could have been made with
 * other values. Literals found from the left and from the right at the same places leave one way only.
 */
function valuesIn(text: string, { literals, expressions }: TextParts): Map<string, string> | undefined {
  const first = literals[0] ?? ''
  const last = literals.length > 1 ? (literals.at(-1) ?? '') : ''
  if (expressions.length === 0) return text === first ? new Map() : undefined
  const end = text.length - last.length
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return undefined
  const between = literals.slice(1, -1)
  const starts = fromLeft(text, between, first.length, end)
  const ends = fromRight(text, between, first.length, end)
  if (starts === undefined || starts.join() !== ends?.join()) return undefined
  const values = new Map<string, string>()
  for (const [index, expression] of expressions.entries()) {
    const from = index === 0 ? first.length : (starts[index - 1] ?? 0) + (between[index - 1] ?? '').length
    const value = text.slice(from, starts[index] ?? end)
    if (values.has(expression) && values.get(expression) !== value) return undefined
    values.set(expression, value)
  }
  return values
}

function fromLeft(text: string, literals: readonly string[], start: number, end: number): number[] | undefined {
  let at = start
  const places: number[] = []
  for (const literal of literals) {
    const found = text.indexOf(literal, at)
    if (found < 0 || found + literal.length > end) return undefined
    places.push(found)
    at = found + literal.length
  }
  return places
}

function fromRight(text: string, literals: readonly string[], start: number, end: number): number[] | undefined {
  let at = end
  const places: number[] = []
  for (const literal of literals.toReversed()) {
    const found = at - literal.length < start ? -1 : text.lastIndexOf(literal, at - literal.length)
    if (found < start) return undefined
    places.unshift(found)
    at = found
  }
  return places
}

function fill(
  { literals, expressions }: TextParts,
  values: ReadonlyMap<string, string>,
  translate: (value: string) => string,
): string {
  return literals.flatMap((literal, at) => [literal, translate(values.get(expressions[at] ?? '') ?? '')]).join('')
}

/** A message's own words and the names of its values. */
function partsOf(message: string): TextParts {
  const pieces = message.split(/\{(\w+)\}/)
  return {
    literals: pieces.filter((_, at) => at % 2 === 0),
    expressions: pieces.filter((_, at) => at % 2 === 1),
  }
}
