// The controls of a benchmark, rolled up from rules: never better than what the rules say, and nothing left out in silence.
import { describe, expect, it } from 'vitest'
import type { PlannedControl } from '../../../src/catalog/index.ts'
import { benchmarkResult } from '../../../src/evaluate/benchmarks.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import type { RuleResult } from '../../../src/model/result.ts'
import { nodeUnit, rule as ruleResult } from '../../support/result-builder.ts'

function rule(
  id: string,
  outcome: Outcome,
  parts: { observed?: string[]; manual?: boolean; pass?: number } = {},
): RuleResult {
  const finding = (name: string, observed: string) => ({
    unit: nodeUnit(name),
    outcome,
    evidence: [{ message: 'm', observed, expected: 'e', source: 's' }],
  })
  const hasFindings = outcome !== 'pass' && outcome !== 'notApplicable'
  return ruleResult({
    id,
    title: id,
    severity: 'medium',
    each: 'nodes',
    ...(parts.manual === true && { assessment: 'manual' as const }),
    findings: hasFindings ? (parts.observed ?? ['x']).map((observed, index) => finding(`n${index}`, observed)) : [],
    pass: parts.pass ?? (outcome === 'pass' ? 1 : 0),
    notApplicable: outcome === 'notApplicable' ? 1 : 0,
  })
}

function run(
  controls: readonly Partial<PlannedControl>[],
  rules: readonly RuleResult[],
  parts: { leftOut?: Map<string, string>; level?: 1 | 2; minor?: number } = {},
) {
  const planned = controls.map((control, index) => ({ number: `1.${index + 1}`, subject: 'S', rules: [], ...control }))
  const plan = { key: 'cis-kubernetes', version: '2.0', source: 'here', controls: planned }
  return benchmarkResult(
    { key: 'cis-kubernetes', name: 'CIS Kubernetes', version: '2.0' },
    { plans: new Map([['cis-kubernetes@2.0', plan]]), rules, leftOut: new Map(), isIncomplete: () => false, ...parts },
  )
}

describe('a control', () => {
  it.each<[string, Outcome[], Outcome]>([
    ['passes when its rules pass', ['pass', 'pass'], 'pass'],
    ['fails when one fails', ['pass', 'fail', 'unknown'], 'fail'],
    ['is unknown when one is', ['pass', 'unknown'], 'unknown'],
    ['is an error when one is', ['unknown', 'error'], 'error'],
    ['does not apply when none does', ['notApplicable', 'notApplicable'], 'notApplicable'],
    ['passes when one passes and the other does not apply', ['notApplicable', 'pass'], 'pass'],
  ])('%s', (_, outcomes, expected) => {
    const rules = outcomes.map((outcome, index) => rule(`r${index}`, outcome))
    const [control] = run([{ rules: rules.map(({ id }) => id) }], rules).controls
    expect(control).toMatchObject({ state: 'evaluated', outcome: expected, rules: rules.map(({ id }) => id) })
  })

  it('adds the units of its rules', () => {
    const rules = [rule('a', 'fail', { observed: ['1', '2'], pass: 3 }), rule('b', 'pass')]
    expect(run([{ rules: ['a', 'b'] }], rules).controls[0]?.counts).toEqual({
      notApplicable: 0,
      pass: 4,
      manual: 0,
      unknown: 0,
      error: 0,
      fail: 2,
    })
  })

  it('without a rule is for a person, with the question and what helps to answer it', () => {
    const [control] = run([{ question: 'Who?', evidence: ['a', 'gone'] }], [rule('a', 'fail')]).controls
    expect(control).toEqual({
      number: '1.1',
      subject: 'S',
      rules: [],
      state: 'manual',
      outcome: 'manual',
      counts: { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 },
      reason: 'Who?',
      question: 'Who?',
      evidence: [{ rule: 'a', outcome: 'fail' }],
    })
  })

  it('that nothing can tell is unknown with the reason, never passed', () => {
    const [control] = run([{ reason: 'Set in the cloud.' }], []).controls
    expect(control).toMatchObject({ state: 'notEvaluated', outcome: 'unknown', reason: 'Set in the cloud.' })
  })

  it('with manual rules only is for a person, with the outcome of the rule', () => {
    const [control] = run([{ rules: ['a'], question: 'Q' }], [rule('a', 'unknown', { manual: true })]).controls
    expect(control).toMatchObject({ state: 'manual', outcome: 'unknown', reason: 'Q' })
  })

  it('does not pass when a part of its rules was left out, and still fails when the rest fails', () => {
    const leftOut = new Map([['b', '--exclude b']])
    const passing = run([{ rules: ['a', 'b'] }], [rule('a', 'pass')], { leftOut }).controls[0]
    expect(passing).toMatchObject({ state: 'excluded', reason: 'Left out: b (--exclude b)' })
    expect(passing).not.toHaveProperty('outcome')
    const failing = run([{ rules: ['a', 'b'] }], [rule('a', 'fail')], { leftOut }).controls[0]
    expect(failing).toMatchObject({ state: 'evaluated', outcome: 'fail' })
  })

  it('of level 2 is left out at level 1, and one without a level is not', () => {
    const { controls } = run(
      [{ level: 2, rules: ['a'] }, { level: 1, rules: ['a'] }, { rules: ['a'] }],
      [rule('a', 'pass')],
      { level: 1 },
    )
    expect(controls.map(({ state }) => state)).toEqual(['excluded', 'evaluated', 'evaluated'])
  })

  it('about something newer than the cluster does not apply', () => {
    const control = { rules: ['a'], since: 34 }
    expect(run([control], [rule('a', 'fail')], { minor: 33 }).controls[0]?.outcome).toBe('notApplicable')
    expect(run([control], [rule('a', 'fail')], { minor: 34 }).controls[0]?.outcome).toBe('fail')
    expect(run([control], [rule('a', 'fail')]).controls[0]?.outcome).toBe('fail')
  })
})

