// Reports of audits at the edge, in a real browser: each says at once what it is, and none looks better than it is.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Result } from '../../src/model/result.ts'
import { type RunningBrowser, startBrowser } from '../../src/report/browser.ts'
import { renderHtml } from '../../src/report/html.ts'
import { renderPdf } from '../../src/report/pdf.ts'
import { browserForTests } from '../support/browser.ts'
import { everythingAccepted, noNodes, nothingFound, nothingRead } from '../support/edge-results.ts'
import { hasPdfTools } from '../support/pdf-tools.ts'

const found = await browserForTests()
const hasTools = hasPdfTools()
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What each says on its cover and in its chapters; a number is one digit or more. */
const edges: readonly (readonly [string, () => Result, readonly RegExp[]])[] = [
  [
    'nothing found',
    nothingFound,
    [
      /No findings\. (\d+) of \d+ rules assessed, \d+ do not apply, \d+ were left out of this run\./,
      /score 100\b/,
      /No finding\./,
    ],
  ],
  [
    'no node',
    noNodes,
    [
      /Not acceptable as it stands\. \d+ critical/,
      /0 of 0 nodes read/,
      /\d+ could not be answered, 1\d\d do not apply/,
    ],
  ],
  [
    'nothing read',
    nothingRead,
    [
      /Nothing could be assessed\. 0 of \d+ rules assessed, \d+ could not be answered/,
      /score 0, at best 100/,
      /the list of nodes is not complete: access forbidden/,
      /\d+ lists not read in full/,
      /No finding in what could be read\. \d+ rules could not be answered\./,
    ],
  ],
  [
    'everything accepted',
    everythingAccepted,
    [
      /Not acceptable as it stands\. \d+ critical/,
      /The risk is accepted for (\d+) of \1 failing units\./,
      /1 accepted/,
    ],
  ],
]

describe.runIf(found)('an audit with', { timeout: 120_000 }, () => {
  let folder = ''
  let running: RunningBrowser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
    if (found) running = await startBrowser(found, 60_000)
  })
  afterAll(async () => {
    await running?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(edges)('%s: the HTML says so, with no chart of nothing and no violation', async (name, make, words) => {
    const path = join(folder, `${name}.html`)
    await writeFile(path, renderHtml(make()))
    const page = await running.browser.newPage()
    try {
      await page.setBypassCSP(true) // For axe alone.
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.setViewport({ width: 360, height: 900 })
      await page.goto(pathToFileURL(path).href)
      const text = String(await page.evaluate('document.body.innerText')).replaceAll(/\s+/g, ' ')
      for (const word of words) expect(text).toMatch(word)
      expect(text).not.toMatch(/\b(NaN|undefined|Infinity|null)\b/)
      const broken = `[...document.querySelectorAll('svg *')].filter((item) =>
        [...item.attributes].some(({ value }) => /NaN|undefined|Infinity/.test(value))).length`
      expect(await page.evaluate(broken)).toBe(0)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      await page.evaluate(axe)
      const violations = await page.evaluate(
        `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] }).then(({ violations }) =>
          violations.map(({ id, nodes }) => [id, nodes.length, nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))`,
      )
      expect(violations).toEqual([])
      expect(complaints).toEqual([])
    } finally {
      await page.close()
    }
  })

  test.each(edges)('%s: the PDF for who decides says so, in five pages at most', async (name, make, words) => {
    const path = join(folder, `${name}.pdf`)
    const report = await renderPdf(make(), path, { edition: 'executive' })
    expect(report.pages).toBeLessThanOrEqual(5)
    if (!hasTools) return
    const { stdout } = spawnSync('pdftotext', ['-enc', 'UTF-8', path, '-'], { encoding: 'utf8' })
    const text = stdout.replaceAll(/\s+/g, ' ')
    for (const word of words) expect(text).toMatch(word)
    expect(text).not.toMatch(/\b(NaN|undefined|Infinity)\b/)
    const pages = stdout.split('\f').slice(1, -1)
    // A page has more on it than its header and footer.
    expect(pages.filter((page) => page.trim().split('\n').length < 12)).toEqual([])
  })
})
