import { describe, expect, test } from 'vitest'
import { renderPaper } from '../../../src/report/paper.ts'
import { chaptersOf, fillPages, pageRules } from '../../../src/report/paper-pages.ts'
import { amendPdf, readPdf } from '../../../src/report/pdf-file.ts'
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
    expect(headings.slice(0, 4)).toEqual([
      'prod-eu-1',
      'Contents',
      'What to check this report against',
      'How to verify it',
    ])
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
    const rules = pageRules('letter', margins, [{ ids: ['a', 'b'], titles: ['One', 'Part'] }])
    expect(rules).toContain(
      '#a,#b{page:chapter-1}@page chapter-1{@top-left{content:"One\\2c \\20 Part\\20 \\b7 \\20 c\\22 \\7d "',
    )
    expect(rules).not.toContain('</style>')
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

/** As Chromium lays it out: a classic table, no compressed objects. */
function pdf(): Buffer {
  const objects = [
    "1 0 obj\n<</Producer (Skia/PDF m156)\n/CreationDate (D:20991231235959+00'00')>>\nendobj\n",
    '2 0 obj\n<</Type /Page\n/Parent 4 0 R>>\nendobj\n',
    '3 0 obj\n<</Type /Page\n/Parent 4 0 R>>\nendobj\n',
    '4 0 obj\n<</Type /Pages\n/Count 2\n/Kids [3 0 R 2 0 R]>>\nendobj\n',
    '5 0 obj\n<</first [3 0 R /XYZ 0 0 0]\n/second [2 0 R /XYZ 0 0 0]>>\nendobj\n',
    '6 0 obj\n<</Type /Catalog\n/Pages 4 0 R\n/Outlines 7 0 R\n/Dests 5 0 R>>\nendobj\n',
    '7 0 obj\n<</Type /Outlines\n/First 8 0 R\n/Last 10 0 R>>\nendobj\n',
    '8 0 obj\n<</Title (two wor\\)ds)\n/First 9 0 R\n/Last 9 0 R\n/Next 10 0 R>>\nendobj\n',
    '9 0 obj\n<</Title <FEFF0041>>>\nendobj\n',
    '10 0 obj\n<</Title (last)>>\nendobj\n',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object) => {
    const offset = body.length
    body += object
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 11\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${body}${table}trailer\n<</Size 11\n/Root 6 0 R\n/Info 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`,
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
    expect(amendPdf(bytes, { title: '', author: '', subject: '', keywords: '', createdAt: '' }, [])).toBeUndefined()
  })
  const metadata = { title: 'T)(\\ é', author: 'A', subject: 'S', keywords: 'K', createdAt: '2026-11-20T02:01:18Z' }
  const amend = (headings: string[]) => Buffer.from(amendPdf(pdf(), metadata, headings) ?? []).toString('latin1')
  /** Objects that the last table lists, by number. */
  function lastTable(text: string): Record<string, string> {
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
    const entries = [...text.slice(start).matchAll(/^(\d+) 1\n(\d{10}) 00000 n $/gm)]
    return Object.fromEntries(
      entries.map(([, id = '', offset = '']) => [
        id,
        text.slice(Number(offset), text.indexOf('endobj', Number(offset))),
      ]),
    )
  }
  test('metadata is appended; the time of rendering is gone', () => {
    const text = amend([])
    expect(text.match(/\(D:\d{14}\+00'00'\)/g)).toEqual(Array(3).fill("(D:20261120020118+00'00')"))
    expect(Object.keys(lastTable(text))).toEqual(['1'])
    expect(lastTable(text)['1']).toContain(
      '/Title <FEFF005400290028005C002000E9>\n/Author <FEFF0041>\n/Subject <FEFF0053>\n/Keywords <FEFF004B>',
    )
  })
  test('bookmarks say what the headings say, in order', () => {
    const { 1: _, ...bookmarks } = lastTable(amend(['two words', 'B', 'é']))
    expect(bookmarks).toEqual({
      8: '8 0 obj\n<</Title <FEFF00740077006F00200077006F007200640073>\n/First 9 0 R\n/Last 9 0 R\n/Next 10 0 R>>\n',
      9: '9 0 obj\n<</Title <FEFF0042>>>\n',
      10: '10 0 obj\n<</Title <FEFF00E9>>>\n',
    })
  })
  test('bookmarks that do not match the headings are left alone', () => {
    expect(Object.keys(lastTable(amend(['only one'])))).toEqual(['1'])
  })
})
