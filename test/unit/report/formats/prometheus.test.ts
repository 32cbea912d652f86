import { expect, test } from 'vitest'
import type { Result } from '../../../../src/model/result.ts'
import { keepLastSuccess, metricsAfterFailure, metricsFileName } from '../../../../src/report/formats/metrics-file.ts'
import { exporter } from '../../../../src/report/formats/prometheus.ts'
import { benchmarkResult, outcomesResult } from '../../../support/format-results.ts'
import { bigResult } from '../../../support/sample-results.ts'

const text = (result: Result) => [...exporter.render(result, {})].join('')

test.each([
  'kube_assay_rules{cluster="prod-eu-1",severity="critical",outcome="fail"} 2',
  'kube_assay_rules{cluster="prod-eu-1",severity="low",outcome="not_applicable"} 0',
  'kube_assay_findings{cluster="prod-eu-1",severity="critical",outcome="unknown"} 2',
  'kube_assay_rule_findings{cluster="prod-eu-1",rule="errs",severity="critical",outcome="unknown"} 1',
  'kube_assay_rule_findings{cluster="prod-eu-1",rule="passes",severity="critical",outcome="fail"} 0',
  'kube_assay_last_run_timestamp_seconds{cluster="prod-eu-1"} 1795140077',
  'kube_assay_last_success_timestamp_seconds{cluster="prod-eu-1"} 1795140077',
  'kube_assay_last_run_success{cluster="prod-eu-1"} 1',
])('%s', (line) => {
  expect(text(outcomesResult()).split('\n')).toContain(line)
})

test('scores are shares from 0 to 1', () => {
  expect(text(benchmarkResult())).toContain(
    'kube_assay_benchmark_score_ratio{cluster="prod-eu-1",benchmark="cis-kubernetes-1.24",bound="lower"} 0.831',
  )
  const ratios = [...text(benchmarkResult()).matchAll(/_ratio\{.*\} (.*)$/gm)].map(([, value]) => Number(value))
  expect(ratios.length).toBeGreaterThan(3)
  for (const ratio of ratios) expect(ratio).toBeLessThanOrEqual(1)
})

test('the number of series does not depend on nodes, workloads or findings', () => {
  expect(text(bigResult(2_000)).split('\n').length).toBe(text(bigResult(200)).split('\n').length)
})

test('a failed run changes its time and success, and nothing else', () => {
  const before = text(outcomesResult())
  const after = metricsAfterFailure(before, 'prod-eu-1', new Date('2026-11-21T02:00:00Z'))
  const [was, is] = [new Set(before.split('\n')), new Set(after.split('\n'))]
  expect([...is.difference(was)].toSorted()).toEqual([
    'kube_assay_last_run_success{cluster="prod-eu-1"} 0',
    'kube_assay_last_run_timestamp_seconds{cluster="prod-eu-1"} 1795226400',
  ])
  expect([...was.difference(is)].toSorted()).toEqual([
    'kube_assay_last_run_success{cluster="prod-eu-1"} 1',
    'kube_assay_last_run_timestamp_seconds{cluster="prod-eu-1"} 1795140077',
  ])
  expect(metricsAfterFailure(after, 'prod-eu-1', new Date('2026-11-21T02:00:00Z'))).toBe(after)
})

test('a first run that fails still leaves a file', () => {
  const after = metricsAfterFailure('', 'new "cluster"', new Date('2026-11-21T02:00:00Z'))
  expect(after).toContain('kube_assay_last_run_success{cluster="new \\"cluster\\""} 0\n')
  expect(after).not.toContain('last_success_timestamp')
})

test('an unfinished run keeps the time of the last success', () => {
  const result = outcomesResult()
  const unfinished = text({ ...result, snapshot: { ...result.snapshot, interrupted: true } })
  expect(unfinished).not.toContain('kube_assay_last_success')
  expect(keepLastSuccess(unfinished, text(result))).toContain(
    'kube_assay_last_success_timestamp_seconds{cluster="prod-eu-1"} 1795140077\n# EOF\n',
  )
})

test.each([
  ['prod-eu-1', 'kube-assay-prod-eu-1.prom'],
  ['prod/eu', 'kube-assay-prod-eu-'],
  ['PROD-EU', 'kube-assay-prod-eu-'],
  ['..', 'kube-assay-'],
])('metrics of %j go to a file of their own: %s', (cluster, name) => {
  expect(metricsFileName(cluster).startsWith(name)).toBe(true)
})
test('clusters with like names do not share a file', () => {
  expect(new Set(['prod-eu', 'prod/eu', 'PROD-EU', 'prod eu'].map(metricsFileName)).size).toBe(4)
})
