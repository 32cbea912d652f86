// One pod's control groups against its spec, and against what the kubelet says is in force while a resize is on its way.
// May not: judge a container that is not in the tree; it is told as a doubt where nothing explains it.
import type { FactValue } from '../../model/facts.ts'
import type { PodObject } from '../../model/objects.ts'
import type { Container, PodSpec } from '../../model/pod.ts'
import { type Amounts, containerAmounts, podAmounts, sharesOf } from './amounts.ts'
import {
  type CpuTime,
  judgeMemory,
  judgeQuota,
  judgeWeight,
  type QuotaPolicy,
  readCpuTime,
  readMemory,
  type Verdict,
} from './settings.ts'
import type { Group, PodGroup } from './tree.ts'

export type Difference = FactValue<'podCgroups'>['limits'][number]
type Resources = PodSpec['resources']

export interface NodePod {
  readonly object: PodObject
  readonly spec: PodSpec
}

export interface Settings {
  readonly pageSizes: readonly bigint[]
  readonly quota: QuotaPolicy
  readonly podWeight: 'linear' | 'either'
}

export interface PodComparison {
  readonly containers: number
  readonly limits: readonly Difference[]
  readonly weights: readonly Difference[]
  readonly doubts: readonly string[]
}

interface Comparing {
  readonly settings: Settings
  readonly limits: Difference[]
  readonly weights: Difference[]
  readonly doubts: string[]
}

interface Subject {
  /** "shop/cart-0". */
  readonly pod: string
  /** Empty: the pod as a whole. */
  readonly container: string
  readonly group: Group
  /** What may be in force: by the spec, and by the status while that differs. */
  readonly choices: readonly Amounts[]
  readonly mayBeExclusive: boolean
  readonly weight: 'linear' | 'either'
  /** undefined: not judged. */
  readonly judgesCpu?: boolean
  readonly judgesMemory?: boolean
}

export function comparePod({ object, spec }: NodePod, group: PodGroup, settings: Settings): PodComparison {
  const comparing: Comparing = { settings, limits: [], weights: [], doubts: [] }
  const pod = `${object.namespace ?? ''}/${object.name}`
  const qos = object.qosClass ?? group.qos
  const statuses = (object.containerStatuses ?? []).filter(({ id }) => id !== undefined)
  const resized = new Map(statuses.flatMap(({ name, resources }) => (resources ? [[name, resources] as const] : [])))
  const seen = new Set<string>()
  const missing: string[] = []
  for (const { name, id = '' } of statuses) {
    const container = spec.containers.find((one) => one.name === name)
    const found = [...group.containers].find(([full]) => full.startsWith(id))
    if (container === undefined) continue
    if (found === undefined) {
      missing.push(name)
      continue
    }
    seen.add(found[0])
    const choices = choicesOf(container, resized.get(name), spec.resources)
    if (choices === undefined) {
      comparing.doubts.push(`a quantity of ${pod} does not parse`)
      continue
    }
    const exclusive =
      qos === 'Guaranteed' && choices.some(({ cpuRequest = 0n }) => cpuRequest > 0n && cpuRequest % 1000n === 0n)
    compareGroup(
      { pod, container: name, group: found[1], choices, mayBeExclusive: exclusive, weight: 'either' },
      comparing,
    )
  }
  comparePodItself(pod, { spec, resized, group, qos }, comparing)
  noteMissing(pod, { missing, spec, unclaimed: group.containers.size - seen.size }, comparing)
  const { limits, weights, doubts } = comparing
  return { containers: seen.size, limits, weights, doubts }
}

function choicesOf(container: Container, status: Resources, podLevel: Resources): readonly Amounts[] | undefined {
  const bySpec = containerAmounts(container.kind === 'ephemeral' ? undefined : container.resources, podLevel)
  if (bySpec === undefined) return undefined
  if (status === undefined) return [bySpec]
  const byStatus = containerAmounts(status, podLevel)
  return byStatus === undefined ? undefined : [bySpec, byStatus]
}

interface WholePod {
  readonly spec: PodSpec
  readonly resized: ReadonlyMap<string, Resources>
  readonly group: PodGroup
  readonly qos: string
}

