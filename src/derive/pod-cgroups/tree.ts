// The control groups of pods as the probe found them, by the pod's uid and the container's id, whatever driver made their names.
// May not: take a group for a pod's that no kubelet would name so.
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { type Listing, readListing } from '../nodes/host.ts'

export interface Group {
  /** Below /sys/fs/cgroup; of v1 that of the first controller seen. */
  readonly path: string
  /** By the kernel's file name. On v1 from all controllers. */
  readonly values: Readonly<Record<string, string>>
}

export interface PodGroup extends Group {
  readonly qos: 'Guaranteed' | 'Burstable' | 'BestEffort'
  /** By full id. */
  readonly containers: ReadonlyMap<string, Group>
}

export interface PodTree {
  readonly driver: 'systemd' | 'cgroupfs'
  readonly root: Group
  /** Of the lower classes of service, where they are; Guaranteed pods are in the root itself. */
  readonly classes: ReadonlyMap<string, Group>
  /** By uid, with dashes. */
  readonly pods: ReadonlyMap<string, PodGroup>
}

interface MutableGroup {
  path: string
  values: Record<string, string>
}
interface MutablePod extends MutableGroup {
  qos: PodGroup['qos']
  containers: Map<string, MutableGroup>
}

const rootName = /^(?:[A-Za-z0-9_.@-]+-)?kubepods(\.slice)?$/
const className = /^(?:[A-Za-z0-9_.@-]+-)?(burstable|besteffort)(?:\.slice)?$/
const podName = /(?:^|-)pod([0-9a-f][0-9a-f_-]{18,38}[0-9a-f])(?:\.slice)?$/
/** Of conmon, which watches over containers of CRI-O, the name has another prefix. */
const containerName = /^(?:cri-containerd-|crio-|docker-)?([0-9a-f]{64})(?:\.scope)?$/

/** Of a host whose listing is whole and whose groups bear names that kubelets give. */
export function podTreeOf(host: HostEvidence): Fact<PodTree> {
  const listing = readListing(host, 'cgroups')
  if (isUnavailable(listing)) return listing
  if (listing === undefined)
    return unavailable('not-found', 'No control group of pods (kubepods) was found on this host.')
  if (listing.isTruncated) {
    return unavailable('too-large', 'The control groups of this node’s pods are more than the probe reads.')
  }
  const tree = readPodTree(listing)
  return tree ?? unavailable('malformed', 'The control groups found are not named as kubelets name them.')
}

/** Undefined when no row is of a root that kubelets make. */
export function readPodTree({ rows }: Listing): PodTree | undefined {
  let root: MutableGroup | undefined
  let isSystemd = false
  const pods = new Map<string, MutablePod>()
  const classes = new Map<string, MutableGroup>()
  for (const row of rows) {
    const [path = '', ...fields] = row.split('\t')
    const parts = path.split('/')
    const at = parts.findIndex((part) => rootName.test(part))
    if (at < 0) continue
    isSystemd ||= (parts[at] ?? '').endsWith('.slice')
    const below = parts.slice(at + 1)
    if (below.length === 0) {
      root ??= { path, values: {} }
      take(root, fields)
      continue
    }
    const quality = below.length === 1 ? className.exec(below[0] ?? '')?.[1] : undefined
    if (quality === undefined) takePod(pods, path, below, fields)
    else
      take(
        ensure(classes, quality, () => ({ path, values: {} })),
        fields,
      )
  }
  if (root === undefined && pods.size === 0) return undefined
  return { driver: isSystemd ? 'systemd' : 'cgroupfs', root: root ?? { path: '', values: {} }, classes, pods }
}

/** Into the pod that the row is of, or into one of its containers. */
function takePod(
  pods: Map<string, MutablePod>,
  path: string,
  below: readonly string[],
  fields: readonly string[],
): void {
  const podAt = below.findIndex((part) => podName.test(part))
  const uid = podName.exec(below[podAt] ?? '')?.[1]?.replaceAll('_', '-')
  if (uid === undefined || podAt > 1) return
  const pod = ensure(pods, uid, () => ({ path, values: {}, qos: qosOf(below, podAt), containers: new Map() }))
  if (below.length === podAt + 1) take(pod, fields)
  const id = containerName.exec(below[podAt + 1] ?? '')?.[1]
  if (id !== undefined && below.length === podAt + 2) {
    take(
      ensure(pod.containers, id, () => ({ path, values: {} })),
      fields,
    )
  }
}

function qosOf(below: readonly string[], podAt: number): PodGroup['qos'] {
  if (podAt === 0) return 'Guaranteed'
  return /besteffort/.test(below[0] ?? '') ? 'BestEffort' : 'Burstable'
}

function take(group: MutableGroup, fields: readonly string[]): void {
  for (const field of fields) {
    const equals = field.indexOf('=')
    if (equals > 0) group.values[field.slice(0, equals)] = field.slice(equals + 1)
  }
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
