// The example that docs/result-format.md points to: a result as this version writes it, by the published schema.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseResult } from '../../src/cli/read-result.ts'
import { resultSchemaVersion } from '../../src/model/result.ts'
import { waiversFileSchema } from '../../src/model/waiver.ts'

const docs = join(import.meta.dirname, '../../docs')
const example: unknown = JSON.parse(readFileSync(join(docs, 'examples/result.json'), 'utf8'))

test('meets the published schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(
    JSON.parse(readFileSync(join(docs, 'schema/result.json'), 'utf8')),
  )
  expect([validate(example), validate.errors]).toEqual([true, null])
})

test('is read by this version without a note, and shows a finding that is accepted', () => {
  const notes: string[] = []
  const { schemaVersion, rules, waivers } = parseResult('example', example, (line) => notes.push(line))
  expect([schemaVersion, notes]).toEqual([resultSchemaVersion, []])
  expect(rules.map(({ id, outcome, waived }) => [id, outcome, waived?.fail ?? 0])).toEqual([
    ['host-network', 'pass', 0],
    ['privileged-containers', 'fail', 1],
  ])
  const given = waiversFileSchema.parse(parse(readFileSync(join(docs, 'examples/waivers.yaml'), 'utf8')))
  expect(waivers?.list.map(({ id }) => id)).toEqual(given.waivers.map(({ id }) => id))
})
