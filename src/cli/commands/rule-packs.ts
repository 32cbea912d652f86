// `rules lint`, `rules test` and `rules new`: for people who write rules of their own in a pack.
import { join, relative } from 'node:path'
import { type CompiledRule, loadPacks } from '../../catalog/index.ts'
import { expandFixture } from '../../evaluate/fixture-facts.ts'
import { unitsOfCase } from '../../evaluate/fixture-units.ts'
import { findingOf } from '../../evaluate/index.ts'
import { PackRuleRun } from '../../evaluate/pack-rules.ts'
import type { Fixture } from '../../model/rule.ts'
import { InputError } from '../../util/input-error.ts'
import { visibleText } from '../../util/visible-text.ts'
import { ExitError, exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import { packPlaces, writeSkeleton } from '../rule-skeleton.ts'
import type { Terminal } from '../terminal.ts'

/** Loads each pack as an audit would, and says what it holds. Throws with every problem at its place. */
export async function lintPacks(folders: readonly string[], terminal: Terminal): Promise<number> {
  const packs = await loadPacks(folders, await loadRules())
  for (const { identity, rules, fixtures } of packs) {
    terminal.print(
      `${identity.name}: ${identity.rules} ${identity.rules === 1 ? 'rule' : 'rules'}, no problems. sha256 ${identity.digest}`,
    )
    const bare = rules.filter(({ rule }) => !fixtures.has(rule.id)).map(({ rule }) => rule.id)
    if (bare.length > 0) terminal.print(`  without cases in test/<section>/<id>.yaml: ${bare.join(', ')}`)
  }
  return exitCodes.done
}

/** Runs the cases of each pack. Exit code 1 when one gives something else than it says. */
export async function testPacks(folders: readonly string[], terminal: Terminal): Promise<number> {
  const tally = { cases: 0, wrong: 0 }
  for (const pack of await loadPacks(folders, await loadRules())) {
    for (const compiled of pack.rules) {
      const fixture = pack.fixtures.get(compiled.rule.id)
      if (fixture === undefined)
        throw new ExitError(
          exitCodes.findings,
          `${compiled.rule.id} of ${pack.identity.name} has no cases; write test/${compiled.section}/${compiled.rule.id}.yaml.`,
        )
      for (const { name, problems } of runFixture(compiled, fixture)) {
        tally.cases += 1
        if (problems.length > 0) tally.wrong += 1
        const mark = problems.length === 0 ? terminal.style('pass', 'ok  ') : terminal.style('fail', 'FAIL')
        terminal.print(
          visibleText([`${mark} ${compiled.rule.id}: ${name}`, ...problems.map((one) => `     ${one}`)].join('\n')),
        )
      }
    }
  }
  terminal.print(`${tally.cases} cases, ${tally.wrong} wrong`)
  return tally.wrong === 0 ? exitCodes.done : exitCodes.findings
}

interface CaseOutcome {
  readonly name: string
  readonly problems: readonly string[]
}

/** The cases against the rule, and whether there is one of each kind. */
function runFixture(compiled: CompiledRule, fixture: Fixture): CaseOutcome[] {
  const cases = expand(fixture)
  if (typeof cases === 'string') return [{ name: 'the file', problems: [cases] }]
  const outcomes = cases.map((one) => ({ name: one.name, problems: caseProblems(compiled, one) }))
  const has = (...wanted: string[]) => cases.some(({ outcome }) => wanted.includes(outcome))
  const lacking = [
    ...(has('fail', 'manual') ? [] : ['no case fails']),
    ...(has('pass', 'manual') ? [] : ['no case passes']),
    ...(has('unknown', 'notApplicable') ? [] : ['no case is unknown or does not apply']),
  ]
  return lacking.length === 0 ? outcomes : [...outcomes, { name: 'the file', problems: lacking }]
}

function expand(fixture: Fixture): Fixture['cases'] | string {
  try {
    return expandFixture(fixture)
  } catch (error) {
    return error instanceof Error ? error.message : 'cannot be read'
  }
}

function caseProblems(compiled: CompiledRule, one: Fixture['cases'][number]): string[] {
  const { rule } = compiled
  const foreign = Object.keys(one.facts).find((name) => !rule.needs.some((need) => need === name))
  if (foreign !== undefined) return [`${foreign} is not among the rule's needs`]
  let units: ReturnType<typeof unitsOfCase>
  try {
    units = unitsOfCase(rule.each, one.facts)
  } catch (error) {
    return [error instanceof Error ? error.message : 'its facts are wrong']
  }
  const { unit, cluster } = units
  const run = new PackRuleRun(compiled, cluster)
  const [outcome = 'error'] = run.outcomes([unit])
  const finding = run.finding(unit, outcome, () => findingOf(compiled, unit, cluster))
  const observed = finding.evidence.map((line) => line.observed)
  const remediation = (finding.remediation ?? []).flatMap(({ content }) => content ?? [])
  return [
    ...difference('outcome', one.outcome, outcome),
    ...(one.observed === undefined ? [] : difference('observed', one.observed, observed)),
    ...(one.remediation === undefined ? [] : difference('remediation', one.remediation, remediation)),
    ...(outcome === 'error' ? observed : []),
  ]
}

function difference(what: string, wanted: unknown, given: unknown): string[] {
  const [a, b] = [JSON.stringify(wanted), JSON.stringify(given)]
  return a === b ? [] : [`${what}: wanted ${a}, is ${b}`]
}

const idPattern = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Writes a rule and its cases as skeletons into a pack, which is made where it is not there. */
export function newPackRule(folder: string, section: string, id: string, terminal: Terminal): Promise<number> {
  if (!idPattern.test(section) || !idPattern.test(id) || section === 'test' || section === 'benchmarks')
    throw new InputError(
      `${section} ${id}: section and id are in lower case with hyphens, such as "kubelet own-log-level"; test and benchmarks are no sections.`,
    )
  try {
    for (const path of writeSkeleton(folder, section, id, packPlaces)) terminal.print(`wrote ${join(folder, path)}`)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new InputError(
      `${relative('.', join(folder, section, `${id}.yaml`))} exists already; nothing was overwritten.`,
    )
  }
  terminal.print(`Fill in both, then: kube-assay rules lint ${folder}; kube-assay rules test ${folder}`)
  return Promise.resolve(exitCodes.done)
}
