import { describe, expect, it } from 'vitest'
import {
  curvedWeight,
  linearWeight,
  podAmounts,
  quotaOf,
  sharesOf,
} from '../../../../src/derive/pod-cgroups/amounts.ts'
import { derivePodCgroups, type NodePod } from '../../../../src/derive/pod-cgroups/index.ts'
import { judgeMemory, judgeQuota, readCpuTime } from '../../../../src/derive/pod-cgroups/settings.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import { podCgroupsSchema } from '../../../../src/model/facts-node.ts'
import type { HostEvidence } from '../../../../src/model/node-evidence.ts'
import type { Container, PodSpec } from '../../../../src/model/pod.ts'
import { buildHost } from '../host-builder.ts'

/** The kubelet's and the runtimes' own numbers. */
it.each([
  [0, 2, 1, 1, undefined],
  [1, 2, 1, 1, 1000],
  [100, 102, 4, 17, 10_000],
  [250, 256, 10, 35, 25_000],
  [500, 512, 20, 59, 50_000],
  [1000, 1024, 39, 100, 100_000],
  [2000, 2048, 79, 174, 200_000],
  [4000, 4096, 157, 303, 400_000],
  [300_000, 262_144, 10_000, 10_000, 30_000_000],
])('%i m of CPU', (milliCpu, shares, linear, curved, quota) => {
  const found = sharesOf(BigInt(milliCpu))
  expect([found, linearWeight(found), curvedWeight(found)]).toEqual([BigInt(shares), BigInt(linear), BigInt(curved)])
  expect(quotaOf(BigInt(milliCpu), 100_000n)).toBe(quota === undefined ? undefined : BigInt(quota))
})

const uid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const id = (letter: string) => letter.repeat(64)

function container(name: string, resources?: PodSpec['resources'], rest: Partial<Container> = {}): Container {
  return { name, kind: 'container', ...(resources ? { resources } : {}), ...rest }
}

function pod(
  containers: readonly Container[],
  object: Partial<NodePod['object']> = {},
  spec: Partial<PodSpec> = {},
): NodePod {
  return {
    object: {
      name: 'cart-0',
      namespace: 'shop',
      uid,
      template: 't',
      qosClass: 'Burstable',
      containerStatuses: containers.map(({ name }, index) => ({ name, id: id('abcdef'[index] ?? '0').slice(0, 12) })),
      ...object,
    },
    spec: { containers: [...containers], ...spec },
  }
}

