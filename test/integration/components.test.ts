// /configz and /flagz over real HTTPS from the simulated API server, on good and on bad days.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectComponents } from '../../src/collect/components.ts'
import type { ComponentEvidence } from '../../src/model/component-evidence.ts'
import type { Fault } from '../../src/simulator/api-faults.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { openKubeSource } from '../../src/transport/kube.ts'

let cluster: SimulatedCluster
beforeAll(async () => {
  cluster = await startSimulatedCluster({ source: { kind: 'demo', flagz: true }, hosts: false })
})
afterAll(() => cluster.close())

const pathOf = (node: string) => `/api/v1/nodes/${node}/proxy/configz`

async function ask(faults: readonly Fault[] = []): Promise<ReadonlyMap<string, ComponentEvidence['answer']>> {
  const undo = faults.map((fault) => cluster.api.setFault(fault))
  const source = await openKubeSource({
    kubeconfig: cluster.kubeconfig,
    limits: { timeoutMs: 500, connectTimeoutMs: 2_000 },
    retries: { attempts: 2, baseMs: 10 },
  })
  const answers = new Map<string, ComponentEvidence['answer']>()
  const flags = new Set<string>()
  try {
    await collectComponents({
      source,
      kubelets: cluster.nodeNames,
      apiServer: true,
      concurrency: 3,
      signal: new AbortController().signal,
      emit: (record) => {
        if (record.record !== 'component') return
        const { node, component, endpoint, answer } = record.evidence
        if (component === 'kubelet' && endpoint === 'flagz') flags.add(node ?? '')
        else answers.set(node ?? 'API server', answer)
      },
    })
  } finally {
    await source.close()
    for (const take of undo) take()
  }
  // A kubelet is asked for its flags where it answered for its configuration.
  const answered = [...answers].flatMap(([name, answer]) => ('values' in answer && name !== 'API server' ? [name] : []))
  expect([...flags].toSorted()).toEqual(answered.toSorted())
  return answers
}

test('every kubelet and the API server answer', async () => {
  const answers = await ask()
  expect([...answers.keys()].toSorted()).toEqual(['API server', ...cluster.nodeNames].toSorted())
  expect(answers.get('cp-1')).toMatchObject({ values: { protectKernelDefaults: true, podPidsLimit: 4096 } })
  expect(answers.get('API server')).toMatchObject({ values: { 'advertise-address': '127.0.10.3', profiling: 'true' } })
  const accepted = cluster.api.requests.filter(({ path }) => path === '/flagz').map(({ accept }) => accept)
  expect(accepted[0]).toMatch(/as=Flagz, .*as=Flagz, text\/plain/)
})

test('each failure is named, and costs nobody else the answer', async () => {
  const answers = await ask([
    { path: pathOf('cp-1'), effect: { kind: 'status', status: 403, message: 'cannot get resource "nodes/proxy"' } },
    { path: pathOf('cp-2'), effect: { kind: 'status', status: 503, message: 'dial tcp: no route' } },
    { path: pathOf('cp-3'), effect: { kind: 'hang' } },
    { path: pathOf('worker-1'), effect: { kind: 'malformed' } },
    { path: pathOf('worker-2'), effect: { kind: 'answer', status: 200, body: '{"kubeletconfig":"no"}' } },
    { path: '/flagz', effect: { kind: 'status', status: 404 } },
  ])
  const reasons = Object.fromEntries(
    [...answers].map(([name, answer]) => [name, 'unavailable' in answer ? answer.unavailable.reason : 'read']),
  )
  expect(reasons).toEqual({
    'cp-1': 'forbidden',
    'cp-2': 'server-error',
    'cp-3': 'timeout',
    'worker-1': 'malformed',
    'worker-2': 'malformed',
    'worker-3': 'read',
    'API server': 'not-found',
  })
})

test('an answer without end is cut off', async () => {
  const endless = JSON.stringify({ kubeletconfig: { x: 'x'.repeat(3 * 1_048_576) } })
  const answers = await ask([{ path: pathOf('cp-1'), effect: { kind: 'answer', status: 200, body: endless } }])
  expect(answers.get('cp-1')).toMatchObject({ unavailable: { reason: 'too-large' } })
})
