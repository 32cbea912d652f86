import { describe, expect, it } from 'vitest'
import { deriveNamespaceUnits } from '../../../../src/derive/namespaces/index.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { Unit } from '../../../../src/model/unit.ts'
import {
  buildEvidence,
  controller,
  type EvidenceParts,
  forbidden,
  manifests,
  pod,
} from '../workloads/evidence-builder.ts'

const derive = (parts: EvidenceParts) => deriveNamespaceUnits(buildEvidence(parts))

/** Its own test has that. */
function withoutNetwork({ identity, facts: { networkIsolation: _, podAdmission: __, ...facts } }: Unit) {
  return { identity, facts }
}

describe('listed namespaces', () => {
  const objects: EvidenceParts['objects'] = {
    namespaces: [
      {
        name: 'shop',
        labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
      },
      { name: 'kube-system' },
    ],
    pods: [pod('a', 't'), pod('b', 't'), pod('c', 't', { namespace: 'elsewhere' })],
    limitranges: [
      { name: 'z', namespace: 'shop', limits: [{ type: 'Container', default: { memory: '1Gi' } }] },
      { name: 'a', namespace: 'shop', limits: [{ type: 'Pod', max: { cpu: '2' } }] },
      { name: 'z', namespace: 'elsewhere', limits: [{ type: 'Container', default: { memory: '1Gi' } }] },
    ],
    resourcequotas: [{ name: 'q', namespace: 'kube-system', hard: { 'requests.memory': '8Gi' } }],
  }
  it('have what bounds their pods', () => {
    expect(derive({ objects }).map(withoutNetwork)).toEqual([
      {
        identity: {
          kind: 'namespaces',
          id: 'namespace/kube-system',
          name: 'Namespace kube-system',
          namespace: 'kube-system',
          pods: 0,
        },
        facts: {
          namespacePolicies: {
            name: 'kube-system',
            pods: 0,
            isSystem: true,
            limitRanges: [],
            resourceQuotas: ['q'],
            podSecurityEnforce: '',
          },
          namespaceContents: { name: 'kube-system', objects: [] },
        },
      },
      {
        identity: {
          kind: 'namespaces',
          id: 'namespace/shop',
          name: 'Namespace shop',
          labels: {
            'pod-security.kubernetes.io/enforce': 'baseline',
            'pod-security.kubernetes.io/warn': 'restricted',
          },
          namespace: 'shop',
          pods: 2,
        },
        facts: {
          namespacePolicies: {
            name: 'shop',
            pods: 2,
            isSystem: false,
            limitRanges: ['a', 'z'],
            resourceQuotas: [],
            podSecurityEnforce: 'baseline',
          },
          namespaceContents: { name: 'shop', objects: ['Pod a', 'Pod b'] },
        },
      },
    ])
  })

  it.each(['pods', 'limitranges', 'resourcequotas'] as const)('say nothing without the list of %s', (family) => {
    expect(derive({ objects, gaps: { [family]: forbidden } }).map(({ facts }) => facts.namespacePolicies)).toEqual([
      forbidden,
      forbidden,
    ])
  })

  it('have no number of pods without their list', () => {
    expect(derive({ objects, gaps: { pods: forbidden } }).map(({ identity }) => identity.pods)).toEqual([
      undefined,
      undefined,
    ])
  })
})

it.each([
  ['kube-system', true],
  ['kube-public', true],
  ['kube-node-lease', true],
  ['default', false],
  ['kube-flannel', false],
  ['openshift-etcd', false],
])('%s is of Kubernetes itself: %s', (name, isSystem) => {
  expect(derive({ objects: { namespaces: [{ name }] } })[0]?.facts.namespacePolicies).toMatchObject({ name, isSystem })
})

describe('namespaces that only other objects name', () => {
  const objects: EvidenceParts['objects'] = {
    namespaces: [{ name: 'shop' }],
    pods: [pod('a', 't'), pod('b', 't', { namespace: 'seen' })],
    cronjobs: [controller('CronJob', 'c', 't', { namespace: 'jobs' })],
  }
  it.each<[string, EvidenceParts, unknown[]]>([
    [
      'are units without facts while the list is missing',
      { gaps: { namespaces: forbidden } },
      [
        ['namespace/jobs', forbidden],
        ['namespace/seen', forbidden],
      ],
    ],
    [
      'and in files',
      { source: manifests },
      [
        ['namespace/jobs', unavailable('not-collected', 'Namespace jobs is not among the manifests.')],
        ['namespace/seen', unavailable('not-collected', 'Namespace seen is not among the manifests.')],
      ],
    ],
    ['but no units beside a whole list', {}, []],
  ])('%s', (_, parts, expected) => {
    const units = derive({ objects, ...parts }).filter(({ identity }) => identity.id !== 'namespace/shop')
    expect(units.map(({ identity, facts }) => [identity.id, facts.namespacePolicies])).toEqual(expected)
  })
})

describe('what bounds no use of CPU or memory', () => {
  const bounds = (parts: EvidenceParts['objects']) => {
    const [unit] = derive({ objects: { namespaces: [{ name: 'shop' }], ...parts } })
    const fact = unit?.facts.namespacePolicies
    if (fact === undefined || isUnavailable(fact)) return 'nothing'
    return [...fact.limitRanges, ...fact.resourceQuotas].join(' ')
  }
  const range = (limit: {
    type: string
    default?: Record<string, string>
    max?: Record<string, string>
    min?: Record<string, string>
    defaultRequest?: Record<string, string>
  }) => ({
    limitranges: [{ name: 'r', namespace: 'shop', limits: [limit] }],
  })
  const quota = (hard: Record<string, string>, isScoped?: true) => ({
    resourcequotas: [{ name: 'q', namespace: 'shop', hard, ...(isScoped && { isScoped }) }],
  })

  it.each<[string, EvidenceParts['objects'], string]>([
    ['a LimitRange with nothing in it', { limitranges: [{ name: 'r', namespace: 'shop', limits: [] }] }, ''],
    ['one of claims', range({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), ''],
    ['one with least values only', range({ type: 'Container', min: { memory: '1Mi' } }), ''],
    ['one with default requests only', range({ type: 'Container', defaultRequest: { cpu: '1' } }), ''],
    ['one of disk', range({ type: 'Container', default: { 'ephemeral-storage': '1Gi' } }), ''],
    ['one of memory', range({ type: 'Container', default: { memory: '1Gi' } }), 'r'],
    ['a quota with nothing in it', quota({}), ''],
    ['one of counts', quota({ pods: '10', services: '5', 'count/jobs.batch': '4' }), ''],
    ['one of storage', quota({ 'requests.storage': '10Gi' }), ''],
    ['one of some pods only', quota({ cpu: '10' }, true), ''],
    ['one of CPU', quota({ 'limits.cpu': '10' }), 'q'],
    ['one in the short form', quota({ memory: '10Gi' }), 'q'],
  ])('%s', (_name, objects, expected) => {
    expect(bounds(objects)).toBe(expected)
  })
})