describe('a benchmark that asks for less than the rule', () => {
  const accepts = { text: 'It still accepts X.', observed: ['X'] }
  it.each<[string, PlannedControl['accepts'], string[], Outcome]>([
    ['passes where every value seen is accepted', accepts, ['X', 'X'], 'pass'],
    ['fails where one is not', accepts, ['X', 'Y'], 'fail'],
    ['leaves it to a person where the values are not known', { text: 'It accepts mode 644.' }, ['0644'], 'manual'],
  ])('%s', (_, accepted, observed, expected) => {
    const [control] = run([{ rules: ['a'], accepts: accepted }], [rule('a', 'fail', { observed })]).controls
    expect(control?.outcome).toBe(expected)
    expect(control?.reason).toBe(expected === 'fail' ? undefined : accepted?.text)
  })

  it('leaves it to a person where not all findings are at hand', () => {
    const all = rule('a', 'fail', { observed: ['X', 'X', 'X'] })
    const cut = { ...all, findings: all.findings.slice(0, 1) }
    expect(run([{ rules: ['a'], accepts }], [cut]).controls[0]?.outcome).toBe('manual')
  })

  it('stays unknown where other units are', () => {
    const mixed = rule('a', 'fail', { observed: ['X'] })
    const counts = { ...mixed.counts, unknown: 1 }
    expect(run([{ rules: ['a'], accepts }], [{ ...mixed, counts }]).controls[0]?.outcome).toBe('unknown')
  })
})

describe('the whole', () => {
  it('counts every control once, and scores the rules of the evaluated ones once', () => {
    const rules = [rule('a', 'fail', { pass: 1 }), rule('b', 'unknown', { pass: 1 }), rule('other', 'fail')]
    const result = run(
      [{ rules: ['a'] }, { rules: ['a', 'b'] }, { question: 'Q' }, { reason: 'R' }, { rules: ['b'], level: 2 }],
      rules,
      { level: 1 },
    )
    expect(result.summary).toEqual({
      controls: 5,
      evaluated: 2,
      manual: 1,
      notEvaluated: 1,
      excluded: 1,
      outcomes: { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 2 },
    })
    expect(result.score).toMatchObject({ lower: 50, upper: 75, answered: 3, expected: 4 })
  })

  it('says so where only single numbers of a version are known', () => {
    const choice = { key: 'cis-kubernetes', name: 'CIS Kubernetes', version: '1.6' }
    const result = benchmarkResult(choice, {
      plans: new Map(),
      rules: [],
      leftOut: new Map(),
      isIncomplete: () => false,
    })
    expect(result).toMatchObject({ controls: [], note: expect.stringContaining('no list of its controls') })
  })
})
