// Builds a control-plane node: processes, manifests and files, with a kubelet that reads /etc/kubernetes/manifests.
import { deriveControlPlane, type MirrorPod } from '../../../../src/derive/control-plane/index.ts'
import { findHolder } from '../../../../src/derive/distribution/embedded.ts'
import { resolveKubelet } from '../../../../src/derive/nodes/kubelet-effective.ts'
import type { Observed } from '../../../../src/model/fact.ts'
import type { NodeEvidence, ProcessEvidence } from '../../../../src/model/node-evidence.ts'
import { buildHost, buildProcess, type HostParts } from '../host-builder.ts'

export const manifests = '/etc/kubernetes/manifests'
const started = 1_700_000_000

export interface NodeParts {
  readonly processes?: readonly ProcessEvidence[]
  readonly files?: HostParts['files']
  readonly directories?: HostParts['directories']
  readonly mirrorPods?: readonly MirrorPod[]
  readonly clusterVersion?: string
  /** Instead of a host that was read. */
  readonly host?: NodeEvidence['host']
  readonly kubeletFlags?: readonly string[]
  readonly kubeletMinor?: number
  /** What k3s notes on the node's object. */
  readonly nodeArguments?: readonly string[]
}

export function component(pid: number, ...argv: readonly string[]): ProcessEvidence {
  const [program = ''] = argv
  const name = program.slice(program.lastIndexOf('/') + 1).slice(0, 15)
  return { pid, name, arguments: [...argv], startedAt: started }
}

export const apiServer = (...flags: readonly string[]) => component(1544, 'kube-apiserver', ...flags)

const configuration = [
  'apiVersion: kubelet.config.k8s.io/v1beta1',
  'kind: KubeletConfiguration',
  `staticPodPath: ${manifests}`,
  '',
].join('\n')

export function deriveNode(parts: NodeParts) {
  const kubelet = buildProcess('kubelet', '--config=/var/lib/kubelet/config.yaml', ...(parts.kubeletFlags ?? []))
  const manifestNames = Object.keys(parts.files ?? {}).flatMap((path) =>
    path.startsWith(`${manifests}/`) ? [path.slice(manifests.length + 1)] : [],
  )
  const host =
    parts.host ??
    buildHost({
      processes: [kubelet, ...(parts.processes ?? [])],
      files: { '/var/lib/kubelet/config.yaml': configuration, ...parts.files },
      directories: { [manifests]: manifestNames, ...parts.directories },
    })
  const isRead = !('unavailable' in host)
  const minor = parts.kubeletMinor ?? 34
  return deriveControlPlane({
    node: 'cp-1',
    host,
    mirrorPods: parts.mirrorPods ?? [],
    clusterVersion: { value: parts.clusterVersion ?? 'v1.34.2', source: '/version of the API server' },
    kubelet: isRead ? resolveKubelet({ host, process: kubelet, version: { minor, isDistributionBuild: false } }) : host,
    kubeletProcess: isRead ? kubelet : host,
    kubeletMinor: { value: minor, source: 'status.nodeInfo.kubeletVersion of node cp-1' },
    holder: isRead
      ? findHolder({
          host,
          node: 'cp-1',
          minor: { value: minor, source: 'status.nodeInfo.kubeletVersion of node cp-1' },
          nodeArguments: parts.nodeArguments,
        })
      : undefined,
  })
}

/** The API server's fact of a node that runs one with these flags and files. */
export function apiServerOf(flags: readonly string[], files: HostParts['files'] = {}, version?: string) {
  const facts = deriveNode({
    processes: [apiServer(...flags)],
    files,
    ...(version === undefined ? {} : { clusterVersion: version }),
  })
  if ('unavailable' in facts.apiServer) throw new Error(facts.apiServer.unavailable.detail)
  return facts.apiServer
}

/** "value from source", or "reason: detail". */
export function tell(observed: Observed<unknown> | { value?: unknown; source: string }): string {
  if ('unavailable' in observed) return `${observed.unavailable.reason}: ${observed.unavailable.detail}`
  return `${JSON.stringify(observed.value)} from ${observed.source}`
}
