// Finds what was probably meant, for messages about unknown names.

/**
 * " (did you mean x?)" for the one known name that begins so, or the nearest within a third of the length; else "". Where several begin
 * so, none is likelier than the others.
 */
export function nearest(name: string, known: readonly string[]): string {
  const longer = known.filter((candidate) => name.length > 2 && candidate.startsWith(name))
  if (longer.length > 1) return ''
  let best = longer[0]
  if (best !== undefined) return ` (did you mean ${best}?)`
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best === undefined ? '' : ` (did you mean ${best}?)`
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
