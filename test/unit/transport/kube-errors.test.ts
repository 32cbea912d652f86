import { describe, expect, it } from 'vitest'
import { describeNetworkError, describeStatus, trimMessage } from '../../../src/transport/kube-errors.ts'

const request = 'GET /api/v1/pods'

describe('answers that are no success', () => {
  const status = (message: string) => JSON.stringify({ kind: 'Status', message, details: { secret: 'never shown' } })

  it.each([
    [401, 'unauthorized', false],
    [403, 'forbidden', false],
    [404, 'not-found', false],
    [405, 'unsupported', false],
    [406, 'unsupported', false],
    [408, 'server-error', true],
    [400, 'server-error', false],
    [301, 'server-error', false],
    [429, 'server-error', true],
    [500, 'server-error', true],
    [503, 'server-error', true],
  ])('%i is %s, worth another try: %s', (code, reason, transient) => {
    expect(describeStatus(request, code, status('why'))).toEqual({
      reason,
      transient,
      status: code,
      detail: `GET /api/v1/pods was answered ${code}: why`,
    })
  })

  it.each([
    ['a page of a proxy', '<html>token=abc</html>', 'GET /api/v1/pods was answered 503.'],
    ['JSON without a message', '{"error":"token=abc"}', 'GET /api/v1/pods was answered 503.'],
    ['a message that is no text', '{"message":{"a":1}}', 'GET /api/v1/pods was answered 503.'],
    ['control characters', status('a\u001b[31mb\r\nc\u202Ed'), 'GET /api/v1/pods was answered 503: a [31mb c d'],
  ])('shows nothing but the message of %s', (_, body, detail) => {
    expect(describeStatus(request, 503, body).detail).toBe(detail)
  })

  it('cuts a message after 200 characters, between characters', () => {
    expect(trimMessage('😀'.repeat(300))).toBe(`${'😀'.repeat(199)}…`)
  })
})

describe('errors on the way', () => {
  const error = (code: string, more: object = {}) => Object.assign(new Error('raw library text'), { code, ...more })

  it.each([
    ['ECONNREFUSED', 'unreachable', 'GET /api/v1/pods failed: api:6443 refused the connection.'],
    ['ENOTFOUND', 'unreachable', 'GET /api/v1/pods failed: api:6443 is a name that does not resolve.'],
    ['EHOSTUNREACH', 'unreachable', 'GET /api/v1/pods failed: api:6443 cannot be reached, there is no route.'],
    ['CERT_HAS_EXPIRED', 'tls-error', 'GET /api/v1/pods failed: api:6443 has a certificate that is expired.'],
    [
      'CERT_NOT_YET_VALID',
      'tls-error',
      'GET /api/v1/pods failed: api:6443 has a certificate that is not valid yet (or this machine’s clock is wrong).',
    ],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'tls-error',
      'GET /api/v1/pods failed: api:6443 has a certificate that the cluster’s certificate authority did not sign.',
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-error', 'GET /api/v1/pods failed: api:6443 does not speak TLS.'],
    [
      'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
      'tls-error',
      'GET /api/v1/pods failed: api:6443 refused the client certificate.',
    ],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tls-error',
      'GET /api/v1/pods failed: api:6443 refused the client certificate.',
    ],
    ['EPROTO', 'tls-error', 'GET /api/v1/pods failed: api:6443 could not agree on TLS (EPROTO).'],
    ['ETIMEDOUT', 'timeout', 'GET /api/v1/pods failed: api:6443 did not answer in time.'],
    ['HPE_INVALID_CONSTANT', 'malformed', 'GET /api/v1/pods was answered with something that is no HTTP.'],
    ['Z_DATA_ERROR', 'malformed', 'GET /api/v1/pods was answered with a body that does not decompress.'],
    ['ECONNRESET', 'connection-lost', 'GET /api/v1/pods broke off (ECONNRESET).'],
  ])('%s is %s', (code, reason, detail) => {
    const { reason: gotReason, detail: gotDetail } = describeNetworkError(error(code), request, 'api:6443')
    expect([gotReason, gotDetail]).toEqual([reason, detail])
  })

  it('names the names a wrong certificate is for', () => {
    const wrong = error('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:other.example\u0007' } })
    expect(describeNetworkError(wrong, request, 'api:6443').detail).toBe(
      'GET /api/v1/pods failed: api:6443 has a certificate for another name (DNS:other.example).',
    )
  })

  it.each([
    [new Error('Bad response: 407'), 'unreachable', 'GET /api/v1/pods failed: the proxy answered 407.'],
    [new Error('Authorization: Bearer abc'), 'connection-lost', 'GET /api/v1/pods broke off.'],
    ['a string', 'connection-lost', 'GET /api/v1/pods broke off.'],
  ])('keeps raw text in: %s', (thrown, reason, detail) => {
    const failure = describeNetworkError(thrown, request, 'api:6443')
    expect([failure.reason, failure.detail]).toEqual([reason, detail])
  })
})
