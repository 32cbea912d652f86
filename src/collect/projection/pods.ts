// Pods and the controllers that make them: one projection to an object and the template it names.
// May not: keep a template in the object; templates are records of their own, written once.
import type { z } from 'zod'
import type { ControllerObject, PodObject, podObjectSchema } from '../../model/objects.ts'
import { redactMessage } from '../redact.ts'
import { notEmpty, projectResources } from './container.ts'
import { generatedFrom, managedBy, metadataOf, projectMeta, waiveOf } from './metadata.ts'
import { generatedLabels, type ProjectedTemplate, projectTemplate } from './pod-template.ts'
import { child, int, isRaw, list, type Problems, present, type Raw, text } from './read.ts'

type ContainerStatus = NonNullable<z.infer<typeof podObjectSchema>['containerStatuses']>[number]

export interface WithTemplate<T> {
  readonly object: T
  readonly template: ProjectedTemplate
}

const none: Raw = {}
const messageLimit = 500

export function projectPod(raw: Raw, problems: Problems): WithTemplate<PodObject> {
  const metadata = metadataOf(raw, problems)
  const spec = requiredChild(raw, 'spec', problems)
  const status = child(raw, 'status', problems) ?? none
  // Labels that all pods of the owner have are in the template; here are the ones of this pod alone.
  const meta = projectMeta(metadata, problems, (name) => generatedLabels.has(name))
  const suffix = meta.owner?.kind === 'StatefulSet' ? `-${meta.name}` : undefined
  const template = projectTemplate(metadata, spec, problems, suffix)
  const annotations = child(metadata, 'annotations', problems) ?? none
  const object = present({
    ...meta,
    template: template.id,
    nodeName: text(spec, 'nodeName', problems) || undefined,
    generateName: meta.owner === undefined ? generatedFrom(metadata, meta.name, problems) : undefined,
    waive: meta.owner === undefined ? waiveOf(metadata, problems) : undefined,
    isMirror: Object.hasOwn(annotations, 'kubernetes.io/config.mirror') || undefined,
    configHash: Object.hasOwn(annotations, 'kubernetes.io/config.mirror')
      ? text(annotations, 'kubernetes.io/config.hash', problems)
      : undefined,
    phase: text(status, 'phase', problems),
    reason: text(status, 'reason', problems),
    message: messageOf(status, problems),
    qosClass: text(status, 'qosClass', problems),
    containerStatuses: projectStatuses(status, spec, problems),
  })
  return { object, template }
}

/** Looked at before it is cut: half a credential is not recognized. */
function messageOf(status: Raw, problems: Problems): string | undefined {
  const message = text(status, 'message', problems)
  return message === undefined ? undefined : redactMessage(message.slice(0, 8 * messageLimit)).slice(0, messageLimit)
}

function requiredChild(raw: Raw, key: string, problems: Problems): Raw {
  const value = child(raw, key, problems)
  if (value === undefined) problems.note(key)
  return value ?? none
}

const statusLists = [
  ['initContainerStatuses', 'initContainers'],
  ['containerStatuses', 'containers'],
  ['ephemeralContainerStatuses', 'ephemeralContainers'],
] as const

function projectStatuses(status: Raw, spec: Raw, problems: Problems): ContainerStatus[] | undefined {
  const statuses: ContainerStatus[] = []
  for (const [key, specKey] of statusLists) {
    for (const raw of list(status, key, problems) ?? noStatuses) {
      statuses.push(projectStatus(raw, changedResources(raw, spec[specKey]) ? raw : undefined, problems))
    }
  }
  return notEmpty(statuses)
}
const noStatuses: readonly Raw[] = []

