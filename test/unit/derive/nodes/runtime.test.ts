import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import { cgroupsSchema, containerRuntimeSchema } from '../../../../src/model/facts-node.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const kubeletConfig = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncgroupDriver: systemd\n'
const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n'
const v1 =
  '31 23 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n32 31 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n'
const hybrid = `${v1}33 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`
const reportedBy = (field: string) => `status.nodeInfo.${field} of node w1`

interface Setting {
  /** Of the API's node status. */
  readonly kubelet?: string
  readonly reported?: string
  readonly flags?: readonly string[]
  readonly daemons?: readonly (readonly [name: string, ...rest: string[]])[]
  readonly files?: HostParts['files']
  readonly directories?: HostParts['directories']
  readonly mounts?: string
  readonly init?: string
  readonly commands?: HostParts['commands']
}

function derive(setting: Setting) {
  const daemons = (setting.daemons ?? [['containerd']]).map(([name, ...rest], index) => ({
    ...buildProcess(name, ...rest),
    pid: 900 + index,
  }))
  const processes: HostEvidence['processes'] = [
    buildProcess('kubelet', '--config=/k', ...(setting.flags ?? [])),
    ...daemons,
  ]
  const host = buildHost({
    files: {
      '/k': kubeletConfig,
      '/proc/1/mountinfo': setting.mounts ?? v2,
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory hugetlb pids rdma\n',
      '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t0\t1\t0\n',
      '/proc/1/comm': setting.init ?? 'systemd',
      '/etc/containerd/config.toml': absent,
      '/etc/crio/crio.conf': absent,
      '/etc/docker/daemon.json': absent,
      ...setting.files,
    },
    directories: { '/run/systemd/system': absent, '/etc/crio/crio.conf.d': absent, ...setting.directories },
    commands: setting.commands ?? {},
    processes,
  })
  const object = buildNode('w1', {
    kubeletVersion: setting.kubelet ?? 'v1.34.1',
    ...(setting.reported === undefined ? {} : { containerRuntimeVersion: setting.reported }),
  })
  const { facts } = deriveNodeUnit({ name: 'w1', object, host })
  return { runtime: containerRuntimeSchema.parse(facts.containerRuntime), cgroups: cgroupsSchema.parse(facts.cgroups) }
}

const toml = '/etc/containerd/config.toml'
const containerd = (content: string, more: HostParts['files'] = {}): Setting => ({
  files: { [toml]: content, ...more },
})
const runc = (version: number, plugin: string, value: string) =>
  `version = ${version}\n[plugins.'${plugin}'.containerd.runtimes.runc.options]\nSystemdCgroup = ${value}\n`

