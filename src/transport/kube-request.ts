// One request over node:https: bounded in time and size, body in memory as bytes. Failures come back as values.
// May not: follow redirects (credentials would travel on), or retry.
import type { ClientRequest, IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Authorization } from './kube-access.ts'
import { describeNetworkError, describeStatus, type Failure } from './kube-errors.ts'
import { parseRetryAfter } from './kube-retry.ts'

export interface RequestLimits {
  /** Whole budget of one request, body included. */
  readonly timeoutMs: number
  /** Until TCP and TLS are up. */
  readonly connectTimeoutMs: number
  /** Bytes of one body, decompressed. */
  readonly maxBytes: number
}

export interface GetOptions {
  readonly server: URL
  /** Path and query below the server's own path. */
  readonly path: string
  /** What else than GET is asked, and what is sent with it. */
  readonly sending?: Sending
  readonly accept: string
  readonly compress: boolean
  readonly authorization: Authorization
  readonly limits: RequestLimits
  readonly signal: AbortSignal
}

export interface Sending {
  /** PATCH is server-side apply. */
  readonly method: 'POST' | 'DELETE' | 'PATCH'
  /** Sent as JSON. */
  readonly body?: object
}

/** `date`: the server's clock as it answered, from the header of that name. */
export type GetResult = { readonly body: Buffer; readonly date?: string } | { readonly failure: Failure }

const errorBodyLimit = 65_536

/** Sends the request and reads its body. Never rejects. */
export function get(options: GetOptions): Promise<GetResult> {
  const label = `${options.sending?.method ?? 'GET'} ${options.path.split('?', 1)[0] ?? ''}`
  return new Promise((resolve) => {
    const timers = new Set<NodeJS.Timeout>()
    let request: ClientRequest | undefined
    let isSettled = false
    const settle = (result: GetResult) => {
      if (isSettled) return
      isSettled = true
      for (const timer of timers) clearTimeout(timer)
      options.signal.removeEventListener('abort', onAbort)
      resolve(result)
    }
    const giveUp = (failure: Failure) => {
      settle({ failure })
      request?.destroy()
    }
    const onAbort = () => giveUp({ reason: 'interrupted', detail: `${label} was stopped.`, transient: false })
    const within = (ms: number, what: string) => {
      const detail = `${label} failed: ${options.server.host} ${what} within ${ms / 1000} s.`
      const timer = setTimeout(() => giveUp({ reason: 'timeout', detail, transient: false }), ms)
      timers.add(timer)
      return timer
    }
    if (options.signal.aborted) return onAbort()
    options.signal.addEventListener('abort', onAbort, { once: true })
    const onError = (error: unknown) => giveUp(describeNetworkError(error, label, options.server.host))
    try {
      request = send(options)
    } catch (error) {
      // A header with characters that no header may have.
      return onError(error)
    }
    within(options.limits.timeoutMs, 'gave no whole answer')
    clearWhenConnected(request, within(options.limits.connectTimeoutMs, 'did not accept the connection'))
    request.on('error', onError)
    request.on('response', (response) => readAnswer(response, { label, options, settle, giveUp, onError }))
    request.end(bodyOf(options.sending))
  })
}

function send({ server, path, sending, accept, compress, authorization }: GetOptions): ClientRequest {
  const secure = server.protocol === 'https:'
  return (secure ? https : http).request({
    method: sending?.method ?? 'GET',
    host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: server.port === '' ? (secure ? 443 : 80) : Number(server.port),
    path: `${server.pathname.replace(/\/$/, '')}${path}`,
    agent: authorization.agent,
    headers: {
      'User-Agent': 'kube-assay',
      Accept: accept,
      'Accept-Encoding': compress ? 'gzip' : 'identity',
      ...(sending === undefined ? {} : contentHeaders(sending)),
      ...authorization.headers,
    },
  })
}

function bodyOf(sending: Sending | undefined): string {
  return sending?.body === undefined ? '' : JSON.stringify(sending.body)
}

/** The length is said by hand: for DELETE, Node.js says neither it nor that chunks follow. */
function contentHeaders(sending: Sending): http.OutgoingHttpHeaders {
  const body = bodyOf(sending)
  const type = sending.method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json'
  return { 'Content-Length': Buffer.byteLength(body), ...(body === '' ? {} : { 'Content-Type': type }) }
}

function clearWhenConnected(request: ClientRequest, timer: NodeJS.Timeout): void {
  request.once('socket', (socket) => {
    const clear = () => clearTimeout(timer)
    if (request.reusedSocket) return clear()
    // A tunnel's TLS socket may arrive connected, but its handshake is still to come.
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', clear)
  })
  request.once('response', () => clearTimeout(timer))
}

interface Reading {
  readonly label: string
  readonly options: GetOptions
  readonly settle: (result: GetResult) => void
  readonly giveUp: (failure: Failure) => void
  readonly onError: (error: unknown) => void
}

function readAnswer(response: IncomingMessage, { label, options, settle, giveUp, onError }: Reading): void {
  const status = response.statusCode ?? 0
  const isSuccess = status === 200 || (options.sending !== undefined && (status === 201 || status === 202))
  const limit = isSuccess ? options.limits.maxBytes : errorBodyLimit
  const finish = (body: Buffer) => {
    const { date } = response.headers
    if (isSuccess) return settle({ body, ...(date !== undefined && { date }) })
    const failure = describeStatus(label, status, body.toString('utf8'))
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], Date.now())
    settle({ failure: retryAfterMs === undefined ? failure : { ...failure, retryAfterMs } })
  }
  const tooLarge = () => {
    if (!isSuccess) return giveUp(describeStatus(label, status, ''))
    const detail = `${label} was answered with more than ${Math.round(limit / 1_048_576)} MiB in one page.`
    giveUp({ reason: 'too-large', detail, transient: false })
  }
  readBody(response, limit, { finish, tooLarge, onError })
}

interface BodyHandlers {
  readonly finish: (body: Buffer) => void
  readonly tooLarge: () => void
  readonly onError: (error: unknown) => void
}

function readBody(response: IncomingMessage, limit: number, { finish, tooLarge, onError }: BodyHandlers): void {
  if (Number(response.headers['content-length'] ?? 0) > limit) {
    tooLarge()
    return
  }
  const stream: Readable = response.headers['content-encoding'] === 'gzip' ? unzip(response, onError) : response
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    chunks.push(chunk)
    if (size > limit) tooLarge()
  })
  stream.on('error', onError)
  stream.on('end', () => {
    if (response.complete) finish(Buffer.concat(chunks, size))
    else onError(new Error('the answer broke off'))
  })
}

function unzip(response: IncomingMessage, onError: (error: unknown) => void): Readable {
  response.on('error', onError)
  return response.pipe(createGunzip())
}
