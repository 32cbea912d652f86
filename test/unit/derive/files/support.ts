// Builds nodes for the file facts: paths with modes as "0644 root:root", the folders above them closed, and how a list reads.

import { componentNames } from '../../../../src/derive/control-plane/components.ts'
import { readStaticPods } from '../../../../src/derive/control-plane/manifests.ts'
import { findRunning, type MirrorPod } from '../../../../src/derive/control-plane/running.ts'
import { deriveApiServerNames } from '../../../../src/derive/files/api-server-names.ts'
import { deriveCertificates } from '../../../../src/derive/files/certificates.ts'
import { deriveControlPlaneFiles } from '../../../../src/derive/files/control-plane-files.ts'
import { deriveNodeFiles } from '../../../../src/derive/files/node-files.ts'
import { resolveKubelet } from '../../../../src/derive/nodes/kubelet-effective.ts'
import { findKubelet } from '../../../../src/derive/nodes/kubelet-process.ts'
import { isUnavailable, type Unavailable } from '../../../../src/model/fact.ts'
import type { AuditedFile } from '../../../../src/model/facts-files.ts'
import type { HostEvidence, PathStatus } from '../../../../src/model/node-evidence.ts'
import { buildHost, type HostParts } from '../host-builder.ts'

export interface FileParts extends HostParts {
  /** Path → "0600 root:root", with "d" before it for a folder, or evidence as it is. Folders above are 0755 root:root where left out. */
  readonly modes?: Readonly<Record<string, string | PathStatus>>
  readonly certificates?: HostEvidence['certificates']
  readonly mirrorPods?: readonly MirrorPod[]
}

const ids: Readonly<Record<string, number>> = { root: 0, etcd: 998, alice: 1000 }

function status(text: string): PathStatus {
  const [mode = '', owners = ''] = text.replace(/^d/, '').split(' ')
  const [owner = '', group = ''] = owners.split(':')
  const kind = text.startsWith('d') ? 'directory' : 'file'
  return { kind, stat: { mode, uid: ids[owner] ?? 4711, gid: ids[group] ?? 4711, owner, group, modifiedAt: 1 } }
}

export function buildFiles(parts: FileParts): HostEvidence {
  const given = Object.entries(parts.modes ?? {})
  const above = given.flatMap(([path]) => {
    const names = path.split('/').slice(1, -1)
    return names.map((_name, index) => `/${names.slice(0, index + 1).join('/')}`)
  })
  const statuses: Record<string, PathStatus> = Object.fromEntries(
    above.map((path) => [path, status('d0755 root:root')]),
  )
  for (const [path, one] of given) statuses[path] = typeof one === 'string' ? status(one) : one
  return { ...buildHost(parts), statuses, certificates: parts.certificates ?? {} }
}

export function deriveFiles(parts: FileParts) {
  const host = buildFiles(parts)
  const process = findKubelet(host, 'cp-1')
  const version = { minor: 34, isDistributionBuild: false }
  const kubelet = isUnavailable(process) ? process : resolveKubelet({ host, process, version })
  const staticPods = readStaticPods(host, '/etc/kubernetes/manifests')
  const clusterVersion = { value: 'v1.34.2', source: 'API server' }
  const mirrorPods = parts.mirrorPods ?? []
  const states = new Map(
    componentNames.map((name) => [
      name,
      findRunning(name, { node: 'cp-1', host, mirrorPods, staticPods, clusterVersion, holder: undefined }),
    ]),
  )
  const known = <T>(fact: T | Unavailable): T => {
    if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
    return fact
  }
  return {
    controlPlane: known(deriveControlPlaneFiles({ host, states, staticPods })),
    node: known(deriveNodeFiles(host, kubelet)),
    certificates: known(deriveCertificates(host, states, kubelet)).files,
    apiServerNames: deriveApiServerNames(host, states),
  }
}

type Files =
  | { readonly value: readonly AuditedFile[]; readonly source: string }
  | { readonly unavailable: { reason: string } }

/** One line a file: "/path 0644 root:root (0:0), from". */
export function tell(files: Files): string[] | string {
  if ('unavailable' in files) return files.unavailable.reason
  return files.value.map(({ path, source, access }) => {
    if ('unavailable' in access) return `${path} ${access.unavailable.reason}, ${source}`
    return `${path} ${access.value.mode} ${access.value.ownership}, ${source}`
  })
}
