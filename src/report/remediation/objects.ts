// Changes of API objects: the patches of several findings about one workload become one, so that its pods are replaced once.
// May not: patch a kind whose pod template the API server does not let change.
import { parse, stringify } from 'yaml'
import type { Finding } from '../../model/result.ts'

/** A patch of a workload's pod template, or a whole object to create. */
export type ObjectChange =
  | {
      readonly kind: 'patch'
      readonly owner: { readonly kind: string; readonly name: string }
      readonly patches: readonly unknown[]
    }
  | { readonly kind: 'apply'; readonly object: { readonly kind: string; readonly name: string }; readonly text: string }

export type ObjectPlan = { readonly change: ObjectChange } | { readonly byHand: string }

/** Kind → the resource that kubectl takes, and where its pod template stands. */
export const patchable: Readonly<Record<string, { readonly resource: string; readonly template: string }>> = {
  Deployment: { resource: 'deployment.apps', template: 'spec.template' },
  StatefulSet: { resource: 'statefulset.apps', template: 'spec.template' },
  DaemonSet: { resource: 'daemonset.apps', template: 'spec.template' },
  ReplicaSet: { resource: 'replicaset.apps', template: 'spec.template' },
  ReplicationController: { resource: 'replicationcontroller', template: 'spec.template' },
  CronJob: { resource: 'cronjob.batch', template: 'spec.jobTemplate.spec.template' },
}

export function objectPlan(finding: Finding): ObjectPlan {
  try {
    return planOf(finding)
  } catch {
    // A result of another origin can hold anything in the place of YAML.
    return { byHand: 'Its patch does not parse.' }
  }
}

function planOf({ unit, remediation: steps = [] }: Finding): ObjectPlan {
  if (steps.some(({ action }) => action === 'by-hand')) return { byHand: 'One of its steps needs a person.' }
  const patches = steps.filter(({ action, content }) => action === 'patch' && content !== undefined)
  if (patches.length > 0 && unit.owner !== undefined) {
    const { kind, name } = unit.owner
    if (!Object.hasOwn(patchable, kind)) return { byHand: `A ${kind} is not changed by a patch.` }
    return {
      change: { kind: 'patch', owner: { kind, name }, patches: patches.map(({ content = '' }) => parse(content)) },
    }
  }
  const created = steps.find(({ action, content }) => action === 'apply' && content !== undefined)
  if (created?.content !== undefined) {
    const object = identityOf(parse(created.content))
    if (object !== undefined) return { change: { kind: 'apply', object, text: created.content } }
  }
  return { byHand: 'Its steps need a person.' }
}

function identityOf(object: unknown): { kind: string; name: string } | undefined {
  if (!isMap(object) || typeof object['kind'] !== 'string' || !isMap(object['metadata'])) return undefined
  const { name } = object['metadata']
  return typeof name === 'string' ? { kind: object['kind'], name } : undefined
}

/** Patches in order as one strategic merge patch, as YAML. */
export function mergedPatch(patches: readonly unknown[]): string {
  return stringify(
    patches.reduce((merged, patch) => merge(merged, patch, []), undefined),
    { lineWidth: 0 },
  )
}

/** patchMergeKey of the fields of a pod template (k8s.io/api/core/v1/types.go); other lists are replaced as a whole. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  imagePullSecrets: 'name',
}

function merge(before: unknown, after: unknown, path: readonly string[]): unknown {
  if (before === undefined) return after
  const last = path.at(-1) ?? ''
  if (Array.isArray(before) && Array.isArray(after)) return mergeLists(before, after, path, last)
  if (!isMap(before) || !isMap(after)) return after
  const merged: Record<string, unknown> = { ...before }
  for (const [key, value] of Object.entries(after)) {
    merged[key] = Object.hasOwn(before, key) ? merge(before[key], value, [...path, key]) : value
  }
  return merged
}

function mergeLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly string[],
  last: string,
): unknown {
  if (last === '$retainKeys') return [...new Set([...before, ...after])]
  // Both want the union gone, and ALL is all of them.
  if (last === 'drop')
    return before.includes('ALL') || after.includes('ALL') ? ['ALL'] : [...new Set([...before, ...after])]
  const key = Object.hasOwn(mergeKeys, last) ? mergeKeys[last] : undefined
  if (key === undefined) return after
  const merged = [...before]
  for (const item of after) {
    const at = merged.findIndex(
      (known) => isMap(known) && isMap(item) && known[key] === item[key] && sameProtocol(known, item),
    )
    if (at === -1) merged.push(item)
    else if (!isDeleted(merged[at])) merged[at] = merge(merged[at], item, [...path, String(at)])
  }
  return merged
}

/** What one patch removes, no later one may bring back. */
function isDeleted(item: unknown): boolean {
  return isMap(item) && item['$patch'] === 'delete'
}

/** Two ports of one number may differ in this alone. */
function sameProtocol(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return (a['protocol'] ?? 'TCP') === (b['protocol'] ?? 'TCP')
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
