// What can go wrong on the way to a node, in our own words.
// May not: pass on a library's or a server's text; a host chooses what it says there.
import type { UnavailableReason } from '../model/fact.ts'
import { InputError } from '../util/input-error.ts'

/** The configuration given for SSH cannot work (a key that does not open, a file that is missing): the audit should not start. */
export class SshSetupError extends InputError {
  override readonly name = 'SshSetupError'
}

export interface SshFailure {
  readonly reason: UnavailableReason
  readonly detail: string
  /** Worth another attempt at the same address. */
  readonly isTransient: boolean
  /** Whether another address of the same node may be tried. False where that could hide an attack or lock an account. */
  readonly mayTryNext: boolean
}

export type SshPhase = 'connect' | 'handshake' | 'authentication' | 'session'

function failure(reason: UnavailableReason, detail: string, options: Partial<SshFailure> = {}): SshFailure {
  return { reason, detail, isTransient: false, mayTryNext: true, ...options }
}

export function isFailure(value: object): value is SshFailure {
  return 'reason' in value && 'isTransient' in value
}

export const failures = {
  timeout: (where: string, phase: SshPhase, milliseconds: number): SshFailure => {
    const seconds = Math.round(milliseconds / 100) / 10
    const what = phase === 'connect' ? 'No connection to' : 'No answer from'
    return failure('timeout', `${what} ${where} within ${seconds} s (${phaseNames[phase]}).`, {
      isTransient: phase === 'connect',
    })
  },
  aborted: (where: string): SshFailure =>
    failure('interrupted', `The audit was stopped before ${where} answered.`, { mayTryNext: false }),
  authentication: (where: string, user: string, tried: string, certificates: readonly string[] = []): SshFailure =>
    failure(
      'auth-failed',
      `${where} accepted none of the credentials of user ${user} (${tried}).${certificateHint(certificates)}`,
      { mayTryNext: false },
    ),
  address: (address: string): SshFailure =>
    failure('unreachable', `${JSON.stringify(address.slice(0, 80))} is not a host name or an address.`),
  unsupported: (detail: string): SshFailure => failure('unsupported', detail, { mayTryNext: false }),
  hostKey: (reason: 'host-key-unknown' | 'host-key-mismatch', detail: string): SshFailure =>
    failure(reason, detail, { mayTryNext: reason === 'host-key-unknown' }),
  lost: (where: string, phase: SshPhase): SshFailure =>
    failure('connection-lost', `${where} closed the connection (${phaseNames[phase]}).`, {
      isTransient: phase === 'connect' || phase === 'handshake',
    }),
}

function certificateHint(certificates: readonly string[]): string {
  if (certificates.length === 0) return ''
  const [which, was] = certificates.length === 1 ? ['The certificate', 'was'] : ['The certificates', 'were']
  return ` ${which} ${certificates.join(', ')} ${was} not offered: OpenSSH user certificates are not supported here, by an agent neither. Put the key itself into authorized_keys on the node, or name another key with --ssh-key.`
}

const phaseNames: Record<SshPhase, string> = {
  connect: 'while connecting',
  handshake: 'during the SSH handshake',
  authentication: 'during authentication',
  session: 'while the probe ran',
}

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  EHOSTUNREACH: 'is not reachable: no route to the host',
  ENETUNREACH: 'is not reachable: no route to its network',
  EHOSTDOWN: 'is down',
  EACCES: 'may not be connected to from here',
  EPERM: 'may not be connected to from here',
  ENOTFOUND: 'does not resolve',
  EAI_AGAIN: 'does not resolve at the moment',
}

/** An error of the socket or of the SSH library, by its codes. */
export function describeError(error: unknown, where: string, phase: SshPhase): SshFailure {
  const { code, level, message } = errorFields(error)
  const known = unreachable[code]
  if (known !== undefined) return failure('unreachable', `${where} ${known}.`, { isTransient: code === 'EAI_AGAIN' })
  if (code === 'ETIMEDOUT') {
    return failure('timeout', `No connection to ${where}: the network gave no answer.`, { isTransient: true })
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return failures.lost(where, phase)
  if (level === 'client-timeout') return failure('timeout', `${where} stopped answering (${phaseNames[phase]}).`)
  if (/no matching /i.test(message)) {
    return failure('unsupported', `${where} and this client have no SSH algorithm in common.`)
  }
  if (level === 'handshake' || level === 'protocol') {
    return failure('malformed', `What answers at ${where} does not speak SSH as expected (${phaseNames[phase]}).`)
  }
  return failures.lost(where, phase)
}

/** Also looks into the several attempts of a name with several addresses. */
function errorFields(error: unknown): { code: string; level: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return errorFields(error.errors[0])
  if (!(error instanceof Error)) return { code: '', level: '', message: '' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const level = 'level' in error && typeof error.level === 'string' ? error.level : ''
  return { code, level, message: error.message }
}
