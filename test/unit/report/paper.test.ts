import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { renderPaper } from '../../../src/report/paper.ts'
import { chaptersOf, fillPages, pageRules } from '../../../src/report/paper-pages.ts'
import { amendPdf, readPdf } from '../../../src/report/pdf-file.ts'
import { PdfObjects } from '../../../src/report/pdf-objects.ts'
import { demoResult, hostileResult, languagesResult } from '../../support/sample-results.ts'

describe('the document for paper', () => {
  test('has no script, and page numbers where they are known', () => {
    const { html, title, metadata, headings } = renderPaper(
      demoResult(),
      { classification: 'Confidential' },
      new Map([
        ['matrix', 12],
        ['finding-swap-off', 9],
      ]),
    )
    expect(html).not.toContain('<script')
    expect(html).toContain("script-src 'none'")
    expect(html).toContain('<span>Rules by node</span> <span class="page" data-page="matrix">12</span></a>')
    expect(html).toContain('<span class="page" data-page="method"></span></a>')
    expect(html).toContain('<td class="page" data-page="finding-swap-off">9</td>')
    expect(html).toContain('@page{size:A4;')
    expect(html).toContain('#findings{page:chapter-')
    expect(headings.slice(0, 4)).toEqual(['prod-eu-1', 'Contents', 'This report', 'How to verify it'])
    expect(headings).toContain('The kubelet changes kernel parameters by itself on 2 of 6 nodes')
    expect(title).toBe('Kubernetes cluster audit: prod-eu-1')
    expect(metadata).toEqual({
      title,
      author: 'kube-assay 0.1.0',
      subject: 'Report KA-2026-11-20-prod-eu-1-7f3a: prod-eu-1 against CIS Kubernetes 1.24',
      keywords: 'Kubernetes, security audit, compliance, CIS Kubernetes 1.24, prod-eu-1, KA-2026-11-20-prod-eu-1-7f3a',
      createdAt: '2026-11-20T02:01:18Z',
    })
  })
  test('lets no name of a cluster end the style sheet', () => {
    const { html } = renderPaper(hostileResult(), { paper: 'letter' }, new Map())
    expect(html.split('</style>').length).toBe(2)
    expect(html).toContain('@page{size:letter;')
  })
})

describe('pages', () => {
  const body =
    '<section class="chapter" id="a"><h2>One &amp; two</h2><i data-page="a"></i><i data-page="none"></i></section><section class="part" id="b"><h2>Part</h2></section><section class="finding" id="f"></section><section class="chapter" id="c"><h2>Last</h2></section>'
  test('sections that share a page share a running header', () => {
    expect(chaptersOf(body)).toEqual([
      { ids: ['a', 'b'], titles: ['One &amp; two', 'Part'] },
      { ids: ['c'], titles: ['Last'] },
    ])
  })
  test('numbers go where a target is known', () => {
    expect(fillPages(body, new Map([['a', 7]]))).toContain('<i data-page="a">7</i><i data-page="none"></i>')
  })
  test('each chapter has a page of its name, and no text can end a rule', () => {
    const margins = { runningHead: 'c"}', classification: '</style>', reportId: 'r' }
    const rules = pageRules('letter', margins, [{ ids: ['a', 'b'], titles: ['One', 'Part'] }], (titles) =>
      titles.join(', '),
    )
    expect(rules).toContain(
      '#a,#b{page:chapter-1}@page chapter-1{@top-left{content:"One\\2c \\20 Part\\20 \\b7 \\20 c\\22 \\7d "',
    )
    expect(rules).not.toContain('</style>')
  })
  test.each([
    [
      'as many as fit',
      ['One', 'Two', 'Three', 'Four', 'Five'],
      '"One\\2c \\20 Two\\2c \\20 Three\\2c \\20 Four\\2c \\20 Five\\20 \\b7 \\20 c"',
    ],
    ['none where they are too many', Array(12).fill('Some chapter'), '"c"'],
    ['the one that is alone, whatever its length', ['L'.repeat(120)], `"${'L'.repeat(120)}\\20 \\b7 \\20 c"`],
    ['fewer of wide letters', Array(8).fill('발견사항목록이다'), '"c"'],
  ])('a running header names the chapters of its page: %s', (_name, titles, head) => {
    const margins = { runningHead: 'c', classification: '', reportId: '' }
    expect(pageRules('a4', margins, [{ ids: ['a'], titles }], (all) => all.join(', '))).toContain(
      `@page chapter-1{@top-left{content:${head};`,
    )
  })
})

