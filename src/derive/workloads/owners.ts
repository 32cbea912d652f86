// Groups pods by the object that a change has to be made to: the top-level owner. Pod → ReplicaSet → Deployment,
// Pod → Job → CronJob and what else owns those are followed; an owner that is no listed kind (an Argo Rollout) is kept as the reference names it.
// May not: guess an owner from a name. Where the list that links them is missing, the owner that the pod names is the group.
import type { Evidence } from '../../model/evidence.ts'
import type { ControllerObject, PodObject } from '../../model/objects.ts'

export interface WorkloadGroup {
  /** `<namespace>/<Kind>/<name>`; a manifest may leave the namespace open, and the id then too. */
  readonly id: string
  readonly namespace: string
  readonly kind: string
  readonly name: string
  readonly isStaticPod: boolean
  /** The owner itself, where it is listed. */
  controller: ControllerObject | undefined
  /** Templates of other owners of this very name, which files of several environments hold side by side. */
  readonly otherTemplates: Set<string>
  /** The newest listed ReplicaSet, Job … of an owner that is not listed itself. */
  child: ControllerObject | undefined
  /** Template digest → pods made from it. */
  readonly pods: Map<string, PodObject[]>
}

interface Owner {
  readonly kind: string
  readonly name: string
}

type Groups = Map<string, WorkloadGroup>

export function groupByOwner(evidence: Evidence): ReadonlyMap<string, WorkloadGroup> {
  const { families } = evidence
  const groups: Groups = new Map()
  const links = new Links([
    ...families.replicasets.objects,
    ...families.jobs.objects,
    ...families.replicationcontrollers.objects,
  ])
  for (const pod of families.pods.objects) addPod(groups, pod, links)
  const topLevel = [
    ...families.deployments.objects,
    ...families.statefulsets.objects,
    ...families.daemonsets.objects,
    ...families.cronjobs.objects,
  ]
  for (const controller of topLevel) define(groupOf(groups, controller.namespace, controller), controller)
  for (const controller of links.controllers) addIntermediate(groups, controller)
  return groups
}

/** Made by other controllers more often than by people (DeploymentConfigs own ReplicationControllers). */
const intermediateKinds: ReadonlySet<string> = new Set(['ReplicaSet', 'Job', 'ReplicationController'])

/** The objects between a pod and its top-level owner, by kind, namespace and name. */
class Links {
  readonly controllers: readonly ControllerObject[]
  readonly #byKey: ReadonlyMap<string, ControllerObject>

  constructor(controllers: readonly ControllerObject[]) {
    this.controllers = controllers
    this.#byKey = new Map(controllers.map((controller) => [groupId(controller.namespace, controller), controller]))
  }

  topOf(namespace: string | undefined, owner: Owner): Owner {
    if (!intermediateKinds.has(owner.kind)) return owner
    return this.#byKey.get(groupId(namespace, owner))?.owner ?? owner
  }
}

function addPod(groups: Groups, pod: PodObject, links: Links): void {
  const isStatic = pod.isMirror === true || pod.owner?.kind === 'Node'
  const owner = isStatic
    ? { kind: 'StaticPod', name: componentOf(pod) }
    : links.topOf(pod.namespace, pod.owner ?? { kind: 'Pod', name: pod.name })
  const { pods } = groupOf(groups, pod.namespace, owner)
  const sameTemplate = pods.get(pod.template)
  if (sameTemplate === undefined) pods.set(pod.template, [pod])
  else sameTemplate.push(pod)
}

/** The kubelet names a static pod's mirror `<component>-<node>`. */
function componentOf(pod: PodObject): string {
  const suffix = `-${pod.nodeName ?? pod.owner?.name ?? ''}`
  return suffix.length > 1 && pod.name.length > suffix.length && pod.name.endsWith(suffix)
    ? pod.name.slice(0, -suffix.length)
    : pod.name
}

/** Of several of one name, none may hide another; which one is the plain one must not depend on their order. */
function define(group: WorkloadGroup, controller: ControllerObject): void {
  const known = group.controller
  if (known === undefined || controller.template < known.template) group.controller = controller
  if (known === undefined || controller.template === known.template) return
  group.otherTemplates
    .add(known.template)
    .add(controller.template)
    .delete(group.controller?.template ?? '')
}

/** An intermediate controller is a group of its own without an owner, and stands in for an owner that no list shows. */
function addIntermediate(groups: Groups, controller: ControllerObject): void {
  const group = groupOf(groups, controller.namespace, controller.owner ?? controller)
  if (controller.owner === undefined) define(group, controller)
  else if (group.controller === undefined && isNewer(controller, group.child)) group.child = controller
}

/** Of two made in the same second, the later name, so that the order of the list does not matter. */
function isNewer(a: ControllerObject, b: ControllerObject | undefined): boolean {
  if (b === undefined) return true
  const [made, before] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return made === before ? a.name > b.name : made > before
}

function groupOf(groups: Groups, namespace = '', owner: Owner): WorkloadGroup {
  const id = groupId(namespace, owner)
  const known = groups.get(id)
  if (known !== undefined) return known
  const isStaticPod = owner.kind === 'StaticPod'
  const group: WorkloadGroup = {
    id,
    namespace,
    kind: owner.kind,
    name: owner.name,
    isStaticPod,
    controller: undefined,
    otherTemplates: new Set(),
    child: undefined,
    pods: new Map(),
  }
  groups.set(id, group)
  return group
}

function groupId(namespace = '', { kind, name }: Owner): string {
  return namespace === '' ? `${kind}/${name}` : `${namespace}/${kind}/${name}`
}
