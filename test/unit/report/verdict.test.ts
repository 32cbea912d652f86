import { describe, expect, test } from 'vitest'
import type { Finding, Result } from '../../../src/model/result.ts'
import { languageOf } from '../../../src/report/index.ts'
import { verdictOf } from '../../../src/report/verdict.ts'
import { acceptedResult } from '../../support/format-results.ts'
import { nodeUnit, type ResultParts, result, rule, workloadUnit } from '../../support/result-builder.ts'
import { bigResult, demoResult, readNode, unknownOn } from '../../support/sample-results.ts'

const english = languageOf('en')
const nodes = ['a', 'b', 'c'].map((name) => readNode(name, ['worker']))
const fail = (unit: Finding['unit']): Finding => ({ unit, outcome: 'fail', evidence: [] })
const failing = (id: string, severity: 'critical' | 'high' | 'medium' | 'low', findings: Finding[]) =>
  rule({ id, title: id, severity, each: 'nodes', findings, pass: 3 - findings.length })
const passing = rule({ id: 'ok', title: 'ok', severity: 'high', each: 'nodes', pass: 3 })
const open = rule({
  id: 'open',
  title: 'open',
  severity: 'low',
  each: 'nodes',
  findings: [unknownOn('a', 'swap', { reason: 'timeout', detail: '' })],
  pass: 2,
})
const manual = rule({
  id: 'm',
  title: 'm',
  severity: 'low',
  each: 'cluster',
  assessment: 'manual',
  findings: [{ ...fail({ kind: 'cluster', id: 'cluster', name: 'c' }), outcome: 'manual' }],
})
const forbidden: Result['coverage']['families'] = [
  { family: 'pods', count: 0, source: 'GET', unavailable: { reason: 'forbidden', detail: '' } },
]

describe('the verdict is a sentence to read aloud', () => {
  const cases: [string, ResultParts, string, string][] = [
    ['no rule', { rules: [], nodes }, 'Nothing was assessed.', 'The catalogue of this run holds no rule.'],
    [
      'all unknown',
      { rules: [open], nodes },
      'Nothing could be assessed.',
      '0 of 1 rule assessed, 1 could not be answered.',
    ],
    ['all passed', { rules: [passing], nodes }, 'No findings.', '1 of 1 rule assessed.'],
    [
      'all passed of what was asked',
      { rules: [passing], nodes, excluded: [{ rule: 'x', reason: 'left out by --exclude' }] },
      'No findings.',
      '1 of 1 rule assessed, 1 was left out of this run.',
    ],
    [
      'passed, one for a person',
      { rules: [passing, manual], nodes },
      'No findings so far.',
      '1 of 2 rules assessed, 1 needs a person.',
    ],
    [
      'passed, but one unknown',
      { rules: [passing, open], nodes },
      'Not fully known.',
      '1 of 2 rules assessed, 1 could not be answered.',
    ],
    [
      'passed, but a list was forbidden',
      { rules: [passing], nodes, families: forbidden },
      'Not fully known.',
      '1 of 1 rule assessed.',
    ],
    [
      'passed, but stopped early',
      { rules: [passing], nodes, snapshot: { interrupted: true } },
      'Not fully known.',
      '1 of 1 rule assessed. The collection was stopped early; what was not read counts as unknown.',
    ],
    [
      'passed, but a node was not reached',
      { rules: [passing], nodes, cluster: { nodesReached: 2 } },
      'Not fully known.',
      '1 of 1 rule assessed. 1 of 3 nodes could not be reached.',
    ],
    [
      'nothing applies',
      { rules: [rule({ id: 'n', title: 'n', severity: 'low', each: 'nodes', notApplicable: 3 })], nodes },
      'No rule applies.',
      '0 of 1 rule assessed, 1 does not apply.',
    ],
    [
      'low finding',
      { rules: [passing, failing('x', 'low', [fail(nodeUnit('a'))])], nodes },
      'Acceptable with corrections.',
      '1 low finding on 1 of 3 nodes. 2 of 2 rules assessed.',
    ],
    [
      'low finding and an unknown',
      { rules: [open, failing('x', 'low', [fail(nodeUnit('a'))])], nodes },
      'Not fully known.',
      '1 low finding on 1 of 3 nodes. 1 of 2 rules assessed, 1 could not be answered.',
    ],
    [
      'high finding',
      { rules: [failing('x', 'high', [fail(nodeUnit('a'))]), failing('y', 'medium', [fail(nodeUnit('b'))])], nodes },
      'Needs correction.',
      '1 high finding on 1 of 3 nodes, and 1 of lower severity. 2 of 2 rules assessed.',
    ],
    [
      'two critical on the same node count it once',
      {
        rules: [
          failing('x', 'critical', [fail(nodeUnit('a'))]),
          failing('y', 'critical', [fail(nodeUnit('a')), fail(nodeUnit('b'))]),
        ],
        nodes,
      },
      'Not acceptable as it stands.',
      '2 critical findings on 2 of 3 nodes. 2 of 2 rules assessed.',
    ],
  ]
  test.each(cases)('%s', (_, parts, lead, rest) =>
    expect(verdictOf(result(parts), languageOf('en'))).toEqual({ lead, rest }),
  )
})

test('units of several kinds are named', () => {
  const workload = rule({
    id: 'w',
    title: 'w',
    severity: 'critical',
    each: 'workloads',
    findings: [fail(workloadUnit('shop', 'Deployment', 'cart'))],
    pass: 47,
  })
  const parts = { rules: [workload, failing('x', 'critical', [fail(nodeUnit('a'))])], nodes }
  expect(verdictOf(result(parts), languageOf('en')).rest).toBe(
    '2 critical findings on 1 of 48 workloads and 1 of 3 nodes. 2 of 2 rules assessed.',
  )
})

test('the demo cluster and a large one', () => {
  expect(verdictOf(demoResult(), languageOf('en'))).toEqual({
    lead: 'Not acceptable as it stands.',
    rest: '2 critical findings on 1 binding and 2 of 48 workloads, and 4 of lower severity. 10 of 14 rules assessed, 1 needs a person, 2 could not be answered, 1 does not apply. 1 of 6 nodes could not be reached.',
  })
  // 455 findings are kept whole; nothing is "at least".
  expect(verdictOf(bigResult(), languageOf('en')).rest).toMatch(
    /^1 critical finding on 455 of 5,000 nodes, and 12 of lower severity\./,
  )
})

test('where the result keeps only the first findings of several rules, the count is a lower bound', () => {
  const units = Array.from({ length: 5 }, (_, index) => fail(nodeUnit(`n${index}`)))
  const capped = (id: string, findings: Finding[]) =>
    rule({ id, title: id, severity: 'critical', each: 'nodes', findings, cap: 2 })
  const parts = { rules: [capped('x', units), capped('y', units.slice(3))], cluster: { nodes: 9, nodesReached: 9 } }
  expect(verdictOf(result(parts), languageOf('en')).rest).toBe(
    '2 critical findings on at least 5 of 9 nodes. 2 of 2 rules assessed.',
  )
})

test('accepted risks are said, and make no verdict better', () => {
  const accepted = acceptedResult()
  const open = { ...accepted, rules: accepted.rules.map(({ waived: _, ...one }) => one) }
  const [said, unsaid] = [verdictOf(accepted, english), verdictOf(open, english)]
  expect(said.lead).toBe(unsaid.lead)
  expect(said.rest.replace('The risk is accepted for 2 of 3 failing units. ', '')).toBe(unsaid.rest)
  expect(unsaid.rest).not.toContain('accepted')
})
