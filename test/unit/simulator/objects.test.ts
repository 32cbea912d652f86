// The demo's API objects hold together as a real cluster's do, and show what they are there to show.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { families } from '../../../src/model/objects.ts'
import {
  collectionsOf,
  demoObjects,
  hostileTexts,
  listPath,
  type Resource,
  secretMarker,
} from '../../../src/simulator/objects/index.ts'

const owner = z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean() })
const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  ownerReferences: z.array(owner).optional(),
})
const object = z.looseObject({ metadata })
const pod = z.looseObject({
  metadata,
  spec: z.looseObject({ nodeName: z.string(), serviceAccountName: z.string() }),
  status: z.looseObject({
    phase: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    qosClass: z.string(),
  }),
})
const binding = z.looseObject({
  metadata,
  roleRef: z.object({ kind: z.string(), name: z.string(), apiGroup: z.string() }),
})

const demo = demoObjects()
const all = (resource: Resource) => z.array(object).parse(demo[resource] ?? [])
const pods = z.array(pod).parse(demo.pods)
const key = ({ metadata: { namespace, name } }: { metadata: { namespace?: string | undefined; name: string } }) =>
  namespace === undefined ? name : `${namespace}/${name}`

test('every list the collector asks for is served, empty or not', () => {
  const lists = collectionsOf(demo)
  // The demo's version has no PodSecurityPolicies; the part of a list that lies in a namespace is cut out when it is asked for.
  const missing = Object.values(families)
    .filter((family) => !('lastMinor' in family) && !('namespace' in family))
    .filter(({ path }) => lists[path] === undefined)
  expect(missing).toEqual([])
  expect(lists['/api/v1/replicationcontrollers']).toMatchObject({ kind: 'ReplicationControllerList', count: 0 })
  expect(listPath('cronjobs')).toBe('/apis/batch/v1/cronjobs')
})

test('names are unique in their list and uids in the cluster', () => {
  const uids: string[] = []
  for (const resource of Object.keys(demo)) {
    const list = z.array(object).parse(Object.entries(demo).find(([name]) => name === resource)?.[1])
    const names = list.map(key)
    expect(new Set(names).size, resource).toBe(names.length)
    uids.push(...list.map((item) => item.metadata.uid))
  }
  expect(new Set(uids).size).toBe(uids.length)
})

test('every owner exists, with the uid that is referred to', () => {
  const byKind: Record<string, Resource> = {
    Node: 'nodes',
    ReplicaSet: 'replicasets',
    Deployment: 'deployments',
    StatefulSet: 'statefulsets',
    DaemonSet: 'daemonsets',
    Job: 'jobs',
    CronJob: 'cronjobs',
  }
  const owned = [...all('pods'), ...all('replicasets'), ...all('jobs')]
  const dangling = owned.filter(({ metadata: { namespace, ownerReferences } }) =>
    ownerReferences?.some(({ kind, name, uid }) => {
      const resource = byKind[kind]
      const owners = resource === undefined ? [] : all(resource)
      return !owners.some(
        (candidate) =>
          candidate.metadata.uid === uid &&
          candidate.metadata.name === name &&
          (kind === 'Node' || candidate.metadata.namespace === namespace),
      )
    }),
  )
  expect(dangling.map(key)).toEqual([])
  expect(pods.filter(({ metadata: { ownerReferences } }) => ownerReferences === undefined).map(key)).toEqual([
    'legacy/semaphore-test',
  ])
})

test('pods stand on nodes that exist, in namespaces that exist, with ServiceAccounts that exist', () => {
  const nodes = new Set(all('nodes').map(key))
  const accounts = new Set(all('serviceaccounts').map(key))
  const namespaces = new Set(all('namespaces').map(key))
  const lost = pods.filter(
    ({ metadata: { namespace = '' }, spec }) =>
      !nodes.has(spec.nodeName) ||
      !accounts.has(`${namespace}/${spec.serviceAccountName}`) ||
      !namespaces.has(namespace),
  )
  expect(lost.map(key)).toEqual([])
})

test('every binding’s role exists', () => {
  const clusterRoles = new Set(all('clusterroles').map(key))
  const roles = new Set(all('roles').map(key))
  const bindings = z.array(binding).parse([...(demo.clusterrolebindings ?? []), ...(demo.rolebindings ?? [])])
  const dangling = bindings.filter(({ metadata: { namespace }, roleRef }) =>
    roleRef.kind === 'ClusterRole' ? !clusterRoles.has(roleRef.name) : !roles.has(`${namespace}/${roleRef.name}`),
  )
  expect(dangling.map(key)).toEqual([])
})

test('pods that did not simply run say what happened to them', () => {
  const told = pods
    .filter(({ status }) => status.phase !== 'Running')
    .map((item) => [
      key(item).replace(/-[a-z0-9]{10}-[a-z0-9]{5}$|-[a-z0-9]{5}$/, ''),
      item.status.phase,
      item.status.message,
    ])
  expect(told).toEqual([
    ['shop/nightly-report-29743200', 'Succeeded', undefined],
    ['legacy/queue', 'Failed', 'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowlisted'],
    ['legacy/semaphore-test', 'Failed', 'Pod was rejected: forbidden sysctl: "kernel.sem" not allowlisted'],
    ['ci/image-cleanup', 'Succeeded', undefined],
  ])
  const killed = pods.filter((item) => JSON.stringify(item.status).includes('"reason":"OOMKilled"'))
  expect(killed.map(key)).toEqual([expect.stringMatching(/^legacy\/importer-/)])
})

