import { describe, expect, it } from 'vitest'
import { derivePodStatuses } from '../../../../src/derive/workloads/pod-statuses.ts'
import type { PodObject } from '../../../../src/model/objects.ts'
import { container, pod, spec } from './evidence-builder.ts'

const limited = spec({
  containers: [
    container({ name: 'setup', kind: 'init', resources: { limits: { memory: '64Mi' } } }),
    container({ name: 'app', resources: { limits: { memory: '300Mi' } } }),
    container({ name: 'side' }),
  ],
})

describe('rejected', () => {
  it.each<[string, Partial<PodObject>, boolean]>([
    [
      'SysctlForbidden',
      {
        phase: 'Failed',
        reason: 'SysctlForbidden',
        message: 'Pod was rejected: forbidden sysctl: "x" not allowlisted',
      },
      true,
    ],
    [
      'SysctlForbidden in the words of old kubelets',
      { phase: 'Failed', reason: 'SysctlForbidden', message: 'Pod forbidden sysctl: "x" not whitelisted' },
      true,
    ],
    [
      'OutOfcpu',
      { phase: 'Failed', reason: 'OutOfcpu', message: 'Pod was rejected: Node didn’t have enough resource: cpu' },
      true,
    ],
    ['TopologyAffinityError', { phase: 'Failed', reason: 'TopologyAffinityError' }, true],
    [
      'evicted before it started',
      { phase: 'Failed', reason: 'Evicted', message: 'Pod was rejected: The node had condition: [DiskPressure].' },
      true,
    ],
    [
      'evicted while running',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      false,
    ],
    ['failed on its own', { phase: 'Failed' }, false],
    ['running', { phase: 'Running', reason: 'SysctlForbidden' }, false],
    ['over its deadline', { phase: 'Failed', reason: 'DeadlineExceeded' }, false],
  ])('%s', (_, parts, isRejected) => {
    const { reason = '', message = '' } = parts
    expect(derivePodStatuses([pod('p', 't', parts)], spec())).toEqual({
      rejected: isRejected ? [{ pod: 'p', node: 'n1', reason, message }] : [],
      oomKilled: [],
      raises: [],
    })
  })
})

describe('killed for memory', () => {
  const oom = (finishedAt?: string) => ({
    reason: 'OOMKilled',
    exitCode: 137,
    ...(finishedAt === undefined ? {} : { finishedAt }),
  })
  type Statuses = NonNullable<PodObject['containerStatuses']>
  const killed = (name: string, restarts: number, at: string, memoryLimit: string) => ({
    pod: 'p',
    node: 'n1',
    container: name,
    restarts,
    at,
    memoryLimit,
  })
  it.each<[string, Statuses, object[]]>([
    ['now', [{ name: 'app', restartCount: 0, terminated: oom('T1') }], [killed('app', 0, 'T1', '300Mi')]],
    [
      'before its restart',
      [{ name: 'app', restartCount: 3, waiting: 'CrashLoopBackOff', lastTerminated: oom('T1') }],
      [killed('app', 3, 'T1', '300Mi')],
    ],
    [
      'both: the newest counts',
      [{ name: 'app', restartCount: 1, terminated: oom('T2'), lastTerminated: oom('T1') }],
      [killed('app', 1, 'T2', '300Mi')],
    ],
    [
      'an init container',
      [{ name: 'setup', restartCount: 2, lastTerminated: oom('T1') }],
      [killed('setup', 2, 'T1', '64Mi')],
    ],
    [
      'without a limit or time',
      [{ name: 'side', restartCount: 1, lastTerminated: oom() }],
      [killed('side', 1, '', '')],
    ],
    [
      'two of three',
      [
        { name: 'app', restartCount: 1, lastTerminated: oom('T1') },
        { name: 'x' },
        { name: 'side', restartCount: 1, terminated: oom('T2') },
      ],
      [killed('app', 1, 'T1', '300Mi'), killed('side', 1, 'T2', '')],
    ],
    ['another reason', [{ name: 'app', restartCount: 1, terminated: { reason: 'Error', exitCode: 137 } }], []],
    ['a waiting reason is no termination', [{ name: 'app', waiting: 'OOMKilled' }], []],
  ])('%s', (_, containerStatuses, oomKilled) => {
    const { rejected, oomKilled: found } = derivePodStatuses([pod('p', 't', { containerStatuses })], limited)
    expect({ rejected, found }).toEqual({ rejected: [], found: oomKilled })
  })
})

it('sorts by pod and leaves the given order alone', () => {
  const rejected = { phase: 'Failed', reason: 'SysctlForbidden', message: 'm' }
  const pods = [pod('b', 't', rejected), pod('c', 't'), pod('a', 't', { ...rejected, nodeName: undefined })]
  expect(derivePodStatuses(pods, spec()).rejected).toEqual([
    { pod: 'a', node: '', reason: 'SysctlForbidden', message: 'm' },
    { pod: 'b', node: 'n1', reason: 'SysctlForbidden', message: 'm' },
  ])
  expect(pods.map(({ name }) => name)).toEqual(['b', 'c', 'a'])
})

describe('the next limit of what was killed', () => {
  const killed = { restartCount: 1, lastTerminated: { reason: 'OOMKilled', exitCode: 137 } }
  const change = (name: string, memory: string, list = 'containers') =>
    JSON.stringify({ [list]: [{ name, resources: { limits: { memory }, requests: { memory } } }] })
  const limitedTo = (memory: string) => spec({ containers: [container({ resources: { limits: { memory } } })] })
  it.each([
    ['300Mi', '400Mi'],
    ['500Mi', '600Mi'],
    ['1Gi', '1229Mi'],
    ['4Gi', '4916Mi'],
    ['1G', '1145Mi'],
    ['0', undefined],
    ['much', undefined],
  ])('%s: %s', (from, to) => {
    const { raises } = derivePodStatuses(
      [pod('p', 't', { containerStatuses: [{ name: 'app', ...killed }] })],
      limitedTo(from),
    )
    expect(raises).toEqual(to === undefined ? [] : [{ container: 'app', from, to, change: change('app', to) }])
  })
  it('stands once for a container of many pods, and not for one without a limit', () => {
    const pods = ['a', 'b'].map((name) =>
      pod(name, 't', { containerStatuses: ['setup', 'app', 'side'].map((one) => ({ name: one, ...killed })) }),
    )
    expect(derivePodStatuses(pods, limited).raises).toEqual([
      { container: 'setup', from: '64Mi', to: '164Mi', change: change('setup', '164Mi', 'initContainers') },
      { container: 'app', from: '300Mi', to: '400Mi', change: change('app', '400Mi') },
    ])
  })
})
