// etcd's settings: the configuration file alone, or flags above variables.
import { describe, expect, it } from 'vitest'
import { isUnavailable } from '../../../../src/model/fact.ts'
import type { ProcessEvidence } from '../../../../src/model/node-evidence.ts'
import { buildHost } from '../host-builder.ts'
import { apiServer, component, deriveNode, tell } from './support.ts'

function etcdOf(
  flags: readonly string[],
  environment?: Record<string, string>,
  files: Record<string, string> = {},
  others: ProcessEvidence[] = [],
) {
  const process = { ...component(40, 'etcd', ...flags), ...(environment === undefined ? {} : { environment }) }
  const { etcd } = deriveNode({ processes: [process, ...others], files })
  if (isUnavailable(etcd)) throw new Error(etcd.unavailable.detail)
  return etcd
}

describe('etcd', () => {
  it('has a version of its own, which the API server does not tell', () => {
    expect(etcdOf([]).version).toMatchObject({ unavailable: { reason: 'unsupported' } })
  })

  it.each<[name: string, flags: string[], environment: Record<string, string> | undefined, expected: string[]]>([
    [
      'flags',
      ['--cert-file=/c', '--client-cert-auth=true'],
      {},
      ['"/c" from --cert-file of pid 40', 'true from --client-cert-auth of pid 40', 'false from default of etcd'],
    ],
    [
      'one dash and a bare boolean',
      ['-cert-file', '/c', '-client-cert-auth'],
      {},
      ['"/c" from --cert-file of pid 40', 'true from --client-cert-auth of pid 40', 'false from default of etcd'],
    ],
    [
      'variables',
      [],
      { ETCD_CERT_FILE: '/c', ETCD_CLIENT_CERT_AUTH: 'true', ETCD_AUTO_TLS: '1' },
      [
        '"/c" from ETCD_CERT_FILE of pid 40',
        'true from ETCD_CLIENT_CERT_AUTH of pid 40',
        'true from ETCD_AUTO_TLS of pid 40',
      ],
    ],
    [
      'flags above variables, empty variables',
      ['--client-cert-auth=false'],
      { ETCD_CERT_FILE: '', ETCD_CLIENT_CERT_AUTH: 'true', ETCD_AUTO_TLS: 'perhaps' },
      [
        '"" from default of etcd',
        'false from --client-cert-auth of pid 40',
        'malformed: ETCD_AUTO_TLS of pid 40 is "perhaps", neither true nor false.',
      ],
    ],
  ])('%s', (_name, flags, environment, expected) => {
    const etcd = etcdOf(flags, environment)
    expect([etcd.certFile, etcd.clientCertAuth, etcd.autoTLS].map(tell)).toEqual(expected)
  })

  it('is not known where neither flag nor environment were seen', () => {
    const etcd = etcdOf(['--cert-file=/c'])
    const why = (flag: string, variable: string) =>
      `permission-denied: pid 40 has no --${flag}, and its environment, where ${variable} may stand, was not read.`
    // A configuration file may be named in the environment as well, and would overrule every flag.
    expect([etcd.configurationFile, etcd.certFile].map(tell)).toEqual([
      why('config-file', 'ETCD_CONFIG_FILE'),
      why('config-file', 'ETCD_CONFIG_FILE'),
    ])
  })

  it('has the file alone, whatever flags and variables say', () => {
    const file = [
      'name: a',
      'listen-client-urls: https://10.0.0.1:2379,https://127.0.0.1:2379',
      'client-transport-security: {cert-file: /f, client-cert-auth: true}',
      'peer-transport-security: {cert-file: /p, auto-tls: true, key-file: 1}',
    ].join('\n')
    const etcd = etcdOf(
      ['--config-file=/e.yaml', '--cert-file=/c', '--trusted-ca-file=/t'],
      { ETCD_KEY_FILE: '/k' },
      { '/e.yaml': file },
    )
    const {
      certFile,
      keyFile,
      clientCertAuth,
      trustedCAFile,
      peerCertFile,
      peerKeyFile,
      peerAutoTLS,
      listenClientURLs,
      listenPeerURLs,
    } = etcd
    expect(
      [
        certFile,
        keyFile,
        clientCertAuth,
        trustedCAFile,
        peerCertFile,
        peerKeyFile,
        peerAutoTLS,
        listenClientURLs,
        listenPeerURLs,
      ].map(tell),
    ).toEqual([
      '"/f" from /e.yaml',
      '"" from default of etcd: /e.yaml does not set key-file',
      'true from /e.yaml',
      '"" from default of etcd: /e.yaml does not set trusted-ca-file',
      '"/p" from /e.yaml',
      'malformed: peer-key-file in /e.yaml is not of its type.',
      'true from /e.yaml',
      '["https://10.0.0.1:2379","https://127.0.0.1:2379"] from /e.yaml',
      '["http://localhost:2380"] from default of etcd: /e.yaml does not set listen-peer-urls',
    ])
  })

  it.each<[name: string, ca: string, certificates: Record<string, readonly string[]>, expected: string]>([
    ['another authority', '/etcd.crt', { '/etcd.crt': ['AA'], '/ca.crt': ['BB'] }, 'false from /etcd.crt, /ca.crt'],
    ['one in a bundle', '/etcd.crt', { '/etcd.crt': ['AA', 'BB'], '/ca.crt': ['BB'] }, 'true from /etcd.crt, /ca.crt'],
    ['the same file', '/ca.crt', { '/ca.crt': ['BB'] }, 'true from /ca.crt, /ca.crt'],
    [
      'not read',
      '/etcd.crt',
      { '/ca.crt': ['BB'] },
      'not-collected: The certificates in /etcd.crt were not read by the probe.',
    ],
    ['empty', '/etcd.crt', { '/etcd.crt': [], '/ca.crt': ['BB'] }, 'malformed: /etcd.crt holds no certificate.'],
    ['none', '', { '/ca.crt': ['BB'] }, 'false from default of etcd'],
  ])('trusts %s', (_name, ca, certificates, expected) => {
    const kubelet = { pid: 1, name: 'kubelet', arguments: ['kubelet'] }
    const processes = [
      kubelet,
      apiServer('--client-ca-file=/ca.crt'),
      { ...component(40, 'etcd', ...(ca === '' ? [] : [`--trusted-ca-file=${ca}`])), environment: {} },
    ]
    const read = Object.entries(certificates).map(([path, list]) => [
      path,
      { certificates: list.map((der) => ({ use: 'certificate', der })) },
    ])
    const { etcd } = deriveNode({ host: { ...buildHost({ processes }), certificates: Object.fromEntries(read) } })
    expect(isUnavailable(etcd) ? tell(etcd) : tell(etcd.trustsClusterCA)).toBe(expected)
  })

  it('is no server as gateway', () => {
    expect(tell(etcdOf([], {}, {}, []).runs)).toBe('true from pid 40')
    expect(tell(etcdOf(['gateway', 'start'], {}).runs)).toBe('false from processes of the node')
  })
})
