// Services and NetworkPolicies as the snapshot keeps them.
import { expect, it } from 'vitest'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import type { Family } from '../../../../src/model/objects.ts'

function project(family: Family, raw: unknown) {
  const records: unknown[] = []
  const problem = projectObject(family, raw, new Set(), (record) => records.push(record))
  return problem ?? records
}
const metadata = { name: 'cart', namespace: 'shop' }

it.each([
  [
    'a Service',
    'services',
    {
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: { app: 'cart' },
        clusterIP: '10.0.0.1',
        ports: [
          { port: 80, targetPort: 8080, nodePort: 30000 },
          { name: 'web', port: 81, targetPort: 'web', protocol: 'TCP' },
        ],
      },
    },
    {
      ...metadata,
      type: 'ClusterIP',
      selector: { app: 'cart' },
      ports: [
        { port: 80, targetPort: '8080' },
        { name: 'web', port: 81, targetPort: 'web', protocol: 'TCP' },
      ],
    },
  ],
  ['a Service without selector', 'services', { metadata, spec: {} }, { ...metadata, ports: [] }],
  [
    'a NetworkPolicy',
    'networkpolicies',
    {
      metadata,
      spec: {
        podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
        policyTypes: ['Egress'],
        egress: [
          {},
          { to: [], ports: [] },
          {
            to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }, { namespaceSelector: {} }],
            ports: [{ port: 80, endPort: 90, protocol: 'TCP' }],
          },
        ],
      },
    },
    {
      ...metadata,
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
      policyTypes: ['Egress'],
      egress: [
        {},
        {},
        {
          peers: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }, { namespaceSelector: {} }],
          ports: [{ port: '80', endPort: 90, protocol: 'TCP' }],
        },
      ],
    },
  ],
  [
    'a NetworkPolicy of all pods',
    'networkpolicies',
    { metadata, spec: { podSelector: {}, policyTypes: ['Ingress'] } },
    { ...metadata, podSelector: {}, policyTypes: ['Ingress'] },
  ],
] as const)('%s', (_, family, raw, object) => {
  expect(project(family, raw)).toEqual([{ record: 'object', family, object }])
})

it.each([
  ['selector', 'services', { metadata, spec: { selector: 'app' } }, 'shop/cart: selector'],
  ['cidr', 'networkpolicies', { metadata, spec: { egress: [{ to: [{ ipBlock: {} }] }] } }, 'shop/cart: ipBlock.cidr'],
  [
    'operator',
    'networkpolicies',
    { metadata, spec: { podSelector: { matchExpressions: [{ key: 'a' }] } } },
    'shop/cart: matchExpressions',
  ],
  ['rules', 'networkpolicies', { metadata, spec: { egress: {} } }, 'shop/cart: egress'],
] as const)('does not keep an object with a wrong %s', (_, family, raw, problem) => {
  expect(project(family, raw)).toBe(problem)
})
