import { describe, expect, test } from 'vitest'
import { renderPaper } from '../../../src/report/paper.ts'
import { readPdf, withMetadata } from '../../../src/report/pdf-file.ts'
import { demoResult, hostileResult } from '../../support/sample-results.ts'

describe('the document for paper', () => {
  test('has no script, and page numbers where they are known', () => {
    const { html, title, metadata } = renderPaper(
      demoResult(),
      { classification: 'Confidential' },
      new Map([['matrix', 12]]),
    )
    expect(html).not.toContain('<script')
    expect(html).toContain("script-src 'none'")
    expect(html).toContain('<a href="#matrix"><span>By node</span> <span class="page">12</span></a>')
    expect(html).toContain('<a href="#method"><span>Method</span> <span class="page"></span></a>')
    expect(html).toContain('@page{size:A4;')
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
    '6 0 obj\n<</Type /Catalog\n/Pages 4 0 R\n/Dests 5 0 R>>\nendobj\n',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object) => {
    const offset = body.length
    body += object
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 7\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${body}${table}trailer\n<</Size 7\n/Root 6 0 R\n/Info 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`,
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
    expect(withMetadata(bytes, { title: '', author: '', subject: '', createdAt: '' })).toBeUndefined()
  })
  test('metadata is appended; the time of rendering is gone', () => {
    const bytes = withMetadata(pdf(), {
      title: 'T)(\\ é',
      author: 'A',
      subject: 'S',
      createdAt: '2026-11-20T02:01:18Z',
    })
    const text = Buffer.from(bytes ?? []).toString('latin1')
    expect(text).toContain('/Title <FEFF00540029002800 5C002000E9>'.replace(' ', ''))
    expect(text.match(/\(D:\d{14}\+00'00'\)/g)).toEqual(Array(3).fill("(D:20261120020118+00'00')"))
    const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1])
    expect(text.slice(start, start + 9)).toBe('xref\n1 1\n')
    const offset = Number(text.slice(start + 9, start + 19))
    expect(text.slice(offset, offset + 8)).toBe('1 0 obj\n')
  })
})