const row = (path: string, values: Readonly<Record<string, string>>) =>
  [path, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join('\t')
const v2 = (weight: string, cpu: string, memory: string) => ({
  'cpu.weight': weight,
  'cpu.max': cpu,
  'memory.max': memory,
  oom_kill: '0',
})
const systemdPod = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`

function host(rows: readonly string[]): HostEvidence {
  return { ...buildHost({ commands: { 'uname -m': 'x86_64\n' } }), listings: { cgroups: { rows: [...rows] } } }
}

/** A kubelet whose settings are all as a test says. */
const kubelet = (settings: Readonly<Record<string, unknown>> = { cpuCFSQuota: true, cpuManagerPolicy: 'none' }) => ({
  pid: 1,
  version: { minor: 34, isDistributionBuild: false },
  value: (field: string) => ({ value: settings[field] ?? null, source: 'test' }),
  flag: () => undefined,
})

function derive(rows: readonly string[], pods: readonly NodePod[], settings?: Readonly<Record<string, unknown>>) {
  // The fact asks the kubelet for single values only.
  const fact = derivePodCgroups({ host: host(rows), pods, kubelet: kubelet(settings) as never })
  if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
  podCgroupsSchema.parse(fact)
  const show = ({ container: name, setting, enforced, expected }: (typeof fact.limits)[number]) =>
    `${name || 'pod'} ${setting}: ${enforced} / ${expected}`
  return {
    limits: fact.limits.map(show),
    weights: fact.weights.map(show),
    doubt: isUnavailable(fact.isComplete) ? fact.isComplete.unavailable.detail : undefined,
    counts: [fact.pods, fact.containers, fact.absentPods, fact.unlistedPods],
  }
}

const same = { limits: [], weights: [], doubt: undefined, counts: [1, 1, 0, 0] }
const app = container('app', { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } })
const appPod = row(systemdPod, v2('4', '50000 100000', '536870912'))
const appScope = `${systemdPod}/cri-containerd-${id('a')}.scope`
const sandbox = row(`${systemdPod}/cri-containerd-${id('9')}.scope`, v2('1', 'max 100000', 'max'))

describe('what is enforced', () => {
  it.each<[string, readonly string[], NodePod, object]>([
    [
      'as asked, new formula',
      [appPod, row(appScope, v2('17', '50000 100000', '536870912')), sandbox],
      pod([app]),
      same,
    ],
    ['as asked, old formula', [appPod, row(appScope, v2('4', '50000 100000', '536870912'))], pod([app]), same],
    [
      'v1 under cgroupfs, controllers apart',
      [
        row(`cpu,cpuacct/kubepods/burstable/pod${uid}`, {
          'cpu.shares': '102',
          'cpu.cfs_quota_us': '50000',
          'cpu.cfs_period_us': '100000',
        }),
        row(`cpu,cpuacct/kubepods/burstable/pod${uid}/${id('a')}`, {
          'cpu.shares': '102',
          'cpu.cfs_quota_us': '50000',
          'cpu.cfs_period_us': '100000',
        }),
        row(`memory/kubepods/burstable/pod${uid}`, { 'memory.limit_in_bytes': '536870912' }),
        row(`memory/kubepods/burstable/pod${uid}/${id('a')}`, { 'memory.limit_in_bytes': '536870912' }),
      ],
      pod([app]),
      same,
    ],
    [
      'below a cgroup root, by CRI-O, with conmon beside',
      [
        row(
          `kubelet.slice/kubelet-${systemdPod}`.replace('kubepods-burstable.slice', 'kubelet-kubepods-burstable.slice'),
          v2('4', '50000 100000', '536870912'),
        ),
        row(
          `kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/crio-${id('a')}.scope`,
          v2('17', '50000 100000', '536870912'),
        ),
        row(
          `kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice/crio-conmon-${id('a')}.scope`,
          v2('100', 'max 100000', 'max'),
        ),
      ],
      pod([app]),
      same,
    ],
    [
      'a limit that was taken away',
      [appPod, row(appScope, v2('17', 'max 100000', 'max'))],
      pod([app]),
      {
        ...same,
        limits: ['app memory.max: no limit / 536870912 (512 MiB)', 'app cpu.max: no limit / 0.50 CPU'],
      },
    ],
    [
      'a limit nobody asked for, and a weight',
      [row(systemdPod, v2('4', 'max 100000', 'max')), row(appScope, v2('10000', '10000 100000', '1073741824'))],
      pod([container('app', { requests: { cpu: '100m' } })]),
      {
        ...same,
        limits: [
          'app memory.max: 1073741824 (1024 MiB) / no limit',
          'app cpu.max: 10000 of every 100000 µs (0.10 CPU) / no limit',
        ],
        weights: ['app cpu.weight: 10000 / the weight of 102 shares (100m requested)'],
      },
    ],
    [
      'the pod as a whole',
      [row(systemdPod, v2('4', '50000 100000', 'max')), row(appScope, v2('17', '50000 100000', '536870912'))],
      pod([app]),
      { ...same, limits: ['pod memory.max: no limit / 536870912 (512 MiB)'] },
    ],
    [
      'a pod is given the linear weight only',
      [row(systemdPod, v2('17', '50000 100000', '536870912')), row(appScope, v2('17', '50000 100000', '536870912'))],
      pod([app]),
      { ...same, weights: ['pod cpu.weight: 17 / the weight of 102 shares (100m requested)'] },
    ],
    [
      'rounded to pages',
      [row(systemdPod, v2('1', 'max 100000', '999424')), row(appScope, v2('1', 'max 100000', '999424'))],
      pod([container('app', { limits: { memory: '1M' } })]),
      same,
    ],
    [
      'rounded by systemd',
      [row(systemdPod, v2('1', '2000 100000', 'max')), row(appScope, v2('1', '2000 100000', 'max'))],
      pod([container('app', { limits: { cpu: '15m' } })]),
      same,
    ],
    [
      'one container of two without a limit: the pod has none',
      [
        row(systemdPod, v2('4', 'max 100000', 'max')),
        row(appScope, v2('17', '50000 100000', '536870912')),
        row(`${systemdPod}/cri-containerd-${id('b')}.scope`, v2('1', 'max 100000', 'max')),
      ],
      pod([app, container('log')]),
      { ...same, counts: [1, 2, 0, 0] },
    ],
    [
      'pod-level limits hold for containers without their own',
      [
        row(systemdPod, v2('20', '100000 100000', '1073741824')),
        row(appScope, v2('100', '100000 100000', '1073741824')),
      ],
      pod([container('app')], {}, { resources: { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '1Gi' } } }),
      same,
    ],
    [
      'overhead of a RuntimeClass counts for the pod',
      [row(systemdPod, v2('14', '75000 100000', '671088640'))],
      pod([app], {}, { overhead: { cpu: '250m', memory: '128Mi' }, runtimeClassName: 'kata' }),
      { ...same, counts: [1, 0, 0, 0] },
    ],
    [
      'a resize on its way: the old value still',
      [row(systemdPod, v2('4', '50000 100000', '536870912')), row(appScope, v2('17', '50000 100000', '268435456'))],
      pod([app], {
        containerStatuses: [
          {
            name: 'app',
            id: id('a').slice(0, 12),
            resources: { requests: { cpu: '100m' }, limits: { cpu: '500m', memory: '256Mi' } },
          },
        ],
      }),
      same,
    ],
    [
      'a static pod, under the hash of its file',
      [
        row(
          'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podd41d8cd98f00b204e9800998ecf8427e.slice',
          v2('4', '50000 100000', '536870912'),
        ),
        row(
          `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podd41d8cd98f00b204e9800998ecf8427e.slice/cri-containerd-${id('a')}.scope`,
          v2('17', '50000 100000', '536870912'),
        ),
      ],
      pod([app], { configHash: 'd41d8cd98f00b204e9800998ecf8427e', isMirror: true }),
      same,
    ],
    [
      'restarted in between: another container stands there',
      [appPod, sandbox, row(`${systemdPod}/cri-containerd-${id('8')}.scope`, v2('17', '50000 100000', '536870912'))],
      pod([app]),
      { ...same, counts: [1, 0, 0, 0] },
    ],
    [
      'gone from the pod’s group, and nothing explains it',
      [appPod],
      pod([app]),
      { ...same, doubt: 'app of shop/cart-0 has no control group in the pod’s own.', counts: [1, 0, 0, 0] },
    ],
    [
      'no value to read',
      [row(systemdPod, {}), row(appScope, { 'cpu.weight': 'x', 'cpu.max': '1', 'memory.max': '-1' })],
      pod([app]),
      {
        ...same,
        doubt: expect.stringMatching(/^memory\.max of shop\/cart-0 \(app\) could not be read; .* and \d more\.$/),
      },
    ],
    [
      'a quantity that is none',
      [appPod, row(appScope, v2('17', '50000 100000', '536870912'))],
      pod([container('app', { limits: { memory: 'lots' } })]),
      { ...same, doubt: 'a quantity of shop/cart-0 does not parse.' },
    ],
  ])('%s', (_name, rows, one, expected) => {
    expect(derive(rows, [one])).toEqual(expected)
  })

  it('tells pods that came or went apart', () => {
    const other = pod([app], { uid: 'ffffffff-0000-1111-2222-333333333333', name: 'gone' })
    const rows = [
      appPod,
      row(appScope, v2('17', '50000 100000', '536870912')),
      row(systemdPod.replace(uid.slice(0, 8), 'eeeeeeee'), v2('1', 'max 100000', 'max')),
    ]
    expect(derive(rows, [pod([app]), other])).toEqual({ ...same, counts: [1, 1, 1, 1] })
  })

  it.each([
    ['quota is off for all', { cpuCFSQuota: false, cpuManagerPolicy: 'none' }, undefined],
    ['whether quota is on is not known', { cpuManagerPolicy: 'none' }, /^cpu\.max of .* depends on kubelet settings/],
  ])('%s', (_name, settings, doubt) => {
    const rows = [
      row(systemdPod, v2('4', 'max 100000', '536870912')),
      row(appScope, v2('17', 'max 100000', '536870912')),
    ]
    const found = derive(rows, [pod([app])], settings)
    expect(found).toEqual({ ...same, doubt: doubt === undefined ? undefined : expect.stringMatching(doubt) })
  })

  it('does not bound a container that has CPUs of its own', () => {
    const exclusive = container('app', { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } })
    const path = `kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`
    const rows = [
      row(path, v2('79', 'max 100000', '1073741824')),
      row(`${path}/cri-containerd-${id('a')}.scope`, v2('79', 'max 100000', '1073741824')),
    ]
    const one = pod([exclusive], { qosClass: 'Guaranteed' })
    expect(derive(rows, [one], { cpuCFSQuota: true, cpuManagerPolicy: 'static' })).toEqual(same)
    expect(derive(rows, [one]).limits).toHaveLength(2)
  })
})

describe('no comparison', () => {
  const asked = (evidence: HostEvidence, pods: readonly NodePod[] | ReturnType<typeof unavailable> = [pod([app])]) =>
    derivePodCgroups({ host: evidence, pods, kubelet: unavailable('not-running', 'x') })
  it.each([
    ['an older probe', buildHost({}), 'not-collected'],
    ['no kubepods', { ...buildHost({}), listings: { cgroups: { absent: true as const } } }, 'not-found'],
    ['too much', { ...buildHost({}), listings: { cgroups: { rows: [], isTruncated: true } } }, 'too-large'],
    ['other names', host([row('kubepods2/x', {})]), 'malformed'],
    ['another cluster’s node', host([row('kubepods/podffffffff-0000-1111-2222-333333333333', {})]), 'not-found'],
  ])('%s', (_name, evidence, reason) => {
    expect(asked(evidence)).toMatchObject({ unavailable: { reason } })
  })
  it('without the list of pods', () => {
    expect(asked(host([appPod]), unavailable('forbidden', 'no'))).toMatchObject({
      unavailable: { reason: 'forbidden' },
    })
  })
})

describe('sums of a pod', () => {
  const init = (name: string, cpu: string, rest: Partial<Container> = {}) =>
    container(name, { limits: { cpu } }, { kind: 'init', ...rest })
  it.each<[string, readonly Container[], bigint, boolean | 'unsure']>([
    [
      'containers together',
      [container('a', { limits: { cpu: '1' } }), container('b', { limits: { cpu: '500m' } })],
      1500n,
      true,
    ],
    ['a larger init container', [init('i', '3'), container('a', { limits: { cpu: '1' } })], 3000n, true],
    [
      'sidecars beside containers',
      [init('s', '1', { restartPolicy: 'Always' }), container('a', { limits: { cpu: '1' } })],
      2000n,
      true,
    ],
    [
      'an init container after a sidecar',
      [init('s', '1', { restartPolicy: 'Always' }), init('i', '2'), container('a', { limits: { cpu: '1' } })],
      3000n,
      true,
    ],
    [
      'only an init container without a limit',
      [container('i', {}, { kind: 'init' }), container('a', { limits: { cpu: '1' } })],
      1000n,
      'unsure',
    ],
  ])('%s', (_name, containers, cpuLimit, isCpuBounded) => {
    const parts = containers.map((one) => ({ container: one, resources: one.resources }))
    expect(podAmounts(parts, { containers: [...containers] })).toMatchObject({ cpuLimit, isCpuBounded })
  })
})

it('reads no number out of what is none', () => {
  expect(readCpuTime({ 'cpu.max': 'max 0' })).toBeUndefined()
  expect(readCpuTime({ 'cpu.max': 'max' })).toBeUndefined()
  expect(judgeMemory('9223372036854771712', undefined, [4096n])).toBe('same')
  expect(judgeMemory('9223372036854771712', 4096n, [4096n])).toBe('differs')
  const policy = { isEnforced: true, sparesExclusive: false, mayBeExclusive: false }
  expect(judgeQuota({ quota: 50_001n, period: 100_000n }, 500n, policy)).toBe('differs')
})
