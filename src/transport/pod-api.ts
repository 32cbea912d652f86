// The few requests that the way `pod` makes, in one namespace: create, list, read a log, delete. Every failure as a sentence.
// May not: touch an object that does not carry kube-assay's label.
import { type Unavailable, type UnavailableReason, unavailable } from '../model/fact.ts'
import type { KubeRequest } from './kube.ts'
import { type Failure, trimMessage } from './kube-errors.ts'
import { isRecord } from './kube-page.ts'
import { containerName, managedBy } from './pod-manifest.ts'

export type Kind = 'namespaces' | 'configmaps' | 'pods'
/** An object as the API gives it. */
export type Raw = Readonly<Record<string, unknown>>

export interface PodApi {
  /** Resolves to the object made; an object of this name that is there already counts, because names hold the run's id. */
  create(kind: Kind, manifest: object, namespace?: string): Promise<Raw | Unavailable>
  /** All objects of ours (of one run, where `selector` says so). */
  list(kind: Kind, namespace: string | undefined, selector: string, signal: AbortSignal): Promise<Raw[] | Unavailable>
  get(kind: Kind, name: string, namespace?: string): Promise<Raw | Failure>
  log(namespace: string, pod: string, maxBytes: number): Promise<Buffer | Unavailable>
  /** At once and for good; undefined when it is gone. */
  remove(kind: Kind, name: string, namespace?: string): Promise<Failure | undefined>
  /** What the cluster last warned of about a pod, in one line; undefined: of nothing. */
  lastWarning(namespace: string, pod: string): Promise<string | undefined | Failure>
  /** The node's condition Ready; `gone`: it is not listed any more; undefined where the API does not tell. */
  nodeReady(node: string): Promise<{ readonly status: string; readonly reason: string } | 'gone' | undefined>
}

/** Making and removing go on after an abort: what has been begun has to be known, and undone. */
const requestMs = 20_000

export const ours = Object.entries(managedBy)
  .map(([key, value]) => `${key}=${value}`)
  .join(',')

export function createPodApi(request: KubeRequest): PodApi {
  const bounded = () => AbortSignal.timeout(requestMs)
  return {
    async create(kind, manifest, namespace) {
      const result = await request(pathOf(kind, namespace), bounded(), { method: 'POST', body: manifest })
      if (!('failure' in result)) return parse(result.body) ?? unavailable('malformed', `POST ${kind}: no object.`)
      if (result.failure.status !== 409) return describeRefusal(result.failure, kind)
      const name = nameOf(manifest)
      const there = await this.get(kind, name, namespace)
      return 'detail' in there && 'transient' in there ? describeRefusal(result.failure, kind) : there
    },
    async list(kind, namespace, selector, signal) {
      const query = `?labelSelector=${encodeURIComponent(selector)}`
      const result = await request(`${pathOf(kind, namespace)}${query}`, signal)
      if ('failure' in result) return unavailable(result.failure.reason, result.failure.detail)
      const items = parse(result.body)?.['items']
      if (items === null) return []
      return Array.isArray(items) ? items.filter(isRecord) : unavailable('malformed', `GET ${kind}: no list.`)
    },
    async get(kind, name, namespace) {
      const result = await request(`${pathOf(kind, namespace)}/${name}`, bounded())
      if ('failure' in result) return result.failure
      return parse(result.body) ?? { reason: 'malformed', detail: `GET ${kind}: no object.`, transient: false }
    },
    async log(namespace, pod, maxBytes) {
      const path = `${pathOf('pods', namespace)}/${pod}/log?container=${containerName}&limitBytes=${maxBytes}`
      const result = await request(path, bounded())
      return 'failure' in result ? unavailable(result.failure.reason, result.failure.detail) : result.body
    },
    async remove(kind, name, namespace) {
      // Grace 0: a node that does not answer would otherwise keep its pod's object for ever.
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        propagationPolicy: 'Background',
        ...(kind === 'pods' ? { gracePeriodSeconds: 0 } : {}),
      }
      const result = await request(`${pathOf(kind, namespace)}/${name}`, bounded(), { method: 'DELETE', body })
      return 'failure' in result && result.failure.status !== 404 ? result.failure : undefined
    },
    lastWarning: (namespace, pod) => readWarning(request, namespace, pod, bounded()),
    nodeReady: (node) => readReady(request, node, bounded()),
  }
}

