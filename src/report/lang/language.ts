// How a report says things in one language: messages with their parameters, numbers, dates and lists.
// May not: know what a report is about; the catalogues beside this file hold the words.
import type { LanguageCode } from '../../model/language.ts'
import { english } from './en.ts'
import { japanese } from './ja.ts'
import type { MessageKey, NamesOf, Values, Words } from './keys.ts'
import { korean } from './ko.ts'
import type { Message } from './message.ts'

export interface Language {
  readonly code: LanguageCode
  readonly say: <K extends MessageKey>(key: K, ...values: [NamesOf<K>] extends [never] ? [] : [Values<K>]) => string
  /** As `say`, for a template, which no compiler checks. Throws for a key or a name that does not exist. */
  readonly sayAny: (key: string, values: Readonly<Record<string, unknown>>) => string
  /** A short label of a result in this language, or as it is. */
  readonly term: (label: string) => string
  /** 4310 → "4,310". */
  readonly number: (count: number) => string
  /** "a, b and c". */
  readonly list: (words: readonly string[]) => string
  /** Parts of a sentence one after the other: "a, b, c". */
  readonly parts: (words: readonly string[]) => string
  /** Sentences one after the other; empty ones are left out. */
  readonly sentences: (texts: readonly string[]) => string
  /** The first names, and how many more there are: "a, b, c and 4,307 more". */
  readonly names: (names: readonly string[], limit: number) => string
  /** A day, or that of a moment in UTC. Anything else is shown as it came. */
  readonly day: (iso: string) => string
  /** A moment of a result as people of this language write it, in UTC, which it says. Anything else is shown as it came. */
  readonly time: (iso: string) => string
  /** Two moments as one text: the date is said once when they share it. */
  readonly period: (start: string, end: string) => string
}

const words: Readonly<Record<LanguageCode, Words>> = { en: english, ko: korean, ja: japanese }
/** Between a number and its counter no line of Japanese breaks. */
const counted = /(?<=\d) (?=[件台日分秒行])/g

const made = new Map<LanguageCode, Language>()

export function languageOf(code: LanguageCode): Language {
  const known = made.get(code)
  if (known) return known
  const language = makeLanguage(code, words[code])
  made.set(code, language)
  return language
}

function makeLanguage(code: LanguageCode, { locale, messages, terms }: Words): Language {
  const numbers = new Intl.NumberFormat(locale)
  const plurals = new Intl.PluralRules(locale)
  const lists = new Intl.ListFormat(locale, { type: 'conjunction' })
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const number = (count: number) => numbers.format(count)
  const write = (value: unknown) => (typeof value === 'number' ? number(value) : String(value))
  const known = new Map<string, Message>(Object.entries(messages))
  const sayAny = (key: string, values: Readonly<Record<string, unknown>>): string => {
    const message = known.get(key)
    if (message === undefined) throw new Error(`no message ${key}`)
    const count = Number(values['count'])
    const text = typeof message === 'string' ? message : (message[plurals.select(count)] ?? message.other)
    const said = text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (!Object.hasOwn(values, name)) throw new Error(`no value ${name} for the message ${key}`)
      return write(values[name])
    })
    return code === 'ja' ? said.replaceAll(counted, '\u00a0') : said
  }
  // English keeps the order that sorts and that no two countries read differently.
  const day = (iso: string) => {
    if (!isMoment(iso) && !isMoment(`${iso}T00:00:00Z`)) return iso
    return code === 'en' ? iso.slice(0, 10) : dates.format(new Date(iso))
  }
  const clock = (iso: string) => iso.slice(11, 19)
  const time = (iso: string) => (isMoment(iso) ? sayAny('time', { day: day(iso), clock: clock(iso) }) : iso)
  return {
    code,
    say: (key, ...[values]) => sayAny(key, values ?? {}),
    sayAny,
    term: (label) => (Object.hasOwn(terms, label) ? (terms[label] ?? label) : label),
    number,
    parts: (items) => items.join(sayAny('parts.next', {})),
    sentences: (texts) => texts.filter((text) => text !== '').join(sayAny('sentence.next', {})),
    list: (items) => lists.format(items),
    names: (names, limit) =>
      names.length <= limit + 1
        ? names.join(', ')
        : sayAny('names.more', { names: names.slice(0, limit).join(', '), count: names.length - limit }),
    day,
    time,
    period: (start, end) =>
      isMoment(start) && isMoment(end) && start.slice(0, 10) === end.slice(0, 10)
        ? sayAny('period.day', { day: day(start), from: clock(start), to: clock(end) })
        : sayAny('period', { from: time(start), to: time(end) }),
  }
}

function isMoment(iso: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(iso) && !Number.isNaN(Date.parse(iso))
}
