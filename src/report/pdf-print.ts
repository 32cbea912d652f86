// One document through one page of a running browser. The page has no script, no network and no files, whatever is in it.
// May not: trust the document to keep to that.
import type { Page } from 'puppeteer-core'
import type { RunningBrowser } from './browser.ts'
import { PdfError } from './pdf-error.ts'

export interface PrintedPage {
  readonly bytes: Uint8Array
  /** Requests that were refused. */
  readonly refused: number
}

/** Throws PdfError `render-failed` when the page does not stay on the document; else whatever the browser throws. */
export async function printPage(
  { browser }: RunningBrowser,
  html: string,
  title: string,
  timeout: number,
): Promise<PrintedPage> {
  const page = await browser.newPage()
  try {
    const refused = await closeOff(page)
    await page.setContent(html, { waitUntil: 'load', timeout })
    // A document that led the page elsewhere would print that other page as if it were the report.
    if (page.url() !== 'about:blank' || (await page.title()) !== title) {
      throw new PdfError(
        'render-failed',
        'The page did not stay on the report.',
        'Please report this: a text of the result got past escaping.',
      )
    }
    const bytes = await page.pdf({
      preferCSSPageSize: true,
      printBackground: true,
      tagged: true,
      outline: true,
      timeout,
    })
    return { bytes, refused: refused.count }
  } finally {
    await page.close().catch(ignoreGone)
  }
}

function ignoreGone(): undefined {
  return undefined // The browser has ended; what ended it is reported by the call that noticed first.
}

/** No script, no network, and every request but data: refused and counted. */
async function closeOff(page: Page): Promise<{ readonly count: number }> {
  const refused = { count: 0 }
  await page.setJavaScriptEnabled(false)
  await page.setRequestInterception(true)
  page.on('request', (request) => {
    const isOwn = request.url() === 'about:blank' || request.url().startsWith('data:font/woff2;')
    if (!isOwn) refused.count += 1
    const answer = isOwn ? request.continue() : request.abort('blockedbyclient')
    answer.catch(ignoreGone)
  })
  await page.setOfflineMode(true)
  return refused
}
