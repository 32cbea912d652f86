// A host may hold anything. Whatever it is, derivation neither throws nor takes its time, and its facts keep their shape.
import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { factNames, facts } from '../../../../src/model/facts.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'
import { buildHost, buildProcess } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const size = 60_000
const files = [
  '/etc/os-release',
  '/proc/sys/kernel/osrelease',
  '/proc/1/comm',
  '/proc/sys/vm/overcommit_memory',
  '/etc/sysctl.d/a.conf',
  '/etc/sysctl.conf',
  '/proc/swaps',
  '/etc/fstab',
  '/etc/systemd/system/a.swap',
  '/etc/systemd/zram-generator.conf',
  '/usr/lib/systemd/zram-generator.conf',
  '/proc/1/mountinfo',
  '/sys/fs/cgroup/cgroup.controllers',
  '/proc/cgroups',
  '/etc/systemd/system/kubelet.service',
  '/etc/systemd/system/kubelet.service.d/a.conf',
  '/e',
  '/k',
  '/d/a.conf',
  '/etc/containerd/config.toml',
  '/etc/crio/crio.conf',
  '/etc/crio/crio.conf.d/a.conf',
  '/etc/docker/daemon.json',
  '/sys/fs/selinux/enforce',
  '/etc/selinux/config',
  '/sys/module/apparmor/parameters/enabled',
  '/proc/sys/kernel/seccomp/actions_avail',
]
const gvk = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
/** Well-formed neighbours, so that each file's reader is reached although another one's content would stop before it. */
const sane: Readonly<Record<string, string>> = {
  '/k': gvk,
  '/d/a.conf': gvk,
  '/etc/systemd/system/kubelet.service': '[Service]\nEnvironmentFile=/e\nExecStart=/usr/bin/kubelet $X --config=/k\n',
  '/proc/1/mountinfo': '1 0 8:1 / / rw - xfs /dev/sda1 rw\n2 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
}

function buildHostile(hostile: readonly string[], content: string, endpoint: string, daemon: string): HostEvidence {
  const of = (path: string) => (hostile.includes(path) ? content : (sane[path] ?? ''))
  return buildHost({
    files: Object.fromEntries(files.map((path) => [path, of(path)])),
    directories: {
      '/run/systemd/system': { absent: true },
      '/etc/sysctl.d': ['a.conf'],
      '/run/sysctl.d': [],
      '/usr/local/lib/sysctl.d': [],
      '/usr/lib/sysctl.d': [],
      '/lib/sysctl.d': [],
      '/etc/systemd/system': ['a.swap'],
      '/run/systemd/generator': [],
      '/usr/lib/systemd/system': [],
      '/etc/systemd/system/kubelet.service.d': ['a.conf'],
      '/run/systemd/system/kubelet.service.d': [],
      '/usr/local/lib/systemd/system/kubelet.service.d': [],
      '/usr/lib/systemd/system/kubelet.service.d': [],
      '/lib/systemd/system/kubelet.service.d': [],
      '/d': ['a.conf'],
      '/etc/crio/crio.conf.d': ['a.conf'],
      '/var/lib/containerd': [],
    },
    commands: {
      'xfs_info /': content,
      'containerd --version': content,
      'crio --version': content,
      'dockerd --version': content,
    },
    processes: [
      { ...buildProcess('kubelet', '--config=/k', '--config-dir=/d', `--container-runtime-endpoint=${endpoint}`) },
      { ...buildProcess(daemon), pid: 900 },
    ],
  })
}

const contents: readonly (readonly [name: string, content: string])[] = [
  ['nothing', ''],
  ['zero bytes', '\0'.repeat(size)],
  [
    'random bytes',
    Array.from({ length: size }, (_, index) => String.fromCharCode((index * 7919 + (index >> 3)) % 1200)).join(''),
  ],
  ['lone surrogates', '\ud800'.repeat(1000)],
  ['blanks', ' '.repeat(size)],
  ['blanks in a value', `[Service]\nWhat=${' '.repeat(size)}x\nID=${' '.repeat(size)}x`],
  ['lines', '\n'.repeat(size)],
  ['quotes', `[Service]\nExecStart=/usr/bin/kubelet ${'"\\'.repeat(size / 2)}`],
  ['single quotes', `X='${'\'"'.repeat(size / 2)}`],
  ['backslashes', '\\'.repeat(size)],
  ['continuations', 'x\\\n'.repeat(size / 3)],
  ['stars', `${'*'.repeat(size)}=1`],
  ['stars and letters', `${'*a'.repeat(size / 2)}=1`],
  ['brackets', '['.repeat(size)],
  ['braces', '{'.repeat(size)],
  ['nested JSON', `{"a":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`],
  ['prototype', '{"__proto__": {"exec-opts": 1}, "constructor": 1, "exec-opts": {"a": 1}}'],
  ['TOML prototype', '[__proto__]\nroot = "/x"\n[plugins]\n__proto__ = 1\n[constructor]\n'],
  ['equal signs', '='.repeat(size)],
  ['dollars', `[Service]\nExecStart=/usr/bin/kubelet ${'$X${Y}'.repeat(size / 6)}`],
  ['long number', `0${'9'.repeat(size)}`],
  ['sections', '[zram0]\n'.repeat(size / 8)],
  ['minus signs', `1 2 3 4 5 6 ${'- '.repeat(size / 2)}`],
  ['YAML anchors', `${gvk}a: &a [1]\nb: &b [*a, *a]\nc: &c [*b, *b]\n${'<<: *c\n'.repeat(100)}`],
  ['many keys', gvk + Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['YAML tags', `${gvk}a: !!set {x}\nb: !!binary aGk=\nc: !!js/function 'x'\nd: 2001-01-01\n`],
]

const runtimes = [
  ['unix:///run/containerd/containerd.sock', 'containerd'],
  ['unix:///run/crio/crio.sock', 'crio'],
  ['unix:///run/cri-dockerd.sock', 'dockerd'],
] as const

describe('hostile hosts', () => {
  it.each(contents)('%s', (_name, content) => {
    const before = process.cpuUsage()
    // All files at once, and each alone among sane ones.
    for (const hostile of [files, ...files.map((path) => [path])]) {
      for (const [endpoint, daemon] of hostile.length > 1 ? runtimes : runtimes.slice(0, 1)) {
        const host = buildHostile(hostile, content, endpoint, daemon)
        const unit = deriveNodeUnit({ name: 'w1', object: buildNode('w1', { kubeletVersion: content }), host })
        for (const name of factNames) {
          const fact = unit.facts[name]
          if (fact !== undefined && !isUnavailable(fact))
            expect(facts[name].schema.safeParse(fact).error).toBeUndefined()
        }
      }
    }
    // Of the processor, not of the clock: other tests share the machine.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(8000)
  })
})
