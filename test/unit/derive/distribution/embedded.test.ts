// What the components inside k3s and MicroK8s run with: their own defaults, files, arguments, and what is not known.
import { describe, expect, it } from 'vitest'
import { findHolder } from '../../../../src/derive/distribution/embedded.ts'
import type { EmbeddedName, HolderInput } from '../../../../src/derive/distribution/holder.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../../../src/model/node-evidence.ts'
import { apiServer, deriveNode, tell } from '../control-plane/support.ts'
import { absent, buildHost, denied, type HostParts } from '../host-builder.ts'

const data = '/var/lib/rancher/k3s'
const started = 1_700_000_000
const k3s = (environment: Record<string, string> | undefined = {}): ProcessEvidence => ({
  pid: 640,
  name: 'k3s-server',
  executable: `${data}/data/current/bin/k3s`,
  arguments: ['/usr/local/bin/k3s server'],
  startedAt: started,
  ...(environment && { environment }),
})

const unitFolders = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((folder) => `${folder}/systemd/system`)

/** A host that the probe read as a k3s server's, with SQLite. */
function host(parts: HostParts = {}, statuses: HostEvidence['statuses'] = {}): HostEvidence {
  const units = (name: string) => unitFolders.map((folder) => [`${folder}/${name}`, absent] as const)
  return {
    ...buildHost({
      processes: [k3s()],
      ...parts,
      files: {
        ...Object.fromEntries([...units('k3s.service'), ...units('k3s-agent.service')]),
        '/etc/systemd/system/k3s.service':
          '[Service]\nExecStart=/usr/local/bin/k3s \\\n    server \\\n\t--kubelet-arg=v=2\n',
        '/etc/rancher/k3s/config.yaml': absent,
        ...parts.files,
      },
      directories: {
        ...Object.fromEntries([...units('k3s.service.d'), ...units('k3s-agent.service.d')]),
        '/etc/rancher/k3s/config.yaml.d': absent,
        [`${data}/agent/etc/kubelet.conf.d`]: absent,
        ...parts.directories,
      },
    }),
    statuses: { [`${data}/server/db/etcd`]: absent, [`${data}/server/tls/service.current.key`]: absent, ...statuses },
  }
}

const minor = { value: 31, source: 'kubelet' }

function component(name: EmbeddedName, given: HostEvidence, more: Partial<HolderInput> = {}): string {
  const found = findHolder({ host: given, node: 'n1', minor, nodeArguments: undefined, ...more })?.component(name)
  if (found === undefined) return 'no holder'
  if (isUnavailable(found)) return `${found.unavailable.reason}: ${found.unavailable.detail}`
  if ('absent' in found) return `absent: ${found.absent}`
  return found.arguments
    .slice(1)
    .map((argument) => `${argument} < ${found.origin(argument.slice(2).split('=')[0] ?? '')}`)
    .join('\n')
}

const configured = (content: string): HostParts => ({
  files: { '/etc/rancher/k3s/config.yaml': { content, stat: stat(started - 100) } },
})
const stat = (modifiedAt: number) => ({ mode: '0600', uid: 0, gid: 0, modifiedAt })
const own = 'set by k3s 1.31'
const file = '/etc/rancher/k3s/config.yaml'

