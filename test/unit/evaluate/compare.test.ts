// What two audits are told to differ in: every path of a finding from one to the next, and what forbids a comparison.
import { describe, expect, it } from 'vitest'
import { compare, trendOf } from '../../../src/evaluate/compare.ts'
import type { RunRecord } from '../../../src/model/comparison.ts'

type Rule = RunRecord['rules'][number]

/** Names of failing units and of unassessed ones; a unit's fingerprint is its name here. */
function rule(id: string, parts: { fail?: string[]; unknown?: string[] } & Partial<Omit<Rule, 'fail'>> = {}): Rule {
  const { fail = [], unknown = [], ...rest } = parts
  return {
    id,
    severity: 'high',
    each: 'nodes',
    outcome: fail.length > 0 ? 'fail' : 'pass',
    definition: 'd1',
    fail: fail.map((name) => ({ fingerprint: `${id}:${name}`, id: `node/${name}`, name })),
    unassessed: unknown.map((name) => `${id}:${name}`),
    ...rest,
  }
}

const failing = { critical: 0, high: 1, medium: 0, low: 0, info: 0 }

function run(day: number, rules: Rule[], parts: Partial<RunRecord> = {}): RunRecord {
  return {
    kind: 'kube-assay/run',
    schemaVersion: '1.0',
    reportId: `KA-${day}`,
    tool: 'kube-assay 1',
    evaluatedAt: `2026-11-0${day}T02:00:00.000Z`,
    interrupted: false,
    cluster: { name: 'prod', uid: 'u1', source: 'https://api' },
    catalogue: { version: '1', digest: 'c1' },
    benchmarks: ['cis-kubernetes@1.12'],
    hasFingerprints: true,
    score: { formula: 'f', lower: 80, upper: 82, coverage: 1, answered: 10, expected: 10 },
    failing,
    outcomes: {},
    excluded: [],
    nodes: 2,
    unread: [],
    unlisted: [],
    units: { nodes: ['node/a', 'node/b'] },
    rules,
    ...parts,
  }
}

const changesOf = (before: RunRecord, now: RunRecord, earlier: RunRecord[] = []) =>
  compare(before, now, earlier).changes.map(({ rule: id, unit, fingerprint, change, because }) =>
    [id, unit?.name ?? fingerprint, change, ...(because === undefined ? [] : [because])].join(' '),
  )

describe('a finding', () => {
  const fails = [rule('r', { fail: ['a'] })]
  const passes = [rule('r')]
  const unknown = [rule('r', { unknown: ['a'] })]
  const changed = (rules: Rule[], definition: string) => rules.map((one) => ({ ...one, definition }))

  it.each<[name: string, before: RunRecord, now: RunRecord, earlier: RunRecord[], expected: string[]]>([
    ['that was there', run(1, fails), run(2, fails), [], ['r a persisting']],
    ['that was not', run(1, passes), run(2, fails), [], ['r a new']],
    ['that passes now', run(1, fails), run(2, passes), [], ['r a fixed passes']],
    ['whose unit is gone', run(1, fails), run(2, passes, { units: { nodes: ['node/b'] } }), [], ['r a fixed gone']],
    ['that cannot be told now', run(1, fails), run(2, unknown), [], ['r a noLongerAssessed unknown-now']],
    [
      'of a list that is missing now',
      run(1, fails),
      run(2, [rule('r', { isPartial: true })]),
      [],
      ['r a noLongerAssessed unknown-now'],
    ],
    [
      'of a rule that is left out now',
      run(1, [...fails, rule('s')]),
      run(2, [rule('s')], { excluded: [{ rule: 'r', reason: '--exclude' }] }),
      [],
      ['r a noLongerAssessed rule-not-evaluated'],
    ],
    [
      'that passes a rule which asks something else now',
      run(1, fails),
      run(2, changed(passes, 'd2')),
      [],
      ['r a noLongerAssessed rule-changed'],
    ],
    [
      'of a rule that asks something else now',
      run(1, passes),
      run(2, changed(fails, 'd2')),
      [],
      ['r a new rule-changed'],
    ],
    ['of a rule that there was not', run(1, [rule('s')]), run(2, [rule('s'), ...fails]), [], ['r a new rule-added']],
    ['that the baseline could not tell', run(1, unknown), run(2, fails), [], ['r a new was-unknown']],
    ['that was fixed once', run(2, passes), run(3, fails), [run(1, fails)], ['r a reopened']],
    ['that was only unread in between', run(2, unknown), run(3, fails), [run(1, fails)], ['r a persisting']],
    ['that was unread in between and passes', run(2, unknown), run(3, passes), [run(1, fails)], ['r a fixed passes']],
    ['that stays unread', run(2, unknown), run(3, unknown), [run(1, fails)], ['r a noLongerAssessed unknown-now']],
    ['that was fixed before the baseline', run(2, passes), run(3, passes), [run(1, fails)], []],
    ['of later audits', run(1, passes), run(2, fails), [run(3, fails)], ['r a new']],
    ['beyond the cap of the baseline', run(1, [rule('r', { capped: ['r:a'] })]), run(2, fails), [], ['r a persisting']],
    ['beyond the cap now', run(1, fails), run(2, [rule('r', { capped: ['r:a'] })]), [], ['r r:a persisting']],
    [
      'unknown beyond the cap now',
      run(1, fails),
      run(2, [rule('r', { unassessed: ['r:a'] })]),
      [],
      ['r a noLongerAssessed unknown-now'],
    ],
  ])('%s', (_name, before, now, earlier, expected) => {
    expect(changesOf(before, now, earlier)).toEqual(expected)
  })

  it('is counted exactly, accepted ones not among what is new', () => {
    const now = run(2, [rule('r', { fail: ['a', 'b'], waived: ['r:b'] })])
    const { counts, newBySeverity, changes } = compare(run(1, [rule('r')]), now)
    expect(counts).toEqual({ new: 2, reopened: 0, persisting: 0, fixed: 0, noLongerAssessed: 0 })
    expect(newBySeverity.high).toBe(1)
    expect(changes.map(({ waived }) => waived)).toEqual([undefined, true])
  })
})

