import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { renderPaper } from '../../src/report/paper.ts'
import { partsOf } from '../../src/report/parts/owners.ts'
import { renderPdf, renderPdfs } from '../../src/report/pdf.ts'
import { readPdf } from '../../src/report/pdf-file.ts'
import { browserForTests } from '../support/browser.ts'
import { crowdedResult, pastResult } from '../support/past-result.ts'
import { bigResult, demoResult, hostileResult, languagesResult } from '../support/sample-results.ts'

const browser = await browserForTests()
const hasPoppler = spawnSync('pdftotext', ['-v']).error === undefined
if (!hasPoppler)
  console.warn('SKIPPED: checks of the PDF’s text, which need pdftotext (apt-get install poppler-utils).')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The text of a PDF, page by page, white space folded. */
function pagesOf(path: string): string[] {
  const { stdout } = spawnSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8', maxBuffer: 1 << 26 })
  return stdout
    .split('\f')
    .slice(0, -1)
    .map((page) => page.replaceAll(/\s+/g, ' '))
}

describe.runIf(browser)('the PDF', { timeout: 120_000 }, () => {
  test('has pages, outline, tags, metadata, and the pages its contents name', async () => {
    const path = join(folder, 'demo.pdf')
    const report = await renderPdf(demoResult(), path, { classification: 'Confidential' })
    const bytes = await readFile(path)
    const file = readPdf(bytes)
    expect(report).toMatchObject({
      path,
      bytes: bytes.length,
      pages: file?.pages,
      refusedRequests: 0,
      origin: browser?.origin,
    })
    expect(report.pages).toBeGreaterThan(8)
    const text = bytes.toString('latin1')
    for (const mark of ['/StructTreeRoot', '/Marked true', '/Type /Outlines', '/Lang (en)', '/DisplayDocTitle true'])
      expect(text).toContain(mark)
    const hex = (value: string) => `<FEFF${Buffer.from(value, 'utf16le').swap16().toString('hex').toUpperCase()}>`
    const { headings } = renderPaper(demoResult(), {}, new Map())
    expect(headings.length).toBeGreaterThan(25)
    for (const heading of headings) expect(text).toContain(`/Title ${hex(heading)}`)
    // Besides the document's own title; a heading whose glyphs reach over a page's edge would be there twice.
    expect(text.match(/\/Title </g)).toHaveLength(headings.length + 1)
    // PDF/UA-1, as far as it is to be seen without a validator: stated only when every page was tagged or marked throughout.
    expect(text).toContain('<pdfuaid:part>1</pdfuaid:part>')
    expect(text.match(/\/Subtype \/Link\n/g)?.length).toBe(text.match(/\/Contents (?:\(|<FEFF)/g)?.length)
    expect(text).not.toMatch(/\/S \/LI\n\/P \d+ 0 R\n\/K \d/)
    expect(text).toContain(`/Author ${hex('kube-assay 0.1.0')}`)
    // IBM Plex is embedded; a fallback to the system's faces would show here.
    expect(text).toMatch(/\/FontName \/[A-Z]{6}\+IBMPlexSans/)
    expect(text).toMatch(/\/FontName \/[A-Z]{6}\+IBMPlexMono/)
    if (!hasPoppler) return
    const pages = pagesOf(path)
    expect(pages.length).toBe(report.pages)
    expect(pages[0]).toContain('Not acceptable as it stands. 2 critical findings on 1 binding and 2 of 48 workloads')
    expect(pages[0]).not.toContain('1 / ')
    pages.slice(1).forEach((page, index) => {
      expect(page).toContain('prod-eu-1 · CIS Kubernetes 1.24')
      expect(page).toContain('CONFIDENTIAL')
      expect(page).toContain(`KA-2026-11-20-prod-eu-1-7f3a ${index + 2} / ${report.pages}`)
    })
    for (const [name, id] of [
      ['Not answered', 'unknown'],
      ['Rules by node', 'matrix'],
      ['Scope and method', 'method'],
    ] as const) {
      const number = file?.destinations.get(id) ?? 0
      expect(pages[1]).toContain(`${name} ${number}`)
      expect(pages[number - 1]).toContain(name === 'Rules by node' ? 'By node' : name)
    }
    const all = pages.join(' ')
    expect(all).toContain('sudo refused: sudo -n was refused for user audit')
    expect(all.indexOf('What is missing on nodes, and why')).toBeLessThan(all.indexOf('Critical findings'))
  })

  test('has the page of every finding in its index, and the chapter in its running header', async () => {
    const path = join(folder, 'index.pdf')
    await renderPdf(demoResult(), path, { paper: 'letter' })
    const bytes = await readFile(path)
    const file = readPdf(bytes)
    const { html } = renderPaper(demoResult(), { paper: 'letter' }, file?.destinations ?? new Map())
    const places = [...html.matchAll(/<td class="page" data-page="(finding-[\w-]+)">(\d*)<\/td>/g)]
    expect(places.length).toBeGreaterThan(5)
    if (!hasPoppler) return
    const pages = pagesOf(path)
    const index = pages[(file?.destinations.get('findings') ?? 0) - 1] ?? ''
    for (const [id, title] of [
      ['finding-swap-off', 'Swap is unbounded, or its setup keeps the kubelet from starting'],
      ['finding-container-limits', 'Containers have no memory limit'],
    ] as const) {
      const number = file?.destinations.get(id) ?? 0
      expect(pages[number - 1]).toContain(title)
      expect(places.find(([, target]) => target === id)?.[2]).toBe(String(number))
      expect(index).toContain(String(number))
    }
    for (const [id, head] of [
      ['coverage', 'Scope and method, Coverage, Trend'],
      ['findings', 'Findings'],
      ['matrix', 'Nodes, By node, Appendix'],
    ] as const) {
      expect(pages[(file?.destinations.get(id) ?? 0) - 1]).toMatch(
        new RegExp(`^ ?${head} · prod-eu-1 · CIS Kubernetes 1.24`),
      )
    }
  })

  test('draws Korean, Japanese and Chinese with its own fonts alone, and names what they lack', async () => {
    const path = join(folder, 'languages.pdf')
    const { refusedRequests } = await renderPdf(languagesResult(), path, { classification: '대외비 社外秘 机密' })
    expect(refusedRequests).toBe(0)
    if (!hasPoppler) return
    const { stdout } = spawnSync('pdffonts', [path], { encoding: 'utf8' })
    const fonts = stdout.split('\n').slice(2, -1)
    const names = fonts.map((line) => line.split(/\s+/)[0]?.replace(/^[A-Z]{6}\+/, '') ?? '')
    expect(names.filter((name) => !/^(IBMPlex(Sans|Mono|SansKR|SansJP)|NotoSansSCThin)(-|$)/.test(name))).toEqual([])
    for (const family of ['IBMPlexSansKR', 'IBMPlexSansJP', 'NotoSansSC', 'IBMPlexSans', 'IBMPlexMono'])
      expect(names.some((name) => name.startsWith(family))).toBe(true)
    // Columns emb, sub, uni: embedded, a subset, with the way back to text.
    for (const line of fonts) expect(line).toMatch(/ yes +yes +yes +\d+ +\d+$/)
    // A line may end between any two of their characters.
    const text = pagesOf(path).join('').replaceAll(/\s/g, '')
    for (const part of [
      '운영-本番-生产',
      '커널매개변수를',
      'カーネルパラメータを',
      '内核参数不应由',
      '대외비社外秘机密',
      'rocket[U+1F680]',
    ])
      expect(text).toContain(part)
  })

  test('leaves equal files for equal results', async () => {
    const [a, b] = [join(folder, 'a.pdf'), join(folder, 'b.pdf')]
    await renderPdf(demoResult(), a)
    await renderPdf(demoResult(), b)
    expect((await readFile(a)).equals(await readFile(b))).toBe(true)
  })

  test('shows hostile text as text and asks for nothing', async () => {
    const path = join(folder, 'hostile.pdf')
    const report = await renderPdf(hostileResult(), path, { classification: '"}</style><script>', paper: 'letter' })
    expect(report.refusedRequests).toBe(0)
    if (!hasPoppler) return
    const text = pagesOf(path).join(' ')
    expect(text).toContain('safe[U+202E]gnp.exe')
    expect(text).toContain('cut here: 2,000 of 65,539 characters shown')
    expect(text).not.toContain('root:x:0:0')
  })

  const manyPeople = {
    preparedBy: 'P'.repeat(500),
    preparedFor: 'F'.repeat(500),
    distribution: Array.from(
      { length: 60 },
      (_, index) => `Reader ${index} of a company with a long name, ${'x'.repeat(200)}`,
    ),
  }
  test.each([
    ['six nodes', demoResult, 'a4'],
    ['5,000 nodes', bigResult, 'a4'],
    ['six nodes', demoResult, 'letter'],
    ['a past and accepted risks', pastResult, 'letter'],
    ['hostile texts in many rules, packs and risks', crowdedResult, 'letter'],
  ] as const)('for who decides has five pages at most: %s', async (_, made, paper) => {
    const path = join(folder, 'executive.pdf')
    const report = await renderPdf(made(), path, { edition: 'executive', paper, people: manyPeople })
    expect(report.pages).toBeLessThanOrEqual(5)
    if (!hasPoppler || made !== crowdedResult) return
    expect(pagesOf(path).join(' ')).toMatch(/\d of 300 findings shown, all in result\.json/)
  })

  test('for each owner is made by one browser, with that owner’s findings alone', async () => {
    const parts = partsOf(demoResult(), 'namespace')
    const jobs = parts.map((part, index) => ({ outFile: join(folder, `part-${index}.pdf`), options: { part } }))
    const reports = await Array.fromAsync(renderPdfs(demoResult(), jobs))
    expect(reports.map(({ path }) => path)).toEqual(jobs.map(({ outFile }) => outFile))
    if (!hasPoppler) return
    const shop = parts.findIndex(({ name }) => name === 'shop')
    const text = pagesOf(join(folder, `part-${shop}.pdf`)).join(' ')
    expect(text).toContain('Namespace shop')
    expect(text).toContain('Deployment shop/cart')
    expect(text).not.toContain('legacy/import')
  })

  test('of 5,000 nodes stays a document', async () => {
    const report = await renderPdf(bigResult(), join(folder, 'big.pdf'))
    expect(report.pages).toBeLessThan(40)
  })
})

describe.runIf(browser)('a PDF that cannot be made', { timeout: 60_000 }, () => {
  const failures: [string, string, (file: string) => Promise<unknown>][] = [
    ['folder missing', 'write-failed', (file) => renderPdf(demoResult(), join(file, 'none', 'x.pdf'))],
    ['no time', 'timeout', (file) => renderPdf(bigResult(), file, { timeoutMs: 400 })],
    ['stopped', 'interrupted', (file) => renderPdf(bigResult(), file, { signal: AbortSignal.timeout(400) })],
    ['stopped before', 'interrupted', (file) => renderPdf(demoResult(), file, { signal: AbortSignal.abort() })],
  ]
  test.each(failures)('%s: %s, and nothing is left', async (_, reason, run) => {
    const own = await mkdtemp(join(tmpdir(), 'assay-test-'))
    vi.stubEnv('TMPDIR', own)
    try {
      await expect(run(join(own, 'x.pdf'))).rejects.toMatchObject({ name: 'PdfError', reason })
      expect(await readdir(own)).toEqual([])
    } finally {
      vi.unstubAllEnvs()
      await rm(own, { recursive: true })
    }
  })
})
