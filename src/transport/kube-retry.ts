// When a request is tried again: bounded in attempts and time, Retry-After respected, otherwise exponential with full jitter.
// May not: retry what a second try cannot change.
import { setTimeout as delay } from 'node:timers/promises'
import type { Failure } from './kube-errors.ts'

/** Time and chance, replaceable in tests. */
export interface Clock {
  readonly now: () => number
  /** Resolves early, without error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  },
  random: () => Math.random(),
}

export interface RetryPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number
  /** Upper bound of the first wait; doubles with each try. */
  readonly baseMs: number
  readonly maxWaitMs: number
  /** No new try starts later than this after the first one. */
  readonly budgetMs: number
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 5, baseMs: 500, maxWaitMs: 30_000, budgetMs: 120_000 }

/** Runs `attempt` until it succeeds, fails for good, or the policy is used up; then the last failure tells how often. */
export async function retry<T>(
  attempt: () => Promise<T | { readonly failure: Failure }>,
  { policy, clock, signal }: { policy: RetryPolicy; clock: Clock; signal: AbortSignal },
): Promise<T | { readonly failure: Failure }> {
  const started = clock.now()
  for (let tries = 1; ; tries += 1) {
    const result = await attempt()
    if (!isFailed(result)) return result
    const { failure } = result
    if (!failure.transient || signal.aborted) return result
    const wait = waitBefore(tries, failure, policy, clock)
    if (tries >= policy.attempts || clock.now() + wait - started > policy.budgetMs) {
      if (tries === 1) return result
      return { failure: { ...failure, detail: `${failure.detail.replace(/\.$/, '')} (tried ${tries} times).` } }
    }
    await clock.sleep(wait, signal)
    if (signal.aborted) return result
  }
}

function isFailed<T>(result: T | { readonly failure: Failure }): result is { readonly failure: Failure } {
  return typeof result === 'object' && result !== null && 'failure' in result
}

/** Milliseconds before the next try. A server's own wish is kept (capped) and spread a little, so that lists do not return in step. */
function waitBefore(tries: number, failure: Failure, policy: RetryPolicy, clock: Clock): number {
  if (failure.retryAfterMs !== undefined) {
    return Math.min(failure.retryAfterMs, policy.maxWaitMs) + clock.random() * policy.baseMs
  }
  return clock.random() * Math.min(policy.maxWaitMs, policy.baseMs * 2 ** (tries - 1))
}

/** Retry-After as milliseconds: seconds or an HTTP date. Undefined when absent or unreadable. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  if (!/[a-z]/i.test(value)) return undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
