// The way `pod` against a simulated cluster: every node is read or its reason named, and nothing stays behind.
import { afterEach, describe, expect, test } from 'vitest'
import { collectNodes, defaultProbeLimits, type NodeRecord, nodeTargets } from '../../src/collect/nodes.ts'
import { isUnavailable } from '../../src/model/fact.ts'
import type { Fault } from '../../src/simulator/api-server.ts'
import {
  type SimulatedCluster,
  type SimulatedClusterOptions,
  startSimulatedCluster,
} from '../../src/simulator/cluster.ts'
import { openKubeSource } from '../../src/transport/kube.ts'
import { openPodAccess, type PodOptions } from '../../src/transport/pod.ts'
import { openSshAccess } from '../../src/transport/ssh.ts'

let cluster: SimulatedCluster
afterEach(() => cluster.close())

interface Run {
  readonly options?: SimulatedClusterOptions
  readonly pod?: Partial<PodOptions>
  readonly nodes?: readonly string[]
  readonly before?: (cluster: SimulatedCluster) => void
  readonly signal?: AbortSignal
}
interface Outcome {
  readonly records: ReadonlyMap<string, NodeRecord['evidence']>
  readonly notes: readonly string[]
}

async function collect({ options = {}, pod = {}, nodes, before, signal }: Run): Promise<Outcome> {
  cluster = await startSimulatedCluster(options)
  before?.(cluster)
  const source = await openKubeSource({ kubeconfig: cluster.kubeconfig, retries: { attempts: 1 } })
  const notes: string[] = []
  const names = nodes ?? cluster.nodeNames
  const objects = names.map((name) => ({ name, roles: [], addresses: [], nodeInfo: {} }))
  const access = openPodAccess({
    request: source.request,
    nodes: names.length,
    concurrency: 6,
    intervalMs: 50,
    timeoutSeconds: 60,
    onNote: (note) => notes.push(note),
    ...pod,
  })
  const records = new Map<string, NodeRecord['evidence']>()
  try {
    await collectNodes({
      ways: [access],
      targets: nodeTargets(objects).targets,
      concurrency: 6,
      limits: defaultProbeLimits,
      signal: signal ?? new AbortController().signal,
      emit: ({ evidence }) => {
        records.set(evidence.node, evidence)
      },
    })
  } finally {
    await access.close()
    await source.close()
  }
  return { records, notes }
}

function left(): string[] {
  return [...cluster.pods.names('pods'), ...cluster.pods.names('configmaps'), ...cluster.pods.names('namespaces')]
}

function reason({ records }: Outcome, node: string): string {
  const host = records.get(node)?.host
  if (host === undefined) return 'no record'
  if (isUnavailable(host)) return `${host.unavailable.reason}: ${host.unavailable.detail}`
  return host.incomplete === undefined ? 'read' : `in part, ${host.incomplete.reason}: ${host.incomplete.detail}`
}

