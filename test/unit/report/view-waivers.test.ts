// The chapter on accepted risks, and the closing words of an audit about them: the outcome stands, whatever was accepted.
import { describe, expect, it } from 'vitest'
import { waiverLines } from '../../../src/cli/summary-waivers.ts'
import type { Result } from '../../../src/model/result.ts'
import type { WaiverResult } from '../../../src/model/waiver.ts'
import { languageOf, renderHtml } from '../../../src/report/index.ts'
import { screenLimits } from '../../../src/report/limits.ts'
import { buildView } from '../../../src/report/view.ts'
import { placeOf } from '../../../src/report/view-rules.ts'
import { demoResult } from '../../support/sample-results.ts'

const none = { fail: 0, unknown: 0, error: 0, manual: 0 }
const waiver = (parts: Partial<WaiverResult>): WaiverResult => ({
  id: 'cni',
  source: 'waivers.yaml:3',
  rules: ['privileged-containers'],
  controls: [],
  selects: 'namespace kube-system',
  outcomes: ['fail'],
  owner: 'Platform',
  approver: 'CISO',
  reason: 'The plug-in needs it',
  ticket: 'SEC-1',
  created: '2026-11-01',
  expires: '2027-02-01',
  state: 'active',
  waived: { ...none, fail: 3, unknown: 1 },
  ...parts,
})

function resultWith(list: readonly WaiverResult[], issues: NonNullable<Result['waivers']>['issues'] = []): Result {
  const result = demoResult()
  const [rule, ...rules] = result.rules
  if (rule === undefined) throw new Error('no rule')
  return {
    ...result,
    score: { ...result.score, lower: 70, upper: 80, withAcceptedRisks: { lower: 75, upper: 85 } },
    rules: [{ ...rule, waived: { ...none, fail: 3, unknown: 1 } }, ...rules],
    waivers: { files: [{ path: 'waivers.yaml', sha256: 'ab' }], annotations: 'forbidden', list: [...list], issues },
  }
}
const ended = {
  id: 'waiver-expired',
  severity: 'medium',
  waiver: 'old',
  message: 'Ended.',
  remedy: 'Fix it.',
  fingerprint: 'fp1:0',
} as const
function demoRule({ rules }: Result): Result['rules'][number] {
  const rule = rules.find(({ outcome, each }) => outcome === 'fail' && each === 'nodes')
  if (rule === undefined) throw new Error('no rule of nodes fails')
  return rule
}
const view = (result: Result) => buildView(result, { limits: screenLimits })

describe('the chapter', () => {
  it('is not there without waivers', () => {
    const { chapters, waivers } = view(demoResult())
    expect([chapters.map(({ id }) => id).includes('waivers'), waivers.isThere]).toEqual([false, false])
  })

  it('tells people, days and the outcome that stands, those in force first', () => {
    const { chapters, waivers } = view(
      resultWith([waiver({ id: 'old', state: 'ended', expires: '2026-11-01', waived: none }), waiver({})], [ended]),
    )
    expect(chapters.map(({ id }) => id)).toContain('waivers')
    expect(waivers.sentence).toMatch(/^4 findings fall under 1 waiver in force\. Each keeps its outcome/)
    expect(waivers.score).toBe(
      'The score of this report, 70 of 100, counts these findings. Without the units they are on it would be 75.',
    )
    expect(waivers.issues).toEqual([
      { mark: { kind: 'medium', word: 'Medium' }, waiver: 'old', message: 'Ended.', remedy: 'Fix it.' },
    ])
    expect(waivers.list.map(({ id, state, covers, isInForce }) => [id, state, covers, isInForce])).toEqual([
      ['cni', 'In force until 2027-02-01', 'outcome: 3 × finding, 1 × unknown', true],
      ['old', 'Ended on 2026-11-01', 'covers nothing here', false],
    ])
    expect(waivers.list[0]?.facts.map(({ label, value, code }) => [label, value, code])).toEqual([
      ['Accepts', 'namespace kube-system', 'privileged-containers'],
      ['Owner', 'Platform', ''],
      ['Approved by', 'CISO', ''],
      ['Ticket', 'SEC-1', ''],
      ['Created', '2026-11-01', ''],
      ['From', 'waivers.yaml:3', ''],
    ])
  })

  it('is spoken of where the finding is', () => {
    const result = resultWith([waiver({})])
    expect([
      demoRule(result).outcome,
      placeOf({ ...demoRule(result), waived: { ...none, fail: 1 } }, languageOf('en')),
    ]).toEqual(['fail', expect.stringMatching(/^(on|in) \d+ of \d+ \w+, 1 accepted$/)])
  })

  it('says how many more there are', () => {
    const many = Array.from({ length: screenLimits.indexRows + 1 }, (_, index) => waiver({ id: `w${index}` }))
    expect(view(resultWith(many)).waivers.listNote).toMatch(/of .* waivers shown, all in result\.json$/)
  })

  it('lets nothing that a waiver says act', async () => {
    const html = await renderHtml(
      resultWith([waiver({ reason: '<script>alert(1)</script>{{owner}}', owner: 'a\u202Eb' })]),
    )
    expect(html).not.toContain('<script>alert(1)')
    expect(html).not.toContain('\u202E')
    expect(html).toContain('{{owner}}')
  })
})

it('is a paragraph in the closing words of an audit', () => {
  const terminal = { style: (_format: string, text: string) => text, columns: 80 }
  expect(waiverLines(demoResult(), terminal)).toEqual([])
  expect(waiverLines(resultWith([waiver({})], [ended]), terminal).join('\n')).toBe(`  Accepted risks
    4 findings are under 1 waiver; they count in the score and fail no gate.
    Without them the score would be 75.
    old: Ended.`)
})

describe('within one finding', () => {
  const accepting = { id: 'old-kernel', owner: 'Platform', reason: 'Replaced in May', expires: '2027-02-01' }
  const withOne = (): Result => {
    const result = demoResult()
    const rule = demoRule(result)
    const failing = rule.findings.filter(({ outcome }) => outcome === 'fail')
    const findings = rule.findings.map((one) => (one === failing[0] ? { ...one, waiver: accepting } : one))
    return { ...result, rules: result.rules.map((one) => (one === rule ? { ...rule, findings } : one)) }
  }
  it.each([
    ['en', '(accepted until 2027-02-01: old-kernel)'],
    ['ko', '(2027-02-01까지 수용됨: old-kernel)'],
    ['ja', '(2027-02-01 まで受容済み: old-kernel)'],
  ] as const)('the unit that is accepted says so, and no other: %s', async (lang, words) => {
    const html = await renderHtml(withOne(), { lang })
    const name = demoRule(demoResult()).findings.find(({ outcome }) => outcome === 'fail')?.unit.name ?? ''
    expect(html).toContain(`${name} ${words}`)
    expect(await renderHtml(demoResult(), { lang })).not.toContain(words)
  })
})
