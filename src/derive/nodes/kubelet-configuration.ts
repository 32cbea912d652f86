// The kubeletConfiguration fact: rows A1, B2, D1, C6, F2 and CIS 4.2, picked from the effective configuration.
// May not: merge anything itself.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import { parseGoDuration } from './go-values.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import type { Json } from './kubelet-fields.ts'
import type { KubeletReading } from './kubelet-running.ts'

type KubeletConfiguration = FactValue<'kubeletConfiguration'>
type Values = Pick<EffectiveKubelet, 'value'>

export function deriveKubeletConfiguration(kubelet: KubeletReading): KubeletConfiguration {
  return {
    configurationFile: kubelet.optionalFlag('config'),
    protectKernelDefaults: pickBool(kubelet, 'protectKernelDefaults'),
    makeIPTablesUtilChains: pickBool(kubelet, 'makeIPTablesUtilChains'),
    allowedUnsafeSysctls: pickTexts(kubelet, 'allowedUnsafeSysctls'),
    failSwapOn: pickBool(kubelet, 'failSwapOn'),
    swapBehavior: swapBehavior(kubelet),
    failCgroupV1: pickBool(kubelet, 'failCgroupV1'),
    cgroupDriver: pickText(kubelet, 'cgroupDriver'),
    seccompDefault: pickBool(kubelet, 'seccompDefault'),
    readOnlyPort: pickInt(kubelet, 'readOnlyPort'),
    anonymousAuthentication: pickBool(kubelet, 'authentication.anonymous.enabled'),
    webhookAuthentication: pickBool(kubelet, 'authentication.webhook.enabled'),
    authorizationMode: pickText(kubelet, 'authorization.mode'),
    clientCAFile: pickText(kubelet, 'authentication.x509.clientCAFile'),
    streamingConnectionIdleTimeoutSeconds: pickSeconds(kubelet, 'streamingConnectionIdleTimeout'),
    eventRecordQPS: pickInt(kubelet, 'eventRecordQPS'),
    rotateCertificates: pickBool(kubelet, 'rotateCertificates'),
    serverTLSBootstrap: pickBool(kubelet, 'serverTLSBootstrap'),
    rotateKubeletServerCertificate: servingCertificateGate(kubelet),
    tlsCertFile: pickText(kubelet, 'tlsCertFile'),
    tlsPrivateKeyFile: pickText(kubelet, 'tlsPrivateKeyFile'),
    tlsCipherSuites: pickTexts(kubelet, 'tlsCipherSuites'),
    tlsMinVersion: pickText(kubelet, 'tlsMinVersion'),
    podPidsLimit: pickInt(kubelet, 'podPidsLimit'),
    hostnameOverride: kubelet.optionalFlag('hostname-override'),
  }
}

function pick<T>(kubelet: Values, path: string, convert: (value: Json) => T | undefined): Observed<T> {
  const observed = kubelet.value(path)
  if (isUnavailable(observed)) return observed
  const value = convert(observed.value)
  if (value === undefined) return unavailable('malformed', `${path} is not of its type in ${observed.source}.`)
  return { value, source: observed.source }
}

function pickBool(kubelet: Values, path: string): Observed<boolean> {
  return pick(kubelet, path, (value) => (typeof value === 'boolean' ? value : undefined))
}

function pickInt(kubelet: Values, path: string): Observed<number> {
  return pick(kubelet, path, (value) => (typeof value === 'number' ? value : undefined))
}

export function pickText(kubelet: Values, path: string): Observed<string> {
  return pick(kubelet, path, (value) => (typeof value === 'string' ? value : undefined))
}

/** An unset list is an empty one. */
function pickTexts(kubelet: Values, path: string): Observed<string[]> {
  return pick(kubelet, path, (value) => {
    if (value === null) return []
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
  })
}

/** Beta and on by default since 1.12; AllBeta=false takes all such gates along that are not named. */
function servingCertificateGate(kubelet: Values): Observed<boolean> {
  return pick(kubelet, 'featureGates', (value) => {
    if (value === null) return true
    if (!isRecord(value)) return undefined
    return (ownValue(value, 'RotateKubeletServerCertificate') ?? ownValue(value, 'AllBeta')) !== false
  })
}

/** Rounded up, because 0 means that no timeout is set. */
function pickSeconds(kubelet: Values, path: string): Observed<number> {
  return pick(kubelet, path, (value) => {
    const nanoseconds = typeof value === 'string' ? parseGoDuration(value) : undefined
    return nanoseconds === undefined ? undefined : Math.ceil(nanoseconds / 1e9)
  })
}

/** Since 1.30 an unset behavior is NoSwap. Before, its meaning differed from version to version, so it is shown as it stands. */
function swapBehavior(kubelet: KubeletReading): Observed<string> {
  const behavior = pickText(kubelet, 'memorySwap.swapBehavior')
  if (isUnavailable(behavior) || behavior.value !== '') return behavior
  if (isUnavailable(kubelet.version)) {
    const { reason, detail } = kubelet.version.unavailable
    return unavailable(
      reason,
      `memorySwap.swapBehavior is not set, and its meaning depends on the kubelet's version: ${detail}`,
    )
  }
  return kubelet.version.minor >= 30 ? { value: 'NoSwap', source: behavior.source } : behavior
}
