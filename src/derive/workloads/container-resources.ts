// Row C1: requests and limits of a template's containers, and the QoS class that follows from them.
// A live pod already shows what LimitRanges and other admission filled in; a controller's own template does not.
import type { Fact } from '../../model/fact.ts'
import { isUnavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Container, PodSpec } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'
import { billion, type Correction, correctionOf, leastMemory, mostCpus, mostMemory } from './container-corrections.ts'
import { type QosClass, qosClassOf } from './qos-class.ts'

type Resources = NonNullable<PodSpec['resources']>
type ContainerResources = FactValue<'containerResources'>['containers'][number]

/** `spec.resources` does not exist before this minor version of Kubernetes 1 (gate PodLevelResources). */
const podLevelResourcesSince = 32

export interface TemplateResources {
  readonly containers: ContainerResources[]
  readonly corrections: Correction[]
  /** "" where a quantity does not parse, so that no class follows. */
  readonly qosClass: QosClass | ''
}

/** Ephemeral containers are left out: they have no resources of their own. */
export function deriveTemplateResources(spec: PodSpec, version: Fact<FactValue<'clusterVersion'>>): TemplateResources {
  const hasPodLevel = isUnavailable(version) || version.major > 1 || version.minor >= podLevelResourcesSince
  const podLevel = hasPodLevel ? spec.resources : undefined
  const containers = spec.containers.filter(({ kind }) => kind !== 'ephemeral')
  return {
    containers: [
      ...containers.map((container) => describe(container, podLevel)),
      ...(podLevel === undefined ? [] : [describePod(podLevel)].filter(({ invalid }) => invalid.length > 0)),
    ],
    corrections: [
      ...containers.flatMap(({ name, kind, resources }) => correctionOf(name, kind, resources) ?? []),
      ...[correctionOf('pod', 'pod', podLevel) ?? []].flat(),
    ],
    qosClass: qosClassOf(containers, podLevel) ?? '',
  }
}

function describe(container: Container, podLevel: PodSpec['resources']): ContainerResources {
  const { requests = {}, limits = {} } = container.resources ?? {}
  const found = {
    cpuRequest: requests['cpu'] ?? limits['cpu'] ?? '',
    cpuLimit: limits['cpu'] ?? '',
    memoryRequest: requests['memory'] ?? limits['memory'] ?? '',
    memoryLimit: limits['memory'] ?? '',
  }
  const missing = runsToCompletion(container) ? [] : missingOf(found, podLevel)
  const invalid = [...invalidOf(found), ...invalidOthers(container.resources)]
  return { name: container.name, kind: container.kind, ...found, missing, invalid }
}

/** What `spec.resources` of the pod itself holds, as one more line; undefined where it holds nothing. */
function describePod({ requests = {}, limits = {} }: Resources): ContainerResources {
  const found = {
    cpuRequest: requests['cpu'] ?? '',
    cpuLimit: limits['cpu'] ?? '',
    memoryRequest: requests['memory'] ?? '',
    memoryLimit: limits['memory'] ?? '',
  }
  return {
    name: 'pod',
    kind: 'pod',
    ...found,
    missing: [],
    invalid: [...invalidOf(found), ...invalidOthers({ requests, limits })],
  }
}

/** An init container that is not a native sidecar ends before the workload starts. */
function runsToCompletion({ kind, restartPolicy }: Container): boolean {
  return kind === 'init' && restartPolicy !== 'Always'
}

interface Found {
  readonly cpuRequest: string
  readonly cpuLimit: string
  readonly memoryRequest: string
  readonly memoryLimit: string
}

/** A CPU limit is not asked for: without one a container only uses what is idle. Pod-level resources stand in for all. */
function missingOf(found: Found, podLevel: PodSpec['resources']): string[] {
  const podRequest = (name: string) => podLevel?.requests?.[name] ?? podLevel?.limits?.[name] ?? ''
  const wanted: readonly [string, string, string][] = [
    ['cpu request', found.cpuRequest, podRequest('cpu')],
    ['memory request', found.memoryRequest, podRequest('memory')],
    ['memory limit', found.memoryLimit, podLevel?.limits?.['memory'] ?? ''],
  ]
  return wanted.filter(([, own, pod]) => isUnset(own) && isUnset(pod)).map(([label]) => label)
}

