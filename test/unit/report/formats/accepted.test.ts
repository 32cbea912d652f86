// What a waiver accepts, in every format: told as accepted, by whom and until when, and still with the outcome that it has.
import { expect, test } from 'vitest'
import type { ExportFormat } from '../../../../src/model/report-format.ts'
import { loadExporter } from '../../../../src/report/formats/index.ts'
import { acceptedResult } from '../../../support/format-results.ts'

async function textOf(format: ExportFormat): Promise<string> {
  const { render } = await loadExporter(format)
  return [...render(acceptedResult(), { aws: { account: '123456789012', region: 'eu-central-1' } })].join('')
}
const sentence = 'Accepted until 2027-01-31 by team-shop, approved by security: until the new node pool (SEC-1)'

test.each([
  'sarif',
  'junit',
  'markdown',
  'oscal',
  'ocsf',
  'openreports',
  'policyreport',
  'hdf',
  'asff',
  'defectdojo',
  'kube-bench',
] as const)('%s says who accepted it, why and until when', async (format) => {
  expect(await textOf(format)).toContain(sentence)
})

test('SARIF suppresses the one and not the other, and both fail', async () => {
  const { results } = JSON.parse(await textOf('sarif')).runs[0]
  expect(results[0]).toMatchObject({ kind: 'fail', level: 'error', suppressions: [{ status: 'accepted' }] })
  expect(results[1]).toMatchObject({ kind: 'fail', level: 'error', properties: { unit: 'node/open' } })
  expect('suppressions' in results[1]).toBe(false)
})

test('JUnit skips the one and fails on the other', async () => {
  const text = await textOf('junit')
  expect(text).toMatch(/<testcase name="accepted" [^>]*><skipped message="fail\. Accepted until/)
  expect(text).toMatch(/<testcase name="open" [^>]*><failure /)
})

test('CSV keeps the outcome beside who accepted it', async () => {
  const [header = '', row = ''] = (await textOf('csv')).split('\r\n')
  const cells = row.split(',')
  const cell = (name: string) => cells[header.split(',').indexOf(name)]
  expect([cell('outcome'), cell('accepted_until')]).toEqual(['fail', '2027-01-31'])
  expect(row).toContain('"team-shop, security",until the new node pool,SEC-1')
})

test('OSCAL has a risk with an approved deviation and a deadline; the target is not satisfied', async () => {
  const [made] = JSON.parse(await textOf('oscal'))['assessment-results'].results
  expect(made.risks).toMatchObject([
    { status: 'deviation-approved', deadline: '2027-01-31T23:59:59Z' },
    { status: 'deviation-approved', deadline: '2027-01-31T23:59:59Z' },
  ])
  for (const { target, ...finding } of made.findings) {
    expect(target.status).toMatchObject({ state: 'not-satisfied', reason: 'fail' })
    expect(finding['related-risks']).toHaveLength(1)
  }
})

test.each([
  ['ocsf', { status: 'Suppressed', compliance: { status: 'Fail' } }, { status: 'New', compliance: { status: 'Fail' } }],
  [
    'defectdojo',
    { risk_accepted: true, active: false, severity: 'High' },
    { risk_accepted: false, active: true, severity: 'High' },
  ],
  [
    'asff',
    { Workflow: { Status: 'SUPPRESSED' }, Compliance: { Status: 'FAILED' }, Severity: { Label: 'HIGH' } },
    { Workflow: { Status: 'NEW' }, Compliance: { Status: 'FAILED' }, Severity: { Label: 'HIGH' } },
  ],
] as const)('%s keeps the failure and says that it is accepted', async (format, accepted, open) => {
  const made = JSON.parse(await textOf(format))
  expect(Array.isArray(made) ? made.slice(0, 2) : made.findings.slice(0, 2)).toMatchObject([accepted, open])
})

test.each(['openreports', 'policyreport'] as const)('%s skips it, with its outcome in a property', async (format) => {
  const [report] = JSON.parse(await textOf(format)).items
  expect(report.results.slice(0, 2)).toMatchObject([
    { result: 'skip', properties: { outcome: 'fail' } },
    { result: 'fail', properties: { outcome: 'fail' } },
  ])
})

test('HDF has waiver data only where every finding of the control is accepted, and never skips it', async () => {
  const { controls } = JSON.parse(await textOf('hdf')).profiles[0]
  expect('waiver_data' in controls[0]).toBe(false)
  expect(controls[1]).toMatchObject({
    waiver_data: { run: true, skipped_due_to_waiver: false, expiration_date: '2027-01-31' },
    results: [{ status: 'failed' }],
  })
})

test('kube-bench fails on a control with one open failure, and warns of one that is accepted as a whole', async () => {
  const { Controls } = JSON.parse(await textOf('kube-bench'))
  expect(Controls[0].tests[0].results).toMatchObject([
    { test_number: '4.1.1', status: 'FAIL' },
    { test_number: '4.1.2', status: 'WARN' },
  ])
})

test('metrics count waivers and say when the next one ends', async () => {
  const lines = (await textOf('prometheus')).split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      'kube_assay_accepted_findings{cluster="prod-eu-1",severity="high",outcome="fail"} 1',
      'kube_assay_findings{cluster="prod-eu-1",severity="high",outcome="fail"} 2',
      'kube_assay_waivers{cluster="prod-eu-1",state="active"} 1',
      'kube_assay_waivers{cluster="prod-eu-1",state="ended"} 0',
      `kube_assay_waiver_expiry_timestamp_seconds{cluster="prod-eu-1"} ${Date.parse('2027-02-01T00:00:00Z') / 1_000}`,
    ]),
  )
})
