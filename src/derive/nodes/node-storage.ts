// The nodeStorage fact, row E1: which file system holds the folders of runtime, kubelet and etcd.
// May not: take a folder whose place was not read for one on the root file system.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { resolveDirectory } from './host.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import { mountOf, readMounts } from './mounts.ts'

type Directory = FactValue<'nodeStorage'>['directories'][number]

const remote =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|ceph|glusterfs|9p|virtiofs|afs|ocfs2|gfs2|lustre|beegfs|fuse\.(?:sshfs|s3fs|glusterfs|ceph-fuse|juicefs|rclone|gcsfuse|mount-s3|goofys)(?:[.-].*)?)$/
const volatile = /^(?:tmpfs|ramfs)$/

export interface StorageInput {
  readonly host: HostEvidence
  readonly kubelet: EffectiveKubelet | Unavailable
  readonly runtimeRoot: Observed<string>
  /** Of the controlPlaneFiles fact. */
  readonly etcdData: FactValue<'controlPlaneFiles'>['etcdData']
}

export function deriveNodeStorage({
  host,
  kubelet,
  runtimeRoot,
  etcdData,
}: StorageInput): Fact<FactValue<'nodeStorage'>> {
  const root = isUnavailable(kubelet) ? undefined : kubelet.flag('root-dir') || '/var/lib/kubelet'
  return {
    directories: [
      isUnavailable(runtimeRoot)
        ? { purpose: 'container runtime', path: 'its root folder', location: runtimeRoot }
        : describe(host, 'container runtime', runtimeRoot.value),
      root === undefined ? describe(host, 'kubelet', '/var/lib/kubelet') : describe(host, 'kubelet', root),
      ...etcd(host, etcdData),
    ],
  }
}

function etcd(host: HostEvidence, data: StorageInput['etcdData']): Directory[] {
  if (isUnavailable(data)) return [{ purpose: 'etcd', path: 'its data folder', location: data }]
  return data.value.map(({ path }) => describe(host, 'etcd', path))
}

function describe(host: HostEvidence, purpose: string, written: string): Directory {
  const path = written.length > 1 ? written.replace(/\/+$/, '') : written
  return { purpose, path, location: locate(host, path) }
}

function locate(host: HostEvidence, path: string): Directory['location'] {
  const resolved = resolveDirectory(host, path)
  if (isUnavailable(resolved)) return resolved
  if (resolved === undefined) return unavailable('not-found', `${path} does not exist on this host.`)
  const mounts = readMounts(host)
  if (isUnavailable(mounts)) return mounts
  const mount = mountOf(mounts, resolved)
  if (mount === undefined)
    return unavailable('malformed', `${mounts[0]?.source ?? ''} shows no mount that holds ${path}.`)
  const { mountPoint, device, fileSystem, options, source } = mount
  return {
    value: {
      mountPoint,
      device,
      fileSystem,
      options: [...options],
      isOnRoot: mountPoint === '/',
      isRemote: remote.test(fileSystem),
      isVolatile: volatile.test(fileSystem),
      isReadOnly: options.includes('ro'),
    },
    source: `${source}, ${mountPoint}`,
  }
}
