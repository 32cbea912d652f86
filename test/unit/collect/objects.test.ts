import { describe, expect, it } from 'vitest'
import { collectObjects, readClusterIdentity } from '../../../src/collect/objects.ts'
import { type Unavailable, unavailable } from '../../../src/model/fact.ts'
import { type Family, familyNames } from '../../../src/model/objects.ts'
import type { EvidenceRecord } from '../../../src/model/snapshot.ts'
import type { ListHandlers, ListOutcome, ObjectSource } from '../../../src/transport/contracts.ts'

type List = (handlers: ListHandlers, signal: AbortSignal) => Promise<ListOutcome>
const complete: ListOutcome = { complete: true }
const at = '2026-11-20T12:00:00.000Z'

function sourceOf(lists: Partial<Record<Family, List>>, bodies: Record<string, unknown> = {}): ObjectSource {
  return {
    source: { kind: 'live', server: 'https://api' },
    describe: (family) => `GET ${family}`,
    list: async (family, handlers, signal) => (await lists[family]?.(handlers, signal)) ?? complete,
    get: async (path): Promise<{ body: unknown } | Unavailable> =>
      path in bodies ? { body: bodies[path] } : unavailable('forbidden', `GET ${path} was answered 403.`),
    close: async () => undefined,
  }
}

async function collect(lists: Partial<Record<Family, List>>, signal = new AbortController().signal, concurrency = 1) {
  const records: EvidenceRecord[] = []
  const families: Family[] = Object.keys(lists).filter((name): name is Family => name in lists)
  const statuses = await collectObjects({
    source: sourceOf(lists),
    concurrency,
    signal,
    emit: (record) => records.push(record),
    families,
    now: () => new Date(at),
  })
  return { records, statuses }
}

const object = (name: string) => ({ metadata: { name } })
const status = (family: Family, count: number, why?: [string, string]) => ({
  record: 'family',
  family,
  count,
  source: `GET ${family}`,
  startedAt: at,
  finishedAt: at,
  ...(why === undefined ? {} : { unavailable: { reason: why[0], detail: why[1] } }),
})
const kept = (family: Family, name: string) => ({ record: 'object', family, object: { name } })

