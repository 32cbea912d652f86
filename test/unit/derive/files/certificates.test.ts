// What is said of certificates, and of what uses them.
import { expect, test } from 'vitest'
import { describeCertificate } from '../../../../src/derive/files/certificate.ts'
import { createAuthority } from '../../../../src/simulator/certificates.ts'
import { component } from '../control-plane/support.ts'
import { absent, buildProcess, denied } from '../host-builder.ts'
import { deriveFiles } from './support.ts'

const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
const readAt = Date.parse('2026-11-20T10:00:00Z')
const day = 86_400_000
const at = (days: number): Date => new Date(readAt + days * day)
const authority = createAuthority('kubernetes', { notBefore: at(-100), notAfter: at(3550) })
const issue = (from: number, to: number) =>
  der(
    authority.issue({
      commonName: 'kube-apiserver',
      organizations: ['system:masters'],
      names: ['kubernetes', '10.96.0.1'],
      usage: 'server',
      notBefore: at(from),
      notAfter: at(to),
    }).cert,
  )

test('everything that a certificate says', () => {
  expect(describeCertificate(issue(-100, 265), '/a.crt', readAt)).toEqual({
    value: {
      subject: 'O=system:masters, CN=kube-apiserver',
      issuer: 'CN=kubernetes',
      names: ['DNS:kubernetes', 'IP Address:10.96.0.1'],
      notBefore: '2026-08-12T10:00:00.000Z',
      notAfter: '2027-08-12T10:00:00.000Z',
      daysLeft: 265,
      validDays: 365,
      isExpired: false,
      isNotYetValid: false,
      expiresSoon: false,
      keyType: 'ec',
      keyBits: 256,
      isKeyWeak: false,
      signatureAlgorithm: 'ecdsa-with-SHA256',
      isSignatureWeak: false,
      isCA: false,
      isSelfSigned: false,
      isOfSystemMasters: true,
    },
    source: '/a.crt',
  })
  expect(describeCertificate(der(authority.cert), '/ca.crt', readAt)).toMatchObject({
    value: { isCA: true, isSelfSigned: true, daysLeft: 3550 },
  })
  expect(describeCertificate('AAAA', '/a.crt', readAt)).toMatchObject({ unavailable: { reason: 'malformed' } })
})

