// The live source against a real HTTPS server: paging, credentials, TLS, proxies, and every way a list can go wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  type ApiServer,
  type ApiServerOptions,
  collectionOf,
  type Fault,
  startApiServer,
  tableProvider,
} from '../../src/simulator/api-server.ts'
import { createAuthority } from '../../src/simulator/certificates.ts'
import { type KubeSourceOptions, openKubeSource } from '../../src/transport/kube.ts'

const pods = '/api/v1/pods'
const items = Array.from({ length: 25 }, (_, index) => ({
  metadata: { name: `p${index}` },
  spec: { pad: 'x'.repeat(400) },
}))
const secrets = [{ metadata: { name: 's', annotations: { last: 'hunter2' } }, data: { p: 'hunter2' } }]
const provider = tableProvider(
  { [pods]: collectionOf('PodList', 'v1', items), '/api/v1/secrets': collectionOf('SecretList', 'v1', secrets) },
  { '/version': { gitVersion: 'v1.36.2' } },
)
let folder = ''
let server: ApiServer
const quick = { retries: { baseMs: 1, maxWaitMs: 5, budgetMs: 2000, attempts: 3 } }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-api-'))
  server = await startApiServer({ provider })
})
afterEach(() => {
  for (const remove of faults.splice(0)) remove()
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const faults: (() => void)[] = []
function fault(effect: Fault['effect'], rest: Partial<Fault> = {}): void {
  faults.push(server.setFault({ path: pods, effect, ...rest }))
}

async function open(kubeconfig: string, options: KubeSourceOptions = {}) {
  const path = join(folder, `config-${Math.random().toString(36).slice(2)}`)
  await writeFile(path, kubeconfig)
  const source = await openKubeSource({ kubeconfig: path, env: {}, pageSize: 10, ...quick, ...options })
  onTestFinished(() => source.close())
  return source
}

async function list(
  source: Awaited<ReturnType<typeof open>>,
  family: 'pods' | 'secrets' | 'nodes' = 'pods',
  signal = new AbortController().signal,
) {
  const seen: unknown[] = []
  let restarts = 0
  const onRestart = () => {
    restarts += 1
    seen.length = 0
  }
  const outcome = await source.list(family, { onObject: (raw) => seen.push(raw), onRestart }, signal)
  return {
    seen,
    restarts,
    outcome: outcome.complete ? 'complete' : [outcome.unavailable.reason, outcome.unavailable.detail],
  }
}

/** What is asked from here on, without host and port. */
function watch(target = server) {
  const start = target.requests.length
  return () => target.requests.slice(start).map(({ path, status, user }) => [path, status, user])
}
const host = (from = server) => new URL(from.url).host

describe('a list that works', () => {
  it('is read page by page over one connection', async () => {
    const asked = watch()
    const before = server.connections()
    const { seen, outcome } = await list(await open(server.kubeconfig()))
    expect([seen, outcome]).toEqual([items, 'complete'])
    expect(asked()).toEqual(Array(3).fill([pods, 200, 'auditor']))
    expect(server.connections() - before).toBe(1)
    expect(server.requests.slice(-3).map(({ query }) => [query['limit'], query['continue'] !== undefined])).toEqual([
      ['10', false],
      ['10', true],
      ['10', true],
    ])
  })

  it.each([
    ['compressed', { compress: true, pageSize: 500 }],
    ['plain', { compress: false, pageSize: 500 }],
  ])('%s', async (_, options) => {
    const big = Array.from({ length: 40 }, (_, index) => ({ metadata: { name: `b${index}` }, pad: 'é'.repeat(3000) }))
    const other = await startApiServer({ provider: tableProvider({ [pods]: collectionOf('PodList', 'v1', big) }) })
    onTestFinished(() => other.close())
    const { seen, outcome } = await list(await open(other.kubeconfig(), options))
    expect([seen, outcome]).toEqual([big, 'complete'])
  })

  it('awaits the caller between pages', async () => {
    const source = await open(server.kubeconfig())
    const order: string[] = []
    await source.list(
      'pods',
      {
        onObject: () => undefined,
        onRestart: () => undefined,
        onPage: async () => {
          order.push(`page ${server.requests.length}`)
          await new Promise((resolve) => setTimeout(resolve, 20))
          order.push(`went on ${server.requests.length}`)
        },
      },
      new AbortController().signal,
    )
    const counts = order.map((entry) => Number(entry.split(' ').at(-1)))
    expect(counts.filter((_, index) => index % 2 === 0)).toEqual(counts.filter((_, index) => index % 2 === 1))
  })

  it('describes where it reads', async () => {
    const source = await open(server.kubeconfig())
    expect([source.source, source.clusterName, source.describe('pods'), source.tlsVerified, source.warnings]).toEqual([
      { kind: 'live', server: server.url, context: 'simulated', user: 'auditor' },
      'simulated',
      'GET /api/v1/pods',
      true,
      [],
    ])
  })

  it('gets a single path', async () => {
    const source = await open(server.kubeconfig())
    expect(await source.get('/version', new AbortController().signal)).toEqual({ body: { gitVersion: 'v1.36.2' } })
  })
})

describe('Secrets', () => {
  async function read(partialMetadata: NonNullable<ApiServerOptions['partialMetadata']>) {
    const other = await startApiServer({ provider, partialMetadata })
    onTestFinished(() => other.close())
    const result = await list(await open(other.kubeconfig()), 'secrets')
    return { ...result, accept: other.requests[0]?.accept }
  }

  it('come as metadata only', async () => {
    const { seen, outcome, accept } = await read('supported')
    expect([seen, outcome, accept]).toEqual([
      [{ metadata: { name: 's', annotations: { last: 'hunter2' } } }],
      'complete',
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    ])
  })

  it.each([
    [
      'ignored',
      'GET /api/v1/secrets: the server gave whole objects where metadata alone was asked for; they were dropped.',
    ],
    ['refused', 'GET /api/v1/secrets: the server does not give metadata alone, and contents are never asked for.'],
  ] as const)('are not read at all when that is %s', async (mode, detail) => {
    const { seen, outcome } = await read(mode)
    expect([seen, outcome]).toEqual([[], ['unsupported', detail]])
  })
})

describe('answers that fail', () => {
  it.each<[string, Fault['effect'], [string, string], number]>([
    [
      '401',
      { kind: 'status', status: 401, message: 'Unauthorized' },
      ['unauthorized', `GET ${pods} was answered 401: Unauthorized`],
      1,
    ],
    [
      '403',
      { kind: 'status', status: 403, message: 'pods is forbidden' },
      ['forbidden', `GET ${pods} was answered 403: pods is forbidden`],
      1,
    ],
    [
      '404',
      { kind: 'status', status: 404, message: 'no such' },
      ['not-found', `GET ${pods} was answered 404: no such`],
      1,
    ],
    [
      '500 all the time',
      { kind: 'status', status: 500, message: 'etcd' },
      ['server-error', `GET ${pods} was answered 500: etcd (tried 3 times).`],
      3,
    ],
    [
      '429 all the time',
      { kind: 'status', status: 429, message: 'slow down', retryAfter: '0' },
      ['server-error', `GET ${pods} was answered 429: slow down (tried 3 times).`],
      3,
    ],
    ['a redirect', { kind: 'answer', status: 302, body: '' }, ['server-error', `GET ${pods} was answered 302.`], 1],
    [
      'JSON cut short',
      { kind: 'malformed' },
      ['malformed', `GET ${pods} was answered with something that is no JSON.`],
      1,
    ],
    [
      'a login page',
      { kind: 'answer', status: 200, contentType: 'text/html', body: '<html>' },
      ['malformed', `GET ${pods} was answered with something that is no JSON.`],
      1,
    ],
    [
      'a Pod instead of a list',
      { kind: 'answer', status: 200, body: '{"kind":"Pod"}' },
      ['malformed', `GET ${pods} was answered with something that is no list.`],
      1,
    ],
    [
      'a list without items',
      { kind: 'answer', status: 200, body: '{"kind":"PodList"}' },
      ['malformed', `GET ${pods} was answered with a list without items.`],
      1,
    ],
    [
      'a token that is no text',
      { kind: 'answer', status: 200, body: '{"kind":"PodList","items":[],"metadata":{"continue":1}}' },
      ['malformed', `GET ${pods} was answered with a continue token that is no text.`],
      1,
    ],
    [
      'the same page for ever',
      { kind: 'answer', status: 200, body: '{"kind":"PodList","items":[],"metadata":{"continue":"x"}}' },
      ['malformed', `GET ${pods} was answered with the same page again and again.`],
      2,
    ],
    [
      'connections reset',
      { kind: 'reset' },
      ['connection-lost', `GET ${pods} broke off (ECONNRESET) (tried 3 times).`],
      3,
    ],
    [
      'bodies that break off',
      { kind: 'reset', afterBytes: 700 },
      ['connection-lost', `GET ${pods} broke off (ECONNRESET) (tried 3 times).`],
      3,
    ],
  ])('%s', async (_, effect, outcome, requests) => {
    fault(effect)
    const asked = watch()
    const result = await list(await open(server.kubeconfig()))
    expect([result.outcome, result.restarts, asked().length]).toEqual([outcome, 0, requests])
  })

  it('an empty list written as null is an empty list', async () => {
    fault({ kind: 'answer', status: 200, body: '{"kind":"PodList","items":null,"metadata":{}}' })
    expect((await list(await open(server.kubeconfig()))).outcome).toBe('complete')
  })

  it('one family alone fails', async () => {
    fault({ kind: 'status', status: 403, message: 'no' }, { path: '/api/v1/secrets' })
    const source = await open(server.kubeconfig())
    const results = await Promise.all([list(source, 'secrets'), list(source, 'pods'), list(source, 'nodes')])
    expect(results.map(({ outcome }) => outcome)).toEqual([
      ['forbidden', 'GET /api/v1/secrets was answered 403: no'],
      'complete',
      ['not-found', 'GET /api/v1/nodes was answered 404: the server could not find the requested resource'],
    ])
  })

  it.each<[string, Fault['effect']]>([
    ['503', { kind: 'status', status: 503 }],
    ['a reset', { kind: 'reset' }],
    ['a body that broke off', { kind: 'reset', afterBytes: 500 }],
  ])('goes on after %s on the second page, without a gap or a double', async (_, effect) => {
    fault(effect, { from: 2, times: 2 })
    const { seen, outcome, restarts } = await list(await open(server.kubeconfig()))
    expect([seen, outcome, restarts]).toEqual([items, 'complete', 0])
  })

  it('waits as long as Retry-After says, on the clock it is given', async () => {
    fault({ kind: 'status', status: 429, retryAfter: '2' }, { times: 1 })
    const waits: number[] = []
    const clock = { now: () => 0, random: () => 0.5, sleep: async (ms: number) => void waits.push(ms) }
    const source = await open(server.kubeconfig(), { clock, retries: { baseMs: 100, maxWaitMs: 30_000 } })
    expect([(await list(source)).outcome, waits]).toEqual(['complete', [2050]])
  })

  it('begins anew after 410, and gives the whole list once', async () => {
    fault({ kind: 'status', status: 410, message: 'expired' }, { from: 2, times: 1 })
    const { seen, outcome, restarts } = await list(await open(server.kubeconfig()))
    expect([seen, outcome, restarts]).toEqual([items, 'complete', 1])
  })

  it('gives up when the list expires again and again', async () => {
    fault({ kind: 'status', status: 410 }, { from: 2 })
    const { outcome, restarts } = await list(await open(server.kubeconfig(), { maxRestarts: 2 }))
    expect([outcome, restarts]).toEqual([
      ['server-error', `GET ${pods} expired 3 times before the list ended (410 Gone).`],
      2,
    ])
  })

  it('keeps the pages it has when the server dies, and says that it is gone', async () => {
    const dying = await startApiServer({ provider })
    onTestFinished(() => dying.close())
    const source = await open(dying.kubeconfig())
    const seen: unknown[] = []
    const outcome = await source.list(
      'pods',
      { onObject: (raw) => seen.push(raw), onRestart: () => expect.unreachable(), onPage: () => dying.close() },
      new AbortController().signal,
    )
    expect([seen, outcome]).toEqual([
      items.slice(0, 10),
      {
        complete: false,
        unavailable: {
          reason: 'unreachable',
          detail: `GET ${pods} failed: ${host(dying)} refused the connection (tried 3 times).`,
        },
      },
    ])
  })
})

describe('bounds', () => {
  const limits = { timeoutMs: 150, connectTimeoutMs: 100, maxBytes: 2000 }

  it.each<[string, Fault['effect'], string]>([
    ['no answer', { kind: 'hang' }, 'gave no whole answer within 0.15 s'],
    ['a body that stalls', { kind: 'stall', afterBytes: 100 }, 'gave no whole answer within 0.15 s'],
  ])('%s', async (_, effect, what) => {
    fault(effect)
    const { outcome } = await list(await open(server.kubeconfig(), { limits: { timeoutMs: 150 } }))
    expect(outcome).toEqual(['timeout', `GET ${pods} failed: ${host()} ${what}.`])
  })

  it('a slow answer within the time is waited for', async () => {
    fault({ kind: 'delay', ms: 60 })
    expect((await list(await open(server.kubeconfig()))).outcome).toBe('complete')
  })

  it('a page that is too large', async () => {
    const { outcome, seen } = await list(await open(server.kubeconfig(), { limits: { maxBytes: 2000 } }))
    expect([outcome, seen]).toEqual([['too-large', `GET ${pods} was answered with more than 0 MiB in one page.`], []])
  })

  it('a page that is too large once decompressed', async () => {
    const bomb = [{ metadata: { name: 'b' }, pad: 'x'.repeat(3_000_000) }]
    const other = await startApiServer({ provider: tableProvider({ [pods]: collectionOf('PodList', 'v1', bomb) }) })
    onTestFinished(() => other.close())
    const { outcome } = await list(await open(other.kubeconfig(), { compress: true, limits: { maxBytes: 1_048_576 } }))
    expect(outcome).toEqual(['too-large', `GET ${pods} was answered with more than 1 MiB in one page.`])
  })

  it('a server that accepts and says nothing', async () => {
    const mute = createServer()
    const port = await listen(mute)
    const source = await open(server.kubeconfig().replace(server.url, `https://127.0.0.1:${port}`), { limits })
    expect((await list(source)).outcome).toEqual([
      'timeout',
      `GET ${pods} failed: 127.0.0.1:${port} did not accept the connection within 0.1 s.`,
    ])
  })

  it('a stop by the user', async () => {
    fault({ kind: 'hang' }, { from: 2 })
    const controller = new AbortController()
    const source = await open(server.kubeconfig())
    setTimeout(() => controller.abort(), 100)
    const { outcome, seen } = await list(source, 'pods', controller.signal)
    expect([outcome, seen.length]).toEqual([['interrupted', `GET ${pods} was stopped.`], 10])
  })
})

async function listen(target: ReturnType<typeof createServer>): Promise<number> {
  const sockets = new Set<Socket>()
  target.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => target.close(resolve))
  })
  return (target.address() as AddressInfo).port
}

