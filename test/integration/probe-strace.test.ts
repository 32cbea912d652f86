// Proof that the probe only reads: every system call of it and of all that it starts, seen by strace, on this machine and on a
// tree with real keys, tokens and an encryption configuration, of which keys and tokens are at most asked for their mode.
import { createHash, createPrivateKey, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFrames } from '../../src/collect/probe/frames.ts'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import type { HostEvidence } from '../../src/model/node-evidence.ts'
import { createAuthority } from '../../src/simulator/certificates.ts'
import { generateSshKey } from '../../src/simulator/ssh-keys.ts'
import { hasStrace, openFlags, parseTrace, type SystemCall, traceShell, whyNotReading } from '../support/strace.ts'

const run = { transport: 'local', startedAt: '2026-11-20T00:00:00.000Z', durationMs: 1 }

interface Seen {
  readonly calls: readonly SystemCall[]
  readonly output: Buffer
  readonly evidence: HostEvidence
  readonly durationMs: number
  readonly nonce: string
}

function probe(root?: string): Seen {
  const nonce = createNonce()
  const { calls, stdout, durationMs } = traceShell(
    renderProbe(nonce),
    root === undefined ? {} : { KUBE_ASSAY_ROOT: root },
  )
  const evidence = parseProbe(stdout, nonce, run)
  if ('unavailable' in evidence) throw new Error(evidence.unavailable.detail)
  expect(evidence.incomplete).toBeUndefined()
  return { calls, output: stdout, evidence, durationMs, nonce }
}

/** Paths whose content a call could reach. */
function opened(calls: readonly SystemCall[]): Set<string> {
  return new Set(calls.flatMap((call) => (openFlags(call) === undefined ? [] : [call.texts[0] ?? ''])))
}

/** The programs that were started, without those that a search along PATH did not find. */
function started(calls: readonly SystemCall[]): string[] {
  const names = calls.flatMap(({ name, texts }) => (name === 'execve' ? [texts[0] ?? ''] : []))
  return [
    ...new Set(names.filter((path) => existsSync(path)).map((path) => path.slice(path.lastIndexOf('/') + 1))),
  ].toSorted()
}

/** Readers of files, lists and the kernel's log; versions of runtimes. A new one has to be looked at before it is put here. */
const programs = new Set(
  `awk base64 busybox cat chroot containerd cri-dockerd crio cut date dmesg dockerd find getconf getfacl grep head id ls mawk od
  readlink sed sh sort stat tail timeout tr true uname wc xargs xfs_info`.split(/\s+/),
)

describe('the reading of a trace', () => {
  test.each([
    ['1 openat(AT_FDCWD, "/a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', /^opens for writing/],
    ['1 openat(AT_FDCWD, "/a", O_RDWR) = -1 EACCES (Permission denied)', /^opens for writing/],
    ['1 openat(AT_FDCWD, "/a", O_RDONLY|O_CREAT, 0600 <unfinished ...>', /^opens for writing/],
    ['1 openat2(AT_FDCWD, "/a", {flags=O_WRONLY, resolve=0}, 24) = 3', /^opens for writing/],
    ['1 creat("/dev/nullx", 0666) = 3', /^opens for writing/],
    ['1 rename("/a", "/b") = 0', /^rename/],
    ['1 unlinkat(AT_FDCWD, "/a", 0) = 0', /^unlinkat/],
    ['1 mkdir("/a", 0777) = 0', /^mkdir/],
    ['1 fchmodat(AT_FDCWD, "/a", 0600) = 0', /^fchmodat/],
    ['1 utimensat(AT_FDCWD, "/a", NULL, 0) = 0', /^utimensat/],
    ['1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3', /^socket/],
    ['1 connect(3, {sa_family=AF_UNIX, sun_path="/run/docker.sock"}, 110) = 0', /^connect/],
    ['1 openat(AT_FDCWD, "/etc/a\\"b", O_RDONLY|O_CLOEXEC) = 3', undefined],
    ['1 openat(AT_FDCWD, "/dev/null", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3', undefined],
    ['1 newfstatat(AT_FDCWD, "/a", {st_mode=S_IFREG|0644}, 0) = 0', undefined],
  ])('%s', (line, why) => {
    const [call] = parseTrace(`${line}\n1 <... openat resumed>) = 3\n1 +++ exited with 0 +++\n`)
    if (call === undefined) throw new Error('no call')
    if (why === undefined) expect(whyNotReading(call)).toBeUndefined()
    else expect(whyNotReading(call)).toMatch(why)
  })
  test('a line that is no call is not passed over', () => {
    expect(() => parseTrace('strace: something went wrong\n')).toThrow(/printed something else/)
  })
})

