import { expect, test } from 'vitest'
import { createReportWriter } from '../../../src/transport/kube-reports.ts'
import type { GetResult, Sending } from '../../../src/transport/kube-request.ts'

const place = { kind: 'Report', plural: 'reports' }
const named = (namespace: string, name: string) => ({ metadata: { namespace, name, uid: `uid-${name}` } })

/** A writer over a server that answers as told, and what it was asked. */
function writerOver(answer: (path: string, sending?: Sending) => GetResult) {
  const asked: string[] = []
  const writer = createReportWriter({
    request: async (path, _, sending) => {
      asked.push(`${sending?.method ?? 'GET'} ${path} ${JSON.stringify(sending?.body ?? null)}`)
      return answer(path, sending)
    },
    apiVersion: 'openreports.io/v1alpha1',
    places: [place],
    label: { key: 'app.kubernetes.io/managed-by', value: 'kube-assay' },
    signal: new AbortController().signal,
  })
  return { writer, asked }
}
const body = (value: object): GetResult => ({ body: Buffer.from(JSON.stringify(value)) })
const failure = (status: number): GetResult => ({
  failure: {
    reason: status === 403 ? 'forbidden' : 'not-found',
    detail: `was answered ${status}.`,
    transient: false,
    status,
  },
})

test('applies as its own field manager, in the namespace of the object', async () => {
  const { writer, asked } = writerOver(() => body({}))
  const object = { apiVersion: 'openreports.io/v1alpha1', kind: 'Report', metadata: { name: 'a', namespace: 'shop' } }
  expect(await writer.apply(object)).toBeUndefined()
  expect(asked).toEqual([
    `PATCH /apis/openreports.io/v1alpha1/namespaces/shop/reports/a?fieldManager=kube-assay&force=true ${JSON.stringify(object)}`,
  ])
})

test('removes what carries the label and is not among the kept, over all pages, unless it was made anew', async () => {
  const pages = [
    { metadata: { continue: 'next' }, items: [named('shop', 'kept'), named('shop', 'old')] },
    { metadata: {}, items: [named('team', 'kept'), named('team', 'gone'), { metadata: {} }] },
  ]
  const { writer, asked } = writerOver((path, sending) => {
    if (sending?.method === 'DELETE') return path.endsWith('/gone') ? failure(404) : body({})
    return body(path.includes('continue=next') ? (pages[1] ?? {}) : (pages[0] ?? {}))
  })
  expect(await writer.removeOthers(place, new Set(['shop/kept', 'team/kept']))).toBe(2)
  const label = 'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dkube-assay&limit=500'
  const options = (name: string) =>
    JSON.stringify({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: `uid-${name}` } })
  expect(asked).toEqual([
    `GET /apis/openreports.io/v1alpha1/reports?${label} null`,
    `GET /apis/openreports.io/v1alpha1/reports?${label}&continue=next null`,
    `DELETE /apis/openreports.io/v1alpha1/namespaces/shop/reports/old ${options('old')}`,
    `DELETE /apis/openreports.io/v1alpha1/namespaces/team/reports/gone ${options('gone')}`,
  ])
})

test.each([
  ['a list that is forbidden', () => failure(403), 'forbidden'],
  ['an answer that is no list', () => body({ items: 4 }), 'malformed'],
  ['an answer that is no JSON', (): GetResult => ({ body: Buffer.from('<html>') }), 'malformed'],
])('nothing is removed after %s', async (_, answer, reason) => {
  const { writer, asked } = writerOver(answer)
  expect(await writer.removeOthers(place, new Set())).toMatchObject({ unavailable: { reason } })
  expect(asked).toHaveLength(1)
})
