// What the probe brings back of container runtimes beyond their main configuration: registries, sockets, storage; and that no
// credential comes along. Against a folder that stands for a host.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseProbe } from '../../src/collect/probe/parse.ts'
import { createNonce, renderProbe } from '../../src/collect/probe/script.ts'
import type { HostEvidence } from '../../src/model/node-evidence.ts'

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([command = '', ...rest]) => spawnSync(command, [...rest, '-c', 'true']).status === 0,
)
const root = mkdtempSync(join(tmpdir(), 'probe-runtime-'))
const secret = 'N0t-for-the-snapshot'

function put(path: string, content = '', mode = 0o644): void {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
  chmodSync(root + path, mode)
}
function putProcess(pid: number, argv: readonly string[], name = argv[0] ?? ''): void {
  put(`/proc/${pid}/comm`, `${name}\n`)
  put(`/proc/${pid}/cmdline`, argv.map((argument) => `${argument}\0`).join(''))
  put(`/proc/${pid}/stat`, `${pid} (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4200 20 21\n`)
  put(`/proc/${pid}/status`, `Name:\t${name}\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`)
  put(`/proc/${pid}/environ`)
}
function probe(shell: readonly string[] = ['/bin/sh']): { host: HostEvidence; text: string } {
  const nonce = createNonce()
  const [command = '', ...rest] = shell
  const { stdout, stderr, status } = spawnSync(command, [...rest, '-s'], {
    input: renderProbe(nonce),
    env: { PATH: process.env['PATH'], KUBE_ASSAY_ROOT: root },
    maxBuffer: 64 * 1024 * 1024,
  })
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
  const host = parseProbe(stdout, nonce, { transport: 'local', startedAt: '2026-11-20T00:00:00.000Z', durationMs: 1 })
  if ('unavailable' in host) throw new Error(host.unavailable.detail)
  return { host, text: JSON.stringify(host) }
}

const certs = '/srv/certs.d'

