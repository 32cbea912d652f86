// What holds for every export format: valid by its schema, whole, and safe with whatever a cluster says.
import { describe, expect, test } from 'vitest'
import { type ExportFormat, exportFormats } from '../../../../src/model/report-format.ts'
import type { Result } from '../../../../src/model/result.ts'
import { loadExporter } from '../../../../src/report/formats/index.ts'
import { benchmarkResult, hostileTexts, resultWith, shapes } from '../../../support/format-results.ts'
import { hasSchemas, problemOf, xmlProblemOf } from '../../../support/schemas.ts'

const options = { aws: { account: '123456789012', region: 'eu-central-1' } }

async function render(format: ExportFormat, result: Result): Promise<string> {
  const exporter = await loadExporter(format)
  // This one needs numbers.
  const able = format === 'kube-bench' && result.benchmarks === undefined ? { ...result, benchmarks: controls } : result
  return [...exporter.render(able, options)].join('')
}
const controls = benchmarkResult().benchmarks

const items = (text: string): unknown[] => JSON.parse(text).items
const each = (path: (item: { kind: string }) => string, list: readonly unknown[]) =>
  list.map((item) => problemOf(path(item as { kind: string }), item)).find((problem) => problem !== undefined)

/** The first problem by the official schema; formats without one have tests of their own. */
const validators: {
  readonly [F in ExportFormat]?: (text: string) => string | undefined | Promise<string | undefined>
} = {
  sarif: (text) => problemOf('sarif/sarif-schema-2.1.0.json', JSON.parse(text), true),
  junit: (text) => xmlProblemOf('junit/jenkins-junit-10.xsd', text),
  oscal: (text) => problemOf('oscal/oscal_complete_schema-1-2-2.json', JSON.parse(text)),
  ocsf: (text) => each(() => 'ocsf/ocsf-1.8.0-compliance_finding.derived.schema.json', JSON.parse(text)),
  openreports: (text) => each(() => 'openreports/openreports.io_clusterreports.openapi.json', items(text)),
  policyreport: (text) => each(() => 'wgpolicy/wgpolicyk8s.io_v1alpha2_policyreports.openapi.json', items(text)),
  hdf: (text) => problemOf('hdf/hdf-exec-json.schema.json', JSON.parse(text)),
  defectdojo: (text) => problemOf('defectdojo/generic-findings.derived.schema.json', JSON.parse(text)),
}

describe.each(exportFormats)('%s', (format) => {
  const validate = validators[format]
  test.runIf(hasSchemas && validate !== undefined)('is valid by its schema for every shape of result', async () => {
    for (const [name, make] of Object.entries(shapes)) {
      const text = await render(format, make())
      expect(await validate?.(text), name).toBeUndefined()
    }
  })

  test.each(Object.entries(hostileTexts))('is valid and shows what it is given: %s', async (_, hostile) => {
    const text = await render(format, resultWith(hostile))
    expect(text.isWellFormed()).toBe(true)
    // Line ends and tabs alone may act.
    expect(text).not.toMatch(/[^\P{Cc}\n\r\t]|[\p{Cf}\p{Zl}\p{Zp}\uFFFE\uFFFF]/u)
    expect(decodedControls(text)).toEqual([])
    if (hasSchemas && validate !== undefined) expect(await validate(text)).toBeUndefined()
  })

  test('is the same for the same result', async () => {
    const [once, again] = [await render(format, benchmarkResult()), await render(format, benchmarkResult())]
    expect(once).toBe(again)
  })

  test('has a file name that no cluster name moves elsewhere', async () => {
    const exporter = await loadExporter(format)
    for (const hostile of Object.values(hostileTexts)) {
      expect(exporter.fileName(resultWith(hostile))).toMatch(/^[a-z0-9][a-z0-9.-]{0,140}\.[a-z]+$/)
    }
  })
})

/** Escapes of JSON that would become characters which act, once read. */
function decodedControls(text: string): string[] {
  return [...text.matchAll(/(?<!\\)(?:\\\\)*\\u(00[01][0-9a-f]|d[89a-f][0-9a-f]{2})/gi)].map(([found]) => found)
}