// Made with openssl 3: RSA 1024 with SHA-1 signed by an authority of another name; self-signed RSA 2048 with SHA-1; Ed25519; P-192.
test.each<[name: string, certificate: string, said: object]>([
  [
    'RSA 1024 with SHA-1',
    'MIICIzCCAQsCFGPSyFhGjPLV5h1OpkLvat/1KcANMA0GCSqGSIb3DQEBBQUAMBExDzANBgNVBAMMBm9sZC1jYTAeFw0yNjExMjAxMzAxMThaFw0zNjExMTcxMzAxMThaMA8xDTALBgNVBAMMBGxlYWYwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMYs/+t9H4sHDbzJ7CG3odd+OaX3jXWCHLOqrtOibs0KL3OnxSnDou3h2dzGEKt1ovZOG/pXSDVFNWYcjTWwAmdCaiwXmhaXOsUG7YWUoADPxIWhY/oaH3gKUOrcu9lBgjGjlmyyw/3FvRjhFP+1djSgGQgHEjdAlziGbQpnPUnVAgMBAAEwDQYJKoZIhvcNAQEFBQADggEBAA+FI/h9WD5qmGf83Fw+P9p89oSynE/nGc+wO19iN+JpZymkq8r8TmelZHiz6wpml1yIur0lGzoAyLyBdTf4N92FTTY3KLs3eBkVev6O9LkntBQ0CcE+FY/ycEf59TGnQOPFi9OrDg6PWxv8QkPezLcBrNzZPOAbCJtRBYep328sn+r4k1hOHhUQANZ+buhKRQmYKcVFc8hl61tLUazKKKvpSvRf/Qgiay4DgBoASwUdU1vN+13Jxi1UQ7COTo9gUfEr2n2pF+MmR7bA9tq/OPaJ3tI/8+qWFL66k5K2l6Zp0gnZkhvRFTEg+mCz02mLm0dpcqprvbfxpwIlTg8kDnA=',
    {
      keyType: 'rsa',
      keyBits: 1024,
      isKeyWeak: true,
      signatureAlgorithm: 'sha1WithRSAEncryption',
      isSignatureWeak: true,
    },
  ],
  [
    'a root that signs itself with SHA-1',
    'MIIDAzCCAeugAwIBAgIUQ4Ci0wxA/NpJmsSJaKq8+wrm1f4wDQYJKoZIhvcNAQEFBQAwETEPMA0GA1UEAwwGb2xkLWNhMB4XDTI2MTEyMDEzMDExOFoXDTM2MTExNzEzMDExOFowETEPMA0GA1UEAwwGb2xkLWNhMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx3PKLfyK/FSE5yx/1+IkSFrujAlcL3ik7cdGYiCMW7J64KY93AGmPUxzGi+cLhLcIHI5vxQXmSMSxbJRg17s+dV2VwrNv/MJwHoNr4pZZzElIRtMOgGmG7+3mCWY59hovaNGbrJ7pbMN1wgnzojpDqU3eFiDo+vz4s6R9ODvlSA+/dSfPdALPhIVXMGVDkE31UWKcj411+VenqLp8hn1kKji4jGq9pnNMdyxM+CMU47p/io0cebdBFo9ORWntRyEQupmpwfIr/Wa9VV8ubK6DyhTVk6V5CpB7vJi1VnEGgno3+edrFDMCTnYM7Ktaba0TgrYxj5eOT4SSPLxjhgBnQIDAQABo1MwUTAdBgNVHQ4EFgQUy5mdrD7jTlGH1BadsnuMmQNXCJYwHwYDVR0jBBgwFoAUy5mdrD7jTlGH1BadsnuMmQNXCJYwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQUFAAOCAQEAHzSnHFNDHIKNYWMTXrdIg3XkLsxMMy2DxxctT3CMT1HGpI86cxt/fkivt2ULXlgA/kK2BGf+oErdgyo19Z8TgQ71vnEI/gk/zSbbis8biNEDZo1ByAT6/DtOyp7Md78/Qpme5gvLeUD70WdqMUYHmoglYuPwkTdWUSG9BWCG7etKNkGYOSsUW+kK5jCQ5VV/5dYndcfHHeScYQ5EztdjHL1JGEfuZ6qy3y/7nbikH/mUNRqfmhYFLkIhazinjwQP6IxAK7BI74B0fDIC4GtW+X9l7vZMPWP4lZ9FuCcor1Du2jgDZozSbp3na/mn4+k1gAnVRe4KxhZj1ow4QmMeOA==',
    {
      keyType: 'rsa',
      keyBits: 2048,
      isKeyWeak: false,
      signatureAlgorithm: 'sha1WithRSAEncryption',
      isSignatureWeak: false,
      isCA: true,
    },
  ],
  [
    'Ed25519',
    'MIIBLjCB4aADAgECAhQ9dunHiZbmJ7Ykk5txmHS0LCk/ezAFBgMrZXAwDTELMAkGA1UEAwwCZWQwHhcNMjYxMTIwMTMwMTE4WhcNMzYxMTE3MTMwMTE4WjANMQswCQYDVQQDDAJlZDAqMAUGAytlcAMhAN7d1I+QFvhAysv7CBueuTKxwb98p1KBXjuvS0KOgCPNo1MwUTAdBgNVHQ4EFgQULao31iswHw9H/L850iMSAZYN+q8wHwYDVR0jBBgwFoAULao31iswHw9H/L850iMSAZYN+q8wDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQCPRB0QojwSMgvfAHwYZYHKG6m6AvurNxCs37xcXy9vsXZwPiLag/v/75cEMK/9WAf/V3qQ7E2uSc+kA4iJ9W8M',
    { keyType: 'ed25519', keyBits: 256, isKeyWeak: false, signatureAlgorithm: 'ed25519', isSignatureWeak: false },
  ],
  [
    'P-192',
    'MIIBVDCCAQmgAwIBAgIUeZ8CMLrtrjhHbVf19Xt7DZCSobkwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEcDE5MjAeFw0yNjExMjAxMzAxMThaFw0zNjExMTcxMzAxMThaMA8xDTALBgNVBAMMBHAxOTIwSTATBgcqhkjOPQIBBggqhkjOPQMBAQMyAARMItiizIoHbI8cSR0eHoAuHUxoOin2WLnH2ppNdJ/y2MY4eu0y2fdC7YLo21qcFh+jUzBRMB0GA1UdDgQWBBTggvIPK0yzJPTJgNLybSD1k1CebzAfBgNVHSMEGDAWgBTggvIPK0yzJPTJgNLybSD1k1CebzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCAzkAMDYCGQCmdaia9TE/51CLQbLAAdfuZFV1TE5/WhsCGQDBx02H+v72cBBtXcKNDD8silODNc9im1M=',
    { keyType: 'ec', keyBits: 192, isKeyWeak: true, signatureAlgorithm: 'ecdsa-with-SHA256' },
  ],
  [
    'a group beside the name in one part of the subject',
    'MIIBWDCCAQqgAwIBAgIUSSXtKzPvKjEATlaCY6kFxvkalFowBQYDK2VwMCMxITAIBgNVBAMMAXgwFQYDVQQKDA5zeXN0ZW06bWFzdGVyczAeFw0yNjExMjUyMzU1NDJaFw0yNjEyMjUyMzU1NDJaMCMxITAIBgNVBAMMAXgwFQYDVQQKDA5zeXN0ZW06bWFzdGVyczAqMAUGAytlcAMhABQqWd3KV0Rhs+P12J1gkArRG0HdU+VBtMt78syTcvtvo1AwTjAdBgNVHQ4EFgQUmgAjlBZc0HveGvE2HSda4KadGJcwHwYDVR0jBBgwFoAUmgAjlBZc0HveGvE2HSda4KadGJcwDAYDVR0TAQH/BAIwADAFBgMrZXADQQDoN4wPExtjvRE957BluNsPteQ1tq8dt4ExQXZPjbIazUPCc1tkuQTh3wTaVQ4xjATfFDxRzCceZicHVFziay8A',
    { isOfSystemMasters: true, isCA: false, isSelfSigned: true, validDays: 30 },
  ],
  [
    'a name that only looks like that',
    'MIIBGjCBzQIUBz2fZbCjSNvbmur0vOnnIDn1xacwBQYDK2VwMDAxLjAsBgNVBAMMJXhuTz1zeXN0ZW06bWFzdGVycyArIE89c3lzdGVtOm1hc3RlcnMwHhcNMjYxMTI1MjM1NTQyWhcNMjYxMjI1MjM1NTQyWjAwMS4wLAYDVQQDDCV4bk89c3lzdGVtOm1hc3RlcnMgKyBPPXN5c3RlbTptYXN0ZXJzMCowBQYDK2VwAyEAVF7bZ7il2uCRhWnr4bQ6BHj+HhD6RCWaXXQnZ7C8V1AwBQYDK2VwA0EAXvR/5rT7JP5M6Z0G98AoosG43YqLmSvtTdKHFJmoz0Z5in8yTNpPIS7MR+UTdorKuG5LnOmeGPiIs7df3kfxDA==',
    { isOfSystemMasters: false, validDays: 30 },
  ],
])('%s', (_name, certificate, said) => {
  expect(describeCertificate(certificate, '/a.crt', readAt)).toMatchObject({ value: said })
})

