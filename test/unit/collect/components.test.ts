// Questions to components: what is asked, what is kept of an answer, and what is never kept.
import { describe, expect, it } from 'vitest'
import { collectComponents } from '../../../src/collect/components.ts'
import type { ComponentEvidence } from '../../../src/model/component-evidence.ts'
import { type Unavailable, unavailable } from '../../../src/model/fact.ts'
import type { EvidenceRecord } from '../../../src/model/snapshot.ts'
import type { ObjectSource } from '../../../src/transport/contracts.ts'

type Answers = Readonly<Record<string, string | Unavailable>>

async function ask(answers: Answers, kubelets: readonly string[] = [], apiServer = false, signal?: AbortSignal) {
  const asked: string[] = []
  const source: ObjectSource = {
    source: { kind: 'live', server: 'https://127.0.0.1' },
    describe: (family) => family,
    list: async () => ({ complete: true }),
    get: async () => unavailable('not-found', 'no'),
    async getText(path) {
      asked.push(path)
      const answer = answers[path] ?? unavailable('not-found', `GET ${path}: not found.`)
      return typeof answer === 'string' ? { text: answer } : answer
    },
    close: async () => undefined,
  }
  const records: EvidenceRecord[] = []
  await collectComponents({
    source,
    kubelets,
    apiServer,
    concurrency: 2,
    signal: signal ?? new AbortController().signal,
    emit: (record) => records.push(record),
    now: () => new Date(0),
  })
  const evidence = records.flatMap((record) => (record.record === 'component' ? [record.evidence] : []))
  return { asked, evidence }
}
async function answerOf(path: string, text: string | Unavailable): Promise<ComponentEvidence['answer']> {
  const isFlagz = path === '/flagz'
  const { evidence } = await ask({ [path]: text }, isFlagz ? [] : ['n'], isFlagz)
  const [only] = evidence
  if (only === undefined || evidence.length > 2) throw new Error('one record an endpoint')
  return only.answer
}
const configz = '/api/v1/nodes/n/proxy/configz'
const flagz = '/api/v1/nodes/n/proxy/flagz'

describe('a kubelet', () => {
  it('is asked once, and its answer kept whole', async () => {
    const { asked, evidence } = await ask({ [configz]: '{"kubeletconfig":{"readOnlyPort":0,"a":{"b":["c"]}}}' }, ['n'])
    expect(asked).toEqual([configz, flagz])
    expect(evidence.slice(0, 1)).toEqual([
      {
        component: 'kubelet',
        endpoint: 'configz',
        node: 'n',
        source: `GET ${configz}`,
        observedAt: '1970-01-01T00:00:00.000Z',
        answer: { values: { readOnlyPort: 0, a: { b: ['c'] } } },
      },
    ])
  })
  it('never gives a header or a password to the snapshot', async () => {
    const secret = 'hunter2-hunter2'
    const answer = await answerOf(
      configz,
      JSON.stringify({
        kubeletconfig: {
          staticPodURL: `https://user:${secret}@pods.example/`,
          staticPodURLHeader: { Authorization: [`Bearer ${secret}`] },
          tracing: { endpoint: 'collector:4317', headers: { 'x-token': secret } },
          tlsPrivateKeyFile: '/var/lib/kubelet/pki/kubelet.key',
          configMapAndSecretChangeDetectionStrategy: 'Watch',
          serverTLSBootstrap: true,
        },
      }),
    )
    expect(JSON.stringify(answer)).not.toContain(secret)
    expect(answer).toMatchObject({
      values: {
        tlsPrivateKeyFile: '/var/lib/kubelet/pki/kubelet.key',
        configMapAndSecretChangeDetectionStrategy: 'Watch',
        serverTLSBootstrap: true,
      },
    })
  })
  it.each([
    ['no JSON', 'x', 'malformed'],
    ['another body', '{"kubeProxyConfig":{}}', 'malformed'],
    ['a nest without end', `{"kubeletconfig":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`, 'malformed'],
    ['a nest', `{"kubeletconfig":{"a":${'['.repeat(30)}${']'.repeat(30)}}}`, 'malformed'],
    ['a list', '{"kubeletconfig":[]}', 'malformed'],
    ['more than any configuration', ' '.repeat(2_000_000), 'too-large'],
    ['an unreachable node', unavailable('server-error', 'GET failed: 503.'), 'server-error'],
  ] as const)('%s is a reason', async (_name, text, reason) => {
    expect(await answerOf(configz, text)).toMatchObject({ unavailable: { reason } })
  })
  it('that may not be asked says which right is missing', async () => {
    expect(await answerOf(configz, unavailable('forbidden', 'GET is forbidden.'))).toEqual({
      unavailable: {
        reason: 'forbidden',
        detail: 'GET is forbidden. It needs "get" on nodes/proxy, a right that reaches further than reading.',
      },
    })
  })
  it('with a hostile name stays within its path', async () => {
    expect((await ask({}, ['../../secrets?x']))['asked']).toEqual(['/api/v1/nodes/..%2F..%2Fsecrets%3Fx/proxy/configz'])
  })
  it('is not asked once the audit was stopped', async () => {
    const { asked, evidence } = await ask({}, ['a', 'b'], true, AbortSignal.abort())
    expect(asked).toEqual([])
    expect(evidence.map(({ answer }) => 'unavailable' in answer && answer.unavailable.reason)).toEqual([
      'interrupted',
      'interrupted',
      'interrupted',
    ])
  })
})

describe('the API server’s flags', () => {
  const values = { 'anonymous-auth': 'true', 'audit-log-path': '', 'etcd-servers': '[https://127.0.0.1:2379]' }
  const printed = (mark: string): string =>
    [
      '',
      'kube-apiserver flagz',
      'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.',
      '',
      ...Object.entries(values).map(([name, value]) => `${name}${mark}${value}`),
      '',
    ].join('\n')
  it.each([
    ['structured', JSON.stringify({ kind: 'Flagz', apiVersion: 'config.k8s.io/v1beta1', flags: values })],
    ['printed with "="', printed('=')],
    ['printed with ":"', printed(':')],
    ['printed with ": "', printed(': ')],
    ['printed with a blank', printed(' ')],
  ])('%s', async (_name, text) => {
    expect(await answerOf('/flagz', text)).toEqual({ values })
  })
  it('are redacted as arguments are', async () => {
    const secret = 'hunter2-hunter2'
    const flags = { 'etcd-servers': `[https://root:${secret}@etcd:2379]`, 'some-token': secret, v: '2' }
    const answer = await answerOf('/flagz', JSON.stringify({ kind: 'Flagz', flags }))
    expect(JSON.stringify(answer)).not.toContain(secret)
    expect(answer).toMatchObject({ values: { v: '2' } })
  })
  it.each([
    ['an error page', '<html>'],
    ['no flags', '{"kind":"Flagz","flags":{}}'],
    ['another kind of answer', '[]'],
  ])('%s is malformed', async (_name, text) => {
    expect(await answerOf('/flagz', text)).toMatchObject({ unavailable: { reason: 'malformed' } })
  })
})
