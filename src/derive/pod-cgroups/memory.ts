// What a container's control group says of memory beside its limit: swap, protection and throttling, on cgroup v2 and, of swap, v1.
// Sources: kubelet kuberuntime_container_linux.go (swap), features MemoryQoS and NodeSwap.
// May not: judge what a kubelet's version does not set.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { describeBytes, type NodePod } from './compare.ts'
import { readMemory } from './settings.ts'
import type { Group, PodTree } from './tree.ts'

type Swap = FactValue<'podCgroupLevels'>['swap']
type Difference = Extract<Swap, { value: unknown }>['value'][number]

export interface MemoryInput {
  readonly tree: PodTree
  readonly kubelet: EffectiveKubelet | Unavailable
  readonly capacity: Readonly<Record<string, string>> | undefined
  readonly activeSwap: Observed<readonly { readonly sizeKiB: number }[]>
  readonly running: readonly { readonly pod: NodePod; readonly uid: string }[]
}

interface Container {
  readonly pod: string
  readonly name: string
  readonly group: Group
  readonly qos: string
  readonly request: bigint | undefined
  readonly limit: bigint | undefined
}

const source = 'control groups of containers against the kubelet’s settings'

/** Containers that may swap more than the kubelet lets them. Empty where the node has no swap. */
export function compareSwap(input: MemoryInput): Swap {
  const { activeSwap, kubelet } = input
  if (isUnavailable(activeSwap)) return activeSwap
  if (activeSwap.value.length === 0) return { value: [], source: activeSwap.source }
  if (isUnavailable(kubelet)) return kubelet
  if (isUnavailable(kubelet.version)) return kubelet.version
  if (kubelet.version.minor < 30) {
    return unavailable(
      'unsupported',
      'What a kubelet before 1.30 does about swap depends on a gate and differs by version.',
    )
  }
  const behavior = pickText(kubelet, 'memorySwap.swapBehavior')
  if (isUnavailable(behavior)) return behavior
  if (kubelet.version.minor < 34 && isGateOff(kubelet, 'NodeSwap')) {
    return unavailable(
      'unsupported',
      'The gate NodeSwap is off, so that the kubelet says nothing about swap to the runtime.',
    )
  }
  const share = behavior.value === 'LimitedSwap' ? swapShare(input) : undefined
  if (isUnavailable(share)) return share
  const found: Difference[] = []
  for (const container of containersOf(input)) {
    const judged = judgeSwap(container, share)
    if (isUnavailable(judged)) return judged
    if (judged !== undefined) found.push(judged)
  }
  return { value: found, source: `${source} (${behavior.source})` }
}

/** Bytes of swap for `request` bytes of memory. */
function swapShare({ capacity, activeSwap }: MemoryInput): ((request: bigint) => bigint) | Unavailable {
  const memory = parseQuantity(capacity?.['memory'] ?? '')
  if (memory === undefined || memory === 0n || isUnavailable(activeSwap)) {
    return unavailable('not-found', 'The API does not tell the node’s memory, of which swap is shared out.')
  }
  const swap = activeSwap.value.reduce((sum, { sizeKiB }) => sum + BigInt(sizeKiB) * 1024n, 0n)
  return (request) => (request * 1_000_000_000n * swap) / memory
}

function judgeSwap(container: Container, share: ((request: bigint) => bigint) | undefined) {
  const { values } = container.group
  const v1 = values['memory.memsw.limit_in_bytes']
  if (v1 !== undefined) return judgeSwapV1(container, v1)
  const text = values['memory.swap.max']
  const found = text === undefined ? undefined : readMemory(text)
  if (found === undefined) {
    const what = `memory.swap.max of ${container.pod} (${container.name})`
    return unavailable('not-collected', `${what} was not read: the probe is older, or the kernel does not count swap.`)
  }
  const { request = 0n, limit, qos } = container
  const gets = share !== undefined && qos === 'Burstable' && request > 0n && request !== limit
  // Containers of critical pods get none, which is no more than others get.
  const most = gets ? share(request) : 0n
  if (found !== 'none' && found <= most) return undefined
  return difference(container, 'memory.swap.max', text ?? '', gets ? `at most ${describeBytes(most)}` : '0')
}

