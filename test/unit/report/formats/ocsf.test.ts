import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/ocsf.ts'
import { outcomesResult } from '../../../support/format-results.ts'

const events: readonly { readonly metadata: { readonly event_code: string } }[] = JSON.parse(
  [...exporter.render(outcomesResult(), {})].join(''),
)

test.each([
  ['fails', 3],
  ['errs', 2],
  ['is-unknown', 2],
  ['needs-a-person', 99],
  ['passes', 1],
  ['does-not-apply', 99],
])('%s has compliance status %i, at a time in milliseconds', (id, status) => {
  const own = events.filter(({ metadata }) => metadata.event_code === id)
  expect(own).toMatchObject([
    { class_uid: 2003, time: 1_795_140_078_000, compliance: { status_id: status }, status_id: 1 },
  ])
})
