// Every command that a rule proposes, as its cases render it, is at least a command: a shell takes it apart without complaint.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { readFixtures, rulesFolder, unitsOfCase } from '../catalog/support.ts'

const catalogue = await loadCatalogue(rulesFolder)
const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule ?? '', fixture?.cases ?? []]))

/** The commands of a rule, each once: those of the steps that a shell is to run, and the one that verifies. */
function commandsOf(id: string): readonly string[] {
  const compiled = catalogue.rules.find(({ rule }) => rule.id === id)
  if (compiled === undefined) throw new Error(`There is no rule ${id}.`)
  const cases = (fixtures.get(id) ?? []).filter(({ outcome }) => outcome === 'fail' || outcome === 'manual')
  const commands = cases.flatMap(({ facts }) => {
    const { unit, cluster } = unitsOfCase(compiled.rule.each, facts)
    const { remediation = [], verify } = findingOf(compiled, unit, cluster)
    const steps = remediation.flatMap(({ language, content }) =>
      language === 'shell' && content !== undefined ? [content] : [],
    )
    return [...steps, ...(verify === undefined ? [] : [verify])]
  })
  return [...new Set(commands)]
}

describe('what rules propose to run', () => {
  it.each(catalogue.rules.map(({ rule }) => rule.id))('%s', (id) => {
    const broken = commandsOf(id).flatMap((command) => {
      const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: `${command}\n`, encoding: 'utf8' })
      return status === 0 ? [] : [`${command}\n${stderr}`]
    })
    expect(broken).toEqual([])
  })
})
