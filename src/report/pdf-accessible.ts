// What PDF/UA-1 (ISO 14289-1) asks of a tagged file and Chromium does not write: painting that is no content marked as such,
// list items with a body, links with a description, and the metadata that states the standard.
// May not: change what is to be seen.
import type { PdfObjects } from './pdf-objects.ts'

export interface PdfMetadata {
  readonly title: string
  readonly author: string
  readonly subject: string
  readonly keywords: string
  /** ISO 8601, UTC; written instead of the time of rendering, so that equal reports are equal files. */
  readonly createdAt: string
}

/**
 * Changes `objects` in place. The standard is stated only when everything it needs was found as expected.
 * `linkWords` describes a link to a page of the document, by its number.
 */
export function makeAccessible(
  objects: PdfObjects,
  { pages, destinations }: { readonly pages: readonly string[]; readonly destinations: ReadonlyMap<string, number> },
  metadata: PdfMetadata,
  linkWords: (page: number) => string,
): void {
  const isMarked = pages.map((page) => markArtifacts(objects, page)).every(Boolean)
  for (const id of objects.ids()) {
    const text = objects.get(id)
    if (text.includes('/S /LI\n')) giveBody(objects, id, text)
    else if (text.includes('/Subtype /Link\n')) describeLink(objects, id, text, destinations, linkWords)
  }
  const stream = Buffer.from(xmp(metadata, isMarked), 'utf8')
  const xmpId = objects.add(`<</Type /Metadata\n/Subtype /XML\n/Length ${stream.length}>>`, stream)
  objects.set(objects.root, objects.get(objects.root).replace(/^<</, `<</Metadata ${xmpId} 0 R\n`))
}

/**
 * ISO 14289-1, 7.1: whatever a page paints outside its tagged content (margins, grounds, rules) becomes an artifact.
 * Chromium tags in lines of their own, outside of text objects and never one tag in another. Groups that are see-through or clipped
 * are painted as forms, whose content may be tagged in turn.
 */
function markArtifacts(objects: PdfObjects, page: string): boolean {
  const dictionary = objects.get(page)
  return markStream(objects, /\/Contents (\d+) 0 R/.exec(dictionary)?.[1] ?? '', dictionary, new Set())
}

function markStream(objects: PdfObjects, id: string, dictionary: string, marked: Set<string>): boolean {
  if (marked.has(id)) return true
  marked.add(id)
  const forms = taggedForms(objects, dictionary)
  const content = withArtifacts(objects.content(id), new Set(forms.keys()))
  if (content === undefined) return false
  objects.setContent(id, content)
  return [...forms.values()].map((form) => markStream(objects, form, objects.get(form), marked)).every(Boolean)
}

/** Undefined when tags do not lie as expected. */
function withArtifacts(content: string | undefined, forms: ReadonlySet<string>): string | undefined {
  if (content === undefined) return undefined
  /** Whether each open mark is a tag; one within a tag only says what a character stands for. */
  const open: boolean[] = []
  const lines: string[] = ['/Artifact BMC']
  for (const line of content.split('\n')) {
    const isTag = /\/MCID \d+ ?>> ?BDC$/.test(line)
    const isForm = !open.includes(true) && forms.has(/^\/(\w+) Do$/.exec(line)?.[1] ?? '')
    if (isTag && open.length > 0) return undefined
    if (isTag || isForm) lines.push('EMC')
    lines.push(line)
    if (/B[DM]C$/.test(line)) open.push(isTag)
    else if (line === 'EMC' ? closesTag(open) : isForm) lines.push('/Artifact BMC')
  }
  return open.length > 0 ? undefined : [...lines, 'EMC'].join('\n')
}

function closesTag(open: boolean[]): boolean {
  return open.pop() ?? false
}

