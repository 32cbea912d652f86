// Clusters of any size, made while they are read: a few thousand workload templates, each pod computed from its index, so that
// 150,000 pods need no memory. The same seed gives the same cluster.
// May not: hold pods, or use randomness.
import { type ObjectCollection, type ObjectProvider, tableProvider } from './api-provider.ts'
import { generatedKind, generatedNamespace, generatedWorkload, mix } from './generate-workload.ts'
import { demoHostIndex } from './hosts/index.ts'
import type { KubeObject } from './objects/build.ts'
import { collectionsOf, demoNodes, demoVersion, listPath } from './objects/index.ts'
import { namespaceObject, serviceAccountObject } from './objects/namespaces.ts'
import { nodeObject } from './objects/nodes.ts'
import { addBootstrapPolicy } from './objects/rbac.ts'
import { createObjectStore } from './objects/store.ts'
import { type ControllerResource, controllersOf, podOf, type Workload } from './objects/workload.ts'

export interface Scale {
  readonly nodes: number
  readonly pods: number
  /** Workloads that the pods belong to; default one for 50 pods, 3,000 at most. */
  readonly templates?: number
  /** Default 1. */
  readonly seed?: number
}

export function generatedNodeName(index: number): string {
  return `node-${`${index + 1}`.padStart(5, '0')}`
}

export function generatedProvider(scale: Scale): ObjectProvider {
  const plan = createPlan(scale)
  const lists = collectionsOf(fewObjects(plan))
  const replace = (path: string, count: number, slice: ObjectCollection['slice']) => {
    const list = lists[path]
    if (list === undefined) throw new Error(`no such list: ${path}`)
    lists[path] = { ...list, count, slice }
  }
  replace(listPath('nodes'), scale.nodes, (start, end) => generatedNodes(start, Math.min(end, scale.nodes)))
  replace(listPath('pods'), plan.pods, (start, end) => generatedPods(plan, start, Math.min(end, plan.pods)))
  for (const resource of controllerResources) {
    const positions = plan.positions[resource]
    const slice = (start: number, end: number) => generatedControllers(plan, positions.slice(start, end), resource)
    replace(listPath(resource), positions.length, slice)
  }
  return tableProvider(lists, { '/version': demoVersion })
}

const controllerResources = ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'] as const

interface Plan {
  readonly seed: number
  readonly nodes: number
  readonly namespaces: number
  readonly pods: number
  /** Index of the first pod of each template; one more than there are templates. */
  readonly starts: Uint32Array
  /** Templates that have an object of this kind. */
  readonly positions: Readonly<Record<ControllerResource, readonly number[]>>
}

function createPlan({ nodes, pods, templates, seed = 1 }: Scale): Plan {
  if (nodes < 1 || pods < 0) throw new Error('a generated cluster has at least one node')
  const count = Math.min(pods, templates ?? Math.min(3000, Math.ceil(pods / 50)))
  const positions: Record<ControllerResource, number[]> = {
    deployments: [],
    replicasets: [],
    statefulsets: [],
    daemonsets: [],
    jobs: [],
    cronjobs: [],
  }
  for (let position = 0; position < count; position += 1) {
    for (const resource of resourcesOf[generatedKind(seed, position)]) positions[resource].push(position)
  }
  const namespaces = Math.max(1, Math.ceil(count / 15))
  return { seed, nodes, pods: count === 0 ? 0 : pods, namespaces, starts: podStarts(count, pods, seed), positions }
}

const resourcesOf = {
  Deployment: ['deployments', 'replicasets'],
  StatefulSet: ['statefulsets'],
  DaemonSet: ['daemonsets'],
  CronJob: ['cronjobs', 'jobs'],
} as const

/** Every template has a pod; the rest is shared out by weights of which a few are large, as in real clusters. */
function podStarts(count: number, pods: number, seed: number): Uint32Array {
  const weights = Array.from({ length: count }, (_, position) => {
    const size = mix(100, seed, position, 4)
    return size < 80 ? 1 + (size % 5) : size < 98 ? 20 : 100
  })
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const starts = new Uint32Array(count + 1)
  let before = 0
  for (const [position, weight] of weights.entries()) {
    starts[position] = position + Math.floor(((pods - count) * before) / total)
    before += weight
  }
  starts[count] = pods
  return starts
}

function workloadAt(plan: Plan, position: number): Workload {
  const pods = (plan.starts[position + 1] ?? 0) - (plan.starts[position] ?? 0)
  const { seed, nodes, namespaces } = plan
  const at = { seed, position, pods, nodeCount: nodes, nodeName: generatedNodeName }
  return generatedWorkload(at, generatedNamespace(position, namespaces))
}

function* generatedPods(plan: Plan, start: number, end: number): Generator<KubeObject> {
  let index = start
  let position = templateOf(plan, start)
  while (index < end) {
    const workload = workloadAt(plan, position)
    const first = plan.starts[position] ?? 0
    const last = Math.min(end, plan.starts[position + 1] ?? 0)
    for (; index < last; index += 1) yield podOf(workload, index - first)
    position += 1
  }
}

/** The last template that starts at or before the pod. */
function templateOf({ starts }: Plan, pod: number): number {
  let low = 0
  let high = starts.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= pod) low = middle
    else high = middle
  }
  return low
}

function* generatedControllers(
  plan: Plan,
  positions: readonly number[],
  resource: ControllerResource,
): Generator<KubeObject> {
  for (const position of positions) {
    for (const controller of controllersOf(workloadAt(plan, position))) {
      if (controller.resource === resource) yield controller.object
    }
  }
}

/** Nodes like the demo's six, so that a host tree fits each; addresses are loopback. */
function* generatedNodes(start: number, end: number): Generator<KubeObject> {
  for (let index = start; index < end; index += 1) {
    const model = demoNodes[demoHostIndex(index)]
    if (model === undefined) return
    yield nodeObject({
      ...model,
      name: generatedNodeName(index),
      address: `127.${100 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    })
  }
}

function fewObjects(plan: Plan) {
  const store = createObjectStore()
  const names = Array.from({ length: plan.namespaces }, (_, index) => generatedNamespace(index, plan.namespaces))
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease', ...names]) {
    store.add('namespaces', namespaceObject(name))
    store.add('serviceaccounts', serviceAccountObject(name, 'default'))
  }
  addBootstrapPolicy(store)
  return store.objects
}