describe('k3s', () => {
  it('gives the API server what its source says, and SQLite no certificates', () => {
    const lines = component('kube-apiserver', host()).split('\n')
    expect(lines).toContain(`--anonymous-auth=false < ${own}`)
    expect(lines).toContain(`--authorization-mode=Node,RBAC < ${own}`)
    expect(lines).toContain(`--profiling=false < ${own}`)
    expect(lines).toContain(`--etcd-servers=unix://${data}/server/kine.sock < ${own}`)
    expect(lines.filter((line) => line.includes('etcd-cafile') || line.includes('encryption'))).toEqual([])
  })

  it('replaces, adds and goes before by how an argument is written; the last file of a key wins', () => {
    const given = host({
      ...configured(
        'kube-apiserver-arg:\n- audit-log-path=/a\n- anonymous-auth=true\n- enable-admission-plugins+=PodSecurity\n',
      ),
      directories: { '/etc/rancher/k3s/config.yaml.d': ['10-a.yaml', '20-b.yaml', 'notes.txt'] },
    })
    const withDropIns = {
      ...given,
      files: {
        ...given.files,
        [`${file}.d/10-a.yaml`]: { content: 'kube-apiserver-arg+: [audit-log-maxage=30]\nsecrets-encryption: true\n' },
        [`${file}.d/20-b.yaml`]: { content: 'data-dir: /srv/k3s\n' },
      },
    }
    const lines = component('kube-apiserver', {
      ...withDropIns,
      statuses: { '/srv/k3s/server/db/etcd': absent, '/srv/k3s/server/tls/service.current.key': absent },
    }).split('\n')
    expect(lines.filter((line) => /anonymous|admission|audit|encryption/.test(line))).toEqual([
      `--enable-admission-plugins=NodeRestriction < kube-apiserver-arg in ${file}`,
      `--encryption-provider-config=/srv/k3s/server/cred/encryption-config.json < ${own}`,
      `--audit-log-path=/a < kube-apiserver-arg in ${file}`,
      `--anonymous-auth=true < kube-apiserver-arg in ${file}`,
      `--enable-admission-plugins=PodSecurity < kube-apiserver-arg in ${file}`,
      `--audit-log-maxage=30 < kube-apiserver-arg in ${file}.d/10-a.yaml`,
    ])
  })

  it('leaves authentication and authorization to the site’s own files', () => {
    const given = host(
      configured('kube-apiserver-arg: ["authorization-config=/a.yaml", "authentication-config=/b.yaml"]\n'),
    )
    expect(component('kube-apiserver', given)).not.toMatch(/anonymous-auth|authorization-mode/)
  })

  it('gives the kubelet flags where it wrote no drop-in, and the drop-in where it did', () => {
    const flags = component('kubelet', host()).split('\n')
    expect(flags).toContain(`--anonymous-auth=false < ${own}`)
    expect(flags).toContain('--v=2 < kubelet-arg in ExecStart in /etc/systemd/system/k3s.service')
    const folder = `${data}/agent/etc/kubelet.conf.d`
    const written = host({ directories: { [folder]: ['00-k3s-defaults.conf'] } })
    expect(component('kubelet', written, { minor: { value: 34, source: '' } }).split('\n')).toEqual([
      `--kubeconfig=${data}/agent/kubelet.kubeconfig < set by k3s 1.34`,
      '--hostname-override=n1 < set by k3s 1.34',
      `--config-dir=${folder} < set by k3s 1.34`,
      '--read-only-port=0 < set by k3s 1.34',
      '--v=2 < kubelet-arg in ExecStart in /etc/systemd/system/k3s.service',
    ])
    // The first versions with the drop-in forgot the port: whether it is open is not told by them.
    const found = findHolder({ host: written, node: 'n1', minor: { value: 32, source: '' }, nodeArguments: undefined })
    const kubelet = found?.component('kubelet')
    expect(kubelet !== undefined && 'undetermined' in kubelet ? [...kubelet.undetermined.keys()] : []).toEqual([
      'read-only-port',
    ])
  })

  it.each<[string, EmbeddedName, HostEvidence, string, Partial<HolderInput>?]>([
    ['etcd, with SQLite', 'etcd', host(), `absent: k3s keeps its data in SQLite: there is no ${data}/server/db/etcd`],
    [
      'etcd, with a database elsewhere',
      'etcd',
      host(configured('datastore-endpoint: mysql://<redacted>\n')),
      `absent: k3s keeps its data elsewhere (datastore-endpoint in ${file})`,
    ],
    [
      'etcd, of which nobody looked',
      'etcd',
      host({}, { [`${data}/server/db/etcd`]: denied }),
      'permission-denied: Permission denied.',
    ],
    [
      'a database of a kind that was not seen',
      'kube-apiserver',
      host(configured('datastore-endpoint: <redacted>\n')),
      `unsupported: Which kind of database datastore-endpoint in ${file} is was not seen.`,
    ],
    [
      'a scheduler that is switched off',
      'kube-scheduler',
      host(configured('disable-scheduler: true\n')),
      'absent: disable-scheduler is set for k3s',
    ],
    [
      'a configuration that may not be read',
      'kube-apiserver',
      host({ files: { [file]: denied } }),
      'permission-denied: Permission denied.',
    ],
    ['one that does not parse', 'kube-apiserver', host(configured('a: [b\n')), `malformed: ${file}: not YAML.`],
    [
      'an environment that was not read',
      'kube-apiserver',
      host({ processes: [{ ...k3s(), environment: undefined as never }] }),
      'permission-denied: The environment of k3s (pid 640), which may name another configuration file, was not read.',
    ],
    [
      'another configuration file, by the environment',
      'kube-apiserver',
      host({ processes: [k3s({ K3S_CONFIG_FILE: '/srv/k3s.yaml' })], directories: { '/srv/k3s.yaml.d': absent } }),
      'not-collected: /srv/k3s.yaml was not read by the probe.',
    ],
    [
      'no unit, no note in the API',
      'kube-apiserver',
      host({ files: { '/etc/systemd/system/k3s.service': absent } }),
      'unsupported: k3s (pid 640) hides its arguments, the API has no note of them (k3s.io/node-args), and no unit k3s.service or k3s-agent.service that would give them is on this host.',
    ],
    [
      'an old version',
      'kube-apiserver',
      host(),
      'unsupported: What k3s 1.18 gives kube-apiserver by itself is not known.',
      { minor: { value: 18, source: '' } },
    ],
    [
      'an agent, by what it tells the API',
      'kube-apiserver',
      host({ files: { '/etc/systemd/system/k3s.service': absent } }),
      'absent: k3s runs as an agent here',
      { nodeArguments: ['agent', '--server', 'https://x'] },
    ],
  ])('%s', (_name, name, given, expected, more) => {
    expect(component(name, given, more)).toBe(expected)
  })

  it('believes its files before what the API notes, which more people may change; the note where the files tell nothing', () => {
    const note = ['server', '--kube-apiserver-arg', 'profiling=true', '--cluster-init']
    expect(
      component('kube-apiserver', host(configured('kube-apiserver-arg: [profiling=false]\n')), { nodeArguments: note }),
    ).toContain(`--profiling=false < kube-apiserver-arg in ${file}`)
    const unread = host({ files: { '/etc/systemd/system/k3s.service': absent } })
    expect(component('kube-apiserver', unread, { nodeArguments: note })).toContain(
      '--profiling=true < kube-apiserver-arg in annotation k3s.io/node-args of node n1',
    )
  })

  it.each([
    [
      'mysql',
      { K3S_DATASTORE_ENDPOINT: 'mysql://<redacted>' },
      [`--etcd-servers=unix://${data}/server/kine.sock < ${own}`],
    ],
    [
      'etcd',
      { K3S_DATASTORE_ENDPOINT: 'https://<redacted>', K3S_DATASTORE_CAFILE: '/ca.crt' },
      [`--etcd-servers=https://<redacted> < ${own}`, `--etcd-cafile=/ca.crt < ${own}`],
    ],
  ])('takes a database elsewhere, %s, from its environment', (_kind, environment, expected) => {
    const lines = component('kube-apiserver', host({ processes: [k3s(environment)] })).split('\n')
    expect(lines.filter((line) => line.startsWith('--etcd'))).toEqual(expected)
  })

  it('is not the one that somebody calls to ask something', () => {
    const tool = { ...k3s(), pid: 20, name: 'k3s', arguments: ['/usr/local/bin/k3s', 'kubectl', 'get', 'pods'] }
    expect(component('kube-scheduler', host({ processes: [tool, k3s()] }))).toContain('--profiling=false')
    expect(component('kube-scheduler', host({ processes: [tool] }))).toBe('no holder')
  })

  it('marks a file that was edited since', () => {
    const given = host({
      files: { [file]: { content: 'kube-apiserver-arg: [profiling=true]\n', stat: stat(started + 100) } },
    })
    expect(component('kube-apiserver', given)).toContain(
      `--profiling=true < kube-apiserver-arg in ${file} (edited after k3s started)`,
    )
  })
})

