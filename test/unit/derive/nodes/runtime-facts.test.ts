// Rows E1, E3 and E4: logs, storage drivers, listeners, sockets, what changed since the start, and file systems.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deriveNodeUnit } from '../../../../src/derive/nodes/node.ts'
import {
  containerLogsSchema,
  nodeStorageSchema,
  runtimeDaemonSchema,
  runtimeSocketsSchema,
} from '../../../../src/model/facts-runtime.ts'
import type { HostEvidence, PathStatus } from '../../../../src/model/node-evidence.ts'
import { absent, buildHost, buildProcess, denied, type HostParts } from '../host-builder.ts'
import { buildNode } from '../node-builder.ts'

const packaged = (name: string) =>
  readFileSync(new URL(`../../../runtime-configurations/${name}`, import.meta.url), 'utf8')

const units = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)
const noUnits = ['containerd', 'docker', 'crio'].flatMap((name) => units.map((folder) => `${folder}/${name}.service`))

interface Setting {
  readonly reported?: string
  readonly kubelet?: string
  readonly daemons?: readonly (readonly [name: string, ...rest: string[]])[]
  readonly files?: HostParts['files']
  readonly directories?: HostParts['directories']
  readonly commands?: HostParts['commands']
  readonly mounts?: string
  readonly statuses?: Readonly<Record<string, PathStatus>>
}

function derive(setting: Setting) {
  const { reported = 'containerd://2.1.4', kubelet = '', mounts = '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n' } = setting
  const name = reported.startsWith('docker') ? 'dockerd' : reported.startsWith('cri-o') ? 'crio' : 'containerd'
  const endpoint = {
    dockerd: '/run/cri-dockerd.sock',
    crio: '/run/crio/crio.sock',
    containerd: '/run/containerd/containerd.sock',
  }[name]
  const processes: HostEvidence['processes'] = [
    { ...buildProcess('kubelet', '--config=/k', `--container-runtime-endpoint=unix://${endpoint}`), pid: 700 },
    ...(setting.daemons ?? [[name] as const]).map((daemon, index) => ({
      ...buildProcess(...daemon),
      pid: 900 + index,
    })),
  ]
  const host = buildHost({
    files: {
      '/k': `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${kubelet}`,
      '/proc/1/mountinfo': mounts,
      '/proc/1/comm': 'systemd\n',
      '/etc/containerd/config.toml': absent,
      '/etc/crio/crio.conf': absent,
      '/etc/docker/daemon.json': absent,
      '/etc/containers/storage.conf': absent,
      '/usr/share/containers/storage.conf': absent,
      ...Object.fromEntries(noUnits.map((path) => [path, absent])),
      ...setting.files,
    },
    directories: {
      '/etc/crio/crio.conf.d': absent,
      '/var/lib/containerd': [],
      '/var/lib/kubelet': [],
      '/var/lib/docker': [],
      ...Object.fromEntries(noUnits.map((path) => [`${path}.d`, absent])),
      ...setting.directories,
    },
    commands: setting.commands ?? {},
    processes,
  })
  const object = buildNode('w1', { kubeletVersion: 'v1.34.1', containerRuntimeVersion: reported })
  const { facts } = deriveNodeUnit({ name: 'w1', object, host: { ...host, statuses: { ...setting.statuses } } })
  return {
    logs: () => containerLogsSchema.parse(facts.containerLogs),
    daemon: () => runtimeDaemonSchema.parse(facts.runtimeDaemon),
    sockets: () => runtimeSocketsSchema.parse(facts.runtimeSockets).sockets,
    storage: () => nodeStorageSchema.parse(facts.nodeStorage).directories,
  }
}

const json = '/etc/docker/daemon.json'
const docker = (content: string, rest: readonly string[] = [], more: Setting = {}): Setting => ({
  reported: 'docker://20.10.24',
  daemons: [['dockerd', ...rest]],
  ...more,
  files: { [json]: content, ...more.files },
})

