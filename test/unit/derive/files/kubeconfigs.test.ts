// Whether kubeconfigs verify the API server: by what the probe says of each, and unknown wherever it says nothing.
import { describe, expect, it } from 'vitest'
import { deriveKubeconfigs } from '../../../../src/derive/files/kubeconfigs.ts'
import type { CertificateEvidence, HostEvidence } from '../../../../src/model/node-evidence.ts'
import { buildHost, denied } from '../host-builder.ts'

const list = (...paths: string[]) => ({
  value: paths.map((path) => ({ path, source: 'test', access: denied })),
  source: 'test',
})
const nodeFiles = {
  kubeletUnits: list(),
  proxyKubeconfigs: list(),
  kubeletKubeconfigs: list('/etc/kubernetes/kubelet.conf'),
  kubeletClientCAs: list(),
  bootstrapKubeconfigs: list(),
  kubeletConfigurations: list(),
  cniFiles: list(),
  kubeletKeys: list(),
}
const nowhere = denied

function tell(certificates: HostEvidence['certificates'], files: Partial<typeof nodeFiles> = {}): string {
  const host = { ...buildHost({}), ...(certificates && { certificates }) }
  const found = deriveKubeconfigs(host, { nodeFiles: { ...nodeFiles, ...files }, controlPlaneFiles: controlPlane })
  if ('unavailable' in found) return found.unavailable.reason
  return found.files
    .map(({ path, verifiesServer: one }) => `${path} ${'unavailable' in one ? one.unavailable.reason : one.value}`)
    .join(', ')
}

const none = list()
const controlPlane = {
  apiServerManifests: none,
  controllerManagerManifests: none,
  schedulerManifests: none,
  etcdManifests: none,
  etcdData: none,
  adminKubeconfigs: none,
  schedulerKubeconfigs: none,
  controllerManagerKubeconfigs: none,
  pkiEntries: none,
  pkiCertificates: none,
  pkiKeys: none,
}

const kubeconfig = (tlsVerification?: 'on' | 'off' | 'unclear'): CertificateEvidence => ({
  certificates: [],
  ...(tlsVerification && { tlsVerification }),
})
const kubelet = '/etc/kubernetes/kubelet.conf'

describe('a kubeconfig', () => {
  it.each<[string, HostEvidence['certificates'], string]>([
    ['verifies', { [kubelet]: kubeconfig('on') }, `${kubelet} true`],
    ['does not', { [kubelet]: kubeconfig('off') }, `${kubelet} false`],
    ['says it in a way that is not read', { [kubelet]: kubeconfig('unclear') }, `${kubelet} malformed`],
    ['was read by a probe that did not look', { [kubelet]: kubeconfig() }, `${kubelet} not-collected`],
    ['could not be read', { [kubelet]: denied }, `${kubelet} permission-denied`],
    ['was not asked for', {}, `${kubelet} not-collected`],
    ['is gone', { [kubelet]: { absent: true } }, ''],
    [
      'that nothing names counts too, certificates do not',
      { [kubelet]: kubeconfig('on'), '/root/x.conf': kubeconfig('off'), '/etc/ca.crt': kubeconfig() },
      `${kubelet} true, /root/x.conf false`,
    ],
    ['of a snapshot from before', undefined, 'not-collected'],
  ])('%s', (_name, certificates, expected) => {
    expect(tell(certificates)).toBe(expected)
  })

  it('whose place could not be learned leaves the node open', () => {
    const found = deriveKubeconfigs(
      { ...buildHost({}), certificates: { [kubelet]: kubeconfig('on') } },
      { nodeFiles: { ...nodeFiles, proxyKubeconfigs: nowhere }, controlPlaneFiles: controlPlane },
    )
    expect('unavailable' in found ? [] : found.files.map(({ path }) => path)).toEqual(
      ['(of kube-proxy)', kubelet].sort(),
    )
  })
})
