// Parts of a host below the container runtime: kernel settings, mounts, cgroups, swap, isolation, init.
// Contents are what Linux prints, so that a parser that is wrong about it is found out here.
import type { TreeEntry, TreePart } from './tree.ts'

/** The six parameters the kubelet looks at, by sysctl name. */
export interface KernelParameters {
  readonly 'vm.overcommit_memory': number
  readonly 'vm.panic_on_oom': number
  readonly 'kernel.panic': number
  readonly 'kernel.panic_on_oops': number
  readonly 'kernel.keys.root_maxkeys': number
  readonly 'kernel.keys.root_maxbytes': number
}

/** What the kubelet wants, and what a kubelet without protectKernelDefaults leaves behind when it starts. */
export const kubeletParameters: KernelParameters = {
  'vm.overcommit_memory': 1,
  'vm.panic_on_oom': 0,
  'kernel.panic': 10,
  'kernel.panic_on_oops': 1,
  'kernel.keys.root_maxkeys': 1_000_000,
  'kernel.keys.root_maxbytes': 25_000_000,
}

export interface KernelOptions {
  readonly release: string
  readonly machine?: string
  readonly parameters: KernelParameters
  readonly isolation: 'apparmor' | { readonly selinux: 'enforcing' | 'permissive'; readonly configured: string }
}

export function kernel(options: KernelOptions): TreePart {
  const files: Record<string, TreeEntry> = {
    '/proc/sys/kernel/osrelease': `${options.release}\n`,
    '/proc/sys/kernel/seccomp/actions_avail': 'kill_process kill_thread trap errno user_notif trace log allow\n',
    '/sys/module/apparmor/parameters/enabled': {
      content: options.isolation === 'apparmor' ? 'Y\n' : 'N\n',
      mode: 0o444,
    },
  }
  for (const [name, value] of Object.entries(options.parameters)) {
    files[`/proc/sys/${name.replaceAll('.', '/')}`] = `${value}\n`
  }
  if (options.isolation !== 'apparmor') {
    files['/sys/fs/selinux/enforce'] = options.isolation.selinux === 'enforcing' ? '1' : '0'
    files['/etc/selinux/config'] = selinuxConfig(options.isolation.configured)
    delete files['/sys/module/apparmor/parameters/enabled']
  }
  return {
    files,
    commands: {
      uname: unameScript(options.release, options.machine ?? 'x86_64'),
    },
  }
}

function unameScript(release: string, machine: string): string {
  return `case "$1" in -m) echo ${machine} ;; -r) echo '${release}' ;; *) echo Linux ;; esac\n`
}

function selinuxConfig(mode: string): string {
  return [
    '# This file controls the state of SELinux on the system.',
    '# SELINUX= can take one of these three values:',
    '#     enforcing - SELinux security policy is enforced.',
    '#     permissive - SELinux prints warnings instead of enforcing.',
    '#     disabled - No SELinux policy is loaded.',
    `SELINUX=${mode}`,
    '# SELINUXTYPE= can take one of these three values:',
    'SELINUXTYPE=targeted',
    '',
  ].join('\n')
}

export interface Mount {
  readonly point: string
  readonly device: string
  readonly fileSystem: string
  readonly options?: string
  readonly superOptions?: string
}

export interface MountOptions {
  readonly mounts: readonly Mount[]
  /** Bodies of `xfs_info` by mount point; the command exists only where there is one. */
  readonly xfs?: Readonly<Record<string, string>>
}

const pseudoMounts: readonly Mount[] = [
  { point: '/sys', device: 'sysfs', fileSystem: 'sysfs', options: 'rw,nosuid,nodev,noexec,relatime' },
  { point: '/proc', device: 'proc', fileSystem: 'proc', options: 'rw,nosuid,nodev,noexec,relatime' },
  { point: '/dev', device: 'udev', fileSystem: 'devtmpfs', options: 'rw,nosuid,relatime' },
  { point: '/run', device: 'tmpfs', fileSystem: 'tmpfs', options: 'rw,nosuid,nodev,noexec,relatime' },
  {
    point: '/sys/fs/cgroup',
    device: 'cgroup2',
    fileSystem: 'cgroup2',
    options: 'rw,nosuid,nodev,noexec,relatime',
    superOptions: 'rw,nsdelegate,memory_recursiveprot',
  },
]

