// The report as a document for paper: the same view model and partials as the screen, with page headers, without script.
// May not: print anything itself; pdf.ts does.
import type { Result } from '../model/result.ts'
import { nameCharacters, visibleText } from '../util/visible-text.ts'
import { fillTemplate, readAsset } from './assets.ts'
import { fontsFor } from './fonts.ts'
import { type Language, languageOf } from './lang/language.ts'
import { editionLimits, paperLimits, paperLimitsFor } from './limits.ts'
import { assemblePage } from './page.ts'
import { chaptersOf, fillPages, type Margins, pageRules } from './paper-pages.ts'
import type { PdfMetadata } from './pdf-accessible.ts'
import { makePrintable } from './text.ts'
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
  /** A link to a page of the document, described by the page's number. */
  readonly linkWords: (page: number) => string
}

/** Characters that fit beside each other in a page's header. */
const headCharacters = 70
const titleCharacters = 200

/** `pages`: page number by link target; those it lacks are left blank at the same width. */
export function renderPaper(result: Result, options: PaperOptions, pages: ReadonlyMap<string, number>): PaperDocument {
  return preparePaper(result, options)(pages)
}

/** The browser leaves a cell that paints nothing out of the tags, and the row then lacks a column (ISO 14289-1, 7.2). */
const emptyCells = /(<t[dh]\b[^>]*>)(<\/t[dh]>)/g

/** Everything but the page numbers, made once: the same document is printed twice, and only they differ. */
export function preparePaper(
  result: Result,
  options: PaperOptions,
): (pages: ReadonlyMap<string, number>) => PaperDocument {
  const lang = languageOf(options.lang ?? 'en')
  const limits = paperLimitsFor(result.rules.reduce((sum, rule) => sum + rule.findings.length, 0))
  const view = buildView(result, { ...options, limits })
  const title = oneLine(view.title, titleCharacters)
  const template = fillTemplate('paper', makePrintable(view, textLimits(options), lang), lang)
  const plain = marginsOf(view)
  const { faces, uncovered } = fontsFor([template, ...Object.values(plain)].join(' '), lang.code)
  const show = (text: string) => nameCharacters(text, uncovered)
  const body = show(template)
  const margins = {
    runningHead: show(plain.runningHead),
    classification: show(plain.classification),
    reportId: show(plain.reportId),
  }
  const chapters = chaptersOf(body).map(({ ids, titles }) => ({ ids, titles: titles.map(plainText) }))
  const rules = pageRules(options.paper ?? 'a4', margins, chapters, lang.parts)
  const style = [faces, readAsset('report.css'), readAsset('print.css'), rules].join('\n')
  const linkWords = (page: number) => lang.say('title.page', { page })
  const rest = { title, metadata: metadataOf(result, title, lang), headings: headingsOf(body), linkWords }
  return (pages) => ({
    ...rest,
    html: assemblePage({
      title,
      lang: lang.code,
      body: fillPages(body, pages).replaceAll(emptyCells, '$1&nbsp;$2'),
      style,
      bodyClass: options.edition === 'executive' ? 'paper short' : 'paper',
    }),
  })
}

function textLimits({ edition = 'auditor', tightness }: PaperOptions) {
  return { ...paperLimits, ...editionLimits(edition, tightness) }.text
}

function metadataOf(result: Result, title: string, { say }: Language): PdfMetadata {
  const benchmark = `${result.benchmark.name} ${result.benchmark.version}`
  const keywords = [say('title.keywords'), benchmark, result.cluster.name, result.reportId]
  return {
    title,
    author: `${result.tool.name} ${result.tool.version}`,
    subject: oneLine(
      say('title.subject', { report: result.reportId, cluster: result.cluster.name, benchmark }),
      titleCharacters,
    ),
    keywords: oneLine(keywords.join(', '), titleCharacters),
    createdAt: result.evaluatedAt,
  }
}

function marginsOf(view: View): Margins {
  return {
    runningHead: oneLine(view.runningHead, headCharacters),
    classification: oneLine(view.classification.toUpperCase(), headCharacters),
    reportId: oneLine(view.reportId, headCharacters),
  }
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
  return [...body.matchAll(/<h([1-4])[^>]*>([\s\S]*?)<\/h\1>/g)].map(([, , markup = '']) => plainText(markup))
}

/** The words of a heading's markup. */
function plainText(markup: string): string {
  const text = markup.replaceAll(/<[^>]*>/g, '').replaceAll(/&[#\w]+;/g, (entity) => entities[entity] ?? entity)
  return oneLine(text, titleCharacters)
}

/** One line of at most `limit` characters, as a browser would show a title. */
function oneLine(text: string, limit: number): string {
  const line = visibleText(text).replaceAll(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${line.slice(0, limit - 1).trimEnd()}…`
}
