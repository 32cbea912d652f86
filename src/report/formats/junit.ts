// JUnit XML: a suite for each rule, a test case for each of its findings and one for all units that pass.
// May not: put an attribute anywhere that Jenkins' schema does not know.
import type { Result, RuleResult } from '../../model/result.ts'
import { english } from './english.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  detailLines,
  type FindingOutcome,
  findingOutcomes,
  fixText,
  headlineOf,
  rowsOf,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { acceptedStates, outcomeStates } from './states.ts'
import { joinLines, plainLine } from './text.ts'

type State = 'failure' | 'error' | 'skipped' | 'passed'
interface Case {
  readonly name: string
  readonly state: State
  readonly message?: string
  readonly body?: string
}

export const exporter: Exporter = {
  fileName: () => 'junit.xml',
  *render(result) {
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield `<testsuites name="${attribute(`kube-assay ${result.cluster.name}`)}">\n`
    for (const [index, rule] of result.rules.entries()) yield* suiteOf(result, rule, index)
    yield '</testsuites>\n'
  },
}

function* suiteOf(result: Result, rule: RuleResult, index: number): Generator<string> {
  // Twice over the findings rather than all of them in memory: the numbers come first.
  const tally = { failure: 0, error: 0, skipped: 0, passed: 0 }
  for (const { state } of casesOf(result, rule)) tally[state] += 1
  const tests = tally.failure + tally.error + tally.skipped + tally.passed
  const time = result.snapshot.finishedAt.replace(/(\.\d+)?Z$/, '')
  yield ` <testsuite name="${attribute(rule.id)}" tests="${tests}" failures="${tally.failure}" errors="${tally.error}" skipped="${tally.skipped}" time="0" timestamp="${attribute(time)}" hostname="${attribute(result.cluster.name)}" id="${index}">\n`
  yield `  <properties><property name="title" value="${attribute(rule.title)}"/><property name="severity" value="${rule.severity}"/><property name="outcome" value="${rule.outcome}"/></properties>\n`
  for (const item of casesOf(result, rule)) yield caseElement(rule, item)
  yield ' </testsuite>\n'
}

function* casesOf(result: Result, rule: RuleResult): Generator<Case> {
  const units = (count: number) => english.say(`units.${rule.each}`, { count })
  if (rule.counts.pass > 0) yield { name: `${units(rule.counts.pass)} pass`, state: outcomeStates.pass.junit }
  for (const outcome of findingOutcomes) yield* findingCases(result, rule, outcome)
  for (const cut of cutsOf({ rules: [rule] })) {
    const name = `${units(cut.total - cut.listed)} more: ${cut.outcome}`
    yield { name, state: outcomeStates[cut.outcome].junit, message: cutSentence(cut) }
  }
  const { pass, fail, unknown, error, manual, notApplicable } = rule.counts
  if (pass + fail + unknown + error + manual === 0) {
    const message =
      notApplicable > 0
        ? `not applicable to ${units(notApplicable)}`
        : `no ${english.say(`things.${rule.each}`)} to look at`
    yield { name: 'not applicable', state: outcomeStates[rule.outcome].junit, message }
  }
}

function* findingCases(result: Result, rule: RuleResult, outcome: FindingOutcome): Generator<Case> {
  for (const row of rowsOf(result, rule, outcome)) {
    const accepted = row.accepted === undefined ? [] : [`${outcome}. ${acceptedSentence(row.accepted)}`]
    yield {
      name: row.finding.unit.name,
      state: row.accepted === undefined ? outcomeStates[outcome].junit : acceptedStates.junit,
      message: [...accepted, ...(outcome === 'fail' ? [] : [outcome]), headlineOf(row)].join(': '),
      body: joinLines([...detailLines(row), fixText(row, 4_000), `fingerprint: ${row.fingerprint}`], 8_000),
    }
  }
}

function caseElement(rule: RuleResult, { name, state, message = '', body = '' }: Case): string {
  const open = `  <testcase name="${attribute(name)}" classname="kube-assay.${attribute(rule.id)}" time="0"`
  if (state === 'passed') return `${open}/>\n`
  if (state === 'skipped') return `${open}><skipped message="${attribute(message)}"/></testcase>\n`
  return `${open}><${state} type="${rule.severity}" message="${attribute(message)}">${escapeXml(body)}</${state}></testcase>\n`
}

function attribute(text: string): string {
  return escapeXml(plainLine(text, 1_000)).replaceAll('\n', ' ')
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
}
