import { describe, expect, it } from 'vitest'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import type { Family } from '../../../../src/model/objects.ts'
import { type EvidenceRecord, evidenceRecordSchema } from '../../../../src/model/snapshot.ts'

function project(family: Family, raw: object) {
  const records: EvidenceRecord[] = []
  const problem = projectObject(family, raw, new Set(), (record) => records.push(record))
  if (problem !== undefined) return problem
  return records.map((record) =>
    record.record === 'object' ? evidenceRecordSchema.parse(record) && record.object : record,
  )
}

const meta = { name: 'x', namespace: 'n' }

describe('families without pods', () => {
  it.each<[string, Family, object, object]>([
    [
      'a Secret: metadata, without annotations',
      'secrets',
      {
        metadata: { ...meta, annotations: { a: 'hunter2' }, labels: { l: '1' } },
        data: { p: 'hunter2' },
        type: 'Opaque',
      },
      { ...meta, labels: { l: '1' } },
    ],
    [
      'a Namespace with its labels',
      'namespaces',
      { metadata: { name: 'n', namespace: '', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } },
      { name: 'n', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    ],
    ['a name the API server will choose', 'namespaces', { metadata: { generateName: 'run-' } }, { name: 'run-*' }],
    [
      'a ServiceAccount',
      'serviceaccounts',
      { metadata: meta, automountServiceAccountToken: false, secrets: [{ name: 's' }] },
      { ...meta, automountServiceAccountToken: false },
    ],
    [
      'a LimitRange',
      'limitranges',
      {
        metadata: meta,
        spec: {
          limits: [{ type: 'Container', default: { cpu: '1' }, min: { cpu: 0.1 }, maxLimitRequestRatio: { cpu: '2' } }],
        },
      },
      { ...meta, limits: [{ type: 'Container', default: { cpu: '1' }, min: { cpu: '0.1' } }] },
    ],
    ['a LimitRange without limits', 'limitranges', { metadata: meta }, { ...meta, limits: [] }],
    [
      'a ResourceQuota',
      'resourcequotas',
      { metadata: meta, spec: { hard: { pods: '10' } }, status: { used: { pods: '1' } } },
      { ...meta, hard: { pods: '10' } },
    ],
    [
      'a Role',
      'roles',
      { metadata: meta, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }] },
      { ...meta, rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] }] },
    ],
    [
      'an aggregated ClusterRole, kept up to date by the API server',
      'clusterroles',
      {
        metadata: { name: 'edit', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } },
        aggregationRule: {
          clusterRoleSelectors: [
            { matchLabels: { a: 'b' } },
            { matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] },
          ],
        },
        rules: null,
      },
      {
        name: 'edit',
        autoupdate: true,
        rules: [],
        aggregationSelectors: [
          { matchLabels: { a: 'b' } },
          { matchExpressions: [{ key: 'k', operator: 'In', values: ['v'] }] },
        ],
      },
    ],
    [
      'non-resource URLs',
      'clusterroles',
      { metadata: { name: 'x' }, rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] },
      { name: 'x', rules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }] },
    ],
    [
      'a binding',
      'rolebindings',
      {
        metadata: meta,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
        subjects: [
          { kind: 'ServiceAccount', name: 's', namespace: 'm' },
          { apiGroup: 'x', kind: 'Group', name: 'g' },
        ],
      },
      {
        ...meta,
        roleRef: { kind: 'ClusterRole', name: 'edit' },
        subjects: [
          { kind: 'ServiceAccount', name: 's', namespace: 'm' },
          { kind: 'Group', name: 'g' },
        ],
      },
    ],
    [
      'a binding of nobody',
      'clusterrolebindings',
      { metadata: { name: 'x' }, roleRef: { kind: 'ClusterRole', name: 'edit' } },
      { name: 'x', roleRef: { kind: 'ClusterRole', name: 'edit' }, subjects: [] },
    ],
    [
      'a node',
      'nodes',
      {
        metadata: {
          name: 'n1',
          labels: {
            'node-role.kubernetes.io/worker': '',
            'node-role.kubernetes.io/control-plane': '',
            'kubernetes.io/role': 'worker',
          },
          annotations: { a: 'hunter2' },
        },
        spec: {
          unschedulable: true,
          providerID: 'aws:///i-1',
          taints: [{ key: 'k', value: '', effect: 'NoSchedule', timeAdded: 't' }],
        },
        status: {
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
          capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '1Gi' },
          conditions: [{ type: 'Ready', status: 'False' }],
          nodeInfo: { kubeletVersion: 'v1.36.2', bootID: 'b', machineID: 'm', swap: { capacity: 1024 } },
          images: [{ names: ['x'] }],
        },
      },
      {
        name: 'n1',
        labels: {
          'kubernetes.io/role': 'worker',
          'node-role.kubernetes.io/control-plane': '',
          'node-role.kubernetes.io/worker': '',
        },
        roles: ['control-plane', 'worker'],
        unschedulable: true,
        taints: [{ key: 'k', effect: 'NoSchedule' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        capacity: { cpu: '4', memory: '8Gi', pods: '110', swap: '1024' },
        ready: false,
        providerID: 'aws:///i-1',
        machine: '01a60e35df88d8b49546cb3f8f4ba4f4',
        nodeInfo: { kubeletVersion: 'v1.36.2', bootID: 'b' },
      },
    ],
    [
      'a node that stopped reporting: ready is not known',
      'nodes',
      { metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } },
      { name: 'n1', roles: [], addresses: [], nodeInfo: {} },
    ],
  ])('%s', (_, family, raw, expected) => {
    expect(project(family, raw)).toEqual([expected])
  })

  it.each<[string, Family, object, string]>([
    ['a binding without a role', 'rolebindings', { metadata: meta }, 'n/x: kind'],
    [
      'a subject without a name',
      'rolebindings',
      { metadata: meta, roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User' }] },
      'n/x: name',
    ],
    ['verbs that are no list', 'roles', { metadata: meta, rules: [{ verbs: '*' }] }, 'n/x: verbs'],
    [
      'automounting as text',
      'serviceaccounts',
      { metadata: meta, automountServiceAccountToken: 'false' },
      'n/x: automountServiceAccountToken',
    ],
    [
      'an owner without a kind',
      'namespaces',
      { metadata: { name: 'x', ownerReferences: [{ name: 'o', controller: true }] } },
      'x: metadata.ownerReferences',
    ],
  ])('leaves out %s', (_, family, raw, problem) => {
    expect(project(family, raw)).toBe(problem)
  })
})