describe('collectObjects', () => {
  it('writes objects, then the status of the list', async () => {
    const { records, statuses } = await collect({
      namespaces: async ({ onObject }) => {
        onObject(object('a'))
        onObject(object('b'))
        return complete
      },
    })
    const end = status('namespaces', 2)
    expect(records).toEqual([kept('namespaces', 'a'), kept('namespaces', 'b'), end])
    expect(statuses).toEqual([end])
  })

  it('voids what came before when a list begins anew', async () => {
    const { records } = await collect({
      namespaces: async ({ onObject, onRestart }) => {
        onObject(object('a'))
        onObject('no object')
        onRestart()
        onObject(object('a'))
        return complete
      },
    })
    expect(records).toEqual([
      kept('namespaces', 'a'),
      { record: 'restart', family: 'namespaces' },
      kept('namespaces', 'a'),
      status('namespaces', 1),
    ])
  })

  it('keeps what a list gave before it broke off', async () => {
    const { records } = await collect({
      namespaces: async ({ onObject }) => {
        onObject(object('a'))
        return { complete: false, ...unavailable('connection-lost', 'It broke off.') }
      },
    })
    expect(records).toEqual([kept('namespaces', 'a'), status('namespaces', 1, ['connection-lost', 'It broke off.'])])
  })

  it.each([
    ['one', 1, '1 object could not be read and is left out, first n/x0: labels.l.'],
    ['several', 3, '3 objects could not be read and are left out, first n/x0: labels.l.'],
  ])('counts and names objects it cannot read: %s', async (_, bad, detail) => {
    const { records } = await collect({
      namespaces: async ({ onObject }) => {
        for (let index = 0; index < bad; index += 1) {
          onObject({ metadata: { name: `x${index}`, namespace: 'n', labels: { l: index } } })
        }
        onObject(object('good'))
        return complete
      },
    })
    expect(records).toEqual([kept('namespaces', 'good'), status('namespaces', 1, ['malformed', detail])])
  })

  it('says both when a list broke off and held unreadable objects', async () => {
    const { statuses } = await collect({
      namespaces: async ({ onObject }) => {
        onObject({ metadata: { name: 'a\u001b[31m\nb', labels: 'x' } })
        return { complete: false, ...unavailable('timeout', 'No answer.') }
      },
    })
    expect(statuses).toEqual([
      status('namespaces', 0, [
        'timeout',
        'No answer. 1 object could not be read and is left out, first a [31m b: labels.',
      ]),
    ])
  })

  it('reports what an interrupt kept from being read', async () => {
    const controller = new AbortController()
    const { records } = await collect(
      {
        namespaces: async ({ onObject }) => {
          onObject(object('a'))
          controller.abort()
          return { complete: false, ...unavailable('interrupted', 'GET namespaces was stopped.') }
        },
        secrets: async () => expect.unreachable(),
      },
      controller.signal,
    )
    expect(records).toEqual([
      kept('namespaces', 'a'),
      status('namespaces', 1, ['interrupted', 'GET namespaces was stopped.']),
      status('secrets', 0, ['interrupted', 'The audit was stopped before this list was asked for.']),
    ])
  })

  it('runs so many lists at a time, waits for the disk after each page, and tells how far it is', async () => {
    let running = 0
    let most = 0
    let drains = 0
    const progress: object[] = []
    const list: List = async ({ onObject, onPage }) => {
      running += 1
      most = Math.max(most, running)
      onObject(object('a'))
      await onPage?.()
      await new Promise((resolve) => setTimeout(resolve, 5))
      running -= 1
      return complete
    }
    const statuses = await collectObjects({
      source: sourceOf({
        namespaces: list,
        secrets: list,
        serviceaccounts: list,
        limitranges: list,
        resourcequotas: list,
        services: list,
        networkpolicies: list,
      }),
      concurrency: 2,
      signal: new AbortController().signal,
      emit: () => undefined,
      drained: async () => {
        drains += 1
      },
      onProgress: (value) => progress.push(value),
    })
    expect([most, drains, statuses.map(({ family }) => family), progress.at(-1)]).toEqual([
      2,
      7,
      familyNames,
      { families: familyNames.length, total: familyNames.length, objects: 7 },
    ])
  })

  it.each<[Family, number | undefined, ListOutcome, object]>([
    ['podsecuritypolicies', 25, { complete: false, ...unavailable('forbidden', '403') }, { notServed: true }],
    ['podsecuritypolicies', 24, complete, {}],
    [
      'podsecuritypolicies',
      undefined,
      { complete: false, ...unavailable('forbidden', '403') },
      { unavailable: { reason: 'forbidden', detail: '403' } },
    ],
    ['validatingadmissionpolicies', 28, { complete: false, ...unavailable('not-found', '404') }, { notServed: true }],
    [
      'persistentvolumes',
      28,
      { complete: false, ...unavailable('not-found', '404') },
      { unavailable: { reason: 'not-found', detail: '404' } },
    ],
  ])(
    'takes a resource that need not be there for absent, and no other: %s of 1.%s',
    async (family, serverMinor, outcome, expected) => {
      const statuses = await collectObjects({
        source: sourceOf({ [family]: async () => outcome }),
        concurrency: 1,
        signal: new AbortController().signal,
        emit: () => undefined,
        families: [family],
        serverMinor,
        now: () => new Date(at),
      })
      expect(statuses).toEqual([{ ...status(family, 0), ...expected }])
    },
  )

  it('does not hide a defect or a full disk', async () => {
    const failing = collectObjects({
      source: sourceOf({ namespaces: async ({ onPage }) => onPage?.().then(() => complete) ?? complete }),
      concurrency: 1,
      signal: new AbortController().signal,
      emit: () => undefined,
      drained: async () => {
        throw new Error('ENOSPC')
      },
      families: ['namespaces'],
    })
    await expect(failing).rejects.toThrow('ENOSPC')
  })
})

describe('readClusterIdentity', () => {
  const list = '/api/v1/namespaces?fieldSelector=metadata.name%3Dkube-system'
  const forbidden = (path: string) => unavailable('forbidden', `GET ${path} was answered 403.`)
  const named = { items: [{ metadata: { name: 'kube-system', uid: 'u-1' } }] }
  const noUid = unavailable('malformed', 'GET /api/v1/namespaces shows no namespace kube-system.')

  it.each<[string, Record<string, unknown>, object]>([
    ['both', { '/version': { gitVersion: 'v1.36.2' }, [list]: named }, { version: 'v1.36.2', uid: 'u-1' }],
    ['each for itself', { [list]: named }, { version: forbidden('/version'), uid: 'u-1' }],
    ['no permission', { '/version': { gitVersion: 'v1' } }, { version: 'v1', uid: forbidden(list) }],
    ['no such namespace', { '/version': { gitVersion: 'v1' }, [list]: { items: [] } }, { version: 'v1', uid: noUid }],
    [
      'other JSON',
      { '/version': [], [list]: null },
      { version: unavailable('malformed', 'GET /version was answered without a gitVersion.'), uid: noUid },
    ],
    ['hostile text', { '/version': { gitVersion: 'v1\u001b]0;x' }, [list]: named }, { version: 'v1 ]0;x', uid: 'u-1' }],
  ])('%s', async (_, bodies, expected) => {
    expect(await readClusterIdentity(sourceOf({}, bodies), new AbortController().signal)).toEqual(expected)
  })

  it('does not ask twice where nobody answers', async () => {
    const gone = unavailable('unreachable', 'Nobody there.')
    const asked: string[] = []
    const get = async (path: string) => {
      asked.push(path)
      return gone
    }
    const source = { ...sourceOf({}), get }
    expect([await readClusterIdentity(source, new AbortController().signal), asked]).toEqual([
      { version: gone, uid: gone },
      ['/version'],
    ])
  })
})
