import { describe, expect, it } from 'vitest'
import { deriveHostIsolation } from '../../../../src/derive/nodes/host-isolation.ts'
import { deriveOperatingSystem } from '../../../../src/derive/nodes/operating-system.ts'
import { deriveRuntimeStorage } from '../../../../src/derive/nodes/runtime-storage.ts'
import { deriveSwap } from '../../../../src/derive/nodes/swap.ts'
import { isUnavailable, type Observed } from '../../../../src/model/fact.ts'
import {
  hostIsolationSchema,
  operatingSystemSchema,
  runtimeStorageSchema,
  swapSchema,
} from '../../../../src/model/facts-node.ts'
import { absent, buildHost, denied, type HostParts } from '../host-builder.ts'

type Files = NonNullable<HostParts['files']>

describe('swap', () => {
  const header = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
  const noFiles: Files = {
    '/proc/swaps': header,
    '/etc/fstab': '',
    '/etc/systemd/zram-generator.conf': absent,
    '/usr/lib/systemd/zram-generator.conf': absent,
  }
  const folders = ['/etc/systemd/system', '/run/systemd/generator', '/usr/lib/systemd/system']

  function derive(files: Files) {
    const names = Object.keys(files)
    const directories = Object.fromEntries(
      folders.map((folder) => [
        folder,
        names.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
      ]),
    )
    return swapSchema.parse(deriveSwap(buildHost({ files: { ...noFiles, ...files }, directories })))
  }

  it.each<[string, Files, unknown]>([
    ['header only', {}, { value: [], source: '/proc/swaps' }],
    [
      'a partition and a file',
      {
        '/proc/swaps': `${header}/dev/sda2                               partition\t2097148\t\t0\t\t-2\n/swap\\040file file 1024 0 -3\n`,
      },
      {
        value: [
          { device: '/dev/sda2', kind: 'partition', sizeKiB: 2_097_148 },
          { device: '/swap file', kind: 'file', sizeKiB: 1024 },
        ],
        source: '/proc/swaps',
      },
    ],
    [
      'kernel without swap',
      { '/proc/swaps': absent },
      { value: [], source: '/proc/swaps (does not exist: the kernel has no swap)' },
    ],
    ['refused', { '/proc/swaps': denied }, denied],
    [
      'no header',
      { '/proc/swaps': '/dev/sda2 partition 1 0 -2\n' },
      { unavailable: { reason: 'malformed', detail: "/proc/swaps does not begin with the kernel's header." } },
    ],
    [
      'no size',
      { '/proc/swaps': `${header}/dev/sda2 partition\n` },
      { unavailable: { reason: 'malformed', detail: 'A line of /proc/swaps has no size.' } },
    ],
  ])('active: %s', (_name, files, expected) => {
    expect(derive(files).active).toEqual(expected)
  })

  const uuid = '1d4b-22'
  it.each<[string, Files, unknown]>([
    ['nothing', {}, []],
    [
      'fstab, without comments and noauto',
      {
        '/etc/fstab':
          '# UUID=x none swap sw 0 0\n/dev/sda1 / ext4 defaults 0 1\n/dev/sda2 none swap sw 0 0\n/dev/sda3 none swap noauto,pri=1 0 0\n',
      },
      [{ device: '/dev/sda2', source: '/etc/fstab:3' }],
    ],
    [
      'fstab with escapes',
      { '/etc/fstab': '/swap\\040file swap swap defaults\n' },
      [{ device: '/swap file', source: '/etc/fstab:1' }],
    ],
    [
      'fstab, masked in systemd',
      {
        '/etc/fstab': `/dev/sda2 none swap sw 0 0\nUUID=${uuid} none swap sw 0 0\n`,
        '/etc/systemd/system/dev-sda2.swap': { content: '', resolved: '/dev/null' },
        '/etc/systemd/system/dev-disk-by\\x2duuid-1d4b\\x2d22.swap': { content: '', resolved: '/dev/null' },
      },
      [],
    ],
    [
      'units, those of fstab once',
      {
        '/etc/fstab': '/dev/sda2 none swap sw 0 0\n',
        '/run/systemd/generator/dev-sda2.swap': '[Unit]\nSourcePath=/etc/fstab\n[Swap]\nWhat=/dev/sda2\n',
        '/etc/systemd/system/swapfile.swap': '[Swap]\nWhat=/swapfile\n',
        '/usr/lib/systemd/system/swapfile.swap': '[Swap]\nWhat=/other\n',
      },
      [
        { device: '/dev/sda2', source: '/etc/fstab:1' },
        { device: '/swapfile', source: '/etc/systemd/system/swapfile.swap:2' },
      ],
    ],
    [
      'zram, but not as a file system',
      {
        '/etc/systemd/zram-generator.conf':
          '[zram0]\nzram-size = ram / 2\n[zram1]\nmount-point = /var/tmp\n[zram2]\nfs-type = ext4\n',
        '/usr/lib/systemd/zram-generator.conf': '[zram9]\n',
      },
      [{ device: '/dev/zram0', source: '/etc/systemd/zram-generator.conf:1' }],
    ],
    [
      'zram of the distribution',
      { '/usr/lib/systemd/zram-generator.conf': '[zram0]\n' },
      [{ device: '/dev/zram0', source: '/usr/lib/systemd/zram-generator.conf:1' }],
    ],
  ])('persistent: %s', (_name, files, value) => {
    expect(derive(files).persistent).toEqual({
      value,
      source: '/etc/fstab, swap units of systemd, /etc/systemd/zram-generator.conf',
    })
  })

  it.each(['/etc/fstab', '/etc/systemd/zram-generator.conf', '/etc/systemd/system/a.swap'])(
    'persistent is not known without %s',
    (path) => {
      expect(derive({ [path]: denied }).persistent).toEqual(denied)
    },
  )
})

