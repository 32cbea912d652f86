import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBrowser, startBrowser } from '../../src/report/browser.ts'
import { renderHtml } from '../../src/report/html.ts'
import { renderPartIndex } from '../../src/report/parts/index-page.ts'
import { partsOf } from '../../src/report/parts/owners.ts'
import { browserForTests } from '../support/browser.ts'
import { demoResult, hostileResult, languagesResult } from '../support/sample-results.ts'

const found = await browserForTests()
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** WCAG 2.2, levels A and AA, and what axe holds to be good practice besides, such as headings in steps. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function violationsOf(page: Page): Promise<unknown> {
  await page.$$eval('details', (items) => {
    for (const item of items) item.open = true
  })
  await page.evaluate(axe)
  return page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => [id, nodes.length, nodes.slice(0, 3).map((node) => node.html.slice(0, 160))]))`,
  )
}

describe.runIf(found)('accessibility of the HTML, by axe in a real browser', { timeout: 120_000 }, () => {
  let folder = ''
  let running: RunningBrowser
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
    const documents = { demo: demoResult(), languages: languagesResult(), hostile: hostileResult() }
    for (const [name, result] of Object.entries(documents))
      await writeFile(join(folder, `${name}.html`), renderHtml(result, { classification: 'Confidential' }))
    for (const lang of ['ko', 'ja'] as const)
      await writeFile(join(folder, `${lang}.html`), renderHtml(demoResult(), { lang, translation: new Map() }))
    const parts = partsOf(demoResult(), 'namespace').map((part, index) => ({ part, files: [`part-${index}.html`] }))
    await writeFile(join(folder, 'parts.html'), renderPartIndex(demoResult(), parts, { splitBy: 'namespace' }))
    if (found) running = await startBrowser(found, 60_000)
  })
  afterAll(async () => {
    await running.close()
    await rm(folder, { recursive: true })
  })

  const cases = (['demo', 'languages', 'hostile', 'ko', 'ja'] as const).flatMap((name) =>
    (['light', 'dark'] as const).flatMap((theme) => [1280, 360].map((width) => [name, theme, width] as const)),
  )
  const chosen = (['demo', 'parts'] as const).flatMap((name) =>
    (['light', 'dark'] as const).flatMap((theme) => [1280, 360].map((width) => [name, theme, width] as const)),
  )
  test.each(chosen)(
    '%s, %s by the reader’s choice against the system’s, %d px wide: no violation',
    async (name, theme, width) => {
      const page = await running.browser.newPage()
      try {
        await page.setBypassCSP(true)
        await page.setViewport({ width, height: 900 })
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme === 'light' ? 'dark' : 'light' }])
        await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
        await page.select('#theme', theme)
        expect(await violationsOf(page)).toEqual([])
      } finally {
        await page.close()
      }
    },
  )

  test.each(cases)('%s, %s, %d px wide: no violation', async (name, theme, width) => {
    const page = await running.browser.newPage()
    try {
      await page.setBypassCSP(true) // For axe alone; what the policy allows is tested elsewhere.
      await page.setViewport({ width, height: 900 })
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
      await page.goto(pathToFileURL(join(folder, `${name}.html`)).href)
      expect(await violationsOf(page)).toEqual([])
    } finally {
      await page.close()
    }
  })
})