async function readWarning(request: KubeRequest, namespace: string, pod: string, signal: AbortSignal) {
  const selector = encodeURIComponent(`involvedObject.name=${pod},type=Warning`)
  const result = await request(`/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}&limit=50`, signal)
  if ('failure' in result) return result.failure
  const items = parse(result.body)?.['items']
  const events = Array.isArray(items) ? items.filter(isRecord) : []
  const last = events.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)).at(-1)
  if (last === undefined) return undefined
  return [last['reason'], last['message']].flatMap((part) => trimMessage(String(part ?? '')) || []).join(': ')
}

function timeOf(event: Raw): string {
  const time = event['lastTimestamp'] ?? event['eventTime']
  return typeof time === 'string' ? time : ''
}

/** By a list, which the audit may make anyway, not by a get. */
async function readReady(request: KubeRequest, node: string, signal: AbortSignal) {
  const query = `?fieldSelector=${encodeURIComponent(`metadata.name=${node}`)}`
  const result = await request(`/api/v1/nodes${query}`, signal)
  const items = 'failure' in result ? undefined : parse(result.body)?.['items']
  if (Array.isArray(items) && !items.some((item) => nameOf(item) === node)) return 'gone' as const
  const status: unknown = Array.isArray(items) && isRecord(items[0]) ? items[0]['status'] : undefined
  const conditions = isRecord(status) ? status['conditions'] : undefined
  const ready = Array.isArray(conditions)
    ? conditions.filter(isRecord).find((condition) => condition['type'] === 'Ready')
    : undefined
  if (ready === undefined) return undefined
  return { status: trimMessage(String(ready['status'])), reason: trimMessage(String(ready['reason'])) }
}

function pathOf(kind: Kind, namespace: string | undefined): string {
  return kind === 'namespaces' ? '/api/v1/namespaces' : `/api/v1/namespaces/${namespace ?? ''}/${kind}`
}

function parse(body: Buffer): Raw | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isRecord(value) ? value : undefined
  } catch {
    // The parser's message quotes the text; the caller says what was asked instead.
    return undefined
  }
}

export function nameOf(object: unknown): string {
  const metadata = isRecord(object) ? object['metadata'] : undefined
  const name = isRecord(metadata) ? metadata['name'] : undefined
  return typeof name === 'string' ? name : ''
}

/** The API server's words for a refusal, and what to do about it. */
function describeRefusal({ reason, detail, status }: Failure, kind: Kind): Unavailable {
  const hint = status === 403 || status === 400 ? hints.find(({ words }) => words.test(detail)) : undefined
  if (hint !== undefined) return unavailable(hint.reason, `${detail.replace(/\.?$/, '.')} ${hint.advice}`)
  if (status === 404 && kind !== 'namespaces') {
    return unavailable(
      'pod-failed',
      `${detail.replace(/\.?$/, '.')} The namespace of the pods is not there (any more).`,
    )
  }
  return unavailable(reason, detail)
}

const hints: readonly { readonly words: RegExp; readonly reason: UnavailableReason; readonly advice: string }[] = [
  {
    words: /violates PodSecurity/,
    reason: 'forbidden',
    advice:
      'The namespace enforces a Pod Security level: label it pod-security.kubernetes.io/enforce=privileged, or leave out --pod-namespace.',
  },
  {
    words: /being terminated/,
    reason: 'pod-failed',
    advice: 'The namespace of the pods was deleted while nodes were read.',
  },
  {
    words: /exceeded quota|LimitRange|maximum (?:cpu|memory)|minimum (?:cpu|memory)/,
    reason: 'forbidden',
    advice: 'The quota or limits of the namespace do not allow the pod (128 MiB, 1 CPU at most).',
  },
  {
    words: /admission webhook|denied the request|ValidatingAdmissionPolicy/,
    reason: 'forbidden',
    advice: 'A policy of the cluster refused the pod: exempt the namespace, or read nodes another way.',
  },
  {
    words: /security context constraint/,
    reason: 'forbidden',
    advice: 'OpenShift: the user needs a SecurityContextConstraint that allows the pod, such as privileged.',
  },
  {
    words: /is forbidden: User/,
    reason: 'forbidden',
    advice: 'docs/node-access.md has the rights that the way pod needs.',
  },
]
