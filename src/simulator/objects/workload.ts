// A workload and everything that follows from it: the controller object, the ReplicaSet or Job between, the pods.
// May not: hold more than one workload's objects; the generator makes them one at a time.
import type { KubeObject, MetaInput, OwnerInput, PodInput, Strings } from './build.ts'
import { digest, meta, suffix } from './build.ts'
import { type PodState, podObject } from './pod.ts'

export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'StaticPod'] as const

export interface Workload {
  readonly kind: (typeof workloadKinds)[number]
  readonly namespace: string
  readonly name: string
  /** Labels beside `app`, of controller and template. */
  readonly labels?: Strings
  /** Annotations of the template, and so of the pods. */
  readonly annotations?: Strings
  /** Of the controller only: what Helm and GitOps tools write there. */
  readonly controllerAnnotations?: Strings
  readonly spec: PodInput
  /** The node of each pod. */
  readonly nodes: readonly string[]
  /** State of pods by position, where it is not "running". */
  readonly states?: Readonly<Record<number, PodState>>
}

export interface ControllerObject {
  readonly resource: ControllerResource
  readonly object: KubeObject
}

export type ControllerResource = 'deployments' | 'replicasets' | 'statefulsets' | 'daemonsets' | 'jobs' | 'cronjobs'

/** The controllers between a workload and its pods. */
export function controllersOf(workload: Workload): readonly ControllerObject[] {
  switch (workload.kind) {
    case 'Deployment':
      return [
        { resource: 'deployments', object: deployment(workload) },
        { resource: 'replicasets', object: replicaSet(workload) },
      ]
    case 'StatefulSet':
      return [{ resource: 'statefulsets', object: statefulSet(workload) }]
    case 'DaemonSet':
      return [{ resource: 'daemonsets', object: daemonSet(workload) }]
    case 'Job':
      return [{ resource: 'jobs', object: job(workload, workload.name) }]
    case 'CronJob': {
      const owner: OwnerInput = { apiVersion: 'batch/v1', kind: 'CronJob', name: workload.name }
      return [
        { resource: 'cronjobs', object: cronJob(workload) },
        { resource: 'jobs', object: job(workload, jobName(workload), owner) },
      ]
    }
    case 'Pod':
    case 'StaticPod':
      return []
    default:
      return workload.kind satisfies never
  }
}

/** The pod at a position. */
export function podOf(workload: Workload, position: number): KubeObject {
  const node = workload.nodes[position]
  if (node === undefined) throw new Error(`${workload.namespace}/${workload.name} has no pod ${position}`)
  const identity = podIdentity(workload, position, node)
  const { namespace, spec, states, annotations } = workload
  const state = states?.[position]
  const own = { ...annotations, ...identity.annotations }
  return podObject({
    namespace,
    node,
    spec,
    name: identity.name,
    labels: { ...templateLabels(workload), ...identity.labels },
    ...(identity.generateName === undefined ? {} : { generateName: identity.generateName }),
    ...(Object.keys(own).length === 0 ? {} : { annotations: own }),
    ...(identity.owner === undefined ? {} : { owner: identity.owner }),
    ...(state === undefined ? {} : { state }),
  })
}

interface PodIdentity {
  readonly name: string
  readonly generateName?: string
  readonly labels?: Strings
  readonly annotations?: Strings
  readonly owner?: OwnerInput
}

function podIdentity(workload: Workload, position: number, node: string): PodIdentity {
  const { kind, name, namespace } = workload
  const generated = (prefix: string) => ({
    name: `${prefix}-${suffix(`${namespace}/${prefix}/${position}`, 5)}`,
    generateName: `${prefix}-`,
  })
  switch (kind) {
    case 'Deployment': {
      const set = replicaSetName(workload)
      const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set }
      return { ...generated(set), owner, labels: { 'pod-template-hash': templateHash(workload) } }
    }
    case 'StatefulSet': {
      const owner = { apiVersion: 'apps/v1', kind, name }
      const labels = {
        'statefulset.kubernetes.io/pod-name': `${name}-${position}`,
        'apps.kubernetes.io/pod-index': `${position}`,
        'controller-revision-hash': `${name}-${templateHash(workload)}`,
      }
      return { name: `${name}-${position}`, generateName: `${name}-`, owner, labels }
    }
    case 'DaemonSet': {
      const labels = { 'controller-revision-hash': templateHash(workload), 'pod-template-generation': '1' }
      return { ...generated(name), owner: { apiVersion: 'apps/v1', kind, name }, labels }
    }
    case 'Job':
    case 'CronJob': {
      const owner = kind === 'Job' ? name : jobName(workload)
      return {
        ...generated(owner),
        owner: { apiVersion: 'batch/v1', kind: 'Job', name: owner },
        labels: jobLabels(owner),
      }
    }
    case 'Pod':
      return { name }
    case 'StaticPod':
      return {
        name: `${name}-${node}`,
        owner: { apiVersion: 'v1', kind: 'Node', name: node },
        annotations: mirrorAnnotations(name, node),
      }
    default:
      return kind satisfies never
  }
}

