// Just enough of the PDF format (ISO 32000-1, 7.5) for what Chromium does not offer: the pages that link targets lie on,
// and who made the document and when. Chromium writes classic cross-reference tables and uncompressed dictionaries.
// May not: change pages. Metadata and bookmarks are appended as an incremental update.
export interface PdfFile {
  readonly pages: number
  /** Page number, from 1, of each link target. */
  readonly destinations: ReadonlyMap<string, number>
}

export interface PdfMetadata {
  readonly title: string
  readonly author: string
  readonly subject: string
  readonly keywords: string
  /** ISO 8601, UTC; written instead of the time of rendering, so that equal reports are equal files. */
  readonly createdAt: string
}

interface Trailer {
  readonly size: string
  readonly root: string
  readonly info: string
  readonly tableStart: number
}

/** Undefined for anything that is not laid out as Chromium does it. */
export function readPdf(bytes: Uint8Array): PdfFile | undefined {
  const text = latin1(bytes)
  const trailer = readTrailer(text)
  if (!trailer) return undefined
  const objects = objectReader(text, trailer)
  const catalog = objects(trailer.root)
  const order = pageOrder(objects, /\/Pages (\d+) 0 R/.exec(catalog)?.[1] ?? '')
  const numbers = new Map(order.map((page, index) => [page, index + 1]))
  const destinations = new Map<string, number>()
  for (const [, name = '', page = ''] of objects(/\/Dests (\d+) 0 R/.exec(catalog)?.[1] ?? '').matchAll(
    /\/([^\s/[\]()<>]+) \[(\d+) 0 R/g,
  )) {
    const number = numbers.get(page)
    if (number !== undefined) destinations.set(name, number)
  }
  return order.length === 0 ? undefined : { pages: order.length, destinations }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function readTrailer(text: string): Trailer | undefined {
  if (!text.startsWith('%PDF-')) return undefined
  const tail = text.slice(text.lastIndexOf('trailer'))
  const [, size] = /\/Size (\d+)/.exec(tail) ?? []
  const [, root] = /\/Root (\d+) 0 R/.exec(tail) ?? []
  const [, info] = /\/Info (\d+) 0 R/.exec(tail) ?? []
  const [, start] = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(tail) ?? []
  if (size === undefined || root === undefined || info === undefined || start === undefined) return undefined
  return { size, root, info, tableStart: Number(start) }
}

/** Text of an object by its number, '' when there is none. One table only: what Chromium writes. */
function objectReader(text: string, { tableStart, size }: Trailer): (id: string) => string {
  const table = text.slice(tableStart, tableStart + 64 + 20 * Number(size))
  const entries = [...table.matchAll(/^(\d{10}) \d{5} [nf]/gm)].map(([, offset]) => Number(offset))
  return (id) => {
    const offset = id === '' ? undefined : entries[Number(id)]
    if (offset === undefined || !text.startsWith(`${id} 0 obj`, offset)) return ''
    return text.slice(offset, text.indexOf('endobj', offset))
  }
}

function pageOrder(objects: (id: string) => string, root: string, depth = 0): string[] {
  const node = objects(root)
  const kids = /\/Kids \[([^\]]*)\]/.exec(node)?.[1]
  if (kids === undefined) return /\/Type \/Page\b/.test(node) ? [root] : []
  if (depth > 32) return []
  return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, id = '']) => pageOrder(objects, id, depth + 1))
}

/**
 * The file with title, author, subject and time, and with bookmarks that say what the headings say: Chromium drops the
 * space where a heading wraps. Undefined when the layout is not the expected one; bookmarks are left alone when their
 * number is not that of `headings`.
 */
export function amendPdf(
  bytes: Uint8Array,
  metadata: PdfMetadata,
  headings: readonly string[],
): Uint8Array | undefined {
  const text = latin1(bytes)
  const trailer = readTrailer(text)
  if (!trailer) return undefined
  const objects = objectReader(text, trailer)
  const old = objects(trailer.info)
  const date = pdfDate(metadata.createdAt)
  const changed = new Map([[trailer.info, informationObject(trailer.info, old, metadata, date)]])
  const bookmarks = outlineOrder(objects, trailer.root)
  if (bookmarks.length === headings.length) {
    bookmarks.forEach((id, index) => {
      changed.set(id, withTitle(objects(id), headings[index] ?? ''))
    })
  }
  return Buffer.concat([withDates(bytes, text, old, date), appendix(changed, bytes.length, trailer)])
}

function informationObject(id: string, old: string, metadata: PdfMetadata, date: string): string {
  const producer = /\/Producer \(([^()\\]*)\)/.exec(old)?.[1] ?? ''
  const entries = [
    ['Title', metadata.title],
    ['Author', metadata.author],
    ['Subject', metadata.subject],
    ['Keywords', metadata.keywords],
    ['Creator', metadata.author],
    ['Producer', producer],
  ].map(([key = '', value = '']) => `/${key} ${pdfText(value)}`)
  if (date !== '') entries.push(`/CreationDate (${date})`, `/ModDate (${date})`)
  return `${id} 0 obj\n<<${entries.join('\n')}>>\n`
}

/** Bookmarks in the order of the document. */
function outlineOrder(objects: (id: string) => string, root: string): string[] {
  const order: string[] = []
  const visit = (parent: string, depth: number) => {
    let id = /\/First (\d+) 0 R/.exec(objects(parent))?.[1]
    while (id !== undefined && depth < 8 && !order.includes(id)) {
      order.push(id)
      visit(id, depth + 1)
      id = /\/Next (\d+) 0 R/.exec(objects(id))?.[1]
    }
  }
  visit(/\/Outlines (\d+) 0 R/.exec(objects(root))?.[1] ?? '', 0)
  return order
}

/** A bookmark with another title; Chromium writes it as a literal or a hexadecimal string. */
function withTitle(object: string, title: string): string {
  return object.replace(/\/Title (?:\((?:\\[\s\S]|[^\\()])*\)|<[0-9A-Fa-f]*>)/, () => `/Title ${pdfText(title)}`)
}

/** An incremental update: the changed objects, where they are, and where the table before this one is. */
function appendix(changed: ReadonlyMap<string, string>, length: number, trailer: Trailer): Buffer {
  let body = '\n'
  let table = 'xref\n'
  for (const [id, object] of changed) {
    table += `${id} 1\n${String(length + body.length).padStart(10, '0')} 00000 n \n`
    body += `${object}endobj\n`
  }
  const end = `trailer\n<</Size ${trailer.size}\n/Root ${trailer.root} 0 R\n/Info ${trailer.info} 0 R\n/Prev ${trailer.tableStart}>>\nstartxref\n${length + body.length}\n%%EOF\n`
  return Buffer.from(`${body}${table}${end}`, 'latin1')
}

/** The old information object's dates, replaced in place by ones of the same length. */
function withDates(bytes: Uint8Array, text: string, old: string, date: string): Buffer {
  const copy = Buffer.from(bytes)
  const at = text.indexOf(old)
  if (date === '' || at < 0) return copy
  const dated = old.replaceAll(/\(D:\d{14}\+00'00'\)/g, `(${date})`)
  if (dated.length === old.length) copy.write(dated, at, 'latin1')
  return copy
}

function pdfDate(iso: string): string {
  const digits = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/.exec(iso)?.slice(1).join('')
  return digits === undefined ? '' : `D:${digits}+00'00'`
}

/** A text string in UTF-16BE, as hex, so that no character of it can end the string. */
function pdfText(text: string): string {
  return `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`
}
