// Controls in a report: each on one line with its outcome in words, its rules, and why where no rule decided.
import { describe, expect, it } from 'vitest'
import type { BenchmarkResult, ControlResult, Result } from '../../../src/model/result.ts'
import { languageOf } from '../../../src/report/lang/language.ts'
import { screenLimits } from '../../../src/report/limits.ts'
import { RuleTexts } from '../../../src/report/rule-texts.ts'
import { benchmarksView } from '../../../src/report/view-benchmarks.ts'
import { nodeUnit, result as resultOf, rule } from '../../support/result-builder.ts'

const counts = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
const failing = rule({
  id: 'failing',
  title: 'T',
  severity: 'critical',
  each: 'nodes',
  findings: [{ unit: nodeUnit('n1'), outcome: 'fail', evidence: [] }],
  pass: 1,
})
const passing = rule({ id: 'passing', title: 'P', severity: 'low', each: 'nodes', pass: 2 })

const controls: ControlResult[] = [
  {
    number: '1',
    level: 1,
    subject: 'A',
    rules: ['failing', 'passing'],
    state: 'evaluated',
    outcome: 'fail',
    counts: { ...counts, fail: 1, pass: 3 },
  },
  {
    number: '2',
    level: 2,
    subject: 'B',
    rules: ['passing'],
    state: 'evaluated',
    outcome: 'pass',
    counts: { ...counts, pass: 2 },
  },
  {
    number: '3',
    subject: 'C',
    rules: [],
    state: 'manual',
    outcome: 'manual',
    counts,
    reason: 'Who?',
    question: 'Who?',
    evidence: [{ rule: 'failing', outcome: 'fail' }],
  },
  { number: '4', subject: 'D', rules: [], state: 'notEvaluated', outcome: 'unknown', counts, reason: 'Not read.' },
  { number: '5', subject: 'E', rules: ['gone'], state: 'excluded', counts, reason: 'Left out: gone (--exclude gone)' },
  {
    number: '6',
    subject: 'F',
    rules: ['passing'],
    state: 'evaluated',
    outcome: 'unknown',
    counts: { ...counts, pass: 1, unknown: 2 },
    note: 'N',
  },
]
const benchmark: BenchmarkResult = {
  key: 'k',
  name: 'Name',
  version: '1',
  note: 'The newest is used.',
  source: 'Public.',
  controls,
  summary: {
    controls: 6,
    evaluated: 3,
    manual: 1,
    notEvaluated: 1,
    excluded: 1,
    outcomes: { ...counts, fail: 1, pass: 1, unknown: 1 },
  },
  score: { formula: 'f', lower: 60, upper: 75.5, coverage: 1, answered: 4, expected: 4 },
}

function viewOf(parts: Partial<Result>, limits = screenLimits) {
  const result = { ...resultOf({ rules: [failing, passing] }), ...parts }
  const anchors = new Map([
    ['failing', 'finding-failing'],
    ['passing', 'finding-passing'],
  ])
  return benchmarksView(
    {
      result,
      lang: languageOf('en'),
      texts: new RuleTexts(),
      limits,
      dataFile: 'result.json',
      findingsFile: 'result.json',
      anchors,
    },
    new Set(['failing']),
  )
}

describe('the controls of a benchmark', () => {
  const [view] = viewOf({ benchmarks: [benchmark] }).benchmarks

  it('are summed up in words', () => {
    expect(view).toMatchObject({
      title: 'Name 1',
      note: 'The newest is used.',
      sentence:
        '6 controls: 1 passed, 1 with findings, 1 unknown; 1 for a person; 1 that nothing here evaluates; 1 left out of this run.',
      scoreLine: 'Score 60, at best 75.5 of 100, over the rules of 3 evaluated controls.',
      hasLevels: true,
    })
  })

  it.each([
    ['1', 'critical', 'Finding', '1 of 4', 'L1', ''],
    ['2', 'pass', 'Passed', '2', 'L2', ''],
    ['3', 'manual', 'Needs a person', '', '', 'Who?'],
    ['4', 'unknown', 'Not evaluated', '', '', 'Not read.'],
    ['5', 'open', 'Left out', '', '', 'Left out: gone (--exclude gone)'],
    ['6', 'unknown', 'Unknown', '2 of 3', '', ''],
  ])('%s: %s %s', (number, kind, word, units, level, why) => {
    expect(view?.controls.find((control) => control.number === number)).toMatchObject({
      mark: { kind, word },
      units,
      level,
      why,
    })
  })

  it('link to rules that have a place in the report, and only to those', () => {
    expect(view?.controls[0]?.rules).toEqual([
      { id: 'failing', from: '', anchor: 'finding-failing', outcome: 'finding' },
      { id: 'passing', from: '', anchor: 'finding-passing', outcome: 'passed' },
    ])
    expect(view?.controls[2]?.evidence).toEqual([
      { id: 'failing', from: '', anchor: 'finding-failing', outcome: 'finding' },
    ])
    expect(view?.controls[4]?.rules).toEqual([{ id: 'gone', from: '', anchor: '', outcome: 'left out' }])
  })

  it('beyond the bound are counted', () => {
    const cut = viewOf({ benchmarks: [benchmark] }, { ...screenLimits, indexRows: 2 }).benchmarks[0]
    expect(cut?.controls).toHaveLength(2)
    expect(cut?.controlsNote).toBe('2 of 6 controls shown, all in result.json')
  })
})

describe('the section', () => {
  it('says so for a result without controls', () => {
    const bare = resultOf({ rules: [failing] })
    delete bare.benchmarks
    expect(viewOf({ ...bare, benchmarks: [] })).toMatchObject({
      sentence: 'This result lists no controls; evaluate the snapshot again to have them.',
      benchmarks: [],
    })
  })

  it('lists the rules that were left out, by reason', () => {
    const excluded = [
      { rule: 'a', reason: '--exclude a*' },
      { rule: 'ab', reason: '--exclude a*' },
      { rule: 'c', reason: 'not in --tag x' },
    ]
    expect(viewOf({ excluded }).excluded).toEqual([
      { reason: '--exclude a*', rules: 'a, ab' },
      { reason: 'not in --tag x', rules: 'c' },
    ])
  })
})
