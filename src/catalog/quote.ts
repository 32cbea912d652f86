// Puts values into text, commands and files so that a hostile value stays a value. Where a language gives no safe way to write a
// value, the answer is a refusal in words, never an approximation.
// May not: decide what a rule says.
import type { Rule } from '../model/rule.ts'

export type Language = NonNullable<Rule['remediation']['steps'][number]['language']>
export type Scalar = string | number | bigint | boolean
export type Interpolated = Scalar | readonly Scalar[]

/** A value that cannot be written safely in the language it is wanted in. */
export class UnsafeValueError extends Error {
  override readonly name = 'UnsafeValueError'
}

/** Longest value shown in a message; what is cut is counted. */
const maxShown = 2000

/** Controls, format characters (bidirectional overrides, zero width), line and paragraph separators, lone surrogates. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const hasInvisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** `text` with every invisible character written out (\n, \t, \u{202e}) and, beyond `max` characters, cut with the number left out. */
export function visibleText(text: string, max = maxShown): string {
  const cut = text.length > max ? text.slice(0, max) : text
  const shown = cut.replace(invisible, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
  return cut === text ? shown : `${shown}… (${text.length - max} more characters)`
}

/** Writes a value in a language. `startsWord`: nothing but white space is before it, so that a shell would take "-x" for an option. */
export function quote(value: Interpolated, language: Language, startsWord: boolean): string {
  if (typeof value === 'object') return quoteMany(value, language, startsWord)
  if (typeof value !== 'string') return String(value)
  switch (language) {
    case 'text':
      return visibleText(value)
    case 'shell':
      return quoteShell(value, startsWord)
    case 'json':
    case 'yaml':
    case 'toml':
      return quoteJson(value, language)
    case 'sysctl':
      return plain(value, /^[\w./*:, -]*$/, 'a sysctl file')
    case 'ini':
      return plain(value, /^[\p{L}\p{N}_./:=@,+*() -]*$/u, 'an ini file')
  }
}

function quoteMany(values: readonly Scalar[], language: Language, startsWord: boolean): string {
  const parts = values.map((value) => quote(value, language, startsWord))
  switch (language) {
    case 'json':
    case 'yaml':
    case 'toml':
      return `[${parts.join(', ')}]`
    case 'text':
      return parts.join(', ')
    case 'shell':
      return parts.join(' ')
    case 'sysctl':
    case 'ini':
      throw new UnsafeValueError('a list has no form in this kind of file')
  }
}

function quoteShell(value: string, startsWord: boolean): string {
  // Control characters would act on the terminal that a command is pasted into, quoted or not.
  if (hasInvisible.test(value)) throw new UnsafeValueError(`"${visibleText(value, 100)}" holds control characters`)
  if (startsWord && value.startsWith('-')) {
    throw new UnsafeValueError(`"${visibleText(value, 100)}" would be taken for an option`)
  }
  return /^[\w./:@%+,=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

/** A JSON string is also a YAML double-quoted scalar and a TOML basic string, once nothing invisible is left in it. */
function quoteJson(value: string, language: 'json' | 'yaml' | 'toml'): string {
  return JSON.stringify(value.toWellFormed()).replace(invisible, (character) => {
    // Beyond 16 bits JSON wants a surrogate pair, which TOML refuses; YAML and TOML have a long form instead.
    if (character.length === 1) return unicodeEscape(character, 0)
    if (language === 'json') return unicodeEscape(character, 0) + unicodeEscape(character, 1)
    return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`
  })
}

function unicodeEscape(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`
}

function plain(value: string, allowed: RegExp, place: string): string {
  if (allowed.test(value)) return value
  throw new UnsafeValueError(`"${visibleText(value, 100)}" has characters that ${place} could read differently`)
}
