// Names of files from names that anybody may have chosen. May not: give two owners one file, or a name that a shell or a file
// system minds, on Windows and on macOS too.
import { createHash } from 'node:crypto'

const longest = 60
/** Devices on Windows, whatever their extension; and the page that lists all parts. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d|index)$/

/** One name for each, without extension. A name that had to be changed carries a digest of the whole, so that it stays the same next time. */
export function fileNamesOf(names: readonly string[]): string[] {
  const used = new Set<string>()
  return names.map((name) => {
    const wanted = fileNameOf(name)
    let free = wanted
    for (let count = 2; used.has(free); count += 1) free = `${wanted}-${count}`
    used.add(free)
    return free
  })
}

function fileNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const isSame = plain === name && plain.length <= longest && plain !== '' && !reserved.test(plain)
  if (isSame) return plain
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${plain.slice(0, longest).replace(/-+$/, '') || 'part'}-${digest}`
}