describe.skipIf(!hasStrace)('the probe, on this machine', () => {
  test('opens nothing for writing but /dev/null, makes and removes nothing, talks to nobody', () => {
    const { calls, output, durationMs } = probe()
    expect(calls.length).toBeGreaterThan(500)
    expect(calls.flatMap((call) => whyNotReading(call) ?? [])).toEqual([])
    expect(started(calls).filter((program) => !programs.has(program))).toEqual([])
    console.log(
      `probe of this machine: ${calls.length} calls, ${Math.round(output.length / 1024)} KiB, ${Math.round(durationMs)} ms under strace`,
    )
  })
})

const base = mkdtempSync(join(tmpdir(), 'probe-strace-'))
const root = join(base, 'host')
const authority = createAuthority('kubernetes')
const identity = authority.issue({ commonName: 'kube-apiserver', names: ['10.96.0.1'], usage: 'server' })
const token = `eyJhbGciOiJSUzI1NiJ9.${randomBytes(30).toString('base64url')}.${randomBytes(60).toString('base64url')}`
const encryptionKey = randomBytes(32).toString('base64')
const password = `pw-${randomBytes(12).toString('hex')}`
const sshKey = generateSshKey()
const pods = '/var/lib/kubelet/pods/2f9c1d6e-0000-4000-8000-000000000001/volumes'
const pki = '/etc/kubernetes/pki'
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')

/** Key and token files: no reader of this project has any business in them. */
const untouchable: Readonly<Record<string, string>> = {
  [`${pki}/ca.key`]: identity.key,
  [`${pki}/sa.key`]: identity.key,
  [`${pki}/apiserver.key`]: identity.key,
  [`${pki}/etcd/server.key`]: identity.key,
  '/etc/kubernetes/tokens.csv': `${token},admin,1,system:masters\n`,
  '/etc/shadow': `root:${password}:1::::::\n`,
  '/root/.ssh/id_ed25519': sshKey.private,
  '/var/run/secrets/kubernetes.io/serviceaccount/token': token,
  [`${pods}/kubernetes.io~projected/kube-api-access-abcde/token`]: token,
  [`${pods}/kubernetes.io~secret/database/password`]: password,
  '/root/.docker/config.json': `{"auths":{"r":{"auth":"${base64(password)}"}}}`,
  '/var/lib/etcd/member/snap/db': `k8s\0${password}`,
}
/** Files that hold secrets beside what is read: opened, and filtered on the host. */
const mixed: Readonly<Record<string, string>> = {
  '/var/lib/kubelet/pki/kubelet-client-current.pem': `${identity.cert}${identity.key}`,
  '/etc/kubernetes/admin.conf': kubeconfig(),
  '/etc/kubernetes/kubelet.conf': kubeconfig(),
  '/etc/kubernetes/enc.yaml': `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: [secrets]\n  providers:\n  - aescbc: {keys: [{name: k1, secret: ${encryptionKey}}]}\n`,
}

function kubeconfig(): string {
  return `apiVersion: v1\nkind: Config\nclusters:\n- cluster: {certificate-authority-data: ${base64(authority.cert)}, server: "https://x"}\n  name: k\nusers:\n- name: u\n  user:\n    client-certificate-data: ${base64(identity.cert)}\n    client-key-data: ${base64(identity.key)}\n    token: ${token}\n    password: ${password}\n`
}

function put(path: string, content: string, mode = 0o600): void {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
  chmodSync(root + path, mode)
}

function putProcess(pid: number, name: string, argv: readonly string[]): void {
  put(`/proc/${pid}/comm`, `${name.slice(0, 15)}\n`, 0o444)
  put(`/proc/${pid}/cmdline`, argv.map((argument) => `${argument}\0`).join(''), 0o444)
  put(`/proc/${pid}/stat`, `${pid} (${name}) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4200 20 21\n`, 0o444)
  put(`/proc/${pid}/status`, `Name:\t${name}\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`, 0o444)
  mkdirSync(`${root}/proc/${pid}/ns`, { recursive: true })
  symlinkSync('mnt:[4026531841]', `${root}/proc/${pid}/ns/mnt`)
  put(`/proc/${pid}/environ`, `PASSWORD=${password}\0`, 0o400)
}