beforeAll(() => {
  put('/proc/stat', 'btime 1700000000\n')
  put('/proc/1/comm', 'systemd\n')
  put('/proc/1/mountinfo', '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n')
  putProcess(812, ['kubelet', '--container-runtime-endpoint=unix:///run/containerd/containerd.sock'])
  putProcess(900, ['containerd', '--address', '/run/other.sock'])
  putProcess(901, ['dockerd', '-H', 'unix:///run/d.sock', '-H', 'tcp://0.0.0.0:2375', '--insecure-registry=r.example'])
  put('/etc/group', 'root:x:0:\ndocker:x:4711:ann,bob\n')
  put(
    '/etc/containerd/config.toml',
    `version = 2
imports = ["/etc/containerd/conf.d/*.toml"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example".auth]
  username = "${secret}"
  password = "${secret}"
  auth = '${secret}'
  identitytoken = "${secret}"
[plugins."io.containerd.grpc.v1.cri".registry.headers]
  X-Meta-Source-Client = ["${secret}"]
`,
  )
  put(
    '/etc/containerd/conf.d/registry.toml',
    `[plugins.x.registry]\n  config_path = "/etc/containerd/certs.d:${certs}/"\n`,
  )
  put(
    `${certs}/r.example:5000/hosts.toml`,
    `server = "http://user:${secret}@r.example:5000"
[host."https://m.example"]
  skip_verify = true
  client = [["/c.pem", "/k.pem"]]
  [host."https://m.example".header]
    Authorization = "Bearer ${secret}"
    x-custom-2 = ["${secret}", '${secret}']
`,
  )
  put(`${certs}/README`, 'no folder')
  put(`${certs}/evil/hosts.toml`, '')
  rmSync(`${root}${certs}/evil/hosts.toml`)
  symlinkSync('/etc/shadow', `${root}${certs}/evil/hosts.toml`)
  put('/etc/shadow', `root:${secret}\n`, 0o600)
  put('/etc/containers/registries.conf', 'unqualified-search-registries = ["docker.io"]\n')
  put('/etc/containers/registries.conf.d/10.conf', `[[registry]]\nlocation = "https://u:${secret}@r.example"\n`)
  put(
    '/etc/rancher/k3s/registries.yaml',
    `mirrors:
  docker.io: {endpoint: ["https://m.example"]}
configs:
  m.example:
    auth: {username: "${secret}", password: ${secret}, auth: "${secret}", identity_token: '${secret}'}
  n.example:
    auth:
      username: ${secret}
      password: "${secret}"
      token: ${secret}
    tls: {insecure_skip_verify: true}
`,
  )
  put('/etc/rancher/k3s/config.yaml', `private-registry: "/srv/own registries.txt"\n`)
  put('/etc/rancher/rke2/config.yaml', `token: ${secret}\nprivate-registry: /srv/own.txt\n`)
  put(
    '/srv/own.txt',
    `configs:\n  m.example:\n    auth: {username: "${secret}", password: ${secret}, auth: "${secret}"}\n`,
  )
  put('/etc/crictl.yaml', 'runtime-endpoint: unix:///run/other.sock\n')
  put('/run/containerd/containerd.sock', '', 0o660)
  put('/run/d.sock', '', 0o666)
  put('/run/by-unit.sock', '', 0o600)
  put('/usr/lib/systemd/system/docker.socket', '[Socket]\nListenStream=/run/by-unit.sock\nSocketMode=0660\n')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe.each(shells)('%s', (...shell) => {
  test('registries: folders of every part of the configuration, files of CRI-O and k3s', () => {
    const { host, text } = probe(shell)
    expect(host.directories[certs]).toEqual({ entries: ['README', 'evil', 'r.example:5000'] })
    expect(host.directories['/etc/containerd/certs.d']).toEqual({ absent: true })
    expect(host.directories['/etc/docker/certs.d']).toEqual({ absent: true })
    expect(host.files[`${certs}/r.example:5000/hosts.toml`]).toMatchObject({
      content: expect.stringContaining('skip_verify = true'),
    })
    expect(host.files[`${certs}/README/hosts.toml`]).toEqual({ absent: true })
    expect(host.files[`${certs}/evil/hosts.toml`]).toEqual({
      unavailable: {
        reason: 'not-collected',
        detail: 'The probe does not read this path: it may hold keys or credentials.',
      },
    })
    expect(host.files['/etc/containers/registries.conf.d/10.conf']).toMatchObject({
      content: '[[registry]]\nlocation = "https://u:<redacted>@r.example"\n',
    })
    expect(host.files['/etc/rancher/k3s/registries.yaml']).toMatchObject({
      content: expect.stringContaining('tls: {insecure_skip_verify: true}'),
    })
    expect(host.files['/etc/rancher/rke2/registries.yaml']).toEqual({ absent: true })
    expect(host.files['/srv/own.txt']).toMatchObject({ content: expect.stringContaining('m.example') })
    expect(host.files['/etc/crictl.yaml']).toMatchObject({ content: 'runtime-endpoint: unix:///run/other.sock\n' })
    expect(text).not.toContain(secret)
  })

  test('sockets that arguments and configuration name, with who is in their group', () => {
    const { host } = probe(shell)
    const statuses = Object.entries(host.statuses ?? {}).filter(([path]) => path.endsWith('.sock'))
    expect(
      Object.fromEntries(statuses.map(([path, status]) => [path, 'stat' in status ? status.stat.mode : status])),
    ).toEqual({
      '/run/containerd/containerd.sock': '0660',
      '/run/crio/crio.sock': { absent: true },
      '/run/docker.sock': { absent: true },
      '/run/cri-dockerd.sock': { absent: true },
      '/run/other.sock': { absent: true },
      '/run/d.sock': '0666',
      '/run/by-unit.sock': '0600',
    })
    expect(host.files['/usr/lib/systemd/system/docker.socket']).toMatchObject({
      content: expect.stringContaining('SocketMode=0660'),
    })
  })

  test('where the folders of runtime, kubelet and etcd are', () => {
    const { host } = probe(shell)
    const places = ['/var/lib/containerd', '/var/lib/kubelet', '/var/lib/etcd']
    expect(places.map((path) => host.directories[path])).toEqual(places.map(() => ({ absent: true })))
  })
})
