// The score against its page, its bounds against every way of filling in what is unknown, and the promise that losing evidence never
// raises the lower bound.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { gainsOf, noCounts, type ScoredRule, scoreOf, severityWeights } from '../../../src/evaluate/score.ts'
import { severities } from '../../../src/model/outcome.ts'
import { root } from '../catalog/support.ts'

const page = readFileSync(join(root, 'docs', 'scoring.md'), 'utf8')

/** The rows of the table under a heading of the page. */
function table(heading: string): string[][] {
  const section = page.slice(page.indexOf(`## ${heading}`)).split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Small deterministic pseudo-random numbers; a failure is found again by its number. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

function anyRules(next: (below: number) => number): ScoredRule[] {
  return Array.from({ length: 1 + next(6) }, () => ({
    severity: severities[next(severities.length)] ?? 'info',
    assessment: next(5) === 0 ? 'manual' : 'automated',
    counts: { notApplicable: next(3), pass: next(5), manual: 0, unknown: next(3), error: next(2), fail: next(4) },
    isIncomplete: next(8) === 0,
  }))
}

function passing(rule: ScoredRule): ScoredRule {
  const { pass, fail, unknown, error, ...counts } = rule.counts
  const passed = { ...counts, pass: pass + fail + unknown + error, fail: 0, unknown: 0, error: 0 }
  return { ...rule, counts: passed, isIncomplete: false }
}

/** The rules of the page's example. */
function example() {
  return table('An example').map(([id = '', severity, pass, fail, unknown, error, notApplicable]) => ({
    id,
    severity: severities.find((one) => one === severity) ?? 'info',
    assessment: 'automated' as const,
    counts: {
      ...noCounts(),
      pass: Number(pass),
      fail: Number(fail),
      unknown: Number(unknown),
      error: Number(error),
      notApplicable: Number(notApplicable),
    },
    isIncomplete: false,
  }))
}

/** The lower bound by the words of the page, not rounded. */
function meanOf(rules: readonly ScoredRule[]): number {
  const scored = rules.flatMap(({ assessment, severity, counts, isIncomplete }) => {
    const units = counts.pass + counts.fail + counts.unknown + counts.error
    const weight = severityWeights[severity]
    return assessment === 'manual' || units === 0 ? [] : [{ weight, value: isIncomplete ? 0 : counts.pass / units }]
  })
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  return (100 * sum(scored.map(({ weight, value }) => weight * value))) / sum(scored.map(({ weight }) => weight))
}

describe('the page docs/scoring.md', () => {
  it('gives the weights that are used', () => {
    expect(table('Weights').map(([severity, weight]) => [severity, Number(weight)])).toEqual(
      Object.entries(severityWeights),
    )
  })

  it('computes its example as the code does', () => {
    const rules = example()
    const stated = /lower bound (\d+\.\d), upper bound (\d+\.\d), coverage (\d+) of (\d+)/i
      .exec(page)
      ?.slice(1)
      .map(Number)
    const { lower, upper, answered, expected } = scoreOf(rules)
    expect(rules.length).toBe(5)
    expect([lower, upper, answered, expected]).toEqual(stated)
  })

  it('computes what moves its example as the code does', () => {
    const section = page.slice(page.indexOf('## What moves it'), page.indexOf('## With accepted risks'))
    const stated = [...section.matchAll(/([a-z]+(?:-[a-z]+)+) (\d+\.\d+)/g)].map(([, id, gain]) => [id, Number(gain)])
    const gains = gainsOf(example()).map((gain, index) => [example()[index]?.id, gain] as const)
    expect(stated).toEqual(gains.filter(([, gain]) => gain > 0).toSorted(([, a], [, b]) => b - a))
  })
})

describe('the score', () => {
  const rule = (counts: Partial<ScoredRule['counts']>, parts: Partial<ScoredRule> = {}): ScoredRule => ({
    severity: 'medium',
    assessment: 'automated',
    counts: { ...noCounts(), ...counts },
    isIncomplete: false,
    ...parts,
  })

  it.each([
    ['nothing', [], undefined, undefined],
    ['nothing applicable', [rule({ notApplicable: 4 })], undefined, undefined],
    ['manual rules only', [rule({ manual: 4 }, { assessment: 'manual' })], undefined, undefined],
    ['rules without weight only', [rule({ fail: 1 }, { severity: 'info' })], undefined, undefined],
    ['all passed', [rule({ pass: 3 })], 100, 100],
    ['all failed', [rule({ fail: 3 })], 0, 0],
    ['nothing known', [rule({ unknown: 2, error: 1 })], 0, 100],
    ['a third, rounded down', [rule({ pass: 1, fail: 2 })], 33.3, 33.3],
    ['nearly all', [rule({ pass: 9999, fail: 1 })], 99.9, 99.9],
    ['severity', [rule({ pass: 1 }, { severity: 'critical' }), rule({ fail: 1 }, { severity: 'low' })], 90.9, 90.9],
    ['a thousand units weigh no more than one', [rule({ fail: 1000 }), rule({ pass: 1 })], 50, 50],
    ['units that could not be listed', [rule({ pass: 99, fail: 1, unknown: 1 }, { isIncomplete: true })], 0, 100],
  ])('of %s', (_, rules, lower, upper) => {
    const score = scoreOf(rules)
    expect([score.lower, score.upper]).toEqual([lower, upper])
  })

  it('gains what is said of a rule when that rule alone passes, and all of it when all do', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const rules = anyRules(numbers(seed))
      const { lower } = scoreOf(rules)
      const gains = gainsOf(rules)
      if (lower === undefined) {
        expect(gains.every((gain) => gain === 0)).toBe(true)
        continue
      }
      for (const [at, gain] of gains.entries()) {
        const after = scoreOf(rules.map((one, index) => (index === at ? passing(one) : one))).lower ?? Number.NaN
        const again = rules.map((one, index) => (index === at ? passing(one) : one))
        expect(Math.abs(meanOf(again) - meanOf(rules) - gain), `seed ${seed}, rule ${at}`).toBeLessThan(0.005 + 1e-9)
        // The bounds are rounded down to a tenth, the gain to a hundredth.
        expect(Math.abs(after - lower - gain), `seed ${seed}, rule ${at}`).toBeLessThan(0.106)
      }
      const whole = gains.reduce((sum, gain) => sum + gain, 0)
      expect(Math.abs(100 - lower - whole), `seed ${seed}`).toBeLessThan(0.11 + 0.005 * rules.length)
    }
  })

  it('holds whatever the unknown units turn out to be', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const next = numbers(seed)
      const rules = anyRules(next).map((one) => ({ ...one, isIncomplete: false }))
      const { lower, upper } = scoreOf(rules)
      const resolved = scoreOf(
        rules.map((one) => {
          const open = one.counts.unknown + one.counts.error
          const passing = next(open + 1)
          const { pass, fail } = one.counts
          return {
            ...one,
            counts: { ...one.counts, pass: pass + passing, fail: fail + open - passing, unknown: 0, error: 0 },
          }
        }),
      )
      const within = (lower ?? 0) <= (resolved.lower ?? 0) && (resolved.upper ?? 0) <= (upper ?? 0)
      expect([seed, within, resolved.lower]).toEqual([seed, true, resolved.upper])
    }
  })

  it('is never raised at its lower bound by losing evidence', () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const next = numbers(seed)
      const rules = anyRules(next)
      const before = scoreOf(rules)
      const at = next(rules.length)
      const lost = rules.map((one, index) => (index === at ? loseOne(one, next) : one))
      const after = scoreOf(lost)
      expect([seed, before.lower === undefined || (after.lower ?? 0) <= before.lower]).toEqual([seed, true])
      expect([seed, before.upper === undefined || after.upper === undefined || after.upper >= before.upper]).toEqual([
        seed,
        true,
      ])
    }
  })
})

/** One unit of a rule can no longer be assessed, or the list of units breaks off and one is not even known. */
function loseOne(rule: ScoredRule, next: (below: number) => number): ScoredRule {
  const outcome = (['pass', 'fail', 'error', 'notApplicable'] as const)[next(4)] ?? 'pass'
  if (rule.counts[outcome] === 0) return rule
  const counts = { ...rule.counts, [outcome]: rule.counts[outcome] - 1, unknown: rule.counts.unknown + 1 }
  return { ...rule, counts, isIncomplete: rule.isIncomplete || next(3) === 0 }
}
