// Just enough of the PDF format (ISO 32000-1) for what Chromium does not offer: the pages that link targets lie on, who made the
// document and when, and bookmarks that say what the headings say. May not: change what is to be seen.
import { makeAccessible, type PdfMetadata, pdfText } from './pdf-accessible.ts'
import { PdfObjects } from './pdf-objects.ts'

export interface PdfFile {
  readonly pages: number
  /** Page number, from 1, of each link target. */
  readonly destinations: ReadonlyMap<string, number>
}

/** Undefined for anything that is not laid out as Chromium does it. */
export function readPdf(bytes: Uint8Array): PdfFile | undefined {
  const objects = PdfObjects.read(bytes)
  if (!objects) return undefined
  const { pages, destinations } = layoutOf(objects)
  return pages.length === 0 ? undefined : { pages: pages.length, destinations }
}

function layoutOf(objects: PdfObjects) {
  const catalog = objects.get(objects.root)
  const pages = pageOrder(objects, /\/Pages (\d+) 0 R/.exec(catalog)?.[1] ?? '')
  const numbers = new Map(pages.map((page, index) => [page, index + 1]))
  const destinations = new Map<string, number>()
  for (const [, name = '', page = ''] of objects
    .get(/\/Dests (\d+) 0 R/.exec(catalog)?.[1] ?? '')
    .matchAll(/\/([^\s/[\]()<>]+) \[(\d+) 0 R/g)) {
    const number = numbers.get(page)
    if (number !== undefined) destinations.set(name, number)
  }
  return { pages, destinations }
}

function pageOrder(objects: PdfObjects, root: string, depth = 0): string[] {
  const node = objects.get(root)
  const kids = /\/Kids \[([^\]]*)\]/.exec(node)?.[1]
  if (kids === undefined) return /\/Type \/Page\b/.test(node) ? [root] : []
  if (depth > 32) return []
  return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, id = '']) => pageOrder(objects, id, depth + 1))
}

/**
 * The file with title, author, subject and time, with what PDF/UA-1 asks for, and with bookmarks that say what the headings
 * say: Chromium drops the space where a heading wraps. Undefined when the layout is not the expected one; bookmarks are left
 * alone when their number is not that of `headings`. `linkWords` describes a link to a page of the document.
 */
export function amendPdf(
  bytes: Uint8Array,
  metadata: PdfMetadata,
  headings: readonly string[],
  linkWords: (page: number) => string,
): Uint8Array | undefined {
  const objects = PdfObjects.read(bytes)
  if (!objects) return undefined
  objects.set(objects.info, information(objects.get(objects.info), metadata))
  const bookmarks = outlineOrder(objects)
  if (bookmarks.length === headings.length) {
    bookmarks.forEach((id, index) => {
      objects.set(id, withTitle(objects.get(id), headings[index] ?? ''))
    })
  }
  makeAccessible(objects, layoutOf(objects), metadata, linkWords)
  return objects.toBytes()
}

function information(old: string, metadata: PdfMetadata): string {
  const producer = /\/Producer \(([^()\\]*)\)/.exec(old)?.[1] ?? ''
  const entries = [
    ['Title', metadata.title],
    ['Author', metadata.author],
    ['Subject', metadata.subject],
    ['Keywords', metadata.keywords],
    ['Creator', metadata.author],
    ['Producer', producer],
  ].map(([key = '', value = '']) => `/${key} ${pdfText(value)}`)
  const date = pdfDate(metadata.createdAt)
  if (date !== '') entries.push(`/CreationDate (${date})`, `/ModDate (${date})`)
  return `<<${entries.join('\n')}>>`
}

/** Bookmarks in the order of the document. */
function outlineOrder(objects: PdfObjects): string[] {
  const order: string[] = []
  const visit = (parent: string, depth: number) => {
    let id = /\/First (\d+) 0 R/.exec(objects.get(parent))?.[1]
    while (id !== undefined && depth < 8 && !order.includes(id)) {
      order.push(id)
      visit(id, depth + 1)
      id = /\/Next (\d+) 0 R/.exec(objects.get(id))?.[1]
    }
  }
  visit(/\/Outlines (\d+) 0 R/.exec(objects.get(objects.root))?.[1] ?? '', 0)
  return order
}

/** A bookmark with another title; Chromium writes it as a literal or a hexadecimal string. */
function withTitle(object: string, title: string): string {
  return object.replace(/\/Title (?:\((?:\\[\s\S]|[^\\()])*\)|<[0-9A-Fa-f]*>)/, () => `/Title ${pdfText(title)}`)
}

function pdfDate(iso: string): string {
  const digits = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/.exec(iso)?.slice(1).join('')
  return digits === undefined ? '' : `D:${digits}+00'00'`
}
