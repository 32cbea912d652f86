import { expect, test } from 'vitest'
import { removalOf } from '../../../../src/derive/rbac/removal.ts'

const cart = { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' }
const asUser = { kind: 'User', name: 'system:serviceaccount:shop:cart' }
const hostile = { kind: 'User', name: `o'neil"\n$(touch /tmp/x)` }

test.each([
  [
    'the only one',
    [cart],
    '[{"op":"test","path":"/subjects/0/name","value":"cart"},{"op":"remove","path":"/subjects/0"}]',
  ],
  [
    'named twice, also by its user name: from the end on',
    [cart, { kind: 'User', name: 'jane' }, asUser],
    '[{"op":"test","path":"/subjects/2/name","value":"system:serviceaccount:shop:cart"},{"op":"remove","path":"/subjects/2"},' +
      '{"op":"test","path":"/subjects/0/name","value":"cart"},{"op":"remove","path":"/subjects/0"}]',
  ],
  ['of another namespace', [{ ...cart, namespace: 'dev' }], '[]'],
])('takes a subject out of a binding: %s', (_name, subjects, patch) => {
  const binding = { name: 'b', roleRef: { kind: 'ClusterRole', name: 'r' }, subjects }
  expect(removalOf(binding, cart)).toBe(patch)
})

test('a hostile name stays a value', () => {
  const binding = { name: 'b', roleRef: { kind: 'ClusterRole', name: 'r' }, subjects: [hostile] }
  const patch: unknown = JSON.parse(removalOf(binding, { ...hostile, namespace: '' }))
  expect(patch).toEqual([
    { op: 'test', path: '/subjects/0/name', value: hostile.name },
    { op: 'remove', path: '/subjects/0' },
  ])
})
