import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/markdown.ts'
import { hostileTexts, resultWith } from '../../../support/format-results.ts'
import { result, rule } from '../../../support/result-builder.ts'
import { bigResult, demoResult } from '../../../support/sample-results.ts'

const render = (made: Parameters<typeof exporter.render>[0]) => [...exporter.render(made, {})].join('')

test('says the verdict, the score with its bounds, and the most severe rules first', () => {
  const text = render(demoResult())
  expect(text).toMatch(/^## Audit of `prod-eu-1`\n\n\*\*Not acceptable as it stands\.\*\* /)
  const headings = [...text.matchAll(/^### (\w+):/gm)].map(([, word]) => word)
  expect(headings[0]).toBe('Critical')
  expect(text).toContain('### Not answered')
})

test.each([
  ['5,000 nodes', () => bigResult(5_000)],
  [
    '3,000 failing rules with long texts',
    () =>
      result({
        rules: Array.from({ length: 3_000 }, (_, index) =>
          rule({
            id: `rule-${index}`,
            title: 'x'.repeat(2_000),
            problem: 'y'.repeat(2_000),
            severity: 'high',
            each: 'cluster',
            findings: [
              { unit: { kind: 'cluster', id: 'cluster', name: 'z'.repeat(3_000) }, outcome: 'fail', evidence: [] },
              { unit: { kind: 'cluster', id: 'other', name: 'z'.repeat(3_000) }, outcome: 'unknown', evidence: [] },
            ],
          }),
        ),
      }),
  ],
])('fits a comment and says what it leaves out: %s', (_, make) => {
  const text = render(make())
  expect(text.length).toBeLessThanOrEqual(65_536)
  expect(text).toMatch(/more|are shown here/)
})

/** What is left of a text when its code spans are taken out, by the rule of CommonMark: a run of backticks to the next of its length. */
function outsideCode(text: string): string {
  return text.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
}

test.each(Object.entries(hostileTexts))('no text of a cluster is markup, mention or link: %s', (_, hostile) => {
  const outside = outsideCode(render(resultWith(hostile)))
  expect(outside).not.toMatch(/[@<]|(?<!#|^)#\d|https?:|www\.|!\[|\]\(|`/m)
  // A table row of our own has five cells; no text makes it longer.
  for (const line of outside.split('\n').filter((found) => found.startsWith('| ')))
    expect(line.match(/\|/g)).toHaveLength(6)
})
