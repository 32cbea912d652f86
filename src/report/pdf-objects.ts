// The objects of a PDF as Chromium lays it out (ISO 32000-1, 7.5): one classic cross-reference table, dictionaries in clear,
// streams deflated on their own. May not: know what the objects mean.
import { deflateSync, inflateSync } from 'node:zlib'

interface Stored {
  /** Dictionary or array, without `N 0 obj` and without a stream. */
  text: string
  stream?: Uint8Array
}

/** Objects by number, to be read, changed, added to and written as a whole. */
export class PdfObjects {
  readonly root: string
  readonly info: string
  readonly #objects: Map<string, Stored>
  #size: number

  private constructor(objects: Map<string, Stored>, trailer: Trailer) {
    this.#objects = objects
    this.root = trailer.root
    this.info = trailer.info
    this.#size = trailer.size
  }

  /** Undefined for anything that is not laid out as Chromium does it. */
  static read(bytes: Uint8Array): PdfObjects | undefined {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    const trailer = readTrailer(text)
    if (!trailer) return undefined
    const objects = new Map<string, Stored>()
    for (const [start, end] of extents(text, trailer)) {
      const object = readObject(text, bytes, start, end)
      if (!object) return undefined
      objects.set(object.id, object)
    }
    return new PdfObjects(objects, trailer)
  }

  /** Numbers of all objects, in the order of the file. */
  ids(): string[] {
    return [...this.#objects.keys()]
  }

  /** Dictionary or array, '' when there is no such object. */
  get(id: string): string {
    return this.#objects.get(id)?.text ?? ''
  }

  /** Replaces the dictionary or array; a stream stays. */
  set(id: string, text: string): void {
    this.#objects.set(id, { ...this.#objects.get(id), text })
  }

  /** The number of the new object. */
  add(text: string, stream?: Uint8Array): string {
    const id = String(this.#size)
    this.#size += 1
    this.#objects.set(id, stream ? { text, stream } : { text })
    return id
  }

  /** What a stream holds, as bytes in a string; undefined when it is none or packed in another way than by deflating. */
  content(id: string): string | undefined {
    const { text = '', stream } = this.#objects.get(id) ?? {}
    if (!stream) return undefined
    if (isDeflated(text)) return inflateSync(stream).toString('latin1')
    return text.includes('/Filter') ? undefined : Buffer.from(stream).toString('latin1')
  }

  /** Replaces what a stream holds, which stays deflated or in clear; Chromium leaves short ones in clear. */
  setContent(id: string, content: string): void {
    const text = this.get(id)
    const bytes = Buffer.from(content, 'latin1')
    const stream = isDeflated(text) ? deflateSync(bytes) : bytes
    this.#objects.set(id, { text: text.replace(/\/Length \d+/, `/Length ${stream.length}`), stream })
  }

  /** The file, with one table. Version 1.7: the tables' attributes came after the 1.4 that Chromium states. */
  toBytes(): Buffer {
    const parts: Uint8Array[] = [Buffer.from('%PDF-1.7\n%\xd3\xeb\xe9\xe1\n', 'latin1')]
    let length = parts[0]?.length ?? 0
    const offsets = new Map<string, number>()
    const write = (part: Uint8Array) => {
      parts.push(part)
      length += part.length
    }
    for (const [id, { text, stream }] of this.#objects) {
      offsets.set(id, length)
      write(Buffer.from(`${id} 0 obj\n${text}${stream ? ' stream\n' : '\n'}`, 'latin1'))
      if (stream) write(stream)
      write(Buffer.from(stream ? '\nendstream\nendobj\n' : 'endobj\n', 'latin1'))
    }
    const rows = Array.from({ length: this.#size }, (_, id) => tableRow(offsets.get(String(id))))
    const end = `trailer\n<</Size ${this.#size}\n/Root ${this.root} 0 R\n/Info ${this.info} 0 R>>\nstartxref\n${length}\n%%EOF\n`
    return Buffer.concat([...parts, Buffer.from(`xref\n0 ${this.#size}\n${rows.join('')}${end}`, 'latin1')])
  }
}

function isDeflated(dictionary: string): boolean {
  return /\/Filter \/FlateDecode\b/.test(dictionary)
}

/** An object's place, or that the number is free. Each row has 20 bytes. */
function tableRow(offset: number | undefined): string {
  return offset === undefined ? '0000000000 65535 f \n' : `${String(offset).padStart(10, '0')} 00000 n \n`
}

interface Trailer {
  readonly size: number
  readonly root: string
  readonly info: string
  readonly tableStart: number
}

function readTrailer(text: string): Trailer | undefined {
  if (!text.startsWith('%PDF-')) return undefined
  const tail = text.slice(text.lastIndexOf('trailer'))
  const [, size] = /\/Size (\d+)/.exec(tail) ?? []
  const [, root] = /\/Root (\d+) 0 R/.exec(tail) ?? []
  const [, info] = /\/Info (\d+) 0 R/.exec(tail) ?? []
  const [, start] = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(tail) ?? []
  if (size === undefined || root === undefined || info === undefined || start === undefined) return undefined
  return { size: Number(size), root, info, tableStart: Number(start) }
}

/** From where to where each object lies; the last ends where the table begins. */
function extents(text: string, { tableStart, size }: Trailer): [number, number][] {
  const table = text.slice(tableStart, tableStart + 64 + 20 * size)
  const starts = [...table.matchAll(/^(\d{10}) \d{5} n/gm)].map(([, offset]) => Number(offset)).sort((a, b) => a - b)
  return starts.map((start, index) => [start, starts[index + 1] ?? tableStart])
}

function readObject(text: string, bytes: Uint8Array, start: number, end: number) {
  const object = text.slice(start, end)
  const [opening, id = ''] = /^(\d+) 0 obj\s+/.exec(object) ?? []
  if (opening === undefined) return undefined
  const streamAt = object.indexOf(' stream\n')
  if (streamAt < 0) {
    const closing = object.lastIndexOf('endobj')
    return closing < 0 ? undefined : { id, text: object.slice(opening.length, closing).trimEnd() }
  }
  const dictionary = object.slice(opening.length, streamAt)
  const length = Number(/\/Length (\d+)(?! \d+ R)/.exec(dictionary)?.[1])
  const data = start + streamAt + ' stream\n'.length
  return data + length <= end ? { id, text: dictionary, stream: bytes.subarray(data, data + length) } : undefined
}
