import { expect, test } from 'vitest'
import type { Result } from '../../../../src/model/result.ts'
import { exporter } from '../../../../src/report/formats/oscal.ts'
import { benchmarkResult, outcomesResult } from '../../../support/format-results.ts'

const resultOf = (result: Result) =>
  JSON.parse([...exporter.render(result, {})].join(''))['assessment-results'].results[0]
interface Found {
  readonly target: {
    readonly 'target-id': string
    readonly status: { readonly state: string; readonly reason: string }
  }
}
const statesOf = (result: Result) =>
  Object.fromEntries(
    resultOf(result).findings.map(({ target }: Found) => [
      target['target-id'],
      `${target.status.state}, ${target.status.reason}`,
    ]),
  )

test('nothing but a pass is satisfied, and what does not apply is no finding', () => {
  expect(statesOf(outcomesResult())).toEqual({
    fails: 'not-satisfied, fail',
    errs: 'not-satisfied, other',
    'is-unknown': 'not-satisfied, other',
    'needs-a-person': 'not-satisfied, other',
    passes: 'satisfied, pass',
    'fails-and-unknown': 'not-satisfied, fail',
  })
  expect(resultOf(outcomesResult())['reviewed-controls']['control-selections'][0]['exclude-controls']).toEqual([
    { 'control-id': 'does-not-apply' },
    { 'control-id': 'has-no-units' },
  ])
})

test('controls of benchmarks are findings; those that do not apply or were left out are excluded', () => {
  expect(statesOf(benchmarkResult())).toMatchObject({
    'cis-kubernetes-1.24-1.1.1': 'satisfied, pass',
    'cis-kubernetes-1.24-1.2.1': 'not-satisfied, other',
    'cis-kubernetes-1.24-4.2.6': 'not-satisfied, fail',
    'cis-kubernetes-1.24-4.2.9': 'not-satisfied, other',
  })
  const excluded = resultOf(benchmarkResult())['reviewed-controls']['control-selections'][0]['exclude-controls']
  expect(excluded).toEqual(
    expect.arrayContaining([
      { 'control-id': 'cis-kubernetes-1.24-4.2.1' },
      { 'control-id': 'cis-kubernetes-1.24-5.1.1' },
    ]),
  )
})

test('every id that is referred to is there', () => {
  const result = resultOf(benchmarkResult())
  const subjects = new Set(result['local-definitions']['inventory-items'].map(({ uuid }: { uuid: string }) => uuid))
  const observations = new Set(result.observations.map(({ uuid }: { uuid: string }) => uuid))
  expect(observations.size).toBe(result.observations.length)
  for (const { subjects: own } of result.observations)
    for (const one of own) expect(subjects).toContain(one['subject-uuid'])
  for (const { 'related-observations': related = [] } of result.findings)
    for (const one of related) expect(observations).toContain(one['observation-uuid'])
})
