// API objects of a live cluster: paged raw lists over HTTPS, one page in memory at a time, every failure as a reason.
// May not: write to the cluster (it only sends GET; `request` is for pod.ts and what it makes for itself, for reports that are asked
// for, and for access-review.ts, whose questions the server answers and does not keep), keep what it hands over, or read the
// contents of Secrets.

import { type Unavailable, unavailable } from '../model/fact.ts'
import { type Family, families } from '../model/objects.ts'
import type { SnapshotHeader } from '../model/snapshot.ts'
import type { ListHandlers, ListOutcome, ObjectSource } from './contracts.ts'
import { type Authorization, type KubeAccess, openKubeAccess } from './kube-access.ts'
import { KubeConfigError, type KubeConfigOptions } from './kube-config.ts'
import type { Failure } from './kube-errors.ts'
import { type Envelope, isRecord, readPage } from './kube-page.ts'
import { isLoopback } from './kube-proxy.ts'
import { type GetResult, get, type RequestLimits, type Sending } from './kube-request.ts'
import { type Clock, defaultRetryPolicy, type RetryPolicy, retry, systemClock } from './kube-retry.ts'

export { KubeConfigError }

export interface KubeSourceOptions extends KubeConfigOptions {
  /** Objects per page; default 500, as kubectl asks. */
  readonly pageSize?: number
  readonly limits?: Partial<RequestLimits>
  readonly retries?: Partial<RetryPolicy>
  /** How often a list may begin anew after 410 Gone; default 3. */
  readonly maxRestarts?: number
  /** Ask for gzip. Default: not on loopback, where it only costs. */
  readonly compress?: boolean
  readonly clock?: Clock
}

export interface KubeSource extends ObjectSource {
  readonly source: Extract<SnapshotHeader['source'], { kind: 'live' }>
  /** Name of the cluster in the kubeconfig. */
  readonly clusterName: string
  /** False when the kubeconfig switches certificate verification off. */
  readonly tlsVerified: boolean
  /** What to tell before connecting, such as an expired client certificate. */
  readonly warnings: readonly string[]
  readonly request: KubeRequest
}

/** One request with retries. The path may have a query; the body of a success comes back as bytes. */
export type KubeRequest = (path: string, signal: AbortSignal, sending?: Sending) => Promise<GetResult>

const defaultLimits: RequestLimits = { timeoutMs: 60_000, connectTimeoutMs: 10_000, maxBytes: 64 * 1_048_576 }
/** Ten million objects of a family: a server that never ends its list ends here. */
const maxPages = 20_000
/** For single texts, of which many are read at once. */
const maxTextBytes = 2 * 1_048_576
const json = 'application/json'
const metadataOnly = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

/** Finds the cluster and its credentials. Throws KubeConfigError (exit code 2); does not connect yet. */
export async function openKubeSource(options: KubeSourceOptions = {}): Promise<KubeSource> {
  const access = await openKubeAccess(options)
  const client = createClient(access, options)
  const textClient = createClient(access, { ...options, limits: { ...options.limits, maxBytes: maxTextBytes } })
  const { server, context, cluster, user, tlsVerified, warnings } = access
  const pageSize = options.pageSize ?? 500
  const maxRestarts = options.maxRestarts ?? 3
  return {
    source: {
      kind: 'live',
      server: server.href.replace(/\/$/, ''),
      context,
      ...(user === undefined ? {} : { user }),
    },
    clusterName: cluster,
    tlsVerified,
    warnings,
    describe: (family) =>
      `GET ${families[family].path}${families[family].query === undefined ? '' : `?${decodeURIComponent(families[family].query)}`}`,
    request: (path, signal, sending) => client(path, json, signal, sending),
    list: (family, handlers, signal) => listFamily(client, { family, handlers, signal, pageSize, maxRestarts }),
    async get(path, signal) {
      const result = await client(path, json, signal)
      if ('failure' in result) return toUnavailable(result.failure)
      const body = parseJson(result.body)
      return body === undefined ? malformed(path, 'with something that is no JSON') : { body }
    },
    async getText(path, accept, signal) {
      const result = await textClient(path, accept, signal)
      return 'failure' in result ? toUnavailable(result.failure) : { text: result.body.toString('utf8') }
    },
    async close() {
      access.close()
    },
  }
}

type Client = (path: string, accept: string, signal: AbortSignal, sending?: Sending) => Promise<GetResult>

/** With retries, and with one renewal of refused credentials. */
function createClient(access: KubeAccess, options: KubeSourceOptions): Client {
  const limits = { ...defaultLimits, ...options.limits }
  const policy = { ...defaultRetryPolicy, ...options.retries }
  const clock = options.clock ?? systemClock
  const compress = options.compress ?? !isLoopback(access.server.hostname)
  let hasAnswered = false

  const once = async (path: string, accept: string, signal: AbortSignal, sending?: Sending): Promise<GetResult> => {
    const send = (authorization: Authorization) => {
      const request = { server: access.server, path, accept, compress, authorization, limits, signal }
      return get(sending === undefined ? request : { ...request, sending })
    }
    try {
      const authorization = await access.authorize()
      const result = await send(authorization)
      if (!('failure' in result) || result.failure.status !== 401) return result
      const renewed = await access.renew(authorization)
      return renewed === undefined ? withHint(result.failure, access.warnings) : await send(renewed)
    } catch (error) {
      return { failure: credentialFailure(error, path) }
    }
  }
  return (path, accept, signal, sending) =>
    retry(
      async () => {
        const result = await once(path, accept, signal, sending)
        if (!('failure' in result) || result.failure.status !== undefined) hasAnswered = true
        else if (result.failure.reason === 'unreachable' && !hasAnswered) {
          // A server that never answered is a wrong address more often than a hiccup: no use in making 18 lists wait.
          return { failure: { ...result.failure, transient: false } }
        }
        return result
      },
      { policy, clock, signal },
    )
}

