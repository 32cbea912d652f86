// A simulated cluster's files, ports and faults: private, complete, and gone once closed.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { sshConfigSchema } from '../../../src/model/config.ts'
import {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  startSimulatedCluster,
} from '../../../src/simulator/cluster.ts'

const open: SimulatedCluster[] = []
async function start(options?: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const cluster = await startSimulatedCluster(options)
  open.push(cluster)
  return cluster
}
afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.close()
})

function isListening(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
const knownHosts = (cluster: SimulatedCluster) => readFile(cluster.ssh.knownHosts?.[0] ?? '', 'utf8')

test('gives everything that a user needs to reach it, readable for that user only', async () => {
  const cluster = await start()
  expect(sshConfigSchema.parse(cluster.ssh)).toEqual(cluster.ssh)
  const { user, agent, identityFiles = [], knownHosts: known = [], configFile = '', addresses = {} } = cluster.ssh
  expect({
    user,
    agent,
    names: Object.keys(addresses),
    nodeNames: cluster.nodeNames,
    context: cluster.context,
  }).toEqual({
    user: 'assay',
    agent: false,
    names: ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'],
    nodeNames: ['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'],
    context: 'demo',
  })
  const files = [cluster.kubeconfig, ...identityFiles, ...known, configFile]
  expect(await Promise.all(files.map(mode))).toEqual(['600', '600', '600', '600'])
  expect(await mode(cluster.folder)).toBe('700')
  expect(await readFile(configFile, 'utf8')).toBe('')
  expect((await knownHosts(cluster)).trim().split('\n')).toHaveLength(6)
})

test('closing leaves no port and no file, and may be repeated', async () => {
  const cluster = await start()
  const addresses = [...Object.values(cluster.ssh.addresses ?? {}), new URL(cluster.api.url).host]
  expect(await Promise.all(addresses.map(isListening))).toEqual(addresses.map(() => true))
  await cluster.close()
  await cluster.close()
  expect(await Promise.all(addresses.map(isListening))).toEqual(addresses.map(() => false))
  expect(existsSync(dirname(cluster.folder))).toBe(false)
})

test('starts with less than two seconds of work', async () => {
  // Of the processor, not of the clock: other tests share the machine.
  const before = process.cpuUsage()
  await start()
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(2000)
})

test('two clusters stand beside each other', async () => {
  const [first, second] = [await start(), await start()]
  expect(first.folder).not.toBe(second.folder)
  expect(first.api.url).not.toBe(second.api.url)
})

test('a node may be down, unknown, or have another key than the known one', async () => {
  const cluster = await start({
    nodeFaults: { 'cp-1': { down: true }, 'cp-2': { hostKey: 'unknown' }, 'cp-3': { hostKey: 'changed' } },
  })
  const { addresses = {} } = cluster.ssh
  const lines = (await knownHosts(cluster)).trim().split('\n')
  const keysOf = (node: string) =>
    lines.filter((line) => line.startsWith(`[127.0.0.1]:${addresses[node]?.split(':')[1]} `))
  const isRight = (node: string) => keysOf(node).map((line) => cluster.nodes.get(node)?.knownHosts === `${line}\n`)
  expect({
    listening: await isListening(addresses['cp-1'] ?? ''),
    served: [...cluster.nodes.keys()],
    unknown: isRight('cp-2'),
    changed: isRight('cp-3'),
    right: isRight('worker-1'),
  }).toEqual({
    listening: false,
    served: ['cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'],
    unknown: [],
    changed: [false],
    right: [true],
  })
})

test('other faults reach the node’s server', async () => {
  const cluster = await start({ nodeFaults: { 'worker-1': { hang: 'after-exec', delayMs: 5, hostKey: 'unknown' } } })
  expect(cluster.nodes.get('worker-1')?.behaviour).toEqual({ hang: 'after-exec', delayMs: 5 })
})

test('without hosts there is an API and nothing else', async () => {
  const cluster = await start({ hosts: false })
  expect({ addresses: cluster.ssh.addresses, served: cluster.nodes.size, known: await knownHosts(cluster) }).toEqual({
    addresses: {},
    served: 0,
    known: '',
  })
})

test('thousands of generated nodes share six servers, and a faulty one has its own', async () => {
  const cluster = await start({
    source: { kind: 'generated', nodes: 2000, pods: 100 },
    nodeFaults: { 'node-00042': { refuseAuth: true } },
  })
  const addresses = Object.values(cluster.ssh.addresses ?? {})
  expect({
    addresses: addresses.length,
    servers: new Set(addresses).size,
    sharing: addresses.filter((address) => address === cluster.ssh.addresses?.['node-00042']).length,
    known: (await knownHosts(cluster)).trim().split('\n').length,
  }).toEqual({ addresses: 2000, servers: 7, sharing: 1, known: 7 })
})

test('a recording is served, its nodes standing on the demo’s hosts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-assay-recorded-'))
  try {
    const file = join(folder, 'responses.jsonl.gz')
    const items = [{ metadata: { name: 'node-a' } }, { metadata: { name: 'node-b' } }]
    const body = { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items }
    await writeFile(file, gzipSync(`${JSON.stringify({ path: '/api/v1/nodes', status: 200, body })}\n`))
    const cluster = await start({ source: { kind: 'recorded', file } })
    expect({ context: cluster.context, nodes: cluster.nodeNames, served: [...cluster.nodes.keys()] }).toEqual({
      context: 'recorded',
      nodes: ['node-a', 'node-b'],
      served: ['node-a', 'node-b'],
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a start that fails leaves nothing behind', async () => {
  const before = process.listenerCount('exit')
  await expect(startSimulatedCluster({ source: { kind: 'recorded', file: '/does/not/exist' } })).rejects.toThrow(
    /ENOENT/,
  )
  expect(process.listenerCount('exit')).toBe(before)
})
