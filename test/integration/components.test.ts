// /configz and /flagz over real HTTPS from the simulated API server, on good and on bad days.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectComponents } from '../../src/collect/components.ts'
import type { ComponentEvidence } from '../../src/model/component-evidence.ts'
import { resultSchema } from '../../src/model/result.ts'
import type { Fault } from '../../src/simulator/api-faults.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { openKubeSource } from '../../src/transport/kube.ts'
import { runCli } from '../support/cli.ts'

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

test('an audit by the API alone answers for the kubelets, by their own word', { timeout: 120_000 }, async () => {
  const output = join(cluster.folder, 'api-only')
  const { code, stderr } = await runCli([
    '--quiet',
    'audit',
    ...['--kubeconfig', cluster.kubeconfig, '--node-access', 'api', '--format', 'json', '--output', output],
  ])
  expect([code, stderr]).toEqual([0, ''])
  const result = resultSchema.parse(JSON.parse(await readFile(join(output, 'result.json'), 'utf8')))
  const outcomes = Object.fromEntries(
    result.rules
      .filter(({ id }) => Object.hasOwn(expected, id))
      .map(({ id, outcome, counts }) => [id, [outcome, counts.unknown]]),
  )
  expect(outcomes).toEqual(expected)
  const findings = result.rules.find(({ id }) => id === 'kubelet-pod-pids-limit')?.findings ?? []
  expect(findings.map(({ unit, evidence }) => [unit.name, evidence[0]?.source])).toEqual(
    ['cp-3', 'worker-1', 'worker-2', 'worker-3'].map((node) => [node, `GET ${pathOf(node)}`]),
  )
})

/** CIS 4.2 by rule: outcome, and nodes for which the API cannot tell. */
const expected: Readonly<Record<string, readonly [string, number]>> = {
  'kubelet-anonymous-authentication': ['pass', 0],
  'kubelet-authorization-mode': ['pass', 0],
  'kubelet-client-ca': ['pass', 0],
  'kubelet-read-only-port': ['pass', 0],
  'kubelet-streaming-idle-timeout': ['pass', 0],
  'iptables-util-chains': ['pass', 0],
  'kubelet-hostname-override': ['pass', 0],
  'kubelet-event-rate': ['pass', 0],
  'kubelet-certificate-rotation': ['pass', 0],
  'kubelet-tls-cipher-suites': ['fail', 0],
  'kubelet-pod-pids-limit': ['fail', 0],
  'kubelet-seccomp-default': ['fail', 0],
  // Made by the kubelet itself, or set: not to be told.
  'kubelet-serving-certificate': ['unknown', 6],
  'kubelet-configuration-mode': ['unknown', 6],
  'kubelet-running-configuration': ['unknown', 6],
}
