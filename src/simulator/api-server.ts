// A Kubernetes API server on loopback, as far as an auditor sees one: HTTPS with its own authority, bearer-token and
// client-certificate authentication, paged lists, metadata-only lists, recorded or generated objects, faults on demand.
// May not: listen on anything but loopback, or share code with the transports it stands opposite to.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { createFaultTable, type Fault, type FaultEffect, statusBody } from './api-faults.ts'
import type { PodCluster } from './api-pods.ts'
import { isObject, type ObjectProvider } from './api-provider.ts'
import { accessReviewPath, reviewAccess } from './api-reviews.ts'
import { type Authority, type CertificateOptions, createAuthority, type Identity } from './certificates.ts'

export type { Fault } from './api-faults.ts'
export {
  collectionOf,
  type ObjectProvider,
  tableProvider,
} from './api-provider.ts'

export interface ApiServerOptions {
  readonly provider: ObjectProvider
  /** What may be written to; default nothing. */
  readonly pods?: PodCluster
  /** What access reviews deny, as "list secrets" or "get /flagz"; default nothing. */
  readonly denied?: readonly string[]
  /** Default 127.0.0.1. */
  readonly host?: '127.0.0.1' | '::1'
  readonly port?: number
  /** Name of cluster and context in the kubeconfig; default "simulated". */
  readonly clusterName?: string
  /** Bearer tokens and whom they stand for; default one token for "auditor". */
  readonly tokens?: Readonly<Record<string, string>>
  /** Changes to the server's certificate, to make it expired or for another name. */
  readonly certificate?: Partial<Pick<CertificateOptions, 'names' | 'notBefore' | 'notAfter'>>
  /** How lists as PartialObjectMetadata are answered: as asked, 406, or with full objects all the same. */
  readonly partialMetadata?: 'supported' | 'refused' | 'ignored'
  /** Pages are compressed for clients that accept it, as a real API server does above 128 KiB. Default true. */
  readonly compress?: boolean
}

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly accept: string
  /** Who asked, as authenticated; absent for nobody. */
  readonly user?: string
  /** Zero until answered, and for connections that were reset. */
  status: number
}

export interface ApiServer {
  /** Such as https://127.0.0.1:41234. */
  readonly url: string
  /** PEM certificate of the authority. */
  readonly ca: string
  readonly authority: Authority
  /** A kubeconfig that reaches this server with a token or with a client certificate of its authority. */
  kubeconfig(credentials?: 'token' | { readonly certificate: Identity }): string
  readonly requests: readonly ApiRequest[]
  /** Connections accepted so far. */
  readonly connections: () => number
  setFault(fault: Fault): () => void
  close(): Promise<void>
}

/** Starts the server on a free port of loopback. Certificates are made anew each time. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const authority = createAuthority('simulated-cluster-ca')
  const host = options.host ?? '127.0.0.1'
  const identity = authority.issue({
    commonName: 'kube-apiserver',
    names: [host, 'localhost', 'kubernetes.default.svc'],
    usage: 'server',
    ...options.certificate,
  })
  const tokens = new Map(Object.entries(options.tokens ?? { 'simulated-token-of-auditor': 'auditor' }))
  const faults = createFaultTable()
  const requests: ApiRequest[] = []
  const handler = createHandler({ options, tokens, take: faults.take, requests })
  const server = createServer(
    { cert: identity.cert, key: identity.key, ca: [authority.cert], requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      handler(request, response).catch(() => request.socket.destroy())
    },
  )
  const sockets = trackSockets(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the simulated API server has no port')
  const url = `https://${isIP(host) === 6 ? `[${host}]` : host}:${address.port}`
  const [token = ''] = tokens.keys()
  return {
    url,
    ca: authority.cert,
    authority,
    kubeconfig: (credentials = 'token') =>
      kubeconfig({ name: options.clusterName ?? 'simulated', url, ca: authority.cert, token, credentials }),
    requests,
    connections: () => sockets.total(),
    setFault: faults.set,
    async close() {
      sockets.destroyAll()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function trackSockets(server: Server) {
  const open = new Set<Socket>()
  let total = 0
  server.on('connection', (socket: Socket) => {
    total += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // Resets by the client are part of the game; without a listener they would end the process.
    socket.on('error', () => open.delete(socket))
  })
  return {
    total: () => total,
    destroyAll() {
      for (const socket of open) socket.destroy()
    },
  }
}

interface Context {
  readonly options: ApiServerOptions
  readonly tokens: ReadonlyMap<string, string>
  readonly take: (path: string, method: string) => FaultEffect | undefined
  readonly requests: ApiRequest[]
}

interface Answer {
  readonly status: number
  readonly body: string | Buffer
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

function createHandler(context: Context) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'https://localhost')
    const user = authenticate(request, context.tokens)
    const method = request.method ?? 'GET'
    const entry: ApiRequest = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      accept: request.headers.accept ?? '',
      ...(user === undefined ? {} : { user }),
      status: 0,
    }
    context.requests.push(entry)
    const effect = context.take(url.pathname, method)
    if (effect?.kind === 'hang') return
    if (effect?.kind === 'delay') await sleep(effect.ms)
    const answer =
      faultAnswer(effect) ??
      (user === undefined ? unauthorized : undefined) ??
      (await serveWritable(request, url, context.options)) ??
      (method === 'GET'
        ? serve(url, entry.accept, context.options)
        : failure(405, 'the server does not allow this method'))
    send(request, response, { answer, entry, effect, compress: context.options.compress ?? true })
  }
}

const unauthorized: Answer = failure(401, 'Unauthorized')

/** Whom a bearer token or a client certificate of our authority stands for. */
function authenticate(request: IncomingMessage, tokens: ReadonlyMap<string, string>): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  if (scheme === 'Bearer' && token !== undefined) return tokens.get(token)
  const { socket } = request
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const subject: unknown = socket.getPeerCertificate().subject
  return isObject(subject) && typeof subject['CN'] === 'string' ? subject['CN'] : undefined
}

