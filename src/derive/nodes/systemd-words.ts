// Splits systemd command lines and environment files into words: quoting, C escapes, and variables.
// May not: read files, or run anything.

export interface Word {
  readonly text: string
  /** Whether quotes or a backslash were used: such a word is never a bare "$NAME". */
  readonly isQuoted: boolean
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

/** Words as systemd splits them. An unclosed quote ends with the text. */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1
      continue
    }
    const { word, end } = takeWord(text, at)
    words.push(word)
    at = end
  }
  return words
}

function takeWord(text: string, start: number): { readonly word: Word; readonly end: number } {
  let quote = ''
  let taken = ''
  let isQuoted = false
  let at = start
  for (; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '\\') {
      const { value, length } = takeEscape(text, at)
      taken += value
      isQuoted = true
      at += length - 1
    } else if (character === quote) {
      quote = ''
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character
      isQuoted = true
    } else if (quote === '' && /\s/.test(character)) {
      break
    } else {
      taken += character
    }
  }
  return { word: { text: taken, isQuoted }, end: at }
}

function takeEscape(text: string, at: number): { readonly value: string; readonly length: number } {
  const next = text.charAt(at + 1)
  const hexadecimal = /^\\x([0-9a-fA-F]{2})/.exec(text.slice(at, at + 4))
  if (hexadecimal) return { value: String.fromCharCode(Number.parseInt(hexadecimal[1] ?? '', 16)), length: 4 }
  const octal = /^\\([0-3][0-7]{2})/.exec(text.slice(at, at + 4))
  if (octal) return { value: String.fromCharCode(Number.parseInt(octal[1] ?? '', 8)), length: 4 }
  const value = Object.hasOwn(escapes, next) ? escapes[next] : undefined
  return value === undefined ? { value: `\\${next}`, length: 2 } : { value, length: 2 }
}

/** The assignments of an EnvironmentFile, in order. */
export function readEnvironmentFile(content: string): readonly (readonly [name: string, value: string])[] {
  const assignments: [string, string][] = []
  const joined = content.replaceAll(/\\\r?\n/g, '')
  for (const line of joined.split(/\r?\n/)) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line.trim())
    if (match) assignments.push([match[1] ?? '', unquote(match[2] ?? '')])
  }
  return assignments
}

/** Quoted and bare parts joined; blanks inside a bare value stay. */
function unquote(text: string): string {
  const part = /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)|([^"'\\])/gs
  return text.replaceAll(part, (_whole, double?: string, single?: string, escaped?: string, bare?: string) =>
    double === undefined ? (single ?? escaped ?? bare ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1'),
  )
}
