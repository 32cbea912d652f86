import { describe, expect, it } from 'vitest'
import { deriveAccessUnits } from '../../../../src/derive/rbac/index.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import type { BindingObject, RoleObject } from '../../../../src/model/objects.ts'
import type { Unit } from '../../../../src/model/unit.ts'
import { buildEvidence, type EvidenceParts, forbidden, manifests } from '../workloads/evidence-builder.ts'

type Rules = RoleObject['rules']
type Subject = BindingObject['subjects'][number]
const jane: Subject = { kind: 'User', name: 'jane' }
const account = (name: string, namespace = 'shop'): Subject => ({ kind: 'ServiceAccount', name, namespace })
const group = (name: string): Subject => ({ kind: 'Group', name })
const role = (name: string, rules: Rules, parts: Partial<RoleObject> = {}): RoleObject => ({ name, rules, ...parts })
const binding = (name: string, roleRef: [string, string], subjects: Subject[], namespace?: string): BindingObject => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
  roleRef: { kind: roleRef[0], name: roleRef[1] },
  subjects,
})
const rule = (verbs: string, group: string, resources: string, names?: string): Rules[number] => ({
  verbs: verbs.split(','),
  apiGroups: [group],
  resources: resources.split(','),
  ...(names === undefined ? {} : { resourceNames: names.split(',') }),
})
const everything = rule('*', '*', '*')
const rbac = 'rbac.authorization.k8s.io'

function subjects(parts: EvidenceParts): ReadonlyMap<string, Unit> {
  return new Map(deriveAccessUnits(buildEvidence(parts)).subjects.map((unit) => [unit.identity.id, unit]))
}

/** "capability: permission [in namespace] [named …]" of every list that holds something. */
function risks(unit: Unit | undefined): string[] {
  const fact = unit?.facts.riskyPermissions
  if (fact === undefined || isUnavailable(fact)) throw new Error('no fact')
  const {
    kind,
    name,
    namespace,
    isShared,
    isSystemMasters,
    mayDoEverything,
    bindings,
    reachesServiceAccounts,
    ...lists
  } = fact
  return Object.entries(lists).flatMap(([capability, permissions]) =>
    permissions.map((one) => {
      if (isUnavailable(one)) return `${capability}: ${one.unavailable.reason}`
      return `${capability}: ${one.value.permission}${one.value.namespace && ` in ${one.value.namespace}`}`
    }),
  )
}

/** Of user jane, bound to a ClusterRole with these rules in the cluster, or in a namespace. */
function risksOf(rules: Rules, namespace?: string): string[] {
  const made = binding('b', ['ClusterRole', 'r'], [jane], namespace)
  const family = namespace === undefined ? 'clusterrolebindings' : 'rolebindings'
  return risks(subjects({ objects: { [family]: [made], clusterroles: [role('r', rules)] } }).get('User/jane'))
}