describe('runtimeStorage', () => {
  const root: Observed<string> = { value: '/var/lib/containerd/', source: 'x' }
  const mounts = (fileSystem: string, point = '/var/lib/containerd') =>
    `1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n2 1 8:2 / ${point} rw,noatime - ${fileSystem} /dev/sdb1 rw,attr2\n3 1 8:3 / /var/lib/cont rw - btrfs /dev/sdc rw\n`

  function derive(parts: HostParts, rootDirectory = root) {
    const fact = deriveRuntimeStorage(
      buildHost({ directories: { '/var/lib/containerd': [] }, ...parts }),
      rootDirectory,
    )
    return isUnavailable(fact) ? fact : runtimeStorageSchema.parse(fact)
  }
  const mountinfo = (content: string): HostParts => ({ files: { '/proc/1/mountinfo': content } })
  const source = '/proc/1/mountinfo'

  it('is the mount that holds it, not one that merely begins alike', () => {
    expect(derive(mountinfo(mounts('ext4', '/var/lib')))).toEqual({
      path: '/var/lib/containerd',
      mountPoint: { value: '/var/lib', source },
      device: { value: '/dev/sdb1', source },
      fileSystem: { value: 'ext4', source },
      mountOptions: { value: ['rw', 'noatime', 'attr2'], source },
      dType: { value: true, source: 'always so on ext4' },
    })
  })

  it('follows links and octal escapes', () => {
    const parts = {
      ...mountinfo(mounts('btrfs', '/big\\040disk')),
      directories: { '/var/lib/containerd': { entries: [], resolved: '/big disk/c' } },
    }
    expect(derive(parts)).toMatchObject({
      mountPoint: { value: '/big disk', source },
      fileSystem: { value: 'btrfs', source },
    })
  })

  it('is the later of two mounts on one point', () => {
    const twice = `${mounts('ext4')}4 1 8:9 / /var/lib/containerd rw - zfs pool/x rw\n`
    expect(derive(mountinfo(twice))).toMatchObject({ device: { value: 'pool/x', source } })
  })

  it.each<[string, NonNullable<HostParts['commands']>, unknown]>([
    [
      'ftype=1',
      { 'xfs_info /var/lib/containerd': 'naming   =version 2  bsize=4096   ascii-ci=0, ftype=1\n' },
      { value: true, source: 'xfs_info /var/lib/containerd, ftype=1' },
    ],
    [
      'ftype=0',
      { 'xfs_info /var/lib/containerd': 'naming   =version 2  bsize=4096   ascii-ci=0 ftype=0\n' },
      { value: false, source: 'xfs_info /var/lib/containerd, ftype=0' },
    ],
    [
      'no tool',
      { 'xfs_info /var/lib/containerd': absent },
      { unavailable: { reason: 'unsupported', detail: 'xfs_info is not installed.' } },
    ],
    [
      'failed',
      { 'xfs_info /var/lib/containerd': { exitCode: 1, output: '' } },
      { unavailable: { reason: 'unsupported', detail: '"xfs_info /var/lib/containerd" ended with exit code 1.' } },
    ],
    [
      'other words',
      { 'xfs_info /var/lib/containerd': 'hello' },
      { unavailable: { reason: 'malformed', detail: '"xfs_info /var/lib/containerd" prints no ftype.' } },
    ],
    [
      'not asked',
      {},
      {
        unavailable: {
          reason: 'not-collected',
          detail: 'The output of "xfs_info /var/lib/containerd" was not read by the probe.',
        },
      },
    ],
  ])('XFS: %s', (_name, commands, dType) => {
    expect(derive({ ...mountinfo(mounts('xfs')), commands })).toMatchObject({ dType })
  })

  it('does not know overlay', () => {
    expect(derive(mountinfo(mounts('overlay')))).toMatchObject({
      dType: {
        unavailable: {
          reason: 'unsupported',
          detail: 'Whether directory entries of overlay carry their type depends on what is below it.',
        },
      },
    })
  })

  it.each<[string, HostParts, Observed<string>, unknown]>([
    ['root not known', {}, denied, denied],
    [
      'root not there',
      { directories: { '/var/lib/containerd': absent } },
      root,
      {
        unavailable: {
          reason: 'not-found',
          detail: "The runtime's root folder /var/lib/containerd does not exist on this host.",
        },
      },
    ],
    [
      'root not looked at',
      { directories: {} },
      root,
      { unavailable: { reason: 'not-collected', detail: '/var/lib/containerd was not read by the probe.' } },
    ],
  ])('%s', (_name, parts, rootDirectory, expected) => {
    expect(derive(parts, rootDirectory)).toEqual(expected)
  })

  it('keeps the path when the mounts are not known', () => {
    expect(derive({ files: { '/proc/1/mountinfo': denied } })).toEqual({
      path: '/var/lib/containerd',
      mountPoint: denied,
      device: denied,
      fileSystem: denied,
      mountOptions: denied,
      dType: denied,
    })
  })
})

