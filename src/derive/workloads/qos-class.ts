// The QoS class as the API server computes it (pkg/apis/core/v1/helper/qos ComputePodQOS), after the defaulting that makes
// a missing request equal to its limit. May not: look at status.qosClass, which is compared with this.
import type { Container, PodSpec } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

type Resources = NonNullable<PodSpec['resources']>
const names = ['cpu', 'memory'] as const
type ResourceName = (typeof names)[number]

/** Sums over what is counted; a resource nobody sets above zero is absent. */
type Sums = Map<ResourceName, bigint>

/**
 * Containers and init containers count, ephemeral ones must be left out by the caller. Where the pod has resources of its
 * own, only those count. Undefined when a quantity does not parse.
 */
export function qosClassOf(containers: readonly Container[], podLevel: Resources | undefined): QosClass | undefined {
  const counted = countedResources(containers, podLevel)
  const requests: Sums = new Map()
  const limits: Sums = new Map()
  let isBounded = true
  for (const resources of counted) {
    for (const name of names) {
      const limit = read(resources.limits?.[name])
      const request = resources.requests?.[name] === undefined ? limit : read(resources.requests[name])
      if (limit === undefined || request === undefined) return undefined
      add(requests, name, request)
      add(limits, name, limit)
      if (limit <= 0n) isBounded = false
    }
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  const isEqual = requests.size === limits.size && names.every((name) => requests.get(name) === limits.get(name))
  return isBounded && isEqual ? 'Guaranteed' : 'Burstable'
}

function countedResources(containers: readonly Container[], podLevel: Resources | undefined): readonly Resources[] {
  const isSet = names.some((name) => podLevel?.requests?.[name] !== undefined || podLevel?.limits?.[name] !== undefined)
  if (podLevel === undefined || !isSet) return containers.map((container) => container.resources ?? {})
  return [{ limits: podLevel.limits, requests: podRequests(containers, podLevel) }]
}

/** A pod-level request nobody wrote is what the containers request together, else the pod-level limit. */
function podRequests(containers: readonly Container[], podLevel: Resources): Record<string, string> {
  const requests = { ...podLevel.requests }
  if (podLevel.limits === undefined) return requests
  for (const name of names) {
    if (requests[name] !== undefined) continue
    const together = containerRequests(containers, name)
    const limit = podLevel.limits[name]
    if (together !== undefined) requests[name] = `${together}n`
    else if (limit !== undefined) requests[name] = limit
  }
  return requests
}

/** What a pod needs at its peak: containers and sidecars together, or the largest init container with the sidecars before it. */
function containerRequests(containers: readonly Container[], name: ResourceName): bigint | undefined {
  let running: bigint | undefined
  let peak: bigint | undefined
  const inOrder = [...containers].sort((a, b) => Number(b.kind === 'init') - Number(a.kind === 'init'))
  for (const { kind, restartPolicy, resources } of inOrder) {
    const request = parseQuantity(resources?.requests?.[name] ?? resources?.limits?.[name] ?? '')
    if (request === undefined) continue
    if (kind === 'init' && restartPolicy !== 'Always') peak = larger(peak, (running ?? 0n) + request)
    else running = (running ?? 0n) + request
  }
  return larger(running, peak)
}

function larger(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a > b ? a : b
}

function read(text: string | undefined): bigint | undefined {
  return text === undefined ? 0n : parseQuantity(text)
}

function add(sums: Sums, name: ResourceName, value: bigint): void {
  if (value > 0n) sums.set(name, (sums.get(name) ?? 0n) + value)
}
