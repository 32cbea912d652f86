import { expect, test } from 'vitest'
import { exporter } from '../../../../src/report/formats/junit.ts'
import { outcomesResult } from '../../../support/format-results.ts'
import { bigResult } from '../../../support/sample-results.ts'

const suites = (text: string) => text.match(/ <testsuite [\s\S]*?<\/testsuite>/g) ?? []
const text = () => [...exporter.render(outcomesResult(), {})].join('')

test.each([
  ['fails', 'tests="2" failures="1" errors="0" skipped="0"'],
  ['errs', 'tests="2" failures="0" errors="1" skipped="0"'],
  ['is-unknown', 'tests="2" failures="0" errors="1" skipped="0"'],
  ['needs-a-person', 'tests="2" failures="0" errors="0" skipped="1"'],
  ['passes', 'tests="1" failures="0" errors="0" skipped="0"'],
  ['does-not-apply', 'tests="1" failures="0" errors="0" skipped="1"'],
  ['has-no-units', 'tests="1" failures="0" errors="0" skipped="1"'],
  ['fails-and-unknown', 'tests="5" failures="1" errors="2" skipped="1"'],
])('the suite of %s counts %s, and holds as many', (id, counts) => {
  const suite = suites(text()).find((found) => found.includes(`name="${id}"`)) ?? ''
  expect(suite).toContain(counts)
  const count = (name: string) => suite.match(new RegExp(`<${name}[ >]`, 'g'))?.length ?? 0
  expect(
    `tests="${count('testcase')}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`,
  ).toBe(counts)
})

test('findings beyond the cap are a failure of their own, with their number', () => {
  const all = [...exporter.render(bigResult(5_000), {})].join('')
  expect(all).toContain('<testcase name="4,000 workloads more: fail"')
  expect(all).toContain('1,000 of 5,000 findings of container-limits (fail) are listed')
})
