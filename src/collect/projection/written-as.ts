// With which other API versions of its kind an object was written: by the manifest itself, by kubectl apply, by field managers.
// May not: parse or keep kubectl's last-applied-configuration, which repeats the whole object; only its first key is looked at.
import { isRaw, type Raw } from './read.ts'

export type WrittenAs = { apiVersion: string; by: string; at?: string }[]

interface KindOfObject {
  readonly apiGroup: string
  readonly apiVersion: string
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'
/** kubectl sorts the keys, so that apiVersion comes first. */
const firstKey = /^\{"apiVersion":"([a-z0-9./]{1,80})"/
const versionText = /^[a-z0-9./]{1,80}$/
const mostVersions = 8

/**
 * Undefined where every writer used the version that is listed. Groups are compared too: a list of metadata calls its items
 * meta.k8s.io/v1, which nobody wrote. The core group has had one version only.
 */
export function readWrittenAs({ apiGroup, apiVersion: listed }: KindOfObject, raw: Raw): WrittenAs | undefined {
  if (apiGroup === '') return undefined
  const metadata = isRaw(raw['metadata']) ? raw['metadata'] : {}
  const found: WrittenAs = []
  const add = (apiVersion: unknown, by: string, at?: unknown) => {
    if (typeof apiVersion !== 'string' || apiVersion === listed || !isOfGroup(apiVersion, apiGroup)) return
    if (found.length >= mostVersions || found.some((other) => other.apiVersion === apiVersion)) return
    found.push({ apiVersion, by, ...(typeof at === 'string' ? { at: at.slice(0, 40) } : {}) })
  }
  add(raw['apiVersion'], 'manifest')
  add(lastAppliedVersion(metadata), 'kubectl apply')
  for (const entry of managedFields(metadata)) {
    const { manager, apiVersion, time, subresource } = entry
    // What a controller writes into status says nothing about the manifests of those who own the object.
    if (typeof subresource === 'string' && subresource !== '') continue
    add(apiVersion, typeof manager === 'string' ? manager.slice(0, 100) : 'a manager without a name', time)
  }
  return found.length === 0 ? undefined : found
}

/** Deployments and others came from the group extensions. */
function isOfGroup(apiVersion: string, group: string): boolean {
  return versionText.test(apiVersion) && (apiVersion.startsWith(`${group}/`) || apiVersion.startsWith('extensions/'))
}

function lastAppliedVersion(metadata: Raw): string | undefined {
  const annotations = metadata['annotations']
  const text = isRaw(annotations) ? annotations[lastApplied] : undefined
  return typeof text === 'string' ? firstKey.exec(text)?.[1] : undefined
}

function managedFields(metadata: Raw): readonly Raw[] {
  const entries = metadata['managedFields']
  return Array.isArray(entries) ? entries.filter(isRaw) : []
}
