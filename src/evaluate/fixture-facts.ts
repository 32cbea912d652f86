// Completes the facts of fixture cases that are written as differences from an earlier case (`like`), so that a reader sees what
// a case is about. May not: invent a fact that no case holds.
import type { Fixture } from '../model/rule.ts'

type FixtureCase = Fixture['cases'][number]
type Tree = Readonly<Record<string, unknown>>

/** The cases with all their facts. Throws when `like` names no earlier case. */
export function expandFixture(fixture: Fixture): FixtureCase[] {
  const done = new Map<string, FixtureCase>()
  for (const one of fixture.cases) done.set(one.name, { ...one, facts: factsOf(one, done, fixture.rule) })
  return [...done.values()]
}

function factsOf(one: FixtureCase, earlier: ReadonlyMap<string, FixtureCase>, rule: string): FixtureCase['facts'] {
  if (one.like === undefined) return one.facts
  const base = earlier.get(one.like)
  if (base === undefined) throw new Error(`${rule}: "${one.name}" is like "${one.like}", which is no earlier case.`)
  const facts: Record<string, unknown> = { ...base.facts }
  for (const [name, value] of Object.entries(one.facts)) facts[name] = merge(facts[name], value)
  return facts
}

/** Objects are merged by key; a list, a scalar and an observed value (with `source` or `unavailable`) are replaced as a whole. */
function merge(base: unknown, change: unknown): unknown {
  if (!isTree(base) || !isTree(change) || isWhole(base) || isWhole(change)) return change
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(change)) merged[key] = merge(base[key], value)
  return merged
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWhole(tree: Tree): boolean {
  return Object.hasOwn(tree, 'source') || Object.hasOwn(tree, 'unavailable')
}
