import { describe, expect, it } from 'vitest'
import { deriveFacts } from '../../../src/derive/index.ts'
import type { Evidence } from '../../../src/model/evidence.ts'
import { isUnavailable } from '../../../src/model/fact.ts'
import { factNames, facts } from '../../../src/model/facts.ts'
import type { NodeEvidence } from '../../../src/model/node-evidence.ts'
import type { FactSet } from '../../../src/model/unit.ts'
import { buildHost, buildProcess, denied } from './host-builder.ts'
import { buildNode } from './node-builder.ts'
import { buildEvidence, type EvidenceParts, forbidden } from './workloads/evidence-builder.ts'

const hostFacts = factNames.filter(
  (name) => facts[name].host && facts[name].each === 'nodes' && name !== 'distribution',
)

function evidence(parts: EvidenceParts, nodes: readonly NodeEvidence[] = []): Evidence {
  return { ...buildEvidence(parts), nodes }
}

function nodeOf(set: FactSet, name: string) {
  const unit = set.units.nodes.find((candidate) => candidate.identity.name === name)
  if (unit === undefined) throw new Error(`no unit ${name}`)
  return unit
}

const unreachable = { unavailable: { reason: 'unreachable', detail: 'Connection refused.' } } as const
const allowing = (node: string, ...patterns: readonly string[]): NodeEvidence => ({
  node,
  host: buildHost({
    processes: [
      buildProcess('kubelet', ...(patterns.length > 0 ? [`--allowed-unsafe-sysctls=${patterns.join(',')}`] : [])),
    ],
  }),
})
const node = (name: string) => buildNode(name, { kubeletVersion: 'v1.34.1', osImage: 'Debian' })

describe('node units', () => {
  it('are the nodes of the API and those of the collector', () => {
    const set = deriveFacts(
      evidence({ objects: { nodes: [node('b'), node('a')] } }, [
        { node: 'b', host: unreachable },
        { node: 'c', host: buildHost({}) },
      ]),
    )
    expect(set.units.nodes.map(({ identity }) => identity)).toEqual([
      { kind: 'nodes', id: 'node/a', name: 'a', node: 'a' },
      { kind: 'nodes', id: 'node/b', name: 'b', node: 'b' },
      { kind: 'nodes', id: 'node/c', name: 'c', node: 'c' },
    ])
    expect(nodeOf(set, 'c').facts.node).toEqual({
      unavailable: { reason: 'not-found', detail: 'The API server lists no node of this name.' },
    })
  })

  it.each([
    ['a', { unavailable: { reason: 'not-collected', detail: 'The host of this node was not read.' } }],
    ['b', unreachable],
  ])('%s: every host fact says why nothing is known', (name, reason) => {
    const set = deriveFacts(
      evidence({ objects: { nodes: [node('a'), node('b')] } }, [{ node: 'b', host: unreachable }]),
    )
    const { node: fromApi, supportStatus, distribution: _distribution, ...rest } = nodeOf(set, name).facts
    expect(fromApi).toEqual({
      name,
      roles: ['worker'],
      kubeletVersion: { value: 'v1.34.1', source: `status.nodeInfo.kubeletVersion of node ${name}` },
      kubeletMinor: { value: 34, source: `status.nodeInfo.kubeletVersion of node ${name}` },
      containerRuntimeVersion: {
        unavailable: {
          reason: 'not-found',
          detail: `status.nodeInfo.containerRuntimeVersion of node ${name} is empty: the kubelet has not reported it.`,
        },
      },
      osImage: { value: 'Debian', source: `status.nodeInfo.osImage of node ${name}` },
      kernelVersion: {
        unavailable: {
          reason: 'not-found',
          detail: `status.nodeInfo.kernelVersion of node ${name} is empty: the kubelet has not reported it.`,
        },
      },
    })
    // The API tells versions as well.
    expect(supportStatus).toMatchObject({ kubelet: { name: { value: 'Kubernetes 1.34.1' } } })
    const others = hostFacts.filter((fact) => fact !== 'supportStatus')
    expect(rest).toEqual(Object.fromEntries(others.map((fact) => [fact, reason])))
  })

  it('have no observed value where a host with no evidence at all was read', () => {
    const set = deriveFacts(evidence({ gaps: { nodes: forbidden } }, [{ node: 'c', host: buildHost({}) }]))
    const observed = JSON.stringify(nodeOf(set, 'c').facts).match(/"value":/g)
    expect(observed).toBeNull()
    expect(nodeOf(set, 'c').facts.node).toEqual(forbidden)
    expect(set.missingUnits).toEqual({ nodes: { ...forbidden, family: 'nodes' } })
  })

  it.each(factNames)('%s has the shape that rules rely on', (name) => {
    const definition = facts[name]
    const set = deriveFacts(
      evidence({ objects: { nodes: [node('a')], namespaces: [{ name: 'x' }] } }, [
        allowing('a', 'net.*'),
        { node: 'z', host: denied },
      ]),
    )
    for (const unit of set.units[definition.each]) {
      const fact = unit.facts[name]
      if (!isUnavailable(fact)) expect(definition.schema.safeParse(fact).error).toBeUndefined()
    }
  })

  it.each([
    ['v1.36.2', { gitVersion: 'v1.36.2', major: 1, minor: 36 }],
    ['v1.30.1+k3s1', { gitVersion: 'v1.30.1+k3s1', major: 1, minor: 30 }],
    ['v1.29.0-eks-5e0fdde', { gitVersion: 'v1.29.0-eks-5e0fdde', major: 1, minor: 29 }],
    ['latest', { unavailable: { reason: 'malformed', detail: 'The API server calls its version "latest".' } }],
  ])('the cluster of version %s', (version, expected) => {
    const base = evidence({})
    const header = { ...base.header, cluster: { ...base.header.cluster, version } }
    expect(deriveFacts({ ...base, header }).cluster).toMatchObject({
      identity: { kind: 'cluster', id: 'cluster', name: 'test' },
      facts: { clusterVersion: expected },
    })
  })

  it('keeps why the version of the cluster is not known', () => {
    const base = evidence({})
    const header = { ...base.header, cluster: { ...base.header.cluster, version: forbidden } }
    expect(deriveFacts({ ...base, header }).cluster.facts.clusterVersion).toEqual(forbidden)
  })
})