function mirrorAnnotations(name: string, node: string): Strings {
  const hash = digest(`${name}/${node}`).slice(0, 32)
  return {
    'kubernetes.io/config.hash': hash,
    'kubernetes.io/config.mirror': hash,
    'kubernetes.io/config.seen': '2026-10-30T05:12:30.000000000Z',
    'kubernetes.io/config.source': 'file',
  }
}

function templateLabels({ name, labels }: Workload): Strings {
  return { app: name, ...labels }
}

function templateHash(workload: Workload): string {
  return suffix(`${workload.namespace}/${workload.name}/template`, 10)
}

function replicaSetName(workload: Workload): string {
  return `${workload.name}-${templateHash(workload)}`
}

function jobName(workload: Workload): string {
  return `${workload.name}-29743200`
}

function jobLabels(job: string): Strings {
  return { 'batch.kubernetes.io/job-name': job, 'job-name': job }
}

function template(workload: Workload, more: Strings = {}): KubeObject {
  const { annotations, spec } = workload
  return {
    metadata: {
      labels: { ...templateLabels(workload), ...more },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      ...spec,
    },
  }
}

function controllerMeta(kind: string, workload: Workload, more: Partial<MetaInput> = {}): KubeObject {
  const { name, namespace, controllerAnnotations } = workload
  return meta(kind, {
    name,
    namespace,
    labels: templateLabels(workload),
    ...(controllerAnnotations === undefined ? {} : { annotations: controllerAnnotations }),
    ...more,
  })
}

function selector(workload: Workload): KubeObject {
  return { matchLabels: { app: workload.name } }
}

function deployment(workload: Workload): KubeObject {
  const replicas = workload.nodes.length
  return {
    metadata: controllerMeta('Deployment', workload),
    spec: { replicas, selector: selector(workload), strategy: { type: 'RollingUpdate' }, template: template(workload) },
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, readyReplicas: replicas },
  }
}

function replicaSet(workload: Workload): KubeObject {
  const hash = { 'pod-template-hash': templateHash(workload) }
  const replicas = workload.nodes.length
  return {
    metadata: controllerMeta('ReplicaSet', workload, {
      name: replicaSetName(workload),
      labels: { ...templateLabels(workload), ...hash },
      owner: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload.name },
    }),
    spec: { replicas, selector: selector(workload), template: template(workload, hash) },
    status: { replicas, readyReplicas: replicas },
  }
}

function statefulSet(workload: Workload): KubeObject {
  const replicas = workload.nodes.length
  return {
    metadata: controllerMeta('StatefulSet', workload),
    spec: { replicas, serviceName: workload.name, selector: selector(workload), template: template(workload) },
    status: { replicas, readyReplicas: replicas },
  }
}

function daemonSet(workload: Workload): KubeObject {
  const count = workload.nodes.length
  return {
    metadata: controllerMeta('DaemonSet', workload),
    spec: { selector: selector(workload), template: template(workload), updateStrategy: { type: 'RollingUpdate' } },
    status: { currentNumberScheduled: count, desiredNumberScheduled: count, numberReady: count, numberMisscheduled: 0 },
  }
}

function job(workload: Workload, name: string, owner?: OwnerInput): KubeObject {
  return {
    metadata: controllerMeta('Job', workload, {
      name,
      labels: { ...templateLabels(workload), ...jobLabels(name) },
      ...(owner === undefined ? {} : { owner }),
    }),
    spec: { completions: 1, parallelism: 1, backoffLimit: 6, template: template(workload, jobLabels(name)) },
    status: { succeeded: 1, startTime: '2026-11-19T02:00:00Z', completionTime: '2026-11-19T02:03:10Z' },
  }
}

function cronJob(workload: Workload): KubeObject {
  return {
    metadata: controllerMeta('CronJob', workload),
    spec: {
      schedule: '0 2 * * *',
      concurrencyPolicy: 'Forbid',
      suspend: false,
      jobTemplate: { spec: { template: template(workload) } },
    },
    status: { lastScheduleTime: '2026-11-19T02:00:00Z' },
  }
}
