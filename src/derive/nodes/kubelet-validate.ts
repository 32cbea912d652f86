// What the kubelet refuses after merging: the checks of ValidateKubeletConfiguration and of the components it builds at start
// whose answer depends on the configuration alone. Checks that look at the host (cgroup version, swap) are rules' business.

import { gateDataMinor, isKnownGate } from '../feature-gates/gates.ts'
import { parseGoDuration } from './go-values.ts'
import type { KubeletValues } from './kubelet-decode.ts'
import { featureGate } from './kubelet-defaults.ts'
import { isObject, short } from './kubelet-document.ts'
import type { Json } from './kubelet-fields.ts'

export interface KubeletVersion {
  readonly minor: number
  /** The version has a suffix (v1.31.6+k3s1, v1.29.0-eks-5e0fdde): such builds may take gates that upstream does not know. */
  readonly isDistributionBuild: boolean
}

/** The first thing the kubelet would refuse, in words; `undefined` when it starts. */
export function findRefusal(values: KubeletValues, version: KubeletVersion | undefined): string | undefined {
  const problems = [
    ...ranges(values),
    ...enumerations(values),
    ...relations(values),
    ...swap(values, version),
    ...gates(values, version),
  ]
  return problems[0]
}

const bounds: readonly (readonly [path: string, lowest: number, highest: number])[] = [
  ['nodeLeaseDurationSeconds', 1, Infinity],
  ['eventBurst', 0, Infinity],
  ['eventRecordQPS', 0, Infinity],
  ['healthzPort', 0, 65535],
  ['imageGCHighThresholdPercent', 0, 100],
  ['imageGCLowThresholdPercent', 0, 100],
  ['iptablesDropBit', 0, 31],
  ['iptablesMasqueradeBit', 0, 31],
  ['kubeAPIBurst', 0, Infinity],
  ['kubeAPIQPS', 0, Infinity],
  ['nodeStatusMaxImages', -1, Infinity],
  ['maxOpenFiles', 0, Infinity],
  ['maxPods', 0, Infinity],
  ['oomScoreAdj', -1000, 1000],
  ['podsPerCore', 0, Infinity],
  ['port', 1, 65535],
  ['readOnlyPort', 0, 65535],
  ['registryBurst', 0, Infinity],
  ['registryPullQPS', 0, Infinity],
  ['maxParallelImagePulls', 1, Infinity],
  ['containerLogMaxFiles', 2, Infinity],
  ['containerLogMaxWorkers', 1, Infinity],
]

function ranges(values: KubeletValues): readonly string[] {
  return bounds.flatMap(([path, lowest, highest]) => {
    const value = values.get(path)
    if (typeof value !== 'number' || (value >= lowest && value <= highest)) return []
    const wanted = highest === Infinity ? `${lowest} or more` : `between ${lowest} and ${highest}`
    return [`${path} ${value} must be ${wanted}`]
  })
}

const tlsVersions = ['', 'VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13']
const allowed: Readonly<Record<string, readonly string[]>> = {
  'authorization.mode': ['AlwaysAllow', 'Webhook'],
  tlsMinVersion: tlsVersions,
  topologyManagerPolicy: ['none', 'best-effort', 'restricted', 'single-numa-node'],
  topologyManagerScope: ['container', 'pod'],
  hairpinMode: ['promiscuous-bridge', 'hairpin-veth', 'none'],
  configMapAndSecretChangeDetectionStrategy: ['Get', 'Cache', 'Watch'],
  memoryReservationPolicy: ['None', 'TieredReservation'],
}

function enumerations(values: KubeletValues): readonly string[] {
  return Object.entries(allowed).flatMap(([path, options]) => {
    const value = values.get(path)
    return typeof value !== 'string' || options.includes(value) ? [] : [notOneOf(path, value, options)]
  })
}

function notOneOf(path: string, value: string, options: readonly string[]): string {
  return `${path} "${short(value)}" must be one of ${options.map((option) => `"${option}"`).join(', ')}`
}