describe('unsafeSysctlSupport', () => {
  const source = '--allowed-unsafe-sysctls of pid 812'
  const uniform = (value: boolean) => ({ value, source: 'kubelet configuration of the nodes' })
  const nodes = ['a', 'b', 'c'].map(node)

  it.each<[string, readonly NodeEvidence[], unknown]>([
    [
      'all refuse',
      [allowing('a'), allowing('b'), allowing('c')],
      { allowing: [], refusing: ['a', 'b', 'c'], unknown: [], isUniform: uniform(true) },
    ],
    [
      'all allow the same, in any order',
      [
        allowing('a', 'net.*', 'kernel.msg*'),
        allowing('b', 'kernel.msg*', 'net.*'),
        allowing('c', 'net.*', 'kernel.msg*'),
      ],
      {
        allowing: [
          { node: 'a', patterns: ['net.*', 'kernel.msg*'], source },
          { node: 'b', patterns: ['kernel.msg*', 'net.*'], source },
          { node: 'c', patterns: ['net.*', 'kernel.msg*'], source },
        ],
        refusing: [],
        unknown: [],
        isUniform: uniform(true),
      },
    ],
    [
      'two differ, whatever the third does',
      [allowing('a', 'net.*'), allowing('b')],
      {
        allowing: [{ node: 'a', patterns: ['net.*'], source }],
        refusing: ['b'],
        unknown: ['c'],
        isUniform: uniform(false),
      },
    ],
    [
      'the unknown ones could differ',
      [allowing('b')],
      {
        allowing: [],
        refusing: ['b'],
        unknown: ['a', 'c'],
        isUniform: {
          unavailable: { reason: 'not-collected', detail: 'The kubelet configuration of a and 1 more is not known.' },
        },
      },
    ],
  ])('%s', (_name, hosts, expected) => {
    expect(deriveFacts(evidence({ objects: { nodes } }, hosts)).cluster.facts.unsafeSysctlSupport).toEqual(expected)
  })

  it('is not known while nodes may be missing from the list', () => {
    const parts = { objects: { nodes }, gaps: { nodes: forbidden } }
    expect(deriveFacts(evidence(parts, [allowing('a')])).cluster.facts.unsafeSysctlSupport).toEqual(forbidden)
  })
})

describe('missingUnits', () => {
  it.each<[string, EvidenceParts, unknown]>([
    ['nothing', {}, {}],
    [
      'the first list of a kind',
      { gaps: { daemonsets: forbidden, jobs: forbidden } },
      { workloads: { ...forbidden, family: 'daemonsets' } },
    ],
    [
      'lists never asked for',
      { gaps: { namespaces: 'not asked', rolebindings: forbidden } },
      {
        namespaces: {
          unavailable: { reason: 'not-collected', detail: 'The snapshot does not hold the list of namespaces.' },
          family: 'namespaces',
        },
        bindings: { ...forbidden, family: 'rolebindings' },
        subjects: { ...forbidden, family: 'rolebindings' },
      },
    ],
  ])('%s', (_name, parts, expected) => {
    expect(deriveFacts(evidence(parts)).missingUnits).toEqual(expected)
  })
})
