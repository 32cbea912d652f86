// One rule and one unit to one outcome, in three-valued logic: a fact nobody observed makes the outcome unknown unless the rest alone
// proves a failure, and never a pass.
// May not: write text for people; that is describe.ts, and only for findings that are kept.
import {
  type CompiledCheck,
  type CompiledRule,
  distinctMissing,
  type MissingFact,
  type UnitContext,
} from '../catalog/index.ts'
import type { Outcome } from '../model/outcome.ts'

/** A check, and the element of its list where it walks one. */
export interface CheckedItem {
  readonly check: CompiledCheck
  readonly item: unknown
}

export interface Judgement {
  readonly outcome: Outcome
  /** What failed; for a manual rule everything that was looked at. */
  readonly shown: readonly CheckedItem[]
  /** What could not be told for want of facts, each once. */
  readonly missing: readonly MissingFact[]
  /** Where a rule's own expression broke. */
  readonly errors: readonly string[]
}

/** Judges one unit by one rule. Deterministic; never throws for what a fact holds. */
export function judge(compiled: CompiledRule, context: UnitContext): Judgement {
  const { rule } = compiled
  context.params = compiled.params?.object
  if (compiled.when !== undefined) {
    const applies = compiled.when.attempt(context)
    if (applies.kind === 'missing') return { ...nothing, outcome: 'unknown', missing: applies.missing }
    if (applies.kind === 'error') return { ...nothing, outcome: 'error', errors: [`when: ${applies.detail}`] }
    if (!applies.value) return { ...nothing, outcome: 'notApplicable' }
  }
  const tally = new Tally()
  for (const [index, check] of compiled.checks.entries()) tally.add(check, `check ${index + 1}`, context)
  const isManual = rule.assessment === 'manual'
  const shown = isManual ? [...tally.failed, ...tally.held] : tally.failed
  // A verdict stands on every fact the rule needs: one that is wholly missing leaves a pass unproven, whichever way it was reached.
  const absent = tally.missing.length > 0 || tally.failed.length > 0 ? [] : context.missing(rule.needs)
  const missing = distinctMissing([...tally.missing, ...absent])
  return { outcome: outcomeOf(tally, missing, isManual), shown, missing, errors: tally.errors }
}

const nothing = { shown: [], missing: [], errors: [] } as const

function outcomeOf(tally: Tally, missing: readonly MissingFact[], isManual: boolean): Outcome {
  if (tally.failed.length > 0 && !isManual) return 'fail'
  if (tally.errors.length > 0) return 'error'
  if (missing.length > 0) return 'unknown'
  return isManual ? 'manual' : 'pass'
}

class Tally {
  readonly failed: CheckedItem[] = []
  readonly held: CheckedItem[] = []
  readonly missing: MissingFact[] = []
  readonly errors: string[] = []

  add(check: CompiledCheck, where: string, context: UnitContext): void {
    if (check.forEach === undefined) {
      this.#one(check, undefined, where, context)
      return
    }
    const list = check.forEach.attempt(context)
    if (list.kind === 'missing') this.missing.push(...list.missing)
    else if (list.kind === 'error') this.errors.push(`${where}: ${list.detail}`)
    else for (const item of list.value) this.#one(check, item, where, context)
    context.item = undefined
  }

  #one(check: CompiledCheck, item: unknown, where: string, context: UnitContext): void {
    context.item = item
    const got = check.expression.attempt(context)
    if (got.kind === 'missing') this.missing.push(...got.missing)
    else if (got.kind === 'error') this.errors.push(`${where}: ${got.detail}`)
    else (got.value ? this.held : this.failed).push({ check, item })
  }
}
