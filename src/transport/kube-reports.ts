// Writes report objects by server-side apply and removes the tool's own ones that are no longer among them. Only on request:
// nothing else of kube-assay writes objects that stay.
// May not: touch an object without its label, or know what a report says.
import { isUnavailable, type Unavailable, unavailable } from '../model/fact.ts'
import type { KubeRequest } from './kube.ts'
import { isRecord } from './kube-page.ts'

export interface AppliedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

/** Where objects of one kind live. */
export interface ObjectPlace {
  /** "reports", as in the URL. */
  readonly plural: string
  readonly kind: string
}

export interface ReportWriter {
  /** Creates or updates the object; undefined where that went well. */
  readonly apply: (object: AppliedObject) => Promise<Unavailable | undefined>
  /** Removes objects with the label that are not `kept`; how many went, or why it broke off. */
  readonly removeOthers: (place: ObjectPlace, kept: ReadonlySet<string>) => Promise<number | Unavailable>
}

export interface ReportWriterOptions {
  readonly request: KubeRequest
  readonly apiVersion: string
  readonly places: readonly ObjectPlace[]
  readonly label: { readonly key: string; readonly value: string }
  readonly signal: AbortSignal
}

const fieldManager = 'kube-assay'
const pageSize = 500
const maxPages = 2_000

/** "namespace/name", or the name alone: what `kept` holds. */
export function objectKey({ name, namespace }: AppliedObject['metadata']): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function createReportWriter(options: ReportWriterOptions): ReportWriter {
  const { request, apiVersion, places, signal } = options
  const pathOf = (plural: string, namespace?: string) =>
    `/apis/${apiVersion}${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${plural}`
  return {
    async apply(object) {
      const place = places.find(({ kind }) => kind === object.kind)
      if (place === undefined) throw new Error(`no place for objects of kind ${object.kind}`)
      const path = `${pathOf(place.plural, object.metadata.namespace)}/${encodeURIComponent(object.metadata.name)}`
      // Forced: the fields are ours, also where somebody edited them by hand.
      const result = await request(`${path}?fieldManager=${fieldManager}&force=true`, signal, {
        method: 'PATCH',
        body: object,
      })
      return 'failure' in result ? unavailable(result.failure.reason, result.failure.detail) : undefined
    },

    async removeOthers({ plural }, kept) {
      const there = await listLabelled(options, pathOf(plural))
      if (isUnavailable(there)) return there
      const stale = there.filter((named) => !kept.has(objectKey(named)))
      for (const { name, namespace, uid } of stale) {
        const path = `${pathOf(plural, namespace)}/${encodeURIComponent(name)}`
        // One that was made anew meanwhile is another object.
        const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } }
        const result = await request(path, signal, { method: 'DELETE', body })
        if ('failure' in result && result.failure.status !== 404 && result.failure.status !== 409) {
          return unavailable(result.failure.reason, result.failure.detail)
        }
      }
      return stale.length
    },
  }
}

/** All objects below a path that carry the label, page by page. */
async function listLabelled(options: ReportWriterOptions, path: string): Promise<Named[] | Unavailable> {
  const { request, label, signal } = options
  const query = `labelSelector=${encodeURIComponent(`${label.key}=${label.value}`)}&limit=${pageSize}`
  const all: Named[] = []
  let token = ''
  for (let page = 0; page < maxPages; page += 1) {
    const next = token === '' ? '' : `&continue=${encodeURIComponent(token)}`
    const result = await request(`${path}?${query}${next}`, signal)
    if ('failure' in result) return unavailable(result.failure.reason, result.failure.detail)
    const list = parseList(result.body)
    if (list === undefined) return unavailable('malformed', `GET ${path} was answered with no list.`)
    all.push(...list.items)
    if (list.next === '' || list.next === token) return all
    token = list.next
  }
  return unavailable('too-large', `GET ${path} did not end after ${maxPages} pages.`)
}

interface Named {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
}

function parseList(body: Buffer): { items: Named[]; next: string } | undefined {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  if (!isRecord(value) || !Array.isArray(value['items'])) return undefined
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {}
  const items = value['items'].flatMap((item: unknown) => namedOf(item) ?? [])
  return { items, next: typeof metadata['continue'] === 'string' ? metadata['continue'] : '' }
}

function namedOf(item: unknown): Named | undefined {
  const metadata = isRecord(item) && isRecord(item['metadata']) ? item['metadata'] : {}
  const { name, namespace, uid } = metadata
  if (typeof name !== 'string' || typeof uid !== 'string') return undefined
  return { name, uid, ...(typeof namespace === 'string' ? { namespace } : {}) }
}
