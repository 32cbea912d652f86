import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/defectdojo.ts'
import { outcomesResult } from '../../../support/format-results.ts'

test.each([
  ['fails', { severity: 'Critical', active: true, verified: true, under_review: false }],
  ['errs', { severity: 'Info', active: true, verified: false, under_review: true }],
  ['is-unknown', { severity: 'Info', active: true, verified: false, under_review: true }],
  ['needs-a-person', { severity: 'Info', active: true, verified: false, under_review: true }],
])('%s is %j', (id, wanted) => {
  const { findings } = JSON.parse([...exporter.render(outcomesResult(), {})].join(''))
  const own = findings.filter((finding: { vuln_id_from_tool: string }) => finding.vuln_id_from_tool === id)
  expect(own).toMatchObject([{ ...wanted, service: 'prod-eu-1', unique_id_from_tool: expect.stringMatching(/^fp\d:/) }])
})