test.each<[from: number, to: number, said: object]>([
  [-365, -1, { isExpired: true, expiresSoon: false, daysLeft: -1 }],
  [-365, 0, { isExpired: false, expiresSoon: true, daysLeft: 0 }],
  [-336, 29, { isExpired: false, expiresSoon: true, daysLeft: 29 }],
  [-335, 30, { isExpired: false, expiresSoon: false, daysLeft: 30 }],
  // One that is made for a day or a month is renewed in time, though never for long.
  [-0.5, 0.5, { isExpired: false, expiresSoon: false, daysLeft: 0 }],
  [-10, 20, { isExpired: false, expiresSoon: false, daysLeft: 20 }],
  [-28, 2, { isExpired: false, expiresSoon: true, daysLeft: 2 }],
  [1, 365, { isNotYetValid: true, isExpired: false }],
])('valid from day %d to day %d', (from, to, said) => {
  expect(describeCertificate(issue(from, to), '/a.crt', readAt)).toMatchObject({ value: said })
})

test('what uses a file, and what is missing', () => {
  const one = issue(-100, 265)
  const two = issue(-100, 200)
  const { certificates } = deriveFiles({
    processes: [
      buildProcess('kubelet'),
      component(
        2,
        'kube-apiserver',
        '--tls-cert-file=/pki/api.crt',
        '--client-ca-file=/pki/ca.crt',
        '--etcd-cafile=/pki/none.crt',
      ),
      component(3, 'etcd', '--trusted-ca-file=/pki/empty.crt', '--cert-file=/pki/other.crt'),
    ],
    directories: { '/etc/kubernetes/manifests': absent },
    certificates: {
      '/pki/api.crt': {
        certificates: [
          { use: 'certificate', der: one },
          { use: 'certificate', der: two },
        ],
      },
      '/pki/ca.crt': denied,
      '/pki/none.crt': absent,
      '/pki/empty.crt': { certificates: [] },
      '/pki/old.crt': { certificates: [{ use: 'certificate', der: one }], malformed: 1 },
      '/etc/kubernetes/kubelet.conf': {
        certificates: [{ use: 'certificate-authority-data', der: two }],
        clientCertificates: ['/k/kubelet-client-current.pem'],
      },
      '/k/kubelet-client-current.pem': { certificates: [{ use: 'certificate', der: one }] },
      '/k/kubelet-server-current.pem': absent,
    },
  })
  const lines = certificates.map(({ path, use, source, isInUse, role, certificate }) => {
    const said = 'value' in certificate ? `${certificate.value.daysLeft} days` : certificate.unavailable.reason
    return `${path} [${use}] ${source} ${isInUse} ${role}: ${said}`
  })
  expect(lines).toEqual([
    '/etc/kubernetes/kubelet.conf [certificate-authority-data] kubeconfig /etc/kubernetes/kubelet.conf true authority: 200 days',
    '/k/kubelet-client-current.pem [certificate] client-certificate in /etc/kubernetes/kubelet.conf true leaf: 265 days',
    '/pki/api.crt [certificate 1] --tls-cert-file of pid 2 true leaf: 265 days',
    '/pki/api.crt [certificate 2] --tls-cert-file of pid 2 true : 200 days',
    '/pki/ca.crt [certificate] --client-ca-file of pid 2 true : permission-denied',
    '/pki/empty.crt [certificate] --trusted-ca-file of pid 3 true : malformed',
    '/pki/none.crt [certificate] --etcd-cafile of pid 2 true : not-found',
    '/pki/old.crt [certificate]  false : 265 days',
    '/pki/old.crt [certificate]  false : malformed',
    '/pki/other.crt [certificate] --cert-file of pid 3 true : not-collected',
  ])
})
