// Which characters a font file has a glyph for, read from its character map: what a package declares for a file is a wish.
// May not: change or draw glyphs. WOFF2 is W3C's "WOFF File Format 2.0" (4.1, 5.1); the map is OpenType's table cmap.
import { brotliDecompressSync } from 'node:zlib'

/** Known table tags begin with cmap, glyf is number 10, loca number 11; 63 means that the tag follows. */
const [cmapTag, glyfTag, locaTag, otherTag] = [0, 10, 11, 63]

interface Cursor {
  readonly bytes: Buffer
  at: number
}

/** Code points of a WOFF2 file. Throws when it is none, or when it has no map that this can read. */
export function readCoverage(file: Buffer): ReadonlySet<number> {
  if (file.toString('latin1', 0, 4) !== 'wOF2') throw new Error('not a WOFF2 font')
  const cursor: Cursor = { bytes: file, at: 48 }
  let start = 0
  let map: { start: number; length: number } | undefined
  for (let left = file.readUInt16BE(12); left > 0; left -= 1) {
    const { tag, length } = readEntry(cursor)
    if (tag === cmapTag) map = { start, length }
    start += length
  }
  if (!map) throw new Error('the font has no character map')
  const tables = brotliDecompressSync(file.subarray(cursor.at, cursor.at + file.readUInt32BE(20)))
  return readMap(tables.subarray(map.start, map.start + map.length))
}

function readEntry(cursor: Cursor): { tag: number; length: number } {
  const flags = cursor.bytes.readUInt8(cursor.at)
  cursor.at += 1
  const tag = flags & 63
  const version = flags >> 6
  if (tag === otherTag) cursor.at += 4
  const length = readBase128(cursor)
  const isTransformed = tag === glyfTag || tag === locaTag ? version !== 3 : version !== 0
  return { tag, length: isTransformed ? readBase128(cursor) : length }
}

function readBase128(cursor: Cursor): number {
  let value = 0
  for (let count = 0; count < 5; count += 1) {
    const byte = cursor.bytes.readUInt8(cursor.at)
    cursor.at += 1
    value = value * 128 + (byte & 127)
    if (byte < 128) return value
  }
  throw new Error('a length in the font is too long')
}

function readMap(table: Buffer): Set<number> {
  const found = new Set<number>()
  for (let index = 0; index < table.readUInt16BE(2); index += 1) {
    const subtable = table.subarray(table.readUInt32BE(4 + 8 * index + 4))
    const format = subtable.readUInt16BE(0)
    if (format === 4) addSegments(subtable, found)
    if (format === 12) addGroups(subtable, found)
  }
  if (found.size === 0) throw new Error('the font’s character map is of an unknown kind')
  return found
}

/** Format 12: ranges of code points with consecutive glyphs. */
function addGroups(subtable: Buffer, found: Set<number>): void {
  for (let index = 0; index < subtable.readUInt32BE(12); index += 1) {
    const at = 16 + 12 * index
    for (let code = subtable.readUInt32BE(at); code <= subtable.readUInt32BE(at + 4); code += 1) found.add(code)
  }
}

/** Format 4: segments of 16-bit codes; glyph 0 means none. */
function addSegments(subtable: Buffer, found: Set<number>): void {
  const size = subtable.readUInt16BE(6)
  for (let at = 0; at < size; at += 2) {
    const end = subtable.readUInt16BE(14 + at)
    const start = subtable.readUInt16BE(16 + size + at)
    const delta = subtable.readUInt16BE(16 + 2 * size + at)
    const offsetAt = 16 + 3 * size + at
    const offset = subtable.readUInt16BE(offsetAt)
    for (let code = start; code <= end && code < 0xffff; code += 1) {
      const stored = offset === 0 ? code : subtable.readUInt16BE(offsetAt + offset + 2 * (code - start))
      if (stored !== 0 && ((stored + delta) & 0xffff) !== 0) found.add(code)
    }
  }
}
