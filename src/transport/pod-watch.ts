// Follows all pods of a run with one list a second, whatever their number, and tells each waiter how its pod ends.
// May not: keep asking when nobody waits.
import { setTimeout as delay } from 'node:timers/promises'
import type { Unavailable } from '../model/fact.ts'
import { nameOf, type Raw } from './pod-api.ts'
import { notTaken, type PodState, readPodState } from './pod-status.ts'

/** gone: it is being deleted or not in the list any more. unknown: the list itself fails. */
export type PodEnd =
  | Extract<PodState, { readonly kind: 'ended' | 'failed' }>
  | { readonly kind: 'gone'; readonly why: string; readonly seen: Raw }
  | ({ readonly kind: 'unknown' } & Unavailable)
  /** The waiter's signal. */
  | { readonly kind: 'stopped'; readonly last: PodState }

export interface PodWatch {
  /** Resolves when the pod, which has been made, ends, or when the signal aborts. */
  wait(name: string, made: Raw, signal: AbortSignal): Promise<PodEnd>
  close(): void
}

interface Waiter {
  readonly resolve: (end: PodEnd) => void
  last: PodState
  seen: Raw
}

const firstState: PodState = { kind: 'waiting', hint: notTaken }

export function createPodWatch(
  list: (signal: AbortSignal) => Promise<Raw[] | Unavailable>,
  intervalMs: number,
): PodWatch {
  const waiters = new Map<string, Waiter>()
  const closed = new AbortController()
  let isRunning = false

  const look = async (): Promise<void> => {
    // Only those made before the list was asked for: others may rightly be missing in it.
    const asked = [...waiters]
    const pods = await list(closed.signal)
    if ('unavailable' in pods) {
      for (const [, waiter] of asked) waiter.resolve({ kind: 'unknown', ...pods })
      return
    }
    const byName = new Map(pods.map((pod) => [nameOf(pod), pod]))
    for (const [name, waiter] of asked) tell(waiter, byName.get(name))
  }
  const run = async (): Promise<void> => {
    isRunning = true
    while (waiters.size > 0 && !closed.signal.aborted) {
      await delay(intervalMs, undefined, { signal: closed.signal }).catch(() => undefined)
      if (!closed.signal.aborted) await look()
    }
    isRunning = false
  }

  return {
    wait(name, made, signal) {
      const { promise, resolve } = Promise.withResolvers<PodEnd>()
      const waiter: Waiter = { resolve, last: firstState, seen: made }
      const onAbort = () => resolve({ kind: 'stopped', last: waiter.last })
      waiters.set(name, waiter)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      else if (!isRunning) void run()
      return promise.finally(() => {
        waiters.delete(name)
        signal.removeEventListener('abort', onAbort)
      })
    },
    close() {
      closed.abort()
      for (const waiter of waiters.values()) waiter.resolve({ kind: 'stopped', last: waiter.last })
    },
  }
}

function tell(waiter: Waiter, pod: Raw | undefined): void {
  if (pod === undefined) {
    waiter.resolve({ kind: 'gone', why: '', seen: waiter.seen })
    return
  }
  const state = readPodState(pod)
  waiter.seen = pod
  waiter.last = state
  if (state.kind === 'deleting') waiter.resolve({ kind: 'gone', why: state.why, seen: pod })
  else if (state.kind === 'ended' || state.kind === 'failed') waiter.resolve(state)
}
