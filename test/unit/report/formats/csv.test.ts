import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/csv.ts'
import { hostileTexts, outcomesResult, resultWith } from '../../../support/format-results.ts'
import { bigResult, demoResult } from '../../../support/sample-results.ts'

/** RFC 4180, written from its grammar. */
function parse(text: string): string[][] {
  const rows: string[][] = []
  let [row, cell, quoted]: [string[], string, boolean] = [[], '', false]
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quoted = false
    } else if (character === '"' && cell === '') quoted = true
    else if (character === ',') {
      row.push(cell)
      cell = ''
    } else if (character === '\r' && text[at + 1] === '\n') {
      rows.push([...row, cell])
      row = []
      cell = ''
      at += 1
    } else cell += character
  }
  if (row.length > 0 || cell !== '') throw new Error('the last line has no end')
  return rows
}
const table = (result: Parameters<typeof exporter.render>[0]) => parse([...exporter.render(result, {})].join(''))

test('has a row for every finding, with its whole evidence', () => {
  const result = demoResult()
  const [header = [], ...rows] = table(result)
  expect(rows).toHaveLength(result.rules.reduce((sum, { findings }) => sum + findings.length, 0))
  const cell = (name: string) => rows[0]?.[header.indexOf(name)]
  expect([cell('rule'), cell('outcome'), cell('severity'), cell('unit_id'), cell('observed'), cell('source')]).toEqual([
    'cluster-admin-bindings',
    'fail',
    'critical',
    'ClusterRoleBinding/legacy-admin',
    'ServiceAccount legacy/default',
    'ClusterRoleBinding legacy-admin: subjects[0]',
  ])
})

test.each(Object.entries(hostileTexts))('every row has every column, and no cell is a formula: %s', (_, hostile) => {
  const [header = [], ...rows] = table(resultWith(hostile))
  expect(rows.map((row) => row.length)).toEqual(rows.map(() => header.length))
  const lines = rows.flatMap((row) => row.flatMap((cell) => cell.split('\n')))
  expect(lines.filter((line) => /^\s*[=+\-@|%\t]/.test(line))).toEqual([])
})

test.each([
  ['=1+1', "'=1+1"],
  [' =1+1', "' =1+1"],
  ['ok\n@x', "ok\n'@x"],
  ['a,b"c', 'a,b"c'],
  ['1-2', '1-2'],
])('%j becomes %j', (given, wanted) => {
  const [header = [], row] = table(resultWith(given))
  expect(row?.[header.indexOf('observed')]).toBe(wanted)
})

test('says in a row of its own how many findings are beyond the cap', () => {
  const [header = [], ...rows] = table(bigResult(5_000))
  const cut = rows.filter((row) => row[header.indexOf('unit_name')] === '(not listed)')
  expect(cut.map((row) => row[header.indexOf('message')])).toContain(
    '1,000 of 5,000 findings of container-limits (fail) are listed; raise --findings-cap to have all.',
  )
})

test('rows come by outcome: what fails first', () => {
  const [header = [], ...rows] = table(outcomesResult())
  expect([...new Set(rows.map((row) => row[header.indexOf('outcome')]))]).toEqual([
    'fail',
    'error',
    'unknown',
    'manual',
  ])
})
