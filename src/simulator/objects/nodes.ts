// Node objects, as the kubelets of the demo's hosts would have registered them.
// May not: tell anything but what a kubelet reports; the host itself is in hosts/.
import { type KubeObject, meta, type Strings, uid } from './build.ts'

export interface NodeDescription {
  readonly name: string
  readonly address: string
  readonly isControlPlane: boolean
  readonly kubeletVersion: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly containerRuntimeVersion: string
  readonly cpu?: string
  readonly memory?: string
  /** Bytes of swap, as nodes with NodeSwap report it. */
  readonly swapBytes?: number
  readonly joinedAt?: string
  readonly labels?: Strings
  readonly annotations?: Strings
  readonly providerID?: string
}

/** Addresses are loopback: if somebody connects to one, the packet stays here. */
export const demoNodes: readonly NodeDescription[] = [
  controlPlane('cp-1', '127.0.10.1'),
  controlPlane('cp-2', '127.0.10.2'),
  controlPlane('cp-3', '127.0.10.3'),
  {
    name: 'worker-1',
    address: '127.0.10.11',
    isControlPlane: false,
    kubeletVersion: 'v1.34.2',
    kernelVersion: '5.14.0-570.12.1.el9_6.x86_64',
    osImage: 'Red Hat Enterprise Linux 9.6 (Plow)',
    containerRuntimeVersion: 'cri-o://1.34.1',
    cpu: '16',
    memory: '65543244Ki',
  },
  {
    name: 'worker-2',
    address: '127.0.10.12',
    isControlPlane: false,
    kubeletVersion: 'v1.33.6',
    kernelVersion: '6.1.0-37-amd64',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    containerRuntimeVersion: 'docker://20.10.24+dfsg1',
    cpu: '8',
    memory: '32771840Ki',
    swapBytes: 2_147_479_552,
  },
  {
    name: 'worker-3',
    address: '127.0.10.13',
    isControlPlane: false,
    kubeletVersion: 'v1.34.2',
    kernelVersion: '5.15.0-160-generic',
    osImage: 'Ubuntu 22.04.5 LTS',
    containerRuntimeVersion: 'containerd://1.7.28',
    cpu: '8',
    memory: '32771840Ki',
  },
]

function controlPlane(name: string, address: string): NodeDescription {
  return {
    name,
    address,
    isControlPlane: true,
    kubeletVersion: 'v1.34.2',
    kernelVersion: '6.8.0-87-generic',
    osImage: 'Ubuntu 24.04.3 LTS',
    containerRuntimeVersion: 'containerd://2.1.4',
  }
}

export function nodeObject(node: NodeDescription): KubeObject {
  const { name, isControlPlane, swapBytes, joinedAt } = node
  const joined = joinedAt ?? '2026-09-16T10:00:00Z'
  const control = isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}
  const resources = {
    cpu: node.cpu ?? '4',
    memory: node.memory ?? '16393220Ki',
    'ephemeral-storage': '102350Mi',
    pods: '110',
  }
  return {
    metadata: meta('Node', {
      name,
      creationTimestamp: joined,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...control,
        ...node.labels,
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...node.annotations,
      },
    }),
    spec: {
      podCIDR: '10.244.0.0/24',
      ...(node.providerID === undefined ? {} : { providerID: node.providerID }),
      ...(isControlPlane ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
    },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: conditions(joined),
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: nodeInfo(node, swapBytes),
    },
  }
}

function nodeInfo(node: NodeDescription, swapBytes: number | undefined): KubeObject {
  const { kernelVersion, osImage, containerRuntimeVersion, kubeletVersion } = node
  return {
    machineID: uid('machine', node.name),
    systemUUID: uid('system', node.name),
    bootID: uid('boot', node.name),
    kernelVersion,
    osImage,
    containerRuntimeVersion,
    kubeletVersion,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
    ...(swapBytes === undefined ? {} : { swap: { capacity: swapBytes } }),
  }
}

function conditions(since: string): readonly KubeObject[] {
  const heartbeat = '2026-11-20T08:00:00Z'
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    lastHeartbeatTime: heartbeat,
    lastTransitionTime: since,
  })
  return [
    condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
    condition('Ready', 'True', 'KubeletReady'),
  ]
}
