// What Debian's packages of containerd and docker, and containerd 2.x, do as they are installed: cgroup driver, registries, storage,
// sockets, by the files that their packages bring. And what distributions with a data folder of their own change about it.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import { absent, buildHost, buildProcess, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const packaged = (name: string) =>
  readFileSync(new URL(`../../../runtime-configurations/${name}`, import.meta.url), 'utf8')
const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n'
const v1 =
  '31 23 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n32 31 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n'
const kubeletConfig = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\n'
const noFolders = Object.fromEntries(
  [
    '/etc/containerd/certs.d',
    '/etc/docker/certs.d',
    ...['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].flatMap((folder) =>
      ['docker', 'containerd'].map((unit) => `${folder}/systemd/system/${unit}.service.d`),
    ),
  ].map((folder) => [folder, absent]),
)

interface Given {
  readonly reported: string
  readonly processes: Parameters<typeof buildHost>[0]['processes']
  readonly files: NonNullable<HostParts['files']>
  readonly directories?: HostParts['directories']
  readonly flags?: readonly string[]
}

function derive({ reported, processes, files, directories, flags = [] }: Given) {
  const host = buildHost({
    processes: Array.isArray(processes) ? [buildProcess('kubelet', '--config=/k', ...flags), ...processes] : [],
    files: {
      '/k': kubeletConfig,
      '/proc/1/mountinfo': v2,
      '/proc/1/comm': 'systemd\n',
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
      '/etc/docker/daemon.json': absent,
      '/etc/containerd/config.toml': absent,
      '/etc/crictl.yaml': absent,
      ...files,
    },
    directories: { '/run/systemd/system': [], ...noFolders, ...directories },
  })
  const object = buildNode('w1', { kubeletVersion: 'v1.34.1', containerRuntimeVersion: reported })
  const { containerRuntime, cgroups, nodeRegistries, runtimeDaemon } = deriveNodeUnit({
    name: 'w1',
    object,
    host,
  }).facts
  const known = <T>(fact: T): Exclude<NonNullable<T>, { unavailable: unknown }> => {
    if (fact === undefined || fact === null || isUnavailable(fact)) throw new Error(JSON.stringify(fact))
    return fact as Exclude<NonNullable<T>, { unavailable: unknown }>
  }
  const tell = (value: object) => ('value' in value ? value.value : JSON.stringify(value))
  return {
    driver: tell(known(cgroups).runtimeDriver),
    root: tell(known(containerRuntime).rootDirectory),
    crictl: known(containerRuntime).crictlEndpoint,
    endpoint: tell(known(containerRuntime).kubeletEndpoint),
    insecure: known(nodeRegistries).insecure.map(tell),
    storage: tell(known(runtimeDaemon).storageDriver),
    listeners: tell(known(runtimeDaemon).networkListeners),
  }
}

const containerd = buildProcess('containerd')
const dockerd = buildProcess('dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock')
const docker = {
  reported: 'docker://20.10.24+dfsg1',
  flags: ['--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock'],
  processes: [dockerd],
  files: {
    '/usr/lib/systemd/system/docker.service': packaged('docker.service'),
    '/etc/default/docker': packaged('default-docker'),
  },
}

describe('as installed', () => {
  it.each<[string, Given, object]>([
    [
      'Debian’s containerd: cgroupfs, which is not what the kubelet is told',
      {
        reported: 'containerd://1.6.20~ds1',
        processes: [containerd],
        files: { '/etc/containerd/config.toml': packaged('containerd-1.6.20-debian.toml') },
      },
      { driver: 'cgroupfs', root: '/var/lib/containerd', insecure: [], storage: 'overlayfs', listeners: [] },
    ],
    [
      'the whole default of containerd 1.6',
      {
        reported: 'containerd://1.6.20~ds1',
        processes: [containerd],
        files: { '/etc/containerd/config.toml': packaged('containerd-1.6.20-default.toml') },
      },
      { driver: 'cgroupfs', root: '/var/lib/containerd', insecure: [], storage: 'overlayfs', listeners: [] },
    ],
    [
      'the default of containerd 2.1, version 3',
      {
        reported: 'containerd://2.1.4',
        processes: [containerd],
        files: { '/etc/containerd/config.toml': packaged('containerd-2.1-default.toml') },
      },
      { driver: 'cgroupfs', root: '/var/lib/containerd', insecure: [], storage: 'overlayfs', listeners: [] },
    ],
    [
      'the same with the one line that kubeadm asks for',
      {
        reported: 'containerd://2.1.4',
        processes: [containerd],
        files: {
          '/etc/containerd/config.toml': packaged('containerd-2.1-default.toml').replace(
            "ShimCgroup = ''",
            "ShimCgroup = ''\n            SystemdCgroup = true",
          ),
        },
      },
      { driver: 'systemd' },
    ],
    ['Debian’s docker on cgroup v2: systemd', docker, { driver: 'systemd', root: '/var/lib/docker', listeners: [] }],
    [
      'Debian’s docker on cgroup v1: cgroupfs',
      { ...docker, files: { ...docker.files, '/proc/1/mountinfo': v1, '/sys/fs/cgroup/cgroup.controllers': absent } },
      { driver: 'cgroupfs' },
    ],
  ])('%s', (_case, given, expected) => {
    expect(derive(given)).toMatchObject(expected)
  })
})

