// Takes the probe's output apart into records, whatever the output is: noise of login scripts before it, a cut at any byte.
// May not: give out a record that did not arrive whole.

/** One record. `body` is there for the kinds that have one. */
export interface Frame {
  readonly kind: string
  readonly fields: readonly string[]
  /** Decoded body; undefined when the record has none or it does not decode. */
  readonly body?: Buffer
  /** Lines of E records within this one. */
  readonly entries: readonly string[]
}

const kindsWithBody = new Set(['F', 'D', 'P', 'C', 'S', 'K', 'L'])
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const hexadecimal = /^(?:[0-9a-f]{2})*$/

interface OpenFrame {
  readonly kind: string
  readonly fields: readonly string[]
  readonly lines: string[]
  readonly entries: string[]
}

/** Whole records only, in order, at most `limit`. The last line counts only when its newline arrived. */
export function readFrames(bytes: Uint8Array, nonce: string, limit = Infinity): Frame[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').split('\n')
  lines.pop()
  const marker = `#${nonce} `
  const frames: Frame[] = []
  let encoding = 'base64'
  let open: OpenFrame | undefined
  for (const line of lines) {
    if (frames.length >= limit) break
    if (!line.startsWith(marker)) {
      open?.lines.push(line)
      continue
    }
    const [kind = '', ...fields] = line.slice(marker.length).split(' ')
    if (open && kind === 'E') {
      open.entries.push(...fields.filter((field) => field !== ''))
      continue
    }
    if (open && kind === '.') frames.push(closeFrame(open, encoding))
    open = undefined
    if (kind === '.' || kind === 'E') continue
    if (kindsWithBody.has(kind)) {
      open = { kind, fields, lines: [], entries: [] }
      continue
    }
    if (kind === 'H') encoding = fields[3] ?? encoding
    frames.push({ kind, fields, entries: [] })
  }
  return frames
}

function closeFrame(open: OpenFrame, encoding: string): Frame {
  const body = decode(open.lines.join(''), encoding)
  return { kind: open.kind, fields: open.fields, entries: open.entries, ...(body ? { body } : {}) }
}

function decode(text: string, encoding: string): Buffer | undefined {
  const packed = encoding === 'od' ? text.replaceAll(' ', '') : text
  if (encoding === 'od') return hexadecimal.test(packed) ? Buffer.from(packed, 'hex') : undefined
  return packed.length % 4 === 0 && base64.test(packed) ? Buffer.from(packed, 'base64') : undefined
}

/** The text of a field; undefined when it is none. Bytes that are not UTF-8 are written \xNN, so that two names stay two. */
export function fieldText(field: string | undefined, encoding: string): string | undefined {
  if (field === undefined) return undefined
  if (field.startsWith('=')) return field.slice(1)
  if (!field.startsWith('~')) return undefined
  const bytes = decode(field.slice(1), encoding)
  return bytes === undefined ? undefined : nameText(bytes)
}

function nameText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes('\u{fffd}')) return text
  return [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('')
}
