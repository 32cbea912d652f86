// Entries of a tar archive (POSIX ustar, with a pax header where a name is too long for it), one file at a time.
// May not: hold more than the file it is given.

const block = 512

export interface TarEntry {
  /** Path below the folder that it is unpacked to. */
  readonly name: string
  readonly content: Uint8Array
  readonly mode: number
  /** Seconds since 1970. */
  readonly time: number
}

/** Header, content and padding of one file. */
export function tarEntry({ name, content, mode, time }: TarEntry): Buffer {
  const isLong = Buffer.byteLength(name) > 100
  const extended = isLong ? [record(pax(name), 'pax', 0o600, time, 'x')] : []
  return Buffer.concat([...extended, record(content, isLong ? name.slice(-60) : name, mode, time, '0')])
}

/** What every archive ends with. */
export const tarEnd = Buffer.alloc(2 * block)

/** "<length> path=<name>\n", the length being that of the whole line. */
function pax(name: string): Buffer {
  const rest = Buffer.byteLength(` path=${name}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length += 1
  return Buffer.from(`${length} path=${name}\n`)
}

function record(content: Uint8Array, name: string, mode: number, time: number, kind: '0' | 'x'): Buffer {
  const header = Buffer.alloc(block)
  header.write(name, 0, 100)
  header.write(octal(mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(content.length, 11), 124)
  header.write(octal(time, 11), 136)
  header.write('        ', 148)
  header.write(kind, 156)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${octal(sum, 6)}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((block - (content.length % block)) % block)])
}

function octal(value: number, digits: number): string {
  return Math.trunc(value).toString(8).padStart(digits, '0')
}
