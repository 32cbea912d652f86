// The report as a document for paper: the same view model and partials as the screen, with page headers, without script.
// May not: print anything itself; pdf.ts does.
import type { Result } from '../model/result.ts'
import { visibleText } from '../util/visible-text.ts'
import { fillTemplate, fontFaces, readAsset } from './assets.ts'
import { paperLimits } from './limits.ts'
import { assemblePage } from './page.ts'
import type { PdfMetadata } from './pdf-file.ts'
import { cssString, makePrintable } from './text.ts'
import { buildView } from './view.ts'
import type { View, ViewOptions } from './view-model.ts'

export interface PaperOptions extends Omit<ViewOptions, 'limits'> {
  readonly paper?: 'a4' | 'letter'
}

export interface PaperDocument {
  readonly html: string
  /** As the browser will report it. */
  readonly title: string
  readonly metadata: PdfMetadata
  /** Texts of all headings, in order: the bookmarks. */
  readonly headings: readonly string[]
}

/** Characters that fit beside each other in a page's header. */
const headCharacters = 70
const titleCharacters = 200

/** `pages`: page number by link target; those it lacks are left blank at the same width. */
export function renderPaper(result: Result, options: PaperOptions, pages: ReadonlyMap<string, number>): PaperDocument {
  const view = buildView(result, { ...options, limits: paperLimits })
  const title = oneLine(view.title, titleCharacters)
  const chapters = view.chapters.map((chapter) => ({ ...chapter, page: String(pages.get(chapter.id) ?? '') }))
  const body = fillTemplate('paper', makePrintable({ ...view, chapters }, paperLimits.text))
  const html = assemblePage({
    title,
    body,
    style: [fontFaces(), readAsset('report.css'), readAsset('print.css'), pageRules(view, options)].join('\n'),
    bodyClass: 'paper',
  })
  const author = `${result.tool.name} ${result.tool.version}`
  const metadata = { title, author, subject: result.reportId, createdAt: result.evaluatedAt }
  return { html, title, metadata, headings: headingsOf(body) }
}

const entities: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#x60;': '`',
  '&#x3D;': '=',
  '&amp;': '&',
}

function headingsOf(body: string): string[] {
  return [...body.matchAll(/<h([1-4])[^>]*>([\s\S]*?)<\/h\1>/g)].map(([, , markup = '']) => {
    const text = markup.replaceAll(/<[^>]*>/g, '').replaceAll(/&[#\w]+;/g, (entity) => entities[entity] ?? entity)
    return oneLine(text, titleCharacters)
  })
}

/** One line of at most `limit` characters, as a browser would show a title. */
function oneLine(text: string, limit: number): string {
  const line = visibleText(text).replaceAll(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${line.slice(0, limit - 1).trimEnd()}…`
}

/** Page size, and what stands above and below the text. Values go in as CSS strings with everything but letters escaped. */
function pageRules(view: View, { paper = 'a4' }: PaperOptions): string {
  const margin = (place: string, content: string, style = '') => `@${place}{content:${content};${style}}`
  const face = 'font:8pt/11pt "IBM Plex Sans",sans-serif;color:#57606a;white-space:nowrap;'
  const mono = 'font:7.5pt/11pt "IBM Plex Mono",monospace;color:#57606a;white-space:nowrap;'
  const head = cssString(oneLine(view.runningHead, headCharacters))
  const classification = cssString(oneLine(view.classification.toUpperCase(), headCharacters))
  const boxes = [
    margin('top-left', head, face),
    margin('top-right', classification, `${face}font-weight:600;letter-spacing:.6pt;`),
    margin('bottom-left', cssString(oneLine(view.reportId, headCharacters)), mono),
    margin('bottom-right', 'counter(page) " / " counter(pages)', face),
  ]
  const bare = ['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((place) => margin(place, 'none'))
  const size = paper === 'a4' ? 'A4' : 'letter'
  return `@page{size:${size};margin:23mm 18mm 20mm;${boxes.join('')}}\n@page :first{margin:18mm 18mm 18mm;${bare.join('')}}`
}
