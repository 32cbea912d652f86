// The API server's own word on its flags: whose it is, what it gives where nothing else does, and where it contradicts the manifest.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deriveFacts } from '../../../../src/derive/index.ts'
import type { ComponentEvidence } from '../../../../src/model/component-evidence.ts'
import type { NodeObject } from '../../../../src/model/objects.ts'
import { demoComponentBodies } from '../../../../src/simulator/component-endpoints.ts'
import { buildHost, buildProcess } from '../host-builder.ts'
import { buildEvidence } from '../workloads/evidence-builder.ts'

const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'

function node(name: string, address: string): NodeObject {
  const nodeInfo = { kubeletVersion: 'v1.36.2' }
  return { name, roles: ['control-plane'], addresses: [{ type: 'InternalIP', address }], nodeInfo }
}
function flagz(values: Record<string, string>): ComponentEvidence {
  return { component: 'kube-apiserver', endpoint: 'flagz', source: 'GET /flagz', observedAt: 'now', answer: { values } }
}
function demoFlags(own: Record<string, string> = {}): Record<string, string> {
  const body = demoComponentBodies(true)['/flagz']
  return { ...(body !== undefined && 'flags' in body ? Object(body.flags) : {}), ...own }
}
function apiServerOf(values: Record<string, string>, nodes: readonly NodeObject[]) {
  const set = deriveFacts({ ...buildEvidence({ objects: { nodes } }), components: [flagz(values)] })
  return set.units.nodes.map(({ facts }) => facts.apiServer)
}

describe('without the host', () => {
  it('belongs to the node whose address the API server advertises', () => {
    const [first, third] = apiServerOf(demoFlags(), [node('cp-1', '127.0.10.1'), node('cp-3', '127.0.10.3')])
    expect(first).toHaveProperty('unavailable.reason', 'not-collected')
    expect(third).toMatchObject({
      runs: { value: true, source: 'GET /flagz' },
      authorizationModes: { value: ['Node', 'RBAC'], source: '--authorization-mode of GET /flagz' },
      anonymousAuthentication: { value: true, source: '--anonymous-auth of GET /flagz' },
      auditLogPath: { value: '' },
      serviceAccountKeyFiles: { value: ['/etc/kubernetes/pki/sa.pub'] },
      requestTimeoutSeconds: { value: 60 },
    })
  })
  it.each([
    ['no node has the address', { 'advertise-address': '10.9.9.9' }],
    ['no address', { 'advertise-address': '' }],
  ])('%s: it is nobody’s', (_name, own) => {
    expect(apiServerOf(demoFlags(own), [node('cp-3', '127.0.10.3')])).toEqual([
      { unavailable: { reason: 'not-collected', detail: 'The host of this node was not read.' } },
    ])
  })
  it('two nodes with one address are not told apart', () => {
    const both = apiServerOf(demoFlags(), [node('a', '127.0.10.3'), node('b', '127.0.10.3')])
    expect(both.map((fact) => fact !== undefined && 'unavailable' in fact)).toEqual([true, true])
  })
  const sample = join(import.meta.dirname, '../../../../../shared/reference/structured-auth/flagz.json')
  it.skipIf(!existsSync(sample))('reads the answer of a real 1.36 server', () => {
    const { flags } = JSON.parse(readFileSync(sample, 'utf8'))
    const [fact] = apiServerOf(flags, [node('cp-1', '127.0.0.1')])
    expect(fact).toMatchObject({
      profiling: { value: true },
      auditLogMaxAge: { value: 366, source: '--audit-log-maxage of GET /flagz' },
      auditPolicyFile: { value: '' },
      // The sample runs with --authorization-config, whose file only the host has.
      authorizationModes: { unavailable: { reason: 'not-collected' } },
    })
  })
})

describe('against the manifest', () => {
  const written = (...flags: string[]) =>
    JSON.stringify({
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'kube-apiserver' },
      spec: { containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', ...flags] }] },
    })
  const differencesOf = (manifestFlags: string[], values: Record<string, string>) => {
    const kubelet = buildProcess('kubelet', '--pod-manifest-path=/etc/kubernetes/manifests')
    const server = { pid: 9, name: 'kube-apiserver', arguments: ['kube-apiserver', ...manifestFlags] }
    const host = buildHost({
      processes: [kubelet, server],
      files: { [manifest]: written(...manifestFlags) },
      directories: { '/etc/kubernetes/manifests': ['kube-apiserver.yaml'] },
    })
    const set = deriveFacts({
      ...buildEvidence({ objects: { nodes: [node('cp-3', '127.0.10.3')] } }),
      nodes: [{ node: 'cp-3', host }],
      components: [flagz({ 'advertise-address': '127.0.10.3', ...values })],
    })
    const fact = set.units.nodes[0]?.facts.staticPods
    if (fact === undefined || 'unavailable' in fact) throw new Error(fact?.unavailable.detail ?? 'no fact')
    return fact.differences
  }
  it.each([
    [
      'the same in other words',
      ['--request-timeout=60s', '--authorization-mode=Node,RBAC'],
      { 'request-timeout': '1m0s', 'authorization-mode': '[Node,RBAC]' },
    ],
    ['maps without order', ['--feature-gates=B=true,A=false'], { 'feature-gates': 'A=false,B=true' }],
    ['a flag that the server does not show', ['--profiling=false'], {}],
    ['a default', [], { profiling: 'true' }],
    ['one that is hidden', ['--x=1'], { x: 'CLASSIFIED' }],
  ] satisfies [string, string[], Record<string, string>][])('%s is no difference', (_name, flags, values) => {
    expect(differencesOf(flags, values)).toEqual([])
  })
  it.each([
    [
      'an order that counts',
      '--authorization-mode=RBAC,Node',
      { 'authorization-mode': '[Node,RBAC]' },
      'RBAC,Node',
      'Node,RBAC (GET /flagz)',
    ],
    [
      'one that is not set',
      '--audit-log-path=/var/log/audit.log',
      { 'audit-log-path': '' },
      '/var/log/audit.log',
      'not set (GET /flagz)',
    ],
    ['another value', '--profiling=false', { profiling: 'true' }, 'false', 'true (GET /flagz)'],
  ] as const)('%s is one', (_name, flag, values, configured, running) => {
    expect(differencesOf([flag], values)).toEqual([
      { component: 'kube-apiserver', flag: flag.split('=')[0], configured, running, source: manifest },
    ])
  })
})
