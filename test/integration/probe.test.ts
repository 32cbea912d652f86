// The probe's script in real shells, against folders that stand for hosts.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, probeScript, renderProbe } from '../../src/collect/probe/script.ts'
import { type HostEvidence, hostEvidenceSchema } from '../../src/model/node-evidence.ts'

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['/bin/sh']].filter(
  ([command = '', ...rest]) => spawnSync(command, [...rest, '-c', 'true']).status === 0,
)
if (shells.length < 4)
  console.warn(`SKIPPED: only these shells are here: ${shells.map((shell) => shell[0]).join(', ')}`)

const isRoot = process.getuid?.() === 0
const base = mkdtempSync(join(tmpdir(), 'probe-'))
const root = join(base, 'host')
const commands = join(base, 'commands')
const nonce = createNonce()
const run = { transport: 'local', startedAt: '2026-11-20T00:00:00.000Z', durationMs: 1 }

function put(path: string, content: string | Uint8Array = '', mode = 0o644): void {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
  chmodSync(root + path, mode)
}
function link(target: string, path: string): void {
  mkdirSync(dirname(root + path), { recursive: true })
  symlinkSync(target, root + path)
}
function putCommand(name: string, body: string): void {
  mkdirSync(commands, { recursive: true })
  writeFileSync(join(commands, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}
function putProcess(
  pid: number,
  name: string,
  argv: readonly string[],
  status = 'Uid:\t0\t0\t0\t0\nNSpid:\t1\n',
): void {
  put(`/proc/${pid}/comm`, `${name}\n`)
  put(`/proc/${pid}/cmdline`, argv.map((argument) => `${argument}\0`).join(''))
  put(`/proc/${pid}/stat`, `${pid} (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4200 20 21\n`)
  put(`/proc/${pid}/status`, `Name:\t${name}\n${status}`)
  put(`/proc/${pid}/environ`, '')
}

interface RunOptions {
  readonly shell?: readonly string[]
  readonly path?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
}
function probe({ shell = ['/bin/sh'], path = commands, env = {}, uid }: RunOptions = {}): Buffer {
  const [command = '', ...rest] = shell
  const found = command.startsWith('/')
    ? command
    : execFileSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim()
  const result = spawnSync(found, [...rest, '-s'], {
    input: renderProbe(nonce),
    env: { PATH: path, KUBE_ASSAY_ROOT: root, ...env },
    maxBuffer: 64 * 1024 * 1024,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  expect({ status: result.status, stderr: result.stderr.toString() }).toEqual({ status: 0, stderr: '' })
  return result.stdout
}
function host(output: Uint8Array): HostEvidence {
  const evidence = parseProbe(output, nonce, run)
  if ('unavailable' in evidence) throw new Error(evidence.unavailable.detail)
  expect(hostEvidenceSchema.safeParse(evidence).error).toBeUndefined()
  return evidence
}

const secret = 'K3y-that-must-not-leave'

beforeAll(() => {
  chmodSync(base, 0o755)
  putCommand('uname', 'echo x86_64')
  putCommand('containerd', 'echo "containerd github.com/containerd/containerd v2.0.0"')
  putCommand('crio', 'echo broken >&2; exit 3')
  putCommand('xfs_info', 'echo "meta-data=$1 ftype=1"')
  put('/usr/lib/os-release', 'ID=debian\n')
  link('../usr/lib/os-release', '/etc/os-release')
  put('/proc/sys/kernel/osrelease', '6.1.0-18-amd64\n')
  put('/proc/sys/vm/overcommit_memory', '1\n')
  put('/proc/sys/kernel/panic', 'odd value\n')
  put('/proc/sys/vm/panic_on_oom', '0')
  put('/proc/stat', 'cpu 1\nbtime 1700000000\nctxt 1\n')
  putProcess(1, 'systemd', ['/sbin/init'])
  put(
    '/proc/1/mountinfo',
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /data rw,noatime shared:1 - xfs /dev/sdb rw\n3 1 8:3 / /other rw - xfs /dev/sdc rw\n',
  )
  put('/run/systemd/system/.keep')
  // Names and content that try to break out.
  put('/etc/sysctl.d/with space\nand line.conf', 'a=1\n')
  put(`/etc/sysctl.d/#${nonce} Z`, 'x')
  put('/etc/sysctl.d/10-frames.conf', `\n#${nonce} Z\n#${nonce} . 0\n`)
  put('/etc/sysctl.d/20-binary.conf', Buffer.from([0, 0xff, 0x0a, 0x80]))
  put('/etc/sysctl.d/-n.conf', '-n\n')
  put('/etc/sysctl.d/30-big.conf', 'x'.repeat(300_000))
  link('/dev/null', '/etc/sysctl.d/50-masked.conf')
  link('/absent', '/etc/sysctl.d/60-dangling.conf')
  link('60-loop.conf', '/etc/sysctl.d/60-loop.conf')
  mkdirSync(`${root}/etc/sysctl.d/70-folder.conf`)
  execFileSync('mkfifo', [`${root}/etc/sysctl.d/80-fifo.conf`])
  link('/opt/sysctl', '/usr/lib/sysctl.d')
  put('/opt/sysctl/99.conf', 'b=2\n')
  link('usr/lib', '/lib')
  put('/etc/fstab', '/dev/sdb1 none swap sw 0 0\n')
  put('/etc/systemd/system/swapfile.swap', '[Swap]\nWhat=/swapfile\n')
  // The kubelet.
  putProcess(812, 'kubelet', [
    '/usr/bin/kubelet',
    '--config=/ignored',
    '--config',
    '/etc/kubernetes/kubelet config.yaml',
    '--config_dir=/etc/kubernetes/kubelet.conf.d',
    '--node-labels=a\n--config=/etc/shadow',
    '',
    `--token=${secret}`,
  ])
  put('/proc/812/environ', 'PATH=/bin\0KUBELET_CONFIG_DROPIN_DIR_ALPHA=/x y\0SECRET=1\0')
  link('/usr/bin/kubelet', '/proc/812/exe')
  putProcess(900, 'kubelet', ['kubelet', '--config=/etc/shadow'], 'Uid:\t0\t0\t0\t0\nNSpid:\t900\t7\n')
  putProcess(901, 'kubelet', ['kubelet', '--config=/etc/shadow'], 'Uid:\t1000\t1000\t1000\t1000\nNSpid:\t901\n')
  putProcess(902, 'containerd', ['containerd', '-c', '/etc/containerd/other.toml', '--root=/data/containerd'])
  putProcess(
    903,
    'kube-controller',
    ['kube-controller-manager', '--profiling=false'],
    'Uid:\t65532\t0\t0\t0\nNSpid:\t903\t1\n',
  )
  putProcess(904, 'bash', ['bash', `--token=${secret}`])
  put('/etc/shadow', `root:${secret}\n`, 0o600)
  put('/etc/kubernetes/kubelet config.yaml', 'kind: KubeletConfiguration\n', 0o600)
  put('/etc/kubernetes/kubelet.conf.d/10.conf', 'failSwapOn: false\n')
  put('/etc/kubernetes/kubelet.conf.d/sub/20.conf', 'x: 1\n')
  put('/etc/kubernetes/kubelet.conf.d/readme.txt', 'x')
  put('/usr/lib/systemd/system/kubelet.service', '[Service]\nExecStart=/usr/bin/kubelet\nEnvironmentFile=/etc/shadow\n')
  put(
    '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
    '[Service]\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n EnvironmentFile = -/etc/default/kubelet \nEnvironmentFile=/run/kubelet/*.env\n#EnvironmentFile=/etc/comment\nEnvironmentFile=relative',
  )
  put('/var/lib/kubelet/kubeadm-flags.env', `KUBELET_KUBEADM_ARGS="--token=${secret} --v=2"\n`)
  put('/run/kubelet/a.env', `TOKEN=${secret}\n`)
  put('/run/kubelet/b.txt', 'x')
  put('/etc/containerd/other.toml', `root = "/data/containerd"\npassword = "${secret}"\n`)
  put('/etc/docker/daemon.json', '{"data-root": "/srv/docker"}')
  mkdirSync(`${root}/data/containerd`, { recursive: true })
  link('/data/docker', '/srv/docker')
  mkdirSync(`${root}/data/docker`, { recursive: true })
  put('/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory pids\n')
  put('/usr/share/containers/storage.conf', '[storage]\ngraphroot = "/data/images"\n')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('%s', (_name, shell) => {
  test('reads the host', () => {
    const evidence = host(probe({ shell }))
    expect(evidence.incomplete).toBeUndefined()
    expect(JSON.stringify(evidence)).not.toContain(secret)
    const { files, directories, commands: answers } = evidence
    const contentOf = (path: string): unknown => {
      const file = files[path]
      return file && 'content' in file ? file.content : file
    }
    const pick = (...paths: string[]): Record<string, unknown> =>
      Object.fromEntries(paths.map((path) => [path, contentOf(path)]))

    expect(files['/etc/os-release']).toMatchObject({
      content: 'ID=debian\n',
      resolved: '/usr/lib/os-release',
      stat: { mode: '0644' },
    })
    expect(
      pick(
        '/proc/sys/kernel/osrelease',
        '/proc/sys/vm/overcommit_memory',
        '/proc/sys/kernel/panic',
        '/proc/sys/vm/panic_on_oom',
        '/proc/sys/kernel/panic_on_oops',
        '/sys/fs/cgroup/cgroup.controllers',
        '/proc/1/comm',
      ),
    ).toEqual({
      '/proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
      '/proc/sys/vm/overcommit_memory': '1\n',
      '/proc/sys/kernel/panic': 'odd value\n',
      '/proc/sys/vm/panic_on_oom': '0',
      '/proc/sys/kernel/panic_on_oops': { absent: true },
      '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
      '/proc/1/comm': 'systemd\n',
    })

    const d = '/etc/sysctl.d/'
    expect(directories['/etc/sysctl.d']).toEqual({
      entries: [
        `#${nonce} Z`,
        '-n.conf',
        '10-frames.conf',
        '20-binary.conf',
        '30-big.conf',
        '50-masked.conf',
        '60-dangling.conf',
        '60-loop.conf',
        '70-folder.conf',
        '80-fifo.conf',
        'with space\nand line.conf',
      ],
    })
    expect(files[`${d}10-frames.conf`]).toMatchObject({ content: `\n#${nonce} Z\n#${nonce} . 0\n` })
    expect(files[`${d}20-binary.conf`]).toMatchObject({ content: '\0\ufffd\n\ufffd', lossy: true })
    expect(files[`${d}30-big.conf`]).toMatchObject({ content: 'x'.repeat(262_144), truncatedFrom: 300_000 })
    expect(files[`${d}with space\nand line.conf`]).toMatchObject({ content: 'a=1\n' })
    expect(files[`${d}-n.conf`]).toMatchObject({ content: '-n\n' })
    expect(files[`${d}50-masked.conf`]).toEqual({ content: '', resolved: '/dev/null' })
    expect(files[`${d}60-dangling.conf`]).toEqual({ absent: true })
    expect(files[`${d}60-loop.conf`]).toEqual({ absent: true })
    expect(files[`${d}70-folder.conf`]).toMatchObject({ unavailable: { reason: 'unsupported' } })
    expect(files[`${d}80-fifo.conf`]).toMatchObject({ unavailable: { reason: 'unsupported' } })
    expect(directories['/usr/lib/sysctl.d']).toEqual({ entries: ['99.conf'], resolved: '/opt/sysctl' })
    expect(directories['/lib/sysctl.d']).toEqual({ entries: ['99.conf'], resolved: '/opt/sysctl' })
    expect(files['/lib/sysctl.d/99.conf']).toMatchObject({ content: 'b=2\n', resolved: '/opt/sysctl/99.conf' })
    expect(directories['/run/sysctl.d']).toEqual({ absent: true })
    expect(contentOf('/etc/systemd/system/swapfile.swap')).toBe('[Swap]\nWhat=/swapfile\n')

    expect(evidence.processes).toEqual([
      {
        pid: 812,
        name: 'kubelet',
        executable: '/usr/bin/kubelet',
        arguments: [
          '/usr/bin/kubelet',
          '--config=/ignored',
          '--config',
          '/etc/kubernetes/kubelet config.yaml',
          '--config_dir=/etc/kubernetes/kubelet.conf.d',
          '--node-labels=a\n--config=/etc/shadow',
          '',
          '--token=<redacted>',
        ],
        environment: { KUBELET_CONFIG_DROPIN_DIR_ALPHA: '/x y' },
        startedAt: 1_700_000_042,
      },
      {
        pid: 902,
        name: 'containerd',
        arguments: ['containerd', '-c', '/etc/containerd/other.toml', '--root=/data/containerd'],
        startedAt: 1_700_000_042,
      },
      {
        pid: 903,
        name: 'kube-controller',
        arguments: ['kube-controller-manager', '--profiling=false'],
        startedAt: 1_700_000_042,
      },
    ])

    expect(files['/etc/kubernetes/kubelet config.yaml']).toMatchObject({ content: 'kind: KubeletConfiguration\n' })
    expect(files['/var/lib/kubelet/config.yaml']).toBeUndefined()
    expect(directories['/etc/kubernetes/kubelet.conf.d']).toEqual({ entries: ['10.conf', 'readme.txt', 'sub/20.conf'] })
    expect(contentOf('/etc/kubernetes/kubelet.conf.d/sub/20.conf')).toBe('x: 1\n')
    expect(files['/etc/kubernetes/kubelet.conf.d/readme.txt']).toBeUndefined()
    expect(contentOf('/usr/lib/systemd/system/kubelet.service')).toContain('ExecStart')
    expect(pick('/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet', '/run/kubelet/a.env')).toEqual({
      '/var/lib/kubelet/kubeadm-flags.env': 'KUBELET_KUBEADM_ARGS="--token=<redacted> --v=2"\n',
      '/etc/default/kubelet': { absent: true },
      '/run/kubelet/a.env': 'TOKEN=<redacted>\n',
    })
    expect(files['/run/kubelet/b.txt']).toBeUndefined()
    expect(files['/etc/comment']).toBeUndefined()
    expect(files['/etc/shadow']).toMatchObject({ unavailable: { reason: 'not-collected' } })

    expect(contentOf('/etc/containerd/other.toml')).toBe('root = "/data/containerd"\npassword = "<redacted>"\n')
    expect(files['/etc/containerd/config.toml']).toBeUndefined()
    expect(directories['/data/containerd']).toEqual({ entries: [] })
    expect(directories['/srv/docker']).toEqual({ entries: [], resolved: '/data/docker' })
    expect(directories['/var/lib/docker']).toEqual({ absent: true })
    expect(answers).toEqual({
      'uname -m': { exitCode: 0, output: 'x86_64\n' },
      'containerd --version': { exitCode: 0, output: 'containerd github.com/containerd/containerd v2.0.0\n' },
      'crio --version': { exitCode: 3, output: 'broken\n' },
      'dockerd --version': { absent: true },
      'xfs_info /data': { exitCode: 0, output: 'meta-data=/data ftype=1\n' },
    })
  })

  // A busybox that is linked statically asks itself before its PATH, and has a base64.
  test.skipIf(shell[0] === 'busybox')('without base64 the evidence is the same', () => {
    const broken = join(base, 'no-base64')
    mkdirSync(broken, { recursive: true })
    writeFileSync(join(broken, 'base64'), '#!/bin/sh\nexit 127\n', { mode: 0o755 })
    const output = probe({ shell, path: `${broken}:${commands}` })
    expect(output.toString('latin1', 0, 100)).toContain(' od ')
    expect({ ...host(output), run: undefined }).toEqual({ ...host(probe({ shell })), run: undefined })
  })
})

test('cut at any byte: nothing is invented, what is missing is said to be', () => {
  const big = `${root}/etc/sysctl.d/30-big.conf`
  rmSync(big)
  const whole = probe()
  writeFileSync(big, 'x'.repeat(300_000))
  const reference = host(whole)
  const cuts = [...Array(whole.length).keys()].filter((at) => at < 1500 || at > whole.length - 3000 || at % 5 === 0)
  for (const cut of cuts) {
    const evidence = parseProbe(whole.subarray(0, cut), nonce, run)
    if ('unavailable' in evidence) continue
    expect(evidence.incomplete, `at ${cut}`).toMatchObject({ reason: 'connection-lost' })
    for (const part of ['files', 'directories', 'commands'] as const) {
      for (const [key, value] of Object.entries(evidence[part]))
        expect([key, withoutStat(value)]).toEqual([key, withoutStat(reference[part][key])])
    }
    if (Array.isArray(evidence.processes)) expect(evidence.processes).toEqual(reference.processes)
  }
  expect(host(whole).incomplete).toBeUndefined()
}, 120_000)

/** Modes come last, in one record; the size that only stat knows with them. */
function withoutStat(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? { ...value, stat: undefined, truncatedFrom: undefined } : value
}

test.skipIf(!isRoot)('as another user: what is not readable is denied, not absent', () => {
  chmodSync(`${root}/etc/fstab`, 0o600)
  put('/var/lib/kubelet/config.yaml', 'x: 1\n')
  chmodSync(`${root}/var/lib/kubelet`, 0o700)
  chmodSync(`${root}/etc/systemd/system/kubelet.service.d`, 0o700)
  const nobody = 65_534
  chownSync(commands, nobody, nobody)
  try {
    const evidence = host(probe({ uid: nobody, env: { KUBE_ASSAY_SUDO: 'denied' } }))
    expect(evidence.run.privilege).toBe('user')
    const denied = {
      unavailable: { reason: 'sudo-denied', detail: 'Not readable for the login. sudo -n was refused.' },
    }
    expect([
      evidence.files['/etc/fstab'],
      evidence.files['/var/lib/kubelet/instance-config.yaml'],
      evidence.directories['/etc/systemd/system/kubelet.service.d'],
      evidence.files['/etc/sysctl.conf'],
    ]).toEqual([denied, denied, denied, { absent: true }])
  } finally {
    chmodSync(`${root}/etc/fstab`, 0o644)
    chmodSync(`${root}/var/lib/kubelet`, 0o755)
    chmodSync(`${root}/etc/systemd/system/kubelet.service.d`, 0o755)
  }
})

test('a kubelet in a mount namespace of its own: its paths are not the host’s', () => {
  link('mnt:[1]', '/proc/1/ns/mnt')
  link('mnt:[2]', '/proc/812/ns/mnt')
  try {
    const evidence = host(probe())
    expect(evidence.files['/etc/kubernetes/kubelet config.yaml']).toMatchObject({
      unavailable: { reason: 'unsupported' },
    })
    expect(evidence.directories['/etc/kubernetes/kubelet.conf.d']).toMatchObject({
      unavailable: { reason: 'unsupported' },
    })
  } finally {
    rmSync(`${root}/proc/1/ns`, { recursive: true })
    rmSync(`${root}/proc/812/ns`, { recursive: true })
  }
})

describe('a control plane', () => {
  const manifest = (...lines: readonly string[]) => `${lines.join('\n')}\n`
  const policy = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n'
  const encryption = (key: string) =>
    `kind: EncryptionConfiguration\nresources:\n- providers:\n  - aescbc:\n      keys:\n      - name: a\n        ${key}\n`
  let evidence: HostEvidence
  let sent: string
  beforeAll(() => {
    put(
      '/etc/kubernetes/manifests/kube-apiserver.yaml',
      manifest(
        'spec:',
        '  containers:',
        '  - command:',
        '    - kube-apiserver',
        '    - --audit-policy-file=/etc/audit/policy.yaml',
        '    - "--authorization_config=/etc/kubernetes/az/a.yaml" # site',
        '    - --encryption-provider-config',
        '    - /etc/kubernetes/enc/enc.yaml',
        '    - --authentication-config=/tmp/none.yaml',
        '    - --config=/etc/shadow',
        `    env: [{name: TOKEN, value: ${secret}}]`,
        '    volumeMounts:',
        '    - mountPath: /etc/audit/',
        '      name: audit',
        '      subPath: policies',
        '    - {name: enc, mountPath: /etc/kubernetes/enc, readOnly: true}',
        '    - mountPath: "/etc/kubernetes/az"',
        '      name: "az"',
        '    - mountPath: /tmp',
        '      name: scratch',
        '    - mountPath: /etc/shadow',
        '      name: shadow',
        '  volumes:',
        '  - hostPath:',
        '      path: /srv/audit/',
        '      type: DirectoryOrCreate',
        '    name: audit',
        '  - {name: enc, hostPath: {path: /srv/enc, type: Directory}}',
        '  - name: az',
        '    hostPath:',
        "      path: '/srv/az'",
        '  - emptyDir: {}',
        '    name: scratch',
        '  - hostPath: {path: /etc/shadow}',
        '    name: shadow',
      ),
    )
    put('/etc/kubernetes/manifests/broken.yaml', `spec: [\n${secret}`)
    put('/etc/kubernetes/manifests/.kube-apiserver.yaml.swp', secret)
    put('/srv/audit/policies/policy.yaml', policy)
    put('/srv/az/a.yaml', 'kind: AuthorizationConfiguration\n')
    put('/srv/enc/enc.yaml', encryption(`secret: ${Buffer.from(secret).toString('base64')}`))
    put('/tmp/none.yaml', policy)
    // A pod's process that calls itself an API server, and etcd of the host, configured by its environment.
    putProcess(950, 'kube-apiserver', ['kube-apiserver', '--audit-policy-file=/etc/secret-policy.yaml'])
    put('/etc/secret-policy.yaml', policy)
    link('mnt:[1]', '/proc/1/ns/mnt')
    link('mnt:[2]', '/proc/950/ns/mnt')
    putProcess(951, 'etcd', ['etcd'], 'Uid:\t997\t997\t997\t997\nNSpid:\t951\n')
    link('mnt:[1]', '/proc/951/ns/mnt')
    put(
      '/proc/951/environ',
      `PATH=/bin\0ETCD_CONFIG_FILE=/etc/etcd/etcd.yaml\0ETCD_CLIENT_CERT_AUTH=true\0ETCD_ROOT_PASSWORD=${secret}\0ETCD_DISCOVERY=https://u:${secret}@d/\0`,
    )
    put('/etc/etcd/etcd.yaml', 'client-transport-security: {client-cert-auth: true}\n')
    put(
      '/etc/containerd/other.toml',
      `root = "/data/containerd"\npassword = "${secret}"\nimports = [\n  "/etc/containerd/conf.d/*.toml", # site\n  'extra.toml']\n`,
    )
    put('/etc/containerd/conf.d/10.toml', 'version = 3\n')
    put('/etc/containerd/conf.d/10.txt', 'x')
    put('/etc/containerd/extra.toml', 'version = 3\n')
    const output = probe()
    sent = [
      output.toString('latin1'),
      ...output
        .toString('latin1')
        .split('\n')
        .map((line) => Buffer.from(line, 'base64').toString('latin1')),
    ].join('\n')
    evidence = host(output)
  })
  afterAll(() => {
    for (const path of [
      '/etc/kubernetes/manifests',
      '/proc/950',
      '/proc/951',
      '/proc/1/ns',
      '/srv/audit',
      '/srv/enc',
      '/srv/az',
    ])
      rmSync(root + path, { recursive: true })
  })
  const state = (path: string): unknown => {
    const file = evidence.files[path]
    if (file === undefined) return undefined
    return 'content' in file ? file.content : 'absent' in file ? 'absent' : file.unavailable.reason
  }

  test('names files through the mounts of its manifest, and no others', () => {
    expect({
      audit: state('/srv/audit/policies/policy.yaml'),
      authorization: state('/srv/az/a.yaml'),
      inside: state('/tmp/none.yaml'),
      ofAnotherPod: state('/etc/secret-policy.yaml'),
      ofTheHost: state('/etc/etcd/etcd.yaml'),
      broken: state('/etc/kubernetes/manifests/broken.yaml'),
      hidden: state('/etc/kubernetes/manifests/.kube-apiserver.yaml.swp'),
      storage: state('/usr/share/containers/storage.conf'),
      imported: [
        state('/etc/containerd/conf.d/10.toml'),
        state('/etc/containerd/conf.d/10.txt'),
        state('/etc/containerd/extra.toml'),
      ],
      importFolder: evidence.directories['/etc/containerd/conf.d'],
    }).toEqual({
      audit: policy,
      authorization: 'kind: AuthorizationConfiguration\n',
      inside: undefined,
      ofAnotherPod: undefined,
      ofTheHost: 'client-transport-security: {client-cert-auth: true}\n',
      broken: 'malformed',
      hidden: undefined,
      storage: '[storage]\ngraphroot = "/data/images"\n',
      imported: ['version = 3\n', undefined, 'version = 3\n'],
      importFolder: { entries: ['10.toml', '10.txt'] },
    })
  })

  test('gives the settings of etcd’s environment without secrets, and says that it was read', () => {
    const { processes } = evidence
    const etcd = Array.isArray(processes) ? processes.find(({ pid }) => pid === 951) : undefined
    expect(etcd?.environment).toEqual({
      ETCD_CONFIG_FILE: '/etc/etcd/etcd.yaml',
      ETCD_CLIENT_CERT_AUTH: 'true',
      ETCD_ROOT_PASSWORD: '<redacted>',
      ETCD_DISCOVERY: '<redacted>',
    })
  })

  test('keeps its keys and its variables to itself', () => {
    const key = Buffer.from(secret).toString('base64')
    expect(sent).toContain('AuthorizationConfiguration')
    expect([sent.includes(key), JSON.stringify(evidence).includes(secret)]).toEqual([false, false])
    expect(state('/srv/enc/enc.yaml')).toBe(
      'kind: EncryptionConfiguration\nresources:\n  - providers:\n      - aescbc:\n          keys:\n            - name: a\n',
    )
  })

  test.each([
    ['quoted', (key: string) => `"secret": "${key}"`],
    ['on the next line', (key: string) => `secret:\n          ${key}`],
    ['folded', (key: string) => `secret: >-\n          ${key}`],
    ['in braces', (key: string) => `b: {secret: '${key}', c: 1}`],
  ])('a key %s does not leave the host', (_name, write) => {
    const key = 'c2VjcmV0IGlzIHNlY3VyZQ=='
    put('/srv/enc/enc.yaml', encryption(write(key)))
    const lines = probe().toString('latin1').split('\n')
    const text = lines.map((line) => Buffer.from(line, 'base64').toString('latin1')).join('\n')
    expect([text.includes('EncryptionConfiguration'), text.includes(key)]).toEqual([true, false])
  })
})

test('the script writes nothing and is plain text', () => {
  const text = probeScript()
  const code = text.replaceAll(/^\s*#.*$/gm, '').replaceAll(/'[^']*'|"(?:\\.|[^"\\])*"/g, '')
  expect(code.match(/.*>(?!&|\/dev\/null).*/g)).toEqual(null)
  expect('echo x >/tmp/y'.match(/.*>(?!&|\/dev\/null).*/g)).toHaveLength(1)
  expect(text).toMatch(/^[\x20-\x7e\n…“”’—]*$/)
})

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0
if (!shellcheck) console.warn('SKIPPED: shellcheck is not installed, so the probe is not checked by it.')
test.skipIf(!shellcheck)('shellcheck has nothing to say', () => {
  const result = spawnSync('shellcheck', ['-s', 'sh', '-'], { input: probeScript(), encoding: 'utf8' })
  expect(result.stdout).toBe('')
})

describe('listings', () => {
  const uid = '0f1e2d3c_4b5a_6978_8796_a5b4c3d2e1f0'
  const podGroup = `/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid}.slice`
  const scope = `cri-containerd-${'a'.repeat(64)}.scope`
  const listen = (address: string, inode: number, state = '0A') =>
    `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`

  beforeAll(() => {
    for (const [folder, memory] of [
      [podGroup, 'max'],
      [`${podGroup}/${scope}`, '536870912'],
      [`${podGroup}/a b`, '1'],
    ]) {
      put(`${folder}/cpu.weight`, '17\n')
      put(`${folder}/cpu.max`, 'max 100000\n')
      put(`${folder}/memory.max`, `${memory}\n`)
      put(`${folder}/memory.swap.max`, '0\n')
      put(`${folder}/memory.min`, '0\n')
      put(`${folder}/memory.high`, 'max\n')
      put(`${folder}/cgroup.type`, 'domain\n')
      put(`${folder}/cgroup.subtree_control`, folder === podGroup ? 'cpu memory pids\n' : '\n')
      put(`${folder}/memory.events`, 'low 0\noom 1\noom_kill 2\noom_group_kill 0\n')
    }
    put('/sys/fs/cgroup/cgroup.controllers', 'cpu memory\n')
    put('/sys/fs/cgroup/system.slice/memory.max', '1\n')
    const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
    put(
      '/proc/1/net/tcp',
      header + listen('0100007F:2809', 111) + listen('00000000:0016', 222) + listen('00000000:0016', 223, '01'),
    )
    put('/proc/1/net/tcp6', header + listen('00000000000000000000000000000000:2812', 333))
    for (const pid of [9, 77]) put(`/proc/${pid}/comm`, pid === 9 ? 'evil\tname\n' : 'sshd\n')
    link('a\nlrwxrwxrwx 1 0 0 12 Nov 25 22:24 5 -> socket:[222]', '/proc/9/fd/3')
    link('/x -> socket:[111]', '/proc/9/fd/4')
    link('socket:[222]', '/proc/77/fd/3')
    link('socket:[333]', '/proc/77/fd/12')
    put('/proc/cmdline', `BOOT_IMAGE=/vmlinuz mitigations=off token=${secret} selinux=0 lsm=$(x)\n`)
    put('/proc/modules', 'sctp 413696 2 - Live 0x0000000000000000\n')
    put('/proc/vmstat', 'nr_free_pages 1\noom_kill 4\n')
    put('/proc/sys/kernel/kptr_restrict', '1\n')
    put('/proc/sys/kernel/core_pattern', '|/usr/lib/systemd/systemd-coredump %P\n')
    put('/sys/devices/system/cpu/vulnerabilities/mds', 'Mitigation: Clear CPU buffers; SMT: on\n')
    putCommand(
      'dmesg',
      `cat <<'LOG'
[    0.000000] Linux version 6.8.0
[  100.123456] Out of memory: Killed process 812 (java) total-vm:1kB
[  200.123456] Memory cgroup out of memory: Killed process 813 (node (x)) total-vm:1kB
[  201.000000] audit: password=${secret}
LOG`,
    )
  })
  afterAll(() => rmSync(join(commands, 'dmesg')))

  test.each(shells)('%s', (...shell) => {
    const output = probe({ shell })
    expect(output.includes(secret)).toBe(false)
    const { listings } = host(output)
    const rows = (name: string) => {
      const listing = listings?.[name]
      return listing !== undefined && 'rows' in listing ? listing.rows.toSorted() : listing
    }
    const group = podGroup.slice('/sys/fs/cgroup/'.length)
    const cgroups = new Map<string, string[]>()
    for (const row of rows('cgroups') as string[]) {
      const [path = '', ...values] = row.split('\t')
      cgroups.set(path, [...(cgroups.get(path) ?? []), ...values].sort())
    }
    const made = ['cgroup.type=domain', 'cpu.max=max 100000', 'cpu.weight=17', 'memory.high=max']
    const rest = ['memory.min=0', 'memory.swap.max=0', 'oom_kill=2']
    expect([...cgroups].sort()).toEqual([
      [group, ['cgroup.subtree_control=cpu memory pids', ...made, 'memory.max=max', ...rest]],
      [`${group}/${scope}`, [...made, 'memory.max=536870912', ...rest]],
    ])
    expect(rows('sockets')).toEqual([
      ...(isRoot ? [] : ['hidden']),
      'tcp\t00000000:0016\t0\t77\tsshd',
      'tcp\t0100007F:2809\t0\t\t',
      'tcp6\t00000000000000000000000000000000:2812\t0\t77\tsshd',
    ])
    expect(rows('boot')).toEqual(['mitigations=off', 'selinux=0'])
    expect(rows('modules')).toEqual(['sctp'])
    expect(rows('vmstat')).toEqual(['oom_kill\t4'])
    expect(rows('sysctl')).toEqual(
      expect.arrayContaining(['kernel/kptr_restrict\t1', 'kernel/core_pattern\t|/usr/lib/systemd/systemd-coredump']),
    )
    expect(rows('vulnerabilities')).toEqual(['mds\tMitigation: Clear CPU buffers; SMT: on'])
    expect(rows('memory-kills')).toEqual(['100\tsystem\tjava', '200\tgroup\tnode ?x', 'from\t0'].sort())
  })
})