function faultAnswer(effect: FaultEffect | undefined): Answer | undefined {
  if (effect?.kind === 'answer') {
    return { status: effect.status, body: effect.body, contentType: effect.contentType ?? 'application/json' }
  }
  if (effect?.kind !== 'status') return undefined
  const answer = failure(effect.status, effect.message ?? `simulated answer ${effect.status}`)
  return effect.retryAfter === undefined ? answer : { ...answer, headers: { 'Retry-After': effect.retryAfter } }
}

function failure(status: number, message: string): Answer {
  return { status, body: JSON.stringify(statusBody(status, message)) }
}

async function serveWritable(
  request: IncomingMessage,
  url: URL,
  { pods, denied = [] }: ApiServerOptions,
): Promise<Answer | undefined> {
  if (request.method === 'POST' && url.pathname === accessReviewPath) {
    const parts: Buffer[] = []
    for await (const chunk of request) parts.push(Buffer.from(chunk))
    return { status: 201, body: reviewAccess(Buffer.concat(parts).toString('utf8'), denied) }
  }
  if (pods === undefined) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const answer = await pods.handle(request.method ?? 'GET', url, Buffer.concat(chunks).toString('utf8'))
  if (answer === undefined) return undefined
  if (typeof answer.body === 'string') return failure(answer.status, answer.body)
  if (Buffer.isBuffer(answer.body)) return { status: answer.status, body: answer.body, contentType: 'text/plain' }
  return { status: answer.status, body: JSON.stringify(answer.body) }
}

function serve(url: URL, accept: string, options: ApiServerOptions): Answer {
  const { path, namespace } = withoutNamespace(url.pathname)
  const list = options.provider.list(url.pathname) ?? options.provider.list(path)
  if (list === undefined) {
    const body = options.provider.get?.(url.pathname)
    if (body === undefined) return failure(404, 'the server could not find the requested resource')
    return { status: 200, body: JSON.stringify(body) }
  }
  const metadataOnly = accept.includes('as=PartialObjectMetadataList') && options.partialMetadata !== 'ignored'
  if (metadataOnly && options.partialMetadata === 'refused') {
    return failure(406, 'only the following media types are accepted: application/json')
  }
  const selected = url.searchParams.get('fieldSelector')
  if (selected !== null || namespace !== undefined) {
    return serveSelected(list, { selector: selected ?? '', namespace, metadataOnly })
  }
  const position = readPosition(url.searchParams)
  if (typeof position === 'string') return failure(400, position)
  const end = Math.min(list.count, position.start + position.limit)
  const items: unknown[] = []
  for (const item of list.slice(position.start, end)) items.push(metadataOnly ? partial(item) : item)
  const rest = list.count - end
  const metadata = {
    resourceVersion: '1000',
    ...(rest > 0 ? { continue: Buffer.from(`v1:${end}`).toString('base64url'), remainingItemCount: rest } : {}),
  }
  const type = metadataOnly
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
    : { kind: list.kind, apiVersion: list.apiVersion }
  return { status: 200, body: JSON.stringify({ ...type, metadata, items }) }
}