/** Memory and swap together; the kubelet asks for as much as the memory limit, and leaves containers without one alone. */
function judgeSwapV1(container: Container, text: string) {
  const together = readMemory(text)
  const memory = readMemory(container.group.values['memory.limit_in_bytes'] ?? '')
  if (together === undefined || memory === undefined) {
    return unavailable('unsupported', `The limits of ${container.pod} (${container.name}) were not read.`)
  }
  if (memory === 'none' || together === memory) return undefined
  return difference(container, 'memory.memsw.limit_in_bytes', text, `${memory}, as memory.limit_in_bytes`)
}

/** memory.min and memory.high, which a kubelet sets only with the gate MemoryQoS, alpha up to 1.36. */
export function compareReservations(input: MemoryInput): Swap {
  const { kubelet } = input
  if (isUnavailable(kubelet)) return kubelet
  const gates = kubelet.value('featureGates')
  if (isUnavailable(gates)) return gates
  if (isUnavailable(kubelet.version)) return kubelet.version
  if (kubelet.version.minor > 36 || isGateOn(gates.value)) {
    return unavailable(
      'unsupported',
      'With MemoryQoS the kubelet sets memory.min and memory.high by a formula of its version.',
    )
  }
  const found: Difference[] = []
  for (const container of containersOf(input)) {
    const { values } = container.group
    // cgroup v1 has neither.
    if (values['memory.limit_in_bytes'] !== undefined) continue
    const [min, high] = [values['memory.min'], values['memory.high']]
    if (min === undefined || high === undefined) {
      return unavailable(
        'not-collected',
        `memory.min and memory.high of ${container.pod} (${container.name}) were not read.`,
      )
    }
    if (min !== '0') found.push(difference(container, 'memory.min', min, '0'))
    if (high !== 'max') found.push(difference(container, 'memory.high', high, 'max'))
  }
  return { value: found, source: `${source} (${gates.source})` }
}

function containersOf({ tree, running }: MemoryInput): Container[] {
  return running.flatMap(({ pod: { object, spec }, uid }) => {
    const group = tree.pods.get(uid)
    if (group === undefined) return []
    return (object.containerStatuses ?? []).flatMap(({ name, id, resources: resized }): Container[] => {
      const container = spec.containers.find((one) => one.name === name)
      const found = id === undefined ? undefined : [...group.containers].find(([full]) => full.startsWith(id))
      if (container === undefined || found === undefined) return []
      const { requests, limits } = resized ?? container.resources ?? {}
      const limit = bytes(limits?.['memory'])
      return [
        {
          pod: `${object.namespace ?? ''}/${object.name}`,
          name,
          group: found[1],
          qos: object.qosClass ?? group.qos,
          request: bytes(requests?.['memory']) ?? limit,
          limit,
        },
      ]
    })
  })
}

function bytes(quantity: string | undefined): bigint | undefined {
  const value = quantity === undefined ? undefined : parseQuantity(quantity)
  return value === undefined ? undefined : (value + 999_999_999n) / 1_000_000_000n
}

function difference({ pod, name, group }: Container, setting: string, enforced: string, expected: string): Difference {
  return { pod, container: name, setting, enforced, expected, path: `/sys/fs/cgroup/${group.path}` }
}

function isGateOff(kubelet: EffectiveKubelet, name: string): boolean {
  const gates = kubelet.value('featureGates')
  if (isUnavailable(gates) || !isRecord(gates.value)) return false
  return (ownValue(gates.value, name) ?? ownValue(gates.value, 'AllBeta')) === false
}

function isGateOn(gates: unknown): boolean {
  if (!isRecord(gates)) return false
  return (ownValue(gates, 'MemoryQoS') ?? ownValue(gates, 'AllAlpha')) === true
}
