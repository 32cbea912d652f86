// Which sysctls Kubernetes calls safe, namespaced or neither, by version, as the kubelet's own tables say
// (pkg/kubelet/sysctl/safe_sysctls.go, component-helpers/node/util/sysctl). Values only; no cluster is looked at here.

export type SysctlNamespace = 'net' | 'ipc'
type SysctlCategory = 'safe' | 'unsafe' | 'node'

interface SafeSysctl {
  /** First minor version of Kubernetes 1 whose kubelet allows it by default; 0: all since pod sysctls exist. */
  readonly since: number
  /** Kernel below which the kubelet drops it from its list. */
  readonly kernel?: string
}

const safeSysctls: ReadonlyMap<string, SafeSysctl> = new Map<string, SafeSysctl>([
  ['kernel.shm_rmid_forced', { since: 0 }],
  ['net.ipv4.ip_local_port_range', { since: 0 }],
  ['net.ipv4.tcp_syncookies', { since: 0 }],
  ['net.ipv4.ping_group_range', { since: 18 }],
  ['net.ipv4.ip_unprivileged_port_start', { since: 22 }],
  ['net.ipv4.ip_local_reserved_ports', { since: 27, kernel: '3.16' }],
  ['net.ipv4.tcp_keepalive_time', { since: 29, kernel: '4.5' }],
  ['net.ipv4.tcp_keepalive_intvl', { since: 29, kernel: '4.5' }],
  ['net.ipv4.tcp_keepalive_probes', { since: 29, kernel: '4.5' }],
  ['net.ipv4.tcp_fin_timeout', { since: 29, kernel: '4.6' }],
  ['net.ipv4.tcp_rmem', { since: 32, kernel: '4.15' }],
  ['net.ipv4.tcp_wmem', { since: 32, kernel: '4.15' }],
  ['net.ipv4.tcp_slow_start_after_idle', { since: 37, kernel: '4.15' }],
  ['net.ipv4.tcp_notsent_lowat', { since: 37, kernel: '4.6' }],
])

/** From 1.29 on the kubelet knows these by name; before, by the prefixes below. */
const exactNamesSince = 29
const ipcNames: ReadonlySet<string> = new Set([
  'kernel.sem',
  'kernel.shm',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.msg',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
])
const oldIpcPrefixes = ['kernel.shm', 'kernel.msg'] as const

/** Minor versions at which an answer can change; any version between two of them answers as the lower one. */
const eras: readonly number[] = [
  ...new Set([0, exactNamesSince, ...[...safeSysctls.values()].map((safe) => safe.since)]),
].sort((a, b) => a - b)

/** `net/ipv4/…` and `net.ipv4.…` are one sysctl: the first separator tells which of both separates (NormalizeName). */
export function normalizeSysctlName(name: string): string {
  const separator = /[./]/.exec(name)?.[0]
  if (separator !== '/') return name
  return name.replaceAll(/[./]/g, (character) => (character === '.' ? '/' : '.'))
}

/** The kernel namespace that the kubelet of Kubernetes 1.`minor` knows the (normalized) sysctl to belong to; undefined: none. */
export function sysctlNamespace(name: string, minor: number): SysctlNamespace | undefined {
  if (name.startsWith('net.')) return 'net'
  if (name.startsWith('fs.mqueue.')) return 'ipc'
  if (ipcNames.has(name)) return 'ipc'
  const isOldIpc = minor < exactNamesSince && oldIpcPrefixes.some((prefix) => name.startsWith(prefix))
  return isOldIpc ? 'ipc' : undefined
}

export interface SysctlClass {
  readonly category: SysctlCategory
  readonly namespace?: SysctlNamespace
  readonly reason: string
}

/** What Kubernetes 1.`minor` makes of a (normalized) sysctl that a pod asks for. */
export function classifySysctl(name: string, minor: number): SysctlClass {
  const namespace = sysctlNamespace(name, minor)
  if (namespace === undefined) {
    return {
      category: 'node',
      reason: 'not namespaced: it is a setting of the whole node, which no pod can have for itself',
    }
  }
  const safe = safeSysctls.get(name)
  if (safe === undefined) {
    return {
      category: 'unsafe',
      namespace,
      reason: 'namespaced, but refused by a kubelet that does not list it in allowedUnsafeSysctls',
    }
  }
  if (minor < safe.since) {
    return { category: 'unsafe', namespace, reason: `allowed by default only from Kubernetes 1.${safe.since} on` }
  }
  return { category: 'safe', namespace, reason: safeReason(safe) }
}

function safeReason({ since, kernel }: SafeSysctl): string {
  const version = since === 0 ? '' : ` since Kubernetes 1.${since}`
  return `allowed by default${version}${kernel === undefined ? '' : `, on nodes with kernel ${kernel} or newer`}`
}

/** The class that holds for every version of Kubernetes, or undefined where the version decides. */
export function classifySysctlInAnyVersion(name: string): SysctlClass | undefined {
  const [first, ...others] = eras.map((minor) => classifySysctl(name, minor))
  return first && others.every((other) => other.category === first.category) ? first : undefined
}
