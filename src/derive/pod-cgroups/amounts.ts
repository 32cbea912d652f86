// What the kernel is asked to enforce for a pod and its containers: the kubelet's arithmetic over requests and limits.
// Sources: kubelet cm/helpers_linux.go, kuberuntime_container_linux.go, component-helpers/resource. May not: look at a node.
import type { Container, PodSpec } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'

type Resources = NonNullable<PodSpec['resources']>

/** Thousandths of a CPU, and bytes. Absent: none asked. Zero counts as none. */
export interface Amounts {
  readonly cpuRequest?: bigint
  readonly cpuLimit?: bigint
  readonly memoryLimit?: bigint
}

/** `cpu.shares`: 1024 for a CPU, at least 2, at most 262144. */
export function sharesOf(milliCpu: bigint | undefined): bigint {
  const shares = ((milliCpu ?? 0n) * 1024n) / 1000n
  if (shares < 2n) return 2n
  return shares > 262_144n ? 262_144n : shares
}

/** `cpu.weight` as the kubelet makes it for pods, and as runc before 1.3.2 and crun before 1.23 make it for containers. */
export function linearWeight(shares: bigint): bigint {
  if (shares >= 262_144n) return 10_000n
  return 1n + ((shares - 2n) * 9999n) / 262_142n
}

/** `cpu.weight` of newer runtimes, which keeps 1024 shares near the kernel's default of 100. */
export function curvedWeight(shares: bigint): bigint {
  if (shares <= 2n) return 1n
  if (shares >= 262_144n) return 10_000n
  const logarithm = Math.log2(Number(shares))
  return BigInt(Math.ceil(10 ** ((logarithm * logarithm + 125 * logarithm) / 612 - 7 / 34)))
}

/** Microseconds of CPU time in each period; undefined without a limit. */
export function quotaOf(milliCpu: bigint | undefined, period: bigint): bigint | undefined {
  if (milliCpu === undefined || milliCpu === 0n) return undefined
  const quota = (milliCpu * period) / 1000n
  return quota < 1000n ? 1000n : quota
}

/** Undefined where a quantity does not parse, so that nothing follows. */
export function containerAmounts(
  resources: Resources | undefined,
  podLevel: Resources | undefined,
): Amounts | undefined {
  const own = readAmounts(resources)
  const pod = readAmounts(podLevel)
  if (own === undefined || pod === undefined) return undefined
  const cpuLimit = positive(own.cpuLimit) ?? positive(pod.cpuLimit)
  const memoryLimit = positive(own.memoryLimit) ?? positive(pod.memoryLimit)
  return amounts(own.cpuRequest ?? cpuLimit, cpuLimit, memoryLimit)
}

export interface PodAmounts extends Amounts {
  /** Whether the limit stands for the whole pod. `unsure`: only init containers lack one, and kubelets differ about them. */
  readonly isCpuBounded: boolean | 'unsure'
  readonly isMemoryBounded: boolean | 'unsure'
}

/** Sums over the containers as they run together, sidecars and the largest init container included, and the overhead. */
export function podAmounts(
  containers: readonly { readonly container: Container; readonly resources: Resources | undefined }[],
  spec: PodSpec,
): PodAmounts | undefined {
  const read = containers.map(({ container, resources }) => ({ container, own: readAmounts(resources) }))
  const podLevel = readAmounts(spec.resources)
  const overhead = readAmounts({ requests: spec.overhead ?? {}, limits: spec.overhead ?? {} })
  if (podLevel === undefined || overhead === undefined) return undefined
  const parts: Part[] = []
  for (const { container, own } of read) {
    if (own === undefined) return undefined
    if (container.kind !== 'ephemeral')
      parts.push({ container, own: { ...own, cpuRequest: own.cpuRequest ?? own.cpuLimit } })
  }
  const total = (name: keyof Amounts): bigint => podLevel[name] ?? peak(parts, name)
  const cpuLimit = total('cpuLimit')
  const memoryLimit = total('memoryLimit')
  const withOverhead = (limit: bigint, extra: bigint | undefined) => (limit === 0n ? 0n : limit + (extra ?? 0n))
  return {
    ...amounts(
      total('cpuRequest') + (overhead.cpuRequest ?? 0n),
      withOverhead(cpuLimit, overhead.cpuLimit),
      withOverhead(memoryLimit, overhead.memoryLimit),
    ),
    isCpuBounded: isBounded(parts, 'cpuLimit', podLevel),
    isMemoryBounded: isBounded(parts, 'memoryLimit', podLevel),
  }
}

interface Part {
  readonly container: Container
  readonly own: { readonly [K in keyof Amounts]?: bigint | undefined }
}

function isBounded(parts: readonly Part[], name: 'cpuLimit' | 'memoryLimit', podLevel: Amounts): boolean | 'unsure' {
  if (positive(podLevel[name]) !== undefined) return true
  const lacking = parts.filter(({ own }) => positive(own[name]) === undefined)
  if (lacking.some(({ container }) => container.kind === 'container')) return false
  return lacking.length === 0 ? true : 'unsure'
}

/** Init containers run one after the other, each beside the sidecars that were started before it. */
function peak(parts: readonly Part[], name: keyof Amounts): bigint {
  let together = 0n
  let largest = 0n
  for (const { container, own } of parts) {
    const amount = own[name] ?? 0n
    if (container.kind === 'container') together += amount
  }
  let sidecars = 0n
  for (const { container, own } of parts) {
    if (container.kind !== 'init') continue
    const amount = own[name] ?? 0n
    if (container.restartPolicy === 'Always') sidecars += amount
    const now = container.restartPolicy === 'Always' ? sidecars : sidecars + amount
    if (now > largest) largest = now
  }
  const sum = together + sidecars
  return sum > largest ? sum : largest
}

function readAmounts(resources: Resources | undefined): Amounts | undefined {
  const cpuRequest = read(resources?.requests?.['cpu'], 1_000_000n)
  const cpuLimit = read(resources?.limits?.['cpu'], 1_000_000n)
  const memoryLimit = read(resources?.limits?.['memory'], 1_000_000_000n)
  if (cpuRequest === null || cpuLimit === null || memoryLimit === null) return undefined
  return amounts(cpuRequest, cpuLimit, memoryLimit)
}

/** Rounded up, as Quantity's MilliValue and Value do. Null: no quantity. */
function read(text: string | undefined, unit: bigint): bigint | undefined | null {
  if (text === undefined) return undefined
  const value = parseQuantity(text)
  if (value === undefined || value < 0n) return null
  return (value + unit - 1n) / unit
}

function amounts(cpuRequest?: bigint, cpuLimit?: bigint, memoryLimit?: bigint): Amounts {
  return {
    ...(cpuRequest === undefined ? {} : { cpuRequest }),
    ...(cpuLimit === undefined ? {} : { cpuLimit }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  }
}

function positive(amount: bigint | undefined): bigint | undefined {
  return amount === undefined || amount <= 0n ? undefined : amount
}
