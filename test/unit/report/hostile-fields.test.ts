// Every text that the schema of results knows, with markup, templates and controls in it: each comes out as text, in every edition.
import { describe, expect, it } from 'vitest'
import { renderHtml } from '../../../src/report/html.ts'
import { renderPaper } from '../../../src/report/paper.ts'
import { partsOf } from '../../../src/report/parts/owners.ts'
import { hostileTexts, unseen } from '../../support/hostile-texts.ts'
import { wholeResult } from '../../support/whole-result.ts'

const editions = ['auditor', 'executive', 'remediation'] as const

/** Ends of attributes and tags, a template, an override, a NUL and a C1 control, with the number of the text. */
const mark = (index: number) => `<c${index} x="{{this}}">\u202E\u0000\u009B'`
const people = { preparedBy: mark(1), preparedFor: mark(2), distribution: [mark(3)] }
const { result: marked, places } = wholeResult((_, index) => mark(index))

it('the result has a text at every place of the schema', () => {
  expect(places.length).toBeGreaterThan(150)
  for (const place of [
    'cluster.name',
    'rules[].findings[].evidence[].observed',
    'waivers.list[].reason',
    'comparison.changes[].rule',
  ])
    expect(places).toContain(place)
})

describe.each(editions)('edition %s', (edition) => {
  it.each([
    ['HTML', renderHtml(marked, { edition, classification: mark(0), people })],
    ['paper', renderPaper(marked, { edition, classification: mark(0), people }, new Map()).html],
  ])('%s: no text ends an element, an attribute or a template, or acts unseen', (_, html) => {
    expect(html.match(/<c\d+/g)).toBeNull()
    expect(html.match(/x="\{\{/g)).toBeNull()
    expect(unseen.exec(html.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ''))).toBeNull()
    expect(html).toMatch(/&lt;c\d+ x(?:=|&#x3D;)&quot;/)
    expect(html).toContain('[U+202E][U+0000][U+009B]')
  })
})

it('a document of one owner, too', () => {
  const [part] = partsOf(marked, 'namespace')
  if (part === undefined) throw new Error('no owner')
  expect(renderHtml(marked, { part }).match(/<c\d+/g)).toBeNull()
})

it.each(Object.keys(hostileTexts))('%s in every text gives a document of bounded size', (name) => {
  const { result } = wholeResult(() => hostileTexts[name] ?? '')
  const html = renderHtml(result)
  expect(unseen.exec(html.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, ''))).toBeNull()
  expect(html.length).toBeLessThan(12_000_000)
})