describe('six nodes', { timeout: 180_000 }, () => {
  test('say what they say over SSH, and nothing stays in the cluster', async () => {
    const { records, notes } = await collect({})
    expect(notes).toEqual([])
    expect(left()).toEqual([])
    const ssh = await openSshAccess({ ...cluster.ssh, environment: {} })
    const bySsh = new Map<string, NodeRecord['evidence']>()
    const objects = cluster.nodeNames.map((name) => ({ name, roles: [], addresses: [], nodeInfo: {} }))
    await collectNodes({
      ways: [ssh],
      targets: nodeTargets(objects, { addresses: cluster.ssh.addresses ?? {} }).targets,
      concurrency: 6,
      limits: defaultProbeLimits,
      signal: new AbortController().signal,
      emit: ({ evidence }) => {
        bySsh.set(evidence.node, evidence)
      },
    })
    await ssh.close()
    // worker-3 refuses sudo, which a pod does not need.
    for (const node of cluster.nodeNames.filter((name) => name !== 'worker-3')) {
      const [one, other] = [records.get(node)?.host, bySsh.get(node)?.host]
      if (one === undefined || isUnavailable(one) || other === undefined || isUnavailable(other)) {
        throw new Error(`${node}: ${JSON.stringify([one, other]).slice(0, 500)}`)
      }
      expect({ ...one, run: 0 }).toEqual({ ...other, run: 0 })
      expect([one.run.transport, one.run.user, one.run.privilege]).toEqual(['pod', 'root', 'root'])
    }
    const third = records.get('worker-3')?.host
    expect(third && !isUnavailable(third) && third.run.privilege).toBe('root')
  })

  test('are read in a namespace that was given, which stays', async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' }
    const outcome = await collect({
      nodes: ['worker-1'],
      pod: { namespace: 'audits', image: 'registry.example/probe@sha256:00', pullSecret: 'pull' },
      before: ({ pods }) => pods.put('namespaces', '', { metadata: { name: 'audits', uid: 'u', labels } }),
    })
    expect(reason(outcome, 'worker-1')).toBe('read')
    expect(left()).toEqual(['/audits'])
    const [pod] = cluster.pods.created
    expect(pod).toMatchObject({
      metadata: { namespace: 'audits' },
      spec: {
        nodeName: 'worker-1',
        imagePullSecrets: [{ name: 'pull' }],
        containers: [{ image: 'registry.example/probe@sha256:00', imagePullPolicy: 'IfNotPresent' }],
      },
    })
  })

  test.each<[name: string, options: SimulatedClusterOptions, pod: Partial<PodOptions>, expected: RegExp]>([
    [
      'a pod that never starts',
      { podFaults: { 'worker-1': 'never-starts' } },
      { timeoutSeconds: 8 },
      /^timeout: The pod did not start within 8 s: the node’s kubelet has not taken it\.$/,
    ],
    [
      'an image that cannot be pulled',
      { podFaults: { 'worker-1': 'image-pull' } },
      {},
      /^pod-failed: The pod cannot start: ImagePullBackOff: Back-off pulling image .*403 Forbidden\.$/,
    ],
    ['a taint with NoExecute', { podFaults: { 'worker-1': 'no-execute' } }, {}, /^read$/],
    [
      'the same without our toleration',
      { podFaults: { 'worker-1': 'tolerations-stripped' } },
      {},
      /^pod-failed: The pod was deleted by somebody else .*admission had taken its tolerations, so that a NoExecute taint evicts it\.$/,
    ],
    [
      'an eviction',
      { podFaults: { 'worker-1': 'evicted' } },
      {},
      /^pod-failed: The pod was refused or ended by the node: Evicted: The node was low on resource/,
    ],
    [
      'a sandbox that cannot be made: why stands in its events alone',
      { podFaults: { 'worker-1': 'no-sandbox' } },
      { timeoutSeconds: 15 },
      /^timeout: The pod did not start within 15 s: its container is being created \(last warning: FailedCreatePodSandBox: Failed to create pod sandbox: plugin type="calico" failed \(add\): no address\)\.$/,
    ],
    [
      'too little memory',
      { podFaults: { 'worker-1': 'out-of-memory' } },
      {},
      /^pod-failed: The pod was ended before the probe was done: OOMKilled, exit code 137\.$/,
    ],
    [
      'a log that the node rotated away',
      { podFaults: { 'worker-1': 'log-rotated' } },
      {},
      /^connection-lost: The pod’s log does not begin with the probe’s first line: .*containerLogMaxSize/,
    ],
    [
      'a probe that hangs',
      { podFaults: { 'worker-1': 'hangs' } },
      { timeoutSeconds: 5 },
      /^in part, timeout: The probe did not end within the 5 s of --pod-timeout\. 1 records arrived whole\.$/,
    ],
  ])('%s', async (_name, options, pod, expected) => {
    const outcome = await collect({ options, pod, nodes: ['worker-1', 'worker-2'] })
    expect(reason(outcome, 'worker-1')).toMatch(expected)
    expect(reason(outcome, 'worker-2')).toBe('read')
    expect(left()).toEqual([])
  })

  const status = (code: number, message: string): Fault['effect'] => ({ kind: 'status', status: code, message })
  test.each<[name: string, faults: Fault[], pod: Partial<PodOptions>, expected: RegExp]>([
    [
      'a user that may not make namespaces',
      [
        {
          path: '/api/v1/namespaces',
          method: 'POST',
          effect: status(403, 'namespaces is forbidden: User "auditor" cannot create resource "namespaces"'),
        },
      ],
      {},
      /^forbidden: POST \/api\/v1\/namespaces was answered 403: .*cannot create.* docs\/node-access\.md has the rights/,
    ],
    [
      'a namespace without the Pod Security label',
      [],
      { namespace: 'audits' },
      /^forbidden: POST .* violates PodSecurity "baseline:latest".* label it pod-security\.kubernetes\.io\/enforce=privileged/,
    ],
    [
      'a namespace that is not there',
      [],
      { namespace: 'nowhere' },
      /^pod-failed: POST .*was answered 404.* The namespace of the pods is not there/,
    ],
    [
      'a quota',
      [
        {
          path: '/api/v1/namespaces/audits/pods',
          method: 'POST',
          effect: status(403, 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1'),
        },
      ],
      { namespace: 'audits' },
      /^forbidden: .*exceeded quota.* The quota or limits of the namespace do not allow the pod/,
    ],
    [
      'a webhook',
      [
        {
          path: '/api/v1/namespaces/audits/pods',
          method: 'POST',
          effect: status(400, 'admission webhook "policy.example" denied the request: no hostPath'),
        },
      ],
      { namespace: 'audits' },
      /^forbidden: .*denied the request: no hostPath\. A policy of the cluster refused the pod/,
    ],
  ])('%s', async (_name, apiFaults, pod, expected) => {
    const outcome = await collect({
      options: { apiFaults },
      pod,
      nodes: ['worker-1'],
      before: ({ pods }) => pods.put('namespaces', '', { metadata: { name: 'audits', uid: 'u', labels: {} } }),
    })
    expect(reason(outcome, 'worker-1')).toMatch(expected)
    expect(left()).toEqual(['/audits'])
  })

  test('who may not list events is told that they could not be read', async () => {
    const outcome = await collect({
      options: {
        podFaults: { 'worker-1': 'no-sandbox' },
        apiFaults: [
          { path: '/api/v1/namespaces/audits/events', effect: status(403, 'events is forbidden: User "auditor"') },
        ],
      },
      pod: { namespace: 'audits', timeoutSeconds: 4 },
      nodes: ['worker-1'],
      before: ({ pods }) => {
        const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' }
        pods.put('namespaces', '', { metadata: { name: 'audits', uid: 'u', labels } })
      },
    })
    expect(reason(outcome, 'worker-1')).toMatch(
      /^timeout: The pod did not start within 4 s: its container is being created \(its events could not be read: forbidden\)\.$/,
    )
  })

  test('a log that breaks off on the way is asked for again', async () => {
    const before = (started: SimulatedCluster) => {
      started.pods.onCreate = (name) => {
        const path = `/api/v1/namespaces/${name.replace(/-\d+$/, '')}/pods/${name}/log`
        started.api.setFault({ path, times: 1, effect: { kind: 'reset', afterBytes: 1000 } })
      }
    }
    expect(reason(await collect({ nodes: ['worker-1'], before }), 'worker-1')).toBe('read')
    expect(left()).toEqual([])
  })

  test('a namespace that is deleted in the middle takes no node along unnamed', async () => {
    const outcome = await collect({
      options: { podFaults: { 'worker-1': 'never-starts' } },
      nodes: ['worker-1', 'worker-2'],
      before: ({ pods }) => {
        pods.onCreate = (name) => {
          if (pods.created.length === 2) pods.remove('namespaces', '', name.replace(/-\d+$/, ''))
        }
      },
    })
    for (const node of ['worker-1', 'worker-2']) {
      expect(reason(outcome, node)).toMatch(/^pod-failed: .*namespace of the pods (?:was deleted|is not there)/)
    }
    expect(left()).toEqual([])
  })

  test('leftovers of an earlier run are removed, those of a run that may be alive are not', async () => {
    const room = (name: string, expires: number) => ({
      metadata: {
        name,
        uid: name,
        labels: { 'app.kubernetes.io/managed-by': 'kube-assay' },
        annotations: { 'kube-assay.io/expires': new Date(Date.now() + expires).toISOString() },
      },
    })
    const { notes } = await collect({
      nodes: ['worker-1'],
      before: ({ pods }) => {
        pods.put('namespaces', '', room('kube-assay-dead', -60_000))
        pods.put('pods', 'kube-assay-dead', room('kube-assay-dead-1', -60_000))
        pods.put('namespaces', '', room('kube-assay-alive', 60_000))
        pods.put('pods', 'kube-assay-alive', room('kube-assay-alive-1', 60_000))
        // Not ours, whatever it is called.
        pods.put('namespaces', '', { metadata: { name: 'kube-assay-site', uid: 's', labels: {} } })
      },
    })
    expect(notes).toEqual(['Removed namespaces that an earlier run had left: kube-assay-dead'])
    expect(left()).toEqual(['kube-assay-alive/kube-assay-alive-1', '/kube-assay-alive', '/kube-assay-site'])
  })

  test('an abort removes the pods that run', async () => {
    const controller = new AbortController()
    const outcome = await collect({
      options: { podFaults: { 'worker-1': 'hangs' } },
      nodes: ['worker-1'],
      signal: controller.signal,
      before: ({ pods }) => {
        pods.onCreate = () => setTimeout(() => controller.abort(), 500)
      },
    })
    expect(reason(outcome, 'worker-1')).toMatch(/interrupted/)
    expect(left()).toEqual([])
  })
})
