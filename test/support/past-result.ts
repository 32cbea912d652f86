// The demo's result with a past: twelve audits, two of which asked something else, what changed since the last, and accepted risks.
import type { Trend } from '../../src/model/comparison.ts'
import type { Result } from '../../src/model/result.ts'
import type { WaiverResult } from '../../src/model/waiver.ts'
import { nodeUnit } from './result-builder.ts'
import { demoResult, hostile, hostileResult } from './sample-results.ts'

const scores = [52.1, 52.1, 55, 61.4, 40.2, 41, 63, 63, 66.8, 64.9, 65.5]

/** `runs`: earlier ones, at most eleven. */
export function pastResult(runs = scores.length): Result {
  const made = demoResult()
  const earlier = scores.slice(0, runs).map((lower, index): Trend[number] => {
    const isOther = index === 4 || index === 5
    return {
      reportId: `KA-2026-11-${String(index + 8).padStart(2, '0')}-prod-eu-1-${index}a7f`,
      evaluatedAt: `2026-11-${String(index + 8).padStart(2, '0')}T02:01:18Z`,
      lower,
      upper: lower + (index % 3 === 0 ? 12 : 4.5),
      coverage: index % 3 === 0 ? 0.842 : 0.96,
      failing: { critical: index < 3 ? 3 : 2, high: 6 - (index % 3), medium: 4, low: index % 2, info: 0 },
      outcomes: { fail: 12, pass: 4 + index, unknown: index % 4, error: 0, manual: 1, notApplicable: 1 },
      isComparable: !isOther,
      ...(isOther && { differs: index === 4 ? ['benchmark', 'catalogue'] : ['scope'] }),
    }
  })
  const now: Trend[number] = {
    reportId: made.reportId,
    evaluatedAt: made.evaluatedAt,
    ...(made.score.lower !== undefined && { lower: made.score.lower }),
    ...(made.score.upper !== undefined && { upper: made.score.upper }),
    coverage: made.score.coverage,
    failing: made.summary.failingBySeverity,
    outcomes: made.summary.rules,
    isComparable: true,
  }
  const last = earlier.at(-1)
  return {
    ...made,
    trend: [...earlier, now],
    ...(last !== undefined && { comparison: comparisonWith(last, now) }),
    waivers: {
      files: [{ path: 'waivers.yaml', sha256: 'ab'.repeat(32) }],
      annotations: 'forbidden',
      list: [
        acceptedRisk('cni-privileged', '2026-12-03', 'active', 1),
        acceptedRisk('legacy-import', '2027-06-01', 'active', 2),
        acceptedRisk('old-swap', '2026-10-01', 'ended', 0),
      ],
      issues: [
        {
          id: 'waiver-expiring',
          severity: 'low',
          waiver: 'cni-privileged',
          message: 'Ends on 2026-12-03, in 13 days.',
          remedy: 'Fix the findings, or have the risk accepted anew.',
          fingerprint: 'fp1:w',
        },
      ],
    },
  }
}

/** Much of everything that anybody may write: rules, rule packs, benchmarks and accepted risks, each with long and hostile words. */
export function crowdedResult(): Result {
  const past = pastResult()
  const made = hostileResult()
  const [first] = made.rules
  const words = [hostile.script, hostile.bidi, hostile.template, 'A'.repeat(5_000)].join(' ')
  if (first === undefined) throw new Error('no rule')
  const rules = Array.from({ length: 300 }, (_, index) => ({
    ...first,
    id: `pack-rule-${index}`,
    problem: `${index} ${words}`,
    title: words,
    rationale: words,
    section: `section ${index % 40} ${words.slice(0, 100)}`,
    findings: [],
  }))
  const risks = Array.from({ length: 40 }, (_, index) => ({
    ...acceptedRisk(`risk-${index}`, '2026-12-03', 'active', 1),
    owner: words,
    reason: words,
  }))
  return {
    ...made,
    rules,
    ...(past.trend !== undefined && { trend: past.trend }),
    ...(past.comparison !== undefined && {
      comparison: {
        ...past.comparison,
        comparable: 'partly' as const,
        differences: [{ aspect: 'coverage' as const, detail: words }],
      },
    }),
    catalogue: {
      ...made.catalogue,
      packs: Array.from({ length: 50 }, (_, index) => ({
        name: `pack ${index} ${words}`,
        digest: 'ab'.repeat(32),
        rules: 6,
      })),
    },
    summary: { ...made.summary, rules: { ...made.summary.rules, fail: 300 } },
    waivers: {
      files: [{ path: words, sha256: 'ab'.repeat(32) }],
      annotations: 'allowed',
      list: risks,
      issues: risks.map(({ id }) => ({
        id: 'waiver-expiring',
        severity: 'low',
        waiver: id,
        message: words,
        remedy: words,
        fingerprint: 'fp1:w',
      })),
    },
  }
}

export function acceptedRisk(id: string, expires: string, state: WaiverResult['state'], fail: number): WaiverResult {
  return {
    id,
    source: 'waivers.yaml:3',
    rules: ['privileged-containers'],
    controls: [],
    selects: 'namespace monitoring',
    outcomes: ['fail'],
    owner: 'Platform',
    approver: 'CISO',
    reason: 'The agent loads programs into the kernel.',
    created: '2026-06-01',
    expires,
    state,
    waived: { fail, unknown: 0, error: 0, manual: 0 },
  }
}

function comparisonWith(before: Trend[number], now: Trend[number]): NonNullable<Result['comparison']> {
  const bySeverity = { critical: 0, high: 1, medium: 0, low: 0, info: 0 }
  const point = ({ lower, upper, coverage }: Trend[number]) => ({
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
    coverage,
  })
  const change = (rule: string, severity: 'high' | 'low', node: string) => ({
    fingerprint: `fp1:${rule}-${node}`,
    rule,
    severity,
    unit: nodeUnit(node),
  })
  return {
    baseline: { reportId: before.reportId, evaluatedAt: before.evaluatedAt, catalogue: '0.1.0' },
    comparable: 'yes',
    differences: [],
    counts: { new: 1, reopened: 1, persisting: 9, fixed: 2, noLongerAssessed: 1 },
    newBySeverity: bySeverity,
    score: { before: point(before), now: point(now), isComparable: true },
    changes: [
      { change: 'fixed', because: 'passes', ...change('kubelet-read-only-port', 'high', 'worker-1') },
      { change: 'new', because: 'was-unknown', ...change('protect-kernel-defaults', 'high', 'control-3') },
      { change: 'noLongerAssessed', because: 'unknown-now', ...change('kubelet-client-ca', 'high', 'worker-2') },
      { change: 'reopened', ...change('swap-off', 'low', 'worker-2'), waived: true },
      { change: 'fixed', because: 'gone', ...change('retired-rule', 'low', 'worker-9') },
    ],
  }
}
