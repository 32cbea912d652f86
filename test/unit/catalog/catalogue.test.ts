// What every rule of the catalogue must have, so that adding one is two files and nothing can be half done.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { readFixtures, rulesFolder } from './support.ts'

const catalogue = await loadCatalogue(rulesFolder)
const fixtures = new Map(readFixtures().map((file) => [file.path, file]))
const rules = catalogue.rules.map((compiled) => ({ ...compiled, path: `${compiled.section}/${compiled.rule.id}` }))

describe('the catalogue', () => {
  it('has rules', () => expect(rules.length).toBeGreaterThan(0))

  it('has a fixture for every rule, and a rule for every fixture, under the same name', () => {
    expect([...fixtures.keys()].sort()).toEqual(rules.map(({ path }) => path).sort())
    expect([...fixtures].filter(([path, { fixture }]) => fixture && !path.endsWith(`/${fixture.rule}`))).toEqual([])
  })
})

describe.each(rules)('rule $path', ({ rule, path, steps }) => {
  const cases = fixtures.get(path)?.fixture?.cases ?? []
  const having = (outcome: string) => cases.filter((one) => one.outcome === outcome)

  it('has texts of substance, and at least one reference', () => {
    const { title, problem, description, rationale, checks } = rule
    const short = [title, problem, description, rationale, ...checks.map(({ message }) => message)].filter(
      (text) => text.trim().length < 10 || /\b(TODO|FIXME|XXX)\b/.test(text),
    )
    const references = Object.values(rule.references).flatMap((one): string[] => Object.values(one ?? {}))
    expect({ short, hasReference: references.length > 0 }).toEqual({ short: [], hasReference: true })
  })

  it('titles its findings with what is, so that where can follow', () => {
    const { title, problem } = rule
    expect(problem).not.toBe(title)
    expect(problem).not.toMatch(/\b(on|in|at|for|with|of|to|by|should|must)$|\bshould\b|\bmust\b|\{\{/)
  })

  it('is tried with a failing, a passing, and an unknown or not-applicable case', () => {
    const open = having(rule.assessment === 'manual' ? 'manual' : 'pass')
    const found = having(rule.assessment === 'manual' ? 'manual' : 'fail')
    const third = [...having('unknown'), ...having('notApplicable')]
    expect([found.length > 0, open.length > 0, third.length > 0]).toEqual([true, true, true])
  })

  it('is tried for the evidence of every finding, and for the change of at least one', () => {
    const found = having(rule.assessment === 'manual' ? 'manual' : 'fail')
    const withoutEvidence = found.filter(({ observed }) => observed === undefined).map(({ name }) => name)
    const hasContent = steps.some(({ content }) => content !== undefined)
    const tried = !hasContent || found.some(({ remediation }) => remediation !== undefined)
    expect({ withoutEvidence, tried }).toEqual({ withoutEvidence: [], tried: true })
  })
})