function comparePodItself(pod: string, { spec, resized, group, qos }: WholePod, comparing: Comparing): void {
  const sums = [new Map<string, Resources>(), resized].flatMap((changes, index) => {
    if (index === 1 && changes.size === 0) return []
    const containers = spec.containers.map((container) => ({
      container,
      resources: changes.get(container.name) ?? container.resources,
    }))
    return [podAmounts(containers, spec)]
  })
  const choices: Amounts[] = []
  let [judgesCpu, judgesMemory] = [true, true]
  for (const sum of sums) {
    if (sum === undefined) return
    if (sum.isCpuBounded === 'unsure' && qos === 'Burstable') judgesCpu = false
    if (sum.isMemoryBounded === 'unsure' && qos === 'Burstable') judgesMemory = false
    const { cpuRequest = 0n, cpuLimit = 0n, memoryLimit = 0n } = sum
    const all = qos === 'Guaranteed'
    choices.push({
      cpuRequest: qos === 'BestEffort' ? 0n : cpuRequest,
      cpuLimit: all || sum.isCpuBounded === true ? cpuLimit : 0n,
      memoryLimit: all || sum.isMemoryBounded === true ? memoryLimit : 0n,
    })
  }
  // While a resize is on its way the pod may be anywhere between the two.
  if (choices.length > 1) return
  const exclusive = qos === 'Guaranteed'
  const { podWeight } = comparing.settings
  compareGroup(
    { pod, container: '', group, choices, mayBeExclusive: exclusive, weight: podWeight, judgesCpu, judgesMemory },
    comparing,
  )
}

function compareGroup(subject: Subject, comparing: Comparing): void {
  const { group, choices, mayBeExclusive, weight, judgesCpu = true, judgesMemory = true } = subject
  const { pageSizes, quota } = comparing.settings
  const { values } = group
  const memoryFile = values['memory.max'] === undefined ? 'memory.limit_in_bytes' : 'memory.max'
  const time = readCpuTime(values)
  const best = (judge: (amounts: Amounts) => Verdict): Verdict => {
    const verdicts = choices.map(judge)
    return (['same', 'undecided', 'unread'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'differs'
  }
  const [amounts = {}] = choices
  const note = (verdict: Verdict, list: Difference[], setting: string, enforced: string, expected: string) => {
    if (verdict === 'differs') {
      const { pod, container } = subject
      list.push({ pod, container, setting, enforced, expected, path: `/sys/fs/cgroup/${group.path}` })
    } else if (verdict !== 'same') {
      const who = subject.container === '' ? subject.pod : `${subject.pod} (${subject.container})`
      const why = verdict === 'unread' ? 'could not be read' : 'depends on kubelet settings that are not known'
      comparing.doubts.push(`${setting} of ${who} ${why}`)
    }
  }
  if (judgesMemory) {
    const verdict = best((one) => judgeMemory(values[memoryFile], one.memoryLimit, pageSizes))
    note(
      verdict,
      comparing.limits,
      memoryFile,
      describeMemory(values[memoryFile] ?? ''),
      describeBytes(amounts.memoryLimit),
    )
  }
  const cpuFile = values['cpu.max'] === undefined ? 'cpu.cfs_quota_us' : 'cpu.max'
  if (judgesCpu) {
    const verdict = best((one) => judgeQuota(time, one.cpuLimit, { ...quota, mayBeExclusive }))
    note(verdict, comparing.limits, cpuFile, describeTime(time), describeCpu(amounts.cpuLimit))
  }
  const weightFile = values['cpu.weight'] === undefined ? 'cpu.shares' : 'cpu.weight'
  const verdict = best((one) => judgeWeight(values, one.cpuRequest, weight))
  note(verdict, comparing.weights, weightFile, values[weightFile] ?? '', describeRequest(amounts.cpuRequest))
}

/** A restarted container has another id by now, and a new one stands in the tree in its place, beside the pod's sandbox. */
function noteMissing(
  pod: string,
  {
    missing,
    spec,
    unclaimed,
  }: { readonly missing: readonly string[]; readonly spec: PodSpec; readonly unclaimed: number },
  { doubts }: Comparing,
): void {
  // Runtimes with a machine of their own for the pod keep its containers in there.
  if (missing.length === 0 || spec.runtimeClassName !== undefined) return
  if (unclaimed >= missing.length) return
  doubts.push(
    `${missing.join(', ')} of ${pod} ${missing.length === 1 ? 'has' : 'have'} no control group in the pod’s own`,
  )
}

function describeMemory(text: string): string {
  const bytes = readMemory(text)
  return bytes === 'none' || bytes === undefined ? 'no limit' : describeBytes(bytes)
}

export function describeBytes(bytes: bigint | undefined): string {
  if (bytes === undefined || bytes === 0n) return 'no limit'
  const mebibytes = Number(bytes) / 1_048_576
  return `${bytes} (${Number.isInteger(mebibytes) ? mebibytes : mebibytes.toFixed(1)} MiB)`
}

function describeTime(time: CpuTime | undefined): string {
  if (time?.quota === undefined) return 'no limit'
  return `${time.quota} of every ${time.period} µs (${(Number(time.quota) / Number(time.period)).toFixed(2)} CPU)`
}

function describeCpu(milliCpu: bigint | undefined): string {
  return milliCpu === undefined || milliCpu === 0n ? 'no limit' : `${(Number(milliCpu) / 1000).toFixed(2)} CPU`
}

function describeRequest(milliCpu: bigint | undefined): string {
  const shares = sharesOf(milliCpu)
  return `the weight of ${shares} shares (${milliCpu === undefined || milliCpu === 0n ? 'no CPU request' : `${milliCpu}m requested`})`
}
