import { describe, expect, it } from 'vitest'
import { deriveAccessUnits } from '../../../../src/derive/rbac/index.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { BindingObject } from '../../../../src/model/objects.ts'
import type { PodSpec, PodTemplate } from '../../../../src/model/pod.ts'
import {
  buildEvidence,
  controller,
  type EvidenceParts,
  forbidden,
  manifests,
  pod,
  spec,
} from '../workloads/evidence-builder.ts'

const template = (id: string, parts: Partial<PodSpec>): PodTemplate => ({ id, spec: spec(parts) })
const account = (name: string, automount?: boolean) => ({
  name,
  namespace: 'shop',
  ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
})
const binding = (name: string, roleName: string, subject: BindingObject['subjects'][number]): BindingObject => ({
  name,
  roleRef: { kind: 'ClusterRole', name: roleName },
  subjects: [subject],
})
const reader = { name: 'reader', rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] }
const empty = { name: 'empty', rules: [] }

function factOf(parts: EvidenceParts, id = 'shop/ServiceAccount/cart') {
  return deriveAccessUnits(buildEvidence(parts)).subjects.find(({ identity }) => identity.id === id)?.facts
    .serviceAccount
}
const source = 'the bindings of ServiceAccount shop/cart and its groups'
const cart = { name: 'cart', namespace: 'shop', exists: true, automount: 'unset', hasRights: { value: false, source } }
const use = (name: string, automount: string, mountsToken: boolean, pods = 1, kind = 'Pod') => ({
  value: { name, kind, pods, automount, mountsToken },
  source: `${kind} shop/${name}`,
})

describe('the token of a ServiceAccount', () => {
  // kube-bench counts "ServiceAccount unset, pod false" as bad: the pod wins
  it.each<[string, boolean | undefined, boolean | undefined, boolean]>([
    ['neither says anything', undefined, undefined, true],
    ['the ServiceAccount says no', false, undefined, false],
    ['the pod says no', undefined, false, false],
    ['the pod says no, the ServiceAccount yes', true, false, false],
    ['the pod says yes, the ServiceAccount no', false, true, true],
    ['both say yes', true, true, true],
  ])('%s', (_, ofAccount, ofPod, mountsToken) => {
    const parts: Partial<PodSpec> = {
      serviceAccountName: 'cart',
      ...(ofPod === undefined ? {} : { automountServiceAccountToken: ofPod }),
    }
    const fact = factOf({
      objects: { serviceaccounts: [account('cart', ofAccount)], pods: [pod('cart-1', 't')] },
      templates: [template('t', parts)],
    })
    const inWords = (value: boolean | undefined) => (value === undefined ? 'unset' : String(value))
    expect(fact).toEqual({
      ...cart,
      automount: inWords(ofAccount),
      workloads: [use('cart-1', inWords(ofPod), mountsToken)],
    })
  })

  it('goes to the pods of its workloads, by owner, and to no static pod', () => {
    const owner = { kind: 'ReplicaSet', name: 'cart-abc' }
    const parts: EvidenceParts = {
      objects: {
        serviceaccounts: [account('cart'), account('default')],
        pods: [
          pod('cart-1', 't', { owner }),
          pod('cart-2', 't', { owner }),
          pod('plain', 'none'),
          pod('kube-proxy-n1', 'none', { isMirror: true, owner: { kind: 'Node', name: 'n1' } }),
        ],
        replicasets: [controller('ReplicaSet', 'cart-abc', 't', { owner: { kind: 'Deployment', name: 'cart' } })],
        deployments: [controller('Deployment', 'cart', 't')],
      },
      templates: [template('t', { serviceAccountName: 'cart' }), template('none', {})],
    }
    expect(factOf(parts)).toEqual({ ...cart, workloads: [use('cart', 'unset', true, 2, 'Deployment')] })
    expect(factOf(parts, 'shop/ServiceAccount/default')).toMatchObject({ workloads: [use('plain', 'unset', true)] })
  })

  it('is open where pods could not be read', () => {
    const parts = { objects: { serviceaccounts: [account('cart')] }, gaps: { pods: forbidden } }
    expect(factOf(parts)).toEqual({ ...cart, workloads: [forbidden] })
  })
})

