import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/kube-bench.ts'
import { benchmarkResult } from '../../../support/format-results.ts'
import { demoResult } from '../../../support/sample-results.ts'

const document = JSON.parse([...exporter.render(benchmarkResult(), {})].join(''))
interface Check {
  readonly test_number: string
  readonly status: string
}
interface Controls {
  readonly id: string
  readonly node_type: string
  readonly tests: readonly { readonly section: string; readonly results: readonly Check[] }[]
}
const controls: Controls[] = document.Controls
const checks = controls.flatMap(({ tests }) => tests.flatMap(({ results }) => results))

test.each([
  ['1.1.1', 'PASS'],
  ['1.2.1', 'WARN'],
  ['4.2.1', 'INFO'],
  ['4.2.6', 'FAIL'],
  ['4.2.9', 'WARN'],
  ['5.1.1', 'INFO'],
])('control %s is %s', (number, status) => {
  expect(checks.find(({ test_number }) => test_number === number)?.status).toBe(status)
})

test('has the chapters, node types and totals of kube-bench', () => {
  expect(controls.map(({ id, node_type }) => [id, node_type])).toEqual([
    ['1', 'master'],
    ['4', 'node'],
    ['5', 'policies'],
  ])
  expect(document.Totals).toEqual({ total_pass: 1, total_fail: 1, total_warn: 2, total_info: 2 })
})

test('a check has the fields of kube-bench', () => {
  const check = checks.find(({ test_number }) => test_number === '4.2.6')
  expect(check).toMatchObject({
    test_desc: 'Fails',
    scored: true,
    actual_value: 'protectKernelDefaults: false',
    expected_result: 'protectKernelDefaults: true',
    AuditEnv: '',
    AuditConfig: '',
  })
})

test('a result without numbered controls is refused with what to do', () => {
  expect(() => [...exporter.render(demoResult(), {})]).toThrow(/Evaluate the snapshot with one, such as --benchmark/)
})
