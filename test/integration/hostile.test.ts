// Results with hostile words in every text, in a real browser: nothing runs, nothing is asked for, nothing is pushed out of the page.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBrowser, startBrowser } from '../../src/report/browser.ts'
import { renderHtml } from '../../src/report/html.ts'
import { renderPdf } from '../../src/report/pdf.ts'
import { browserForTests } from '../support/browser.ts'
import { hostileAt, hostileTexts, unseen } from '../support/hostile-texts.ts'
import { hasPdfTools, pdfFonts, pdfStructure } from '../support/pdf-tools.ts'
import { wholeResult } from '../support/whole-result.ts'

const found = await browserForTests()
const hasTools = hasPdfTools()
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

function openAll(page: Page): Promise<void> {
  return page.$$eval('details', (items) => {
    for (const item of items) item.open = true
  })
}

describe.runIf(found)('hostile words in every text', { timeout: 180_000 }, () => {
  let folder = ''
  let running: RunningBrowser
  let server: Server
  const hits: string[] = []
  let port = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
    server = createServer((request, response) => {
      hits.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' ? (address?.port ?? 0) : 0
    if (found) running = await startBrowser(found, 60_000)
  })
  afterAll(async () => {
    await running?.close()
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true, force: true })
  })

  /** The texts ask for a server that is there. */
  const heard = (text: string) => text.replaceAll('127.0.0.1:9/', `127.0.0.1:${port}/`)

  async function open(name: string, html: string, width: number) {
    const path = join(folder, `${name}.html`)
    await writeFile(path, html)
    const page = await running.browser.newPage()
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', (dialog) => complaints.push(dialog.message()))
    page.on('request', (request) => requests.push(request.url()))
    await page.setViewport({ width, height: 900 })
    await page.goto(pathToFileURL(path).href, { timeout: 120_000 })
    await page.$$eval('details', (items) => {
      for (const item of items) item.open = true
    })
    return {
      page,
      complaints,
      requests: () => requests.filter((url) => !url.startsWith('data:font/')),
      url: pathToFileURL(path).href,
    }
  }

  const cases: readonly (readonly [string, (place: string, index: number) => string])[] = [
    // Thousands of words without an end at once only test patience; among the others they are in all of them.
    ...Object.entries(hostileTexts)
      .filter(([name]) => !name.startsWith('long'))
      .map(([name, text]) => [name, () => text] as const),
    ['all of them', hostileAt],
  ]
  test.each(cases)('%s: the HTML runs nothing, asks for nothing and keeps its width', async (name, textAt) => {
    const { result } = wholeResult((place, index) => heard(textAt(place, index)))
    const { page, complaints, requests, url } = await open(name.replaceAll(' ', '-'), renderHtml(result), 360)
    try {
      expect(await page.evaluate('window.owned')).toBeUndefined()
      expect(await page.title()).toMatch(/^Kubernetes cluster audit: /)
      expect([complaints, requests(), page.url()]).toEqual([[], [url], url])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      const text = String(await page.evaluate('document.body.innerText'))
      expect(unseen.exec(text.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ''))).toBeNull()
      await page.setViewport({ width: 1280, height: 900 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280)
    } finally {
      await page.close()
    }
    expect(hits).toEqual([])
  })

  test.each([360, 1280])('all of them, %d px wide: axe finds nothing', async (width) => {
    const path = join(folder, `axe-${width}.html`)
    await writeFile(path, renderHtml(wholeResult(hostileAt).result))
    const page = await running.browser.newPage()
    try {
      await page.setBypassCSP(true) // For axe alone.
      await page.setViewport({ width, height: 900 })
      await page.goto(pathToFileURL(path).href)
      await openAll(page)
      await page.evaluate(axe)
      const violations = await page.evaluate(
        `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] }).then(({ violations }) =>
          violations.map(({ id, nodes }) => [id, nodes.length, nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]))`,
      )
      expect(violations).toEqual([])
    } finally {
      await page.close()
    }
  })

  test.each([
    ['auditor', 120],
    ['executive', 5],
    ['remediation', 120],
  ] as const)(
    'the PDF, edition %s, asks for nothing, has no control in its text and at most %d pages',
    async (edition, most) => {
      const { result } = wholeResult((place, index) => heard(hostileAt(place, index)))
      const path = join(folder, `${edition}.pdf`)
      const report = await renderPdf(result, path, {
        edition,
        classification: heard(hostileTexts['style'] ?? ''),
        people: {
          preparedBy: heard(hostileTexts['style'] ?? ''),
          distribution: Object.values(hostileTexts).map(heard),
        },
        timeoutMs: 170_000,
      })
      expect(report.refusedRequests).toBe(0)
      expect(report.pages).toBeLessThanOrEqual(most)
      expect(hits).toEqual([])
      if (!hasTools) return
      const { stdout } = spawnSync('pdftotext', ['-enc', 'UTF-8', path, '-'], { encoding: 'utf8', maxBuffer: 1 << 27 })
      expect(unseen.exec(stdout)).toBeNull()
      expect(stdout).toContain('[U+202E]')
      expect(pdfFonts(path).filter((line) => !/ yes yes yes$/.test(line))).toEqual([])
      const info = pdfStructure(path)
      expect(info).toContain('JavaScript: no')
      expect(info).toContain('Page size: 594.96 x 841.92 pts (A4)')
    },
  )
})
