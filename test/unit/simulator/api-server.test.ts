import https from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFaultTable } from '../../../src/simulator/api-faults.ts'
import { type ApiServer, startApiServer } from '../../../src/simulator/api-server.ts'

const path = '/api/v1/pods'
const podAt = (index: number) => ({ metadata: { name: `p${index}`, labels: { a: 'b' } }, spec: { index } })
const ranges: [number, number][] = []
let server: ApiServer

beforeAll(async () => {
  server = await startApiServer({
    provider: {
      list: (asked) =>
        asked === path
          ? {
              kind: 'PodList',
              apiVersion: 'v1',
              count: 150_000,
              *slice(start, end) {
                ranges.push([start, end])
                for (let index = start; index < end; index += 1) yield podAt(index)
              },
            }
          : undefined,
      get: (asked) => (asked === '/version' ? { gitVersion: 'v1' } : undefined),
    },
    tokens: { good: 'jane' },
  })
})
afterAll(() => server.close())

function ask(target: string, headers: Record<string, string> = { Authorization: 'Bearer good' }) {
  return new Promise<{ status: number | undefined; body: ReturnType<typeof JSON.parse> }>((resolve, reject) => {
    https
      .get(`${server.url}${target}`, { ca: server.ca, headers, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }))
      })
      .on('error', reject)
  })
}

describe('the simulated API server', () => {
  it('makes only the page that is asked for', async () => {
    ranges.length = 0
    const first = await ask(`${path}?limit=2`)
    const second = await ask(`${path}?limit=2&continue=${first.body.metadata.continue}`)
    expect([first.body, second.body.items, ranges]).toEqual([
      {
        kind: 'PodList',
        apiVersion: 'v1',
        metadata: { resourceVersion: '1000', continue: expect.any(String), remainingItemCount: 149_998 },
        items: [podAt(0), podAt(1)],
      },
      [podAt(2), podAt(3)],
      [
        [0, 2],
        [2, 4],
      ],
    ])
  })

  it('gives metadata alone when asked', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    const { body } = await ask(`${path}?limit=1`, { Authorization: 'Bearer good', Accept: accept })
    expect([body.kind, body.items]).toEqual([
      'PartialObjectMetadataList',
      [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: podAt(0).metadata }],
    ])
  })

  it('finds one object by name', async () => {
    const { body } = await ask(`${path}?fieldSelector=metadata.name%3Dp7`)
    expect(body.items).toEqual([podAt(7)])
  })

  it.each<[string, string, Record<string, string> | undefined, number, string]>([
    ['nobody', path, {}, 401, 'Unauthorized'],
    ['a wrong token', path, { Authorization: 'Bearer bad' }, 401, 'Unauthorized'],
    ['another path', '/api/v1/none', undefined, 404, 'NotFound'],
    ['a made-up token', `${path}?continue=abc`, undefined, 400, 'BadRequest'],
    ['a limit that is none', `${path}?limit=x`, undefined, 400, 'BadRequest'],
    ['another selector', `${path}?fieldSelector=spec.nodeName%3Dx`, undefined, 400, 'BadRequest'],
  ])('answers %s as an API server does', async (_, target, headers, status, reason) => {
    const answer = await ask(target, headers)
    expect([answer.status, answer.body.kind, answer.body.reason, answer.body.code]).toEqual([
      status,
      'Status',
      reason,
      status,
    ])
  })
})

describe('faults', () => {
  const effect = { kind: 'status', status: 500 } as const
  const other = { kind: 'hang' } as const

  it.each([
    ['every request', { effect }, [effect, effect, effect]],
    ['from the second on', { effect, from: 2 }, [undefined, effect, effect]],
    ['the first two', { effect, times: 2 }, [effect, effect, undefined]],
    ['the second alone', { effect, from: 2, times: 1 }, [undefined, effect, undefined]],
    ['another path', { effect, path: '/other' }, [undefined, undefined, undefined]],
  ])('%s', (_, fault, expected) => {
    const table = createFaultTable()
    table.set(fault)
    expect([1, 2, 3].map(() => table.take(path))).toEqual(expected)
  })

  it('the one set last wins until it is taken back', () => {
    const table = createFaultTable()
    table.set({ effect })
    const remove = table.set({ effect: other })
    const during = table.take(path)
    remove()
    expect([during, table.take(path)]).toEqual([other, effect])
  })
})