describe('logs of containers', () => {
  it.each<[string, Setting, boolean | object, string | object]>([
    ['the kubelet’s defaults', {}, true, '10Mi in 5 files'],
    ['set', { kubelet: 'containerLogMaxSize: 50Mi\ncontainerLogMaxFiles: 3\n' }, true, '50Mi in 3 files'],
    [
      'turned off',
      { kubelet: 'containerLogMaxSize: "-1"\n' },
      false,
      'containerLogMaxSize -1, which turns rotation off',
    ],
    [
      'containerd’s line size is no rotation',
      {
        kubelet: 'containerLogMaxSize: "-1"\n',
        files: { '/etc/containerd/config.toml': packaged('containerd-1.6.20-default.toml') },
      },
      false,
      'containerLogMaxSize -1, which turns rotation off',
    ],
    ['docker by default', docker('{}'), false, 'json-file without max-size'],
    ['docker with a size', docker('{"log-opts": {"max-size": "10m", "max-file": "3"}}'), true, '10m in 3 files'],
    ['docker with files and no size', docker('{"log-opts": {"max-file": "3"}}'), false, 'json-file without max-size'],
    ['docker without a limit', docker('{"log-opts": {"max-size": "-1"}}'), false, 'json-file without max-size'],
    ['docker by option', docker('{}', ['--log-opt', 'max-size=5m']), true, '5m in 1 files'],
    [
      'docker to the journal',
      docker('{"log-driver": "journald"}'),
      true,
      'driver journald, which keeps a bounded amount or none on this disk',
    ],
    ['docker, file refused', docker('', [], { files: { [json]: denied } }), denied, denied],
  ])('%s', (_name, setting, isBounded, limits) => {
    const logs = derive(setting).logs()
    const plain = (value: object) => ('value' in value ? value.value : value)
    expect([plain(logs.isBounded), plain(logs.limits)]).toEqual([isBounded, limits])
  })
})

describe('storage drivers', () => {
  const overlay = `1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:50 / /var/lib/docker/overlay2/abc/merged rw - overlay overlay rw\n`

  it.each<[string, Setting, string | object, string | object]>([
    ['containerd by default', {}, 'overlayfs', ''],
    [
      'containerd 1.6’s own file',
      { files: { '/etc/containerd/config.toml': packaged('containerd-1.6.20-default.toml') } },
      'overlayfs',
      '',
    ],
    [
      'containerd 2 with native',
      {
        files: {
          '/etc/containerd/config.toml':
            "version = 3\n[plugins.'io.containerd.cri.v1.images']\nsnapshotter = 'native'\n",
        },
      },
      'native',
      'copies every layer in full',
    ],
    [
      'docker in daemon.json',
      docker('{"storage-driver": "devicemapper"}'),
      'devicemapper',
      'removed in docker 25; on loop devices it loses speed and space',
    ],
    ['docker by option', docker('{}', ['-s', 'overlay2']), 'overlay2', ''],
    ['docker, as its mounts show', docker('{}', [], { mounts: overlay }), 'overlay2', ''],
    [
      'docker, and nothing shows it',
      docker('{}'),
      {
        unavailable: {
          reason: 'unsupported',
          detail: 'docker chose a storage driver by itself, and no mount of a container shows which.',
        },
      },
      {
        unavailable: {
          reason: 'unsupported',
          detail: 'docker chose a storage driver by itself, and no mount of a container shows which.',
        },
      },
    ],
    ['CRI-O by default', { reported: 'cri-o://1.34.0' }, 'overlay', ''],
    [
      'CRI-O, storage.conf',
      { reported: 'cri-o://1.34.0', files: { '/etc/containers/storage.conf': '[storage]\ndriver = "vfs"\n' } },
      'vfs',
      'copies every layer in full',
    ],
    ['containerd, refused', { files: { '/etc/containerd/config.toml': denied } }, denied, denied],
  ])('%s', (_name, setting, driver, problem) => {
    const { storageDriver, storageDriverProblem } = derive(setting).daemon()
    const plain = (value: object) => ('value' in value ? value.value : value)
    expect([plain(storageDriver), plain(storageDriverProblem)]).toEqual([driver, problem])
  })
})

describe('addresses in the network', () => {
  const of = (address: string, protection: string) => ({ address, protection })

  it.each<[string, Setting, unknown]>([
    ['docker at its socket', docker('{}', ['-H', 'fd://', '--containerd=/run/containerd/containerd.sock']), []],
    ['docker for all', docker('{}', ['-H', 'fd://', '-H=tcp://0.0.0.0:2375']), [of('tcp://0.0.0.0:2375', 'none')]],
    ['without a scheme', docker('{}', ['-H', ':2375']), [of(':2375', 'none')]],
    ['TLS one way', docker('{"hosts": ["tcp://10.0.0.1:2376"], "tls": true}'), [of('tcp://10.0.0.1:2376', 'TLS')]],
    [
      'TLS both ways',
      docker('{"hosts": ["tcp://10.0.0.1:2376"], "tlsverify": true}'),
      [of('tcp://10.0.0.1:2376', 'TLS with client certificates')],
    ],
    [
      'an option takes it back',
      docker('{"tlsverify": true}', ['-H', 'tcp://a', '--tlsverify=false']),
      [of('tcp://a', 'none')],
    ],
    [
      'containerd by default',
      { files: { '/etc/containerd/config.toml': packaged('containerd-1.6.20-default.toml') } },
      [],
    ],
    [
      'containerd',
      {
        files: {
          '/etc/containerd/config.toml': 'version = 2\n[grpc]\ntcp_address = "0.0.0.0:7000"\ntcp_tls_cert = "/c"\n',
        },
      },
      [of('0.0.0.0:7000', 'TLS')],
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).daemon().networkListeners).toMatchObject({ value: expected })
  })
})

