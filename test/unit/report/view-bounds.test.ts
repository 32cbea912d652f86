// A document says how much of the result it shows, and an HTML file how large it is.
import { expect, it } from 'vitest'
import { renderHtml } from '../../../src/report/html.ts'
import { paperLimits, screenLimits } from '../../../src/report/limits.ts'
import { buildView } from '../../../src/report/view.ts'
import { result } from '../../support/result-builder.ts'
import { bigResult, demoResult } from '../../support/sample-results.ts'

it.each([
  ['all of them', demoResult(), {}, 'All 13 findings are shown with their evidence.'],
  [
    'rules alone',
    demoResult(),
    { edition: 'executive' as const },
    'Rules are named here, not their 13 findings; these are in result.json.',
  ],
  ['each owner’s', demoResult(), { edition: 'remediation' as const }, 'All 13 findings are shown with their evidence.'],
  ['none', result({ rules: [] }), {}, 'There is no finding.'],
])('%s', (_name, made, options, words) => {
  expect(buildView(made, { limits: screenLimits, ...options }).bounds).toBe(words)
})

it('a part of them, where the document is cut and the result too', () => {
  const big = bigResult()
  expect(buildView(big, { limits: paperLimits }).bounds).toBe(
    '4,747 of 9,845 findings are shown with their evidence, those that are alike in one row; result.json has 5,178 and counts all.',
  )
  expect(buildView(demoResult(), { limits: { ...screenLimits, evidenceGroups: 1 }, dataFile: 'all.json' }).bounds).toBe(
    '11 of 13 findings are shown with their evidence, those that are alike in one row; all are in all.json.',
  )
})

it.each([
  ['demo', demoResult()],
  ['5,000 nodes', bigResult()],
])('the HTML of %s states its size, rounded up', (_name, made) => {
  const html = renderHtml(made)
  const bytes = Buffer.byteLength(html)
  const [, number = '', unit] = /This file: <span id="size">([\d.]+) (KB|MB)<\/span>\. /.exec(html) ?? []
  const step = unit === 'KB' ? 1000 : 100_000
  const stated = Number(number) * (unit === 'KB' ? 1000 : 1_000_000)
  expect(stated - bytes).toBeGreaterThanOrEqual(0)
  expect(stated - bytes).toBeLessThanOrEqual(step + 1)
})