/** Kubernetes takes zero for "none": it gives no guarantee and sets no bound. */
function isUnset(quantity: string): boolean {
  return quantity === '' || parseQuantity(quantity) === 0n
}

function invalidOf(found: Found): string[] {
  const single: readonly [string, string, typeof wrongMemory][] = [
    ['cpu request', found.cpuRequest, wrongCpu],
    ['cpu limit', found.cpuLimit, wrongCpu],
    ['memory request', found.memoryRequest, wrongMemory],
    ['memory limit', found.memoryLimit, wrongMemory],
  ]
  const wrong = single.flatMap(([label, text, check]) => (text === '' ? [] : (wrongQuantity(label, text, check) ?? [])))
  return [
    ...wrong,
    ...exceeding('cpu', found.cpuRequest, found.cpuLimit),
    ...exceeding('memory', found.memoryRequest, found.memoryLimit),
  ]
}

function wrongQuantity(
  label: string,
  text: string,
  check: (value: bigint, text: string) => string,
): string | undefined {
  const value = parseQuantity(text)
  if (value === undefined) return `${label} ${text} is not a Kubernetes quantity`
  const problem = value < 0n ? 'is negative' : check(value, text)
  return problem === '' ? undefined : `${label} ${text} ${problem}`
}

function wrongCpu(value: bigint): string {
  if (value % 1_000_000n !== 0n) return 'is finer than 1m, the smallest unit of CPU'
  return value >= mostCpus ? `is ${value / billion} whole CPUs, more than any machine has: m is missing` : ''
}

function wrongMemory(value: bigint, text: string): string {
  if (text.endsWith('m')) return 'is in thousandths of a byte: m is no unit of memory'
  if (value % billion !== 0n) return 'is a fraction of a byte'
  if (value >= mostMemory) return 'is more than any machine has: the unit is too large'
  return value > 0n && value < leastMemory
    ? `is only ${value / billion} bytes: a unit such as Mi is missing or too small`
    : ''
}

/** Disk, huge pages and devices. Kubernetes gives huge pages and devices whole, so their limit is their request. */
function invalidOthers({ requests = {}, limits = {} }: Resources = {}): string[] {
  const names = [...new Set([...Object.keys(requests), ...Object.keys(limits)])].sort()
  return names
    .filter((name) => name !== 'cpu' && name !== 'memory')
    .flatMap((name) => {
      const [request = '', limit = ''] = [requests[name], limits[name]]
      const isDisk = name === 'ephemeral-storage'
      const check = isDisk ? wrongMemory : wrongCount
      const single = [
        request === '' ? undefined : wrongQuantity(`${name} request`, request, check),
        limit === '' ? undefined : wrongQuantity(`${name} limit`, limit, check),
      ].filter((one) => one !== undefined)
      return isDisk ? [...single, ...exceeding(name, request, limit)] : [...single, ...unequal(name, request, limit)]
    })
}

function wrongCount(value: bigint): string {
  return value % billion === 0n ? '' : 'is no whole number'
}

function unequal(resource: string, request: string, limit: string): string[] {
  const [wanted, bound] = [parseQuantity(request), parseQuantity(limit)]
  if (limit === '' && wanted !== undefined && wanted > 0n)
    return [`${resource} request ${request} has no limit, which must equal it`]
  if (wanted === undefined || bound === undefined || wanted === bound) return []
  return [`${resource} request ${request} differs from limit ${limit}, which must equal it`]
}

function exceeding(resource: string, request: string, limit: string): string[] {
  const [wanted, bound] = [parseQuantity(request), parseQuantity(limit)]
  if (wanted === undefined || bound === undefined || wanted <= bound) return []
  return [`${resource} request ${request} exceeds limit ${limit}`]
}
