import { expect, test } from 'vitest'
import { narrowingOf, opens } from '../../../../src/derive/namespaces/policy-openings.ts'
import type { NetworkPolicyObject } from '../../../../src/model/objects.ts'

const cart = [{ peers: [{ podSelector: { matchLabels: { app: 'cart' } } }] }]
const start = { from: [{ podSelector: {} }] }

test.each<[string, Partial<NetworkPolicyObject>, string[], string[]]>([
  ['nothing open', { ingress: cart }, [], []],
  ['rules of a direction that the policy has not', { policyTypes: ['Egress'], ingress: [{}] }, [], []],
  [
    'two among three: from the end on, so that no place moves before its turn',
    { ingress: [{}, ...cart, {}] },
    ['ingress'],
    [
      'test ingress/0',
      'test ingress/2',
      'remove ingress/2',
      'remove ingress/0',
      `add ingress/- ${JSON.stringify(start)}`,
    ],
  ],
  [
    'both directions: names stay',
    { ingress: [{}], egress: [...cart, {}] },
    ['ingress', 'egress'],
    [
      'test ingress/0',
      'remove ingress/0',
      `add ingress/- ${JSON.stringify(start)}`,
      'test egress/1',
      'remove egress/1',
      'add egress/- {"to":[{"podSelector":{}}]}',
      'add egress/- {"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"kube-system"}}}],"ports":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":53}]}',
    ],
  ],
])('rules that let everything through: %s', (_name, parts, directions, steps) => {
  const policy = { name: 'p', podSelector: {}, ...parts }
  expect(opens(policy)).toEqual(directions)
  const patch: { op: string; path: string; value?: unknown }[] = JSON.parse(narrowingOf(policy))
  const words = patch.map(({ op, path, value }) =>
    [op, path.replace('/spec/', ''), ...(op === 'add' ? [JSON.stringify(value)] : [])].join(' '),
  )
  expect(words).toEqual(steps)
})
