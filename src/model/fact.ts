// What a collector or a derivation could, or could not, observe. Everything downstream rests on the difference.
// May not: hold a default for something nobody saw.
import { z } from 'zod'

/** Why something was not observed. A closed list: reports group by it and formats map it. */
export const unavailableReasons = [
  'forbidden', // the API server or the file system refused this identity
  'unauthorized', // credentials missing, expired or rejected
  'not-found', // the resource type or object is not served
  'permission-denied', // a path on the host is not readable for the probe's user
  'sudo-denied', // sudo -n was refused, and the path needs it
  'timeout', // no answer within the budget
  'unreachable', // no route, refused connection, name does not resolve
  'host-key-mismatch', // the host presented a key other than the known one, or a revoked one
  'host-key-unknown', // the host is not in known_hosts
  'wrong-host', // the host that answered is not the node the API means
  'auth-failed', // the SSH server accepted none of the offered credentials
  'pod-failed', // the pod that was to read the node did not run, or did not last
  'tls-error', // certificate not trusted, expired, or for another name
  'server-error', // 5xx, or 429 after all retries
  'connection-lost', // the answer broke off
  'too-large', // more output than the bound allows
  'malformed', // an answer arrived but does not parse
  'not-running', // the process that would tell is not running
  'unsupported', // the host or server cannot tell (missing tool, old kernel, other platform)
  'interrupted', // the audit was stopped before this was read
  'not-collected', // outside the chosen scope or source
] as const

export const unavailableReasonSchema = z.enum(unavailableReasons)
export type UnavailableReason = z.infer<typeof unavailableReasonSchema>

export const unavailableSchema = z.strictObject({
  unavailable: z.strictObject({
    reason: unavailableReasonSchema,
    /** One sentence for a reader of the report, without secrets and without a library's raw error. */
    detail: z.string(),
  }),
})
export type Unavailable = z.infer<typeof unavailableSchema>

/** Either the thing, or the reason why nobody saw it. */
export type Fact<T> = T | Unavailable

export function unavailable(reason: UnavailableReason, detail: string): Unavailable {
  return { unavailable: { reason, detail } }
}

export function isUnavailable(value: unknown): value is Unavailable {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'unavailable')
}

/** Schema of a single observed value and where it was read ("/proc/sys/vm/panic_on_oom", "--config of pid 812"). */
export function observed<T extends z.ZodType>(value: T) {
  return z.union([z.strictObject({ value, source: z.string() }), unavailableSchema])
}

/** As `observed`, where the positive observation may be that nothing is set: `value` is then absent. */
export function observedOptional<T extends z.ZodType>(value: T) {
  return z.union([z.strictObject({ value: value.optional(), source: z.string() }), unavailableSchema])
}

/** A value and where it was read, or why it was not. */
export type Observed<T> = { value: T; source: string } | Unavailable
