// Which pods NetworkPolicies isolate, what their rules let through to the metadata address, and who enforces them.
import { describe, expect, it } from 'vitest'
import { networkIsolation } from '../../../../src/derive/namespaces/network-isolation.ts'
import { deriveNetworkPlugin } from '../../../../src/derive/namespaces/network-plugin.ts'
import { reachThrough } from '../../../../src/derive/namespaces/policy-reach.ts'
import type { NetworkPolicyObject } from '../../../../src/model/objects.ts'
import { buildEvidence, controller, forbidden, manifests, pod, spec, template } from '../workloads/evidence-builder.ts'

type Egress = NonNullable<NetworkPolicyObject['egress']>
const address = '169.254.169.254'
const block = (cidr: string, ...except: string[]): Egress => [
  { peers: [{ ipBlock: except.length === 0 ? { cidr } : { cidr, except } }] },
]

describe('the metadata address through egress rules', () => {
  it.each<[string, Egress | undefined, string | undefined]>([
    ['no rules', undefined, ''],
    ['an empty rule', [{}], 'egress[0] allows every address'],
    ['everything', block('0.0.0.0/0'), 'egress[0] allows 0.0.0.0/0'],
    ['the address itself', block('169.254.169.254/32'), 'egress[0] allows 169.254.169.254/32'],
    ['link-local', block('169.254.0.0/16'), 'egress[0] allows 169.254.0.0/16'],
    ['a base with bits behind the length', block('169.254.169.255/24'), 'egress[0] allows 169.254.169.255/24'],
    ['its neighbor', block('169.254.169.255/32'), ''],
    ['half of the space with it', block('128.0.0.0/1'), 'egress[0] allows 128.0.0.0/1'],
    ['half of the space without it', block('0.0.0.0/1'), ''],
    ['all but it', block('0.0.0.0/0', '169.254.169.254/32'), ''],
    ['all but link-local', block('0.0.0.0/0', '10.0.0.0/8', '169.254.0.0/16'), ''],
    ['all but a neighbor', block('0.0.0.0/0', '169.254.169.252/31'), 'egress[0] allows 0.0.0.0/0'],
    ['IPv6', block('::/0'), ''],
    ['pods', [{ peers: [{ podSelector: {} }, { namespaceSelector: {} }] }], ''],
    ['a later rule', [{ peers: [{ podSelector: {} }] }, {}], 'egress[1] allows every address'],
    ['port 80', [{ ports: [{ port: '80' }] }], 'egress[0] allows every address'],
    ['a range', [{ ports: [{ port: '1', endPort: 1024, protocol: 'TCP' }] }], 'egress[0] allows every address'],
    ['a range without it', [{ ports: [{ port: '81', endPort: 1024 }] }], ''],
    ['DNS', [{ ports: [{ port: '53', protocol: 'UDP' }, { port: '53' }] }], ''],
    ['all of UDP', [{ ports: [{ protocol: 'UDP' }] }], ''],
    ['all of TCP', [{ ports: [{}] }], 'egress[0] allows every address'],
    ['the name of a port', [{ ports: [{ port: 'http' }] }], ''],
    ['no length', block('169.254.169.254'), undefined],
    ['a length out of range', block('0.0.0.0/33'), undefined],
    ['no address', block('x/8'), undefined],
    ['an exception nobody can read', block('0.0.0.0/0', 'x'), undefined],
    ['another rule settles it', [...block('x/8'), {}], 'egress[1] allows every address'],
  ])('%s', (_, egress, expected) => {
    const policy = { name: 'p', podSelector: {}, ...(egress === undefined ? {} : { egress }) }
    expect(reachThrough(policy, address, 80)).toBe(expected)
  })
})

it.each<[string, string, string[], string | undefined]>([
  ['every IPv6 address', '::/0', [], 'egress[0] allows ::/0'],
  ['the unique local ones', 'fc00::/7', [], 'egress[0] allows fc00::/7'],
  ['those without it', 'fe80::/10', [], ''],
  ['itself, written out', 'FD00:0ec2:0:0:0:0:0:0254/128', [], 'egress[0] allows FD00:0ec2:0:0:0:0:0:0254/128'],
  ['all but it', '::/0', ['fd00:ec2::254/128'], ''],
  ['all but a neighbor', '::/0', ['fd00:ec2::255/128'], 'egress[0] allows ::/0'],
  ['IPv4', '0.0.0.0/0', [], ''],
  ['too many groups', '1:2:3:4:5:6:7:8:9/64', [], undefined],
  ['two gaps', '1::2::3/64', [], undefined],
  ['a length out of range', '::/129', [], undefined],
])('fd00:ec2::254 within %s', (_, cidr, except, expected) => {
  const policy = { name: 'p', podSelector: {}, egress: [{ peers: [{ ipBlock: { cidr, except } }] }] }
  expect(reachThrough(policy, 'fd00:ec2::254', 80)).toBe(expected)
})

