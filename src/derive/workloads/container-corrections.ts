// What a contradictory or mistyped quantity was most likely meant to be, as a change of the pod's spec: for a person to read first.
// May not: guess where two readings are as likely, or touch a quantity that nothing is wrong with.
import type { FactValue } from '../../model/facts.ts'
import type { PodSpec } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'

type Resources = NonNullable<PodSpec['resources']>
type Quantities = Readonly<Record<string, string>>
export type Correction = FactValue<'containerResources'>['corrections'][number]

export const billion = 1_000_000_000n
/** Less memory than this cannot start a process: the unit was forgotten ("512" meant as "512Mi"). */
export const leastMemory = 1_048_576n * billion
/** More than the largest machines have: the unit is wrong ("1000" CPUs meant as "1000m", "512Ti" as "512Gi"). */
export const mostCpus = 1_000n * billion
export const mostMemory = 64n * 2n ** 40n * billion
/** A number without a unit that is above this was hardly meant in Mi. */
const mostMebi = 16_384n

/** Undefined: nothing is wrong, or nothing can be told of what was meant. */
export function correctionOf(name: string, kind: string, resources: Resources = {}): Correction | undefined {
  const { requests = {}, limits = {} } = resources
  const names = [...new Set([...Object.keys(requests), ...Object.keys(limits)])].sort()
  const meant = names.map((resource) => ({ resource, ...meantFor(resource, requests[resource], limits[resource]) }))
  const [newRequests, newLimits] = [changed(requests, meant, 'request'), changed(limits, meant, 'limit')]
  const values = [...told('request', requests, newRequests), ...told('limit', limits, newLimits)]
  if (values.length === 0) return undefined
  const sides = {
    ...(Object.keys(newRequests).length > 0 && { requests: newRequests }),
    ...(Object.keys(newLimits).length > 0 && { limits: newLimits }),
  }
  return { container: name, kind, values, change: changeOf(name, kind, sides) }
}

type Meant = { readonly request: string | undefined; readonly limit: string | undefined }

function meantFor(resource: string, request: string | undefined, limit: string | undefined): Meant {
  const fix = resource === 'cpu' ? meantCpu : isBytes(resource) ? meantMemory : meantCount
  const [wanted, bound] = [request, limit].map((text) => (text === undefined ? undefined : (fix(text) ?? text)))
  const [low, high] = [parseQuantity(wanted ?? ''), parseQuantity(bound ?? '')]
  const isCounted = resource !== 'cpu' && !isBytes(resource)
  if (isCounted && low !== undefined && low > 0n && low !== high) return { request: wanted, limit: wanted }
  // Who asks for more than the limit needs at least that.
  return low !== undefined && high !== undefined && low > high
    ? { request: wanted, limit: wanted }
    : { request: wanted, limit: bound }
}

function isBytes(resource: string): boolean {
  return resource === 'memory' || resource === 'ephemeral-storage'
}

function meantCpu(text: string): string | undefined {
  const value = parseQuantity(text)
  if (value === undefined || value <= 0n) return undefined
  if (value >= mostCpus) return /^\d+$/.test(text) ? `${text}m` : undefined
  return value % 1_000_000n === 0n ? undefined : `${(value + 999_999n) / 1_000_000n}m`
}

const larger: Readonly<Record<string, string>> = { m: 'Mi', '': 'Mi', k: 'M', Ki: 'Mi' }
const smaller: Readonly<Record<string, string>> = { Ei: 'Pi', Pi: 'Ti', Ti: 'Gi', E: 'P', P: 'T', T: 'G' }

function meantMemory(text: string): string | undefined {
  const value = parseQuantity(text)
  const [, digits = '', unit = ''] = /^(\d{1,15})([A-Za-z]*)$/.exec(text) ?? []
  if (value === undefined) return withoutByte(text)
  if (value <= 0n) return undefined
  if (value >= mostMemory) return rescaled(digits, smaller[unit], mostMemory)
  if (value < leastMemory)
    return digits !== '' && BigInt(digits) <= mostMebi ? rescaled(digits, larger[unit], mostMemory) : undefined
  // Kubernetes itself writes "128974848000m" for 128974848 bytes.
  return text.endsWith('m') || value % billion !== 0n ? String((value + billion - 1n) / billion) : undefined
}

function rescaled(digits: string, unit: string | undefined, most: bigint): string | undefined {
  const value = digits === '' || unit === undefined ? undefined : parseQuantity(`${digits}${unit}`)
  return value === undefined || value < leastMemory || value >= most ? undefined : `${digits}${unit}`
}

/** "512MB", "1 GiB": Kubernetes writes no B. */
function withoutByte(text: string): string | undefined {
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?) ?([KMGT]i?)[Bb]$/.exec(text) ?? []
  return number === '' ? undefined : `${number}${unit === 'K' ? 'k' : unit}`
}

/** Devices and huge pages are given whole. */
function meantCount(text: string): string | undefined {
  const value = parseQuantity(text)
  if (value === undefined || value <= 0n || value % billion === 0n) return undefined
  return String((value + billion - 1n) / billion)
}

function changed(before: Quantities, meant: readonly (Meant & { resource: string })[], side: keyof Meant): Quantities {
  return Object.fromEntries(
    meant.flatMap((one) => {
      const value = one[side]
      return value === undefined || value === before[one.resource] ? [] : [[one.resource, value]]
    }),
  )
}

function told(side: string, before: Quantities, after: Quantities): string[] {
  return Object.entries(after).map(([name, value]) => `${name} ${side}: ${before[name] ?? 'not set'} becomes ${value}`)
}

function changeOf(name: string, kind: string, resources: Resources): string {
  if (kind === 'pod') return JSON.stringify({ resources })
  return JSON.stringify({ [kind === 'init' ? 'initContainers' : 'containers']: [{ name, resources }] })
}
