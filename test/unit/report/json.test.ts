import { expect, test } from 'vitest'
import { resultSchema } from '../../../src/model/result.ts'
import { renderJson } from '../../../src/report/json.ts'
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
