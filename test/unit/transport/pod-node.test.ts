// A node that is away, not Ready, or deleted between the list and the pod that was to read it: what the reason says.
import { expect, test } from 'vitest'
import type { KubeRequest } from '../../../src/transport/kube.ts'
import { openPodAccess } from '../../../src/transport/pod.ts'

type Answer = object | { readonly failure: object }

/** An API server that takes everything, runs nothing, and says this of nodes and events. */
function cluster(nodes: Answer, pod: object, events: Answer = { items: [] }): KubeRequest {
  return async (path, _signal, sending) => {
    const give = (body: object) => ({ body: Buffer.from(JSON.stringify(body)) }) as never
    const answer = (one: Answer) => ('failure' in one ? (one as never) : give(one))
    if (sending?.method === 'DELETE') return give({})
    if (sending?.method === 'POST') {
      const { metadata } = sending.body as { metadata: object }
      created.set(path, { metadata: { uid: 'u', ...metadata }, ...pod })
      return give({ metadata: { uid: 'u', ...metadata } })
    }
    if (path.startsWith('/api/v1/nodes')) return answer(nodes)
    if (path.includes('/events')) return answer(events)
    if (path.includes('/pods?'))
      return give({ items: [...created].filter(([key]) => key.endsWith('/pods')).map(([, one]) => one) })
    return give({ items: [] })
  }
}
const created = new Map<string, object>()

async function reason(request: KubeRequest): Promise<string> {
  created.clear()
  const access = openPodAccess({
    request,
    nodes: 1,
    concurrency: 1,
    timeoutSeconds: 1,
    intervalMs: 20,
    onNote: () => undefined,
  })
  const limits = { timeoutMs: 5_000, connectTimeoutMs: 1_000, maxBytes: 1_000 }
  const target = { node: 'worker-1', addresses: [] }
  const script = `nonce='${'0'.repeat(32)}'\necho\n`
  const output = await access.runProbe(target, script, limits, new AbortController().signal)
  await access.close()
  return 'unavailable' in output ? `${output.unavailable.reason}: ${output.unavailable.detail}` : 'read'
}

const node = (...conditions: object[]) => ({ items: [{ metadata: { name: 'worker-1' }, status: { conditions } }] })
const creating = { status: { phase: 'Pending', startTime: 't' } }
const start = 'timeout: The pod did not start within 1 s: '

test.each<[string, KubeRequest, string]>([
  ['Ready', cluster(node({ type: 'Ready', status: 'True' }), {}), `${start}the node’s kubelet has not taken it.`],
  [
    'NotReady',
    cluster(node({ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }), {}),
    `${start}the node’s kubelet has not taken it, and the node is not Ready (NodeStatusUnknown).`,
  ],
  [
    'deleted since it was listed',
    cluster({ items: [] }, {}),
    `${start}the node’s kubelet has not taken it, and the API server lists this node no more.`,
  ],
  [
    'one that the API does not tell of',
    cluster({ failure: { reason: 'forbidden', detail: 'no', transient: false } }, {}),
    `${start}the node’s kubelet has not taken it.`,
  ],
  [
    'NotReady while the container is made, with a warning',
    cluster(node({ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }), creating, {
      items: [{ reason: 'FailedMount', message: 'no volume.', lastTimestamp: '2026-11-20T10:00:00Z' }],
    }),
    `${start}its container is being created (last warning: FailedMount: no volume), and the node is not Ready (KubeletNotReady).`,
  ],
  [
    'without the right to list events',
    cluster(node({ type: 'Ready', status: 'True' }), creating, {
      failure: { reason: 'forbidden', detail: 'no', transient: false },
    }),
    `${start}its container is being created (its events could not be read: forbidden).`,
  ],
])('a node that is %s', async (_case, request, expected) => {
  expect(await reason(request)).toBe(expected)
})
