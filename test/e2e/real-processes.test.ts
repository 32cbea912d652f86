// Opt-in: a real etcd and kube-apiserver as processes of this machine, read through a real sshd. What is reported of them is what the
// kernel, the files and the sockets say. `KUBEBUILDER_ASSETS=<folder> npm run test:e2e`; no other of the two may run here.
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deriveFacts } from '../../src/derive/index.ts'
import { type Fact, isUnavailable } from '../../src/model/fact.ts'
import type { UnitFacts } from '../../src/model/unit.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { OpenSsh } from '../support/openssh.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const node = hostname().toLowerCase()
let cluster: ControlPlane
let ssh: OpenSsh
let folder: string
let facts: UnitFacts
/** By program, as the kernel has them. */
let argumentsOf: ReadonlyMap<string, readonly string[]>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kube-assay-e2e-processes-'))
  cluster = await startControlPlane(assets)
  argumentsOf = findProcesses()
  const bootID = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  await cluster.call('POST', '/api/v1/nodes', { metadata: { name: node } })
  await cluster.call('PUT', `/api/v1/nodes/${node}/status`, {
    metadata: { name: node },
    status: { nodeInfo: nodeInfo(bootID) },
  })
  ssh = new OpenSsh()
  const settings = {
    kubeconfig: cluster.kubeconfig,
    formats: ['json'],
    ssh: await ssh.serveAs(node),
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
  const run = await runCli(['audit', '--config', join(folder, 'settings.json'), '--output', join(folder, 'out')])
  if (run.code !== 0) throw new Error(run.stderr)
  const [unit] = deriveFacts(await loadSnapshot(snapshot())).units.nodes
  if (unit === undefined) throw new Error('the node is not among the units')
  facts = unit.facts
})
afterAll(async () => {
  ssh?.close()
  await cluster?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('has the settings of the API server that runs, with the process they are from', () => {
  const { authorizationModes, disabledAdmissionPlugins, profiling } = known(facts.apiServer)
  expect(value(authorizationModes)).toEqual(flag('kube-apiserver', 'authorization-mode').split(','))
  expect(value(disabledAdmissionPlugins)).toEqual(flag('kube-apiserver', 'disable-admission-plugins').split(','))
  expect(profiling).toEqual({ value: true, source: expect.stringMatching(/^default of kube-apiserver 1\.\d+$/) })
})

it('has the settings of the etcd that runs, and the mode of its folder', () => {
  const { listenClientURLs, listenPeerURLs, clientCertAuth } = known(facts.etcd)
  expect(value(listenClientURLs)).toEqual([flag('etcd', 'listen-client-urls')])
  expect(value(listenPeerURLs)).toEqual([flag('etcd', 'listen-peer-urls')])
  expect(clientCertAuth).toEqual({ value: false, source: 'default of etcd' })
  const [data] = value(known(facts.controlPlaneFiles).etcdData)
  const path = flag('etcd', 'data-dir')
  expect(data).toMatchObject({ path, access: { value: { mode: mode(path) } } })
})

it('has the certificates that the files hold, and no private key', () => {
  const { files } = known(facts.certificates)
  for (const name of ['tls-cert-file', 'client-ca-file']) {
    const path = flag('kube-apiserver', name)
    const real = new X509Certificate(readFileSync(path))
    const entry = files.find((file) => file.path === path)
    expect(entry?.certificate, path).toMatchObject({
      value: { subject: real.subject.replaceAll('\n', ', '), notAfter: new Date(real.validTo).toISOString() },
    })
  }
  const stored = zstdDecompressSync(readFileSync(snapshot())).toString('utf8')
  for (const name of ['tls-private-key-file', 'service-account-signing-key-file']) {
    const lines = readFileSync(flag('kube-apiserver', name), 'utf8').split('\n')
    // The first lines of a key hold its public half, which stands in certificates too.
    const secret = lines.filter((line) => line.length === 64).slice(-4)
    expect(secret.filter((line) => stored.includes(line))).toEqual([])
  }
})

it('has the sockets on which they listen, each with its process', () => {
  const sockets = value(known(facts.listeningSockets).sockets)
  const wanted = [
    ['kube-apiserver', Number(flag('kube-apiserver', 'secure-port'))],
    ['etcd', Number(new URL(flag('etcd', 'listen-client-urls')).port)],
    ['etcd', Number(new URL(flag('etcd', 'listen-peer-urls')).port)],
  ] as const
  for (const [name, port] of wanted) {
    expect(sockets.find((socket) => socket.port === port)).toMatchObject({
      address: '127.0.0.1',
      isLoopback: true,
      process: expect.stringMatching(new RegExp(`^${name} \\(pid \\d+\\)$`)),
    })
  }
})

it('has every kernel parameter of its list as sysctl shows it', () => {
  for (const { name, running } of known(facts.kernelParameters).required) {
    expect(value(running), name).toBe(Number(execFileSync('sysctl', ['-n', name], { encoding: 'utf8' })))
  }
})

const snapshot = (): string => join(folder, 'out', 'snapshot.ndjson.zst')

function nodeInfo(bootID: string): Record<string, string> {
  const empty = {
    machineID: '',
    systemUUID: '',
    kernelVersion: '',
    osImage: '',
    containerRuntimeVersion: '',
    kubeProxyVersion: '',
  }
  return { ...empty, bootID, kubeletVersion: 'v1.36.2', operatingSystem: 'linux', architecture: 'amd64' }
}

function findProcesses(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [program = '', ...rest] = commandLine(pid)
    const name = program.split('/').at(-1) ?? ''
    if (name !== 'etcd' && name !== 'kube-apiserver') continue
    if (found.has(name))
      throw new Error(`Another ${name} runs on this machine; which is the cluster’s could not be told.`)
    found.set(name, rest)
  }
  return found
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    // It has ended since.
    return []
  }
}

function flag(program: string, name: string): string {
  const found = argumentsOf.get(program)?.find((argument) => argument.startsWith(`--${name}=`))
  if (found === undefined) throw new Error(`${program} runs without --${name}`)
  return found.slice(name.length + 3)
}

function mode(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8).padStart(4, '0')
}

function known<T>(fact: Fact<T> | undefined): T {
  if (fact === undefined || isUnavailable(fact)) throw new Error(`not known: ${JSON.stringify(fact)}`)
  return fact
}

function value<T>(observed: Fact<{ readonly value: T }> | undefined): T {
  return known(observed).value
}
