import { describe, expect, it } from 'vitest'
import type { Failure } from '../../../src/transport/kube-errors.ts'
import { type Clock, parseRetryAfter, type RetryPolicy, retry } from '../../../src/transport/kube-retry.ts'

const policy: RetryPolicy = { attempts: 4, baseMs: 100, maxWaitMs: 1000, budgetMs: 5000 }
const passing: Failure = { reason: 'server-error', detail: 'GET /x was answered 503.', transient: true }

function fakeClock(random: number): Clock & { waits: number[] } {
  let now = 0
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    random: () => random,
    async sleep(ms) {
      waits.push(ms)
      now += ms
    },
  }
}

async function run(failures: readonly Failure[], clock: Clock, signal = new AbortController().signal) {
  const left = [...failures]
  let tries = 0
  const result = await retry(
    async () => {
      tries += 1
      const failure = left.shift()
      return failure === undefined ? { body: 'ok' } : { failure }
    },
    { policy, clock, signal },
  )
  return { result, tries }
}

describe('retry', () => {
  it.each([
    ['doubles the bound of the wait, with full jitter', 0.5, [passing, passing, passing], [50, 100, 200]],
    ['keeps Retry-After and adds jitter', 0.5, [{ ...passing, retryAfterMs: 700 }], [750]],
    ['caps Retry-After', 0, [{ ...passing, retryAfterMs: 3_600_000 }], [1000]],
  ])('%s', async (_, random, failures, waits) => {
    const clock = fakeClock(random)
    expect(await run(failures, clock)).toEqual({ result: { body: 'ok' }, tries: failures.length + 1 })
    expect(clock.waits).toEqual(waits)
  })

  it('gives up after the attempts and says how many there were', async () => {
    const { result, tries } = await run(Array(9).fill(passing), fakeClock(0))
    expect({ result, tries }).toEqual({
      result: { failure: { ...passing, detail: 'GET /x was answered 503 (tried 4 times).' } },
      tries: 4,
    })
  })

  it('starts no try after the budget', async () => {
    const slow = { ...passing, retryAfterMs: 1000 }
    const clock = { ...fakeClock(0), now: () => 0 }
    const { tries } = await retry(async () => ({ failure: slow }), {
      policy: { ...policy, budgetMs: 999 },
      clock,
      signal: new AbortController().signal,
    }).then((result) => ({ tries: 'failure' in result ? result.failure.detail : '' }))
    expect(tries).toBe('GET /x was answered 503.')
  })

  it('does not retry what a second try cannot change', async () => {
    const failure: Failure = { reason: 'forbidden', detail: 'no', transient: false }
    expect(await run([failure], fakeClock(0))).toEqual({ result: { failure }, tries: 1 })
  })

  it('stops when the audit is stopped', async () => {
    expect(await run([passing], fakeClock(0), AbortSignal.abort())).toEqual({ result: { failure: passing }, tries: 1 })
  })
})

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  it.each([
    ['3', 3000],
    ['0', 0],
    ['Fri, 20 Nov 2026 12:00:10 GMT', 10_000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })
})