describe('what runs against what the files say', () => {
  const unit = '/usr/lib/systemd/system/docker.service'
  const environment = '/etc/default/docker'
  const debian = { [unit]: packaged('docker.service'), [environment]: packaged('default-docker') }
  const debianArguments = ['-H', 'fd://', '--containerd=/run/containerd/containerd.sock']

  it.each<[string, Setting, unknown]>([
    ['Debian’s unit', docker('{}', debianArguments, { files: debian }), []],
    [
      'an environment file that was edited',
      docker('{}', debianArguments, { files: { ...debian, [environment]: 'DOCKER_OPTS="--log-opt max-size=10m"\n' } }),
      [{ option: '--log-opt', configured: 'max-size=10m', running: 'not set', source: environment }],
    ],
    [
      'a drop-in that replaced the command',
      docker('{}', debianArguments, {
        files: {
          ...debian,
          '/etc/systemd/system/docker.service.d/a.conf':
            '[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H unix:///x\n',
        },
        directories: { '/etc/systemd/system/docker.service.d': ['a.conf'] },
      }),
      [
        {
          option: '--containerd',
          configured: 'not set',
          running: '/run/containerd/containerd.sock',
          source: '/etc/systemd/system/docker.service.d/a.conf',
        },
        {
          option: '-H',
          configured: 'unix:///x',
          running: 'fd://',
          source: '/etc/systemd/system/docker.service.d/a.conf',
        },
      ],
    ],
  ])('%s', (_name, setting, expected) => {
    expect(derive(setting).daemon().differences).toEqual({ value: expected, source: unit })
  })

  it('knows nothing of a daemon without a unit, unless a distribution starts it', () => {
    expect(derive({}).daemon().differences).toEqual({
      unavailable: { reason: 'unsupported', detail: 'No systemd unit named containerd.service is on this host.' },
    })
    const config = '/var/lib/rancher/k3s/agent/etc/containerd/config.toml'
    const k3s = derive({ daemons: [['containerd', '-c', config]], files: { [config]: '' } })
    expect(k3s.daemon().differences).toEqual({ value: [], source: 'started by k3s, by no unit of its own' })
  })

  it.each<[string, number | undefined, unknown]>([
    ['before the start', 1_699_999_999, { value: [], source: 'files of pid 900' }],
    [
      'in the second of the start, which the boot time tells no better',
      1_700_000_001,
      { value: [], source: 'files of pid 900' },
    ],
    [
      'after the start',
      1_700_000_060,
      {
        value: [`${json} (changed 2023-11-14T22:14:20Z, daemon started 2023-11-14T22:13:20Z)`],
        source: 'files of pid 900',
      },
    ],
    [
      'nobody knows when',
      undefined,
      { unavailable: { reason: 'unsupported', detail: `When ${json} changed could not be read.` } },
    ],
  ])('daemon.json changed %s', (_name, modifiedAt, expected) => {
    const stat = modifiedAt === undefined ? {} : { stat: { mode: '0644', uid: 0, gid: 0, modifiedAt } }
    const setting = docker('{}', [], { files: { [json]: { content: '{}', ...stat } } })
    expect(derive(setting).daemon().changedSinceStart).toEqual(expected)
  })
})

