// Takes evidence away, piece by piece, from every failing and passing case: the outcome must become unknown. It may stay only where
// the rest proves it, and that is tried, not believed: whatever value is put in the place of the missing one, the outcome is the same.
import { describe, expect, it } from 'vitest'
import { type CompiledRule, loadCatalogue } from '../../../src/catalog/index.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { isUnavailable, unavailable } from '../../../src/model/fact.ts'
import { type FactName, facts } from '../../../src/model/facts.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { Unit } from '../../../src/model/unit.ts'
import { type CaseUnits, readFixtures, rulesFolder, unitsOfCase } from './support.ts'

const gone = unavailable('timeout', 'Taken away by the test.')
const catalogue = await loadCatalogue(rulesFolder)
const fixtures = readFixtures().flatMap(({ fixture }) => fixture ?? [])

function outcomeOf(compiled: CompiledRule, { unit, cluster }: CaseUnits): Outcome {
  return findingOf(compiled, unit, cluster).outcome
}

/** The units with one place of one fact replaced; an empty path is the whole fact. */
function replaced({ unit, cluster }: CaseUnits, fact: FactName, path: readonly string[], value: unknown): CaseUnits {
  const change = (one: Unit): Unit =>
    fact in one.facts || (path.length === 0 && one === unit)
      ? { ...one, facts: { ...one.facts, [fact]: put(one.facts[fact], path, value) } }
      : one
  return { unit: change(unit), cluster: change(cluster) }
}

function put(target: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value
  if (Array.isArray(target))
    return target.map((one: unknown, at) => (String(at) === first ? put(one, rest, value) : one))
  if (typeof target !== 'object' || target === null) throw new Error(`Nothing at ${first}.`)
  return { ...target, [first]: put(Reflect.get(target, first), rest, value) }
}

interface Leaf {
  readonly path: readonly string[]
  readonly observed: { readonly value?: unknown; readonly source: string }
}

/** Every value that was observed in a fact: an object of `source` and, if something is set, `value`. */
function leavesOf(fact: unknown, path: readonly string[] = []): Leaf[] {
  if (typeof fact !== 'object' || fact === null || isUnavailable(fact)) return []
  const keys = Object.keys(fact)
  if ('source' in fact && typeof fact.source === 'string' && keys.every((key) => key === 'value' || key === 'source')) {
    return [{ path, observed: { ...fact, source: fact.source } }]
  }
  return Object.entries(fact).flatMap(([key, below]) => leavesOf(below, [...path, key]))
}

/** Other things that could have been observed in the place of a value. */
function alternatives(observed: Leaf['observed']): unknown[] {
  const { value, source } = observed
  const values = alternativeValues(value)
  return [observed, ...values.map((one) => ({ value: one, source }))]
}

function alternativeValues(value: unknown): unknown[] {
  if (typeof value === 'boolean') return [true, false]
  if (typeof value === 'number') return [-1, 0, 1, 2, 10, 65_535, 1_000_000, 25_000_000, value + 1, value - 1]
  if (typeof value === 'string')
    return ['', 'none', 'v1', 'v2', 'systemd', 'cgroupfs', 'xfs', 'AlwaysAllow', 'Webhook', `${value}x`]
  if (Array.isArray(value))
    return [[], value.slice(0, 1), [...value, ...value], typeof value[0] === 'object' ? [] : ['other']]
  return []
}

/** A fact as every case of the rule gives it, and with every observed value of it changed. */
function everyVersionOf(compiled: CompiledRule, fact: FactName, units: CaseUnits): unknown[] {
  const cases = fixtures.find(({ rule }) => rule === compiled.rule.id)?.cases ?? []
  const given = [units, ...cases.map((one) => unitsOfCase(compiled.rule.each, one.facts))]
    .map(({ unit, cluster }) => unit.facts[fact] ?? cluster.facts[fact])
    .filter((value) => value !== undefined && !isUnavailable(value))
  const changed = given.flatMap((value) =>
    leavesOf(value).flatMap(({ path, observed }) => alternatives(observed).map((other) => put(value, path, other))),
  )
  return [...given, ...changed].filter((value) => isWellFormed(fact, value))
}

/** A made-up value may not fit the schema; what no derivation can give proves nothing. */
function isWellFormed(fact: FactName, value: unknown): boolean {
  return facts[fact].schema.safeParse(value).success
}

describe.each(catalogue.rules)('$rule.id', (compiled) => {
  const cases = (fixtures.find(({ rule }) => rule === compiled.rule.id)?.cases ?? []).filter(({ outcome }) =>
    ['pass', 'fail', 'manual'].includes(outcome),
  )

  it('has cases to take evidence from', () => expect(cases.length).toBeGreaterThan(1))

  it.each(cases)('$name: without a needed fact', ({ outcome, facts: given }) => {
    const units = unitsOfCase(compiled.rule.each, given)
    const wrong = compiled.rule.needs.flatMap((fact) => {
      const ablated = outcomeOf(compiled, replaced(units, fact, [], gone))
      if (ablated === 'unknown') return []
      const others = everyVersionOf(compiled, fact, units).map((value) =>
        outcomeOf(compiled, replaced(units, fact, [], value)),
      )
      const isProven = outcome === 'fail' && ablated === 'fail' && others.every((other) => other === 'fail')
      return isProven ? [] : [{ fact, ablated, others }]
    })
    expect(wrong).toEqual([])
  })

  it.each(cases)('$name: without an observed value', ({ outcome, facts: given }) => {
    const units = unitsOfCase(compiled.rule.each, given)
    const wrong = compiled.rule.needs.flatMap((fact) =>
      leavesOf(units.unit.facts[fact] ?? units.cluster.facts[fact]).flatMap(({ path, observed }) => {
        const ablated = outcomeOf(compiled, replaced(units, fact, path, gone))
        if (ablated === 'unknown') return []
        const others = alternatives(observed)
          .map((value) => replaced(units, fact, path, value))
          .filter((changed) => isWellFormed(fact, changed.unit.facts[fact] ?? changed.cluster.facts[fact]))
          .map((changed) => outcomeOf(compiled, changed))
        // Not unknown: then nothing that could stand there makes a difference.
        const isProven = ablated === outcome && others.every((other) => other === outcome)
        return isProven ? [] : [{ fact, path: path.join('.'), ablated, others }]
      }),
    )
    expect(wrong).toEqual([])
  })
})