describe('MicroK8s', () => {
  const args = '/var/snap/microk8s/current/args'
  const kubelite: ProcessEvidence = {
    pid: 700,
    name: 'kubelite',
    arguments: ['/snap/microk8s/8596/kubelite', '--start-control-plane=true'],
    startedAt: started,
  }
  const microk8s = (process: ProcessEvidence = kubelite): HostEvidence =>
    buildHost({
      processes: [process],
      files: {
        [`${args}/kube-apiserver`]:
          "# aggregation\n--cert-dir=${SNAP_DATA}/certs\n--authorization-mode=AlwaysAllow\n--service-account-issuer='https://kubernetes.default.svc'\n",
        [`${args}/kubelet`]: '--anonymous-auth=false\n--eviction-hard="memory.available<100Mi,nodefs.available<1Gi"\n',
        [`${args}/k8s-dqlite`]: '--storage-dir=${SNAP_DATA}/var/kubernetes/backend/\n',
      },
    })

  it('takes the arguments from its files, variables expanded and quotes taken off', () => {
    expect(component('kube-apiserver', microk8s()).split('\n')).toEqual([
      `--cert-dir=/var/snap/microk8s/current/certs < ${args}/kube-apiserver`,
      `--authorization-mode=AlwaysAllow < ${args}/kube-apiserver`,
      `--service-account-issuer=https://kubernetes.default.svc < ${args}/kube-apiserver`,
    ])
    expect(component('kubelet', microk8s())).toContain('--eviction-hard=memory.available<100Mi,nodefs.available<1Gi')
  })

  it.each<[string, EmbeddedName, HostEvidence, string]>([
    ['no etcd', 'etcd', microk8s(), 'absent: MicroK8s keeps its data in dqlite'],
    [
      'no control plane on a worker',
      'kube-scheduler',
      microk8s({ ...kubelite, arguments: ['kubelite', '--start-control-plane=false'] }),
      'absent: kubelite (pid 700) was told to start no control plane',
    ],
    [
      'a control plane that nobody can tell of',
      'kube-scheduler',
      microk8s({ ...kubelite, arguments: ['kubelite'] }),
      'unsupported: kubelite (pid 700) does not say whether it starts a control plane.',
    ],
    [
      'a file that was not read',
      'kube-scheduler',
      microk8s(),
      `not-collected: ${args}/kube-scheduler was not read by the probe.`,
    ],
  ])('%s', (_name, name, given, expected) => {
    expect(component(name, given)).toBe(expected)
  })
})

describe('in the facts', () => {
  it('an API server inside k3s is one that runs, with the places of its settings', () => {
    const { apiServer: fact } = deriveNode({ host: host() })
    if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
    expect(tell(fact.runs)).toBe('true from k3s-server (pid 640)')
    expect(tell(fact.anonymousAuthentication)).toBe('false from --anonymous-auth (set by k3s 1.34)')
  })

  it('a process of its own goes before k3s', () => {
    const given = host({ processes: [k3s(), apiServer('--profiling=true')] })
    const { apiServer: fact } = deriveNode({ host: given })
    if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
    expect(tell(fact.profiling)).toBe('true from --profiling of pid 1544')
  })
})
