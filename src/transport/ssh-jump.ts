// The connections to one jump host: one that all nodes behind it share, more only when the host takes no more channels on it.
// May not: log in more often than that, or take a node that is not reachable for a jump host that is full.
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { failures, isFailure, type SshFailure } from './ssh-errors.ts'

/** Where a forwarded stream leads. */
export interface ForwardTarget {
  readonly host: string
  readonly port: number
  readonly where: string
}

interface Connection {
  readonly client: Client
  /** Streams that are open or being opened. */
  open: number
  /** As many as it took when it refused one. */
  limit: number
}

/** Bastions commonly allow ten sessions and ten logins at once; whoever needs more than this waits for a stream to end. */
const maxConnections = 8
/** Streams end when their probe does: a node waits for one longer than for a connection, but not for its whole budget. */
const waitFactor = 5
/** How long a failure that may pass is remembered, so that not every node waits for it. */
const forgetAfterMs = 10_000

export class JumpPool {
  readonly #where: string
  readonly #connect: () => Promise<Client | SshFailure>
  readonly #connections: Connection[] = []
  #opening: Promise<SshFailure | undefined> | undefined
  #failed: SshFailure | undefined
  /** The host allows no further connection beside those that are open. */
  #isExhausted = false
  readonly #waiting = new Set<() => void>()

  constructor(where: string, connect: () => Promise<Client | SshFailure>) {
    this.#where = where
    this.#connect = connect
  }

  /** A stream to the target through the jump host. */
  async forward(target: ForwardTarget, timeoutMs: number, signal: AbortSignal): Promise<Duplex | SshFailure> {
    const until = performance.now() + waitFactor * timeoutMs
    for (;;) {
      if (signal.aborted) return failures.aborted(target.where)
      const connection = this.#free() ?? (await this.#more(target, until, signal))
      if (isFailure(connection)) return connection
      connection.open += 1
      const result = await forwardThrough(connection.client, this.#where, target, timeoutMs, signal)
      if (result instanceof Refusal) {
        this.#release(connection)
        if (!result.isFull || connection.open === 0) return result.failure
        connection.limit = Math.max(1, Math.min(connection.limit, connection.open))
      } else {
        if (isFailure(result)) this.#release(connection)
        else result.once('close', () => this.#release(connection))
        return result
      }
    }
  }

  #free(): Connection | undefined {
    return this.#connections.find(({ open, limit }) => open < limit)
  }

  #release(connection: Connection): void {
    connection.open -= 1
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  /** Another connection, or a stream's end on one of those there are. */
  async #more(target: ForwardTarget, until: number, signal: AbortSignal): Promise<Connection | SshFailure> {
    for (;;) {
      if (this.#failed !== undefined && this.#connections.length === 0) return asJumpFailure(this.#failed)
      if (this.#connections.length >= maxConnections || this.#isExhausted) {
        const waited = await this.#wait(target, until, signal)
        if (waited !== undefined) return waited
      } else {
        this.#opening ??= this.#open()
        const failure = await orAborted(this.#opening, target, signal)
        if (failure !== undefined && this.#connections.length === 0) return asJumpFailure(failure)
      }
      const free = this.#free()
      if (free !== undefined) return free
    }
  }

  async #open(): Promise<SshFailure | undefined> {
    const client = await this.#connect()
    this.#opening = undefined
    if (isFailure(client)) {
      if (this.#connections.length > 0) this.#isExhausted = true
      else this.#remember(client)
      return client
    }
    client.setMaxListeners(0)
    const connection: Connection = { client, open: 0, limit: Number.POSITIVE_INFINITY }
    this.#connections.push(connection)
    client.once('close', () => {
      this.#connections.splice(this.#connections.indexOf(connection), 1)
      this.#isExhausted = false
      this.#wake()
    })
    return undefined
  }

  #remember(failure: SshFailure): void {
    this.#failed = failure
    if (!failure.isTransient && failure.reason !== 'interrupted') return
    setTimeout(() => {
      this.#failed = undefined
    }, forgetAfterMs).unref()
  }

  #wait(target: ForwardTarget, until: number, signal: AbortSignal): Promise<SshFailure | undefined> {
    return new Promise((resolve) => {
      const finish = (failure?: SshFailure): void => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', onAbort)
        resolve(failure)
      }
      const wake = (): void => finish()
      const onAbort = (): void => finish(failures.aborted(target.where))
      const timer = setTimeout(() => finish(this.#isFull(target)), Math.max(0, until - performance.now()))
      this.#waiting.add(wake)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
    })
  }

  #isFull(target: ForwardTarget): SshFailure {
    const count = this.#connections.length
    return {
      reason: 'timeout',
      detail: `The jump host ${this.#where} had no channel free for ${target.where} in time, on ${count} connections. Read fewer nodes at once (--parallel-nodes).`,
      isTransient: false,
      mayTryNext: false,
    }
  }
}

function asJumpFailure(failure: SshFailure): SshFailure {
  return { ...failure, detail: `Jump host: ${failure.detail}`, isTransient: false, mayTryNext: false }
}

class Refusal {
  readonly failure: SshFailure
  /** What the jump host says when it takes no more channels; also when it forbids forwarding, which a fresh connection tells. */
  readonly isFull: boolean
  constructor(failure: SshFailure, isFull: boolean) {
    this.failure = failure
    this.isFull = isFull
  }
}

/** RFC 4254 section 5.1. */
const administrativelyProhibited = 1
const resourceShortage = 4

function forwardThrough(
  client: Client,
  jump: string,
  target: ForwardTarget,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex | SshFailure | Refusal> {
  return new Promise((resolve) => {
    let hasEnded = false
    const finish = (result: Duplex | SshFailure | Refusal): void => {
      // A stream that opens after its time-out is nobody's.
      if (hasEnded) {
        if (!(result instanceof Refusal) && !isFailure(result)) result.destroy()
        return
      }
      hasEnded = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(result)
    }
    const onAbort = (): void => finish(failures.aborted(target.where))
    const timer = setTimeout(() => finish(failures.timeout(target.where, 'connect', timeoutMs)), Math.max(0, timeoutMs))
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) {
      onAbort()
      return
    }
    try {
      client.forwardOut('127.0.0.1', 0, target.host, target.port, (error, channel) =>
        finish(error ? refusalOf(error, jump, target) : channel),
      )
    } catch {
      finish(failures.lost(jump, 'connect'))
    }
  })
}

function refusalOf(error: Error, jump: string, target: ForwardTarget): Refusal {
  const reason = 'reason' in error ? error.reason : undefined
  const failure: SshFailure = {
    reason: 'unreachable',
    detail: `The jump host ${jump} could not reach ${target.where}, or does not allow it.`,
    isTransient: false,
    mayTryNext: true,
  }
  return new Refusal(failure, reason === resourceShortage || reason === administrativelyProhibited)
}

function orAborted<T>(wanted: Promise<T>, target: ForwardTarget, signal: AbortSignal): Promise<T | SshFailure> {
  if (signal.aborted) return Promise.resolve(failures.aborted(target.where))
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(failures.aborted(target.where))
    signal.addEventListener('abort', onAbort, { once: true })
    wanted.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
