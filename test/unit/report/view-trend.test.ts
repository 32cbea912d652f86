// Earlier audits in a report: which are joined by a line, which are not and why, and what changed since the last.
import { describe, expect, it } from 'vitest'
import type { Result } from '../../../src/model/result.ts'
import { paperLimits, screenLimits } from '../../../src/report/limits.ts'
import { buildView } from '../../../src/report/view.ts'
import { columnsOf, roundCeiling } from '../../../src/report/view-charts.ts'
import { acceptedRisk, pastResult } from '../../support/past-result.ts'
import { plainPhrase } from '../../support/plain-phrase.ts'
import { demoResult } from '../../support/sample-results.ts'

const view = (result: Result, limits = screenLimits) => buildView(result, { limits })
const trend = (result: Result, limits = screenLimits) => view(result, limits).trend

describe('the trend', () => {
  it('stands between coverage and findings', () => {
    const ids = view(pastResult()).chapters.map(({ id }) => id)
    expect(ids.slice(ids.indexOf('coverage'), ids.indexOf('findings') + 1)).toEqual(['coverage', 'trend', 'findings'])
  })

  it('of one audit says so and draws nothing', () => {
    const { sentence, score, counts, rows } = trend(demoResult())
    expect(sentence).toMatch(/^No earlier audit of this cluster is stored beside this one, so there is no trend yet\./)
    expect([score, counts, rows]).toEqual([null, null, []])
  })

  it('joins audits with the same questions, and leaves out of the line those with others', () => {
    const { sentence, comparability, score, counts } = trend(pastResult())
    expect(sentence).toBe(
      '11 earlier audits are stored, from 2026-11-08 02:01:18 UTC on. 9 asked what this one asks. Since 2026-11-18 02:01:18 UTC the score went from 65.5 to 79.9, and failing rules went from 11 to 6.',
    )
    expect(comparability).toBe(
      '2 audits cannot be held against this one: other rules left out (1), other benchmarks (1) and other rules (1). They are drawn hollow, and no line goes through them.',
    )
    expect(score?.points.map(({ isComparable }) => isComparable)).toEqual([
      ...Array(4).fill(true),
      false,
      false,
      ...Array(6).fill(true),
    ])
    expect(score?.lines).toHaveLength(9)
    expect(score?.lines.some(({ x1, x2 }) => x1 === score.points[3]?.x && x2 === score.points[6]?.x)).toBe(true)
    expect(score?.axis).toEqual(['100', '60', '20'])
    expect(counts?.marks.map(({ word }) => word)).toEqual(['Critical', 'High', 'Medium', 'Low', 'Not answered'])
    expect(counts?.axis).toEqual(['20', '10', '0'])
  })

  it('has the numbers in a table, newest first, and says what is not in it', () => {
    const { columns, rows, rowsNote } = trend(pastResult(), { ...paperLimits, trendRows: 2 })
    expect(columns).toEqual(['Coverage', 'Critical', 'High', 'Medium', 'Low', 'Info', 'Not answered', 'Passed'])
    expect(rows.map(({ time, score, cells, comparable }) => [time, score, cells.join(' '), comparable])).toEqual([
      ['2026-11-20 02:01:18', '79.9–91.5', '96.7 % 2 2 1 1 – 2 4', 'this audit'],
      ['2026-11-18 02:01:18', '65.5–70', '96 % 2 5 4 – – 2 14', 'same questions'],
    ])
    expect(rowsNote).toBe('2 of 12 audits shown, all in result.json')
  })

  it('without another of the same questions says that there is no line', () => {
    const result = pastResult()
    const others = (result.trend ?? []).map((run, index, all) =>
      index === all.length - 1 ? run : { ...run, isComparable: false, outcomes: undefined, differs: undefined },
    )
    const { sentence, comparability, score, rows } = trend({ ...result, trend: others })
    expect(sentence).toContain('None of them asked what this one asks')
    expect(comparability).toBe(
      '11 audits cannot be held against this one. They are drawn hollow, and no line goes through them.',
    )
    expect([score?.lines, score?.coverage]).toEqual([[], []])
    expect(rows[1]).toMatchObject({ comparable: 'other questions', cells: expect.arrayContaining(['not kept']) })
  })

  it('has a point for no audit without a score', () => {
    const result = pastResult(2)
    const [first, ...rest] = result.trend ?? []
    if (first === undefined) throw new Error('no trend')
    const { lower: _, upper: __, ...unscored } = first
    const { score, rows } = trend({ ...result, trend: [unscored, ...rest] })
    expect(score?.points).toHaveLength(2)
    expect(rows.at(-1)?.score).toBe('no score')
  })
})