/** The mount table of a cgroup v2 host, with what it mounts beside the pseudo file systems. */
export function mounts(options: MountOptions): TreePart {
  const table = mountInfo([...pseudoMounts, ...options.mounts])
  const commands: Record<string, string> = {}
  if (options.xfs !== undefined) commands['xfs_info'] = xfsInfoScript(options.xfs)
  return {
    // /proc/1 is guarded by ptrace rules: an ordinary user is refused, and may read the same table as its own.
    files: {
      '/proc/1/mountinfo': { content: table, mode: 0o400 },
      '/proc/self/mountinfo': { content: table, mode: 0o444 },
    },
    commands,
  }
}

function mountInfo(table: readonly Mount[]): string {
  return table
    .map((mount, index) => {
      const root = mount.point === '/'
      const numbers = `${root ? 29 : 30 + index} ${root ? 1 : 29} ${mount.device.startsWith('/dev/') ? 253 : 0}:${index}`
      const point = mount.point.replaceAll(' ', '\\040')
      return `${numbers} / ${point} ${mount.options ?? 'rw,relatime'} shared:${index + 1} - ${mount.fileSystem} ${mount.device} ${mount.superOptions ?? 'rw'}\n`
    })
    .join('')
}

function xfsInfoScript(byMountPoint: Readonly<Record<string, string>>): string {
  const cases = Object.entries(byMountPoint).map(([point, text]) => `'${point}') cat <<'INFO'\n${text}INFO\n;;`)
  return `case "$1" in\n${cases.join('\n')}\n*) echo "xfs_info: $1 is not a mounted XFS filesystem" >&2; exit 1 ;;\nesac\n`
}

/** What `xfs_info` of xfsprogs prints for a file system with or without the type of directory entries. */
export function xfsInfo(device: string, ftype: 0 | 1): string {
  const crc = ftype
  return [
    `meta-data=${device.padEnd(22)} isize=512    agcount=4, agsize=6553600 blks`,
    '         =                       sectsz=512   attr=2, projid32bit=1',
    `         =                       crc=${crc}        finobt=${crc}, sparse=${crc}, rmapbt=0`,
    `         =                       reflink=${crc}    bigtime=${crc} inobtcount=${crc} nrext64=0`,
    'data     =                       bsize=4096   blocks=26214400, imaxpct=25',
    '         =                       sunit=0      swidth=0 blks',
    `naming   =version 2              bsize=4096   ascii-ci=0, ftype=${ftype}`,
    'log      =internal log           bsize=4096   blocks=16384, version=2',
    '         =                       sectsz=512   sunit=0 blks, lazy-count=1',
    'realtime =none                   extsz=4096   blocks=0, rtextents=0',
    '',
  ].join('\n')
}

/** Unified hierarchy under systemd. */
export function cgroupV2(): TreePart {
  const controllers = 'cpuset cpu io memory hugetlb pids rdma misc\n'
  const numbers = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'pids']
  const table = numbers.map((name) => `${name}\t0\t142\t1`).join('\n')
  return {
    files: {
      '/sys/fs/cgroup/cgroup.controllers': { content: controllers, mode: 0o444 },
      '/sys/fs/cgroup/cgroup.subtree_control': controllers,
      '/proc/cgroups': { content: `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${table}\n`, mode: 0o444 },
    },
  }
}

export function systemdInit(): TreePart {
  return {
    directories: ['/etc/systemd/system', '/run/systemd/system', '/run/systemd/generator'],
    processes: [
      {
        pid: 1,
        name: 'systemd',
        executable: '/usr/lib/systemd/systemd',
        arguments: ['/sbin/init'],
        startedAfterBoot: 0,
      },
    ],
  }
}

export interface SwapOptions {
  readonly fstab: string
  /** Lines of /proc/swaps below the header. */
  readonly active?: readonly { readonly device: string; readonly kind: string; readonly sizeKiB: number }[]
}

export function swap(options: SwapOptions): TreePart {
  const lines = (options.active ?? []).map(
    ({ device, kind, sizeKiB }) => `${device.padEnd(40)}${kind.padEnd(16)}${sizeKiB}\t\t0\t\t-2\n`,
  )
  return {
    files: {
      '/proc/swaps': { content: `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${lines.join('')}`, mode: 0o444 },
      '/etc/fstab': options.fstab,
    },
  }
}
