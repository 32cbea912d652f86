// Faults of the simulated API server, by path and by request: what a real one does on a bad day, on demand.
// May not: happen by chance; a test says which request fails and how.

export type FaultEffect =
  /** An error answer with a Status body, as the API server words it. */
  | { readonly kind: 'status'; readonly status: number; readonly message?: string; readonly retryAfter?: string }
  /** Exactly this answer. */
  | { readonly kind: 'answer'; readonly status: number; readonly contentType?: string; readonly body: string }
  /** The right answer, later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The request is read and never answered. */
  | { readonly kind: 'hang' }
  /** The connection is reset after this many bytes of the right answer's body (default 0: before the header). */
  | { readonly kind: 'reset'; readonly afterBytes?: number }
  /** The right answer, cut in the middle but sent as complete: not JSON. */
  | { readonly kind: 'malformed' }
  /** The body trickles: this many bytes, then nothing more. */
  | { readonly kind: 'stall'; readonly afterBytes: number }

export interface Fault {
  /** Exact path without query. Absent: every path. */
  readonly path?: string
  /** Absent: every method. */
  readonly method?: string
  /** First matching request that fails, counting from 1 (default 1), from the moment the fault is set. */
  readonly from?: number
  /** How many requests fail (default: all from there on). */
  readonly times?: number
  readonly effect: FaultEffect
}

export interface FaultTable {
  /** Adds a fault; the returned function takes it back. Of several that match, the one set last wins. */
  readonly set: (fault: Fault) => () => void
  /** The effect for this request, counting it. */
  readonly take: (path: string, method?: string) => FaultEffect | undefined
}

export function createFaultTable(): FaultTable {
  const active: { fault: Fault; seen: number }[] = []
  return {
    set(fault) {
      const entry = { fault, seen: 0 }
      active.unshift(entry)
      return () => {
        const index = active.indexOf(entry)
        if (index >= 0) active.splice(index, 1)
      }
    },
    take(path, method = 'GET') {
      let effect: FaultEffect | undefined
      for (const entry of active) {
        if (entry.fault.path !== undefined && entry.fault.path !== path) continue
        if (entry.fault.method !== undefined && entry.fault.method !== method) continue
        entry.seen += 1
        const first = entry.fault.from ?? 1
        const last = first + (entry.fault.times ?? Number.POSITIVE_INFINITY) - 1
        if (entry.seen >= first && entry.seen <= last) effect ??= entry.fault.effect
      }
      return effect
    },
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  406: 'NotAcceptable',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The `Status` object of an error answer. */
export function statusBody(code: number, message: string): object {
  const reason = reasons[code]
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    code,
  }
}