describe('crictl', () => {
  const given = (content: string) => ({
    reported: 'containerd://2.1.4',
    processes: [containerd],
    files: { '/etc/crictl.yaml': content },
  })
  it.each<[string, string, object]>([
    [
      'names a socket',
      'runtime-endpoint: unix:///var/run/crio/crio.sock\n',
      { value: '/run/crio/crio.sock', source: '/etc/crictl.yaml' },
    ],
    ['names none', 'timeout: 2\n', { source: '/etc/crictl.yaml names no runtime-endpoint' }],
    ['is no YAML', 'a: [', { unavailable: { reason: 'malformed' } }],
    ['names no text', 'runtime-endpoint: [x]\n', { unavailable: { reason: 'malformed' } }],
  ])('%s', (_case, content, expected) => {
    const { crictl, endpoint } = derive(given(content))
    expect(crictl).toMatchObject(expected)
    expect(endpoint).toBe('/run/containerd/containerd.sock')
  })
})

describe('a data folder of its own', () => {
  const registries = 'mirrors:\n  docker.io:\n    endpoint: ["http://mirror.example:5000"]\n'
  const runtime = (folder: string) => ({
    reported: 'containerd://2.1.4-k3s1',
    configuration: `${folder}/agent/etc/containerd/config.toml`,
    process: buildProcess('containerd', '-c', `${folder}/agent/etc/containerd/config.toml`),
  })
  const generated = (folder: string) =>
    `version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = "${folder}/agent/etc/containerd/certs.d"\n`
  const unit = (line: string) => ({
    '/etc/systemd/system/k3s.service': `[Service]\nExecStart=/usr/local/bin/k3s ${line}\n`,
  })
  const noDropIns = Object.fromEntries(
    ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => [
      `${folder}/systemd/system/k3s.service.d`,
      absent,
    ]),
  )

  it.each<[string, string, string, Record<string, string | typeof absent>]>([
    [
      'k3s, its usual registries.yaml',
      'k3s-server',
      '/etc/rancher/k3s/registries.yaml',
      { ...unit('server'), '/etc/rancher/k3s/config.yaml': 'data-dir: /srv/data\n' },
    ],
    [
      'k3s, another file by its settings',
      'k3s-server',
      '/srv/registries.yaml',
      {
        ...unit('server'),
        '/etc/rancher/k3s/config.yaml': 'data-dir: /srv/data\nprivate-registry: /srv/registries.yaml\n',
      },
    ],
    ['RKE2', 'rke2', '/etc/rancher/rke2/registries.yaml', { '/etc/rancher/rke2/config.yaml': 'data-dir: /srv/data\n' }],
    [
      'RKE2, another file by its settings',
      'rke2',
      '/srv/rke2.yaml',
      { '/etc/rancher/rke2/config.yaml': 'private-registry: "/srv/rke2.yaml"\n' },
    ],
  ])('%s', (_case, program, path, files) => {
    const { reported, configuration, process } = runtime('/srv/data')
    const starter = { ...buildProcess(program, 'server'), pid: 640, environment: {} }
    const given = (more: Record<string, string | typeof absent>) => ({
      reported,
      processes: [starter, process],
      files: { [configuration]: generated('/srv/data'), ...files, ...more },
      directories: {
        '/etc/rancher/k3s/config.yaml.d': absent,
        '/srv/data/agent/etc/containerd/certs.d': [],
        ...noDropIns,
      },
    })
    expect(derive(given({ [path]: registries })).insecure).toEqual([
      { registry: 'docker.io', endpoint: 'http://mirror.example:5000', how: 'plain HTTP' },
    ])
    expect(derive(given({ [path]: absent })).insecure).toEqual([])
    expect(derive(given({ [path]: 'mirrors: [' })).insecure).toEqual([expect.stringContaining('is not YAML')])
    expect(derive(given({})).insecure).toEqual([expect.stringContaining(`${path} was not read`)])
  })
})