test.each([
  ['shop/database-0', 'Guaranteed'],
  ['kube-system/etcd-cp-1', 'Burstable'],
  ['legacy/semaphore-test', 'BestEffort'],
  ['legacy/importer', 'Burstable'],
  ['monitoring/prometheus-0', 'Burstable'],
])('%s is %s, as the API server computes it', (name, wanted) => {
  expect(pods.find((item) => key(item).startsWith(name))?.status.qosClass).toBe(wanted)
})

test('a limit without a request is the request in the pod, and only there', () => {
  const text = (resource: Resource) =>
    JSON.stringify(all(resource).find((item) => key(item).startsWith('legacy/importer')))
  expect(text('pods')).toContain('"resources":{"limits":{"memory":"300Mi"},"requests":{"memory":"300Mi"}}')
  expect(text('deployments')).toContain('"resources":{"limits":{"memory":"300Mi"}}')
})

test('the same description gives the same objects', () => {
  expect(demoObjects()).toEqual(demo)
})

test('secrets hold what must not be found elsewhere, and clusters leave it elsewhere too', () => {
  const encoded = Buffer.from(secretMarker).toString('base64')
  const secrets = JSON.stringify(demo.secrets)
  expect([secrets.includes(encoded), secrets.includes(secretMarker)]).toEqual([true, true])
  const others = Object.entries(demo)
    .filter(([name]) => name !== 'secrets')
    .filter(([, list]) => JSON.stringify(list).includes(secretMarker))
  expect(others.map(([name]) => name)).toEqual(['pods', 'deployments', 'replicasets', 'daemonsets'])
})

describe('hostile texts', () => {
  const hostile = demoObjects({ hostile: true })

  test.each(Object.entries(hostileTexts))('%s is there when asked for, and only then', (kind, text) => {
    const quoted = JSON.stringify(text).slice(1, -1)
    const shown = JSON.stringify(hostile.pods)
    expect(shown.includes(quoted)).toBe(true)
    if (kind !== 'prototype') expect(JSON.stringify(demo).includes(quoted)).toBe(false)
  })

  test('a label named __proto__ is an own property', () => {
    const labels = z
      .array(z.looseObject({ metadata: z.looseObject({ labels: z.unknown() }) }))
      .parse(hostile.deployments)
      .map((item) => item.metadata.labels)
    const own = labels.filter(
      (value) => typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'),
    )
    expect(own).toHaveLength(Object.keys(hostileTexts).length)
  })
})

const reference = '../shared/reference/rbac-bootstrap-versions/1.34.9'
const hasReference = existsSync(reference)
if (!hasReference) console.warn(`SKIPPED: ${reference} is absent, bootstrap roles are not compared`)

describe.skipIf(!hasReference)('bootstrap roles and bindings are those of Kubernetes 1.34', () => {
  test.each([
    ['cluster-roles.yaml', 'clusterroles'],
    ['controller-roles.yaml', 'clusterroles'],
    ['namespace-roles.yaml', 'roles'],
    ['cluster-role-bindings.yaml', 'clusterrolebindings'],
    ['controller-role-bindings.yaml', 'clusterrolebindings'],
    ['namespace-role-bindings.yaml', 'rolebindings'],
  ] as const)('%s', (file, resource) => {
    const list = z.looseObject({ items: z.array(bootstrap) }).parse(parse(readFileSync(`${reference}/${file}`, 'utf8')))
    const ours = z.array(bootstrap).parse(demo[resource])
    const same = list.items.map((wanted) => {
      const found = ours.find(
        ({ metadata: { name, namespace } }) => name === wanted.metadata.name && namespace === wanted.metadata.namespace,
      )
      // The aggregation controller fills in what the bootstrap leaves null.
      return found === undefined || wanted.rules !== null ? found : { ...found, rules: null }
    })
    expect(same).toEqual(list.items)
  })
})

const bootstrap = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  rules: z.unknown().optional(),
  aggregationRule: z.unknown().optional(),
  roleRef: z.unknown().optional(),
  subjects: z.unknown().optional(),
})

test('aggregated roles have the rules that the controller would fill in', () => {
  const counts = z
    .array(z.looseObject({ metadata, rules: z.array(z.unknown()).nullable() }))
    .parse(demo.clusterroles)
    .filter(({ metadata: { name } }) => ['admin', 'edit', 'view', 'cluster-admin'].includes(name))
    .map(({ metadata: { name }, rules }) => [name, (rules?.length ?? 0) > 1])
  expect(counts.sort()).toEqual([
    ['admin', true],
    ['cluster-admin', true],
    ['edit', true],
    ['view', true],
  ])
})
