// Hostile text as one short line for a message. May not: be used for evidence itself, which is kept as it is.

/** Control, format and line-breaking characters become spaces; at most `limit` characters, the last one then an ellipsis. */
export function oneLine(text: string, limit: number): string {
  const line = text
    .slice(0, 4 * limit)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  const characters = [...line]
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`
}