describe('two audits', () => {
  const rules = [rule('r', { fail: ['a'] })]
  const one = run(1, rules)

  it.each<[name: string, before: RunRecord, now: RunRecord, aspect: string]>([
    ['of other clusters', one, run(2, rules, { cluster: { name: 'prod', uid: 'u2', source: 'x' } }), 'cluster'],
    ['one without UID', one, run(2, rules, { cluster: { name: 'prod', source: 'x' } }), 'cluster'],
    [
      'of other files',
      run(1, rules, { cluster: { name: 'manifests', source: 'a' } }),
      run(2, rules, { cluster: { name: 'manifests', source: 'b' } }),
      'scope',
    ],
    ['one without fingerprints', run(1, rules, { hasFingerprints: false }), run(2, rules), 'format'],
    ['without a rule in common', one, run(2, [rule('s')]), 'scope'],
  ])('%s are not compared', (_name, before, now, aspect) => {
    const { comparable, differences, counts, changes } = compare(before, now)
    expect([comparable, differences.map((difference) => difference.aspect)]).toEqual(['no', [aspect]])
    expect(changes).toEqual([])
    expect(Object.values(counts).every((count) => count === 0)).toBe(true)
  })

  it.each<[name: string, now: RunRecord, aspect: string, named: string[] | undefined]>([
    ['with another benchmark', run(2, rules, { benchmarks: ['cis-eks@1.7'] }), 'benchmark', undefined],
    ['with fewer nodes read', run(2, rules, { unread: ['b'] }), 'coverage', undefined],
    ['with a list missing', run(2, rules, { unlisted: ['pods'] }), 'coverage', undefined],
    ['with a rule more', run(2, [...rules, rule('s')]), 'catalogue', ['s']],
    ['with a rule changed', run(2, [rule('r', { fail: ['a'], definition: 'd2' })]), 'catalogue', ['r']],
  ])('%s are compared in part, their scores are not', (_name, now, aspect, named) => {
    const { comparable, differences, score } = compare(one, now)
    expect(comparable).toBe('partly')
    expect(differences.map((difference) => [difference.aspect, difference.rules])).toEqual([[aspect, named]])
    expect(score.isComparable).toBe(false)
  })

  it('of the same scope are compared in full, also by another version of the tool', () => {
    const { comparable, score } = compare(one, run(2, rules, { tool: 'kube-assay 2' }))
    expect([comparable, score.isComparable]).toEqual(['yes', true])
  })
})

it('a trend is in order, of one cluster, and says which scores stand on the same questions', () => {
  const rules = [rule('r')]
  const other = run(1, rules, { cluster: { name: 'prod', uid: 'u2', source: 'x' } })
  const trend = trendOf([run(2, rules, { benchmarks: ['x@1'] }), other, run(1, rules)], run(3, rules))
  expect(trend.map(({ reportId, isComparable, differs }) => [reportId, isComparable, differs])).toEqual([
    ['KA-1', true, undefined],
    ['KA-2', false, ['benchmark']],
    ['KA-3', true, undefined],
  ])
})

it.each([
  ['another rule', run(1, [rule('r'), rule('s')]), ['catalogue']],
  ['a rule that is left out now', run(1, [rule('r'), rule('out')]), ['scope']],
  ['a rule that asked something else', run(1, [rule('r', { definition: 'd2' })]), ['catalogue']],
  ['another formula', run(1, [rule('r')], { score: { ...run(1, []).score, formula: 'g' } }), ['formula']],
  ['no fingerprints', run(1, [rule('r')], { hasFingerprints: false }), ['format']],
])('a trend tells in what an audit with %s asked other questions', (_name, before, differs) => {
  const now = run(2, [rule('r')], { excluded: [{ rule: 'out', reason: 'asked to' }] })
  expect(trendOf([before], now)[0]?.differs).toEqual(differs)
})
