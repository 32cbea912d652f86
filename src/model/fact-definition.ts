// What the list of facts is made of: what is judged, what a fact is read from, and the API families that several facts share.
// May not: name a fact.
import { z } from 'zod'
import type { Family } from './objects.ts'

/** What a rule can be evaluated for. A roll-up over units gives the rule's outcome. */
export const unitKinds = ['cluster', 'nodes', 'workloads', 'namespaces', 'bindings', 'roles', 'subjects'] as const
export const unitKindSchema = z.enum(unitKinds)
export type UnitKind = z.infer<typeof unitKindSchema>

export interface FactDefinition {
  readonly each: UnitKind
  readonly schema: z.ZodObject
  /** Column head of the coverage matrix, for people. */
  readonly label: string
  /** API families the derivation reads; the minimum ClusterRole comes from here. */
  readonly families: readonly Family[]
  /** Whether the node probe is needed. */
  readonly host: boolean
}

export const workloadFamilies = [
  'pods',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicationcontrollers',
] as const satisfies readonly Family[]

export const bindingFamilies = [
  'clusterrolebindings',
  'rolebindings',
  'clusterroles',
  'roles',
] as const satisfies readonly Family[]

/** Kinds that had an API version which Kubernetes removed or will remove. */
export const versionedFamilies = [
  'deployments',
  'replicasets',
  'daemonsets',
  'statefulsets',
  'cronjobs',
  'networkpolicies',
  ...bindingFamilies,
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'customresourcedefinitions',
  'horizontalpodautoscalers',
  'poddisruptionbudgets',
  'ingresses',
  'ingressclasses',
  'servicecidrs',
  'flowschemas',
  'prioritylevelconfigurations',
  'priorityclasses',
  'runtimeclasses',
  'storageclasses',
  'csidrivers',
  'volumeattributesclasses',
  'deviceclasses',
  'resourceclaimtemplates',
] as const satisfies readonly Family[]

// Generic, so that FactValue keeps each schema's type.
export function host<S extends z.ZodObject>(label: string, schema: S, each: UnitKind = 'nodes') {
  return { each, schema, label, families: ['nodes'], host: true } as const satisfies FactDefinition
}
// The API's mirror pods tell the arguments where the host does not.
export function onNode<S extends z.ZodObject>(label: string, schema: S) {
  return { each: 'nodes', schema, label, families: ['nodes', 'pods'], host: true } as const satisfies FactDefinition
}
export function workload<S extends z.ZodObject>(label: string, schema: S) {
  return { each: 'workloads', schema, label, families: workloadFamilies, host: false } as const satisfies FactDefinition
}
