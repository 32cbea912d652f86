// Untrusted text made safe to look at, and the small grammar of the report's sentences.
// May not: know about results, HTML or PDF. Escaping for HTML is the template engine's job, not done here.

import { visibleText } from '../util/visible-text.ts'

export interface TextLimits {
  /** Characters kept of one text. */
  readonly characters: number
  /** Lines kept of one text. */
  readonly lines: number
}

/** Cuts a text that is longer than a page can bear, and says so at its end. */
export function cutText(text: string, limits: TextLimits): string {
  const lines = text.length > limits.lines ? text.split('\n') : []
  const byLines = lines.length > limits.lines ? lines.slice(0, limits.lines).join('\n') : text
  const kept = byLines.length > limits.characters ? wholeCharacters(byLines, limits.characters) : byLines
  if (kept.length === text.length) return text
  return `${kept} … [cut here: ${formatCount(kept.length)} of ${formatCount(text.length)} characters shown, all in the result file]`
}

/** The first characters, never half a surrogate pair. */
export function wholeCharacters(text: string, length: number): string {
  const code = text.charCodeAt(length - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? length - 1 : length)
}

/** A copy of any plain data with every string cut and made visible. What a template gets has gone through here. */
export function makePrintable(value: unknown, limits: TextLimits): unknown {
  if (typeof value === 'string') return visibleText(cutText(value, limits))
  if (Array.isArray(value)) return value.map((item) => makePrintable(item, limits))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, makePrintable(item, limits)] as const)
  return Object.fromEntries(entries)
}

/** 4310 → "4,310". */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** "1 node", "4,310 nodes". */
export function countNoun(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** "a", "a and b", "a, b and c". */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** Up to its first full stop, question mark or exclamation mark before a space; the whole text where there is none. */
export function firstSentence(text: string): string {
  return /^[\s\S]*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text
}

/** The first names, and how many more there are: "a, b, c and 4,307 more". */
export function listNames(names: readonly string[], limit: number): string {
  if (names.length <= limit + 1) return names.join(', ')
  return `${names.slice(0, limit).join(', ')} and ${formatCount(names.length - limit)} more`
}

/** Share of two counts in per cent with one decimal, rounded down so that 100 means all. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '0'
  return String(Math.floor((part / whole) * 1000) / 10)
}

/** "2026-11-20T02:00:04.123Z" → "2026-11-20 02:00:04 UTC". Anything else is shown as it came. */
export function formatTime(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso)
  return match ? `${match[1]} ${match[2]} UTC` : iso
}

/** Two times as one: the date is said once when they share it. */
export function formatPeriod(start: string, end: string): string {
  const from = formatTime(start)
  const to = formatTime(end)
  const sameDay = from.endsWith(' UTC') && to.endsWith(' UTC') && from.slice(0, 10) === to.slice(0, 10)
  return sameDay ? `${from.slice(0, -4)} – ${to.slice(11)}` : `${from} – ${to}`
}

/** A text as a CSS string in which only letters and digits stand for themselves. */
export function cssString(text: string): string {
  const escaped = visibleText(text).replace(/[^A-Za-z0-9]/gu, (character) => {
    return `\\${(character.codePointAt(0) ?? 0).toString(16)} `
  })
  return `"${escaped}"`
}