describe('the rights of a ServiceAccount', () => {
  const own = { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' }
  const group = (name: string) => ({ kind: 'Group', name })
  const discovery = { name: 'system:discovery', rules: [{ verbs: ['get'], nonResourceURLs: ['/api', '/apis'] }] }
  it.each<[string, EvidenceParts, unknown]>([
    ['none', {}, { value: false, source }],
    ['its own', { objects: { clusterrolebindings: [binding('b', 'reader', own)] } }, { value: true, source }],
    [
      'by its user name',
      {
        objects: {
          clusterrolebindings: [binding('b', 'reader', { kind: 'User', name: 'system:serviceaccount:shop:cart' })],
        },
      },
      { value: true, source },
    ],
    [
      'of its namespace',
      { objects: { clusterrolebindings: [binding('b', 'reader', group('system:serviceaccounts:shop'))] } },
      { value: true, source },
    ],
    [
      'of another namespace',
      { objects: { clusterrolebindings: [binding('b', 'reader', group('system:serviceaccounts:infra'))] } },
      { value: false, source },
    ],
    [
      'what Kubernetes gives everybody',
      {
        objects: {
          clusterrolebindings: [binding('system:discovery', 'system:discovery', group('system:authenticated'))],
        },
      },
      { value: false, source },
    ],
    [
      'a role without rules',
      { objects: { clusterrolebindings: [binding('b', 'empty', own)] } },
      { value: false, source },
    ],
    [
      'a role that is not there',
      { objects: { clusterrolebindings: [binding('b', 'gone', own)] } },
      { value: false, source },
    ],
    [
      'bindings outside the files',
      { source: manifests },
      unavailable('not-collected', 'The manifests need not hold every binding of the cluster.'),
    ],
    ['bindings that nobody saw', { gaps: { rolebindings: forbidden } }, forbidden],
    [
      'a role that nobody saw',
      { objects: { clusterrolebindings: [binding('b', 'gone', own)] }, gaps: { clusterroles: forbidden } },
      forbidden,
    ],
  ])('%s', (_, parts, hasRights) => {
    const objects = { serviceaccounts: [account('cart')], clusterroles: [reader, empty, discovery], ...parts.objects }
    expect(factOf({ ...parts, objects })).toMatchObject({ hasRights })
  })
})

describe('a ServiceAccount that only a binding names', () => {
  const objects = {
    clusterrolebindings: [binding('b', 'reader', { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' })],
  }
  it.each<[string, EvidenceParts, unknown]>([
    ['does not exist', { objects }, { exists: false }],
    ['may exist', { objects, gaps: { serviceaccounts: forbidden } }, forbidden],
    ['need not be in the files', { objects, source: manifests }, { exists: false }],
  ])('%s', (_, parts, expected) => expect(factOf(parts)).toMatchObject(Object(expected)))
})

describe('what a binding refers to', () => {
  const referencesOf = (parts: EvidenceParts) =>
    deriveAccessUnits(buildEvidence(parts)).bindings.map(({ facts }) => facts.bindingReferences)
  const own = { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' }
  const base = {
    kind: 'ClusterRoleBinding',
    namespace: '',
    roleKind: 'ClusterRole',
    isBuiltIn: false,
    subjects: 1,
    removal: '[]',
    duplicateOf: '',
  }
  const listed = (value: boolean) => [
    { name: 'cart', namespace: 'shop', exists: { value, source: 'the list of serviceaccounts' } },
  ]
  const roleExists = (value: boolean) => ({ value, source: 'ClusterRoleBinding b: roleRef' })
  it.each<[string, EvidenceParts, unknown]>([
    [
      'is there',
      {
        objects: {
          clusterrolebindings: [binding('b', 'reader', own)],
          clusterroles: [reader],
          serviceaccounts: [account('cart')],
        },
      },
      { ...base, name: 'b', roleName: 'reader', roleExists: roleExists(true), accounts: listed(true) },
    ],
    [
      'is not there',
      { objects: { clusterrolebindings: [binding('b', 'reader', own)] } },
      {
        ...base,
        name: 'b',
        roleName: 'reader',
        roleExists: roleExists(false),
        accounts: listed(false),
        removal: '[{"op":"test","path":"/subjects/0/name","value":"cart"},{"op":"remove","path":"/subjects/0"}]',
      },
    ],
    [
      'could not be read',
      {
        objects: { clusterrolebindings: [binding('b', 'reader', own)] },
        gaps: { clusterroles: forbidden, serviceaccounts: forbidden },
      },
      {
        ...base,
        name: 'b',
        roleName: 'reader',
        roleExists: forbidden,
        accounts: [{ name: 'cart', namespace: 'shop', exists: forbidden }],
      },
    ],
    [
      'is a user, which nobody lists',
      {
        objects: {
          clusterrolebindings: [binding('b', 'reader', { kind: 'User', name: 'jane' })],
          clusterroles: [reader],
        },
      },
      { ...base, name: 'b', roleName: 'reader', roleExists: roleExists(true), accounts: [] },
    ],
  ])('%s', (_, parts, expected) => expect(referencesOf(parts)).toEqual([expected]))

  it('goes all at once, from the last place on', () => {
    const subjects = ['gone', 'cart', 'lost'].map((name) => ({ ...own, name }))
    const facts = referencesOf({
      objects: {
        clusterrolebindings: [{ ...binding('b', 'reader', own), subjects }],
        clusterroles: [reader],
        serviceaccounts: [account('cart')],
      },
    })
    const steps = [
      { op: 'test', path: '/subjects/2/name', value: 'lost' },
      { op: 'remove', path: '/subjects/2' },
      { op: 'test', path: '/subjects/0/name', value: 'gone' },
      { op: 'remove', path: '/subjects/0' },
    ]
    expect(facts).toMatchObject([{ removal: JSON.stringify(steps) }])
  })

  it('is said twice', () => {
    const jane = { kind: 'User', name: 'jane' }
    const two = (name: string, ...subjects: BindingObject['subjects']) => ({
      ...binding(name, 'reader', jane),
      subjects,
    })
    const all = referencesOf({
      objects: {
        clusterrolebindings: [two('c', own, jane), two('a', jane, own), two('d', jane), two('e'), two('f')],
        rolebindings: [{ ...two('b', jane, own), namespace: 'shop' }],
        clusterroles: [reader],
      },
    })
    expect(all.map((fact) => (fact !== undefined && 'name' in fact ? [fact.name, fact.duplicateOf] : fact))).toEqual([
      ['a', ''],
      ['c', 'a'],
      ['d', ''],
      ['e', ''],
      ['f', ''],
      ['b', ''],
    ])
  })
})
