import { expect, test } from 'vitest'
import { type Result, resultSchema } from '../../../src/model/result.ts'
import { jsonPieces, renderJson } from '../../../src/report/json.ts'
import { demoResult } from '../../support/sample-results.ts'

test('the same bytes for the same result, whatever order its keys were made in', () => {
  const result = demoResult()
  const reversed = resultSchema.parse(result)
  const shuffled = { ...Object.fromEntries(Object.entries(reversed).reverse()), ...reversed }
  expect(renderJson(shuffled)).toBe(renderJson(result))
  expect(renderJson(result).endsWith('}\n')).toBe(true)
  expect(JSON.parse(renderJson(result))).toEqual(result)
  expect(Object.keys(JSON.parse(renderJson(result))).slice(0, 4)).toEqual(['kind', 'schemaVersion', 'reportId', 'tool'])
})

test.each([
  ['the demo', demoResult()],
  ['no rules', { ...demoResult(), rules: [] }],
  ['line breaks and quotes in texts', { ...demoResult(), reportId: 'a\nb\r"\\n  "\u2028' }],
] satisfies readonly (readonly [string, Result])[])('pieces of whole lines are the document: %s', (_name, result) => {
  const pieces = [...jsonPieces(result)]
  expect(pieces.join('')).toBe(`${JSON.stringify(resultSchema.parse(result), null, 2)}\n`)
  expect(pieces.every((piece) => piece.endsWith('\n'))).toBe(true)
  expect(pieces.length).toBeGreaterThan(result.rules.length)
})

test('a result that its own schema refuses is not written to its end', () => {
  const [first, ...rest] = demoResult().rules
  if (first === undefined) throw new Error('no rule')
  const broken: object = { ...first, surplus: 1 }
  const rules = [...rest, { ...first, ...broken }]
  expect(() => renderJson({ ...demoResult(), rules })).toThrow(/surplus/)
  expect(() => renderJson({ ...demoResult(), ...{ surplus: 1 } })).toThrow(/surplus/)
})