it.each<[string | undefined, string]>([
  [undefined, 'NetworkPolicy p'],
  ['gce://p/z/n', 'NetworkPolicy p'],
  ['azure:///subscriptions/s', 'NetworkPolicy p: egress[0] allows 0.0.0.0/0 (168.63.129.16)'],
  ['cn-hangzhou.i-bp1', 'NetworkPolicy p: egress[0] allows 0.0.0.0/0 (100.100.100.200)'],
])('a cloud’s further addresses are asked after on its nodes: %s', (providerID, expected) => {
  const node = {
    name: 'n',
    roles: [],
    addresses: [],
    nodeInfo: {},
    ...(providerID === undefined ? {} : { providerID }),
  }
  const isolation = networkIsolation(
    buildEvidence({
      templates: [template('t')],
      objects: {
        nodes: [node],
        pods: [pod('a', 't')],
        daemonsets: [controller('DaemonSet', 'calico-node', 't', { namespace: 'kube-system' })],
        networkpolicies: [
          {
            name: 'p',
            namespace: 'shop',
            podSelector: {},
            policyTypes: ['Egress'],
            egress: [{ peers: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }] }],
          },
        ],
      },
    }),
  )('shop')
  expect('workloads' in isolation && isolation.workloads.map(({ reachesMetadata }) => reachesMetadata)).toMatchObject([
    { source: expected },
  ])
})

describe('the network plug-in', () => {
  const daemonSet = (name: string) => controller('DaemonSet', name, 't', { namespace: 'kube-system' })
  const path = (name: string) => `DaemonSet kube-system/${name}`
  const unknown = (detail: string) => ({
    unavailable: { reason: 'unsupported', detail: `${detail}: whether NetworkPolicies are enforced is not known.` },
  })
  it.each([
    ['Flannel alone', ['kube-flannel-ds', 'kube-proxy'], { value: false, source: path('kube-flannel-ds') }],
    ['Flannel and Calico', ['kube-flannel-ds', 'calico-node'], { value: true, source: path('calico-node') }],
    ['Cilium', ['cilium'], { value: true, source: path('cilium') }],
    ['it depends', ['aws-node'], unknown(`Settings of ${path('aws-node')} decide it`)],
    ['none', ['kube-proxy'], unknown('No DaemonSet of a known network plug-in was seen')],
  ])('%s', (_, names, expected) => {
    const plugin = deriveNetworkPlugin(buildEvidence({ objects: { daemonsets: names.map(daemonSet) } }))
    expect('enforces' in plugin && plugin.enforces).toEqual(expected)
  })
  it('is not known without the list of DaemonSets', () => {
    expect(deriveNetworkPlugin(buildEvidence({ gaps: { daemonsets: forbidden } }))).toEqual(forbidden)
  })
})

