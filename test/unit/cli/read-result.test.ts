// Results of other versions: what is read, what is left out with a word, and what is refused.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseResult, type Upgraders } from '../../../src/cli/read-result.ts'
import { resultSchemaVersion } from '../../../src/model/result.ts'
import { demoResult } from '../../support/sample-results.ts'

/** Written by the first version of the format, shortened: four rules, two findings each. */
let first: string
beforeAll(async () => {
  first = await readFile(join(import.meta.dirname, 'results/result-1.0.json'), 'utf8')
})

const now = () => ({ ...demoResult(), schemaVersion: resultSchemaVersion })
const [major = 0, minor = 0] = resultSchemaVersion.split('.').map(Number)

it('reads a result of the first version as it is; what it lacks is absent', () => {
  const result = parseResult('r.json', JSON.parse(first))
  expect([result.schemaVersion, result.rules.length, result.waivers]).toEqual(['1.0', 4, undefined])
  expect(result.rules.flatMap(({ findings }) => findings.map(({ fingerprint }) => fingerprint))).toContain(undefined)
})

it('reads one of its own version whole', () => {
  expect(parseResult('r.json', now())).toEqual(now())
})

it('leaves out what a newer minor version added, and says so', () => {
  const said: string[] = []
  const [rule, ...rules] = now().rules
  const newer = {
    ...now(),
    schemaVersion: `${major}.${minor + 1}`,
    rules: [{ ...rule, colour: 'blue' }, ...rules],
    mood: 1,
  }
  const result = parseResult('r.json', structuredClone(newer), (line) => said.push(line))
  expect(result).toEqual({ ...now(), schemaVersion: newer.schemaVersion })
  expect(said).toEqual([
    `note: r.json has result format ${major}.${minor + 1}, newer than ${resultSchemaVersion}; left out what is not known here: colour, mood`,
  ])
})

describe('an older major version', () => {
  const old = JSON.stringify({ ...now(), schemaVersion: `${major - 1}.4`, cluster: undefined, site: now().cluster })
  const upgraders: Upgraders = new Map([
    [major - 1, ({ site, ...rest }) => ({ ...rest, schemaVersion: `${major}.0`, cluster: site })],
  ])

  it('is upgraded', () => {
    expect(parseResult('r.json', JSON.parse(old), undefined, upgraders)).toEqual({
      ...now(),
      schemaVersion: `${major}.0`,
    })
  })

  it('is refused where there is no way', () => {
    expect(() => parseResult('r.json', JSON.parse(old))).toThrow('is no longer read. Evaluate its snapshot again.')
  })
})

it.each<[string, string, RegExp]>([
  [
    'a newer major version',
    JSON.stringify({ ...demoResult(), schemaVersion: `${major + 1}.0` }),
    /reads up to 1\.x\. Read it with a newer kube-assay/,
  ],
  ['a list', '[]', /is not a result/],
  ['another document', '{"kind":"List","schemaVersion":"1.0"}', /is not a result of kube-assay/],
  ['a version that is none', JSON.stringify({ ...demoResult(), schemaVersion: 'latest' }), /is not a result/],
  ['an unknown key of its own version', JSON.stringify({ ...now(), mood: 1 }), /Unrecognized key/],
  [
    'a newer outcome',
    JSON.stringify({
      ...now(),
      schemaVersion: `${major}.${minor + 1}`,
      rules: [{ ...now().rules[0], outcome: 'maybe' }],
    }),
    /rules\.0\.outcome/,
  ],
])('refuses %s', (_name, text, message) => {
  expect(() => parseResult('r.json', JSON.parse(text))).toThrow(message)
})