describe('the way to the server', () => {
  const edit = (text: string, change: (config: ReturnType<typeof JSON.parse>) => void) => {
    const config = JSON.parse(text)
    change(config)
    return JSON.stringify(config)
  }
  const start = async (certificate: ApiServerOptions['certificate']) => {
    const other = await startApiServer({ provider, ...(certificate === undefined ? {} : { certificate }) })
    onTestFinished(() => other.close())
    return other
  }

  it.each([
    ['expired', { notAfter: new Date('2026-01-01') }, 'has a certificate that is expired'],
    [
      'not valid yet',
      { notBefore: new Date('2090-01-01'), notAfter: new Date('2091-01-01') },
      'has a certificate that is not valid yet (or this machine’s clock is wrong)',
    ],
    [
      'for another name',
      { names: ['other.example', '192.0.2.1'] },
      'has a certificate for another name (DNS:other.example, IP Address:192.0.2.1)',
    ],
  ])('a certificate that is %s', async (_, certificate, what) => {
    const other = await start(certificate)
    const { outcome } = await list(await open(other.kubeconfig()))
    expect([outcome, other.requests]).toEqual([['tls-error', `GET ${pods} failed: ${host(other)} ${what}.`], []])
  })

  it('an authority nobody knows', async () => {
    const foreign = Buffer.from(createAuthority('foreign').cert).toString('base64')
    const text = edit(server.kubeconfig(), (config) => {
      config.clusters[0].cluster['certificate-authority-data'] = foreign
    })
    expect((await list(await open(text))).outcome).toEqual([
      'tls-error',
      `GET ${pods} failed: ${host()} has a certificate that the cluster’s certificate authority did not sign.`,
    ])
  })

  it('without an authority in the kubeconfig the machine’s own store decides', async () => {
    const text = edit(server.kubeconfig(), (config) => {
      delete config.clusters[0].cluster['certificate-authority-data']
    })
    expect((await list(await open(text))).outcome[0]).toBe('tls-error')
  })

  it('tls-server-name', async () => {
    const other = await start({ names: ['api.internal'] })
    const text = edit(other.kubeconfig(), (config) => {
      config.clusters[0].cluster['tls-server-name'] = 'api.internal'
    })
    expect((await list(await open(text))).outcome).toBe('complete')
  })

  it('insecure-skip-tls-verify is honoured and told', async () => {
    const other = await start({ notAfter: new Date('2026-01-01') })
    const text = edit(other.kubeconfig(), (config) => {
      delete config.clusters[0].cluster['certificate-authority-data']
      config.clusters[0].cluster['insecure-skip-tls-verify'] = true
    })
    const source = await open(text)
    expect([(await list(source)).outcome, source.tlsVerified]).toEqual(['complete', false])
  })

  it('NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing', async () => {
    const other = await start({ notAfter: new Date('2026-01-01') })
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    })
    expect((await list(await open(other.kubeconfig()))).outcome[0]).toBe('tls-error')
  })

  it('IPv6', async () => {
    const other = await startApiServer({ provider, host: '::1' })
    onTestFinished(() => other.close())
    expect((await list(await open(other.kubeconfig()))).outcome).toBe('complete')
  })

  it('a port where nobody listens', async () => {
    const closed = await start(undefined)
    const text = closed.kubeconfig()
    await closed.close()
    expect((await list(await open(text))).outcome).toEqual([
      'unreachable',
      `GET ${pods} failed: ${host(closed)} refused the connection.`,
    ])
  })

  it('a name that does not resolve', async () => {
    const source = await open(server.kubeconfig().replace(server.url, 'https://no-such-host.invalid:6443'))
    expect((await list(source)).outcome[0]).toBe('unreachable')
  })

  it('a port that does not speak TLS', async () => {
    const plain = http.createServer((_, response) => response.end('hello'))
    const port = await listen(plain)
    const source = await open(server.kubeconfig().replace(server.url, `https://127.0.0.1:${port}`))
    expect((await list(source)).outcome).toEqual([
      'tls-error',
      `GET ${pods} failed: 127.0.0.1:${port} does not speak TLS.`,
    ])
  })

  it('a path in front, as management servers have it', async () => {
    const prefixed = { ...provider, list: (path: string) => provider.list(path.replace('/k8s/clusters/c-1', '')) }
    const other = await startApiServer({ provider: prefixed })
    onTestFinished(() => other.close())
    const source = await open(other.kubeconfig().replace(other.url, `${other.url}/k8s/clusters/c-1/`))
    expect([(await list(source)).outcome, other.requests[0]?.path]).toEqual(['complete', `/k8s/clusters/c-1${pods}`])
  })

  /** A CONNECT proxy that notes where it leads. */
  async function startProxy(tunnels: string[]): Promise<number> {
    const proxy = http.createServer().on('connect', (request, client: Socket) => {
      tunnels.push(request.url ?? '')
      const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      upstream.on('error', () => client.destroy())
    })
    return listen(proxy)
  }

  it('a proxy from proxy-url, over one tunnel', async () => {
    const tunnels: string[] = []
    const port = await startProxy(tunnels)
    const text = edit(server.kubeconfig(), (config) => {
      config.clusters[0].cluster['proxy-url'] = `http://127.0.0.1:${port}`
    })
    expect([(await list(await open(text))).outcome, tunnels]).toEqual(['complete', [host()]])
  })

  it('a proxy, an expired certificate and NODE_TLS_REJECT_UNAUTHORIZED=0', async () => {
    const other = await start({ notAfter: new Date('2026-01-01') })
    const port = await startProxy([])
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    })
    const text = edit(other.kubeconfig(), (config) => {
      config.clusters[0].cluster['proxy-url'] = `http://127.0.0.1:${port}`
    })
    expect([(await list(await open(text))).outcome, other.requests]).toEqual([
      ['tls-error', `GET ${pods} failed: ${host(other)} has a certificate that is expired.`],
      [],
    ])
  })

  it('plain http on loopback, as kubectl proxy serves it', async () => {
    const plain = http.createServer((_, response) =>
      response.end('{"kind":"PodList","items":[{"metadata":{"name":"a"}}]}'),
    )
    const port = await listen(plain)
    const source = await open(server.kubeconfig().replace(server.url, `http://127.0.0.1:${port}`))
    expect([await list(source), source.tlsVerified]).toEqual([
      { seen: [{ metadata: { name: 'a' } }], restarts: 0, outcome: 'complete' },
      false,
    ])
  })

  it('a proxy that refuses', async () => {
    const proxy = http
      .createServer()
      .on('connect', (_, client: Socket) => client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
    const port = await listen(proxy)
    const text = edit(server.kubeconfig(), (config) => {
      config.clusters[0].cluster['proxy-url'] = `http://127.0.0.1:${port}`
    })
    expect((await list(await open(text))).outcome).toEqual([
      'unreachable',
      `GET ${pods} failed: the proxy answered 407.`,
    ])
  })
})

