import { describe, expect, test } from 'vitest'
import type { Result } from '../../../../src/model/result.ts'
import { exporter as openReports } from '../../../../src/report/formats/openreports.ts'
import { exporter as policyReports } from '../../../../src/report/formats/policyreport.ts'
import { outcomesResult } from '../../../support/format-results.ts'
import { bigResult, demoResult } from '../../../support/sample-results.ts'

interface Item {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly summary: Readonly<Record<string, number>>
  readonly results: readonly {
    readonly policy: string
    readonly result: string
    readonly resources?: readonly object[]
  }[]
}

describe.each([
  ['openreports', openReports, 'Report', 'ClusterReport'],
  ['policyreport', policyReports, 'PolicyReport', 'ClusterPolicyReport'],
] as const)('%s', (_, exporter, namespaced, cluster) => {
  const items = (result: Result): Item[] => JSON.parse([...exporter.render(result, {})].join('')).items

  test.each([
    ['fails', 'fail'],
    ['errs', 'error'],
    ['is-unknown', 'error'],
    ['needs-a-person', 'warn'],
    ['passes', 'pass'],
    ['does-not-apply', 'skip'],
  ])('%s is %s', (id, state) => {
    const own = items(outcomesResult()).flatMap(({ results }) => results.filter(({ policy }) => policy === id))
    expect(own.map(({ result }) => result)).toEqual([state])
  })

  test('there is a report for each namespace and one for the cluster', () => {
    const all = items(demoResult()).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    expect(all).toContain(`${cluster} /kube-assay-1`)
    expect(all).toContain(`${namespaced} shop/kube-assay-1`)
    expect(new Set(all).size).toBe(all.length)
  })

  test('the summary is the sum of the results, parts stay small, and no finding is lost', () => {
    const result = bigResult(5_000)
    const all = items(result)
    for (const { summary, results, ...item } of all) {
      const counted = Object.groupBy(results, (entry) => entry.result)
      for (const [state, count] of Object.entries(summary)) expect(Reflect.get(counted, state)?.length ?? 0).toBe(count)
      expect(Buffer.byteLength(JSON.stringify({ ...item, summary, results }))).toBeLessThan(1_000_000)
    }
    const listed = result.rules.reduce((sum, { findings }) => sum + findings.length, 0)
    const withResource = all.flatMap(({ results }) => results.filter(({ resources }) => resources !== undefined))
    expect(withResource).toHaveLength(listed)
  })
})
