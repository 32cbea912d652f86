import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/hdf.ts'
import { outcomesResult } from '../../../support/format-results.ts'

interface Control {
  readonly id: string
  readonly impact: number
  readonly results: readonly { readonly status: string }[]
}

/** How Heimdall reads a control (inspecjs, compat_inspec_1_0.ts). */
function heimdallStatus({ impact, results }: Control): string {
  const list = results.map(({ status }) => status)
  if (list.includes('error')) return 'Profile Error'
  if (impact === 0) return 'Not Applicable'
  if (list.includes('failed')) return 'Failed'
  if (list.includes('passed')) return 'Passed'
  return list.includes('skipped') ? 'Not Reviewed' : 'Profile Error'
}

test.each([
  ['fails', 'Failed'],
  ['errs', 'Profile Error'],
  ['is-unknown', 'Profile Error'],
  ['needs-a-person', 'Not Reviewed'],
  ['passes', 'Passed'],
  ['does-not-apply', 'Not Applicable'],
  ['has-no-units', 'Not Applicable'],
  ['fails-and-unknown', 'Failed'],
])('Heimdall shows %s as %s', (id, status) => {
  const controls: Control[] = JSON.parse([...exporter.render(outcomesResult(), {})].join('')).profiles[0].controls
  const control = controls.find((found) => found.id === id)
  expect(control && heimdallStatus(control)).toBe(status)
})
