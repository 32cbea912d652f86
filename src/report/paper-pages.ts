// What paper has and a screen has not: page size, running headers with the chapter's name, and page numbers in lists.
// May not: know which chapters there are; it reads them from the document.
import { cssString } from './text.ts'

export interface Chapter {
  /** Ids of the sections that share a running header: a chapter and the parts that follow it without a new page. */
  readonly ids: readonly string[]
  /** Markup of their headings. */
  readonly titles: readonly string[]
}

/** What stands in the margins of every page but the cover. */
export interface Margins {
  readonly runningHead: string
  readonly classification: string
  readonly reportId: string
}

/** Top-level sections: `<section class="chapter|part" id="…"><h2>…</h2>`. */
export function chaptersOf(body: string): Chapter[] {
  const chapters: { ids: string[]; titles: string[] }[] = []
  for (const [, kind, id = '', title = ''] of body.matchAll(
    /<section class="(chapter|part)" id="([\w-]+)"[^>]*>\s*<h2[^>]*>([\s\S]*?)<\/h2>/g,
  )) {
    const last = chapters.at(-1)
    if (kind === 'part' && last) {
      last.ids.push(id)
      last.titles.push(title)
    } else chapters.push({ ids: [id], titles: [title] })
  }
  return chapters
}

/** Fills `data-page="target"` places; those without a known page stay empty at the same width. */
export function fillPages(body: string, pages: ReadonlyMap<string, number>): string {
  return body.replaceAll(
    /(data-page="([\w-]+)">)<\//g,
    (_, start: string, target: string) => `${start}${pages.get(target) ?? ''}</`,
  )
}

/** Widths of Latin letters; more would push the header's other half away. */
const headWidth = 110

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) >= firstWide ? 2 : 1), 0)
}

/** Hangul and what follows it: mostly as wide as two letters. */
const firstWide = 0x1100

/** `chapters` with their titles as plain text. Values go in as CSS strings with everything but letters escaped. */
export function pageRules(
  paper: 'a4' | 'letter',
  { runningHead, classification, reportId }: Margins,
  chapters: readonly Chapter[],
  join: (titles: readonly string[]) => string,
): string {
  const margin = (place: string, content: string, style = '') => `@${place}{content:${content};${style}}`
  const face = 'font:8pt/11pt "IBM Plex Sans",var(--sans);color:#57606a;white-space:nowrap;'
  const mono = 'font:7.5pt/11pt "IBM Plex Mono",var(--mono);color:#57606a;white-space:nowrap;'
  const boxes = [
    margin('top-left', cssString(runningHead), face),
    margin('top-right', cssString(classification), `${face}font-weight:600;letter-spacing:.6pt;`),
    margin('bottom-left', cssString(reportId), mono),
    margin('bottom-right', 'counter(page) " / " counter(pages)', face),
  ]
  const bare = ['top-left', 'top-right', 'bottom-left', 'bottom-right'].map((place) => margin(place, 'none'))
  const named = chapters.map(({ ids, titles }, index) => {
    const whole = `${join(titles)} · ${runningHead}`
    const head = cssString(titles.length > 1 && widthOf(whole) > headWidth ? runningHead : whole)
    const name = `chapter-${index + 1}`
    return `${ids.map((id) => `#${id}`).join(',')}{page:${name}}@page ${name}{${margin('top-left', head, face)}}`
  })
  return [
    `@page{size:${paper === 'a4' ? 'A4' : 'letter'};margin:20mm 18mm 17mm;${boxes.join('')}}`,
    ...named,
    // The cover fills its page: 297 and 279.4 mm less the first page's margins, and a little for rounding.
    `.paper .cover{height:${paper === 'a4' ? 255 : 240}mm}`,
    `@page :first{margin:18mm 18mm 18mm;${bare.join('')}}`,
  ].join('\n')
}