describe('cgroup driver of containerd', () => {
  const runcOf = `${toml}, SystemdCgroup of runtime runc`

  it.each<[string, Setting, unknown]>([
    ['no file', {}, { value: 'cgroupfs', source: `default of containerd: ${toml} does not exist` }],
    [
      'empty file',
      containerd(''),
      { value: 'cgroupfs', source: `default of containerd: ${toml} sets no SystemdCgroup` },
    ],
    [
      'version 1',
      containerd('[plugins.cri.containerd.runtimes.runc.options]\nSystemdCgroup = true'),
      { value: 'systemd', source: runcOf },
    ],
    ['version 2', containerd(runc(2, 'io.containerd.grpc.v1.cri', 'true')), { value: 'systemd', source: runcOf }],
    ['version 3', containerd(runc(3, 'io.containerd.cri.v1.runtime', 'true')), { value: 'systemd', source: runcOf }],
    ['false', containerd(runc(3, 'io.containerd.cri.v1.runtime', 'false')), { value: 'cgroupfs', source: runcOf }],
    [
      'set under the plug-in name of another version',
      containerd(runc(2, 'io.containerd.cri.v1.runtime', 'true')),
      { value: 'cgroupfs', source: `default of containerd: ${toml} sets no SystemdCgroup` },
    ],
    [
      'of the default runtime, not of runc',
      containerd(
        `version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\ndefault_runtime_name = "nvidia"\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = true\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]\nruntime_type = "io.containerd.runc.v2"\n`,
      ),
      { value: 'cgroupfs', source: `default of containerd: ${toml} sets no SystemdCgroup for nvidia` },
    ],
    [
      'a default runtime that is not described',
      containerd('version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\ndefault_runtime_name = "nvidia"\n'),
      {
        unavailable: {
          reason: 'malformed',
          detail: `${toml} names nvidia as the default runtime, but does not describe it.`,
        },
      },
    ],
    [
      'a default runtime that is no runc',
      containerd(
        'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd]\ndefault_runtime_name = "kata"\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]\nruntime_type = "io.containerd.kata.v2"\n',
      ),
      {
        unavailable: {
          reason: 'unsupported',
          detail: `The default runtime kata of ${toml} is of type io.containerd.kata.v2, whose cgroup driver is not known.`,
        },
      },
    ],
    [
      'imports that were not read',
      containerd('version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n'),
      {
        unavailable: {
          reason: 'not-collected',
          detail: `${toml} imports /etc/containerd/conf.d/*.toml, which may change its settings: /etc/containerd/conf.d was not read by the probe.`,
        },
      },
    ],
    [
      'imports of an empty folder',
      {
        ...containerd('version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n'),
        directories: { '/etc/containerd/conf.d': [] },
      },
      { value: 'cgroupfs', source: `default of containerd: ${toml} sets no SystemdCgroup` },
    ],
    [
      'imports replace the whole section',
      {
        ...containerd(`imports = ["conf.d/*.toml"]\n${runc(3, 'io.containerd.cri.v1.runtime', 'true')}`, {
          '/etc/containerd/conf.d/a.toml':
            "version = 3\n[plugins.'io.containerd.cri.v1.runtime']\nmax_container_log_line_size = 1\n",
        }),
        directories: { '/etc/containerd/conf.d': ['a.toml', 'b.txt'] },
      },
      { value: 'cgroupfs', source: 'default of containerd: /etc/containerd/conf.d/a.toml sets no SystemdCgroup' },
    ],
    [
      'not TOML',
      containerd('= ='),
      { unavailable: { reason: 'malformed', detail: expect.stringContaining(`${toml} is not TOML: `) } },
    ],
    [
      'unknown version',
      containerd('version = 9'),
      { unavailable: { reason: 'malformed', detail: `${toml} has a version that no containerd knows.` } },
    ],
    ['unreadable', { files: { [toml]: denied } }, denied],
    [
      'another file by option',
      {
        daemons: [['containerd', '-c', '/x.toml']],
        files: { '/x.toml': runc(2, 'io.containerd.grpc.v1.cri', 'true') },
      },
      { value: 'systemd', source: '/x.toml, SystemdCgroup of runtime runc' },
    ],
    [
      'not running',
      { daemons: [] },
      { unavailable: { reason: 'not-running', detail: 'No containerd process runs on this host.' } },
    ],
    [
      'running twice',
      { daemons: [['containerd'], ['containerd']] },
      {
        unavailable: {
          reason: 'unsupported',
          detail: 'Several containerd daemons run (pids 900, 901), and which one the kubelet uses is not to be told.',
        },
      },
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).cgroups.runtimeDriver).toEqual(expected)
  })
})

