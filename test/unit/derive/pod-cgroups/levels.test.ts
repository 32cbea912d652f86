// Rows C2 and C5: the groups above pods, how groups are made, and what containers may swap, on v1 and v2 and under both drivers.
import { describe, expect, it } from 'vitest'
import type { NodePod } from '../../../../src/derive/pod-cgroups/index.ts'
import { derivePodCgroupLevels } from '../../../../src/derive/pod-cgroups/levels.ts'
import { isUnavailable, unavailable } from '../../../../src/model/fact.ts'
import { podCgroupLevelsSchema } from '../../../../src/model/facts-node.ts'
import { buildHost } from '../host-builder.ts'

type Values = Readonly<Record<string, string>>
type Rows = Readonly<Record<string, Values>>
interface Given {
  readonly rows: Rows
  readonly pods?: readonly NodePod[]
  readonly settings?: Readonly<Record<string, unknown>>
  readonly minor?: number
  /** KiB of each area. */
  readonly swap?: readonly number[]
  readonly capacity?: Values
}

const uid = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'
const id = 'a'.repeat(64)
const defaults = {
  enforceNodeAllocatable: ['pods'],
  reservedSystemCPUs: '',
  'memorySwap.swapBehavior': 'NoSwap',
  cpuManagerPolicy: 'none',
}

function derive({ rows, pods = [burstable], settings = {}, minor = 34, swap = [], capacity = node }: Given) {
  const set: Readonly<Record<string, unknown>> = { ...defaults, ...settings }
  const kubelet = {
    version: { minor, isDistributionBuild: false },
    value: (field: string) => ({ value: set[field] ?? null, source: 'config.yaml' }),
  }
  const listing = Object.entries(rows).map(([path, values]) =>
    [path, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join('\t'),
  )
  const fact = derivePodCgroupLevels({
    host: { ...buildHost({ commands: { 'uname -m': 'x86_64\n' } }), listings: { cgroups: { rows: listing } } },
    kubelet: kubelet as never,
    pods,
    capacity,
    activeSwap: { value: swap.map((sizeKiB) => ({ sizeKiB })), source: '/proc/swaps' },
  })
  if (isUnavailable(fact)) throw new Error(fact.unavailable.detail)
  podCgroupLevelsSchema.parse(fact)
  const list = (differences: typeof fact.swap) =>
    isUnavailable(differences)
      ? differences.unavailable.detail
      : differences.value.map(({ setting, enforced, expected }) => `${setting} ${enforced} / ${expected}`)
  return {
    classes: fact.classes.map((one) =>
      isUnavailable(one)
        ? one.unavailable.detail
        : `${one.value.group} ${one.value.setting} ${one.value.isMet ? 'is' : `${one.value.enforced} / ${one.value.expected}`}`,
    ),
    structure: isUnavailable(fact.structure)
      ? fact.structure.unavailable.detail
      : fact.structure.value.map(({ path, problem }) => `${path.split('/').at(-1)}: ${problem}`),
    swap: list(fact.swap),
    reservations: list(fact.reservations),
  }
}

/** 4 CPUs and 8 GiB. */
const node = { cpu: '4', memory: '8388608Ki' }
const resources = { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '512Mi' } }

function pod(object: Partial<NodePod['object']> = {}, asked: object = resources): NodePod {
  return {
    object: {
      name: 'cart-0',
      namespace: 'shop',
      uid,
      template: 't',
      phase: 'Running',
      qosClass: 'Burstable',
      containerStatuses: [{ name: 'app', id: id.slice(0, 12) }],
      ...object,
    },
    spec: { containers: [{ name: 'app', kind: 'container', resources: asked }] },
  }
}
const burstable = pod()

const made = { 'cgroup.type': 'domain', 'cgroup.subtree_control': 'cpu memory pids' }
const v2 = (weight: string, memory = 'max', rest: Values = made): Values => ({
  'cpu.weight': weight,
  'cpu.max': 'max 100000',
  'memory.max': memory,
  ...rest,
})
const inContainer = { 'cgroup.type': 'domain', 'memory.swap.max': '0', 'memory.min': '0', 'memory.high': 'max' }
const slice = 'kubepods.slice/kubepods-burstable.slice'
const podSlice = `${slice}/kubepods-burstable-pod${uid.replaceAll('-', '_')}.slice`
const scope = `${podSlice}/cri-containerd-${id}.scope`
const systemd: Rows = {
  'kubepods.slice': v2('157', '8589934592'),
  [slice]: v2('20'),
  'kubepods.slice/kubepods-besteffort.slice': v2('1'),
  [podSlice]: v2('20', '536870912'),
  [scope]: v2('59', '536870912', inContainer),
}
const cgroupfs: Rows = Object.fromEntries(
  Object.entries(systemd).map(([path, values]) => [
    path
      .replace(/kubepods-burstable-pod[^/]*/, `pod${uid}`)
      .replace(/kubepods-(?=burstable|besteffort)/, '')
      .replace(/cri-containerd-/, '')
      .replace(/\.(?:slice|scope)/g, ''),
    values,
  ]),
)
const shares = (value: string) => ({ 'cpu.shares': value })
const bytes = (value: string, together = value) => ({
  'memory.limit_in_bytes': value,
  'memory.memsw.limit_in_bytes': together,
})
const none = '9223372036854771712'
const v1: Rows = {
  'cpu,cpuacct/kubepods': shares('4096'),
  'cpu,cpuacct/kubepods/burstable': shares('512'),
  'cpu,cpuacct/kubepods/besteffort': shares('2'),
  [`cpu,cpuacct/kubepods/burstable/pod${uid}/${id}`]: shares('512'),
  'memory/kubepods': bytes('8589934592'),
  'memory/kubepods/burstable': bytes(none),
  'memory/kubepods/besteffort': bytes(none),
  [`memory/kubepods/burstable/pod${uid}/${id}`]: bytes('536870912'),
}
const right = [
  'kubepods cpu.weight is',
  'kubepods memory.max is',
  'burstable cpu.weight is',
  'burstable memory.max is',
  'besteffort cpu.weight is',
  'besteffort memory.max is',
]
const edit = (path: string, values: Values, rows = systemd): Rows => ({ ...rows, [path]: { ...rows[path], ...values } })

