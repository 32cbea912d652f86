// What the gates make of a result: exit code and the one line that says why.
import { expect, it } from 'vitest'
import { ExitError } from '../../../src/cli/exit.ts'
import { checkGates } from '../../../src/cli/gates.ts'
import type { Config } from '../../../src/model/config.ts'
import type { Result } from '../../../src/model/result.ts'

type Score = Result['score']
type Gated = Parameters<typeof checkGates>[0]

const none = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
const failing: Gated['rules'] = [
  { id: 'host-network', severity: 'high', outcome: 'fail', counts: { ...none, fail: 2 } },
  { id: 'swap-at-boot', severity: 'medium', outcome: 'fail', counts: { ...none, fail: 1, unknown: 1 } },
  { id: 'privileged-containers', severity: 'critical', outcome: 'unknown', counts: { ...none, unknown: 1 } },
]

function exitOf(
  settings: Config,
  score: Partial<Score> = {},
  comparison?: Gated['comparison'],
): readonly [number, string] {
  const whole = { formula: 'f', coverage: 0.95, answered: 19, expected: 20, ...score }
  try {
    checkGates({ rules: failing, score: whole, ...(comparison && { comparison }) }, settings)
    return [0, '']
  } catch (error) {
    if (error instanceof ExitError) return [error.code, error.message]
    throw error
  }
}

const nodes = (reason: 'forbidden' | 'not-collected'): Partial<Score> => ({
  unlisted: [{ kind: 'nodes', family: 'nodes', reason }],
})

type Comparison = NonNullable<Gated['comparison']>
const point = { coverage: 1 }
function compared(parts: Partial<Comparison>): Comparison {
  return {
    baseline: { reportId: 'KA-1', evaluatedAt: '2026-11-24T02:00:00.000Z', catalogue: '1' },
    comparable: 'yes',
    differences: [],
    counts: { new: 0, reopened: 0, persisting: 3, fixed: 0, noLongerAssessed: 0 },
    newBySeverity: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    score: { before: point, now: point, isComparable: true },
    changes: [],
    ...parts,
  }
}
const change = { change: 'new', fingerprint: 'fp1:1', rule: 'host-network', severity: 'high' } as const

it.each<[string, Config, Comparison | undefined, number, string]>([
  [
    'new without a baseline: everything that fails',
    { failOnNew: 'high' },
    undefined,
    1,
    'exit 1: 1 failing at or above --fail-on-new high, all of them new without a baseline: host-network',
  ],
  ['nothing new', { failOnNew: 'info' }, compared({}), 0, ''],
  [
    'something new',
    { failOnNew: 'medium' },
    compared({ newBySeverity: { critical: 0, high: 2, medium: 0, low: 1, info: 0 }, changes: [change] }),
    1,
    'exit 1: 2 new at or above --fail-on-new medium since 2026-11-24T02:00:00.000Z: host-network',
  ],
  [
    'something new that is less severe',
    { failOnNew: 'critical' },
    compared({ newBySeverity: { critical: 0, high: 2, medium: 0, low: 1, info: 0 }, changes: [change] }),
    0,
    '',
  ],
  [
    'a baseline of another cluster',
    { failOnNew: 'critical' },
    compared({ comparable: 'no', differences: [{ aspect: 'cluster', detail: 'Another cluster: a, now b.' }] }),
    3,
    'exit 3: what is new for --fail-on-new critical cannot be told: Another cluster: a, now b.',
  ],
])('%s', (_name, settings, comparison, code, message) => {
  expect(exitOf(settings, {}, comparison)).toEqual([code, message])
})

it.each<[string, Config, Partial<Score>, number, string]>([
  [
    'a score too low',
    { minScore: 80 },
    { lower: 79.9, upper: 84 },
    1,
    'exit 1: score 79.9 with every unknown counted as fail, at best 84; below --min-score 80',
  ],
  ['a score that is enough', { minScore: 80 }, { lower: 80, upper: 80 }, 0, ''],
  ['no score', { minScore: 0 }, {}, 3, 'exit 3: there is no score for --min-score 0: nothing was assessed'],
  [
    'something unknown, also where the rule fails elsewhere',
    { failOnUnknown: 'medium' },
    {},
    3,
    'exit 3: 2 not wholly assessed at or above --fail-on-unknown medium: swap-at-boot, privileged-containers',
  ],
])('%s', (_name, settings, score, code, message) => {
  expect(exitOf(settings, score)).toEqual([code, message])
})

