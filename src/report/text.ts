// Untrusted text made safe to look at, and the small grammar of the report's sentences.
// May not: know about results, HTML or PDF. Escaping for HTML is the template engine's job, not done here.

import { visibleText } from '../util/visible-text.ts'
import { type Language, languageOf } from './lang/language.ts'

export interface TextLimits {
  /** Characters kept of one text. */
  readonly characters: number
  /** Lines kept of one text. */
  readonly lines: number
}

/** Cuts a text that is longer than a page can bear, and says so at its end. */
export function cutText(text: string, limits: TextLimits, { say }: Language = languageOf('en')): string {
  const lines = text.length > limits.lines ? text.split('\n') : []
  const byLines = lines.length > limits.lines ? lines.slice(0, limits.lines).join('\n') : text
  const kept = byLines.length > limits.characters ? wholeCharacters(byLines, limits.characters) : byLines
  if (kept.length === text.length) return text
  const key = limits.characters < shortText ? 'text.cutShort' : 'text.cut'
  return say(key, { text: kept, shown: kept.length, all: text.length })
}

/** A browser lays out words without an end ever more slowly, and no name, path, digest or command has one that long. */
const longestWord = 1_000

function cutWords(text: string, { say }: Language): string {
  if (text.length <= longestWord) return text
  return text.replaceAll(/\S{1001,}/g, (word) => {
    const kept = wholeCharacters(word, longestWord)
    return say('text.cutShort', { text: kept, shown: kept.length, all: word.length })
  })
}

/** Below it a longer remark would outweigh the text. */
const shortText = 250

/** The first characters, never half a surrogate pair. */
export function wholeCharacters(text: string, length: number): string {
  const code = text.charCodeAt(length - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length)
}

/** A copy of any plain data with every string cut and made visible. What a template gets has gone through here. */
export function makePrintable(value: unknown, limits: TextLimits, lang: Language = languageOf('en')): unknown {
  if (typeof value === 'string') return visibleText(cutWords(cutText(value, limits, lang), lang))
  if (Array.isArray(value)) return value.map((item) => makePrintable(item, limits, lang))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, makePrintable(item, limits, lang)] as const)
  return Object.fromEntries(entries)
}

/** What a sentence of a rule marks as code; splits it so that every other piece is code. */
export const codeInProse = /`([^`\n]+)`/

/** A sentence of a rule where nothing can be set as code: its words without the backquotes. */
export function plainProse(text: string): string {
  return text.split(codeInProse).join('')
}

/** 4310 → "4,310". */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** "1 node", "4,310 nodes". */
export function countNoun(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** Up to its first full stop, question mark or exclamation mark before a space; the whole text where there is none. */
export function firstSentence(text: string): string {
  return /^[\s\S]*?(?:[.!?](?=\s|$)|[。！？])/.exec(text)?.[0] ?? text
}

/** Share of two counts in per cent with one decimal, rounded down so that 100 means all. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '0'
  return String(Math.floor((part / whole) * 1000) / 10)
}

/** "99.2 %" of two counts, rounded down so that 100 means all. */
export function shareOf(part: number, whole: number, { say }: Language): string {
  return say('percent', { share: formatShare(part, whole) })
}

/** A text as a CSS string in which only letters and digits stand for themselves. */
export function cssString(text: string): string {
  const escaped = visibleText(text).replace(/[^A-Za-z0-9]/gu, (character) => {
    return `\\${(character.codePointAt(0) ?? 0).toString(16)} `
  })
  return `"${escaped}"`
}
