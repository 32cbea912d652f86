// By which names an API server is called, and which of them its certificate holds; made with real certificates.
import { describe, expect, test } from 'vitest'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { apiServerNamesSchema } from '../../../../src/model/facts-files.ts'
import { createAuthority } from '../../../../src/simulator/certificates.ts'
import { component } from '../control-plane/support.ts'
import { absent, buildProcess } from '../host-builder.ts'
import { deriveFiles, type FileParts } from './support.ts'

const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
const authority = createAuthority('kubernetes')
const other = createAuthority('kubernetes')
const serving = (...names: string[]) => der(authority.issue({ commonName: 'cn.example', names, usage: 'server' }).cert)
const usual = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', '10.96.0.1', '10.0.0.7']
const flags = [
  '--tls-cert-file=/pki/api.crt',
  '--service-cluster-ip-range=10.96.0.0/12',
  '--advertise-address=10.0.0.7',
]
const kubeconfig = (servers: readonly string[], ca = authority) => ({
  certificates: [{ use: 'certificate-authority-data', der: der(ca.cert) }],
  servers: [...servers],
})

function names(given: readonly string[], certificates: FileParts['certificates'] = {}, names = usual): unknown {
  const fact = deriveFiles({
    processes: [component(1544, 'kube-apiserver', ...given)],
    directories: { '/etc/kubernetes/manifests': absent },
    certificates: {
      '/pki/api.crt': { certificates: [{ use: 'certificate', der: serving(...names) }] },
      ...certificates,
    },
  }).apiServerNames
  if (isUnavailable(fact)) return fact.unavailable.detail
  const parsed = apiServerNamesSchema.parse(fact)
  if (isUnavailable(parsed.names)) return parsed.names.unavailable.detail
  return parsed.names.value.map(({ name, isHeld }) => (isHeld ? name : `not ${name}`))
}

describe('the names that clients use', () => {
  test.each<[string, unknown, unknown]>([
    ['as kubeadm makes it', names(flags), usual],
    [
      'one that holds nothing but its common name',
      names(flags, {}, ['cn.example']),
      usual.map((name) => `not ${name}`),
    ],
    [
      'a wildcard',
      names(flags, {}, [...usual.slice(0, 3), '*.default.svc', '10.96.0.1']),
      [...usual.slice(0, 4), 'not 10.0.0.7'],
    ],
    ['no range among its flags: a program around it may set one', names([flags[0] ?? '']), usual.slice(0, 3)],
    [
      'IPv6 first',
      names([flags[0] ?? '', '--service-cluster-ip-range=fd00:10::/108,10.96.0.0/12'], {}, [...usual, 'fd00:10::1']),
      [...usual.slice(0, 3), 'fd00:10::1'],
    ],
    [
      'servers of kubeconfigs that trust its authority',
      names(flags, {
        '/etc/kubernetes/kubelet.conf': kubeconfig(['lb.example:6443', '[fd00::1]:6443', '10.0.0.7:6443']),
        '/etc/kubernetes/other.conf': kubeconfig(['elsewhere.example:6443'], other),
        '/etc/kubernetes/none.conf': { certificates: [], servers: ['x.example'] },
      }),
      [...usual, 'not lb.example', 'not fd00::1', '10.0.0.7'],
    ],
    [
      'other certificates for other names',
      names([...flags, '--tls-sni-cert-key=/a.crt,/a.key']),
      'With --tls-sni-cert-key the API server shows other certificates for other names.',
    ],
    ['its own', names([]), expect.stringContaining('names no --tls-cert-file')],
    ['not read', names(['--tls-cert-file=/pki/other.crt']), 'The certificate in /pki/other.crt was not read.'],
    ['no certificate', names(flags, { '/pki/api.crt': { certificates: [] } }), '/pki/api.crt holds no certificate.'],
  ])('%s', (_case, found, expected) => {
    expect(found).toEqual(expected)
  })

  test('no API server', () => {
    const { apiServerNames } = deriveFiles({
      processes: [buildProcess('kubelet')],
      directories: { '/etc/kubernetes/manifests': absent },
    })
    expect(apiServerNames).toMatchObject({ certificate: { source: expect.any(String) }, names: { value: [] } })
  })
})
