// Generated clusters: exact counts, the same objects however they are paged, owners that exist, nothing held.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { families } from '../../../src/model/objects.ts'
import { generatedNodeName, generatedProvider, type Scale } from '../../../src/simulator/generate.ts'

const item = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), uid: z.string() })).optional(),
  }),
})
const small: Scale = { nodes: 7, pods: 1234, templates: 60 }

function list(scale: Scale, path: string, pageSize = Number.POSITIVE_INFINITY) {
  const collection = generatedProvider(scale).list(path)
  if (collection === undefined) throw new Error(`no list ${path}`)
  const objects: unknown[] = []
  for (let start = 0; start < collection.count; start += pageSize) {
    objects.push(...collection.slice(start, start + pageSize))
  }
  return { count: collection.count, objects }
}

test.each([
  { nodes: 5000, pods: 150_000, templates: 3000 },
  { nodes: 100, pods: 2000, templates: 40 },
  { nodes: 1, pods: 1, templates: 1 },
  { nodes: 3, pods: 0, templates: 0 },
  { nodes: 2, pods: 5, templates: 1 },
])('$nodes nodes and $pods pods come from $templates workloads', ({ nodes, pods, templates }) => {
  const provider = generatedProvider({ nodes, pods })
  const count = (path: string) => provider.list(path)?.count ?? -1
  const workloads = ['apps/v1/deployments', 'apps/v1/statefulsets', 'apps/v1/daemonsets', 'batch/v1/cronjobs']
  expect({
    nodes: count('/api/v1/nodes'),
    pods: count('/api/v1/pods'),
    templates: workloads.reduce((sum, path) => sum + count(`/apis/${path}`), 0),
  }).toEqual({ nodes, pods, templates })
})

/** Its version has no PodSecurityPolicies; a part of a list that lies in a namespace is cut out by the server. */
const served = Object.values(families).filter((family) => !('lastMinor' in family) && !('namespace' in family))

test('every list the collector asks for is served', () => {
  const provider = generatedProvider(small)
  expect(served.filter(({ path }) => provider.list(path) === undefined)).toEqual([])
})

test.each(served.map(({ path }) => path))('%s is the same however it is paged, and as long as it says', (path) => {
  const whole = list(small, path)
  expect(whole.objects).toHaveLength(whole.count)
  for (const pageSize of [1, 7, 500]) expect(list(small, path, pageSize).objects).toEqual(whole.objects)
})

test('pods have unique names and owners that are listed', () => {
  const read = (path: string) => z.array(item).parse(list(small, path).objects)
  const pods = read('/api/v1/pods')
  const owners = new Set(
    ['apps/v1/replicasets', 'apps/v1/statefulsets', 'apps/v1/daemonsets', 'batch/v1/jobs']
      .flatMap((path) => read(`/apis/${path}`))
      .map(({ metadata }) => metadata.uid),
  )
  expect(new Set(pods.map(({ metadata }) => metadata.uid)).size).toBe(1234)
  expect(pods.filter(({ metadata }) => !owners.has(metadata.ownerReferences?.[0]?.uid ?? ''))).toEqual([])
})

test('the seed decides the cluster', () => {
  const pods = (seed: number) => JSON.stringify(list({ ...small, seed }, '/api/v1/pods').objects)
  expect(pods(1)).toBe(pods(1))
  expect(pods(1)).not.toBe(pods(2))
})

describe('at full size', () => {
  const provider = generatedProvider({ nodes: 5000, pods: 150_000 })

  test('a page from the middle is made without the pages before it', () => {
    const pods = provider.list('/api/v1/pods')
    const started = performance.now()
    const page = z.array(item).parse([...(pods?.slice(149_500, 150_000) ?? [])])
    expect(page).toHaveLength(500)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('pods differ by far less than their number: a few thousand templates', () => {
    const pods = provider.list('/api/v1/pods')
    const owners = new Set<string>()
    for (let start = 0; start < 150_000; start += 15_000) {
      for (const pod of z.array(item).parse([...(pods?.slice(start, start + 500) ?? [])])) {
        owners.add(pod.metadata.ownerReferences?.[0]?.uid ?? '')
      }
    }
    expect(owners.size).toBeGreaterThan(20)
    expect(owners.size).toBeLessThan(3000)
  })

  test('has three control-plane nodes', () => {
    const nodes = [...(provider.list('/api/v1/nodes')?.slice(0, 5000) ?? [])]
    const controlPlane = nodes.filter((node) =>
      JSON.stringify(node).includes('node-role.kubernetes.io/control-plane":""'),
    )
    expect(
      z
        .array(item)
        .parse(controlPlane)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['node-00001', 'node-00002', 'node-00003'])
  })

  test('node names sort as they are numbered', () => {
    const nodes = z.array(item).parse([...(provider.list('/api/v1/nodes')?.slice(0, 5000) ?? [])])
    const names = nodes.map(({ metadata }) => metadata.name)
    expect(names).toEqual(names.toSorted())
    expect([names[0], names.at(-1)]).toEqual([generatedNodeName(0), 'node-05000'])
  })
})
