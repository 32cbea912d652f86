// One SSH connection: socket, handshake with the host key checked, authentication. Each step has its own time-out.
// May not: retry, choose addresses, or run anything.
import { connect as connectSocket, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { describeError, failures, isFailure, type SshFailure, type SshPhase } from './ssh-errors.ts'
import type { AuthMethods } from './ssh-keys.ts'
import type { HostKey } from './ssh-known-hosts.ts'

export interface ConnectOptions {
  /** For messages: host, or host:port. */
  readonly where: string
  readonly user: string
  readonly auth: AuthMethods
  /** Key types known for the host, preferred in the handshake. */
  readonly knownKeyTypes: readonly string[]
  /** Nothing: the key is the host's. A failure: it is refused. */
  readonly checkHostKey: (key: HostKey) => SshFailure | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Opens a TCP connection. */
export function openSocket(
  host: string,
  port: number,
  where: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket | SshFailure> {
  if (signal.aborted) return Promise.resolve(failures.aborted(where))
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port, noDelay: true })
    const finish = (result: Socket | SshFailure): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      // An error after the outcome is known must not end the process; the stream's own listeners stay.
      socket.on('error', ignore)
      socket.off('error', onError)
      socket.off('connect', onConnect)
      if (result !== socket) socket.destroy()
      resolve(result)
    }
    const onAbort = (): void => finish(failures.aborted(where))
    const onError = (error: Error): void => finish(describeError(error, where, 'connect'))
    const onConnect = (): void => finish(socket)
    const timer = setTimeout(() => finish(failures.timeout(where, 'connect', timeoutMs)), timeoutMs)
    signal.addEventListener('abort', onAbort)
    socket.once('error', onError)
    socket.once('connect', onConnect)
  })
}

function ignore(): void {
  // Nothing to do: see where it is used.
}

/** Handshake and login over an open stream, which is closed when that fails. */
export function openClient(stream: Duplex, options: ConnectOptions): Promise<Client | SshFailure> {
  const { where, signal, timeoutMs } = options
  if (signal.aborted) {
    stream.destroy()
    return Promise.resolve(failures.aborted(where))
  }
  return new Promise((resolve) => {
    const client = new ssh2.Client()
    let phase: SshPhase = 'handshake'
    let refused: SshFailure | undefined
    const finish = (result: Client | SshFailure): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      client.on('error', ignore)
      client.off('error', onError)
      client.off('close', onClose)
      if (isFailure(result)) {
        client.destroy()
        stream.destroy()
      }
      resolve(result)
    }
    const onAbort = (): void => finish(failures.aborted(where))
    const onError = (error: Error): void => {
      // An agent or key that fails is followed by the next one; only the end of the list is an outcome.
      if (isPassing(error)) return
      finish(refused ?? authenticationFailure(error, phase, options) ?? describeError(error, where, phase))
    }
    const onClose = (): void => finish(refused ?? closedFailure(phase, options))
    const timer = setTimeout(() => finish(failures.timeout(where, phase, timeoutMs)), timeoutMs)
    signal.addEventListener('abort', onAbort)
    client.once('handshake', () => {
      phase = 'authentication'
    })
    client.once('ready', () => finish(client))
    client.on('error', onError)
    client.once('close', onClose)
    const methods = [...options.auth.methods]
    client.connect({
      sock: stream,
      username: options.user,
      readyTimeout: 0,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: preferredAlgorithms(options.knownKeyTypes) },
      authHandler: (_left, _partial, next) => {
        const method = methods.shift()
        // The type does not say that false ends the attempts; the documentation does.
        next(method ?? (false as never))
      },
      hostVerifier: (blob: Buffer): boolean => {
        refused = options.checkHostKey({ type: keyType(blob), blob })
        return refused === undefined
      },
    })
  })
}

function isPassing(error: Error): boolean {
  return 'level' in error && (error.level === 'agent' || /signing/.test(error.message))
}

function authenticationFailure(error: Error, phase: SshPhase, options: ConnectOptions): SshFailure | undefined {
  const { where, user, auth } = options
  if ('level' in error && error.level === 'client-authentication') {
    return failures.authentication(where, user, auth.described, auth.certificates)
  }
  // A number is the reason of a DISCONNECT message, such as "too many authentication failures".
  const hungUp = phase === 'authentication' && 'code' in error && typeof error.code === 'number'
  return hungUp ? closedFailure(phase, options) : undefined
}

/** Servers hang up after too many keys, which is a refusal and not a fault of the network. */
function closedFailure(phase: SshPhase, { where, user, auth }: ConnectOptions): SshFailure {
  return phase === 'authentication'
    ? failures.authentication(where, user, `${auth.described}; the server hung up`, auth.certificates)
    : failures.lost(where, phase)
}

function keyType(blob: Buffer): string {
  return blob.length < 4 ? '' : blob.toString('latin1', 4, 4 + Math.min(blob.readUInt32BE(0), 64))
}

const offered: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
]

/** As OpenSSH does: a server with several keys is asked for the kind that is known. */
export function preferredAlgorithms(knownTypes: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (algorithm: string): boolean =>
    knownTypes.includes(algorithm) || (algorithm.startsWith('rsa-sha2-') && knownTypes.includes('ssh-rsa'))
  return [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
}