describe('cgroup driver of CRI-O and docker', () => {
  const crioFlags = ['--container-runtime-endpoint=unix:///var/run/crio/crio.sock']
  const dockerFlags = ['--container-runtime-endpoint=unix:///run/cri-dockerd.sock']
  const crio = (files: HostParts['files'], dropIns: readonly string[] = [], rest: readonly string[] = []): Setting => ({
    flags: crioFlags,
    daemons: [['crio', ...rest]],
    files,
    directories: { '/etc/crio/crio.conf.d': dropIns },
  })
  const docker = (json: string | undefined, rest: readonly string[] = [], more: Setting = {}): Setting => ({
    flags: dockerFlags,
    daemons: [['containerd'], ['dockerd', ...rest]],
    ...(json === undefined ? {} : { files: { '/etc/docker/daemon.json': json } }),
    ...more,
  })
  const manager = (value: string) => `[crio.runtime]\ncgroup_manager = "${value}"\n`
  const json = '/etc/docker/daemon.json'

  it.each<[string, Setting, unknown]>([
    ['default of CRI-O', crio({}), { value: 'systemd', source: 'default of CRI-O' }],
    [
      'crio.conf',
      crio({ '/etc/crio/crio.conf': manager('cgroupfs') }),
      { value: 'cgroupfs', source: '/etc/crio/crio.conf' },
    ],
    [
      'last drop-in',
      crio(
        { '/etc/crio/crio.conf.d/10.conf': manager('cgroupfs'), '/etc/crio/crio.conf.d/20.conf': manager('systemd') },
        ['20.conf', '10.conf'],
      ),
      { value: 'systemd', source: '/etc/crio/crio.conf.d/20.conf' },
    ],
    [
      'option above files',
      crio({ '/etc/crio/crio.conf': manager('systemd') }, [], ['--cgroup-manager=cgroupfs']),
      { value: 'cgroupfs', source: '--cgroup-manager of pid 900' },
    ],
    [
      'unknown manager',
      crio({ '/etc/crio/crio.conf': manager('openrc') }),
      {
        unavailable: {
          reason: 'malformed',
          detail: '/etc/crio/crio.conf sets the cgroup manager "openrc", which CRI-O does not know.',
        },
      },
    ],
    ['unreadable drop-in', crio({ '/etc/crio/crio.conf.d/10.conf': denied }, ['10.conf']), denied],
    [
      'docker on v2',
      docker(undefined),
      { value: 'systemd', source: `default of docker on cgroup v2: ${json} does not exist` },
    ],
    [
      'docker on v1',
      docker('{}', [], { mounts: v1, files: { [json]: '{}' } }),
      { value: 'cgroupfs', source: `default of docker on cgroup v1: ${json} sets no native.cgroupdriver` },
    ],
    [
      'docker on v2 without systemd',
      docker(undefined, [], { init: 'openrc-init' }),
      { value: 'cgroupfs', source: `default of docker on cgroup v2: ${json} does not exist` },
    ],
    [
      'daemon.json',
      docker('{"exec-opts": ["native.cgroupdriver=cgroupfs", "native.cgroupdriver=systemd"]}'),
      { value: 'systemd', source: `${json}, exec-opts` },
    ],
    [
      'option',
      docker('{}', ['--exec-opt', 'native.cgroupdriver=cgroupfs']),
      { value: 'cgroupfs', source: '--exec-opt of pid 901' },
    ],
    [
      'both',
      docker('{"exec-opts": ["native.cgroupdriver=systemd"]}', ['--exec-opt=native.cgroupdriver=systemd']),
      {
        unavailable: {
          reason: 'malformed',
          detail: `exec-opts is set both in ${json} and in the options of pid 901; dockerd does not start with both.`,
        },
      },
    ],
    [
      'daemon.json is a list',
      docker('[]'),
      { unavailable: { reason: 'malformed', detail: `${json} is not a JSON object.` } },
    ],
    [
      'unknown driver',
      docker('{"exec-opts": ["native.cgroupdriver=x"]}'),
      {
        unavailable: {
          reason: 'malformed',
          detail: `${json}, exec-opts sets the cgroup driver "x", which docker does not know.`,
        },
      },
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).cgroups.runtimeDriver).toEqual(expected)
  })
})

