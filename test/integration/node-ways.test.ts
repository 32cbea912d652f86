// Ways to the nodes as a user of the command line meets them: a list that is tried in order, pods that go away on Ctrl-C, this
// machine as a node.
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulator/api-server.ts'
import {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  startSimulatedCluster,
} from '../../src/simulator/cluster.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { type CliOptions, type CliRun, runCli } from '../support/cli.ts'

let folder: string
let cluster: SimulatedCluster | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-ways-'))
})
afterEach(async () => {
  await cluster?.close()
  cluster = undefined
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Started {
  readonly cluster: SimulatedCluster
  run(args: readonly string[], options?: CliOptions): Promise<CliRun>
  readonly output: string
}

async function start(name: string, options: SimulatedClusterOptions = {}): Promise<Started> {
  const started = await startSimulatedCluster(options)
  cluster = started
  const output = join(folder, name)
  const config = join(started.folder, 'kube-assay.yaml')
  const settings = { kubeconfig: started.kubeconfig, ssh: started.ssh, formats: ['json'] }
  await writeFile(config, JSON.stringify(settings))
  const common = ['--config', config, '--output', output]
  return {
    cluster: started,
    output,
    run: ([command = 'audit', ...args], cli) => runCli([command, ...common, ...args], cli),
  }
}

function left({ pods }: SimulatedCluster): string[] {
  return [...pods.names('pods'), ...pods.names('configmaps'), ...pods.names('namespaces')]
}

interface NodeCoverage {
  readonly node: string
  readonly access?: { readonly transport: string }
  readonly tried?: readonly { readonly way: string; readonly reason: string }[]
}
async function coverage(output: string): Promise<string[]> {
  const result: { coverage: { nodes: NodeCoverage[] } } = JSON.parse(
    await readFile(join(output, 'result.json'), 'utf8'),
  )
  return result.coverage.nodes.map(
    ({ node, access, tried = [] }) =>
      `${node} ${access?.transport ?? 'not read'}${tried.map(({ way, reason }) => `; ${way} ${reason}`).join('')}`,
  )
}

describe('a list of ways', { timeout: 120_000 }, () => {
  it('reads each node by the first that works, and says why the others did not', async () => {
    const {
      run,
      output,
      cluster: started,
    } = await start('list', {
      nodeFaults: { 'cp-1': { down: true }, 'worker-1': { hostKey: 'changed' }, 'worker-2': { down: true } },
      podFaults: { 'worker-2': 'image-pull' },
    })
    const { code, stdout, stderr } = await run(['audit', '--node-access', 'ssh,pod,api'])
    expect([code, stderr.includes('internal error')]).toEqual([0, false])
    expect(await coverage(output)).toEqual([
      'cp-1 pod; ssh unreachable',
      'cp-2 ssh',
      'cp-3 ssh',
      'worker-1 pod; ssh host-key-mismatch',
      'worker-2 not read; ssh unreachable; pod pod-failed; api not-collected',
      'worker-3 ssh',
    ])
    expect(stdout).toMatch(/Nodes {5}2 by pod after ssh, 3 by ssh; reasons in the reports/)
    expect(left(started)).toEqual([])
    // The audit does not see its own pods.
    const { families } = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
    const own = [...families.pods.objects, ...families.namespaces.objects].filter(({ name }) =>
      /^kube-assay/.test(name),
    )
    expect(own).toEqual([])
  })

  it.each<[value: string, message: RegExp]>([
    ['shh', /^kube-assay: --node-access: Expected one of ssh, pod, local, api, none/],
    ['ssh,none', /--node-access: none stands alone/],
    ['api,ssh', /--node-access: api has no host to fail on.*put it last/],
    ['ssh,ssh', /--node-access: A way stands twice/],
    ['ssh,', /--node-access: Expected one of/],
  ])('refuses %s', async (value, message) => {
    const { code, stderr, stdout } = await runCli(['audit', '--node-access', value])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('has no pods beside manifests', async () => {
    const { code, stderr } = await runCli([
      'collect',
      '--manifests',
      'docs/cluster-role.yaml',
      '--node-access',
      'pod',
      '-o',
      join(folder, 'm.zst'),
    ])
    expect([code, stderr.includes('internal error')]).toEqual([0, false])
  })
})

describe('Ctrl-C', { timeout: 60_000 }, () => {
  async function interrupt(name: string, signals: readonly number[]): Promise<{ run: CliRun; started: Started }> {
    const podFaults = { 'cp-1': 'hangs', 'worker-1': 'hangs', 'worker-2': 'never-starts' } as const
    const started = await start(name, { podFaults })
    const run = await started.run(['audit', '--node-access', 'pod'], {
      onStart: (child) => {
        started.cluster.pods.onCreate = () => {
          if (started.cluster.pods.created.length !== 6) return
          for (const ms of signals) setTimeout(() => child.kill('SIGINT'), ms)
        }
      },
    })
    return { run, started }
  }

  it('once: the pods go, what was read stays', async () => {
    const { run, started } = await interrupt('once', [2500])
    expect(run.code).toBe(130)
    expect(left(started.cluster)).toEqual([])
    const { trailer, nodes } = await loadSnapshot(join(started.output, 'snapshot.ndjson.zst'))
    expect(trailer.interrupted).toBe(true)
    expect(nodes.map(({ node }) => node)).toEqual(['cp-1', 'cp-2', 'cp-3', 'worker-1', 'worker-2', 'worker-3'])
  })

  it('twice at once: the pods still go', async () => {
    const { run, started } = await interrupt('twice', [1500, 1510])
    expect(run.code).toBe(130)
    expect(left(started.cluster)).toEqual([])
  })
})

describe('this machine', { timeout: 60_000 }, () => {
  const bootID = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const nodes: Fault = {
    path: '/api/v1/nodes',
    effect: {
      kind: 'answer',
      status: 200,
      body: JSON.stringify({
        kind: 'NodeList',
        apiVersion: 'v1',
        metadata: {},
        items: ['here', 'there'].map((name) => ({
          metadata: { name },
          status: { nodeInfo: { bootID: name === 'here' ? bootID : 'x', operatingSystem: 'linux' }, addresses: [] },
        })),
      }),
    },
  }

  it.each<[name: string, root: string[]]>([
    ['as it is', ['--host-root', '/']],
    ['mounted in another place', ['--host-root', '/proc/self/root']],
  ])('%s is the node with its boot id, and says the same', async (name, root) => {
    const { run, output } = await start(name, { hosts: false, apiFaults: [nodes] })
    const { code } = await run(['audit', '--node-access', 'local', ...root])
    expect(code).toBe(0)
    expect(await coverage(output)).toEqual(['here local', 'there not read'])
    const {
      nodes: [evidence],
    } = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
    const host = evidence?.host
    if (host === undefined || !('run' in host)) throw new Error(JSON.stringify(host))
    const { sockets: _, sysctl, ...listings } = host.listings ?? {}
    // Sockets come and go; where this user may not look at process 1, the second cannot tell whose network it sees.
    const values = sysctl && 'rows' in sysctl ? sysctl.rows.filter((row) => !/^(?:net|user)\//.test(row)) : []
    expect(values.length).toBeGreaterThan(3)
    seen.push({
      ...host,
      listings: { ...listings, values },
      run: { ...host.run, startedAt: '', durationMs: 0, bytes: 0, address: '' },
    })
    expect(host.files['/proc/sys/kernel/random/boot_id']).toMatchObject({ content: `${bootID}\n` })
    expect(host.run.address?.startsWith(hostname())).toBe(true)
    expect(seen.at(-1)).toEqual(seen[0])
  })
  const seen: unknown[] = []

  it('without an API is the node that it is said to be', async () => {
    const output = join(folder, 'alone')
    const args = [
      '--manifests',
      'docs/cluster-role.yaml',
      '--node-access',
      'local',
      '--host-root',
      '/',
      '--local-node',
      'me',
    ]
    const { code, stderr } = await runCli(['audit', ...args, '--format', 'json', '--output', output])
    expect([code, stderr.includes('internal error')]).toEqual([0, false])
    expect(await coverage(output)).toEqual(['me local'])
  })

  it('is not read for a node that the cluster does not have', async () => {
    const { run } = await start('unknown', { hosts: false, apiFaults: [nodes] })
    const { code, stderr } = await run([
      'audit',
      '--node-access',
      'local',
      '--host-root',
      '/',
      '--local-node',
      'nowhere',
    ])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--local-node names no node of this cluster: nowhere/)
  })
})
