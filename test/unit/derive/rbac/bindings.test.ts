import { describe, expect, it } from 'vitest'
import { deriveAccessUnits } from '../../../../src/derive/rbac/index.ts'
import { unavailable } from '../../../../src/model/fact.ts'
import type { BindingObject, RoleObject } from '../../../../src/model/objects.ts'
import { buildEvidence, type EvidenceParts, forbidden, manifests } from '../workloads/evidence-builder.ts'

type Subject = BindingObject['subjects'][number]
const derive = (parts: EvidenceParts) => deriveAccessUnits(buildEvidence(parts)).bindings
const account = (name: string, namespace = 'shop'): Subject => ({ kind: 'ServiceAccount', name, namespace })
const group = (name: string): Subject => ({ kind: 'Group', name })
const user = (name: string): Subject => ({ kind: 'User', name })
const binding = (name: string, roleRef: [string, string], subjects: Subject[], namespace?: string): BindingObject => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  roleRef: { kind: roleRef[0], name: roleRef[1] },
  subjects,
})
const role = (name: string, rules: RoleObject['rules'], namespace?: string): RoleObject => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  rules,
})
const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
const reading = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]

it('describes bindings of both kinds, sorted', () => {
  const units = derive({
    objects: {
      clusterrolebindings: [binding('ci', ['ClusterRole', 'admin-like'], [account('default'), user('jane')])],
      rolebindings: [
        binding('ci', ['Role', 'reader'], [group('devs')], 'shop'),
        binding('up', ['ClusterRole', 'admin-like'], [account('ci')], 'shop'),
      ],
      clusterroles: [role('admin-like', everything), role('reader', everything)],
      roles: [role('reader', reading, 'shop'), role('admin-like', reading, 'shop')],
    },
  })
  expect(units.map(({ identity, facts: { roleBinding } }) => ({ identity, facts: { roleBinding } }))).toEqual([
    {
      identity: { kind: 'bindings', id: 'ClusterRoleBinding/ci', name: 'ClusterRoleBinding ci' },
      facts: {
        roleBinding: {
          kind: 'ClusterRoleBinding',
          name: 'ci',
          namespace: '',
          roleKind: 'ClusterRole',
          roleName: 'admin-like',
          grantsEverything: true,
          tokenRemoval: '[]',
          isBuiltIn: false,
          subjects: [
            {
              kind: 'ServiceAccount',
              name: 'default',
              namespace: 'shop',
              isShared: true,
              isBootstrapToken: false,
            },
            { kind: 'User', name: 'jane', namespace: '', isShared: false, isBootstrapToken: false },
          ],
        },
      },
    },
    {
      identity: { kind: 'bindings', id: 'shop/RoleBinding/ci', name: 'RoleBinding shop/ci', namespace: 'shop' },
      facts: {
        roleBinding: {
          kind: 'RoleBinding',
          name: 'ci',
          namespace: 'shop',
          roleKind: 'Role',
          roleName: 'reader',
          grantsEverything: false,
          tokenRemoval: '[]',
          isBuiltIn: false,
          subjects: [{ kind: 'Group', name: 'devs', namespace: '', isShared: false, isBootstrapToken: false }],
        },
      },
    },
    {
      identity: { kind: 'bindings', id: 'shop/RoleBinding/up', name: 'RoleBinding shop/up', namespace: 'shop' },
      facts: {
        roleBinding: {
          kind: 'RoleBinding',
          name: 'up',
          namespace: 'shop',
          roleKind: 'ClusterRole',
          roleName: 'admin-like',
          grantsEverything: true,
          tokenRemoval: '[]',
          isBuiltIn: false,
          subjects: [
            { kind: 'ServiceAccount', name: 'ci', namespace: 'shop', isShared: false, isBootstrapToken: false },
          ],
        },
      },
    },
  ])
})

