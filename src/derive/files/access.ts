// Turns a path's status into what rules compare: its bits against a mask, its owner by number, and the folders above it.
// May not: compare modes as numbers, or take a path that was not asked for one that is absent.
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence, PathStatus } from '../../model/node-evidence.ts'
import { short } from '../nodes/kubelet-document.ts'

export type Access = Extract<AuditedFile['access'], { value: unknown }>['value']
type Present = Extract<PathStatus, { stat: unknown }>

/** The path's status; `undefined`: seen not to exist. */
export function statusOf(host: HostEvidence, path: string): Present | undefined | Fact<never> {
  const status = host.statuses !== undefined && Object.hasOwn(host.statuses, path) ? host.statuses[path] : undefined
  if (status === undefined) {
    return host.incomplete
      ? unavailable(host.incomplete.reason, `The mode of ${short(path)} was not read: ${host.incomplete.detail}`)
      : unavailable('not-collected', `The mode of ${short(path)} was not read by the probe.`)
  }
  if (isUnavailable(status)) return status
  return 'absent' in status ? undefined : status
}

/** A file in a list, or `undefined` where it does not exist. */
export function auditFile(host: HostEvidence, path: string, source: string): AuditedFile | undefined {
  const status = statusOf(host, path)
  if (status === undefined) return undefined
  if (isUnavailable(status)) return { path, source, access: status }
  const asked = status.resolved === undefined ? path : `${path}, which is ${status.resolved}`
  return { path, source, access: { value: describe(host, path, status), source: `stat ${asked}` } }
}

/** As `auditFile`, where a setting says that the file should be there. */
export function auditNamedFile(host: HostEvidence, path: string, source: string): AuditedFile {
  const missing = unavailable('not-found', `${short(path)} (${source}) does not exist on the host.`)
  return auditFile(host, path, source) ?? { path, source, access: missing }
}

function describe(host: HostEvidence, path: string, status: Present): Access {
  const { mode, uid, gid, owner, group } = status.stat
  return {
    kind: status.kind,
    mode,
    ownership: ownership(status),
    uid,
    gid,
    looserThan600: isLooser(mode, 0o600),
    looserThan644: isLooser(mode, 0o644),
    looserThan700: isLooser(mode, 0o700),
    ownedByRoot: uid === 0 && gid === 0,
    ownedByEtcd: owner === 'etcd' && group === 'etcd',
    accessControlList: status.acl === undefined ? 'not known' : status.acl ? 'present' : 'none',
    openFolders: openFolders(host, path, status.resolved),
  }
}

function ownership({ stat }: Present): string {
  const numbers = `${stat.uid}:${stat.gid}`
  if (stat.owner === undefined && stat.group === undefined) return numbers
  return `${stat.owner ?? stat.uid}:${stat.group ?? stat.gid} (${numbers})`
}

function isLooser(mode: string, wanted: number): boolean {
  return (Number.parseInt(mode, 8) & ~wanted) !== 0
}

/** Folders above the path, and above where it leads. With the sticky bit only a file's owner may replace it. */
function openFolders(host: HostEvidence, path: string, resolved: string | undefined): Access['openFolders'] {
  const open: { path: string; mode: string; ownership: string }[] = []
  for (const folder of new Set([...above(path), ...above(resolved ?? path)])) {
    const status = statusOf(host, folder)
    if (isUnavailable(status)) return status
    if (status === undefined || status.kind !== 'directory') continue
    const bits = Number.parseInt(status.stat.mode, 8)
    const isGroupOpen = (bits & 0o020) !== 0 && status.stat.gid !== 0
    const isOpen = (bits & 0o1000) === 0 && ((bits & 0o002) !== 0 || isGroupOpen)
    if (isOpen || status.stat.uid !== 0)
      open.push({ path: folder, mode: status.stat.mode, ownership: ownership(status) })
  }
  return { value: open, source: `stat of the folders above ${path}` }
}

function above(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.slice(0, -1).map((_part, index) => `/${parts.slice(0, index + 1).join('/')}`)
}
