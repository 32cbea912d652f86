// The ways a result is shown. HTML and PDF are loaded when asked for, so that nothing else pays for a template engine or a browser.
// May not: import them here at load time.
import type { Result } from '../model/result.ts'
import type { HtmlOptions } from './html.ts'
import type { PdfOptions, PdfReport } from './pdf.ts'
import type { PackFile } from './remediation/pack-file.ts'

export { loadExporter } from './formats/index.ts'
export { renderJson } from './json.ts'
export { PdfError } from './pdf-error.ts'
export { headingOf } from './view-rules.ts'

/** The files of the remediation pack, one at a time. */
export async function renderRemediation(result: Result): Promise<Generator<PackFile>> {
  const remediation = await import('./remediation/index.ts')
  return remediation.renderRemediation(result)
}

export async function renderHtml(result: Result, options: HtmlOptions = {}): Promise<string> {
  const html = await import('./html.ts')
  return html.renderHtml(result, options)
}

export async function renderPdf(result: Result, outFile: string, options: PdfOptions = {}): Promise<PdfReport> {
  const pdf = await import('./pdf.ts')
  return pdf.renderPdf(result, outFile, options)
}