describe('a role that grants everything', () => {
  it.each<[string, RoleObject['rules'], boolean]>([
    ['all stars', everything, true],
    [
      'among others, with more beside',
      [...reading, { verbs: ['get', '*'], apiGroups: ['', '*'], resources: ['*', 'pods'] }],
      true,
    ],
    ['no rules', [], false],
    ['every verb of one group', [{ verbs: ['*'], apiGroups: [''], resources: ['*'] }], false],
    ['every resource to read', [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }], false],
    ['every subresource of one name', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*/status'] }], false],
    ['single objects only', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: ['x'] }], false],
    [
      'stars in different rules',
      [
        { verbs: ['*'], apiGroups: ['*'], resources: ['pods'] },
        { verbs: ['get'], apiGroups: ['*'], resources: ['*'] },
      ],
      false,
    ],
    ['URLs only', [{ verbs: ['*'], nonResourceURLs: ['*'] }], false],
  ])('%s', (_, rules, grantsEverything) => {
    const objects = { clusterrolebindings: [binding('b', ['ClusterRole', 'r'], [])], clusterroles: [role('r', rules)] }
    expect(derive({ objects })[0]?.facts.roleBinding).toMatchObject({ grantsEverything })
  })
})

it('takes the subjects of bootstrap tokens out in one go, from the end on', () => {
  const names = [
    'system:bootstrappers',
    'jane',
    'system:bootstrap:abcdef',
    'system:bootstrappers:own',
    'system:bootstrappersx',
  ]
  const subjects = names.map((name) => ({ kind: 'Group', name }))
  const objects = {
    clusterrolebindings: [binding('b', ['ClusterRole', 'r'], subjects)],
    clusterroles: [role('r', reading)],
  }
  const fact = derive({ objects })[0]?.facts.roleBinding
  expect(fact).toMatchObject({
    subjects: [true, false, true, true, false].map((isBootstrapToken) => ({ isBootstrapToken })),
  })
  const steps: { op: string; path: string }[] = JSON.parse((fact as { tokenRemoval: string }).tokenRemoval)
  expect(steps.filter(({ op }) => op === 'remove').map(({ path }) => path)).toEqual(
    [3, 2, 0].map((at) => `/subjects/${at}`),
  )
})

describe('a role that is not there', () => {
  const ofCluster = (name: string) => ({ clusterrolebindings: [binding('b', ['ClusterRole', name], [])] })
  const inNamespace = {
    rolebindings: [binding('b', ['Role', 'r'], [], 'shop')],
    roles: [role('r', everything, 'other')],
  }
  it.each<[string, EvidenceParts, unknown]>([
    ['grants nothing', { objects: ofCluster('cluster-admin') }, false],
    ['also one of another namespace', { objects: inNamespace }, false],
    [
      'may be behind a refused list',
      { objects: ofCluster('cluster-admin'), gaps: { clusterroles: forbidden } },
      forbidden,
    ],
    ['may be behind a refused list of roles', { objects: inNamespace, gaps: { roles: forbidden } }, forbidden],
    [
      'a list that was never asked for',
      { objects: ofCluster('r'), gaps: { clusterroles: 'not asked' } },
      unavailable('not-collected', 'The snapshot does not hold the list of clusterroles.'),
    ],
    [
      'what a partial list shows is known',
      { objects: { ...ofCluster('r'), clusterroles: [role('r', everything)] }, gaps: { clusterroles: forbidden } },
      true,
    ],
    ['the other list does not matter', { objects: ofCluster('r'), gaps: { roles: forbidden } }, false],
    [
      'in files',
      { objects: ofCluster('view'), source: manifests },
      unavailable('not-collected', 'ClusterRole view is not among the manifests.'),
    ],
    ['in files, but every API server makes it', { objects: ofCluster('cluster-admin'), source: manifests }, true],
    [
      'in files, a Role of that name is somebody’s own',
      { objects: { rolebindings: [binding('b', ['Role', 'cluster-admin'], [], 'shop')] }, source: manifests },
      unavailable('not-collected', 'Role cluster-admin is not among the manifests.'),
    ],
  ])('%s', (_, parts, expected) => {
    const fact = derive(parts)[0]?.facts.roleBinding
    expect(fact).toMatchObject(typeof expected === 'boolean' ? { grantsEverything: expected } : Object(expected))
  })
})

