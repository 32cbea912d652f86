import { expect, test } from 'vitest'
import { nodeProfilesOf } from '../../../src/evaluate/node-profiles.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { evidenceOf, factSetOf, node, seen, unreachable } from './support.ts'

const v = (version: string) => ({ version: seen(version) })
const profiles = (cgroups: Record<string, Parameters<typeof node>[1]>) =>
  nodeProfilesOf(evidenceOf(), factSetOf({ nodes: Object.entries(cgroups).map(([name, value]) => node(name, value)) }))
const column = profiles({ a: v('v2') })?.columns.findIndex(({ label }) => label === 'cgroup version') ?? -1

test.each([
  ['one of three', { a: v('v2'), b: v('v2'), c: v('v1') }, { value: 'v2', nodes: 2, known: 3 }, ['c']],
  ['all alike', { a: v('v2'), b: v('v2') }, { value: 'v2', nodes: 2, known: 2 }, []],
  ['two that differ: neither is the odd one', { a: v('v2'), b: v('v1') }, null, []],
  ['half and half', { a: v('v2'), b: v('v2'), c: v('v1'), d: v('v1') }, null, []],
  ['one alone', { a: v('v2') }, null, []],
  ['not known is not different', { a: v('v2'), b: v('v2'), c: unreachable }, { value: 'v2', nodes: 2, known: 2 }, []],
  [
    'a part not known is not different',
    { a: v('v2'), b: v('v2'), c: { version: unavailable('timeout', 'late') } },
    { value: 'v2', nodes: 2, known: 2 },
    [],
  ],
  ['hostile values are visible', { a: v('x\u202E'), b: v('x\u202E') }, { value: 'x\\u{202e}', nodes: 2, known: 2 }, []],
])('%s', (_, cgroups, usual, odd) => {
  const found = profiles(cgroups)
  expect(found?.pools.map((pool) => pool.usual[column])).toEqual([usual])
  expect(found?.nodes.filter(({ differs }) => differs.includes(column)).map((one) => one.node)).toEqual(odd)
})

test('a label of a node group makes a pool, roles the rest', () => {
  const labelled = {
    name: 'b',
    roles: [],
    addresses: [],
    nodeInfo: {},
    labels: { 'eks.amazonaws.com/nodegroup': 'gpu' },
  }
  const evidence = evidenceOf()
  const { families } = evidence
  const withLabel = { ...evidence, families: { ...families, nodes: { ...families.nodes, objects: [labelled] } } }
  const found = nodeProfilesOf(withLabel, factSetOf({ nodes: [node('a', v('v2')), node('b', v('v1'))] }))
  expect(found?.pools.map(({ name, by, nodes }) => [name, by, nodes])).toEqual([
    ['gpu', 'label eks.amazonaws.com/nodegroup', 1],
    ['without a role', 'roles', 1],
  ])
})

test('no node, no comparison', () => {
  expect(nodeProfilesOf(evidenceOf(), factSetOf({}))).toBeUndefined()
})