describe('the groups above pods', () => {
  it.each<[string, Given, readonly string[]]>([
    ['systemd on v2', { rows: systemd }, right],
    ['cgroupfs on v2', { rows: cgroupfs }, right],
    [
      'v1',
      { rows: v1 },
      right.map((line) => line.replace('cpu.weight', 'cpu.shares').replace('memory.max', 'memory.limit_in_bytes')),
    ],
    [
      'what is reserved is taken off',
      {
        rows: edit('kubepods.slice', { 'cpu.weight': '137', 'memory.max': '7516192768' }),
        settings: { systemReserved: { cpu: '500m', memory: '512Mi' }, kubeReserved: { memory: '512Mi' } },
      },
      right,
    ],
    [
      'and is not where it is not enforced for pods',
      { rows: systemd, settings: { enforceNodeAllocatable: [], systemReserved: { cpu: '500m', memory: '512Mi' } } },
      right,
    ],
    [
      'reserved by the configuration, but not in the kernel',
      { rows: systemd, settings: { systemReserved: { cpu: '500m', memory: '512Mi' } } },
      [
        'kubepods cpu.weight 157 / the weight of 3584 shares',
        'kubepods memory.max 8589934592 (8192 MiB) / at most 8053063680 (7680 MiB)',
        ...right.slice(2),
      ],
    ],
    [
      'groups that are not there',
      { rows: { [podSlice]: v2('20', '536870912') } },
      ['kubepods', 'burstable', 'besteffort'].map(
        (group) => `The control group ${group}, which the kubelet makes, was not found.`,
      ),
    ],
    ['huge pages make it less', { rows: edit('kubepods.slice', { 'memory.max': '6442450944' }) }, right],
    [
      'no limit at all',
      { rows: edit('kubepods.slice', { 'memory.max': 'max' }) },
      [right[0] ?? '', 'kubepods memory.max no limit / at most 8589934592 (8192 MiB)', ...right.slice(2)],
    ],
    [
      'besteffort with more than the least',
      { rows: edit('kubepods.slice/kubepods-besteffort.slice', { 'cpu.weight': '100', 'memory.max': '1048576' }) },
      [
        ...right.slice(0, 4),
        'besteffort cpu.weight 100 / the weight of 2 shares',
        'besteffort memory.max 1048576 (1 MiB) / no limit',
      ],
    ],
    [
      'a pod that is not there yet',
      { rows: systemd, pods: [burstable, pod({ uid: '11111111-4b5a-6978-8796-a5b4c3d2e1f0' })] },
      right.with(
        2,
        'Pods of this node came or went while it was read, so that the sum of their requests is not known.',
      ),
    ],
    [
      'a node whose size the API does not tell',
      { rows: systemd, capacity: {} },
      ["The API does not tell the node's cpu.", "The API does not tell the node's memory.", ...right.slice(2)],
    ],
    [
      'reserved CPUs, and memory reserved by class',
      { rows: systemd, settings: { reservedSystemCPUs: '0-1', qosReserved: { memory: '50%' } } },
      [
        'With reserved CPUs it is not known what kubepods gets.',
        'kubepods memory.max is',
        'burstable cpu.weight is',
        'qosReserved changes the limits of the classes with what pods request.',
        'besteffort cpu.weight is',
        'qosReserved changes the limits of the classes with what pods request.',
      ],
    ],
    [
      'an amount that is none',
      { rows: systemd, settings: { kubeReserved: { memory: 'much' } } },
      [right[0] ?? '', 'kubeReserved.memory in config.yaml is no quantity.', ...right.slice(2)],
    ],
  ])('%s', (_case, given, expected) => {
    expect(derive(given).classes).toEqual(expected)
  })
})

