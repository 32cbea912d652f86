// How a rule with several parts ended for each of them, so that a benchmark can ask for one part alone.
// May not: let a part pass where the unit's other failure left something untold.
import { type CompiledRule, UnitContext } from '../catalog/index.ts'
import { type Outcome, outcomes as ordered } from '../model/outcome.ts'
import type { OutcomeCounts, RuleResult } from '../model/result.ts'
import type { Unit } from '../model/unit.ts'
import { type Judgement, judge } from './judge.ts'

/**
 * Counts by part, of the parts that some unit fails; '' stands for every other part. Only failing units are judged again: the rest end
 * alike for every part. Undefined for rules without parts.
 */
export function partsOf(
  compiled: CompiledRule,
  failing: readonly Unit[],
  counts: OutcomeCounts,
  cluster: Unit,
): RuleResult['parts'] {
  if (compiled.checks.every(({ part }) => part === undefined)) return undefined
  const judged = failing.map((unit) => partsOfUnit(compiled, new UnitContext(unit, cluster)))
  const names = [...new Set(judged.flatMap(({ parts }) => [...parts]))].sort()
  return ['', ...names].map((name) => {
    const ofPart = { ...counts, fail: 0 }
    for (const { parts, otherwise } of judged) ofPart[parts.has(name) ? 'fail' : otherwise] += 1
    return { name, counts: ofPart }
  })
}

/** The most pressing outcome that a count says. */
export function outcomeOfCounts(counts: OutcomeCounts): Outcome {
  return ordered.findLast((outcome) => counts[outcome] > 0) ?? 'notApplicable'
}

interface UnitParts {
  readonly parts: ReadonlySet<string>
  /** How the unit ends for a part that it does not fail. */
  readonly otherwise: Outcome
}

function partsOfUnit(compiled: CompiledRule, context: UnitContext): UnitParts {
  const { shown, missing, errors }: Judgement = judge(compiled, context)
  const parts = new Set<string>()
  let isTold = true
  for (const { check, item } of shown) {
    context.item = item
    const name = check.part?.attempt(context)
    if (name?.kind === 'value') parts.add(name.value)
    else isTold = false
  }
  const otherwise = errors.length > 0 ? 'error' : missing.length > 0 || !isTold ? 'unknown' : 'pass'
  return { parts, otherwise }
}
