// The report as a PDF: the view model for paper, set by a Chromium that has no script and no network.
// May not: touch HTML or JSON, leave half a file, or fail with anything but a PdfError.
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { Result } from '../model/result.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { type RunningBrowser, startBrowser, untilAborted } from './browser.ts'
import { findBrowser } from './browser-discovery.ts'
import { executivePages, executiveTightest } from './limits.ts'
import { type PaperOptions, preparePaper } from './paper.ts'
import { PdfError } from './pdf-error.ts'
import { amendPdf, readPdf } from './pdf-file.ts'
import { printPage } from './pdf-print.ts'

export interface PdfOptions extends PaperOptions {
  /** Bound of the whole work, the browser's start included; default 120 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Writes a document whole or not at all and resolves to the path it then has; default: to that path, mode 0600. */
  readonly write?: (path: string, bytes: Uint8Array) => Promise<string>
  /** Keep what the browser puts aside in memory, not on a disk. Throws PdfError `start-failed` where the system has no such place. */
  readonly isPrivate?: boolean
}

export interface PdfReport {
  readonly path: string
  readonly bytes: number
  readonly pages: number
  /** Such as "Chrome/156.0.8078.79". */
  readonly browser: string
  /** Where the browser came from: "system", "PUPPETEER_EXECUTABLE_PATH", … */
  readonly origin: string
  /** False: the browser ran without its sandbox, because this user or system allows none. To be said to the user. */
  readonly sandboxed: boolean
  /** Requests that the document made and that were refused: none, unless something got past escaping. */
  readonly refusedRequests: number
}

const defaultTimeoutMs = 120_000

/** Writes the PDF under a temporary name and renames it. Throws PdfError, and leaves nothing behind then. */
export async function renderPdf(result: Result, outFile: string, options: PdfOptions = {}): Promise<PdfReport> {
  for await (const report of renderPdfs(result, [{ outFile, options }], options)) return report
  throw new Error('no document was made')
}

export interface PdfJob {
  readonly outFile: string
  readonly options: PaperOptions
}

/** Several documents of one result by one browser, each as soon as it is whole. The time is that of all of them. */
export async function* renderPdfs(
  result: Result,
  jobs: Iterable<PdfJob>,
  options: Pick<PdfOptions, 'timeoutMs' | 'signal' | 'write' | 'isPrivate'> = {},
): AsyncGenerator<PdfReport> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  const found = await findBrowser(process.env)
  const running = await startBrowser(found, timeoutMs, signal, options.isPrivate).catch((error: unknown) => {
    throw whileStarting(error, deadline, options.signal, timeoutMs)
  })
  const kill = () => running.browser.process()?.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  try {
    if (signal.aborted) throw new Error('aborted before the document was made')
    const { version: browser, sandboxed } = running
    for (const { outFile, options: paper } of jobs) {
      const { bytes, pages, refusedRequests } = await untilAborted(
        makeDocument(running, result, paper, timeoutMs),
        signal,
      )
      const path = await (options.write ?? writeWhole)(outFile, bytes).catch((error: unknown) => {
        throw writeFailed(outFile, error)
      })
      yield { path, bytes: bytes.length, pages, browser, origin: found.origin, sandboxed, refusedRequests }
    }
  } catch (error) {
    throw asPdfError(error, deadline, options.signal, running, timeoutMs)
  } finally {
    signal.removeEventListener('abort', kill)
    await running.close()
  }
}

interface Document {
  readonly bytes: Uint8Array
  readonly pages: number
  readonly refusedRequests: number
}

/** Two passes: the first tells on which page each section lies, the second prints that in the contents. */
async function makeDocument(
  running: RunningBrowser,
  result: Result,
  options: PaperOptions,
  timeoutMs: number,
): Promise<Document> {
  const { paper, first, layout } = await fitPages(running, result, options, timeoutMs)
  const final = paper(layout?.destinations ?? new Map())
  const second = await printPage(running, final.html, final.title, timeoutMs)
  const pages = readPdf(second.bytes)?.pages
  if (pages === undefined)
    throw new PdfError(
      'render-failed',
      'The browser gave something that is not a PDF of the expected form.',
      'Try another version of Chromium.',
    )
  const bytes = amendPdf(second.bytes, final.metadata, final.headings, final.linkWords) ?? second.bytes
  return { bytes, pages, refusedRequests: first.refused + second.refused }
}

/** The first pass; where an edition may have so many pages only, again with less until it has. */
async function fitPages(running: RunningBrowser, result: Result, options: PaperOptions, timeoutMs: number) {
  for (let tightness = 0; ; tightness += 1) {
    const paper = preparePaper(result, { ...options, tightness })
    const draft = paper(new Map())
    const first = await printPage(running, draft.html, draft.title, timeoutMs)
    const layout = readPdf(first.bytes)
    const fits = options.edition !== 'executive' || (layout?.pages ?? 0) <= executivePages
    if (fits || tightness >= executiveTightest) return { paper, first, layout }
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<string> {
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`
  const forget = removeAtExit(temporary)
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    return path
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    forget()
  }
}

function writeFailed(path: string, error: unknown): PdfError {
  const advice = 'Free space or choose another folder.'
  return new PdfError('write-failed', `${path} could not be written: ${codeOf(error)}.`, advice, error)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

/** A start that was cut short is no fault of the browser. */
function whileStarting(
  error: unknown,
  deadline: AbortSignal,
  caller: AbortSignal | undefined,
  timeoutMs: number,
): unknown {
  if (caller?.aborted) return interrupted(error)
  return deadline.aborted ? tooLate(timeoutMs, error) : error
}

function interrupted(cause: unknown): PdfError {
  return new PdfError('interrupted', 'The PDF was stopped before it was complete.', '', cause)
}

function tooLate(timeoutMs: number, cause: unknown): PdfError {
  const advice = 'Try again on a less busy machine; the HTML has the same content.'
  return new PdfError('timeout', `The PDF was not ready after ${timeoutMs / 1000} s.`, advice, cause)
}

function asPdfError(
  error: unknown,
  deadline: AbortSignal,
  caller: AbortSignal | undefined,
  { browser, version }: RunningBrowser,
  timeoutMs: number,
): PdfError {
  if (error instanceof PdfError) return error
  if (caller?.aborted) return interrupted(error)
  if (deadline.aborted || (error instanceof Error && error.name === 'TimeoutError')) return tooLate(timeoutMs, error)
  if (!browser.connected) {
    const advice = 'Give it more memory (about 1 GB), or try another version of Chromium.'
    return new PdfError('crashed', `${version} ended while it made the PDF.`, advice, error)
  }
  const advice = 'Try another version of Chromium; the HTML has the same content.'
  return new PdfError('render-failed', `${version} could not make the PDF.`, advice, error)
}