describe('how groups are made', () => {
  it.each<[string, Given, unknown]>([
    ['as kubelets make them', { rows: systemd }, []],
    ['v1 has nothing of it', { rows: v1 }, []],
    [
      'threads',
      { rows: edit(podSlice, { 'cgroup.type': 'domain threaded' }) },
      [`${podSlice.split('/').at(-1)}: cgroup.type is "domain threaded"`],
    ],
    [
      'a controller is not handed on',
      { rows: edit(slice, { 'cgroup.subtree_control': 'cpu pids' }) },
      ['kubepods-burstable.slice: cgroup.subtree_control lacks memory'],
    ],
    [
      'no pod below that needs it',
      { rows: edit('kubepods.slice/kubepods-besteffort.slice', { 'cgroup.subtree_control': '' }) },
      [],
    ],
    ['in a container it is its own business', { rows: edit(scope, { 'cgroup.type': 'domain threaded' }) }, []],
    [
      'an older probe',
      { rows: Object.fromEntries(Object.keys(systemd).map((path) => [path, v2('1', 'max', {})])) },
      'The probe that read this node did not ask how its control groups are made.',
    ],
  ])('%s', (_case, given, expected) => {
    expect(derive(given).structure).toEqual(expected)
  })
})

describe('swap', () => {
  const swap = [2_097_152]
  const limited = { 'memorySwap.swapBehavior': 'LimitedSwap' }
  it.each<[string, Given, unknown]>([
    ['a node without', { rows: edit(scope, { 'memory.swap.max': 'max' }) }, []],
    ['NoSwap, kept', { rows: systemd, swap }, []],
    ['NoSwap, not kept', { rows: edit(scope, { 'memory.swap.max': 'max' }), swap }, ['memory.swap.max max / 0']],
    // 256 MiB of 8 GiB get that share of 2 GiB.
    ['LimitedSwap, its share', { rows: edit(scope, { 'memory.swap.max': '67108864' }), swap, settings: limited }, []],
    [
      'LimitedSwap, a page more',
      { rows: edit(scope, { 'memory.swap.max': '67112960' }), swap, settings: limited },
      ['memory.swap.max 67112960 / at most 67108864 (64 MiB)'],
    ],
    [
      'LimitedSwap is nothing where request and limit are one',
      {
        rows: edit(scope, { 'memory.swap.max': '4096' }),
        swap,
        settings: limited,
        pods: [pod({}, { limits: { memory: '512Mi' } })],
      },
      ['memory.swap.max 4096 / 0'],
    ],
    ['v1, as much as memory', { rows: v1, swap }, []],
    [
      'v1, more',
      { rows: edit(`memory/kubepods/burstable/pod${uid}/${id}`, bytes('536870912', none), v1), swap },
      [`memory.memsw.limit_in_bytes ${none} / 536870912, as memory.limit_in_bytes`],
    ],
    [
      'an older kubelet',
      { rows: systemd, swap, minor: 29 },
      'What a kubelet before 1.30 does about swap depends on a gate and differs by version.',
    ],
    [
      'an older probe',
      { rows: { ...systemd, [scope]: v2('59', '536870912', {}) }, swap },
      'memory.swap.max of shop/cart-0 (app) was not read: the probe is older, or the kernel does not count swap.',
    ],
    [
      'the gate is off',
      { rows: systemd, swap, minor: 31, settings: { featureGates: { AllBeta: false } } },
      'The gate NodeSwap is off, so that the kubelet says nothing about swap to the runtime.',
    ],
  ])('%s', (_case, given, expected) => {
    expect(derive(given).swap).toEqual(expected)
  })
})

describe('memory that is protected or throttled', () => {
  it.each<[string, Given, unknown]>([
    ['none', { rows: systemd }, []],
    ['v1 has neither', { rows: v1 }, []],
    [
      'by somebody',
      { rows: edit(scope, { 'memory.min': '1048576', 'memory.high': '1048576' }) },
      ['memory.min 1048576 / 0', 'memory.high 1048576 / max'],
    ],
    [
      'the kubelet may',
      { rows: edit(scope, { 'memory.min': '1048576' }), settings: { featureGates: { MemoryQoS: true } } },
      'With MemoryQoS the kubelet sets memory.min and memory.high by a formula of its version.',
    ],
  ])('%s', (_case, given, expected) => {
    expect(derive(given).reservations).toEqual(expected)
  })
})

it('says why nothing is known', () => {
  const input = { host: buildHost({}), capacity: node, activeSwap: { value: [], source: '' } }
  const gap = unavailable('forbidden', 'Pods may not be listed.')
  expect(derivePodCgroupLevels({ ...input, kubelet: gap, pods: gap })).toEqual(
    unavailable('not-collected', 'The list of cgroups was not read by the probe.'),
  )
  const host = { ...buildHost({}), listings: { cgroups: { rows: ['kubepods.slice\tcpu.weight=1'] } } }
  expect(derivePodCgroupLevels({ ...input, host, kubelet: gap, pods: gap })).toEqual(gap)
})
