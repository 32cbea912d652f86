// OpenShift's way to start components: a script in a static pod, and a file of flags. What the file does not say is not made up.
import { describe, expect, it } from 'vitest'
import { readOpenShift } from '../../../../src/derive/distribution/openshift.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { apiServer, deriveNode, manifests, tell } from '../control-plane/support.ts'
import { denied } from '../host-builder.ts'

const path = '/etc/kubernetes/static-pod-resources/configmaps/config/config.yaml'
const onHost = '/etc/kubernetes/static-pod-resources/kube-apiserver-pod-3/configmaps/config/config.yaml'

function read(content: string | undefined): string {
  const found = readOpenShift(content === undefined ? undefined : { path: onHost, content }, path)
  return isUnavailable(found)
    ? `${found.unavailable.reason}: ${found.unavailable.detail}`
    : found.arguments.map((one) => `${one} < ${found.origin(one.slice(2).split('=')[0] ?? '')}`).join('\n')
}

describe('the file', () => {
  it.each<[string, string | undefined, string]>([
    [
      'gives lists one value an argument, and how it serves where the arguments do not say',
      '{"apiServerArguments":{"authorization-mode":["RBAC","Node"]},"servingInfo":{"minTLSVersion":"VersionTLS12","cipherSuites":["A","B"]}}',
      [
        `--authorization-mode=RBAC < apiServerArguments in ${onHost}`,
        `--authorization-mode=Node < apiServerArguments in ${onHost}`,
        `--tls-cipher-suites=A,B < servingInfo in ${onHost}`,
        `--tls-min-version=VersionTLS12 < servingInfo in ${onHost}`,
      ].join('\n'),
    ],
    [
      'of a controller manager',
      'extendedArguments: {profiling: ["false"]}\n',
      `--profiling=false < extendedArguments in ${onHost}`,
    ],
    [
      'without authorization modes says nothing of what OpenShift sets then',
      'apiServerArguments: {profiling: ["false"]}\n',
      `unsupported: ${onHost} gives no authorization-mode, and what OpenShift then sets is not known.`,
    ],
    ['of another kind', 'a: b\n', `malformed: ${onHost} has no apiServerArguments or extendedArguments.`],
    ['that is not there', undefined, `not-found: ${path}, the file of --openshift-config, is not on the host.`],
  ])('%s', (_name, content, expected) => {
    expect(read(content)).toBe(expected)
  })
})

/** A static pod that starts the API server by a script, its folder mounted from the revision's. */
const pod = JSON.stringify({
  kind: 'Pod',
  apiVersion: 'v1',
  spec: {
    containers: [
      {
        name: 'kube-apiserver',
        image: 'quay.io/a@sha256:0',
        command: ['/bin/bash', '-ec'],
        args: [
          `exec {LOCK_FD}>/var/lock\nexec watch-termination --grace=1s -- hyperkube kube-apiserver --openshift-config=${path} --advertise-address=\${HOST_IP} -v=2\n`,
        ],
        volumeMounts: [{ name: 'r', mountPath: '/etc/kubernetes/static-pod-resources' }],
      },
    ],
    volumes: [{ name: 'r', hostPath: { path: '/etc/kubernetes/static-pod-resources/kube-apiserver-pod-3' } }],
  },
})

describe('a node', () => {
  const derive = (file: Parameters<typeof deriveNode>[0]['files']) =>
    deriveNode({
      processes: [apiServer(`--openshift-config=${path}`, '--advertise-address=192.0.2.1', '-v=2')],
      files: { [`${manifests}/kube-apiserver-pod.yaml`]: pod, ...file },
    })

  it('reads the file where the script’s pod mounts it, and compares no variables', () => {
    const facts = derive({
      [onHost]: '{"apiServerArguments":{"authorization-mode":["RBAC"],"anonymous-auth":["true"]}}',
    })
    if (isUnavailable(facts.apiServer) || isUnavailable(facts.staticPods)) throw new Error('not known')
    expect(tell(facts.apiServer.anonymousAuthentication)).toBe(
      `true from --anonymous-auth (apiServerArguments in ${onHost})`,
    )
    expect(tell(facts.apiServer.manifest)).toBe(`"${manifests}/kube-apiserver-pod.yaml" from ${manifests}`)
    expect(facts.staticPods).toMatchObject({ components: ['kube-apiserver'], differences: [] })
  })

  it('knows nothing of the settings where the file may not be read', () => {
    const { apiServer: fact } = derive({ [onHost]: denied })
    if (isUnavailable(fact)) throw new Error('not known')
    expect(tell(fact.runs)).toBe('true from pid 1544')
    expect(tell(fact.anonymousAuthentication)).toBe(`permission-denied: ${path}: Permission denied.`)
    expect(tell(fact.authorizationModes)).toBe(`permission-denied: ${path}: Permission denied.`)
  })
})

describe('a worker of a managed service whose host was not read', () => {
  it('runs no control plane, by what the API says of it; any other is unknown', async () => {
    const { deriveNodeUnit } = await import('../../../../src/derive/nodes/node.ts')
    const { buildNode } = await import('../node-builder.ts')
    const host = { unavailable: { reason: 'unreachable', detail: 'No route.' } } as const
    const runs = (version: string, roles: string[]): string => {
      const object = { ...buildNode('n1', { kubeletVersion: version }), roles }
      const { apiServer: fact } = deriveNodeUnit({ name: 'n1', object, host }).facts
      if (fact === undefined) return 'nothing'
      return isUnavailable(fact) ? fact.unavailable.reason : tell(fact.runs)
    }
    expect(runs('v1.34.1-eks-113cf36', [])).toBe(
      'false from Amazon EKS runs it: v1.34.1-eks-113cf36, status.nodeInfo.kubeletVersion of node n1',
    )
    expect(runs('v1.34.1-eks-113cf36', ['control-plane'])).toBe('unreachable')
    expect(runs('v1.34.1', [])).toBe('unreachable')
  })
})