function relations(values: KubeletValues): readonly string[] {
  const problems: string[] = []
  if (text(values, 'systemCgroups') !== '' && text(values, 'cgroupRoot') === '') {
    problems.push('systemCgroups needs cgroupRoot')
  }
  if (number(values, 'imageGCLowThresholdPercent') >= number(values, 'imageGCHighThresholdPercent')) {
    problems.push('imageGCLowThresholdPercent must be less than imageGCHighThresholdPercent')
  }
  if (values.get('serializeImagePulls') === true && number(values, 'maxParallelImagePulls') > 1) {
    problems.push('maxParallelImagePulls above 1 needs serializeImagePulls: false')
  }
  if (values.get('serverTLSBootstrap') === true && featureGate(values, 'RotateKubeletServerCertificate') === false) {
    problems.push('serverTLSBootstrap needs the feature gate RotateKubeletServerCertificate')
  }
  if (seconds(values, 'shutdownGracePeriodCriticalPods') > seconds(values, 'shutdownGracePeriod')) {
    problems.push('shutdownGracePeriodCriticalPods must not be longer than shutdownGracePeriod')
  }
  if (seconds(values, 'containerLogMonitorInterval') < 3)
    problems.push('containerLogMonitorInterval must be 3s or more')
  const factor = values.get('memoryThrottlingFactor')
  if (typeof factor === 'number' && (factor <= 0 || factor > 1)) {
    problems.push(`memoryThrottlingFactor ${factor} must be above 0 and at most 1`)
  }
  return [...problems, ...enforcements(values)]
}

const enforcementKeys = ['none', 'pods', 'system-reserved', 'kube-reserved']
const compressibleKeys = ['system-reserved-compressible', 'kube-reserved-compressible']

function enforcements(values: KubeletValues): readonly string[] {
  const list = values.get('enforceNodeAllocatable')
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: Json): readonly string[] => {
    if (typeof entry !== 'string' || ![...enforcementKeys, ...compressibleKeys].includes(entry)) {
      return [notOneOf('enforceNodeAllocatable', String(entry), [...enforcementKeys, ...compressibleKeys])]
    }
    if (entry === 'none') return list.length > 1 ? ['enforceNodeAllocatable "none" allows no other entry'] : []
    if (entry.startsWith('system') && text(values, 'systemReservedCgroup') === '') {
      return [`enforceNodeAllocatable "${entry}" needs systemReservedCgroup`]
    }
    if (entry.startsWith('kube') && text(values, 'kubeReservedCgroup') === '') {
      return [`enforceNodeAllocatable "${entry}" needs kubeReservedCgroup`]
    }
    return values.get('cgroupsPerQOS') === false ? [`enforceNodeAllocatable "${entry}" needs cgroupsPerQOS`] : []
  })
}

/** UnlimitedSwap went with 1.30; before NodeSwap was on by default (1.30) any behavior needs the gate. */
function swap(values: KubeletValues, version: KubeletVersion | undefined): readonly string[] {
  const behavior = text(values, 'memorySwap.swapBehavior')
  if (version === undefined || behavior === '') return []
  const isEnabled = featureGate(values, 'NodeSwap') ?? version.minor >= 30
  if (!isEnabled) return ['memorySwap.swapBehavior cannot be set while the feature gate NodeSwap is off']
  const options = version.minor >= 30 ? ['', 'NoSwap', 'LimitedSwap'] : ['', 'LimitedSwap', 'UnlimitedSwap']
  return options.includes(behavior) ? [] : [notOneOf('memorySwap.swapBehavior', behavior, options)]
}

function gates(values: KubeletValues, version: KubeletVersion | undefined): readonly string[] {
  const configured = values.get('featureGates') ?? null
  if (!isObject(configured) || version?.minor !== gateDataMinor || version.isDistributionBuild) return []
  const unknown = Object.keys(configured).find((name) => !isKnownGate(name))
  return unknown === undefined ? [] : [`unrecognized feature gate: ${short(unknown)}`]
}

function text(values: KubeletValues, path: string): string {
  const value = values.get(path)
  return typeof value === 'string' ? value : ''
}

function number(values: KubeletValues, path: string): number {
  const value = values.get(path)
  return typeof value === 'number' ? value : Number.NaN
}

function seconds(values: KubeletValues, path: string): number {
  return (parseGoDuration(text(values, path)) ?? Number.NaN) / 1e9
}