describe('what a rule gives in the whole cluster', () => {
  it.each<[string, Rules, string[]]>([
    ['nothing risky', [rule('get,list', '', 'pods,configmaps'), rule('get', 'apps', 'deployments')], []],
    ['Secrets', [rule('get,list,delete', '', 'secrets')], ['readsSecrets: get, list secrets']],
    // prowler looks for the resource "secret"
    ['a resource named secret', [rule('get', '', 'secret')], []],
    ['Secrets of another group', [rule('get', 'example.com', 'secrets')], []],
    ['to change Secrets without reading them', [rule('create,delete', '', 'secrets')], []],
    ['one Secret by name', [rule('get', '', 'secrets', 'a')], []],
    [
      'Secrets in two rules',
      [rule('get', '', 'secrets'), rule('get', '', 'pods'), rule('list', '', 'secrets')],
      ['readsSecrets: get secrets; list secrets'],
    ],
    // kube-bench asks for the literal verb "get,list,watch"
    ['every verb', [rule('*', '', 'secrets')], ['readsSecrets: * secrets', 'wildcardRules: * secrets']],
    [
      'every resource of a group',
      [rule('list', '', '*')],
      ['readsSecrets: list * (also secrets)', 'wildcardRules: list *'],
    ],
    ['to create pods', [rule('create,get', '', 'pods')], ['createsPods: create pods']],
    ['to create pods of given names, which nothing is', [rule('create', '', 'pods', 'a')], []],
    ['workloads', [rule('patch', 'apps', 'deployments,daemonsets')], ['createsPods: patch deployments, daemonsets']],
    ['to scale only', [rule('patch', 'apps', 'deployments/scale')], []],
    [
      'PersistentVolumes',
      [rule('create', '', 'persistentvolumes')],
      ['createsPersistentVolumes: create persistentvolumes'],
    ],
    ['claims only', [rule('create', '', 'persistentvolumeclaims')], []],
    ['the nodes’ proxy', [rule('get', '', 'nodes/proxy')], ['nodesProxy: get nodes/proxy']],
    ['that of one node', [rule('get', '', 'nodes/proxy', 'n1')], ['nodesProxy: get nodes/proxy named n1']],
    ['nodes without a subresource', [rule('get,update', '', 'nodes,nodes/metrics,nodes/status')], []],
    [
      'a subresource of everything',
      [rule('get', '', '*/proxy')],
      ['nodesProxy: get */proxy (also nodes/proxy)', 'wildcardRules: get */proxy'],
    ],
    // RBAC knows no such wildcard
    ['pods/*', [rule('create', '', 'pods/*')], []],
    ['to approve without a signer', [rule('update', 'certificates.k8s.io', 'certificatesigningrequests/approval')], []],
    [
      'webhook configuration',
      [rule('get,update', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations')],
      ['webhookConfiguration: update validatingwebhookconfigurations'],
    ],
    ['to read it', [rule('get,list,watch', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations')], []],
    ['tokens', [rule('create', '', 'serviceaccounts/token')], ['tokenRequest: create serviceaccounts/token']],
    [
      'tokens of one',
      [rule('create', '', 'serviceaccounts/token', 'a')],
      ['tokenRequest: create serviceaccounts/token named a'],
    ],
    ['ServiceAccounts', [rule('create', '', 'serviceaccounts')], []],
    [
      'impersonation',
      [rule('impersonate', '', 'users,groups,serviceaccounts')],
      ['impersonates: impersonate users, groups; impersonate serviceaccounts'],
    ],
    [
      'to bind and escalate',
      [rule('bind,escalate,get', rbac, 'clusterroles')],
      ['bindsOrEscalates: bind clusterroles; escalate clusterroles'],
    ],
    [
      'to bind a role that is not there',
      [rule('bind', rbac, 'clusterroles', 'x')],
      ['bindsOrEscalates: bind clusterroles named x'],
    ],
    ['to bind a role that gives little', [rule('bind', rbac, 'clusterroles', 'r')], []],
    ['bindings', [rule('create', rbac, 'clusterrolebindings')], ['modifiesBindings: create clusterrolebindings']],
    ['roles', [rule('patch', rbac, 'roles', 'a')], ['modifiesRoles: patch roles named a']],
    [
      'to enter pods',
      [rule('create', '', 'pods/exec,pods/attach,pods/log')],
      ['execsIntoPods: create pods/exec, pods/attach'],
    ],
    ['to get pods/exec, which 1.36 lets nobody in for', [rule('get', '', 'pods/exec')], []],
    [
      'debugging containers',
      [rule('patch', '', 'pods/ephemeralcontainers')],
      ['execsIntoPods: patch pods/ephemeralcontainers'],
    ],
    [
      'the verb use',
      [rule('use', 'policy', 'podsecuritypolicies', 'psp')],
      ['uses: use podsecuritypolicies of policy named psp'],
    ],
    ['every path', [{ verbs: ['get'], nonResourceURLs: ['*'] }], ['wildcardRules: get every path']],
    ['paths below one', [{ verbs: ['get'], nonResourceURLs: ['/healthz/*'] }], []],
  ])('%s', (_, rules, expected) => expect(risksOf(rules)).toEqual(expected))

  it('is everything', () => {
    const all = risksOf([everything])
    expect(all.every((one) => one.endsWith(': every verb on every resource'))).toBe(true)
    expect(all.map((one) => one.slice(0, one.indexOf(':')))).toEqual([
      'readsSecrets',
      'createsPods',
      'createsPersistentVolumes',
      'nodesProxy',
      'csrApproval',
      'webhookConfiguration',
      'tokenRequest',
      'impersonates',
      'bindsOrEscalates',
      'wildcardRules',
      'execsIntoPods',
      'modifiesBindings',
      'modifiesRoles',
    ])
  })

  it.each<[string, Rules, string | undefined, boolean]>([
    ['everything', [everything], undefined, true],
    ['everything in a namespace', [everything], 'shop', false],
    ['every verb on some resources', [rule('*', '', '*')], undefined, false],
  ])('%s: may it do everything in the cluster', (_, rules, namespace, mayDoEverything) => {
    const family = namespace === undefined ? 'clusterrolebindings' : 'rolebindings'
    const objects = {
      [family]: [binding('b', ['ClusterRole', 'r'], [jane], namespace)],
      clusterroles: [role('r', rules)],
    }
    expect(subjects({ objects }).get('User/jane')?.facts.riskyPermissions).toMatchObject({ mayDoEverything })
  })

  it('needs both an approval and a signer', () => {
    const approval = rule('update', 'certificates.k8s.io', 'certificatesigningrequests/approval')
    const signer = rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving')
    expect(risksOf([approval, signer])).toEqual([
      'csrApproval: update certificatesigningrequests/approval, for kubernetes.io/kubelet-serving',
    ])
  })
})

describe('what a RoleBinding gives in its namespace', () => {
  it.each<[string, Rules, string[]]>([
    ['Secrets', [rule('get', '', 'secrets')], ['readsSecrets: get secrets in shop']],
    [
      'nothing that has no namespace',
      [rule('create,get', '', 'persistentvolumes,nodes/proxy'), rule('impersonate', '', 'users')],
      [],
    ],
    [
      'to bind ClusterRoles there',
      [rule('bind', rbac, 'clusterroles')],
      ['bindsOrEscalates: bind clusterroles in shop'],
    ],
    ['no escalation of ClusterRoles', [rule('escalate', rbac, 'clusterroles')], []],
    ['no paths', [{ verbs: ['*'], nonResourceURLs: ['*'] }], []],
  ])('%s', (_, rules, expected) => expect(risksOf(rules, 'shop')).toEqual(expected))
})

describe('the chain', () => {
  const objects = {
    clusterrolebindings: [
      binding('all', ['ClusterRole', 'reader'], [group('system:serviceaccounts:shop')]),
      binding('cluster-admin', ['ClusterRole', 'cluster-admin'], [group('system:masters')]),
    ],
    rolebindings: [
      binding(
        'up',
        ['Role', 'writer'],
        [account('cart'), { kind: 'User', name: 'system:serviceaccount:shop:cart' }],
        'shop',
      ),
    ],
    clusterroles: [
      role('reader', [rule('get', '', 'pods'), rule('get', '', 'secrets')]),
      role('cluster-admin', [everything]),
    ],
    roles: [role('writer', [rule('create', 'apps', 'deployments')], { namespace: 'shop' })],
  }

  it('leads to a permission', () => {
    const units = subjects({ objects })
    expect([...units.keys()]).toEqual([
      'Group/system:masters',
      'Group/system:serviceaccounts:shop',
      'shop/ServiceAccount/cart',
    ])
    expect(units.get('shop/ServiceAccount/cart')?.facts.riskyPermissions).toMatchObject({
      createsPods: [
        {
          value: {
            namespace: 'shop',
            permission: 'create deployments',
            names: [],
            isEverything: false,
            bindingKind: 'RoleBinding',
            bindingName: 'up',
            roleKind: 'Role',
            roleName: 'writer',
          },
          source: 'ServiceAccount shop/cart → RoleBinding shop/up → Role shop/writer → rules[0]',
        },
      ],
      readsSecrets: [],
    })
    expect(units.get('Group/system:serviceaccounts:shop')?.facts.riskyPermissions).toMatchObject({
      isShared: true,
      readsSecrets: [
        { source: 'Group system:serviceaccounts:shop → ClusterRoleBinding all → ClusterRole reader → rules[1]' },
      ],
    })
  })

  it('leaves out what Kubernetes itself gives', () => {
    const unit = subjects({ objects }).get('Group/system:masters')
    expect(unit?.facts.riskyPermissions).toMatchObject({ isSystemMasters: true })
    expect(risks(unit)).toEqual([])
  })

  it('does not leave it out once the role is altered', () => {
    const discovery = binding('system:discovery', ['ClusterRole', 'system:discovery'], [group('system:authenticated')])
    const altered = role('system:discovery', [rule('get', '', 'secrets')])
    const units = subjects({ objects: { clusterrolebindings: [discovery], clusterroles: [altered] } })
    expect(risks(units.get('Group/system:authenticated'))).toEqual(['readsSecrets: get secrets'])
  })

  it('is whole in the effective permissions, groups included', () => {
    const all = subjects({ objects }).get('shop/ServiceAccount/cart')?.facts.effectivePermissions
    const base = { resourceNames: [], nonResourceURLs: [], isBuiltIn: false }
    const through = {
      ...base,
      namespace: '',
      throughGroup: 'system:serviceaccounts:shop',
      verbs: ['get'],
      apiGroups: [''],
    }
    const start = 'Group system:serviceaccounts:shop → ClusterRoleBinding all → ClusterRole reader'
    expect(all).toEqual({
      grants: [
        {
          value: {
            ...base,
            namespace: 'shop',
            throughGroup: '',
            verbs: ['create'],
            apiGroups: ['apps'],
            resources: ['deployments'],
          },
          source:
            'ServiceAccount shop/cart → RoleBinding shop/up → Role shop/writer → rules[0]: create deployments of apps',
        },
        { value: { ...through, resources: ['pods'] }, source: `${start} → rules[0]: get pods` },
        { value: { ...through, resources: ['secrets'] }, source: `${start} → rules[1]: get secrets` },
      ],
    })
  })
})

describe('what could not be read', () => {
  const bound = { clusterrolebindings: [binding('b', ['ClusterRole', 'r'], [jane])] }
  const readers = [role('r', [rule('get', '', 'secrets')])]
  const lists = 14
  const everywhere = (reason: string) => (all: string[]) => {
    expect(all.filter((one) => one.endsWith(`: ${reason}`))).toHaveLength(lists)
    return all.filter((one) => !one.endsWith(`: ${reason}`))
  }
  it.each<[string, EvidenceParts, string, string[]]>([
    ['roles', { objects: bound, gaps: { clusterroles: forbidden } }, 'forbidden', []],
    [
      'further bindings',
      { objects: { ...bound, clusterroles: readers }, gaps: { rolebindings: forbidden } },
      'forbidden',
      ['readsSecrets: get secrets'],
    ],
    ['a role outside the files', { objects: bound, source: manifests }, 'not-collected', []],
    [
      'what else a cluster aggregates; files are resolved',
      {
        objects: {
          ...bound,
          clusterroles: [
            role('r', [], {
              aggregationSelectors: [
                { matchLabels: { a: 'b' } },
                { matchExpressions: [{ key: 'c', operator: 'Exists' }] },
              ],
            }),
            role('x', [rule('get', '', 'secrets')], { labels: { a: 'b' } }),
            role('y', [rule('create', '', 'pods')], { labels: { c: '' } }),
            role('z', [everything], { labels: { a: 'c' } }),
          ],
        },
        source: manifests,
      },
      'not-collected',
      ['readsSecrets: get secrets', 'createsPods: create pods'],
    ],
  ])('%s', (_, parts, reason, known) => {
    expect(everywhere(reason)(risks(subjects(parts).get('User/jane')))).toEqual(known)
  })

  it('is nothing where a role does not exist', () => {
    expect(risks(subjects({ objects: bound }).get('User/jane'))).toEqual([])
  })

  it('resolves aggregations that go round in a circle', () => {
    const circle = (name: string, other: string) =>
      role(name, [rule('get', '', name === 'r' ? 'pods' : 'secrets')], {
        labels: { is: name },
        aggregationSelectors: [{ matchLabels: { is: other } }],
      })
    const parts = { objects: { ...bound, clusterroles: [circle('r', 's'), circle('s', 'r')] }, source: manifests }
    expect(everywhere('not-collected')(risks(subjects(parts).get('User/jane')))).toEqual(['readsSecrets: get secrets'])
  })
})

describe('two steps', () => {
  const strong = (name: string, namespace = 'shop') =>
    binding(`${name}-all`, ['ClusterRole', 'reader'], [account(name, namespace)])
  const objects = (rules: Rules, subject: Subject = jane, clusterRules = [rule('get,list', '', 'secrets')]) => ({
    clusterrolebindings: [strong('operator'), strong('other', 'infra'), strong('gone')],
    rolebindings: [
      binding('dev', ['Role', 'dev'], [subject], 'shop'),
      binding('weak', ['ClusterRole', 'reader'], [account('weak')], 'shop'),
    ],
    roles: [role('dev', rules, { namespace: 'shop' })],
    clusterroles: [role('reader', clusterRules)],
    serviceaccounts: ['operator', 'weak'].map((name) => ({ name, namespace: 'shop' })),
  })
  const reached = (parts: EvidenceParts, id = 'User/jane') => {
    const fact = subjects(parts).get(id)?.facts.riskyPermissions
    if (fact === undefined || isUnavailable(fact)) throw new Error('no fact')
    return fact.reachesServiceAccounts
  }
  const chain = 'User jane → RoleBinding shop/dev → Role shop/dev → rules[0]'

  it('shows both', () => {
    expect(reached({ objects: objects([rule('create', '', 'pods')]) })).toEqual([
      {
        value: {
          namespace: 'shop',
          permission: 'create pods',
          account: 'operator',
          gains: 'get, list secrets',
          bindingKind: 'RoleBinding',
          bindingName: 'dev',
          accountBinding: 'operator-all',
          accountRole: 'reader',
          accountRemoval: JSON.stringify([
            { op: 'test', path: '/subjects/0/name', value: 'operator' },
            { op: 'remove', path: '/subjects/0' },
          ]),
        },
        source: `${chain}; then ServiceAccount shop/operator → ClusterRoleBinding operator-all → ClusterRole reader → rules[0]`,
      },
    ])
  })

  it.each<[string, Rules, string[]]>([
    ['tokens', [rule('create', '', 'serviceaccounts/token')], ['operator']],
    ['tokens of that one', [rule('create', '', 'serviceaccounts/token', 'operator')], ['operator']],
    ['tokens of another', [rule('create', '', 'serviceaccounts/token', 'weak')], []],
    ['impersonation', [rule('impersonate', '', 'serviceaccounts')], ['operator']],
    ['nothing that leads there', [rule('get,list', '', 'pods,secrets')], []],
  ])('%s', (_, rules, accounts) => {
    const names = reached({ objects: objects(rules) }).map((one) => (isUnavailable(one) ? one : one.value.account))
    expect(names).toEqual(accounts)
  })

  it('tells nothing of what the subject has anyway, or is', () => {
    const pods = [rule('create', '', 'pods')]
    expect(reached({ objects: objects(pods, account('operator')) }, 'shop/ServiceAccount/operator')).toEqual([])
    expect(reached({ objects: objects(pods, account('other', 'infra')) }, 'infra/ServiceAccount/other')).toEqual([])
  })

  it('counts what it does not show', () => {
    const many = Array.from({ length: 23 }, (_, index) => `op-${index}`)
    const base = objects([rule('create', '', 'pods')])
    const found = reached({
      objects: {
        ...base,
        clusterrolebindings: many.map((name) => strong(name)),
        serviceaccounts: many.map((name) => ({ name, namespace: 'shop' })),
      },
    })
    expect(found.map((one) => (isUnavailable(one) ? one : [one.value.account, one.value.gains]))).toEqual([
      ...many.slice(0, 19).map((name) => [name, 'get, list secrets']),
      ['op-19', 'get, list secrets; and 3 more ServiceAccounts of the namespace reach as far'],
    ])
  })

  it('says when bindings could not be read', () => {
    const parts = { objects: objects([rule('create', '', 'pods')]), gaps: { clusterrolebindings: forbidden } }
    expect(reached(parts).filter(isUnavailable)).toEqual([forbidden, forbidden, forbidden])
  })
})

describe('a role', () => {
  const roleOf = (parts: EvidenceParts, id: string) =>
    deriveAccessUnits(buildEvidence(parts)).roles.find(({ identity }) => identity.id === id)?.facts.role
  const aggregator = role('all', [rule('get', 'x', '*')], { aggregationSelectors: [{ matchLabels: { a: 'b' } }] })
  const part = role('part', [rule('get', 'x', '*')], { labels: { a: 'b' } })
  const objects = {
    clusterroles: [aggregator, part],
    clusterrolebindings: [binding('b', ['ClusterRole', 'all'], [jane])],
  }
  const by = {
    value: { kind: 'ClusterRoleBinding', name: 'b', namespace: '', subjects: ['User jane'], isBuiltIn: false },
    source: 'ClusterRoleBinding b',
  }
  const base = {
    kind: 'ClusterRole',
    namespace: '',
    isBuiltIn: false,
    alterations: [],
    restoration: '',
    naming: '',
    unnamed: [],
    subjects: ['User jane'],
  }
  const wildcards = [{ rule: 'rules[0]', permission: 'get * of x' }]
  it.each<[string, EvidenceParts, string, unknown]>([
    [
      'bound',
      { objects },
      'ClusterRole/all',
      { ...base, name: 'all', wildcards: [], boundBy: [by], aggregatedInto: [] },
    ],
    [
      'bound through another',
      { objects },
      'ClusterRole/part',
      {
        ...base,
        name: 'part',
        wildcards,
        naming: JSON.stringify([
          { op: 'test', path: '/rules/0/verbs', value: ['get'] },
          { op: 'test', path: '/rules/0/apiGroups', value: ['x'] },
          { op: 'test', path: '/rules/0/resources', value: ['*'] },
          { op: 'remove', path: '/rules/0' },
        ]),
        unnamed: ['resources of x'],
        boundBy: [by],
        aggregatedInto: ['all'],
      },
    ],
    [
      'in files',
      { objects, source: manifests },
      'ClusterRole/all',
      {
        ...base,
        name: 'all',
        wildcards: [],
        boundBy: [by, unavailable('not-collected', 'The manifests need not hold every binding of the cluster.')],
        aggregatedInto: [],
      },
    ],
    [
      'of a namespace',
      {
        objects: { roles: [role('r', [rule('get', '', 'pods')], { namespace: 'shop' })] },
        gaps: { rolebindings: forbidden },
      },
      'shop/Role/r',
      {
        ...base,
        kind: 'Role',
        name: 'r',
        namespace: 'shop',
        wildcards: [],
        subjects: [],
        boundBy: [forbidden],
        aggregatedInto: [],
      },
    ],
    [
      'of Kubernetes, altered',
      { objects: { clusterroles: [role('system:discovery', [rule('get', '', 'pods')])] } },
      'ClusterRole/system:discovery',
      {
        ...base,
        name: 'system:discovery',
        alterations: ['get core pods'],
        restoration: JSON.stringify([
          { op: 'test', path: '/rules/0/verbs', value: ['get'] },
          { op: 'test', path: '/rules/0/apiGroups', value: [''] },
          { op: 'test', path: '/rules/0/resources', value: ['pods'] },
          { op: 'remove', path: '/rules/0' },
        ]),
        wildcards: [],
        subjects: [],
        boundBy: [],
        aggregatedInto: [],
      },
    ],
  ])('%s', (_, parts, id, expected) => expect(roleOf(parts, id)).toEqual(expected))
})