describe('what changed', () => {
  it('is listed by kind, with the rule and why', () => {
    const { changesSentence, changes, changesNote } = trend(pastResult())
    expect(plainPhrase(changesSentence)).toBe(
      'Since KA-2026-11-18-prod-eu-1-10a7f of 2026-11-18 02:01:18 UTC: 1 new, 1 that came back, 2 fixed, 1 no longer assessed, 9 as before (findings by unit).',
    )
    expect(
      changes.map(({ change, mark, title, anchor, unit, why }) => [change, mark.word, title, anchor, unit, why]),
    ).toEqual([
      [
        'New',
        'High',
        'The kubelet changes kernel parameters by itself',
        'finding-protect-kernel-defaults',
        'control-3',
        'the audit before could not tell',
      ],
      [
        'Came back',
        'Low',
        'Swap is unbounded, or its setup keeps the kubelet from starting',
        'finding-swap-off',
        'worker-2',
        'accepted',
      ],
      [
        'No longer assessed',
        'High',
        'The kubelet has no CA for client certificates',
        'finding-kubelet-client-ca',
        'worker-2',
        'cannot be told now',
      ],
      ['Fixed', 'High', 'kubelet-read-only-port is not as it should be', '', 'worker-1', 'passes now'],
      ['Fixed', 'Low', 'retired-rule', '', 'worker-9', 'there is no such unit any more'],
    ])
    expect(changesNote).toBe('')
  })

  it('is cut where it is long, and says so', () => {
    const { changes, changesNote } = trend(pastResult(), { ...paperLimits, changeRows: 2 })
    expect([changes.length, changesNote]).toEqual([2, '2 of 5 changes shown, all in result.json'])
  })

  it('is on the cover and on the summary', () => {
    const { cover, summary } = view(pastResult())
    expect(cover.facts.find(({ label }) => label === 'Since last audit')?.value).toBe(
      '1 new, 1 that came back, 2 fixed, 1 no longer assessed; of 2026-11-18 02:01:18 UTC',
    )
    expect(plainPhrase(summary.changes)).toMatch(/^Since KA-2026-11-18-prod-eu-1-10a7f/)
  })

  it('is the score alone where findings were not compared, and nothing without a past', () => {
    const { comparison: _, ...result } = pastResult()
    expect(plainPhrase(view(result).summary.changes)).toBe(
      'Since KA-2026-11-18-prod-eu-1-10a7f of 2026-11-18 02:01:18 UTC the score went from 65.5 to 79.9. The findings of the two were not compared.',
    )
    expect(plainPhrase(view(demoResult()).summary.changes)).toBe('')
    expect(view(demoResult()).cover.facts.some(({ label }) => label === 'Since last audit')).toBe(false)
  })
})

describe('accepted risks on the summary', () => {
  it('are those that end soon', () => {
    const { ending, endingNote } = view(pastResult()).summary
    expect(ending).toEqual([
      { id: 'cni-privileged', when: 'Ends on 2026-12-03, in 13 days.', covers: '1 finding, owner Platform' },
    ])
    expect(endingNote).toBe('1 accepted risk has ended and no longer counts.')
  })

  it('are few, and the rest is told', () => {
    const result = pastResult()
    const list = Array.from({ length: 7 }, (_, index) =>
      acceptedRisk(`w-${index}`, `2026-12-0${7 - index}`, 'active', 1),
    )
    const issues = list.map(({ id }) => ({
      id: 'waiver-expiring' as const,
      severity: 'low' as const,
      waiver: id,
      message: 'Ends.',
      remedy: 'Act.',
      fingerprint: 'fp1:w',
    }))
    const { ending, endingNote } = view({
      ...result,
      waivers: { files: [], annotations: 'forbidden', list, issues },
    }).summary
    expect(ending.map(({ id }) => id)).toEqual(['w-6', 'w-5', 'w-4', 'w-3'])
    expect(endingNote).toBe('3 more end soon; see the chapter on accepted risks.')
  })

  it('are said to be none where some are accepted and none ends, and nothing is said where there are none', () => {
    const result = pastResult()
    const quiet = {
      files: [],
      annotations: 'forbidden' as const,
      issues: [],
      list: [acceptedRisk('a', '2027-01-01', 'active', 1)],
    }
    expect(view({ ...result, waivers: quiet }).summary).toMatchObject({
      ending: [],
      endingNote: 'No accepted risk is about to end.',
    })
    expect(view(demoResult()).summary).toMatchObject({ ending: [], endingNote: '' })
  })
})

it.each([
  [0, 2],
  [1, 2],
  [7, 8],
  [11, 20],
  [118, 200],
  [250, 400],
  [4310, 6000],
])('the axis of %d ends at %d', (count, end) => {
  expect(roundCeiling(count)).toBe(end)
})

it('columns stand on each other and keep inside the plot', () => {
  const parts = columnsOf(
    [
      [
        { kind: 'high', word: 'High', count: 3 },
        { kind: 'low', word: 'Low', count: 1 },
      ],
      [],
    ],
    8,
  )
  expect(parts.map(({ kind, y, height }) => [kind, y, height])).toEqual([
    ['high', 62.5, 37.5],
    ['low', 50, 12.5],
  ])
})
