import { describe, expect, test } from 'vitest'
import { renderPaper } from '../../../src/report/paper.ts'
import { amendPdf, readPdf } from '../../../src/report/pdf-file.ts'
import { demoResult, hostileResult } from '../../support/sample-results.ts'

describe('the document for paper', () => {
  test('has no script, and page numbers where they are known', () => {
    const { html, title, metadata, headings } = renderPaper(
      demoResult(),
      { classification: 'Confidential' },
      new Map([['matrix', 12]]),
    )
    expect(html).not.toContain('<script')
    expect(html).toContain("script-src 'none'")
    expect(html).toContain('<a href="#matrix"><span>Rules by node</span> <span class="page">12</span></a>')
    expect(html).toContain('<a href="#method"><span>Scope and method</span> <span class="page"></span></a>')
    expect(html).toContain('@page{size:A4;')
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
      subject: 'KA-2026-11-20-prod-eu-1-7f3a',
      createdAt: '2026-11-20T02:01:18Z',
    })
  })
  test('lets no name of a cluster end the style sheet', () => {
    const { html } = renderPaper(hostileResult(), { paper: 'letter' }, new Map())
    expect(html.split('</style>').length).toBe(2)
    expect(html).toContain('@page{size:letter;')
  })
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
    expect(amendPdf(bytes, { title: '', author: '', subject: '', createdAt: '' }, [])).toBeUndefined()
  })
  const metadata = { title: 'T)(\\ é', author: 'A', subject: 'S', createdAt: '2026-11-20T02:01:18Z' }
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
      '/Title <FEFF005400290028005C002000E9>\n/Author <FEFF0041>\n/Subject <FEFF0053>',
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
