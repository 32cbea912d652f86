import { expect, it } from 'vitest'
import { deriveCertificates } from '../../../../src/derive/files/certificates.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'

const host: HostEvidence = {
  run: {
    transport: 'ssh',
    privilege: 'user',
    startedAt: '2026-11-20T02:00:00.000Z',
    durationMs: 1,
    bytes: 1,
    probeVersion: '1',
  },
  files: {},
  directories: {},
  processes: [],
  commands: {},
  certificates: {},
}

it('knows that it does not know the certificates of a kubelet whose configuration was not read', () => {
  const denied = unavailable('permission-denied', '/var/lib/kubelet/config.yaml is not readable.')
  expect(deriveCertificates(host, new Map(), denied)).toEqual({
    files: [
      {
        path: '(named by the kubelet)',
        use: 'certificate',
        source: 'the kubelet',
        isInUse: true,
        role: '',
        certificate: denied,
      },
    ],
  })
})

it('knows that it does not know the certificates of components that could not be seen', () => {
  const hidden = unavailable('permission-denied', 'Processes of others are hidden.')
  const states = new Map([['kube-apiserver' as const, hidden]])
  const stopped = unavailable('not-running', 'No kubelet runs.')
  expect(deriveCertificates(host, states, stopped)).toMatchObject({ files: [{ isInUse: true, certificate: hidden }] })
})

it('finds none in use where no kubelet and no component run', () => {
  const stopped = unavailable('not-running', 'No kubelet runs.')
  expect(deriveCertificates(host, new Map(), stopped)).toEqual({ files: [] })
})
