import { describe, expect, test } from 'vitest'
import { collectNodes, defaultProbeLimits, type NodeRecord, nodeTargets } from '../../../src/collect/nodes.ts'
import type { NodeObject } from '../../../src/model/objects.ts'
import type { NodeAccess, ProbeOutput } from '../../../src/transport/contracts.ts'

function node(name: string, addresses: [type: string, address: string][] = [], operatingSystem = 'linux'): NodeObject {
  return {
    name,
    roles: [],
    addresses: addresses.map(([type, address]) => ({ type, address })),
    nodeInfo: { operatingSystem },
  }
}

describe('targets', () => {
  test('InternalIP, Hostname, name; once each; sorted by node', () => {
    const nodes = [
      node('b', [
        ['Hostname', 'b'],
        ['ExternalIP', '203.0.113.1'],
        ['InternalIP', '10.0.0.2'],
        ['InternalIP', 'fd00::2'],
      ]),
      node('a', [['Hostname', 'a.example']]),
    ]
    expect(nodeTargets(nodes, { port: 2222, user: 'audit' })).toEqual({
      targets: [
        { node: 'a', addresses: ['a.example', 'a'], port: 2222, user: 'audit' },
        { node: 'b', addresses: ['10.0.0.2', 'fd00::2', 'b'], port: 2222, user: 'audit' },
      ],
      skipped: [],
      unmatched: [],
    })
  })

  test.each([
    ['bastion', { addresses: ['bastion'] }],
    ['10.0.0.9:2200', { addresses: ['10.0.0.9'], port: 2200 }],
    ['[fd00::1]:22', { addresses: ['fd00::1'], port: 22 }],
    ['fd00::1', { addresses: ['fd00::1'] }],
  ])('override %s', (override, wanted) => {
    const { targets } = nodeTargets([node('a', [['InternalIP', '10.0.0.1']])], { addresses: { a: override } })
    expect(targets).toEqual([{ node: 'a', ...wanted }])
  })

  test('what is not probed says why; what matches nothing is told', () => {
    const nodes = [node('worker-1'), node('worker-2', [], ''), node('win', [], 'windows'), node('cp.1')]
    const result = nodeTargets(nodes, {
      selectors: ['worker-*', 'win', 'cp?1', '***x***'],
      addresses: { gone: '10.0.0.1', 'worker-1': 'w' },
    })
    expect(result.targets.map((target) => target.node)).toEqual(['worker-1', 'worker-2'])
    expect(
      result.skipped.map(({ evidence }) => [
        evidence.node,
        'unavailable' in evidence.host && evidence.host.unavailable.reason,
      ]),
    ).toEqual([
      ['cp.1', 'not-collected'],
      ['win', 'unsupported'],
    ])
    expect(result.unmatched).toEqual(['cp?1', '***x***', 'gone'])
  })
})