it.each<[string, Config, Partial<Score>, number, string]>([
  ['no gate', {}, nodes('forbidden'), 0, ''],
  [
    'a failing rule as severe',
    { failOn: 'medium' },
    {},
    1,
    'exit 1: 2 failing at or above --fail-on medium: host-network, swap-at-boot',
  ],
  ['no failing rule as severe; unknown is no failure', { failOn: 'critical' }, {}, 0, ''],
  ['coverage enough', { minCoverage: 0.95 }, {}, 0, ''],
  [
    'coverage too low',
    { minCoverage: 0.96 },
    {},
    3,
    'exit 3: coverage 0.950 (19 of 20 units answered) is below --min-coverage 0.96',
  ],
  [
    'coverage that is only an upper bound',
    { minCoverage: 0.5 },
    nodes('forbidden'),
    3,
    'exit 3: coverage is not known to reach --min-coverage 0.5: lists that are missing or partial: nodes (forbidden)',
  ],
  ['what was left out by choice', { minCoverage: 0.5 }, nodes('not-collected'), 0, ''],
  ['a gate that anything meets', { minCoverage: 0 }, nodes('forbidden'), 0, ''],
])('%s', (_name, settings, score, code, message) => {
  expect(exitOf(settings, score)).toEqual([code, message])
})

const counts = (fail: number) => ({ notApplicable: 0, pass: 3, manual: 0, unknown: 0, error: 0, fail })
const waived = (fail: number) => ({ fail, unknown: 0, error: 0, manual: 0 })
const score = { formula: 'f', coverage: 1, answered: 1, expected: 1 }

it.each<[string, Gated['rules'], string | undefined]>([
  [
    'all findings of the only rule',
    [{ id: 'a', severity: 'high', outcome: 'fail', counts: counts(2), waived: waived(2) }],
    undefined,
  ],
  [
    'some findings of it',
    [{ id: 'a', severity: 'high', outcome: 'fail', counts: counts(2), waived: waived(1) }],
    'exit 1: 1 failing at or above --fail-on high: a',
  ],
  [
    'one rule of two',
    [
      { id: 'a', severity: 'high', outcome: 'fail', counts: counts(2), waived: waived(2) },
      { id: 'b', severity: 'high', outcome: 'fail', counts: counts(1) },
    ],
    'exit 1: 1 failing at or above --fail-on high: b; 1 more is waived',
  ],
])('does not fail for what is waived: %s', (_name, rules, message) => {
  let said: string | undefined
  try {
    checkGates({ rules, score }, { failOn: 'high' })
  } catch (error) {
    said = error instanceof ExitError ? error.message : String(error)
  }
  expect(said).toBe(message)
})

const open = (unknown: number, error = 0) => ({ ...none, pass: 3, unknown, error })
const gaps = (unknown: number, error = 0) => ({ fail: 0, unknown, error, manual: 0 })

it.each<[string, Gated['rules'], string | undefined]>([
  [
    'every gap of the only rule',
    [{ id: 'a', severity: 'high', outcome: 'unknown', counts: open(2, 1), waived: gaps(2, 1) }],
    undefined,
  ],
  [
    'the unknown, and not the error beside it',
    [{ id: 'a', severity: 'high', outcome: 'error', counts: open(2, 1), waived: gaps(2) }],
    'exit 3: 1 not wholly assessed at or above --fail-on-unknown high: a',
  ],
  [
    'failures, which says nothing of what is unknown',
    [{ id: 'a', severity: 'high', outcome: 'fail', counts: { ...open(1), fail: 1 }, waived: waived(1) }],
    'exit 3: 1 not wholly assessed at or above --fail-on-unknown high: a',
  ],
  [
    'one rule of two',
    [
      { id: 'a', severity: 'high', outcome: 'unknown', counts: open(1), waived: gaps(1) },
      { id: 'b', severity: 'high', outcome: 'unknown', counts: open(1) },
    ],
    'exit 3: 1 not wholly assessed at or above --fail-on-unknown high: b; 1 more is waived',
  ],
])('counts a gap that is accepted as no gap: %s', (_name, rules, message) => {
  let said: string | undefined
  try {
    checkGates({ rules, score }, { failOnUnknown: 'high' })
  } catch (error) {
    said = error instanceof ExitError ? error.message : String(error)
  }
  expect(said).toBe(message)
})