function withHint(failure: Failure, warnings: readonly string[]): GetResult {
  return { failure: { ...failure, detail: [failure.detail, ...warnings].join(' ') } }
}

/** A plug-in or token file that fails in the middle of a run. Its words stay here: the details go into the report. */
function credentialFailure(error: unknown, path: string): Failure {
  if (!(error instanceof KubeConfigError)) throw error
  const detail = `GET ${path.split('?', 1)[0]} was not sent: the credentials could not be renewed.`
  return { reason: 'unauthorized', detail, transient: false }
}

interface ListRequest {
  readonly family: Family
  readonly handlers: ListHandlers
  readonly signal: AbortSignal
  readonly pageSize: number
  readonly maxRestarts: number
}

async function listFamily(client: Client, request: ListRequest): Promise<ListOutcome> {
  for (let restarts = 0; ; restarts += 1) {
    const outcome = await listPages(client, request)
    if (outcome !== 'expired') return outcome
    if (restarts >= request.maxRestarts) {
      const { path } = families[request.family]
      const detail = `GET ${path} expired ${restarts + 1} times before the list ended (410 Gone).`
      return { complete: false, ...unavailable('server-error', detail) }
    }
    request.handlers.onRestart()
  }
}

/** One walk from the first page to the last. `expired`: the server no longer has the state the list began with. */
async function listPages(client: Client, request: ListRequest): Promise<ListOutcome | 'expired'> {
  const { path, content, query: fixed = '' } = families[request.family]
  const selection = fixed === '' ? '' : `&${fixed}`
  let token = ''
  for (let page = 0; page < maxPages; page += 1) {
    if (request.signal.aborted) return stopped(path)
    const query = `?limit=${request.pageSize}${selection}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`
    const result = await client(`${path}${query}`, content === 'metadata' ? metadataOnly : json, request.signal)
    if ('failure' in result) return endOf(result.failure, request)
    const next = handOver(result.body, path, content, request.handlers.onObject)
    if (typeof next !== 'string') return { complete: false, ...next }
    await request.handlers.onPage?.()
    if (next === '') return { complete: true }
    if (next === token) return { complete: false, ...malformed(path, 'with the same page again and again') }
    token = next
  }
  return { complete: false, ...unavailable('too-large', `GET ${path} did not end after ${maxPages} pages.`) }
}

function endOf(failure: Failure, { family, signal }: ListRequest): ListOutcome | 'expired' {
  const { path, content } = families[family]
  if (signal.aborted) return stopped(path)
  if (failure.status === 410) return 'expired'
  return { complete: false, ...toUnavailable(describeRefusal(failure, path, content)) }
}

function stopped(path: string): ListOutcome {
  return { complete: false, ...unavailable('interrupted', `GET ${path} was stopped.`) }
}

function describeRefusal(failure: Failure, path: string, content: 'full' | 'metadata'): Failure {
  if (content !== 'metadata' || failure.status !== 406) return failure
  const detail = `GET ${path}: the server does not give metadata alone, and contents are never asked for.`
  return { ...failure, detail, reason: 'unsupported' }
}

/** Hands over the items of a page; returns the token of the next page, "" after the last. */
function handOver(
  bytes: Buffer,
  path: string,
  content: 'full' | 'metadata',
  onObject: ListHandlers['onObject'],
): string | Unavailable {
  const isMetadata = content === 'metadata'
  const accept = ({ kind }: Envelope) =>
    typeof kind === 'string' && (isMetadata ? kind === 'PartialObjectMetadataList' : kind.endsWith('List'))
  const page = readPage(bytes, accept, isMetadata ? (item) => onObject(onlyMetadata(item)) : onObject)
  if (page === undefined) return malformed(path, 'with something that is no JSON')
  if (!accept(page)) {
    if (!isMetadata) return malformed(path, 'with something that is no list')
    return unavailable(
      'unsupported',
      `GET ${path}: the server gave whole objects where metadata alone was asked for; they were dropped.`,
    )
  }
  // Go servers write null for an empty list.
  if (page['items'] !== null && !Array.isArray(page['items'])) return malformed(path, 'with a list without items')
  const next = isRecord(page['metadata']) ? (page['metadata']['continue'] ?? '') : ''
  return typeof next === 'string' ? next : malformed(path, 'with a continue token that is no text')
}

function onlyMetadata(item: unknown): unknown {
  return isRecord(item) ? { metadata: item['metadata'] } : item
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The parser's message quotes the text; the caller says what was asked instead.
    return undefined
  }
}

function malformed(path: string, how: string): Unavailable {
  return unavailable('malformed', `GET ${path} was answered ${how}.`)
}

function toUnavailable({ reason, detail }: Failure): Unavailable {
  return unavailable(reason, detail)
}