describe('collection', () => {
  const target = (name: string) => ({ node: name, addresses: [name] })
  function access(answer: (nonce: string, name: string) => ProbeOutput): NodeAccess {
    return {
      transport: 'ssh',
      runProbe: async (wanted, script) => answer(/^nonce='([0-9a-f]{32})'\n/.exec(script)?.[1] ?? '', wanted.node),
      close: async () => undefined,
    }
  }

  test('one record per target, whatever happens', async () => {
    const records: NodeRecord[] = []
    const progress: [number, string, boolean][] = []
    await collectNodes({
      ways: [
        access((nonce, name) =>
          name === 'down'
            ? { unavailable: { reason: 'unreachable', detail: 'down refused the connection.' } }
            : {
                stdout: Buffer.from(
                  `#${nonce} H 1 0 none base64 ~\n#${nonce} Q complete\n${name === 'cut' ? '' : `#${nonce} Z\n`}`,
                ),
                address: `${name}:22`,
                user: 'root',
                durationMs: 1,
                ...(name === 'cut' ? { interrupted: { reason: 'timeout', detail: 'Too slow.' } } : {}),
              },
        ),
      ],
      targets: ['ok', 'down', 'cut'].map(target),
      concurrency: 1,
      limits: defaultProbeLimits,
      signal: new AbortController().signal,
      emit: (record) => {
        records.push(record)
      },
      onProgress: ({ done, node: name, isReached }) => progress.push([done, name, isReached]),
    })
    expect(
      records.map(({ evidence }) => [
        evidence.node,
        'run' in evidence.host ? evidence.host.incomplete?.reason : evidence.host,
      ]),
    ).toEqual([
      ['ok', undefined],
      ['down', { unavailable: { reason: 'unreachable', detail: 'down refused the connection.' } }],
      ['cut', 'timeout'],
    ])
    expect(progress).toEqual([
      [1, 'ok', true],
      [2, 'down', false],
      [3, 'cut', true],
    ])
  })

  test('after an abort the rest is interrupted, and no connection is made', async () => {
    const controller = new AbortController()
    const asked: string[] = []
    const records: NodeRecord[] = []
    await collectNodes({
      ways: [
        access((_nonce, name) => {
          asked.push(name)
          controller.abort()
          return { unavailable: { reason: 'interrupted', detail: 'Stopped.' } }
        }),
      ],
      targets: ['a', 'b', 'c'].map(target),
      concurrency: 1,
      limits: defaultProbeLimits,
      signal: controller.signal,
      emit: (record) => {
        records.push(record)
      },
    })
    expect(asked).toEqual(['a'])
    expect(records.map(({ evidence }) => 'unavailable' in evidence.host && evidence.host.unavailable.reason)).toEqual([
      'interrupted',
      'interrupted',
      'interrupted',
    ])
  })

  const header = (nonce: string) => `#${nonce} H 1 0 none base64 ~\n#${nonce} Q complete\n`
  const boot = (nonce: string, id: string) => `#${nonce} T =/proc/sys/kernel/random/boot_id =${id}\n`
  const answers: Record<string, (nonce: string) => ProbeOutput> = {
    whole: (nonce) => output(`${header(nonce)}${boot(nonce, 'b1')}#${nonce} Z\n`),
    cut: (nonce) => ({ ...output(header(nonce)), interrupted: { reason: 'timeout', detail: 'Too slow.' } }),
    other: (nonce) => output(`${header(nonce)}${boot(nonce, 'b2')}#${nonce} Z\n`),
    down: () => ({ unavailable: { reason: 'unreachable', detail: 'It refused.' } }),
    refused: () => ({ unavailable: { reason: 'forbidden', detail: 'Not allowed.' } }),
  }
  const output = (text: string) => ({ stdout: Buffer.from(text), address: 'a', user: 'u', durationMs: 1 })
  const wrongHost = 'Another machine answered: its boot id is b2, the API says b1.'

  test.each<[ways: string[], readBy: unknown, tried: string[]]>([
    [['whole', 'down'], 'whole', []],
    [['down', 'whole'], 'whole', ['down unreachable It refused.']],
    [['refused', 'down', 'whole'], 'whole', ['refused forbidden Not allowed.', 'down unreachable It refused.']],
    [['cut', 'whole'], 'whole', ['cut timeout Too slow. 2 records arrived whole.']],
    [['other', 'whole'], 'whole', [`other wrong-host ${wrongHost}`]],
    // What came back is kept where no way gives more, and never another machine's before this one's.
    [['down', 'cut', 'refused'], 'cut', ['down unreachable It refused.', 'refused forbidden Not allowed.']],
    [['other', 'cut'], 'cut', [`other wrong-host ${wrongHost}`]],
    [['down'], { reason: 'unreachable', detail: 'It refused.' }, []],
    [
      ['refused', 'down'],
      { reason: 'forbidden', detail: 'refused: Not allowed. down: It refused.' },
      ['refused forbidden Not allowed.', 'down unreachable It refused.'],
    ],
  ])('the ways %j', async (names, readBy, tried) => {
    const records: NodeRecord[] = []
    const ways = names.map((name) => ({
      ...access((nonce) => answers[name]?.(nonce) ?? output('')),
      transport: name,
    }))
    await collectNodes({
      ways,
      targets: [{ ...target('n'), bootID: 'b1' }],
      concurrency: 1,
      limits: defaultProbeLimits,
      signal: new AbortController().signal,
      emit: (one) => {
        records.push(one)
      },
    })
    const [{ evidence } = { evidence: undefined }] = records
    expect(records).toHaveLength(1)
    expect(evidence && ('run' in evidence.host ? evidence.host.run.transport : evidence.host.unavailable)).toEqual(
      readBy,
    )
    expect((evidence?.tried ?? []).map(({ way, reason, detail }) => `${way} ${reason} ${detail}`)).toEqual(tried)
  })
})
