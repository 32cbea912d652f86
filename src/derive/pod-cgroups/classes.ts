// The control groups above pods (kubepods and one for each lower class of service) against what the kubelet sets there.
// Sources: kubelet cm/node_container_manager_linux.go, cm/qos_container_manager_linux.go.
// May not: take a sum over pods for right while one of them comes or goes.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { isRecord } from '../../util/record.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { podAmounts, sharesOf } from './amounts.ts'
import { describeBytes, type NodePod, type Settings } from './compare.ts'
import { judgeWeight, readMemory } from './settings.ts'
import type { Group, PodTree } from './tree.ts'

type Classes = FactValue<'podCgroupLevels'>['classes']
type Judged = Extract<Classes[number], { value: unknown }>['value']

export interface ClassInput {
  readonly tree: PodTree
  readonly kubelet: EffectiveKubelet | Unavailable
  /** The node's own, by the API: quantities of cpu and memory. */
  readonly capacity: Readonly<Record<string, string>> | undefined
  readonly pods: readonly NodePod[]
  /** Whether the pods of the API are those of the tree. */
  readonly isSettled: boolean
  readonly settings: Settings
}

/** One element for each value that the kubelet sets; it makes all three groups at its start, so that a missing one is a gap. */
export function compareClasses(input: ClassInput): Classes {
  const { root, classes } = input.tree
  const burstable = classes.get('burstable')
  const bestEffort = classes.get('besteffort')
  return [
    ...(root.path === '' ? [missing('kubepods')] : [rootWeight(root, input), rootMemory(root, input)]),
    ...(burstable === undefined
      ? [missing('burstable')]
      : [burstableWeight(burstable, input), classMemory(burstable, 'burstable', input)]),
    ...(bestEffort === undefined
      ? [missing('besteffort')]
      : [weight(bestEffort, 'besteffort', 0n, input.settings), classMemory(bestEffort, 'besteffort', input)]),
  ]
}

function missing(group: string): Classes[number] {
  return gap('not-found', `The control group ${group}, which the kubelet makes, was not found.`)
}

function rootWeight(root: Group, input: ClassInput): Classes[number] {
  const cpus = kubeletValue(input, 'reservedSystemCPUs')
  if (isUnavailable(cpus)) return cpus
  if (cpus.value !== '' && cpus.value !== null)
    return gap('unsupported', 'With reserved CPUs it is not known what kubepods gets.')
  const left = allocatable(input, 'cpu', 1_000_000n)
  return isUnavailable(left) ? left : weight(root, 'kubepods', left.value, input.settings)
}

function weight(group: Group, name: string, milliCpu: bigint, { podWeight }: Settings): Classes[number] {
  const setting = group.values['cpu.weight'] === undefined ? 'cpu.shares' : 'cpu.weight'
  const enforced = group.values[setting] ?? ''
  const verdict = judgeWeight(group.values, milliCpu, podWeight)
  if (verdict === 'unread' || verdict === 'undecided') return gap('unsupported', `${setting} of ${name} was not read.`)
  const expected = `the weight of ${sharesOf(milliCpu)} shares`
  return judged(group, { group: name, setting, enforced, expected, isMet: verdict === 'same' })
}

/** Huge pages that were set aside make it less, so that only more than the sum is a difference. */
function rootMemory(root: Group, input: ClassInput): Classes[number] {
  const left = allocatable(input, 'memory', 1_000_000_000n)
  if (isUnavailable(left)) return left
  const { setting, found } = memoryOf(root)
  if (found === undefined) return gap('unsupported', `${setting} of kubepods was not read.`)
  return judged(root, {
    group: 'kubepods',
    setting,
    enforced: found === 'none' ? 'no limit' : describeBytes(found),
    expected: `at most ${describeBytes(left.value)}`,
    isMet: found !== 'none' && found <= left.value,
  })
}

function burstableWeight(group: Group, input: ClassInput): Classes[number] {
  const active = input.pods.filter(({ object }) => object.phase !== 'Succeeded' && object.phase !== 'Failed')
  if (!input.isSettled || active.some(({ object }) => object.phase !== 'Running')) {
    return gap(
      'unsupported',
      'Pods of this node came or went while it was read, so that the sum of their requests is not known.',
    )
  }
  let sum = 0n
  for (const { object, spec } of active) {
    if (object.qosClass !== 'Burstable') continue
    const resized = new Map((object.containerStatuses ?? []).map(({ name, resources }) => [name, resources]))
    if ([...resized.values()].some((resources) => resources !== undefined)) {
      return gap('unsupported', `${object.namespace ?? ''}/${object.name} is being resized.`)
    }
    const amounts = podAmounts(
      spec.containers.map((container) => ({ container, resources: container.resources })),
      spec,
    )
    if (amounts === undefined)
      return gap('malformed', `A quantity of ${object.namespace ?? ''}/${object.name} does not parse.`)
    sum += amounts.cpuRequest ?? 0n
  }
  return weight(group, 'burstable', sum, input.settings)
}

function classMemory(group: Group, name: string, input: ClassInput): Classes[number] {
  const reserved = kubeletValue(input, 'qosReserved')
  if (isUnavailable(reserved)) return reserved
  if (isRecord(reserved.value) && Object.keys(reserved.value).length > 0) {
    return gap('unsupported', 'qosReserved changes the limits of the classes with what pods request.')
  }
  const { setting, found } = memoryOf(group)
  if (found === undefined) return gap('unsupported', `${setting} of ${name} was not read.`)
  const enforced = found === 'none' ? 'no limit' : describeBytes(found)
  return judged(group, { group: name, setting, enforced, expected: 'no limit', isMet: found === 'none' })
}

function memoryOf({ values }: Group) {
  const setting = values['memory.max'] === undefined ? 'memory.limit_in_bytes' : 'memory.max'
  return { setting, found: readMemory(values[setting] ?? '') }
}

/** The node's capacity without what is reserved for the system and for Kubernetes, in parts of `unit` billionths. */
function allocatable(input: ClassInput, resource: 'cpu' | 'memory', unit: bigint): Observed<bigint> {
  const whole = parseQuantity(input.capacity?.[resource] ?? '')
  if (whole === undefined) return gap('not-found', `The API does not tell the node's ${resource}.`)
  const enforced = kubeletValue(input, 'enforceNodeAllocatable')
  if (isUnavailable(enforced)) return enforced
  const isEnforced = Array.isArray(enforced.value) && enforced.value.includes('pods')
  let left = whole
  for (const field of isEnforced ? ['systemReserved', 'kubeReserved'] : []) {
    const reserved = kubeletValue(input, field)
    if (isUnavailable(reserved)) return reserved
    const text = isRecord(reserved.value) ? reserved.value[resource] : undefined
    if (text === undefined) continue
    const amount = typeof text === 'string' ? parseQuantity(text) : undefined
    if (amount === undefined) return gap('malformed', `${field}.${resource} in ${reserved.source} is no quantity.`)
    left -= amount
  }
  return { value: left < 0n ? 0n : (left + unit - 1n) / unit, source: enforced.source }
}

function kubeletValue({ kubelet }: ClassInput, field: string): ReturnType<EffectiveKubelet['value']> {
  return isUnavailable(kubelet) ? kubelet : kubelet.value(field)
}

function judged(group: Group, rest: Omit<Judged, 'path'>): Classes[number] {
  const path = `/sys/fs/cgroup/${group.path}`
  return { value: { ...rest, path }, source: `${path}/${rest.setting}` }
}

const gap = unavailable
