// Hostile text for other tools' files: no character that acts, never longer than a field may be, never cut without a word.
import { visibleText } from '../../util/visible-text.ts'
import { formatCount, wholeCharacters } from '../text.ts'

/** Assigned to nothing for ever; XML has no way to write the last two. */
const noncharacters = /[\uFDD0-\uFDEF\uFFFE\uFFFF]/g

/**
 * At most `max` characters (UTF-16 units), control and format characters and lone surrogates as their code points. What was cut says
 * so at its end, where there is room for it. Lines stay lines.
 */
export function plainText(text: string, max: number): string {
  const seen = visibleText(text.length > max ? wholeCharacters(text, max) : text).replaceAll(
    noncharacters,
    (character) => `[U+${character.charCodeAt(0).toString(16).toUpperCase()}]`,
  )
  if (seen.length <= max && text.length <= max) return seen
  const note = ` … [cut; ${formatCount(text.length)} characters in result.json]`
  const end = note.length * 2 <= max ? note : '…'
  return `${wholeCharacters(seen, max - end.length)}${end}`
}

/** As plainText, on one line without spaces around; `empty` where nothing is left. */
export function plainLine(text: string, max: number, empty = '-'): string {
  const looked = wholeCharacters(text, 4 * max)
  const folded = looked.replaceAll(/\s+/gu, ' ').trim()
  // What follows a long run of spaces is not looked at, and not passed over in silence.
  if (looked.length < text.length && folded.length < max) return plainText(`${folded} …`.trim(), max)
  const line = plainText(folded, max).trim()
  return line === '' ? empty : line
}

/** Joined with line ends while they fit; then how many more there are. */
export function joinLines(lines: readonly string[], max: number): string {
  const room = max - 40
  const kept: string[] = []
  let length = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > room && kept.length > 0) break
    kept.push(line)
  }
  const more = lines.length - kept.length
  return plainText([...kept, ...(more > 0 ? [`… and ${formatCount(more)} more lines`] : [])].join('\n'), max)
}

/** https and http only: other schemes run code in some viewers. */
export function webLink(links: readonly string[]): string | undefined {
  return links.find(
    (link) => link.length <= 1_000 && /^https?:\/\/[!#-;=?-Z_a-z~[\]]+$/.test(link) && URL.canParse(link),
  )
}