function readPosition(query: URLSearchParams): { start: number; limit: number } | string {
  const limit = Number(query.get('limit') ?? '0')
  if (!Number.isInteger(limit) || limit < 0) return 'limit must be a number'
  const token = query.get('continue')
  if (token === null || token === '') return { start: 0, limit: limit || Number.POSITIVE_INFINITY }
  const start = /^v1:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (start === undefined) return 'continue key is not valid'
  return { start: Number(start), limit: limit || Number.POSITIVE_INFINITY }
}

/** "/api/v1/namespaces/shop/secrets" is the part of "/api/v1/secrets" that lies in shop. */
function withoutNamespace(pathname: string): { path: string; namespace: string | undefined } {
  const [, root, namespace, resource] = /^(\/.+)\/namespaces\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  return namespace === undefined ? { path: pathname, namespace } : { path: `${root}/${resource}`, namespace }
}

interface Selection {
  readonly selector: string
  readonly namespace: string | undefined
  readonly metadataOnly: boolean
}

/** In one page. Only metadata.name=<name>, which every resource has, and type=<type>, which Secrets have. */
function serveSelected(
  list: NonNullable<ReturnType<ObjectProvider['list']>>,
  { selector, namespace, metadataOnly }: Selection,
): Answer {
  const [, field, value] = /^(metadata\.name|type)=([^,]+)$/.exec(selector) ?? []
  if (selector !== '' && field === undefined) return failure(400, 'field label not supported')
  const items: object[] = []
  for (const item of list.slice(0, list.count)) {
    const metadata = metadataOf(item)
    if (namespace !== undefined && metadata['namespace'] !== namespace) continue
    const found = field === 'type' ? ('type' in item ? item.type : undefined) : metadata['name']
    if (field === undefined || found === value) items.push(metadataOnly ? partial(item) : item)
  }
  const type = metadataOnly
    ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' }
    : { kind: list.kind, apiVersion: list.apiVersion }
  return { status: 200, body: JSON.stringify({ ...type, metadata: { resourceVersion: '1000' }, items }) }
}

function partial(item: object): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadataOf(item) }
}

function metadataOf(item: object): Record<string, unknown> {
  return 'metadata' in item && isObject(item.metadata) ? item.metadata : {}
}

interface Sending {
  readonly answer: Answer
  readonly entry: ApiRequest
  readonly effect: FaultEffect | undefined
  readonly compress: boolean
}

function send(request: IncomingMessage, response: ServerResponse, { answer, entry, effect, compress }: Sending): void {
  const plain = Buffer.from(effect?.kind === 'malformed' ? answer.body.slice(0, answer.body.length / 2) : answer.body)
  const zipped = compress && plain.length > 131_072 && /\bgzip\b/.test(`${request.headers['accept-encoding']}`)
  const body = zipped ? gzipSync(plain, { level: 1 }) : plain
  if (effect?.kind === 'reset' && effect.afterBytes === undefined) {
    request.socket.destroy()
    return
  }
  entry.status = answer.status
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType ?? 'application/json',
    'Content-Length': body.length,
    ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
    ...answer.headers,
  })
  if (effect?.kind === 'reset') {
    response.write(body.subarray(0, effect.afterBytes), () => request.socket.destroy())
    return
  }
  if (effect?.kind === 'stall') {
    response.write(body.subarray(0, effect.afterBytes))
    return
  }
  response.end(body)
}

interface KubeconfigParts {
  readonly name: string
  readonly url: string
  readonly ca: string
  readonly token: string
  readonly credentials: 'token' | { readonly certificate: Identity }
}

/** JSON is YAML; every value is quoted. */
function kubeconfig({ name, url, ca, token, credentials }: KubeconfigParts): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const user =
    credentials === 'token'
      ? { token }
      : {
          'client-certificate-data': base64(credentials.certificate.cert),
          'client-key-data': base64(credentials.certificate.key),
        }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: 'auditor', user }],
    contexts: [{ name, context: { cluster: name, user: 'auditor' } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}
