// The score and its honesty: a severity-weighted mean between two bounds, beside the coverage. docs/scoring.md explains the formula
// and a test recomputes its example.
// May not: count a unit nobody could assess as passed in the lower bound.
import type { Outcome, Severity } from '../model/outcome.ts'
import type { OutcomeCounts, Result } from '../model/result.ts'

export const scoreFormula = 'severity-weighted-mean/1'

export const severityWeights: { readonly [S in Severity]: number } = {
  critical: 10,
  high: 5,
  medium: 3,
  low: 1,
  info: 0,
}

export interface ScoredRule {
  readonly severity: Severity
  readonly assessment: 'automated' | 'manual'
  readonly counts: OutcomeCounts
  /** Some units could not even be listed, so how many are missing is not known. */
  readonly isIncomplete: boolean
}

/** The score over all rules of a result. Bounds are absent when no applicable automated rule has weight. */
export function scoreOf(rules: readonly ScoredRule[]): Result['score'] {
  let weight = 0
  let lower = 0
  let upper = 0
  let answered = 0
  let expected = 0
  for (const rule of rules) {
    if (rule.assessment === 'manual') continue
    const { pass, fail, unknown, error } = rule.counts
    const units = pass + fail + unknown + error
    if (units === 0) continue
    answered += pass + fail
    expected += units
    const ruleWeight = severityWeights[rule.severity]
    weight += ruleWeight
    lower += ruleWeight * (rule.isIncomplete ? 0 : pass / units)
    upper += ruleWeight * (rule.isIncomplete ? 1 : (pass + unknown + error) / units)
  }
  return {
    formula: scoreFormula,
    // The lower bound is rounded down and the upper one up: a bound must hold.
    ...(weight > 0 && { lower: tenths(Math.floor, lower / weight), upper: tenths(Math.ceil, upper / weight) }),
    coverage: expected === 0 ? 0 : answered / expected,
    answered,
    expected,
  }
}

/** A share as per cent with one decimal; the small term keeps a sum such as 0.7999999999999999 from losing a tenth. */
function tenths(round: (value: number) => number, share: number): number {
  const scaled = share * 1000
  const nearest = Math.round(scaled)
  return (Math.abs(scaled - nearest) < 1e-9 ? nearest : round(scaled)) / 10
}

export function noCounts(): OutcomeCounts {
  return { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
}

export function countOutcomes(outcomes: Iterable<Outcome>): OutcomeCounts {
  const counts = noCounts()
  for (const outcome of outcomes) counts[outcome] += 1
  return counts
}
