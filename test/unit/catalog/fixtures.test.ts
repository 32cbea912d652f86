// Runs every case of test/rules against its rule: outcome, evidence shown, and the change proposed.
import { describe, expect, it } from 'vitest'
import { type CompiledRule, loadCatalogue } from '../../../src/catalog/index.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { type Case, readFixtures, rulesFolder, unitsOfCase } from './support.ts'

const catalogue = await loadCatalogue(rulesFolder)
const rules = new Map(catalogue.rules.map((compiled) => [compiled.rule.id, compiled]))

/** What the case says about, of what evaluation gives: a key that the case leaves out is not compared. */
function run(compiled: CompiledRule, one: Case) {
  const { unit, cluster } = unitsOfCase(compiled.rule.each, one.facts)
  const { outcome, evidence, remediation } = findingOf(compiled, unit, cluster)
  return {
    name: one.name,
    outcome,
    ...(one.observed && { observed: evidence.map(({ observed }) => observed) }),
    ...(one.remediation && { remediation: (remediation ?? []).flatMap(({ content }) => content ?? []) }),
  }
}

describe.each(readFixtures())('$path', ({ problems, fixture }) => {
  it('is a valid fixture of an existing rule that needs the facts it gives', () => {
    const rule = fixture && rules.get(fixture.rule)?.rule
    const foreign = fixture?.cases.flatMap(({ facts }) =>
      Object.keys(facts).filter((name) => !rule?.needs.some((need) => need === name)),
    )
    expect({ problems, rule: rule?.id, foreign }).toEqual({ problems: [], rule: fixture?.rule, foreign: [] })
  })

  it.each(fixture?.cases ?? [])('$name', (one) => {
    const compiled = rules.get(fixture?.rule ?? '')
    if (compiled === undefined) throw new Error(`There is no rule ${fixture?.rule}.`)
    const { facts: _, like: __, ...expected } = one
    expect(run(compiled, one)).toEqual(expected)
  })
})
