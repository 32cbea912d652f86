// What the probe says about files that it may not read: modes, owners, folders above, and the certificates in them.
// Keys, tokens and passwords beside the certificates must not be in what it prints, whatever shape the files are in.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import { type HostEvidence, hostEvidenceSchema } from '../../src/model/node-evidence.ts'
import { createAuthority } from '../../src/simulator/certificates.ts'

const isRoot = process.getuid?.() === 0
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['/bin/sh']].filter(
  ([command = '', ...rest]) => spawnSync(command, [...rest, '-c', 'true']).status === 0,
)
const base = mkdtempSync(join(tmpdir(), 'probe-files-'))
const root = join(base, 'host')
const nonce = createNonce()

const authority = createAuthority('kubernetes')
const server = authority.issue({ commonName: 'kube-apiserver', names: ['10.96.0.1'], usage: 'server' })
const client = authority.issue({ commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' })
const der = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')
const data = (pem: string): string => Buffer.from(pem).toString('base64')
const token = 'T0ken-that-must-not-leave'

function put(path: string, content = '', mode = 0o644): void {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
  chmodSync(root + path, mode)
}
function folder(path: string, mode: number): void {
  mkdirSync(root + path, { recursive: true })
  chmodSync(root + path, mode)
}
function link(target: string, path: string): void {
  mkdirSync(dirname(root + path), { recursive: true })
  symlinkSync(target, root + path)
}
function putProcess(pid: number, name: string, argv: readonly string[]): void {
  put(`/proc/${pid}/comm`, `${name}\n`)
  put(`/proc/${pid}/cmdline`, argv.map((argument) => `${argument}\0`).join(''))
  put(`/proc/${pid}/stat`, `${pid} (${name}) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4200 20 21\n`)
  put(`/proc/${pid}/status`, `Name:\t${name}\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`)
  put(`/proc/${pid}/environ`, '')
}
function kubeconfig(identity: { cert: string; key: string }): string {
  return [
    'apiVersion: v1',
    'clusters:',
    `- cluster: {server: "https://x", password: ${token}}`,
    '- cluster:',
    `    certificate-authority-data: ${data(authority.cert)}`,
    '  name: kubernetes',
    'users:',
    '- name: u',
    '  user:',
    `    client-certificate-data: "${data(identity.cert + identity.key)}"`,
    `    client-key-data: ${data(identity.key)}`,
    `    token: ${token}`,
    '',
  ].join('\n')
}

const run = { transport: 'local', startedAt: '2026-11-20T00:00:00.000Z', durationMs: 1 }

interface Answer {
  readonly output: Buffer
  readonly text: string
  readonly evidence: HostEvidence
}

function probe(shell: readonly string[]): Answer {
  const [command = '', ...rest] = shell
  const found = command.startsWith('/')
    ? command
    : execFileSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).trim()
  const { stdout, stderr, status } = spawnSync(found, [...rest, '-s'], {
    input: renderProbe(nonce),
    env: { PATH: '', KUBE_ASSAY_ROOT: root },
    maxBuffer: 64 * 1024 * 1024,
  })
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
  const evidence = parseProbe(stdout, nonce, run)
  if ('unavailable' in evidence) throw new Error(evidence.unavailable.detail)
  expect(hostEvidenceSchema.safeParse(evidence).error).toBeUndefined()
  const bodies = stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  const decoded = [...bodies, bodies.join('')].map((line) => Buffer.from(line, 'base64').toString('latin1'))
  return { output: stdout, text: [stdout.toString('latin1'), ...decoded].join('\n'), evidence }
}

beforeAll(() => {
  chmodSync(base, 0o755)
  put('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nsomebody:x:12345:12345::/:/bin/false\n')
  put('/etc/group', 'root:x:0:\n')
  put('/proc/stat', 'btime 1700000000\n')
  putProcess(1, 'systemd', ['/sbin/init'])
  putProcess(812, 'kubelet', ['/usr/bin/kubelet', '--config=/srv/kubelet.yaml', '--kubeconfig', '/srv/kubelet.conf'])
  put(
    '/srv/kubelet.yaml',
    'staticPodPath: "/srv/static pods"\nauthentication:\n  x509:\n    clientCAFile: /srv/ca bundle.crt\n',
    0o600,
  )
  put(
    '/srv/kubelet.conf',
    `clusters:\n- cluster:\n    server: https://api.shop.example:6443/x\n- cluster:\n    server: https://u:${token}@x\nusers:\n- user:\n    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n    client-key: /srv/kubelet.key\n`,
  )
  put('/srv/kubelet.key', client.key, 0o640)
  put('/var/lib/kubelet/pki/kubelet-client-2026.pem', client.cert + client.key, 0o600)
  link('kubelet-client-2026.pem', '/var/lib/kubelet/pki/kubelet-client-current.pem')
  putProcess(900, 'kube-apiserver', [
    'kube-apiserver',
    '--tls_cert_file=/data/keys/api.crt',
    '--tls-private-key-file',
    '/data/keys/api.key',
    `--token-auth-file=/data/keys/${'x'.repeat(10)}`,
    '--audit-policy-file=/proc/1/environ',
  ])
  putProcess(901, 'kube-scheduler', ['kube-scheduler', '--kubeconfig=/data/scheduler.conf', '--client-ca-file=ca.crt'])
  folder('/data/keys', 0o755)
  put('/data/keys/api.crt', server.cert)
  put('/data/keys/api.key', server.key, 0o640)
  put('/data/keys/sub/both.crt', `junk ${token}\n${server.key}${server.cert}${client.key}`, 0o666)
  // A certificate without its end, a key with a certificate's begin, and one with Windows line ends.
  put(
    '/data/keys/cut.crt',
    `-----BEGIN CERTIFICATE-----\n${der(server.cert)}\n${server.key}-----END CERTIFICATE-----\n`,
  )
  put('/data/keys/disguised.crt', `-----BEGIN CERTIFICATE-----\n${der(server.cert)}AAAA\n-----END CERTIFICATE-----\n`)
  put('/data/keys/windows.crt', server.cert.replaceAll('\n', '\r\n'))
  put('/data/keys/odd\tname\nof.crt', server.cert)
  folder('/data', 0o777)
  put('/data/scheduler.conf', kubeconfig(client), 0o604)
  folder('/srv/static pods', 0o700)
  put('/srv/static pods/kube-apiserver.yaml', 'kind: Pod\n', 0o640)
  put('/srv/ca bundle.crt', authority.cert)
  folder('/var/lib/etcd', 0o700)
  folder('/etc/cni/net.d', 0o755)
  put('/etc/cni/net.d/10-cni.conflist', '{}', 0o600)
  link('/data/scheduler.conf', '/etc/kubernetes/admin.conf')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe.each(shells.map((shell) => [shell.join(' '), shell] as const))('%s', (_name, shell) => {
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const owners = isRoot ? { owner: 'root', group: 'root' } : {}
  const stat = (mode: string): object => ({ mode, ...me, ...owners, modifiedAt: expect.any(Number) })

  test('modes, owners and the folders above, where the settings say', () => {
    const { statuses = {} } = probe(shell).evidence
    const modes = Object.entries(statuses).flatMap(([path, status]) =>
      'stat' in status && !/^\/(?:etc|usr|lib|run|var)(?:\/|$)/.test(path) ? [`${status.stat.mode} ${path}`] : [],
    )
    expect(modes.toSorted()).toEqual([
      '0600 /srv/kubelet.yaml',
      '0604 /data/scheduler.conf',
      '0640 /data/keys/api.key',
      '0640 /srv/kubelet.key',
      '0640 /srv/static pods/kube-apiserver.yaml',
      '0644 /data/keys/api.crt',
      '0644 /data/keys/cut.crt',
      '0644 /data/keys/disguised.crt',
      '0644 /data/keys/odd\tname\nof.crt',
      '0644 /data/keys/windows.crt',
      '0644 /srv/ca bundle.crt',
      '0644 /srv/kubelet.conf',
      '0666 /data/keys/sub/both.crt',
      '0700 /srv/static pods',
      '0755 /data/keys',
      '0755 /data/keys/sub',
      '0755 /srv',
      '0777 /data',
    ])
    expect(statuses['/etc/kubernetes/admin.conf']).toMatchObject({
      kind: 'file',
      stat: stat('0604'),
      resolved: '/data/scheduler.conf',
    })
    expect(statuses['/srv/static pods/kube-apiserver.yaml']).toEqual({ kind: 'file', stat: stat('0640') })
    expect(statuses['/var/lib/etcd']).toMatchObject({ kind: 'directory', stat: stat('0700') })
    expect(statuses['/data/keys/xxxxxxxxxx']).toEqual({ absent: true })
    expect(statuses['/etc/kubernetes/super-admin.conf']).toEqual({ absent: true })
    expect(statuses['/proc/1/environ']).toMatchObject({ unavailable: { reason: 'not-collected' } })
  })

  test('certificates, and nothing of what stands beside them', () => {
    const { evidence, text } = probe(shell)
    const { certificates = {} } = evidence
    const read = Object.fromEntries(Object.entries(certificates).filter(([path]) => !path.startsWith('/etc/')))
    const only = (pem: string): object => ({ certificates: [{ use: 'certificate', der: der(pem) }] })
    const pki = '/var/lib/kubelet/pki'
    expect(read).toEqual({
      '/data/scheduler.conf': {
        certificates: [
          { use: 'certificate-authority-data', der: der(authority.cert) },
          { use: 'client-certificate-data', der: der(client.cert) },
        ],
        tlsVerification: 'on',
      },
      '/srv/kubelet.conf': {
        certificates: [],
        clientCertificates: [`${pki}/kubelet-client-current.pem`],
        clientKeys: ['/srv/kubelet.key'],
        servers: ['api.shop.example:6443'],
        tlsVerification: 'on',
      },
      '/data/keys/api.crt': only(server.cert),
      '/data/keys/cut.crt': { certificates: [] },
      '/data/keys/disguised.crt': { certificates: [], malformed: 1 },
      '/data/keys/odd\tname\nof.crt': only(server.cert),
      '/data/keys/sub/both.crt': only(server.cert),
      '/data/keys/windows.crt': only(server.cert),
      '/srv/ca bundle.crt': only(authority.cert),
      [`${pki}/kubelet-client-current.pem`]: only(client.cert),
      [`${pki}/kubelet-server-current.pem`]: { absent: true },
      [`${pki}/kubelet.crt`]: { absent: true },
      '/var/lib/kube-proxy/kubeconfig': { absent: true },
    })
    for (const key of [server.key, client.key, authority.key]) {
      for (const line of key.split('\n').filter((part) => part.length > 20 && !part.startsWith('-'))) {
        expect(text).not.toContain(line)
        expect(text).not.toContain(data(line).replace(/=+$/, '').slice(0, -2))
      }
    }
    expect(text).not.toContain(token)
    expect(text).not.toContain('PRIVATE KEY')
  })
})

test('folders and files without end cost bounded time, and what was not reached is not said to be well', () => {
  folder('/flood/pki', 0o755)
  for (let index = 0; index < 1700; index += 1) put(`/flood/pki/${index}.txt`)
  const line = `    client-certificate-data: ${data(client.cert)}\n`
  put('/flood/kubeconfig', line.repeat(120))
  const flags = Array.from({ length: 3000 }, (_, index) => `--x${index}-file=/flood/absent-${index}`)
  putProcess(950, 'etcd', ['etcd', '--cert-file=/flood/pki/a.crt', '--kubeconfig=/flood/kubeconfig', ...flags])
  try {
    const started = performance.now()
    const { statuses = {}, certificates = {}, directories } = probe(['/bin/sh']).evidence
    expect(performance.now() - started).toBeLessThan(30_000)
    const listed = directories['/flood/pki']
    expect(listed).toMatchObject({ entries: { length: 1700 } })
    const known = Object.entries(statuses).filter(([path, one]) => path.startsWith('/flood/pki/') && 'stat' in one)
    expect(known.length).toBeGreaterThan(500)
    expect(known.length).toBeLessThan(1500)
    expect(Object.keys(statuses).filter((path) => path.startsWith('/flood/absent-')).length).toBeLessThan(201)
    expect(certificates['/flood/kubeconfig']).toMatchObject({ certificates: { length: 50 }, malformed: 1 })
  } finally {
    rmSync(`${root}/flood`, { recursive: true })
    rmSync(`${root}/proc/950`, { recursive: true })
  }
}, 60_000)

test('cut at any byte: no mode and no certificate is invented', () => {
  const whole = probe(['/bin/sh'])
  const reference = whole.evidence
  for (let cut = 1000; cut < whole.output.length; cut += 97) {
    const evidence = parseProbe(whole.output.subarray(0, cut), nonce, run)
    if ('unavailable' in evidence) continue
    for (const part of ['statuses', 'certificates'] as const) {
      for (const [path, value] of Object.entries(evidence[part] ?? {})) {
        expect([path, value]).toEqual([path, reference[part]?.[path]])
      }
    }
  }
})

const setfacl = spawnSync('setfacl', ['--version']).status === 0
if (!setfacl) console.warn('SKIPPED: setfacl is not installed, so no access control list can be made to be seen.')
test.skipIf(!setfacl)('an access control list is seen', () => {
  execFileSync('setfacl', ['-m', 'u:65534:r', `${root}/srv/kubelet.conf`])
  const { statuses = {} } = probe(['/bin/sh']).evidence
  expect([statuses['/srv/kubelet.conf'], statuses['/srv/kubelet.yaml']]).toMatchObject([{ acl: true }, { acl: false }])
})