/** Name, as a page or form calls it, and number of each form whose content is tagged. */
function taggedForms(objects: PdfObjects, dictionary: string): Map<string, string> {
  const resources = /\/XObject <<([^<>]*)>>/.exec(dictionary)?.[1] ?? ''
  const names = [...resources.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name = '', id = '']) => [name, id] as const)
  return new Map(names.filter(([, id]) => isTaggedForm(objects, id)))
}

function isTaggedForm(objects: PdfObjects, id: string): boolean {
  const dictionary = objects.get(id)
  if (!/\/Subtype \/Form\b/.test(dictionary)) return false
  const content = objects.content(id) ?? ''
  return content.includes('BDC\n') || taggedForms(objects, dictionary).size > 0
}

/** ISO 32000-1, 14.8.4.3.3: an item holds a label and a body. Its own marked content (numbers) stays where it is. */
function giveBody(objects: PdfObjects, id: string, item: string): void {
  const kids = /\/K (\[[^\]]*\]|\d+ 0 R)/.exec(item)?.[1]
  if (kids === undefined || kids.includes('<<')) return
  const elements = [...kids.matchAll(/(\d+) 0 R/g)].map(([, kid = '']) => kid)
  const inBody = elements.filter((kid) => !/\/S \/(Lbl|LBody)\n/.test(objects.get(kid)))
  if (inBody.length === 0) return
  const references = inBody.map((kid) => `${kid} 0 R`).join(' ')
  const body = objects.add(`<</Type /StructElem\n/S /LBody\n/P ${id} 0 R\n/K [${references}]>>`)
  for (const kid of inBody) objects.set(kid, objects.get(kid).replace(/\/P \d+ 0 R/, `/P ${body} 0 R`))
  const moved = new Set(inBody)
  const left = kids.replace(/^\[|\]$/g, '').replaceAll(/(\d+) 0 R/g, (all, kid: string) => (moved.has(kid) ? '' : all))
  objects.set(
    id,
    item.replace(kids, () => `[${left.trim().replaceAll(/ +/g, ' ')} ${body} 0 R]`),
  )
}

/** ISO 14289-1, 7.18.5: where the link leads, in words. */
function describeLink(
  objects: PdfObjects,
  id: string,
  link: string,
  destinations: ReadonlyMap<string, number>,
  linkWords: (page: number) => string,
): void {
  const address = /\/URI \(((?:\\[\s\S]|[^\\()])*)\)/.exec(link)?.[1]
  const target = /\/Dest \/([^\s/[\]()<>]+)/.exec(link)?.[1]
  const page = target === undefined ? undefined : destinations.get(target)
  const words = address !== undefined ? `(${address})` : page === undefined ? undefined : pdfText(linkWords(page))
  if (words !== undefined)
    objects.set(
      id,
      link.replace(/^<</, () => `<</Contents ${words}\n`),
    )
}

/** A text string in UTF-16BE, as hex, so that no character of it can end the string. */
export function pdfText(text: string): string {
  return `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`
}

const xmlEntities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function xmlText(text: string): string {
  return text.replaceAll(/[&<>]/g, (character) => xmlEntities[character] ?? '')
}

/** ISO 16684-1; the same statements as the information dictionary. */
function xmp({ title, author, subject, keywords, createdAt }: PdfMetadata, isAccessible: boolean): string {
  const inEveryLanguage = (text: string) => `<rdf:Alt><rdf:li xml:lang="x-default">${xmlText(text)}</rdf:li></rdf:Alt>`
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title>${inEveryLanguage(title)}</dc:title>
<dc:creator><rdf:Seq><rdf:li>${xmlText(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:description>${inEveryLanguage(subject)}</dc:description>
<pdf:Keywords>${xmlText(keywords)}</pdf:Keywords>
<xmp:CreatorTool>${xmlText(author)}</xmp:CreatorTool>
<xmp:CreateDate>${xmlText(createdAt)}</xmp:CreateDate>
<xmp:ModifyDate>${xmlText(createdAt)}</xmp:ModifyDate>
${isAccessible ? '<pdfuaid:part>1</pdfuaid:part>\n' : ''}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}