describe('an aggregated role', () => {
  const aggregated = (rules: RoleObject['rules']) => ({
    clusterrolebindings: [binding('b', ['ClusterRole', 'r'], [])],
    clusterroles: [{ ...role('r', rules), aggregationSelectors: [{ matchLabels: { a: 'b' } }] }],
  })
  it.each<[string, EvidenceParts, object]>([
    ['is read as the cluster filled it in', { objects: aggregated(everything) }, { grantsEverything: true }],
    ['also when that is little', { objects: aggregated(reading) }, { grantsEverything: false }],
    [
      'is open in files',
      { objects: aggregated([]), source: manifests },
      unavailable('not-collected', 'The cluster fills in the rules of aggregated ClusterRole r.'),
    ],
    [
      'unless its own rules are enough',
      { objects: aggregated(everything), source: manifests },
      { grantsEverything: true },
    ],
  ])('%s', (_, parts, expected) => {
    expect(derive(parts)[0]?.facts.roleBinding).toMatchObject(expected)
  })
})

describe('shared subjects', () => {
  it.each<[Subject, boolean]>([
    [account('default'), true],
    [account('ci'), false],
    [group('system:serviceaccounts'), true],
    [group('system:serviceaccounts:shop'), true],
    [group('system:authenticated'), true],
    [group('system:unauthenticated'), true],
    [group('system:masters'), false],
    [group('default'), false],
    [user('system:anonymous'), true],
    [user('system:serviceaccount:shop:default'), true],
    [user('system:serviceaccount:shop:ci'), false],
    [user('default'), false],
    [{ kind: 'Robot', name: 'default' }, false],
  ])('%j: %s', (subject, isShared) => {
    const fact = derive({ objects: { clusterrolebindings: [binding('b', ['ClusterRole', 'r'], [subject])] } })[0]?.facts
      .roleBinding
    expect(fact).toMatchObject({ subjects: [{ ...subject, isShared }] })
  })
})

describe('built-in bindings', () => {
  const masters = [group('system:masters')]
  const anonymous: [BindingObject, string] = [
    binding(
      'kubeadm:bootstrap-signer-clusterinfo',
      ['Role', 'kubeadm:bootstrap-signer-clusterinfo'],
      [user('system:anonymous')],
      'kube-public',
    ),
    'rolebindings',
  ]
  it.each<[string, BindingObject, string, boolean]>([
    ['cluster-admin', binding('cluster-admin', ['ClusterRole', 'cluster-admin'], masters), 'clusterrolebindings', true],
    [
      'kubeadm’s',
      binding('kubeadm:cluster-admins', ['ClusterRole', 'cluster-admin'], [group('kubeadm:cluster-admins')]),
      'clusterrolebindings',
      true,
    ],
    ['kubeadm’s cluster-info', ...anonymous, true],
    [
      'subjects in another order',
      binding(
        'system:public-info-viewer',
        ['ClusterRole', 'system:public-info-viewer'],
        [group('system:unauthenticated'), group('system:authenticated')],
      ),
      'clusterrolebindings',
      true,
    ],
    [
      'one subject more',
      binding('cluster-admin', ['ClusterRole', 'cluster-admin'], [...masters, user('jane')]),
      'clusterrolebindings',
      false,
    ],
    ['one subject less', binding('cluster-admin', ['ClusterRole', 'cluster-admin'], []), 'clusterrolebindings', false],
    [
      'another subject',
      binding('kubeadm:cluster-admins', ['ClusterRole', 'cluster-admin'], [user('kubeadm:cluster-admins')]),
      'clusterrolebindings',
      false,
    ],
    [
      'another role',
      binding('system:discovery', ['ClusterRole', 'cluster-admin'], [group('system:authenticated')]),
      'clusterrolebindings',
      false,
    ],
    [
      'another name',
      binding('cluster-admin-2', ['ClusterRole', 'cluster-admin'], masters),
      'clusterrolebindings',
      false,
    ],
    ['another namespace', { ...anonymous[0], namespace: 'default' }, 'rolebindings', false],
  ])('%s', (_, object, family, isBuiltIn) => {
    const fact = derive({ objects: { [family]: [object] } })[0]?.facts.roleBinding
    expect(fact).toMatchObject({ name: object.name, isBuiltIn })
  })
})
