import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Result } from '../../../../src/model/result.ts'
import { exporter } from '../../../../src/report/formats/sarif.ts'
import { incompressibleResult, outcomesResult } from '../../../support/format-results.ts'
import { result, rule, workloadUnit } from '../../../support/result-builder.ts'
import { bigResult } from '../../../support/sample-results.ts'

const text = (made: Result) => [...exporter.render(made, {})].join('')
const runOf = (made: Result) => JSON.parse(text(made)).runs[0]

test.each([
  ['fails', 'fail', 'error'],
  ['errs', 'open', 'none'],
  ['is-unknown', 'open', 'none'],
  ['needs-a-person', 'review', 'none'],
])('%s is of kind %s and level %s', (id, kind, level) => {
  const results = runOf(outcomesResult()).results.filter(({ ruleId }: { ruleId: string }) => ruleId === id)
  expect(results).toMatchObject([{ kind, level }])
})

test('rules that pass or do not apply have no result', () => {
  const ids = new Set(runOf(outcomesResult()).results.map(({ ruleId }: { ruleId: string }) => ruleId))
  expect([...ids].toSorted()).toEqual(['errs', 'fails', 'fails-and-unknown', 'is-unknown', 'needs-a-person'])
})

test('every result has one place, which stays the same between runs', () => {
  const [first] = runOf(outcomesResult()).results
  expect(first.locations).toEqual([
    {
      physicalLocation: { artifactLocation: { uri: 'prod-eu-1/Node/fail-1.yaml' }, region: { startLine: 1 } },
      logicalLocations: [{ fullyQualifiedName: 'v1/Node/fail-1', kind: 'resource' }],
    },
  ])
  expect(first.partialFingerprints.primaryLocationLineHash).toMatch(/^fp\d:[0-9a-f]{32}$/)
})

function plainFindings(count: number): Result {
  const findings = Array.from({ length: count }, (_, index) => ({
    unit: workloadUnit('team', 'Deployment', `app-${index}`),
    outcome: 'fail' as const,
    evidence: [],
  }))
  return result({
    rules: [rule({ id: 'plain', title: 'Plain', severity: 'low', each: 'workloads', findings, cap: count })],
  })
}

test('keeps to 25,000 results, the most pressing first, and says how many there are', () => {
  expect(runOf(plainFindings(25_001)).properties).toMatchObject({ resultsListed: 25_000, findingsTotal: 25_001 })
  expect(runOf(plainFindings(25_000)).results).toHaveLength(25_000)
  const cut = runOf({ ...bigResult(10), rules: incompressibleResult(30_000).rules })
  expect(cut.properties).toMatchObject({ resultsListed: cut.results.length, findingsTotal: 30_000 })
  expect(cut.invocations[0].toolExecutionNotifications[0].message.text).toBe(
    `${cut.results.length.toLocaleString('en')} of 30,000 findings are in this file, the most pressing first.`,
  )
})

test('stays below ten million bytes compressed, whatever the texts are', () => {
  expect(gzipSync(text(incompressibleResult(25_000))).length).toBeLessThan(10_000_000)
})

test('a message can hold no link', () => {
  const made = outcomesResult()
  const [first] = made.rules
  if (first === undefined) throw new Error('no rule')
  const run = runOf({ ...made, rules: [{ ...first, problem: '[click](https://example.org/)' }] })
  expect(run.results[0].message.text).not.toContain('](')
})