describe('credentials', () => {
  it('a client certificate', async () => {
    const certificate = server.authority.issue({ commonName: 'jane', usage: 'client' })
    const asked = watch()
    const { outcome } = await list(await open(server.kubeconfig({ certificate }), { pageSize: 500 }))
    expect([outcome, asked()]).toEqual(['complete', [[pods, 200, 'jane']]])
  })

  it('an expired client certificate: still tried, and named when it is refused', async () => {
    const certificate = server.authority.issue({
      commonName: 'jane',
      usage: 'client',
      notAfter: new Date('2026-01-02T03:04:05Z'),
    })
    const warning = 'The client certificate expired on 2026-01-02T03:04:05.000Z; the API server will refuse it.'
    const source = await open(server.kubeconfig({ certificate }))
    expect([source.warnings, (await list(source)).outcome]).toEqual([
      [warning],
      ['unauthorized', `GET ${pods} was answered 401: Unauthorized ${warning}`],
    ])
  })

  it('a wrong token', async () => {
    const text = server.kubeconfig().replace('simulated-token-of-auditor', 'wrong')
    expect((await list(await open(text))).outcome).toEqual([
      'unauthorized',
      `GET ${pods} was answered 401: Unauthorized`,
    ])
  })

  async function pluginConfig(script: string) {
    const config = JSON.parse(server.kubeconfig())
    const counter = join(folder, `runs-${Math.random().toString(36).slice(2)}`)
    await writeFile(counter, '')
    const command = `printf x >> ${counter}; n=$(wc -c < ${counter}); ${script}`
    config.users[0].user = {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'sh',
        args: ['-c', command],
        interactiveMode: 'Never',
      },
    }
    return JSON.stringify(config)
  }
  const print = (token: string) => `printf '{"kind":"ExecCredential","status":{"token":"%s"}}' "${token}"`

  it('a plug-in’s token that was revoked is renewed once, for all lists together', async () => {
    const text = await pluginConfig(
      `if [ $n -gt 1 ]; then ${print('simulated-token-of-auditor')}; else ${print('old')}; fi`,
    )
    const source = await open(text, { pageSize: 500 })
    const asked = watch()
    const results = await Promise.all([list(source), list(source), list(source)])
    expect(results.map(({ outcome }) => outcome)).toEqual(['complete', 'complete', 'complete'])
    expect(
      asked()
        .map(([, status]) => status)
        .sort(),
    ).toEqual([200, 200, 200, 401, 401, 401])
  })

  it('a plug-in whose new token is refused too', async () => {
    const source = await open(await pluginConfig(print('still-wrong')))
    const asked = watch()
    expect([(await list(source)).outcome, asked().length]).toEqual([
      ['unauthorized', `GET ${pods} was answered 401: Unauthorized`],
      2,
    ])
  })

  it('a plug-in that fails later keeps its words to itself', async () => {
    const source = await open(
      await pluginConfig(`if [ $n -gt 1 ]; then echo hunter2 >&2; exit 1; else ${print('old')}; fi`),
    )
    expect((await list(source)).outcome).toEqual([
      'unauthorized',
      `GET ${pods} was not sent: the credentials could not be renewed.`,
    ])
  })
})
