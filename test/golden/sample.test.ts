// The same snapshot, catalogue and moment give the same bytes. After a change that means to change a verdict or a report, look at
// the difference and store it with `npm run sample`.
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, it } from 'vitest'
import { loadRules } from '../../src/cli/load-rules.ts'
import type { Result } from '../../src/model/result.ts'
import { renderHtml, renderJson } from '../../src/report/index.ts'
import { evaluateSample, sampleOptions, samplePath } from './sample.ts'

let result: Result
beforeAll(async () => {
  result = await evaluateSample(await loadRules())
})

it('gives the stored result', async () => {
  expect(renderJson(result)).toBe(await readFile(samplePath('result.json'), 'utf8'))
})

it('gives the stored report', async () => {
  const html = await renderHtml(result, sampleOptions(result))
  expect(html === (await readFile(samplePath('report.html'), 'utf8')), 'report.html differs: npm run sample').toBe(true)
})

it('gives the same result twice', async () => {
  expect(await evaluateSample(await loadRules())).toEqual(result)
})