test('a character that no font has is named; the languages of the documents are not', () => {
  const { html, headings } = renderPaper(languagesResult(), { classification: '機密 😀' }, new Map())
  expect(html).toContain('결제-서비스')
  expect(html).toContain('決済サービス')
  expect(html).toContain('支付服务')
  expect(html).toContain('rocket[U+1F680]')
  expect(html).not.toContain('\u{1F680}')
  expect(html).toContain('\\5b U\\2b 1F600\\5d ')
  expect(headings.join(' ')).not.toContain('\u{1F680}')
})

const pageContent = '1 0 0 1 0 0 cm\n/P <</MCID 0 >>BDC\n0 0 1 1 re\nEMC\n/X9 Do\n/X17 Do'

function streamObject(id: number, entries: string, content: string): string {
  const data = deflateSync(content).toString('latin1')
  return `${id} 0 obj\n<<${entries}/Filter /FlateDecode\n/Length ${data.length}>> stream\n${data}\nendstream\nendobj\n`
}

/** As Chromium lays it out: a classic table, no compressed objects. */
function pdf(content = pageContent): Buffer {
  const resources = '/Resources <</XObject <</X9 18 0 R\n/X17 17 0 R>>>>'
  const objects = [
    "1 0 obj\n<</Producer (Skia/PDF m156)\n/CreationDate (D:20991231235959+00'00')>>\nendobj\n",
    `2 0 obj\n<</Type /Page\n${resources}\n/Contents 16 0 R\n/Parent 4 0 R>>\nendobj\n`,
    '3 0 obj\n<</Type /Page\n/Contents 19 0 R\n/Parent 4 0 R>>\nendobj\n',
    '4 0 obj\n<</Type /Pages\n/Count 2\n/Kids [3 0 R 2 0 R]>>\nendobj\n',
    '5 0 obj\n<</first [3 0 R /XYZ 0 0 0]\n/second [2 0 R /XYZ 0 0 0]>>\nendobj\n',
    '6 0 obj\n<</Type /Catalog\n/Pages 4 0 R\n/Outlines 7 0 R\n/Dests 5 0 R>>\nendobj\n',
    '7 0 obj\n<</Type /Outlines\n/First 8 0 R\n/Last 10 0 R>>\nendobj\n',
    '8 0 obj\n<</Title (two wor\\)ds)\n/First 9 0 R\n/Last 9 0 R\n/Next 10 0 R>>\nendobj\n',
    '9 0 obj\n<</Title <FEFF0041>>>\nendobj\n',
    '10 0 obj\n<</Title (last)>>\nendobj\n',
    '11 0 obj\n<</Type /Annot\n/Subtype /Link\n/Dest /first>>\nendobj\n',
    '12 0 obj\n<</Type /Annot\n/Subtype /Link\n/A <</Type /Action\n/S /URI\n/URI (https://k8s.io/\\(a\\))>>>>\nendobj\n',
    '13 0 obj\n<</Type /StructElem\n/S /LI\n/P 1 0 R\n/K [3 14 0 R 15 0 R]>>\nendobj\n',
    '14 0 obj\n<</Type /StructElem\n/S /Lbl\n/P 13 0 R>>\nendobj\n',
    '15 0 obj\n<</Type /StructElem\n/S /P\n/P 13 0 R>>\nendobj\n',
    streamObject(16, '', content),
    // A short one, in clear.
    '17 0 obj\n<</Type /XObject\n/Subtype /Form\n/Length 25>> stream\n/TH <</MCID 0 >>BDC\nf\nEMC\nendstream\nendobj\n',
    streamObject(18, '/Type /XObject\n/Subtype /Form\n', 'f'),
    streamObject(19, '', 'f'),
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object) => {
    const offset = body.length
    body += object
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 20\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${body}${table}trailer\n<</Size 20\n/Root 6 0 R\n/Info 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  )
}