describe('isolation', () => {
  const policy = (name: string, parts: Partial<NetworkPolicyObject> = {}): NetworkPolicyObject => ({
    name,
    namespace: 'shop',
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ...parts,
  })
  const owner = { kind: 'StatefulSet', name: 'cart' }
  const stamped = (index: string) => ({ owner, labels: { 'apps.kubernetes.io/pod-index': index } })
  const calico = controller('DaemonSet', 'calico-node', 'none', { namespace: 'kube-system' })
  const flannel = controller('DaemonSet', 'kube-flannel-ds', 'none', { namespace: 'kube-flannel' })

  function isolate(networkpolicies: readonly NetworkPolicyObject[], plugin = calico, hostNetwork = false) {
    const evidence = buildEvidence({
      objects: {
        pods: [
          pod('cart-0', 't', stamped('0')),
          pod('cart-1', 't', stamped('1')),
          pod('done', 't', { phase: 'Succeeded' }),
        ],
        statefulsets: [controller('StatefulSet', 'cart', 't')],
        daemonsets: [plugin],
        networkpolicies,
      },
      templates: [{ id: 't', labels: { app: 'cart', tier: 'web' }, spec: spec({ hostNetwork }) }],
    })
    const found = networkIsolation(evidence)('shop')
    if ('unavailable' in found) return found
    return [
      ...found.workloads.map((one) =>
        [one.workload, one.ingressIsolated, one.egressIsolated, one.reachesMetadata].map(short).join(' | '),
      ),
      ...found.policies.map((one) => [one.name, one.selectsNothing, one.opens.join()].map(short).join(' | ')),
    ]
  }
  function short(one: string | { value: boolean; source: string } | { unavailable: { reason: string } }): string {
    if (typeof one === 'string') return one
    return 'unavailable' in one ? one.unavailable.reason : `${one.value} (${one.source})`
  }
  const none = 'false (no NetworkPolicy selects the pods)'
  const open = 'true (no NetworkPolicy selects the pods)'
  const by = (name: string, value = true) => `${value} (NetworkPolicy ${name})`
  const deny = policy('deny')

  it.each([
    ['no policies', [], [`StatefulSet cart | ${none} | ${none} | ${open}`]],
    [
      'default deny',
      [deny],
      [`StatefulSet cart | ${by('deny')} | ${by('deny')} | ${by('deny', false)}`, `deny | ${by('deny', false)} | `],
    ],
    [
      'ingress alone',
      [policy('in', { policyTypes: ['Ingress'] })],
      [`StatefulSet cart | ${by('in')} | ${none} | ${open}`, `in | ${by('in', false)} | `],
    ],
    ['another namespace', [policy('x', { namespace: 'x' })], [`StatefulSet cart | ${none} | ${none} | ${open}`]],
    [
      'other pods',
      [policy('x', { podSelector: { matchLabels: { app: 'x' } } })],
      [`StatefulSet cart | ${none} | ${none} | ${open}`, `x | ${by('x')} | `],
    ],
    [
      'an expression',
      [
        policy('e', {
          policyTypes: ['Ingress'],
          podSelector: {
            matchExpressions: [
              { key: 'app', operator: 'In', values: ['cart'] },
              { key: 'tier', operator: 'Exists' },
              { key: 'old', operator: 'DoesNotExist' },
              { key: 'tier', operator: 'NotIn', values: ['db'] },
            ],
          },
        }),
      ],
      [`StatefulSet cart | ${by('e')} | ${none} | ${open}`, `e | ${by('e', false)} | `],
    ],
    [
      'an expression that excludes',
      [policy('e', { podSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] } })],
      [`StatefulSet cart | ${none} | ${none} | ${open}`, `e | ${by('e')} | `],
    ],
    [
      'an operator nobody knows',
      [policy('e', { podSelector: { matchExpressions: [{ key: 'tier', operator: 'Gt', values: ['1'] }] } })],
      ['StatefulSet cart | malformed | malformed | malformed', 'e | malformed | '],
    ],
    [
      'some pods',
      [policy('s', { podSelector: { matchLabels: { 'apps.kubernetes.io/pod-index': '0' } } })],
      [
        'StatefulSet cart | false (NetworkPolicy s selects some pods only) | false (NetworkPolicy s selects some pods only) | true (NetworkPolicy s selects some pods only)',
        `s | ${by('s', false)} | `,
      ],
    ],
    [
      'one lets through',
      [deny, policy('out', { egress: [{}] })],
      [
        `StatefulSet cart | ${by('deny')} | ${by('deny')} | true (NetworkPolicy out: egress[0] allows every address)`,
        `deny | ${by('deny', false)} | `,
        `out | ${by('out', false)} | egress`,
      ],
    ],
    [
      'types left open',
      [{ name: 'p', namespace: 'shop', podSelector: {}, ingress: [{}] }],
      [`StatefulSet cart | ${by('p')} | ${none} | ${open}`, `p | ${by('p', false)} | ingress`],
    ],
  ])('%s', (_, policies, expected) => {
    expect(isolate(policies)).toEqual(expected)
  })
  it('counts for nothing where nobody enforces it', () => {
    expect(isolate([deny], flannel)).toEqual([
      `StatefulSet cart | ${by('deny')} | ${by('deny')} | true (DaemonSet kube-flannel/kube-flannel-ds does not enforce NetworkPolicies)`,
      `deny | ${by('deny', false)} | `,
    ])
  })
  it("does not hold in the node's network", () => {
    expect(isolate([deny], calico, true)).toContain(
      `StatefulSet cart | ${by('deny')} | ${by('deny')} | true (hostNetwork: NetworkPolicies do not apply)`,
    )
  })
  it.each(['networkpolicies', 'pods', 'replicasets'] as const)('is not known without the list of %s', (family) => {
    expect(networkIsolation(buildEvidence({ gaps: { [family]: forbidden } }))('shop')).toEqual(forbidden)
  })
  it('is judged of files too, without pods', () => {
    const evidence = buildEvidence({
      source: manifests,
      objects: { deployments: [controller('Deployment', 'web', 't')] },
      templates: [{ id: 't', spec: spec() }],
    })
    expect(networkIsolation(evidence)('shop')).toMatchObject({ workloads: [{ workload: 'Deployment web' }] })
  })
})

it.each<[string, string, object | undefined, string]>([
  ['nodes that could not be listed, and a policy that lets IPv6 out', '::/0', forbidden, 'forbidden'],
  ['nodes that could not be listed, and a policy that lets nothing of a cloud out', '10.0.0.0/8', forbidden, 'false'],
  ['nodes of no cloud', '::/0', undefined, 'false'],
])('which cloud answers where: %s', (_name, cidr, gap, expected) => {
  const evidence = buildEvidence({
    objects: {
      pods: [pod('cart-0', 't', { owner: { kind: 'StatefulSet', name: 'cart' } })],
      statefulsets: [controller('StatefulSet', 'cart', 't')],
      daemonsets: [controller('DaemonSet', 'calico-node', 'none', { namespace: 'kube-system' })],
      networkpolicies: [
        { name: 'out', namespace: 'shop', podSelector: {}, policyTypes: ['Egress'], egress: block(cidr) },
      ],
    },
    ...(gap !== undefined && { gaps: { nodes: forbidden } }),
    templates: [{ id: 't', labels: { app: 'cart' }, spec: spec({}) }],
  })
  const found = networkIsolation(evidence)('shop')
  const reaches = 'unavailable' in found ? undefined : found.workloads[0]?.reachesMetadata
  if (reaches === undefined) expect.fail('no workload')
  expect('unavailable' in reaches ? reaches.unavailable.reason : String(reaches.value)).toBe(expected)
})
