// The ways a result is shown. HTML and PDF are loaded when asked for, so that nothing else pays for a template engine or a browser.
// May not: import them here at load time.
import type { Result } from '../model/result.ts'
import type { HtmlOptions } from './html.ts'
import type { IndexedPart, PartIndexOptions } from './parts/index-page.ts'
import type { PdfJob, PdfOptions, PdfReport } from './pdf.ts'
import type { PackFile } from './remediation/pack-file.ts'

export { loadExporter } from './formats/index.ts'
export { jsonPieces, renderJson } from './json.ts'
export { languageOf } from './lang/language.ts'
export { fileNamesOf } from './parts/file-names.ts'
export { isPartIndex } from './parts/is-part-index.ts'
export { partsOf } from './parts/owners.ts'
export { PdfError } from './pdf-error.ts'
export type { People } from './view-model.ts'
export { englishHeadingOf as headingOf } from './view-rules.ts'

/** The files of the remediation pack, one at a time. */
export async function renderRemediation(result: Result): Promise<Generator<PackFile>> {
  const remediation = await import('./remediation/index.ts')
  return remediation.renderRemediation(result)
}

/** The page that lists the parts of a split report. */
export async function renderPartIndex(
  result: Result,
  parts: readonly IndexedPart[],
  options: PartIndexOptions,
): Promise<string> {
  const index = await import('./parts/index-page.ts')
  return index.renderPartIndex(result, parts, options)
}

export async function renderHtml(result: Result, options: HtmlOptions = {}): Promise<string> {
  const html = await import('./html.ts')
  return html.renderHtml(result, options)
}

/** Several PDFs of one result by one browser. */
export async function* renderPdfs(
  result: Result,
  jobs: Iterable<PdfJob>,
  options: Pick<PdfOptions, 'timeoutMs' | 'signal' | 'write' | 'isPrivate'>,
): AsyncGenerator<PdfReport> {
  const pdf = await import('./pdf.ts')
  yield* pdf.renderPdfs(result, jobs, options)
}

export async function renderPdf(result: Result, outFile: string, options: PdfOptions = {}): Promise<PdfReport> {
  const pdf = await import('./pdf.ts')
  return pdf.renderPdf(result, outFile, options)
}
