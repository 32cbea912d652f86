import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAuthority } from '../../../src/simulator/certificates.ts'

describe('certificates of the simulated cluster', () => {
  const authority = createAuthority('test-ca')
  const root = new X509Certificate(authority.cert)

  it('makes an authority that signs itself', () => {
    expect({
      ca: root.ca,
      subject: root.subject,
      issued: root.checkIssued(root),
      verified: root.verify(root.publicKey),
    }).toEqual({ ca: true, subject: 'CN=test-ca', issued: true, verified: true })
  })

  it.each([
    ['IPv4 and DNS', ['127.0.0.1', 'localhost'], 'IP Address:127.0.0.1, DNS:localhost'],
    ['IPv6', ['::1'], 'IP Address:0:0:0:0:0:0:0:1'],
    ['full IPv6', ['2001:db8::a:0:1'], 'IP Address:2001:DB8:0:0:0:A:0:1'],
  ])('names the server: %s', (_, names, expected) => {
    const identity = authority.issue({ commonName: 'server', names, usage: 'server' })
    const cert = new X509Certificate(identity.cert)
    expect({
      names: cert.subjectAltName,
      usage: cert.keyUsage,
      signed: cert.verify(root.publicKey),
      ca: cert.ca,
    }).toEqual({
      names: expected,
      usage: ['1.3.6.1.5.5.7.3.1'],
      signed: true,
      ca: false,
    })
  })

  it('carries user and groups in a client certificate', () => {
    const identity = authority.issue({ commonName: 'jane', organizations: ['auditors', 'dev'], usage: 'client' })
    const cert = new X509Certificate(identity.cert)
    expect({ subject: cert.subject, usage: cert.keyUsage }).toEqual({
      subject: 'O=auditors\nO=dev\nCN=jane',
      usage: ['1.3.6.1.5.5.7.3.2'],
    })
  })

  it.each([
    ['2001-02-03T04:05:06Z', '2049-12-31T23:59:59Z', 'Dec 31 23:59:59 2049 GMT'],
    ['2001-02-03T04:05:06Z', '2050-01-01T00:00:00Z', 'Jan  1 00:00:00 2050 GMT'],
  ])('is valid from %s to %s', (from, to, expected) => {
    const identity = authority.issue({
      commonName: 'x',
      usage: 'client',
      notBefore: new Date(from),
      notAfter: new Date(to),
    })
    const cert = new X509Certificate(identity.cert)
    expect([cert.validFrom, cert.validTo]).toEqual(['Feb  3 04:05:06 2001 GMT', expected])
  })
})
