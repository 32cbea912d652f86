// The score and its honesty: a severity-weighted mean between two bounds, beside the coverage. docs/scoring.md explains the formula
// and a test recomputes its example.
// May not: count a unit nobody could assess as passed in the lower bound.
import type { Outcome, Severity } from '../model/outcome.ts'
import type { OutcomeCounts, Result } from '../model/result.ts'

const scoreFormula = 'severity-weighted-mean/1'

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
    ...(weight > 0 && { lower: percent(lower / weight), upper: percent(upper / weight) }),
    coverage: expected === 0 ? 0 : answered / expected,
    answered,
    expected,
  }
}

/**
 * By how many points the lower bound, before it is rounded, would rise if a rule alone passed on all its units, to two decimals; 0 of what
 * weighs nothing or passes. In the order of the rules.
 */
export function gainsOf(rules: readonly ScoredRule[]): number[] {
  const lacks = rules.map(({ severity, assessment, counts, isIncomplete }) => {
    const { pass, fail, unknown, error } = counts
    const units = pass + fail + unknown + error
    const weight = assessment === 'manual' || units === 0 ? 0 : severityWeights[severity]
    return { weight, lack: isIncomplete ? weight : weight * (1 - pass / Math.max(1, units)) }
  })
  const whole = lacks.reduce((sum, { weight }) => sum + weight, 0)
  return lacks.map(({ lack }) => (whole === 0 ? 0 : Math.round((lack / whole) * 10_000) / 100))
}

/**
 * A share as per cent, rounded down to one decimal, so that 100 means all. The small term keeps a sum that floating point left at
 * 0.7999999999999999 from losing a tenth.
 */
function percent(share: number): number {
  return Math.floor(share * 1000 + 1e-9) / 10
}

export function noCounts(): OutcomeCounts {
  return { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
}

export function countOutcomes(outcomes: Iterable<Outcome>): OutcomeCounts {
  const counts = noCounts()
  for (const outcome of outcomes) counts[outcome] += 1
  return counts
}
