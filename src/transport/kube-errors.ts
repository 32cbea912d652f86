// Puts what an API server or the way to it did into a reason and one sentence for the report. Everything raw ends here:
// library errors, headers and bodies. May not: pass on more of an answer than its trimmed `message`.
import type { UnavailableReason } from '../model/fact.ts'
import { oneLine } from '../util/one-line.ts'

/** One request that failed for good or may be tried again. */
export interface Failure {
  readonly reason: UnavailableReason
  readonly detail: string
  /** Worth another try: the same request may succeed a little later. */
  readonly transient: boolean
  /** Milliseconds the server asks to wait. */
  readonly retryAfterMs?: number
  /** HTTP status, when there was an answer. */
  readonly status?: number
}

const messageLimit = 200

/** Hostile text as one short line of at most 200 characters. */
export function trimMessage(text: string): string {
  return oneLine(text, messageLimit)
}

/** The sentence and reason for an answer that is no success. `body` is JSON or not; only its `message` is used. */
export function describeStatus(request: string, status: number, body: string): Failure {
  const message = statusMessage(body)
  const detail = `${request} was answered ${status}${message === '' ? '.' : `: ${message}`}`
  return { detail, status, ...classifyStatus(status) }
}

function classifyStatus(status: number): Pick<Failure, 'reason' | 'transient'> {
  if (status === 401 || status === 407) return { reason: 'unauthorized', transient: false }
  if (status === 403) return { reason: 'forbidden', transient: false }
  if (status === 404 || status === 410) return { reason: 'not-found', transient: false }
  if (status === 405 || status === 406 || status === 415 || status === 501) {
    return { reason: 'unsupported', transient: false }
  }
  if (status === 408 || status === 429 || status >= 500) return { reason: 'server-error', transient: true }
  return { reason: 'server-error', transient: false }
}

function statusMessage(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return ''
    return typeof parsed.message === 'string' ? trimMessage(parsed.message) : ''
  } catch {
    // Not a Status object: a proxy's page or plain text, of which nothing is shown.
    return ''
  }
}

interface ErrorShape {
  readonly code: string
  readonly message: string
  /** Names of the certificate that did not match. */
  readonly names?: string
}

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ENOTFOUND: 'is a name that does not resolve',
  EAI_AGAIN: 'is a name that could not be resolved just now',
  EHOSTUNREACH: 'cannot be reached, there is no route',
  ENETUNREACH: 'cannot be reached, there is no route',
  ENETDOWN: 'cannot be reached, the network is down',
  EADDRNOTAVAIL: 'cannot be reached, there is no route',
}

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
])

/** The sentence and reason for an error of the network, TLS or the proxy. `server` is host:port. */
export function describeNetworkError(error: unknown, request: string, server: string): Failure {
  const { code, message, names } = readError(error)
  const host = unreachable[code]
  if (host !== undefined) return fail('unreachable', `${request} failed: ${server} ${host}.`, true)
  const tls = describeTlsError(code, names, message)
  if (tls !== undefined) return fail('tls-error', `${request} failed: ${server} ${tls}.`, false)
  const proxy = /^Bad response: (\d{3})$/.exec(message)?.[1]
  if (proxy !== undefined) return fail('unreachable', `${request} failed: the proxy answered ${proxy}.`, false)
  if (code === 'ETIMEDOUT') return fail('timeout', `${request} failed: ${server} did not answer in time.`, true)
  if (code.startsWith('HPE_'))
    return fail('malformed', `${request} was answered with something that is no HTTP.`, false)
  if (code.startsWith('Z_'))
    return fail('malformed', `${request} was answered with a body that does not decompress.`, false)
  if (code === 'ERR_INVALID_CHAR') {
    return fail(
      'unauthorized',
      `${request} could not be sent: the credentials hold characters no header may have.`,
      false,
    )
  }
  return fail('connection-lost', `${request} broke off${code === '' ? '' : ` (${trimMessage(code)})`}.`, true)
}

function fail(reason: UnavailableReason, detail: string, transient: boolean): Failure {
  return { reason, detail, transient }
}

function describeTlsError(code: string, names: string | undefined, message: string): string | undefined {
  if (code === 'CERT_HAS_EXPIRED') return 'has a certificate that is expired'
  if (code === 'CERT_NOT_YET_VALID') return 'has a certificate that is not valid yet (or this machine’s clock is wrong)'
  if (untrusted.has(code)) return 'has a certificate that the cluster’s certificate authority did not sign'
  if (code === 'CERT_REVOKED') return 'has a certificate that was revoked'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `has a certificate for another name${names === undefined ? '' : ` (${trimMessage(names)})`}`
  }
  // OpenSSL's own words for an answer in plain text; some Node versions give them in the message alone.
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(`${code} ${code === 'EPROTO' ? message : ''}`)) {
    return 'does not speak TLS'
  }
  if (/^ERR_SSL_\w*ALERT_(?:BAD_CERTIFICATE|CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERT)/.test(code)) {
    return 'refused the client certificate'
  }
  if (code === 'EPROTO' || /^ERR_(?:SSL|TLS|OSSL)_/.test(code)) return `could not agree on TLS (${trimMessage(code)})`
  return undefined
}

function readError(error: unknown): ErrorShape {
  if (!(error instanceof Error)) return { code: '', message: '' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const cert: unknown = 'cert' in error ? error.cert : undefined
  if (
    typeof cert === 'object' &&
    cert !== null &&
    'subjectaltname' in cert &&
    typeof cert.subjectaltname === 'string'
  ) {
    return { code, message: error.message, names: cert.subjectaltname }
  }
  return { code, message: error.message }
}