describe('sockets', () => {
  const socket = (mode: string, uid = 0, gid = 0, acl = false): PathStatus => ({
    kind: 'other',
    stat: { mode, uid, gid, modifiedAt: 1 },
    acl,
  })

  it('follows arguments, files and units of systemd, and tells who is in the group', () => {
    const setting: Setting = {
      daemons: [
        ['containerd'],
        ['dockerd', '-H', 'fd://', '-H', 'unix:///x.sock', '-H', 'tcp://a'],
        ['cri-dockerd', '--container-runtime-endpoint', 'fd://'],
      ],
      files: {
        '/lib/systemd/system/docker.socket': packaged('docker.socket').replace(
          'ListenStream=/run/docker.sock',
          'ListenStream=/run/d.sock',
        ),
      },
      statuses: {
        '/run/containerd/containerd.sock': socket('0660'),
        '/run/d.sock': socket('0660', 0, 998),
        '/x.sock': socket('0666', 7, 998, true),
        '/run/cri-dockerd.sock': { absent: true },
      },
      commands: { 'getent group 998': 'docker:x:998:ann,bob\n' },
    }
    const found = derive(setting).sockets()
    if (!('value' in found)) throw new Error(found.unavailable.detail)
    const shown = found.value.map(({ path, process, access, members }) => [
      path,
      process,
      'value' in access
        ? [access.value.mode, access.value.isOpenToAll, access.value.isOwnedByRoot, access.value.accessControlList]
        : access.unavailable.reason,
      'value' in members ? members.value : members.unavailable.reason,
    ])
    expect(shown).toEqual([
      ['/run/containerd/containerd.sock', 'containerd', ['0660', false, true, 'none'], []],
      ['/run/d.sock', 'dockerd', ['0660', false, true, 'none'], ['ann', 'bob']],
      ['/x.sock', 'dockerd', ['0666', true, false, 'present'], ['ann', 'bob']],
      ['/run/cri-dockerd.sock', 'cri-dockerd', 'not-found', 'not-found'],
    ])
  })

  it.each<[string, HostParts['commands'], unknown]>([
    ['nobody asked', {}, { unavailable: { reason: 'not-collected', detail: 'Who is in group 998 was not asked.' } }],
    [
      'no getent',
      { 'getent group 998': absent },
      { unavailable: { reason: 'unsupported', detail: 'getent is not installed.' } },
    ],
    [
      'no such group',
      { 'getent group 998': { exitCode: 2, output: '' }, 'first group 998': '' },
      { value: [], source: 'getent group 998: there is no such group, /etc/passwd' },
    ],
    [
      'an empty group',
      { 'getent group 998': 'docker:x:998:\n', 'first group 998': '' },
      { value: [], source: 'getent group 998, /etc/passwd' },
    ],
    [
      'an account whose first group it is',
      { 'getent group 998': 'docker:x:998:ann\n', 'first group 998': 'ci\nann\n' },
      { value: ['ann', 'ci'], source: 'getent group 998, /etc/passwd' },
    ],
    [
      'an empty group, by a probe that did not ask for first groups',
      { 'getent group 998': 'docker:x:998:\n' },
      {
        unavailable: {
          reason: 'not-collected',
          detail: 'Whether group 998 is the first group of an account was not asked.',
        },
      },
    ],
  ])('members: %s', (_name, commands = {}, expected) => {
    const found = derive({
      statuses: { '/run/containerd/containerd.sock': socket('0660', 0, 998) },
      commands,
    }).sockets()
    expect('value' in found ? found.value[0]?.members : found).toEqual(expected)
  })
})

describe('file systems', () => {
  const mounts = (fileSystem: string, options = 'rw') =>
    `1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:50 / /var/lib/kubelet ${options} - ${fileSystem} device rw\n`

  it.each<[string, string, object]>([
    [
      'nfs4',
      mounts('nfs4'),
      { fileSystem: 'nfs4', isRemote: true, isVolatile: false, isOnRoot: false, isReadOnly: false },
    ],
    ['cephfs by FUSE', mounts('fuse.ceph-fuse'), { isRemote: true }],
    ['tmpfs', mounts('tmpfs'), { isRemote: false, isVolatile: true }],
    ['read-only', mounts('xfs', 'ro,relatime'), { isReadOnly: true, options: ['ro', 'relatime', 'rw'] }],
    ['on the root', '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n', { isOnRoot: true, device: '/dev/sda1' }],
  ])('%s', (_name, table, expected) => {
    const kubelet = derive({ mounts: table })
      .storage()
      .find(({ purpose }) => purpose === 'kubelet')
    expect(kubelet?.location).toMatchObject({ value: expected })
  })

  it('says which folders were not looked at', () => {
    const storage = derive({ directories: { '/var/lib/kubelet': denied } }).storage()
    expect(storage).toEqual([
      {
        purpose: 'container runtime',
        path: '/var/lib/containerd',
        location: expect.objectContaining({ source: '/proc/1/mountinfo, /' }),
      },
      { purpose: 'kubelet', path: '/var/lib/kubelet', location: denied },
    ])
  })
})