beforeAll(() => {
  for (const [path, content] of Object.entries({ ...untouchable, ...mixed })) put(path, content)
  for (const name of ['ca.crt', 'apiserver.crt', 'etcd/server.crt']) put(`${pki}/${name}`, identity.cert, 0o644)
  put('/var/lib/kubelet/config.yaml', 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n', 0o644)
  put('/proc/stat', 'btime 1700000000\n', 0o444)
  putProcess(1, 'systemd', ['/sbin/init'])
  putProcess(900, 'kubelet', [
    '/usr/bin/kubelet',
    '--config=/var/lib/kubelet/config.yaml',
    '--kubeconfig=/etc/kubernetes/kubelet.conf',
  ])
  putProcess(901, 'kube-apiserver', [
    'kube-apiserver',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    '--token-auth-file=/etc/kubernetes/tokens.csv',
    '--encryption-provider-config=/etc/kubernetes/enc.yaml',
  ])
  putProcess(902, 'etcd', [
    'etcd',
    '--data-dir=/var/lib/etcd',
    `--cert-file=${pki}/etcd/server.crt`,
    `--key-file=${pki}/etcd/server.key`,
  ])
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Every entry with its kind, mode, owner, size, times of change and content. */
function fingerprintTree(folder: string): string {
  const hash = createHash('sha256')
  const walk = (path: string): void => {
    const { mode, uid, gid, size, mtimeMs, ctimeMs } = lstatSync(path)
    hash.update(JSON.stringify([path, mode, uid, gid, size, mtimeMs, ctimeMs]))
    if ((mode & 0o170000) === 0o120000) hash.update(readlinkSync(path))
    else if ((mode & 0o170000) === 0o040000) for (const name of readdirSync(path).toSorted()) walk(join(path, name))
    else hash.update(readFileSync(path))
  }
  walk(folder)
  return hash.digest('hex')
}

/** Everything that left: the raw bytes, and each body and field as it decodes. */
function everythingIn({ output, evidence, nonce }: Seen): string {
  const frames = readFrames(output, nonce)
  const bodies = frames.flatMap(({ body }) => (body === undefined ? [] : [body.toString('latin1')]))
  const twice = bodies.map((body) => Buffer.from(body, 'base64').toString('latin1'))
  return [output.toString('latin1'), ...bodies, ...twice, JSON.stringify(evidence)].join('\n')
}

describe.skipIf(!hasStrace)('the probe, on a control-plane node with real keys', () => {
  let seen: Seen
  let before: string
  beforeAll(() => {
    before = fingerprintTree(root)
    seen = probe(root)
  })

  test('reads only', () => {
    expect(seen.calls.flatMap((call) => whyNotReading(call) ?? [])).toEqual([])
    expect(fingerprintTree(root)).toBe(before)
    console.log(
      `probe of a seeded node: ${seen.calls.length} calls, ${Math.round(seen.output.length / 1024)} KiB, ${Math.round(seen.durationMs)} ms under strace`,
    )
  })

  test.each(Object.keys(untouchable))('%s is never opened', (path) => {
    const all = [...opened(seen.calls)]
    expect(all.filter((one) => one.endsWith(path))).toEqual([])
    expect(
      all.filter((one) => one.startsWith(root) && /\.key$|\/token$|\/secrets\/|kubernetes\.io~/.test(one)),
    ).toEqual([])
  })

  test('of keys the mode and owner are known all the same', () => {
    for (const name of ['apiserver.key', 'sa.key', 'etcd/server.key'])
      expect([name, seen.evidence.statuses?.[`${pki}/${name}`]]).toEqual([
        name,
        expect.objectContaining({ kind: 'file', stat: expect.objectContaining({ mode: '0600' }) }),
      ])
  })

  test.each(Object.keys(mixed))('%s is opened for what is no secret in it', (path) => {
    expect([...opened(seen.calls)].filter((one) => one === root + path)).toHaveLength(1)
  })

  test('the certificates of files that hold both arrive', () => {
    for (const path of ['/var/lib/kubelet/pki/kubelet-client-current.pem', '/etc/kubernetes/kubelet.conf']) {
      const found = seen.evidence.certificates?.[path]
      expect([path, found]).toEqual([path, expect.objectContaining({ certificates: expect.any(Array) })])
    }
    expect(JSON.stringify(seen.evidence.files['/etc/kubernetes/enc.yaml'])).toContain('aescbc')
  })

  test('no key, token or password is in what leaves, in any encoding', () => {
    const all = everythingIn(seen)
    // A PEM file of a key holds its public half too, which the certificate shows: only the private number counts.
    const { d = '' } = createPrivateKey(identity.key).export({ format: 'jwk' })
    const number = Buffer.from(d, 'base64url').toString('latin1')
    expect(number.length).toBe(32)
    // What is searched does hold what was meant to leave.
    expect(all).toContain(identity.cert.replaceAll(/-----[A-Z ]+-----|\s/g, '').slice(0, 60))
    const secrets = [number, token, encryptionKey, password, ...sshKey.private.split('\n').slice(2, 4), 'PRIVATE KEY']
    for (const secret of secrets) {
      expect(all.includes(secret), `${secret.slice(0, 6)}… left the host`).toBe(false)
      // At each of the three places where it may begin in base64.
      for (const shift of ['', 'x', 'xx']) {
        const coded = base64(`${shift}${secret}`).slice(4, -4)
        if (coded.length > 12) expect(all.includes(coded), `${secret.slice(0, 6)}… left the host in base64`).toBe(false)
      }
    }
  })
})
