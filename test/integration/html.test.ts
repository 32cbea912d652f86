import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type RunningBrowser, startBrowser } from '../../src/report/browser.ts'
import { renderHtml } from '../../src/report/html.ts'
import { renderPartIndex } from '../../src/report/parts/index-page.ts'
import { partsOf } from '../../src/report/parts/owners.ts'
import { browserForTests } from '../support/browser.ts'
import { demoResult, hostileResult, ownedResult } from '../support/sample-results.ts'

const found = await browserForTests()

describe.runIf(found)('the HTML, opened from a file', { timeout: 60_000 }, () => {
  let folder = ''
  let running: RunningBrowser
  let page: Page
  let complaints: string[] = []
  let requests: string[] = []
  const url = (name: string, fragment = '') => `${pathToFileURL(join(folder, name)).href}${fragment}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
    await writeFile(join(folder, 'demo.html'), renderHtml(demoResult()))
    await writeFile(join(folder, 'hostile.html'), renderHtml(hostileResult()))
    const parts = partsOf(demoResult(), 'namespace').map((part, index) => ({ part, files: [`part-${index}.html`] }))
    await writeFile(join(folder, 'parts.html'), renderPartIndex(demoResult(), parts, { splitBy: 'namespace' }))
    if (found) running = await startBrowser(found, 30_000)
  })
  afterAll(async () => {
    await running.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    page = await running.browser.newPage()
    complaints = []
    requests = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => requests.push(request.url()))
    return () => page.close()
  })

  const shown = () =>
    page.$$eval('.filtered .entry', (items) => items.filter((item) => item.checkVisibility()).map((item) => item.id))
  const count = () => page.$eval('output', (item) => item.textContent)
  const fontsLoaded = () =>
    page.evaluate(
      'document.fonts.ready.then(() => [...document.fonts].filter((face) => face.status === "loaded").length)',
    )

  test('asks for nothing, complains of nothing, and has its fonts', async () => {
    await page.goto(url('demo.html'))
    expect(await count()).toBe('14 of 14 rules shown')
    expect(await fontsLoaded()).toBe(3)
    expect(complaints).toEqual([])
    expect(requests.filter((request) => !request.startsWith('data:font/'))).toEqual([url('demo.html')])
  })

  test('filters by severity and node, keeps that in the address, and restores it', async () => {
    await page.goto(url('demo.html'))
    await page.click('input[value="high"]')
    await page.select('select[name="node"]', 'worker-1')
    await page.waitForFunction('location.hash.includes("node=")')
    const wanted = ['finding-kernel-parameters', 'finding-protect-kernel-defaults']
    expect(await shown()).toEqual(wanted)
    expect(page.url()).toBe(url('demo.html', '#severity=high&node=worker-1'))
    const rows = await page.$$eval('#finding-protect-kernel-defaults .evidence tbody', (items) =>
      items.map((item) => item.hidden),
    )
    expect(rows).toEqual([true, false])
    await page.goto('about:blank')
    await page.goto(url('demo.html', '#severity=high&node=worker-1'))
    expect(await shown()).toEqual(wanted)
    await page.click('button[type="reset"]')
    await page.waitForFunction('document.querySelector("output").value.startsWith("14 of 14")')
    expect(page.url()).toBe(url('demo.html'))
  })

  test.each([
    ['#outcome=unknown', ['finding-kubelet-client-ca', 'finding-runtime-storage-directory-types']],
    ['#namespace=shop', ['finding-container-limits']],
    ['#text=swap+sda2', ['finding-swap-off']],
    ['#severity=critical,low&outcome=pass', ['finding-unsafe-sysctl-support']],
    ['#text=no+such+thing', []],
  ])('%s', async (fragment, ids) => {
    await page.goto(url('demo.html', fragment))
    expect(await shown()).toEqual(ids)
    expect(await count()).toBe(`${ids.length} of 14 rules shown`)
  })

  test('a link to a finding opens it; the slash key goes to the search field', async () => {
    await page.goto(url('demo.html', '#finding-swap-off'))
    const isOpen = (id: string) => page.$eval(`#${id}`, (item) => item.hasAttribute('open'))
    expect([await isOpen('finding-swap-off'), await isOpen('finding-container-limits')]).toEqual([true, false])
    await page.keyboard.press('/')
    expect(await page.evaluate('document.activeElement.name')).toBe('text')
  })

  test('filters by benchmark, keeps that in the address, and counts rules of one line too', async () => {
    await page.goto(url('demo.html'))
    await page.select('select[name="benchmark"]', 'DISA STIG')
    await page.waitForFunction('location.hash === "#benchmark=DISA+STIG"')
    expect(await shown()).toEqual(['finding-protect-kernel-defaults'])
    await page.select('select[name="benchmark"]', 'CIS Kubernetes 1.24')
    await page.waitForFunction('location.hash.includes("CIS")')
    expect(await shown()).toContain('finding-kubelet-read-only-port')
  })

  test('filters by team; a link to a unit opens its finding; a fix is copied as it is to be typed', async () => {
    const path = join(folder, 'units.html')
    await writeFile(path, renderHtml(ownedResult()))
    await page.goto(`${pathToFileURL(path).href}#unit-fp1-0123456789abcdef`)
    expect(await page.$eval('#finding-container-limits', (item) => item.hasAttribute('open'))).toBe(true)
    expect(await page.$$eval('.copy', (items) => items.length)).toBeGreaterThan(0)
    await page.select('select[name="team"]', 'payments')
    await page.waitForFunction('location.hash === "#team=payments"')
    expect(await shown()).toEqual(['finding-container-limits'])
    await page.evaluate('navigator.clipboard.writeText = async (text) => { globalThis.copied = text }')
    await page.$eval('.copy', (button) => button.click())
    expect(await page.evaluate('globalThis.copied')).toBe(
      'resources:\n  requests: { memory: 256Mi }\n  limits: { memory: 512Mi }\n',
    )
  })

  test('j and k go from finding to finding, and the keys can be turned off', async () => {
    await page.goto(url('demo.html'))
    const here = () => page.evaluate('document.activeElement.closest(".entry")?.id')
    expect(await here()).toBeUndefined()
    await page.keyboard.press('j')
    const first = await here()
    await page.keyboard.press('j')
    expect(await here()).not.toBe(first)
    await page.keyboard.press('k')
    expect(await here()).toBe(first)
    await page.$eval('input[name="keys"]', (box) => box.click())
    await page.keyboard.press('j')
    expect(await here()).toBe(first)
  })

  test('opens a finding with the keyboard alone', async () => {
    await page.goto(url('demo.html'))
    await page.focus('#finding-privileged-containers summary')
    await page.keyboard.press('Enter')
    expect(await page.$eval('#finding-privileged-containers', (item) => item.hasAttribute('open'))).toBe(true)
  })

  test('fits a narrow screen without scrolling sideways', async () => {
    await page.setViewport({ width: 390, height: 800 })
    await page.goto(url('demo.html', '#finding-protect-kernel-defaults'))
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })

  test('the reader’s choice of a theme goes against the system’s, is there before anything is shown, and stays', async () => {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
    await page.goto(url('demo.html'))
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--ground").trim()')
    const dark = await ground()
    await page.select('#theme', 'light')
    const light = await ground()
    expect(light).not.toBe(dark)
    await page.reload()
    expect([await ground(), await page.evaluate('document.getElementById("theme").value')]).toEqual([light, 'light'])
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }])
    await page.select('#theme', 'dark')
    expect(await ground()).toBe(dark)
    await page.select('#theme', '')
    expect(await ground()).toBe(light)
  })

  test('a theme is chosen by the keyboard, also where the browser keeps nothing, and paper stays light', async () => {
    await page.evaluateOnNewDocument(
      'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError") } })',
    )
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }])
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    for (const name of ['demo.html', 'parts.html']) {
      await page.goto(url(name))
      expect(await ground()).toBe('rgb(255, 255, 255)')
      await page.focus('#theme')
      await page.keyboard.press('End')
      expect(await ground()).toBe('rgb(18, 22, 27)')
      await page.emulateMediaType('print')
      await vi.waitFor(async () => expect(await ground()).toBe('rgb(255, 255, 255)'), { timeout: 10_000 })
      expect(await page.$eval('.theme', (item) => item.checkVisibility())).toBe(false)
      await page.emulateMediaType('screen')
    }
    expect(complaints).toEqual([])
  })

  test('reads without script, and prints what is folded', async () => {
    await page.setJavaScriptEnabled(false)
    await page.goto(url('demo.html'))
    expect(await page.$eval('#filters', (item) => item.checkVisibility())).toBe(false)
    expect(await page.$eval('#finding-swap-off', (item) => item.checkVisibility())).toBe(true)
    await page.emulateMediaType('print')
    // A browser on a busy machine takes a frame or two before the other medium's styles hold.
    const isShown = () =>
      page.$eval('#finding-privileged-containers pre', (item) => item.checkVisibility({ contentVisibilityAuto: true }))
    await vi.waitFor(async () => expect(await isShown()).toBe(true), { timeout: 10_000 })
  })

  test('runs nothing of hostile text, and its filters work with such names', async () => {
    await page.goto(url('hostile.html'))
    expect(await page.title()).toMatch(/^Kubernetes cluster audit: safe\[U\+202E\]gnp\.exe<\/style>/)
    expect(complaints).toEqual([])
    expect(requests.filter((request) => !request.startsWith('data:font/'))).toEqual([url('hostile.html')])
    const value = await page.$eval('select[name="node"] option:nth-child(2)', (item) => item.value)
    await page.select('select[name="node"]', value)
    await page.waitForFunction('location.hash.includes("node=")')
    expect((await shown()).length).toBeGreaterThan(0)
    expect(complaints).toEqual([])
  })
})
