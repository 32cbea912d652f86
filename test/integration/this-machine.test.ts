// The whole line on real input: an API server in front, a real sshd with the machine these tests run on behind it. What the
// machine itself says must stand in the snapshot and in the report.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveFacts } from '../../src/derive/index.ts'
import type { Fact } from '../../src/model/fact.ts'
import type { UnitFacts } from '../../src/model/unit.ts'
import type { Fault } from '../../src/simulator/api-server.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { hasOpenSsh, OpenSsh } from '../support/openssh.ts'

const node = 'cp-1'
const parameters = {
  'vm.overcommit_memory': 1,
  'vm.panic_on_oom': 0,
  'kernel.panic': 10,
  'kernel.panic_on_oops': 1,
  'kernel.keys.root_maxkeys': 1_000_000,
  'kernel.keys.root_maxbytes': 25_000_000,
}

const bootID = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** The API's answer for one node that says it booted under this id. */
function nodeList(id: string): Fault {
  const nodeInfo = { bootID: id, kubeletVersion: 'v1.34.2', operatingSystem: 'linux' }
  const items = [{ metadata: { name: node }, status: { nodeInfo, addresses: [] } }]
  const body = JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', metadata: {}, items })
  return { path: '/api/v1/nodes', effect: { kind: 'answer', status: 200, contentType: 'application/json', body } }
}

describe.skipIf(!hasOpenSsh)('this machine behind a real sshd', { timeout: 60_000 }, () => {
  let cluster: SimulatedCluster
  let ssh: OpenSsh
  let output: string
  let args: string[]
  let facts: UnitFacts
  let result: {
    rules: {
      id: string
      findings: { unit: { node?: string }; outcome: string; evidence: { observed: string; source: string }[] }[]
    }[]
  }

  beforeAll(async () => {
    output = mkdtempSync(join(tmpdir(), 'kube-assay-here-'))
    cluster = await startSimulatedCluster({ hosts: false, apiFaults: [nodeList(bootID)] })
    ssh = new OpenSsh()
    ssh.keygen('client', 'ed25519')
    writeFileSync(ssh.path('authorized_keys'), `${ssh.publicKey('client')}\n`)
    const server = await ssh.start([ssh.keygen('host', 'ed25519')])
    writeFileSync(ssh.path('known_hosts'), `[127.0.0.1]:${server.port} ${ssh.publicKey('host')}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', ssh.path('known_hosts')], { stdio: 'ignore' })
    writeFileSync(ssh.path('ssh_config'), '')
    args = [
      'audit',
      '--kubeconfig',
      cluster.kubeconfig,
      '--nodes',
      node,
      '--ssh-address',
      `${node}=127.0.0.1:${server.port}`,
      '--ssh-user',
      userInfo().username,
      '--ssh-key',
      ssh.path('client'),
      '--ssh-known-hosts',
      ssh.path('known_hosts'),
      '--ssh-config',
      ssh.path('ssh_config'),
      '--format',
      'html,json',
    ]
    const run = await runCli([...args, '--output', output])
    if (run.code !== 0) throw new Error(run.stderr)
    const evidence = await loadSnapshot(join(output, 'snapshot.ndjson.zst'))
    const unit = deriveFacts(evidence).units.nodes.find(({ identity }) => identity.node === node)
    if (unit === undefined) throw new Error('the node is not among the units')
    facts = unit.facts
    result = JSON.parse(readFileSync(join(output, 'result.json'), 'utf8'))
  })
  afterAll(async () => {
    ssh?.close()
    await cluster?.close()
    if (output !== undefined) rmSync(output, { recursive: true, force: true })
  })

  function known<T>(fact: Fact<T> | undefined): T {
    if (fact === undefined || (typeof fact === 'object' && fact !== null && 'unavailable' in fact)) {
      throw new Error(`not known: ${JSON.stringify(fact)}`)
    }
    return fact
  }
  const sysctl = (name: string) => Number(execFileSync('sysctl', ['-n', name], { encoding: 'utf8' }))

  it('has the kernel parameters that sysctl shows', () => {
    const seen = known(facts.kernelParameters).required.map(({ name, running }) => [name, known(running).value])
    expect(seen).toEqual(Object.keys(parameters).map((name) => [name, sysctl(name)]))
  })

  it('shows exactly those of them that differ as evidence in the report, with their place', () => {
    const finding = result.rules
      .find(({ id }) => id === 'kubelet-kernel-parameters')
      ?.findings.find(({ unit, outcome }) => unit.node === node && outcome === 'fail')
    const differing = Object.entries(parameters).filter(([name, wanted]) => sysctl(name) !== wanted)
    expect(finding?.evidence.map(({ observed, source }) => [observed, source]) ?? []).toEqual(
      differing.map(([name]) => [`${name} = ${sysctl(name)}`, `/proc/sys/${name.replaceAll('.', '/')}`]),
    )
    const text = readFileSync(join(output, 'report.html'), 'utf8')
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll(/&#x3D;/g, '=')
    for (const [name] of differing) expect(text).toContain(`${name} = ${sysctl(name)}`)
  })

  it('has the kernel, swap and cgroup version that the kernel shows', () => {
    expect(known(known(facts.operatingSystem).kernelRelease).value).toBe(release())
    const swaps = readFileSync('/proc/swaps', 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/)[0])
    expect(known(known(facts.swap).active).value.map(({ device }) => device)).toEqual(swaps)
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
    const at = (path: string) => mounts.findLast(([, mountPoint]) => mountPoint === path)?.[2]
    const expected =
      at('/sys/fs/cgroup') === 'cgroup2' ? 'v2' : at('/sys/fs/cgroup/unified') === 'cgroup2' ? 'hybrid' : 'v1'
    const cgroups = facts.cgroups
    if (existsSync('/sys/fs/cgroup')) expect(known(known(cgroups).version).value).toBe(expected)
  })

  it('takes nothing from it when the API means another machine', async () => {
    cluster.api.setFault(nodeList('11111111-2222-3333-4444-555555555555'))
    const run = await runCli([...args, '--output', join(output, 'other')])
    expect(run.stdout).toContain('0 of 1 nodes read')
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toMatch(/cp-1: .*is not this node: its boot id is/)
    const { coverage } = JSON.parse(readFileSync(join(output, 'other', 'result.json'), 'utf8'))
    const labels: { label: string }[] = coverage.columns
    const reasons: ({ reason: string } | null)[] = coverage.nodes[0].facts
    const others = labels.flatMap(({ label }, index) =>
      reasons[index]?.reason === 'wrong-host' ? [] : [`${label}: ${reasons[index]?.reason}`],
    )
    // Support is told by the node's object too, which names no runtime here.
    expect(others).toEqual(['Support: not-found'])
  })

  it('says of the kubelet what is so: none runs here', () => {
    expect(facts.kubeletConfiguration).toMatchObject({ unavailable: { reason: 'not-running' } })
  })
})
