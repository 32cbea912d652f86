// Opt-in: a real kubelet and containerd, joined to a real API server, read over SSH and by a pod that this kubelet runs. What is
// reported is what the kubelet, the kernel and the files say. `KUBEBUILDER_ASSETS=<folder with kubelet> npm run test:e2e`, as root.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveFacts } from '../../src/derive/index.ts'
import { type Fact, isUnavailable } from '../../src/model/fact.ts'
import type { Unit, UnitFacts } from '../../src/model/unit.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { OpenSsh } from '../support/openssh.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { image, nodeName, type RealNode, startNode, whyNoNode } from './real-node.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubelet.')
const why = whyNoNode(assets)
if (why !== undefined) console.warn(`SKIPPED: ${why}. No real kubelet was read.`)

let cluster: ControlPlane
let node: RealNode
let ssh: OpenSsh
let folder: string

beforeAll(async () => {
  if (why !== undefined) return
  folder = mkdtempSync(join(tmpdir(), 'kube-assay-e2e-node-'))
  cluster = await startControlPlane(assets)
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' }
  for (const name of ['default', 'kube-assay']) {
    await cluster.call('POST', '/api/v1/namespaces', { metadata: { name, labels } }).catch(() => undefined)
  }
  node = await startNode(assets, cluster)
  ssh = new OpenSsh()
  const settings = {
    kubeconfig: cluster.kubeconfig,
    formats: ['json'],
    pod: { namespace: 'kube-assay', image },
    ssh: await ssh.serveAs(nodeName),
  }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings))
}, 300_000)
afterAll(async () => {
  ssh?.close()
  await node?.close()
  await cluster?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}, 60_000)

async function audit(name: string, way: 'ssh' | 'pod'): Promise<Unit> {
  const output = join(folder, name)
  const config = join(folder, 'settings.json')
  const run = await runCli(['audit', '--config', config, '--node-access', way, '--output', output])
  if (run.code !== 0) throw new Error(run.stderr)
  const [unit] = deriveFacts(await loadSnapshot(join(output, 'snapshot.ndjson.zst'))).units.nodes
  if (unit === undefined) throw new Error('no node')
  return unit
}

const known = <T>(fact: Fact<T> | undefined): T => {
  if (fact === undefined || isUnavailable(fact)) throw new Error(`not known: ${JSON.stringify(fact)}`)
  return fact
}

describe.skipIf(why !== undefined)('a real kubelet', () => {
  let facts: UnitFacts

  it('is read over SSH: its settings are those that it says it runs with', async () => {
    ;({ facts } = await audit('ssh', 'ssh'))
    const configz = await node.configz()
    const told = known(facts.kubeletConfiguration)
    const plain = [
      'protectKernelDefaults',
      'makeIPTablesUtilChains',
      'failSwapOn',
      'failCgroupV1',
      'cgroupDriver',
      'seccompDefault',
      'eventRecordQPS',
      'rotateCertificates',
      'podPidsLimit',
    ] as const
    for (const name of plain) expect([name, known(told[name]).value]).toEqual([name, configz[name] ?? false])
    expect(known(told.readOnlyPort).value).toBe(configz['readOnlyPort'] ?? 0)
    expect(configz).toMatchObject({
      streamingConnectionIdleTimeout: '4h0m0s',
      authorization: { mode: known(told.authorizationMode).value },
      authentication: { anonymous: { enabled: known(told.anonymousAuthentication).value } },
    })
    expect(known(told.streamingConnectionIdleTimeoutSeconds).value).toBe(14_400)
    expect(known(facts.containerRuntime).name).toMatchObject({ value: 'containerd' })
    expect(known(facts.cgroups)).toMatchObject({
      kubeletDriver: { value: 'cgroupfs' },
      runtimeDriver: { value: 'cgroupfs' },
    })
    expect(known(known(facts.nodeFiles).kubeletKeys).value).toMatchObject([
      { path: expect.stringMatching(/pki\/kubelet\.key$/), access: { value: { mode: '0600', ownedByRoot: true } } },
    ])
  })

  it('enforces what its pods ask, in the groups of pods and of the classes above them', () => {
    const pods = known(facts.podCgroups)
    expect(pods).toMatchObject({
      driver: 'cgroupfs',
      pods: 1,
      containers: 1,
      limits: [],
      weights: [],
      isComplete: { value: true },
    })
    const { classes } = known(facts.podCgroupLevels)
    expect(classes.length).toBeGreaterThanOrEqual(6)
    expect(classes.filter((one) => isUnavailable(one) || !one.value.isMet)).toEqual([])
  })

  it('is read by a pod that it runs itself, which says the same', async () => {
    const byPod = (await audit('pod', 'pod')).facts
    for (const name of [
      'kubeletConfiguration',
      'containerRuntime',
      'cgroups',
      'nodeFiles',
      'kernelParameters',
    ] as const) {
      expect([name, byPod[name]]).toEqual([name, facts[name]])
    }
    expect(known(byPod.podCgroups)).toMatchObject({ pods: 1, limits: [], weights: [] })
    const left = JSON.stringify(await cluster.call('GET', '/api/v1/namespaces/kube-assay/pods'))
    expect(left).not.toContain('kube-assay.io/run')
  })

  it('shows what somebody changed behind its back', async () => {
    const groups = node.groups()
    const write = (name: string, value: string) => {
      for (const group of groups) {
        try {
          writeFileSync(join(group, name), value, { flag: 'r+' })
        } catch {
          // Of another controller, or of the other version.
        }
      }
    }
    write('memory.memsw.limit_in_bytes', '-1')
    write('memory.limit_in_bytes', '-1')
    write('memory.max', 'max')
    write('cpu.shares', '10000')
    write('cpu.weight', '5000')
    const { limits, weights } = known((await audit('tampered', 'ssh')).facts.podCgroups)
    expect(limits).toMatchObject([
      { pod: `default/app-${nodeName}`, container: 'app', enforced: 'no limit', expected: '67108864 (64 MiB)' },
    ])
    expect(weights).toMatchObject([{ pod: `default/app-${nodeName}`, container: 'app' }])
  })
})
