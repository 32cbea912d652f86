// The runtimeStorage fact, row E1: the file system under the runtime's root folder, and whether its directory entries have types.
// May not: judge the file system for a storage driver.
import { type Fact, isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { commandOutput, resolveDirectory } from './host.ts'
import { short } from './kubelet-document.ts'
import { type Mount, mountOf, readMounts } from './mounts.ts'

/** File systems whose directory entries always carry their type, for all that is mountable today. */
const alwaysTyped: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'btrfs', 'zfs', 'tmpfs', 'f2fs', 'bcachefs'])

export function deriveRuntimeStorage(
  host: HostEvidence,
  rootDirectory: Observed<string>,
): Fact<FactValue<'runtimeStorage'>> {
  if (isUnavailable(rootDirectory)) return rootDirectory
  const path = rootDirectory.value.length > 1 ? rootDirectory.value.replace(/\/+$/, '') : rootDirectory.value
  const resolved = resolveDirectory(host, path)
  if (isUnavailable(resolved)) return resolved
  if (resolved === undefined)
    return unavailable('not-found', `The runtime's root folder ${short(path)} does not exist on this host.`)
  const mount = findMount(host, resolved)
  if (isUnavailable(mount)) {
    return { path, mountPoint: mount, device: mount, fileSystem: mount, mountOptions: mount, dType: mount }
  }
  const { source } = mount
  return {
    path,
    mountPoint: { value: mount.mountPoint, source },
    device: { value: mount.device, source },
    fileSystem: { value: mount.fileSystem, source },
    mountOptions: { value: [...mount.options], source },
    dType: readType(host, mount),
  }
}

function findMount(host: HostEvidence, path: string): Fact<Mount> {
  const mounts = readMounts(host)
  if (isUnavailable(mounts)) return mounts
  return (
    mountOf(mounts, path) ?? unavailable('malformed', `${mounts[0]?.source} shows no mount that holds ${short(path)}.`)
  )
}

function readType(host: HostEvidence, mount: Mount): Observed<boolean> {
  if (alwaysTyped.has(mount.fileSystem)) return { value: true, source: `always so on ${mount.fileSystem}` }
  if (mount.fileSystem !== 'xfs') {
    return unavailable(
      'unsupported',
      `Whether directory entries of ${short(mount.fileSystem)} carry their type depends on what is below it.`,
    )
  }
  const command = `xfs_info ${mount.rawMountPoint}`
  const output = commandOutput(host, command)
  if (isUnavailable(output)) return output
  const type = /\bftype=([01])\b/.exec(output)?.[1]
  return type === undefined
    ? unavailable('malformed', `"${command}" prints no ftype.`)
    : { value: type === '1', source: `${command}, ftype=${type}` }
}
