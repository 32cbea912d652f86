// The third stage: a result into files. A PDF that fails takes neither HTML nor JSON with it.
import { join } from 'node:path'
import type { Config } from '../model/config.ts'
import type { Result } from '../model/result.ts'
import { PdfError, renderHtml, renderJson, renderPdf } from '../report/index.ts'
import { ExitError, exitCodes } from './exit.ts'
import { writeWhole } from './output.ts'
import type { Terminal } from './terminal.ts'

type Format = NonNullable<Config['formats']>[number]

/** Writes the formats and returns their paths. Throws ExitError when the PDF could not be made, after the others are written. */
export async function writeReports(
  result: Result,
  folder: string,
  formats: readonly Format[],
  settings: Config,
  terminal: Terminal,
): Promise<string[]> {
  const written: string[] = []
  const options = {
    ...(settings.classification === undefined ? {} : { classification: settings.classification }),
    ...(settings.paper === undefined ? {} : { paper: settings.paper }),
  }
  if (formats.includes('json')) {
    const path = join(folder, 'result.json')
    await writeWhole(path, renderJson(result))
    written.push(path)
  }
  if (formats.includes('html')) {
    const path = join(folder, 'report.html')
    await writeWhole(path, await renderHtml(result, options))
    written.push(path)
  }
  if (formats.includes('pdf')) written.push(await writePdf(result, join(folder, 'report.pdf'), options, terminal))
  return written
}

async function writePdf(
  result: Result,
  path: string,
  options: { classification?: string; paper?: 'a4' | 'letter' },
  terminal: Terminal,
): Promise<string> {
  terminal.progress.stage('Making the PDF')
  try {
    const { sandboxed, browser, pages } = await renderPdf(result, path, options)
    terminal.progress.done(`Made the PDF: ${pages} pages, with ${browser}`)
    if (!sandboxed)
      terminal.detail(
        'note: the browser ran without its sandbox, which this system does not allow; the page had no script and no network.',
      )
    return path
  } catch (error) {
    if (error instanceof PdfError)
      throw new ExitError(exitCodes.internal, `no PDF: ${error.message} The other reports are complete.`)
    throw error
  }
}
