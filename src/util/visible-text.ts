// Makes text from a cluster safe to look at: what would move a cursor, reorder a line or hide is shown as its code point.

/** Controls, bidi overrides, zero-width and other format characters, line separators, private use, lone surrogates. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu
/** Marks on one letter beyond those of any script: they would reach over the lines around it. */
const stacked = /(\p{M}{8})(\p{M}+)/gu
const kept = new Set(['\n', '\t'])

/** Replaces every character that would act instead of being seen by its name, such as `[U+202E]`. Tabs and newlines stay. */
export function visibleText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(stacked, (_, first: string, rest: string) => `${first}[+${Array.from(rest).length} marks]`)
    .replace(invisible, (character) => (kept.has(character) ? character : codePointName(character)))
}

function codePointName(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
}

/** Replaces the given characters by their names. */
export function nameCharacters(text: string, characters: ReadonlySet<string>): string {
  if (characters.size === 0) return text
  return Array.from(text, (character) => (characters.has(character) ? codePointName(character) : character)).join('')
}