describe('cgroup driver of the kubelet', () => {
  const systemd = runc(2, 'io.containerd.grpc.v1.cri', 'true')
  const cgroupfs = runc(2, 'io.containerd.grpc.v1.cri', 'false')
  const configured = { value: 'systemd', source: '/k' }
  const answer = (version: string, value: string) => ({
    value,
    source: `answer of containerd ${version} to the kubelet (${toml}, SystemdCgroup of runtime runc)`,
  })

  const unsettled = (daemon: string, value: string) => ({
    unavailable: {
      reason: 'not-collected',
      detail: `The kubelet is configured for systemd and the runtime for ${value}; which of them it uses depends on the version of ${daemon}, which is not known.`,
    },
  })

  it.each<[string, Setting, unknown]>([
    [
      '1.30 decides itself',
      { kubelet: 'v1.30.1', reported: 'containerd://2.0.1', files: { [toml]: cgroupfs } },
      configured,
    ],
    [
      '1.31 asks containerd 2',
      { kubelet: 'v1.31.1', reported: 'containerd://2.0.1', files: { [toml]: cgroupfs } },
      answer('2.0.1', 'cgroupfs'),
    ],
    [
      '1.31 gets no answer of containerd 1.7',
      { kubelet: 'v1.31.1', reported: 'containerd://1.7.27', files: { [toml]: cgroupfs } },
      configured,
    ],
    [
      '1.29 asks with the gate',
      {
        kubelet: 'v1.29.1',
        reported: 'containerd://2.0.1',
        files: { [toml]: systemd },
        flags: ['--feature-gates=KubeletCgroupDriverFromCRI=true'],
      },
      answer('2.0.1', 'systemd'),
    ],
    [
      '1.33 does not ask without the gate',
      {
        kubelet: 'v1.33.1',
        reported: 'containerd://2.0.1',
        files: { [toml]: cgroupfs },
        flags: ['--feature-gates=KubeletCgroupDriverFromCRI=false'],
      },
      configured,
    ],
    ['1.34 asks, and nobody saw the answer', { reported: 'containerd://2.1.0', files: { [toml]: denied } }, denied],
    ['unknown who decides, both agree', { files: { [toml]: systemd } }, configured],
    ['unknown who decides, they differ', { files: { [toml]: cgroupfs } }, unsettled('containerd', 'cgroupfs')],
    [
      'docker, whose cri-dockerd may answer',
      {
        flags: ['--container-runtime-endpoint=unix:///run/cri-dockerd.sock'],
        daemons: [['dockerd']],
        files: { '/etc/docker/daemon.json': '{"exec-opts": ["native.cgroupdriver=cgroupfs"]}' },
      },
      unsettled('cri-dockerd', 'cgroupfs'),
    ],
    ['unknown who decides, and nobody saw the answer', { files: { [toml]: denied } }, denied],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).cgroups.kubeletDriver).toEqual(expected)
  })
})

describe('cgroup version and controllers', () => {
  it.each<[string, Setting, object]>([
    [
      'v2',
      {},
      {
        version: { value: 'v2', source: '/proc/1/mountinfo, /sys/fs/cgroup' },
        controllers: {
          value: ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma'],
          source: '/sys/fs/cgroup/cgroup.controllers',
        },
        missingControllers: { value: [], source: '/sys/fs/cgroup/cgroup.controllers' },
        initDriver: { value: 'systemd', source: '/proc/1/comm' },
      },
    ],
    [
      'v2 without memory',
      { files: { '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu pids\n' } },
      { missingControllers: { value: ['memory'], source: '/sys/fs/cgroup/cgroup.controllers' } },
    ],
    [
      'v1',
      { mounts: v1, init: 'init' },
      {
        version: { value: 'v1', source: '/proc/1/mountinfo, /sys/fs/cgroup' },
        controllers: { value: ['cpu'], source: '/proc/cgroups' },
        missingControllers: {
          value: ['cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
          source: '/proc/cgroups',
        },
        initDriver: { value: 'cgroupfs', source: '/proc/1/comm' },
      },
    ],
    ['hybrid', { mounts: hybrid }, { version: { value: 'hybrid', source: '/proc/1/mountinfo, /sys/fs/cgroup' } }],
    [
      'neither',
      { mounts: '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n' },
      { version: { unavailable: { reason: 'unsupported', detail: '/proc/1/mountinfo shows no cgroup file system.' } } },
    ],
    [
      'mounts of the probe itself where those of process 1 are refused',
      { files: { '/proc/1/mountinfo': denied, '/proc/self/mountinfo': v2 } },
      { version: { value: 'v2', source: '/proc/self/mountinfo, /sys/fs/cgroup' } },
    ],
    [
      'refused',
      { files: { '/proc/1/mountinfo': denied } },
      { version: denied, controllers: denied, missingControllers: denied },
    ],
    [
      'no mount in it',
      { mounts: 'x\n' },
      {
        version: {
          unavailable: { reason: 'malformed', detail: '/proc/1/mountinfo has no line that describes a mount.' },
        },
      },
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).cgroups).toMatchObject(expected)
  })
})

