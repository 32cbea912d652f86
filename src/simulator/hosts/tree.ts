// What a simulated host is: its files, processes and commands, as data. materialise.ts makes a folder of it.
// May not: know what a rule wants. A tree describes a machine as it would be found.

/** Who a file belongs to; root where nothing is said. Names as the host's /etc/passwd and /etc/group have them. */
export interface TreeOwner {
  readonly uid: number
  readonly gid: number
}

export interface TreeFile {
  readonly content: string
  /** Octal, default 0o644. */
  readonly mode?: number
  /** Seconds since the epoch; default: when the host was installed. */
  readonly modifiedAt?: number
  readonly owner?: TreeOwner
}

/** A folder that is not 0755 and root's. */
export interface TreeFolder {
  readonly mode: number
  readonly owner?: TreeOwner
}

/** Target of a symbolic link. Relative, where the probe is to follow it below the host's root. */
export interface TreeLink {
  readonly link: string
}

export type TreeEntry = string | TreeFile | TreeLink

export interface TreeProcess {
  readonly pid: number
  /** /proc/<pid>/comm: at most 15 bytes. */
  readonly name: string
  readonly executable: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Seconds after boot. */
  readonly startedAfterBoot: number
  /** What /proc/<pid>/mountinfo shows, where that matters. */
  readonly mounts?: string
  /** Runs in a container: its paths are not the host's. */
  readonly isContained?: boolean
}

export interface HostTree {
  readonly hostname: string
  /** Seconds since the epoch. */
  readonly bootTime: number
  readonly installedAt: number
  /** By absolute path. */
  readonly files: Readonly<Record<string, TreeEntry>>
  /** Directories that hold nothing the audit reads, such as /run/systemd/system. */
  readonly directories: readonly string[]
  readonly folders?: Readonly<Record<string, TreeFolder>>
  readonly processes: readonly TreeProcess[]
  /** Bodies of `sh` scripts by command name: what this host has on its PATH beside the usual tools. */
  readonly commands: Readonly<Record<string, string>>
  /** Whether the login may use sudo. Without it, files are read with an ordinary user's rights. */
  readonly sudo: boolean
}

/** What several hosts share; later parts win. */
export type TreePart = Partial<Pick<HostTree, 'files' | 'directories' | 'folders' | 'processes' | 'commands'>>

interface HostIdentity {
  readonly hostname: string
  readonly bootTime: number
  readonly installedAt: number
  readonly sudo?: boolean
}

export function composeHost(identity: HostIdentity, ...parts: readonly TreePart[]): HostTree {
  return {
    ...identity,
    sudo: identity.sudo ?? true,
    files: Object.assign({ '/etc/hostname': `${identity.hostname}\n` }, ...parts.map((part) => part.files ?? {})),
    directories: parts.flatMap((part) => part.directories ?? []),
    folders: Object.assign({}, ...parts.map((part) => part.folders ?? {})),
    processes: parts.flatMap((part) => part.processes ?? []).sort((a, b) => a.pid - b.pid),
    commands: Object.assign({}, ...parts.map((part) => part.commands ?? {})),
  }
}

/** Seconds since the epoch of an ISO 8601 time. */
export function epoch(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000)
}