describe('PDF files', () => {
  test('pages in their order, and the page of each link target', () => {
    expect(readPdf(pdf())).toEqual({
      pages: 2,
      destinations: new Map([
        ['first', 1],
        ['second', 2],
      ]),
    })
  })
  test.each([
    ['not a PDF', Buffer.from('<html>')],
    ['empty', Buffer.alloc(0)],
    ['cut off', pdf().subarray(0, 300)],
    ['no trailer', Buffer.from('%PDF-1.7\nnothing')],
  ])('%s is nothing', (_, bytes) => {
    expect(readPdf(bytes)).toBeUndefined()
    const nothing = { title: '', author: '', subject: '', keywords: '', createdAt: '' }
    expect(amendPdf(bytes, nothing, [], String)).toBeUndefined()
  })
  const metadata = { title: 'T)(\\ <é>', author: 'A', subject: 'S', keywords: 'K', createdAt: '2026-11-20T02:01:18Z' }
  function amend(headings: string[]) {
    const bytes = amendPdf(pdf(), metadata, headings, (page) => `Page ${page}`) ?? Buffer.alloc(0)
    const objects = PdfObjects.read(bytes)
    return { text: Buffer.from(bytes).toString('latin1'), get: (id: number) => objects?.get(String(id)) ?? '' }
  }
  test('metadata is said; the time of rendering and the program that printed are gone', () => {
    const { text, get } = amend([])
    expect(text.match(/\(D:\d{14}\+00'00'\)/g)).toEqual(Array(2).fill("(D:20261120020118+00'00')"))
    expect(get(1)).toContain(
      '/Title <FEFF005400290028005C0020003C00E9003E>\n/Author <FEFF0041>\n/Subject <FEFF0053>\n/Keywords <FEFF004B>',
    )
    const xmp = Number(/\/Metadata (\d+) 0 R/.exec(get(6))?.[1])
    expect(get(xmp)).toContain('/Subtype /XML')
    expect(Buffer.from(text, 'latin1').toString()).toContain('<rdf:li xml:lang="x-default">T)(\\ &lt;é&gt;</rdf:li>')
  })
  test('bookmarks say what the headings say, in order', () => {
    const { get } = amend(['two words', 'B', 'é'])
    expect(get(8)).toBe(
      '<</Title <FEFF00740077006F00200077006F007200640073>\n/First 9 0 R\n/Last 9 0 R\n/Next 10 0 R>>',
    )
    expect(get(9)).toBe('<</Title <FEFF0042>>>')
    expect(get(10)).toBe('<</Title <FEFF00E9>>>')
  })
  test('bookmarks that do not match the headings are left alone', () => {
    expect(amend(['only one']).get(8)).toContain('/Title (two wor\\)ds)')
  })
  test('links are described, list items have a body, and what is no content is an artifact', () => {
    const { get, text } = amend([])
    expect(get(11)).toContain('/Contents <FEFF005000610067006500200031>')
    expect(get(12)).toContain('/Contents (https://k8s.io/\\(a\\))')
    const body = Number(/\/K \[3 14 0 R (\d+) 0 R\]/.exec(get(13))?.[1])
    expect(get(body)).toBe('<</Type /StructElem\n/S /LBody\n/P 13 0 R\n/K [15 0 R]>>')
    expect(get(14)).toContain('/P 13 0 R')
    expect(get(15)).toContain(`/P ${body} 0 R`)
    const objects = PdfObjects.read(Buffer.from(text, 'latin1'))
    expect(objects?.content('16')).toBe(
      '/Artifact BMC\n1 0 0 1 0 0 cm\nEMC\n/P <</MCID 0 >>BDC\n0 0 1 1 re\nEMC\n/Artifact BMC\n/X9 Do\nEMC\n/X17 Do\n/Artifact BMC\nEMC',
    )
    expect(objects?.content('17')).toBe('/Artifact BMC\nEMC\n/TH <</MCID 0 >>BDC\nf\nEMC\n/Artifact BMC\nEMC')
    expect(Buffer.from(text, 'latin1').toString()).toContain('<pdfuaid:part>1</pdfuaid:part>')
  })
  test('content that is tagged in another way than expected stays as it is, and the standard is not stated', () => {
    const nested = '/P <</MCID 0 >>BDC\n/Span <</MCID 1 >>BDC\nEMC\nEMC'
    const bytes = amendPdf(pdf(nested), metadata, [], String) ?? Buffer.alloc(0)
    expect(PdfObjects.read(bytes)?.content('16')).toBe(nested)
    expect(Buffer.from(bytes).toString()).not.toContain('pdfuaid:part>')
  })
})
