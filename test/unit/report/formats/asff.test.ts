import { expect, test } from 'vitest'
import type { Result } from '../../../../src/model/result.ts'
import { exporter } from '../../../../src/report/formats/asff.ts'
import { hostileTexts, outcomesResult, resultWith } from '../../../support/format-results.ts'
import { bigResult } from '../../../support/sample-results.ts'

const aws = { account: '123456789012', region: 'us-gov-west-1' }
const lines = (result: Result) => [...exporter.render(result, { aws })].join('').trimEnd().split('\n')
const findings = (result: Result) => lines(result).flatMap((line) => JSON.parse(line))

test.each([
  ['fails', 'FAILED', 'CRITICAL'],
  ['errs', 'WARNING', 'INFORMATIONAL'],
  ['is-unknown', 'WARNING', 'INFORMATIONAL'],
  ['needs-a-person', 'WARNING', 'INFORMATIONAL'],
  ['passes', 'PASSED', 'INFORMATIONAL'],
  ['does-not-apply', 'NOT_AVAILABLE', 'INFORMATIONAL'],
])('%s is %s of severity %s', (id, status, label) => {
  const own = findings(outcomesResult()).filter((finding) => finding.GeneratorId === `kube-assay/${id}`)
  expect(own).toMatchObject([{ Compliance: { Status: status }, Severity: { Label: label } }])
})

test('names the account’s own product in the partition of its region', () => {
  const [first] = findings(outcomesResult())
  expect(first.ProductArn).toBe('arn:aws-us-gov:securityhub:us-gov-west-1:123456789012:product/123456789012/default')
  expect(first.Resources[0].Partition).toBe('aws-us-gov')
})

test('without an account there is no file', () => {
  expect(() => [...exporter.render(outcomesResult(), {})]).toThrow(/--aws-account and --aws-region/)
})

/** https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html and the limits of BatchImportFindings. */
const shapes: readonly (readonly [string, () => Result])[] = [
  ['many findings', () => bigResult(5_000)],
  ...Object.entries(hostileTexts).map(([name, text]) => [name, () => resultWith(text)] as const),
]
test.each(shapes)('keeps to the limits of AWS: %s', (_, make) => {
  for (const line of lines(make())) {
    expect(Buffer.byteLength(line)).toBeLessThan(6_000_000)
    const batch = JSON.parse(line)
    expect(batch.length).toBeLessThanOrEqual(100)
    for (const finding of batch) {
      expect(Buffer.byteLength(JSON.stringify(finding))).toBeLessThan(240_000)
      const { Title, Description, Id, GeneratorId, Resources, Remediation, Compliance, ProductFields } = finding
      const bounded: [string, number][] = [
        [Title, 256],
        [Description, 1_024],
        [Id, 512],
        [GeneratorId, 512],
        [Resources[0].Id, 512],
        [Remediation?.Recommendation.Text ?? 'none', 512],
        ...Object.values<string>(ProductFields).map((value): [string, number] => [value, 1_024]),
        ...Object.values<string>(Resources[0].Details.Other).map((value): [string, number] => [value, 1_024]),
        ...(Compliance.RelatedRequirements ?? []).map((value: string): [string, number] => [value, 64]),
      ]
      for (const [value, max] of bounded) {
        expect(value.length).toBeGreaterThan(0)
        expect(value.length).toBeLessThanOrEqual(max)
      }
    }
  }
})
