// Namespaces, nodes, service accounts, limits and quotas, and the metadata of Secrets.
// May not: keep the annotations of a node, but for the arguments that k3s notes, or the data of a Secret.
import { hash } from 'node:crypto'
import type { FamilyObjects, NamespaceObject, NodeObject } from '../../model/objects.ts'
import { redactRancherArguments } from '../redact-rancher.ts'
import { metadataOf, projectMeta, waiveOf } from './metadata.ts'
import { bool, child, int, list, type Problems, present, quantities, type Raw, text, textMap, texts } from './read.ts'

const none: Raw = {}

/** Namespaces and Secrets: nothing but metadata. */
export function projectMetadataOnly(raw: Raw, problems: Problems): NamespaceObject {
  return projectMeta(metadataOf(raw, problems), problems)
}

export function projectNamespace(raw: Raw, problems: Problems): NamespaceObject {
  const waive = waiveOf(metadataOf(raw, problems), problems)
  return present({ ...projectMetadataOnly(raw, problems), waive })
}

const rolePrefix = 'node-role.kubernetes.io/'
const capacityNames = new Set(['cpu', 'memory', 'pods'])

export function projectNode(raw: Raw, problems: Problems): NodeObject {
  const meta = projectMeta(metadataOf(raw, problems), problems)
  const spec = child(raw, 'spec', problems) ?? none
  const status = child(raw, 'status', problems) ?? none
  const info = child(status, 'nodeInfo', problems) ?? none
  return present({
    ...meta,
    waive: waiveOf(metadataOf(raw, problems), problems),
    roles: rolesOf(meta.labels ?? {}),
    unschedulable: bool(spec, 'unschedulable', problems),
    taints: list(spec, 'taints', problems)?.map((taint) =>
      present({
        key: text(taint, 'key', problems) ?? '',
        value: text(taint, 'value', problems) || undefined,
        effect: text(taint, 'effect', problems) ?? '',
      }),
    ),
    addresses: (list(status, 'addresses', problems) ?? []).map((address) => ({
      type: text(address, 'type', problems) ?? '',
      address: text(address, 'address', problems) ?? '',
    })),
    capacity: projectCapacity(status, info, problems),
    ready: isReady(status, problems),
    providerID: text(spec, 'providerID', problems) || undefined,
    machine: machineOf(info, problems),
    nodeArguments: projectArguments(raw, problems),
    nodeInfo: present({
      kubeletVersion: text(info, 'kubeletVersion', problems),
      kernelVersion: text(info, 'kernelVersion', problems),
      osImage: text(info, 'osImage', problems),
      operatingSystem: text(info, 'operatingSystem', problems),
      architecture: text(info, 'architecture', problems),
      containerRuntimeVersion: text(info, 'containerRuntimeVersion', problems),
      bootID: text(info, 'bootID', problems),
    }),
  })
}

/** A digest, because systemd asks that a machine's id itself is not handed on. */
function machineOf(info: Raw, problems: Problems): string | undefined {
  const ids = [text(info, 'machineID', problems) ?? '', text(info, 'systemUUID', problems) ?? '']
  return ids.every((id) => id === '') ? undefined : hash('sha256', ids.join('\n')).slice(0, 32)
}

/** k3s overwrites its command line and tells the API instead what it was started with: a JSON list of words. */
function projectArguments(raw: Raw, problems: Problems): string[] | undefined {
  const annotations = textMap(metadataOf(raw, problems), 'annotations', problems, (name) => name === 'k3s.io/node-args')
  const given = annotations?.['k3s.io/node-args']
  if (given === undefined) return undefined
  try {
    const words: unknown = JSON.parse(given)
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return redactRancherArguments(words)
  } catch {
    // Noted below, like any other value of a wrong kind.
  }
  problems.note('metadata.annotations')
  return undefined
}

function rolesOf(labels: Readonly<Record<string, string>>): string[] {
  const roles = new Set<string>()
  for (const [name, value] of Object.entries(labels)) {
    if (name.startsWith(rolePrefix) && name !== rolePrefix) roles.add(name.slice(rolePrefix.length))
    if (name === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort()
}

/** cpu, memory and pods as the kubelet reports them; swap (bytes) from its node info, where newer kubelets have it. */
function projectCapacity(status: Raw, info: Raw, problems: Problems): Record<string, string> | undefined {
  const capacity = quantities(status, 'capacity', problems, (name) => capacityNames.has(name))
  const swap = int(child(info, 'swap', problems) ?? none, 'capacity', problems)
  return swap === undefined ? capacity : { ...capacity, swap: String(swap) }
}

/** Condition Ready. Unknown (the node stopped reporting) is not known here either. */
function isReady(status: Raw, problems: Problems): boolean | undefined {
  const ready = list(status, 'conditions', problems)?.find((condition) => condition['type'] === 'Ready')
  if (ready?.['status'] === 'True') return true
  return ready?.['status'] === 'False' ? false : undefined
}

export function projectServiceAccount(raw: Raw, problems: Problems): FamilyObjects['serviceaccounts'] {
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    automountServiceAccountToken: bool(raw, 'automountServiceAccountToken', problems),
  })
}

export function projectLimitRange(raw: Raw, problems: Problems): FamilyObjects['limitranges'] {
  const spec = child(raw, 'spec', problems) ?? none
  return {
    ...projectMeta(metadataOf(raw, problems), problems),
    limits: (list(spec, 'limits', problems) ?? []).map((limit) =>
      present({
        type: text(limit, 'type', problems) ?? '',
        default: quantities(limit, 'default', problems),
        defaultRequest: quantities(limit, 'defaultRequest', problems),
        max: quantities(limit, 'max', problems),
        min: quantities(limit, 'min', problems),
      }),
    ),
  }
}

export function projectResourceQuota(raw: Raw, problems: Problems): FamilyObjects['resourcequotas'] {
  const spec = child(raw, 'spec', problems) ?? none
  return {
    ...projectMeta(metadataOf(raw, problems), problems),
    hard: quantities(spec, 'hard', problems) ?? {},
    ...(isScopedQuota(spec, problems) && { isScoped: true as const }),
  }
}

function isScopedQuota(spec: Raw, problems: Problems): boolean {
  const scopes = texts(spec, 'scopes', problems) ?? []
  const selector = child(spec, 'scopeSelector', problems)
  return (
    scopes.length > 0 || (selector !== undefined && (list(selector, 'matchExpressions', problems) ?? []).length > 0)
  )
}
