// Matches paths against shell patterns as glob(7) does: "*" and "?" stay within a path component. Linear in practice: patterns come
// from hosts, so no regular expression is built from them.

/** `*`, `?` and `[…]`; a "/" is only matched by itself. */
export function matchesGlob(pattern: string, path: string): boolean {
  const patterns = pattern.split('/')
  const parts = path.split('/')
  return patterns.length === parts.length && patterns.every((part, index) => matchesPart(part, parts[index] ?? ''))
}

export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

function matchesPart(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    const step = matchOne(pattern, p, text.charAt(t))
    if (pattern.charAt(p) === '*') {
      star = p
      mark = t
      p += 1
    } else if (step > 0) {
      p += step
      t += 1
    } else if (star >= 0) {
      p = star + 1
      mark += 1
      t = mark
    } else return false
  }
  while (pattern.charAt(p) === '*') p += 1
  return p === pattern.length
}

/** Length of the pattern's element at `at` when it matches the character, else 0. */
function matchOne(pattern: string, at: number, character: string): number {
  const element = pattern.charAt(at)
  if (element === '?') return 1
  if (element === '\\' && pattern.charAt(at + 1) === character) return 2
  if (element === '[') {
    const end = pattern.indexOf(']', at + 2)
    if (end > 0) return isInClass(pattern.slice(at + 1, end), character) ? end - at + 1 : 0
  }
  return element === character ? 1 : 0
}

function isInClass(body: string, character: string): boolean {
  const isNegated = body.startsWith('!') || body.startsWith('^')
  const members = isNegated ? body.slice(1) : body
  let isFound = false
  for (let at = 0; at < members.length; at += 1) {
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length
    if (isRange) {
      isFound ||= character >= members.charAt(at) && character <= members.charAt(at + 2)
      at += 2
    } else isFound ||= members.charAt(at) === character
  }
  return isFound !== isNegated
}
