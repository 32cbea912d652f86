// Which distribution a node runs: by the kubelet's version, labels, processes and files, alone and against each other.
import { describe, expect, it } from 'vitest'
import { distributionOfCluster } from '../../../../src/derive/distribution/cluster.ts'
import { deriveDistribution, deriveDistributions } from '../../../../src/derive/distribution/index.ts'
import { deriveFacts } from '../../../../src/derive/index.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { NodeObject } from '../../../../src/model/objects.ts'
import { buildHost, buildProcess, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'
import { buildEvidence } from '../workloads/evidence-builder.ts'

const unread = unavailable('unreachable', 'Connection refused.')

function tell(object: Partial<NodeObject> & { version?: string; image?: string }, host?: HostParts): string {
  const { version, image, ...rest } = object
  const nodeInfo = { ...(version && { kubeletVersion: version }), ...(image && { osImage: image }) }
  const fact = deriveDistribution({ ...buildNode('n1', nodeInfo), ...rest }, host ? buildHost(host) : unread)
  if (isUnavailable(fact)) return fact.unavailable.reason
  if (isUnavailable(fact.name)) return `${fact.name.unavailable.reason}: ${fact.name.unavailable.detail}`
  const { isManaged, hasShell } = fact
  const shell = isUnavailable(hasShell) ? '?' : hasShell.value
  return `${fact.name.value} managed=${isUnavailable(isManaged) ? '?' : isManaged.value} shell=${shell}`
}

const process = (name: string, ...words: readonly string[]): HostParts => ({
  processes: [buildProcess(name, ...words)],
})

describe('a node', () => {
  it.each<[string, Parameters<typeof tell>, string]>([
    ['k3s by version', [{ version: 'v1.33.4+k3s1' }], 'k3s managed=false shell=true'],
    ['RKE2 by version', [{ version: 'v1.33.4+rke2r1' }], 'rke2 managed=false shell=true'],
    ['k0s by version', [{ version: 'v1.33.4+k0s' }], 'k0s managed=false shell=true'],
    ['EKS by version', [{ version: 'v1.33.3-eks-3abbec1' }], 'eks managed=true shell=true'],
    ['GKE by version', [{ version: 'v1.33.3-gke.1136000' }], 'gke managed=true shell=true'],
    [
      'AKS by label and machine',
      [{ version: 'v1.33.3', labels: { 'kubernetes.azure.com/cluster': 'x' }, providerID: 'azure:///subscriptions/1' }],
      'aks managed=true shell=true',
    ],
    [
      'no AKS by the label alone, which anybody may set',
      [{ version: 'v1.33.3', labels: { 'kubernetes.azure.com/cluster': 'x' } }],
      'unreachable: Connection refused.',
    ],
    [
      'MicroK8s by label',
      [{ version: 'v1.33.3', labels: { 'microk8s.io/cluster': 'true' } }],
      'microk8s managed=false shell=true',
    ],
    [
      'OpenShift by image',
      [{ version: 'v1.33.3', image: 'Red Hat Enterprise Linux CoreOS 9.6.20251013-1 (Plow)' }],
      'openshift managed=false shell=true',
    ],
    ['Talos', [{ version: 'v1.33.3', image: 'Talos (v1.11.2)' }], 'talos managed=false shell=false'],
    [
      'Bottlerocket of EKS: managed, and without a shell',
      [{ version: 'v1.33.3-eks-3abbec1', image: 'Bottlerocket OS 1.47.0 (aws-k8s-1.33)' }],
      'eks managed=true shell=false',
    ],
    [
      'Bottlerocket elsewhere',
      [{ version: 'v1.33.3', image: 'Bottlerocket OS 1.47.0 (vmware-k8s-1.33)' }],
      'bottlerocket managed=false shell=false',
    ],
    ['k3s by process', [{}, process('k3s-agent', 'agent')], 'k3s managed=false shell=true'],
    ['MicroK8s by process', [{}, process('kubelite')], 'microk8s managed=false shell=true'],
    [
      'kubeadm by its file',
      [{ version: 'v1.33.3' }, { files: { '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS=\n' } }],
      'kubeadm managed=false shell=true',
    ],
    [
      'EKS by the kubelet’s file',
      [{}, process('kubelet', '--config=/etc/kubernetes/kubelet/config.json')],
      'eks managed=true shell=true',
    ],
    [
      'nothing',
      [{ version: 'v1.33.3' }, {}],
      'unsupported: Neither says which distribution this is: kubelet v1.33.3 and the labels, the host’s processes and files.',
    ],
    [
      'a contradiction, said with both',
      [{ version: 'v1.33.4+k3s1' }, process('rke2', 'server')],
      'malformed: The signs contradict each other: k3s (v1.33.4+k3s1, status.nodeInfo.kubeletVersion of node n1), but RKE2 (process rke2, pid 812).',
    ],
    ['a version that only looks like one', [{ version: 'v1.33.4-k3s' }], 'unreachable: Connection refused.'],
  ])('%s', (_name, given, expected) => {
    expect(tell(...given)).toBe(expected)
  })
})

describe('a cluster', () => {
  const eks = (name: string) => buildNode(name, { kubeletVersion: 'v1.33.3-eks-3abbec1' })
  const managedBy = (nodes: readonly NodeObject[]): string => {
    const evidence = buildEvidence({ objects: { nodes: [...nodes] } })
    const fact = deriveDistributions(evidence, deriveFacts(evidence).units.nodes)
    if (isUnavailable(fact)) return fact.unavailable.reason
    return isUnavailable(fact.managedBy)
      ? `${fact.managedBy.unavailable.reason}: ${fact.managedBy.unavailable.detail}`
      : `"${fact.managedBy.value}" by ${fact.managedBy.source}`
  }

  it.each<[string, readonly NodeObject[], string]>([
    [
      'of EKS nodes alone',
      [eks('a'), eks('b')],
      '"Amazon EKS" by v1.33.3-eks-3abbec1, status.nodeInfo.kubeletVersion of node a; no node has a control plane’s role',
    ],
    [
      'with a control plane among its nodes',
      [eks('a'), { ...eks('b'), roles: ['control-plane'] }],
      '"" by roles of node b: control-plane',
    ],
    [
      'with a node that nothing tells of',
      [eks('a'), buildNode('b', { kubeletVersion: 'v1.33.3' })],
      'unsupported: Nodes are of Amazon EKS, but not all of them are known to be.',
    ],
    [
      'of k3s',
      [buildNode('a', { kubeletVersion: 'v1.33.4+k3s1' })],
      '"" by no node is of a service that runs the control plane',
    ],
    ['without nodes', [], 'unsupported: Of 0 nodes it is not known which distribution they run.'],
  ])('%s', (_name, nodes, expected) => {
    expect(managedBy(nodes)).toBe(expected)
  })
})

describe('the benchmark of a cluster goes by', () => {
  const aksMachine = {
    providerID:
      'azure:///subscriptions/1/resourceGroups/x/providers/Microsoft.Compute/virtualMachineScaleSets/aks-pool1-1-vmss/virtualMachines/0',
  }
  const node = (name: string, version: string, rest: Partial<NodeObject> = {}, image?: string): NodeObject => ({
    ...buildNode(name, { kubeletVersion: version, ...(image !== undefined && { osImage: image }) }),
    ...rest,
  })

  it.each<[string, string, readonly NodeObject[], string | undefined]>([
    ['the API server: EKS', 'v1.31.4-eks-ae9a62a', [], 'eks'],
    ['the API server: GKE', 'v1.31.4-gke.1006000', [], 'gke'],
    ['the API server: k3s', 'v1.33.2+k3s1', [], 'k3s'],
    ['the API server: RKE2', 'v1.33.2+rke2r1', [], 'rke2'],
    ['the API server rather than a node that says otherwise', 'v1.33.2+k3s1', [node('a', 'v1.33.2+rke2r1')], 'k3s'],
    ['nodes that are machines of AKS', 'v1.33.2', [node('a', 'v1.33.2', aksMachine)], 'aks'],
    [
      'nodes with the system of OpenShift',
      'v1.33.2',
      [node('a', 'v1.33.2', {}, 'Red Hat Enterprise Linux CoreOS 418')],
      'openshift',
    ],
    [
      'nodes alone, where the server carries no mark',
      'v1.33.2',
      [node('a', 'v1.33.2+k3s1'), buildNode('b', {})],
      'k3s',
    ],
    ['neither of nodes that differ', 'v1.33.2', [node('a', 'v1.33.2+k3s1'), node('b', 'v1.33.2+rke2r1')], undefined],
    ['nothing for a pre-release', 'v1.34.0-rc.1', [buildNode('a', {})], undefined],
    ['nothing for what only looks like a mark', 'v1.34.0-eksy', [], undefined],
    ['nothing for a version that is none', 'my-eks-cluster', [], undefined],
    [
      'nothing for machines on Azure that are not of AKS',
      'v1.34.0',
      [node('a', 'v1.34.0', { providerID: 'azure:///subscriptions/1/virtualMachines/aks-1' })],
      undefined,
    ],
  ])('%s', (_name, version, nodes, expected) => {
    const evidence = buildEvidence({ objects: { nodes: [...nodes] } })
    const seen = { ...evidence, header: { ...evidence.header, cluster: { ...evidence.header.cluster, version } } }
    expect(distributionOfCluster(seen, deriveFacts(seen))).toBe(expected)
  })

  it('nodes, where the server’s version could not be read', () => {
    const evidence = buildEvidence({ objects: { nodes: [node('a', 'v1.33.2+k3s1')] } })
    const cluster = { ...evidence.header.cluster, version: unread }
    const seen = { ...evidence, header: { ...evidence.header, cluster } }
    expect(distributionOfCluster(seen, deriveFacts(seen))).toBe('k3s')
  })
})
