// The report as one HTML file that needs nothing else: fonts, style and script inside, no network, works from a disk.
// May not: compute a word or a number; the view model has them.
import type { Result } from '../model/result.ts'
import { fillTemplate, readAsset } from './assets.ts'
import { fontsFor } from './fonts.ts'
import { type Language, languageOf } from './lang/language.ts'
import { screenLimitsFor } from './limits.ts'
import { assemblePage } from './page.ts'
import { makePrintable } from './text.ts'
import { buildView } from './view.ts'
import type { ViewOptions } from './view-model.ts'

export type HtmlOptions = Omit<ViewOptions, 'limits'>

/** Bytes of fonts beyond Latin in a file that people open over a network; a reader's machine has fonts of its own. */
const fontBudget = 1_500_000

/** One self-contained document. Lists are bounded; what they leave out is said and is in the JSON. */
export function renderHtml(result: Result, options: HtmlOptions = {}): string {
  const limits = screenLimitsFor(result.rules.reduce((sum, rule) => sum + rule.findings.length, 0))
  const lang = languageOf(options.lang ?? 'en')
  const view = buildView(result, { ...options, limits })
  const body = fillTemplate('screen', makePrintable(view, limits.text, lang), lang)
  const html = assemblePage({
    title: view.title,
    lang: lang.code,
    body,
    style: [
      fontsFor(body, lang.code, fontBudget).faces,
      readAsset('report.css'),
      readAsset('screen.css'),
      readAsset('print.css'),
    ].join('\n'),
    headScript: readAsset('theme.js'),
    ...(view.chapters.some(({ isFiltered }) => isFiltered) ? { script: readAsset('report.js') } : {}),
    bodyClass: 'screen',
  })
  const size = sizeWords(Buffer.byteLength(html) + 8, lang)
  return html.replace(sizePlace, `<span id="size">${size}</span>`)
}

/** Filled when all else is there; no text of a result can look like it, because all are escaped. */
const sizePlace = '<span id="size"></span>'

/** "3.3 MB", "640 KB", rounded up; of a thousand, as file managers say it. */
function sizeWords(bytes: number, { number }: Language): string {
  return bytes < 1_000_000 ? `${number(Math.ceil(bytes / 1000))} KB` : `${number(Math.ceil(bytes / 100_000) / 10)} MB`
}
