// What a reader sees and what a reading program finds, from a real Chromium: the visible text of the HTML, the text of the edition for
// who decides, and the structure of the auditor's PDF. After a change that means to change them, look at the difference and store it
// with `npm run golden`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBrowser, startBrowser } from '../../src/report/browser.ts'
import { renderHtml, renderPdf } from '../../src/report/index.ts'
import { browserForTests } from '../support/browser.ts'
import { pastResult } from '../support/past-result.ts'
import { hasPdfTools, pdfFonts, pdfStructure, pdfText } from '../support/pdf-tools.ts'
import { languagesResult } from '../support/sample-results.ts'

const browser = await browserForTests()
const hasTools = hasPdfTools()
const stored = (name: string) => join(import.meta.dirname, 'report', name)
const options = { classification: 'Confidential', resultDigest: 'ab12'.repeat(16) }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.runIf(browser)('the HTML', () => {
  let running: RunningBrowser
  beforeAll(async () => {
    if (browser) running = await startBrowser(browser, 60_000)
  })
  afterAll(() => running?.close())

  it('shows the stored text, with all that is folded open', async () => {
    const path = join(folder, 'report.html')
    await writeFile(path, await renderHtml(pastResult(), options))
    const page = await running.browser.newPage()
    await page.setViewport({ width: 1280, height: 900 })
    await page.goto(pathToFileURL(path).href)
    const text = await page.evaluate(`(() => {
      for (const item of document.querySelectorAll('details')) item.open = true
      return document.body.innerText
    })()`)
    await page.close()
    const lines = String(text)
      .replace(/This file: [\d.]+ (KB|MB)/, 'This file: … $1')
      .replaceAll(/[ \t]+$/gm, '')
      .replaceAll(/\n{2,}/g, '\n')
      .replaceAll(/^(.*)(?:\n\1$)+/gm, '$1 …')
    await expect(`${lines.trim()}\n`).toMatchFileSnapshot(stored('html.txt'))
  })
})

describe.runIf(browser && hasTools)('the PDF', { timeout: 180_000 }, () => {
  it('in Korean has the stored text, with what is not translated in English', async () => {
    const result = pastResult()
    const [first] = result.rules.filter(({ outcome }) => outcome === 'fail')
    const texts = new Map([
      [first?.problem ?? '', '여러 호출자가 공유하는 주체가 모든 권한을 갖는다'],
      [first?.rationale ?? '', '이 권한은 그 주체를 쓰는 모든 파드에 돌아갑니다.'],
    ])
    const path = join(folder, 'korean.pdf')
    const translation = new Map([[first?.id ?? '', { texts, steps: [] }]])
    await renderPdf(result, path, {
      ...options,
      classification: '대외비',
      edition: 'executive',
      lang: 'ko',
      translation,
    })
    const text = pdfText(path)
    await expect(text).toMatchFileSnapshot(stored('executive.ko.txt'))
    expect(text).not.toMatch(/[\uFFFD\u25A1]/)
  })

  it('for who decides has the stored text', async () => {
    const path = join(folder, 'executive.pdf')
    await renderPdf(pastResult(), path, { ...options, edition: 'executive' })
    await expect(pdfText(path)).toMatchFileSnapshot(stored('executive.txt'))
  })

  it('for an auditor has the stored structure: bookmarks, tags, language, fonts, metadata', async () => {
    const path = join(folder, 'report.pdf')
    await renderPdf(pastResult(), path, options)
    await expect(pdfStructure(path)).toMatchFileSnapshot(stored('structure.txt'))
  })

  it('in many scripts has no font that is not embedded, subset and back to text', async () => {
    const path = join(folder, 'languages.pdf')
    await renderPdf(languagesResult(), path, options)
    await expect(`${pdfFonts(path).join('\n')}\n`).toMatchFileSnapshot(stored('fonts.txt'))
  })
})