describe('operatingSystem', () => {
  const minor = (value: number): Observed<number> => ({ value, source: 'x' })
  const files: Files = {
    '/etc/os-release':
      '# a\nNAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
    '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n',
    '/proc/1/comm': 'systemd\n',
  }
  function derive(
    more: Files,
    kubelet = minor(34),
    directories: HostParts['directories'] = { '/run/systemd/system': [] },
  ) {
    return operatingSystemSchema.parse(
      deriveOperatingSystem(buildHost({ files: { ...files, ...more }, directories }), kubelet),
    )
  }

  it('reads everything', () => {
    expect(derive({})).toEqual({
      id: { value: 'debian', source: '/etc/os-release' },
      versionId: { value: '12', source: '/etc/os-release' },
      name: { value: 'Debian GNU/Linux 12 (bookworm)', source: '/etc/os-release' },
      kernelRelease: { value: '6.1.0-28-amd64', source: '/proc/sys/kernel/osrelease' },
      kernelMajor: { value: 6, source: '/proc/sys/kernel/osrelease' },
      kernelMinor: { value: 1, source: '/proc/sys/kernel/osrelease' },
      kernelSupported: {
        value: true,
        source: "/proc/sys/kernel/osrelease (6.1.0-28-amd64), kubeadm's system validators of 1.34",
      },
      kernelWanted: { value: '5.4, 5.10, 5.15, or 6.0 or newer', source: "kubeadm's system validators of 1.34" },
      init: { value: 'systemd', source: '/run/systemd/system' },
    })
  })

  it.each([
    [31, '3.10.0-1160.el7', true],
    [31, '3.9.0', false],
    [32, '4.18.0-553.el8', false],
    [33, '4.19.300', true],
    [34, '5.14.0-503.el9', false],
    [34, '5.15.0-1', true],
    [34, '5.10.0', true],
    [34, '5.4.0', true],
    [36, '4.19.0', false],
    [36, '10.0.1', true],
  ])('kubelet 1.%i on %s: %s', (kubelet, release, value) => {
    expect(derive({ '/proc/sys/kernel/osrelease': release }, minor(kubelet)).kernelSupported).toMatchObject({ value })
  })

  it.each<[string, Files, object]>([
    [
      'usr/lib where /etc has none',
      { '/etc/os-release': absent, '/usr/lib/os-release': 'ID=flatcar\n' },
      { id: { value: 'flatcar', source: '/usr/lib/os-release' } },
    ],
    [
      'rolling',
      { '/etc/os-release': 'ID=arch\nNAME=Arch\n' },
      {
        versionId: { unavailable: { reason: 'unsupported', detail: '/etc/os-release has no VERSION_ID.' } },
        name: { value: 'Arch', source: '/etc/os-release' },
      },
    ],
    ['refused', { '/etc/os-release': denied }, { id: denied, versionId: denied, name: denied }],
    [
      'no kernel version',
      { '/proc/sys/kernel/osrelease': 'unknown\n' },
      {
        kernelMajor: {
          unavailable: {
            reason: 'malformed',
            detail: '/proc/sys/kernel/osrelease holds "unknown", which is no kernel version.',
          },
        },
      },
    ],
  ])('%s', (_name, more, expected) => {
    expect(derive(more)).toMatchObject(expected)
  })

  it.each([
    ['systemd\n', 'systemd'],
    ['openrc-init\n', 'openrc'],
    ['init\n', 'init'],
    ['__proto__', '__proto__'],
  ])('init named %j', (comm, value) => {
    const { init } = derive({ '/proc/1/comm': comm }, minor(34), { '/run/systemd/system': absent })
    expect(init).toEqual({ value, source: '/proc/1/comm' })
  })

  it('does not judge the kernel of a kubelet whose version is not known', () => {
    expect(derive({}, denied)).toMatchObject({
      kernelSupported: denied,
      kernelWanted: denied,
      kernelMajor: { value: 6 },
    })
  })
})