function projectStatus(raw: Raw, resized: Raw | undefined, problems: Problems): ContainerStatus {
  const state = child(raw, 'state', problems) ?? none
  const last = child(raw, 'lastState', problems) ?? none
  const waiting = child(state, 'waiting', problems)
  return present({
    name: text(raw, 'name', problems) ?? '',
    id: isRaw(state['running']) ? shortId(text(raw, 'containerID', problems)) : undefined,
    resources: resized === undefined ? undefined : projectResources(resized, problems),
    restartCount: int(raw, 'restartCount', problems),
    waiting: waiting === undefined ? undefined : text(waiting, 'reason', problems),
    terminated: projectTermination(state, problems),
    lastTerminated: projectTermination(last, problems),
  })
}

/** Twelve characters are copied; more would keep the whole page of the API's answer in memory. */
function shortId(id: string | undefined): string | undefined {
  const at = id?.indexOf('://') ?? -1
  return id === undefined || at < 0 ? undefined : id.slice(at + 3, at + 15) || undefined
}

const changeable = [
  ['requests', 'cpu'],
  ['requests', 'memory'],
  ['limits', 'cpu'],
  ['limits', 'memory'],
] as const

/** Whether the kubelet says that other resources are in force than the spec asks. */
function changedResources(status: Raw, containers: unknown): boolean {
  const actual = status['resources']
  if (!isRaw(actual) || !Array.isArray(containers)) return false
  const container: unknown = containers.find((one: unknown) => isRaw(one) && one['name'] === status['name'])
  const wanted = isRaw(container) ? container['resources'] : undefined
  return changeable.some(([kind, name]) => {
    const amount = amountOf(actual, kind, name)
    return amount !== undefined && amount !== amountOf(wanted, kind, name)
  })
}

function amountOf(resources: unknown, kind: string, name: string): unknown {
  const amounts = isRaw(resources) ? resources[kind] : undefined
  return isRaw(amounts) ? amounts[name] : undefined
}

function projectTermination(state: Raw, problems: Problems): ContainerStatus['terminated'] | undefined {
  const terminated = child(state, 'terminated', problems)
  if (terminated === undefined) return undefined
  return present({
    reason: text(terminated, 'reason', problems),
    exitCode: int(terminated, 'exitCode', problems),
    finishedAt: text(terminated, 'finishedAt', problems),
  })
}

const controllerKinds = {
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  replicationcontrollers: 'ReplicationController',
} as const
export type ControllerFamily = keyof typeof controllerKinds

export function projectController(
  family: ControllerFamily,
  raw: Raw,
  problems: Problems,
): WithTemplate<ControllerObject> {
  const metadata = metadataOf(raw, problems)
  const spec = requiredChild(raw, 'spec', problems)
  const podTemplate = requiredChild(family === 'cronjobs' ? jobSpec(spec, problems) : spec, 'template', problems)
  const templateMetadata = isRaw(podTemplate['metadata']) ? podTemplate['metadata'] : none
  const template = projectTemplate(templateMetadata, requiredChild(podTemplate, 'spec', problems), problems)
  const meta = projectMeta(metadata, problems)
  const object = present({
    ...meta,
    kind: controllerKinds[family],
    generateName: meta.owner === undefined ? generatedFrom(metadata, meta.name, problems) : undefined,
    waive: meta.owner === undefined ? waiveOf(metadata, problems) : undefined,
    replicas: projectReplicas(family, raw, spec, problems),
    template: template.id,
    managedBy: managedBy(metadata, problems),
  })
  return { object, template }
}

function jobSpec(spec: Raw, problems: Problems): Raw {
  return requiredChild(requiredChild(spec, 'jobTemplate', problems), 'spec', problems)
}

/** Pods the controller wants. Absent for a CronJob, and for a manifest that leaves it to the API server. */
function projectReplicas(family: ControllerFamily, raw: Raw, spec: Raw, problems: Problems): number | undefined {
  switch (family) {
    case 'daemonsets':
      return int(child(raw, 'status', problems) ?? none, 'desiredNumberScheduled', problems)
    case 'jobs':
      return int(spec, 'parallelism', problems)
    case 'cronjobs':
      return undefined
    case 'deployments':
    case 'replicasets':
    case 'statefulsets':
    case 'replicationcontrollers':
      return int(spec, 'replicas', problems)
  }
}
