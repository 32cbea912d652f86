// What --fail-on and --min-coverage make of a result.
import { expect, it } from 'vitest'
import { ExitError } from '../../../src/cli/exit.ts'
import { checkGates } from '../../../src/cli/gates.ts'
import type { Config } from '../../../src/model/config.ts'
import type { Result } from '../../../src/model/result.ts'

type Score = Result['score']
type Gated = Parameters<typeof checkGates>[0]

const failing: Gated['rules'] = [
  { id: 'host-network', severity: 'high', outcome: 'fail' },
  { id: 'swap-at-boot', severity: 'medium', outcome: 'fail' },
  { id: 'privileged-containers', severity: 'critical', outcome: 'unknown' },
]

function exitOf(settings: Config, score: Partial<Score> = {}): readonly [number, string] {
  const whole = { formula: 'f', coverage: 0.95, answered: 19, expected: 20, ...score }
  try {
    checkGates({ rules: failing, score: whole }, settings)
    return [0, '']
  } catch (error) {
    if (error instanceof ExitError) return [error.code, error.message]
    throw error
  }
}

const nodes = (reason: 'forbidden' | 'not-collected'): Partial<Score> => ({
  unlisted: [{ kind: 'nodes', family: 'nodes', reason }],
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
