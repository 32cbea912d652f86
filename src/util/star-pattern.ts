// Patterns in which * stands for any characters, and nothing else is special. Linear, so that none can hang.

/** A test for the pattern. */
export function starPattern(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*')
  return (text) => matchesParts(text, parts)
}

/** Whether the text is the parts in order with anything between them. */
function matchesParts(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.at(-1)
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  const end = text.length - last.length
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