describe('containerRuntime', () => {
  it.each<[string, Setting, object]>([
    [
      'as the kubelet reports it',
      { reported: 'containerd://1.7.27', files: { [toml]: 'root = "/data/containerd"\n' } },
      {
        name: { value: 'containerd', source: 'default of kubelet 1.34' },
        version: { value: '1.7.27', source: reportedBy('containerRuntimeVersion') },
        configurationFiles: [toml],
        rootDirectory: { value: '/data/containerd', source: toml },
      },
    ],
    [
      'from the program where the API is silent',
      {
        commands: {
          'containerd --version':
            'containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376\n',
        },
      },
      {
        version: { value: '2.1.4', source: 'containerd --version' },
        rootDirectory: { value: '/var/lib/containerd', source: `default of containerd: ${toml} does not exist` },
      },
    ],
    [
      'CRI-O by its socket, root by its file',
      {
        flags: ['--container-runtime-endpoint=/run/crio/crio.sock'],
        daemons: [['crio']],
        commands: { 'crio --version': 'crio version 1.31.3\nVersion:        1.31.3\n' },
        files: { '/etc/crio/crio.conf': '[crio]\nroot = "/data"\n' },
      },
      {
        name: { value: 'cri-o', source: '--container-runtime-endpoint of pid 812' },
        version: { value: '1.31.3', source: 'crio --version' },
        rootDirectory: { value: '/data', source: '/etc/crio/crio.conf' },
      },
    ],
    [
      'root of CRI-O from storage.conf',
      {
        flags: ['--container-runtime-endpoint=/run/crio/crio.sock'],
        daemons: [['crio']],
        files: { '/etc/containers/storage.conf': '[storage]\ngraphroot = "/big"\n' },
      },
      { rootDirectory: { value: '/big', source: '/etc/containers/storage.conf' } },
    ],
    [
      'root of CRI-O where storage.conf was not read',
      { flags: ['--container-runtime-endpoint=/run/crio/crio.sock'], daemons: [['crio']] },
      {
        rootDirectory: {
          unavailable: {
            reason: 'not-collected',
            detail:
              "CRI-O's own files name no root folder, and /etc/containers/storage.conf was not read by the probe.",
          },
        },
      },
    ],
    [
      'docker under an old kubelet',
      {
        kubelet: 'v1.23.4',
        reported: 'docker://20.10.12',
        daemons: [['containerd'], ['dockerd', '--data-root', '/d']],
      },
      {
        name: { value: 'docker', source: 'default of kubelet 1.23' },
        version: { value: '20.10.12', source: reportedBy('containerRuntimeVersion') },
        rootDirectory: { value: '/d', source: '--data-root of pid 901' },
      },
    ],
    [
      'an endpoint that says nothing, by what is reported',
      { flags: ['--container-runtime-endpoint=unix:///run/cri.sock'], reported: 'cri-o://1.31.0', daemons: [['crio']] },
      { name: { value: 'cri-o', source: reportedBy('containerRuntimeVersion') } },
    ],
    [
      'by the one that runs',
      { flags: ['--container-runtime-endpoint=unix:///run/cri.sock'], daemons: [['crio']] },
      { name: { value: 'cri-o', source: 'process crio' } },
    ],
    [
      'not by one of two',
      { flags: ['--container-runtime-endpoint=unix:///run/cri.sock'], daemons: [['containerd'], ['crio']] },
      {
        name: {
          unavailable: {
            reason: 'unsupported',
            detail: 'containerd and cri-o run, and nothing says which one the kubelet uses.',
          },
        },
        configurationFiles: [],
      },
    ],
    [
      'version not printed',
      { commands: { 'containerd --version': 'segmentation fault\n' } },
      {
        version: {
          unavailable: { reason: 'malformed', detail: '"containerd --version" prints no version: segmentation fault' },
        },
      },
    ],
    [
      'program not there',
      { commands: { 'containerd --version': absent } },
      { version: { unavailable: { reason: 'unsupported', detail: 'containerd is not installed.' } } },
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).runtime).toMatchObject(expected)
  })
})
