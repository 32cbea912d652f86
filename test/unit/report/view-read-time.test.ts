import { expect, test } from 'vitest'
import type { Finding } from '../../../src/model/result.ts'
import { languageOf } from '../../../src/report/index.ts'
import { readTimeOf } from '../../../src/report/view-read-time.ts'
import { nodeUnit, result, workloadUnit } from '../../support/result-builder.ts'

const whole = result({ rules: [] })
const at = (minute: number) => `2026-11-26T09:0${minute}:30.000Z`
const coverage = {
  ...whole.coverage,
  families: [
    { family: 'pods', count: 1, source: 'GET', readAt: at(1) },
    { family: 'secrets', count: 0, source: '' },
    { family: 'nodes', count: 1, source: 'GET', readAt: at(0) },
  ],
  nodes: ['a', 'b', 'c'].map((node, index) => ({ node, roles: [], facts: [], readAt: at(3 + index) })),
}
const on = (...nodes: string[]): Finding[] =>
  nodes.map((node) => ({ unit: nodeUnit(node), outcome: 'fail', evidence: [] }))
const ofApi: Finding[] = [{ unit: workloadUnit('shop', 'Deployment', 'cart'), outcome: 'fail', evidence: [] }]

test.each<[string, Finding[], string]>([
  ['its nodes', on('c', 'a'), 'Read 2026-11-26 09:03:30 – 09:05:30 UTC.'],
  ['one node', on('b'), 'Read 2026-11-26 09:04:30 UTC.'],
  ['the lists of the API', ofApi, 'Read 2026-11-26 09:00:30 – 09:01:30 UTC.'],
  ['a node that was not read', on('z'), ''],
])('the time of evidence: %s', (_name, findings, expected) => {
  expect(readTimeOf({ result: { ...whole, coverage }, lang: languageOf('en') }, findings)).toBe(expected)
})
