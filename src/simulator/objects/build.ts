// Kubernetes objects as the API server hands them out: defaults filled in, owners linked, names and uids made from a digest, so
// that the same description always gives the same object.
// May not: use clock or randomness.
import { hash } from 'node:crypto'

/** An object as it travels in a list. */
export type KubeObject = Readonly<Record<string, unknown>>

export type Strings = Readonly<Record<string, string>>

export interface Resources {
  readonly requests?: Strings
  readonly limits?: Strings
}

/** Fields of core/v1 Container; those the builder looks at have types. */
export interface ContainerInput {
  readonly name: string
  readonly image: string
  readonly resources?: Resources
  readonly volumeMounts?: readonly KubeObject[]
  readonly [field: string]: unknown
}

/** Fields of core/v1 PodSpec; those the builder looks at have types. */
export interface PodInput {
  readonly containers: readonly ContainerInput[]
  readonly initContainers?: readonly ContainerInput[]
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly volumes?: readonly KubeObject[]
  readonly hostNetwork?: boolean
  readonly [field: string]: unknown
}

/** When all demo objects were made, unless they say otherwise. */
export const createdAt = '2026-09-17T09:30:00Z'

export function uid(...parts: readonly string[]): string {
  const hex = hash('sha256', parts.join('/'))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** 64 hexadecimal digits, as runtimes name containers. */
export function digest(text: string): string {
  return hash('sha256', text)
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A suffix as Kubernetes makes them: no vowels, so that no words appear. */
export function suffix(text: string, length: number): string {
  const bytes = hash('sha256', text, 'buffer')
  let result = ''
  for (let index = 0; index < length; index += 1) result += alphabet[(bytes[index] ?? 0) % alphabet.length]
  return result
}

export interface MetaInput {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Strings
  readonly annotations?: Strings
  readonly creationTimestamp?: string
  readonly generateName?: string
  readonly owner?: OwnerInput
}

export interface OwnerInput {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

export function meta(kind: string, input: MetaInput): KubeObject {
  const { owner, ...rest } = input
  const id = uid(kind, input.namespace ?? '', input.name)
  return {
    creationTimestamp: createdAt,
    ...rest,
    uid: id,
    resourceVersion: `${(Number.parseInt(id.slice(0, 5), 16) % 900_000) + 1000}`,
    ...(owner === undefined ? {} : { ownerReferences: [ownerReference(owner, input.namespace ?? '')] }),
    managedFields: managedFields(kind),
  }
}

function ownerReference(owner: OwnerInput, namespace: string): KubeObject {
  const scope = owner.kind === 'Node' ? '' : namespace
  return { ...owner, uid: uid(owner.kind, scope, owner.name), controller: true, blockOwnerDeletion: true }
}

/** Present on every object of a real server, often larger than the object, and of no use to an audit. */
function managedFields(kind: string): readonly KubeObject[] {
  return kind === 'Pod' ? podManagedFields : otherManagedFields
}

const updated = { operation: 'Update', apiVersion: 'v1', time: createdAt, fieldsType: 'FieldsV1' }
const otherManagedFields = [
  {
    manager: 'kubectl-client-side-apply',
    ...updated,
    fieldsV1: { 'f:metadata': { 'f:annotations': {}, 'f:labels': {} }, 'f:spec': {} },
  },
]
const podManagedFields = [
  {
    manager: 'kube-controller-manager',
    ...updated,
    fieldsV1: {
      'f:metadata': {
        'f:generateName': {},
        'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {} },
        'f:ownerReferences': {},
      },
      'f:spec': {
        'f:containers': {
          'k:{"name":"app"}': { '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {} },
        },
        'f:dnsPolicy': {},
        'f:enableServiceLinks': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
      },
    },
  },
  {
    manager: 'kubelet',
    ...updated,
    subresource: 'status',
    fieldsV1: {
      'f:status': {
        'f:conditions': {
          'k:{"type":"ContainersReady"}': {},
          'k:{"type":"Initialized"}': {},
          'k:{"type":"Ready"}': {},
        },
        'f:containerStatuses': {},
        'f:hostIP': {},
        'f:phase': {},
        'f:podIP': {},
        'f:podIPs': {},
        'f:startTime': {},
      },
    },
  },
]
