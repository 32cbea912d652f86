// HTML and PDF of a result: each edition, and one small document per owner with a page that lists them.
// May not: let a PDF that fails take the HTML with it.
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LanguageCode } from '../model/language.ts'
import type { Result } from '../model/result.ts'
import type { Edition } from '../model/split.ts'
import type { Translation } from '../model/translation.ts'
import {
  fileNamesOf,
  isPartIndex,
  PdfError,
  type People,
  partsOf,
  renderHtml,
  renderPartIndex,
  renderPdfs,
} from '../report/index.ts'
import { InputError } from '../util/input-error.ts'
import { ExitError, exitCodes } from './exit.ts'
import type { ReportRun } from './report-run.ts'

export interface DocumentOptions {
  readonly classification?: string
  readonly people?: People
  readonly paper?: 'a4' | 'letter'
  readonly splitBy?: string
  readonly lang?: LanguageCode
  readonly translation?: Translation
  readonly resultDigest: string
  readonly dataFile?: string
  readonly findingsFile?: string
}

interface Document {
  /** Without extension. */
  readonly path: string
  readonly options: DocumentOptions & NonNullable<Parameters<typeof renderHtml>[1]>
}

/** Throws ExitError when a PDF could not be made, after all HTML is written. */
export async function writeDocuments(
  result: Result,
  folder: string,
  formats: readonly string[],
  { options, editions }: { readonly options: DocumentOptions; readonly editions: readonly Edition[] },
  run: ReportRun,
): Promise<void> {
  const wanted = (['html', 'pdf'] as const).filter((format) => formats.includes(format))
  if (wanted.length === 0) return
  const whole = [...new Set(editions)].map((edition): Document => {
    const name = edition === 'auditor' ? 'report' : `report-${edition}`
    return { path: join(folder, name), options: { ...options, edition } }
  })
  const parts =
    options.splitBy === undefined ? [] : await partDocuments(result, folder, options.splitBy, options, wanted, run)
  const documents = [...whole, ...parts]
  if (wanted.includes('html')) {
    for (const document of documents) {
      const path = await run.files.write(`${document.path}.html`, await renderHtml(result, document.options))
      if (whole.includes(document)) run.onWritten(path)
    }
  }
  if (wanted.includes('pdf')) await writePdfs(result, documents, whole.length, run)
}

/** Makes the folder of the parts with its index; what an earlier run left there is gone. */
async function partDocuments(
  result: Result,
  folder: string,
  splitBy: string,
  options: DocumentOptions,
  wanted: readonly string[],
  { files, onWritten }: ReportRun,
): Promise<Document[]> {
  const kind = splitBy.split('=', 1)[0] ?? ''
  const own = join(folder, `by-${kind}`)
  const parts = partsOf(result, splitBy, options.lang)
  const names = fileNamesOf(parts.map(({ name }) => name))
  await checkOurs(own)
  const indexed = parts.map((part, index) => ({ part, files: wanted.map((format) => `${names[index]}.${format}`) }))
  const index = await renderPartIndex(result, indexed, { ...options, splitBy: kind })
  const entries = [{ path: 'index.html', content: index, isScript: false }]
  const makeWay = () => rm(own, { recursive: true, force: true })
  onWritten(await files.openFolder(own, { entries, first: 'index.html', makeWay }))
  return parts.map((part, index) => ({ path: join(own, names[index] ?? ''), options: { ...options, part } }))
}

/** A folder of that name that no earlier run made is somebody's. */
async function checkOurs(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  const index = await readFile(join(folder, 'index.html'), 'utf8').catch(() => '')
  if (isPartIndex(index)) return
  throw new InputError(`${folder} exists and was not made by an earlier run. Move it, or give another --output.`)
}

/** Per document, the browser's start not counted. */
const secondsEach = 60

/** The first `announced` documents are named as they are written. */
async function writePdfs(
  result: Result,
  documents: readonly Document[],
  announced: number,
  { terminal, signal, files, onWritten }: ReportRun,
): Promise<void> {
  terminal.progress.stage(documents.length === 1 ? 'Making the PDF' : `Making ${documents.length} PDFs`)
  const jobs = documents.map(({ path, options }) => ({ outFile: `${path}.pdf`, options }))
  let pages = 0
  let made = 0
  let isSandboxed = true
  let browser = ''
  try {
    for await (const report of renderPdfs(result, jobs, {
      signal,
      timeoutMs: 60_000 + 1000 * secondsEach * jobs.length,
      write: files.write,
      isPrivate: files.recipients !== undefined,
    })) {
      made += 1
      pages += report.pages
      isSandboxed = report.sandboxed
      browser = report.browser
      if (made <= announced) onWritten(report.path)
    }
  } catch (error) {
    if (!(error instanceof PdfError)) throw error
    const code = signal.aborted ? exitCodes.interrupted : exitCodes.internal
    const which = made === 0 ? 'no PDF' : `only ${made} of ${jobs.length} PDFs`
    throw new ExitError(code, `${which}: ${error.message} The other reports are complete.`)
  }
  terminal.progress.done(`Made the ${made === 1 ? 'PDF' : `${made} PDFs`}: ${pages} pages, with ${browser}`)
  if (!isSandboxed)
    terminal.warn(
      'note: the browser ran without its sandbox, which this user or system does not\nallow. The page had no script, no network and no files.',
    )
}