describe('hostIsolation', () => {
  const enforce = '/sys/fs/selinux/enforce'
  const appArmor = '/sys/module/apparmor/parameters/enabled'
  const seccomp = '/proc/sys/kernel/seccomp/actions_avail'
  const none: Files = {
    [enforce]: absent,
    '/etc/selinux/config': absent,
    [appArmor]: absent,
    [seccomp]: absent,
    '/proc/sys/kernel/osrelease': '6.1.0',
  }

  it.each<[string, Files, object]>([
    [
      'nothing of it',
      {},
      {
        selinux: { value: 'disabled', source: `${enforce} (does not exist)` },
        selinuxConfigured: { source: '/etc/selinux/config (does not exist)' },
        appArmor: { value: false, source: `${appArmor} (does not exist)` },
        seccomp: { value: false, source: `${seccomp} (does not exist)` },
      },
    ],
    [
      'all of it',
      {
        [enforce]: '1',
        '/etc/selinux/config': '# SELINUX=disabled\nSELINUX=Permissive\nSELINUXTYPE=targeted\n',
        [appArmor]: 'Y\n',
        [seccomp]: 'kill errno\n',
      },
      {
        selinux: { value: 'enforcing', source: enforce },
        selinuxConfigured: { value: 'permissive', source: '/etc/selinux/config:2' },
        appArmor: { value: true, source: appArmor },
        seccomp: { value: true, source: seccomp },
      },
    ],
    [
      'permissive',
      { [enforce]: '0\n', [appArmor]: 'N\n' },
      { selinux: { value: 'permissive', source: enforce }, appArmor: { value: false, source: appArmor } },
    ],
    ['odd', { [enforce]: '2' }, { selinux: { unavailable: { reason: 'malformed', detail: `${enforce} holds "2".` } } }],
    [
      'no SELINUX=',
      { '/etc/selinux/config': 'SELINUXTYPE=targeted\n' },
      { selinuxConfigured: { source: '/etc/selinux/config (has no SELINUX=)' } },
    ],
    [
      'old kernel',
      { '/proc/sys/kernel/osrelease': '4.13.0' },
      {
        seccomp: { unavailable: { reason: 'unsupported', detail: 'Linux 4.13 does not tell whether it has seccomp.' } },
      },
    ],
    [
      'refused',
      { [enforce]: denied, '/etc/selinux/config': denied, [appArmor]: denied, [seccomp]: denied },
      { selinux: denied, selinuxConfigured: denied, appArmor: denied, seccomp: denied },
    ],
  ])('%s', (_name, files, expected) => {
    expect(hostIsolationSchema.parse(deriveHostIsolation(buildHost({ files: { ...none, ...files } })))).toMatchObject(
      expected,
    )
  })
})
