// The running kubelet's own word, /configz: compared field by field with what its flags and files give now, and standing in where
// these could not be read. May not: mix the two without naming both.
import type { ComponentEvidence } from '../../model/component-evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { parseGoBool } from './go-values.ts'
import { decodeConfiguration, type KubeletValues, kubeletLeaves } from './kubelet-decode.ts'
import { isObject, short } from './kubelet-document.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import { type Json, zeroOf } from './kubelet-fields.ts'
import type { KubeletVersion } from './kubelet-validate.ts'

type KubeletRunning = FactValue<'kubeletRunning'>

/** What the kubeletConfiguration fact is read from: a resolved kubelet, /configz, or the first corrected by the second. */
export interface KubeletReading {
  readonly value: (path: string) => Observed<Json>
  /** A flag that sets no field; value absent: not given. */
  readonly optionalFlag: (name: string) => { value?: string; source: string } | Unavailable
  readonly version: KubeletVersion | Unavailable
}

export interface RunningKubelet {
  /** "GET /api/v1/nodes/worker-1/proxy/configz". */
  readonly source: string
  readonly values: KubeletValues
  /** Leaves the answer names. The kubelet leaves out what is empty, and fields that its version does not have. */
  readonly present: ReadonlySet<string>
  /** Its flags by its own word, /flagz, where it has that. */
  readonly flags: { readonly source: string; readonly values: ReadonlyMap<string, string> } | undefined
}

/** What /configz said, decoded; or why nothing is known of it. */
export function readRunning(
  evidence: ComponentEvidence | undefined,
  flagz?: ComponentEvidence,
): RunningKubelet | Unavailable {
  if (evidence === undefined) {
    return unavailable('not-collected', 'The kubelet was not asked for its running configuration (--kubelet-configz).')
  }
  const { answer, source } = evidence
  if (isUnavailable(answer)) return answer
  const decoded = decodeConfiguration(answer.values, false)
  if ('refused' in decoded) return unavailable('malformed', `${source} was answered with ${short(decoded.refused)}.`)
  const present = new Set(decoded.present)
  // What every kubelet shows, whatever it is configured with: without it the rest is not the whole either.
  if (!['syncFrequency', 'authentication.anonymous.enabled', 'authorization.mode'].every((path) => present.has(path))) {
    return unavailable('malformed', `${source} was answered with less than a whole configuration.`)
  }
  return { source, values: decoded.values, present, flags: readFlags(flagz) }
}

function readFlags(flagz: ComponentEvidence | undefined): RunningKubelet['flags'] {
  if (flagz === undefined || isUnavailable(flagz.answer)) return undefined
  const texts = Object.entries(flagz.answer.values).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  return { source: flagz.source, values: new Map(texts) }
}

/**
 * Fields that the kubelet itself changes or hides after it has read its configuration (cmd/kubelet/app/server.go): the driver that
 * the runtime names, certificates it makes itself, CPUs it reserves, headers it masks. A difference there is nobody's edit.
 */
const changedAtStart: ReadonlySet<string> = new Set([
  'cgroupDriver',
  'tlsCertFile',
  'tlsPrivateKeyFile',
  'staticPodURLHeader',
  'staticPodURL',
  'kubeletCgroups',
  'systemReserved',
  'kubeReserved',
  'reservedSystemCPUs',
  'reservedMemory',
  'podCIDR',
])

/** `--seccomp-default` is a flag beside the field (kubelet.go, RunKubelet: either of them counts) which /configz does not show. */
const flagsBeside: ReadonlyMap<string, string> = new Map([['seccompDefault', 'seccomp-default']])

/** Fields of the kubeletConfiguration fact: a line that was removed from a file, but still runs, changes a verdict there. */
const judged: ReadonlySet<string> = new Set([
  'protectKernelDefaults',
  'makeIPTablesUtilChains',
  'allowedUnsafeSysctls',
  'failSwapOn',
  'failCgroupV1',
  'seccompDefault',
  'readOnlyPort',
  'authentication.anonymous.enabled',
  'authentication.webhook.enabled',
  'authorization.mode',
  'authentication.x509.clientCAFile',
  'streamingConnectionIdleTimeout',
  'eventRecordQPS',
  'rotateCertificates',
  'serverTLSBootstrap',
  'tlsCipherSuites',
  'tlsMinVersion',
  'podPidsLimit',
])

export function deriveKubeletRunning(
  running: RunningKubelet | Unavailable,
  kubelet: EffectiveKubelet | Unavailable,
): Fact<KubeletRunning> {
  if (isUnavailable(kubelet)) return kubelet
  if (isUnavailable(running)) return running
  if (kubelet.unread !== undefined) return kubelet.unread
  if (kubelet.refused !== undefined && kubelet.editedFiles.length === 0) {
    return unavailable(
      'unsupported',
      `The kubelet runs, and nothing it read was seen to change since, but its configuration is not understood here (${short(kubelet.refused)}).`,
    )
  }
  const differences: KubeletRunning['differences'] = []
  let compared = 0
  for (const path of kubeletLeaves.keys()) {
    const pair = comparable(running, kubelet, path)
    if (pair === undefined) continue
    compared += 1
    if (pair.isSame) continue
    differences.push({
      field: path,
      configured: show(pair.configured),
      running: show(pair.running),
      source: pair.source,
    })
  }
  const refused = kubelet.refused === undefined ? {} : { refused: short(kubelet.refused) }
  return { endpoint: running.source, compared, differences, ...refused }
}

interface Pair {
  readonly configured: Json
  readonly running: Json
  readonly source: string
  readonly isSame: boolean
}

/** Both sides of a field, where they can be compared. */
function comparable(running: RunningKubelet, kubelet: EffectiveKubelet, path: string): Pair | undefined {
  if (changedAtStart.has(path)) return undefined
  const configured = kubelet.value(path)
  if (isUnavailable(configured)) return undefined
  if (flagsBeside.has(path) && configured.source.startsWith('--')) return undefined
  const isConfigured = /^(?:--|\/)/.test(configured.source) || configured.source.includes(' counts as unset)')
  // What nothing sets is only compared where a verdict rests on it: distributions change defaults, and versions have other fields.
  if (!isConfigured && !(judged.has(path) && running.present.has(path))) return undefined
  const value = running.values.get(path) ?? null
  return {
    configured: configured.value,
    running: value,
    source: configured.source,
    isSame: same(configured.value, value),
  }
}

/** Key order says nothing; an empty list or map is an unset one. */
function same(a: Json, b: Json): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: Json): string {
  if (Array.isArray(value) && value.length === 0) return 'null'
  if (!isObject(value)) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? 'null' : JSON.stringify(entries)
}

function show(value: Json): string {
  return value === null || value === '' ? 'not set' : short(typeof value === 'string' ? value : JSON.stringify(value))
}

/** What flags and files give, each field that runs otherwise replaced by what runs; fields that could not be read likewise. */
export function withRunning(kubelet: EffectiveKubelet, running: RunningKubelet | Unavailable): KubeletReading {
  const host = ofHost(kubelet)
  if (isUnavailable(running)) return host
  const api = ofRunning(running, kubelet.version)
  return {
    ...host,
    value: (path) => {
      const configured = host.value(path)
      if (isUnavailable(configured)) return changedAtStart.has(path) ? configured : orElse(api.value(path), configured)
      const pair = comparable(running, kubelet, path)
      if (pair === undefined || pair.isSame) return configured
      return {
        value: pair.running,
        source: `${running.source} (${pair.source} says ${show(pair.configured)}, not running)`,
      }
    },
  }
}

function orElse<T>(first: Observed<T>, second: Observed<T>): Observed<T> {
  return isUnavailable(first) ? second : first
}

export function ofHost(kubelet: EffectiveKubelet): KubeletReading {
  return {
    value: kubelet.value,
    version: kubelet.version,
    optionalFlag: (name) => {
      const value = kubelet.flag(name)
      return value === undefined || value === ''
        ? { source: `no --${name} among the arguments of pid ${kubelet.pid}` }
        : { value, source: `--${name} of pid ${kubelet.pid}` }
    },
  }
}

/** The flag that counts beside a field which is not on; undefined where the field has none. */
function besideFlag({ source, flags }: RunningKubelet, path: string): Observed<Json> | undefined {
  const flag = flagsBeside.get(path)
  if (flag === undefined) return undefined
  const given = parseGoBool(flags?.values.get(flag) ?? '')
  if (given === undefined) return unavailable('not-collected', `${source} does not tell whether --${flag} is given.`)
  return { value: given, source: given ? `--${flag} of ${flags?.source ?? ''}` : source }
}

/** InitializeTLS: a kubelet without a certificate signs one itself, and from then on shows it as if it had been configured. */
function selfMadeCertificate(path: string, value: Json, source: string): Unavailable | undefined {
  const isSelfMade =
    (path === 'tlsCertFile' || path === 'tlsPrivateKeyFile') &&
    typeof value === 'string' &&
    /(?:^|\/)kubelet\.(?:crt|key)$/.test(value)
  if (!isSelfMade) return undefined
  return unavailable(
    'unsupported',
    `${source} shows ${short(value)} for ${path}, which is also what a kubelet without a certificate makes itself; whether one is set is not to be told.`,
  )
}

/** Where nothing of the host was read: the running configuration alone. */
export function ofRunning(running: RunningKubelet, version: KubeletVersion | Unavailable): KubeletReading {
  const { source, values, present, flags } = running
  return {
    version,
    optionalFlag: (name) => {
      const value = flags?.values.get(name)
      if (flags === undefined || value === undefined) {
        return unavailable('not-collected', `${source} does not tell whether --${name} is given.`)
      }
      return value === ''
        ? { source: `no --${name} in ${flags.source}` }
        : { value, source: `--${name} of ${flags.source}` }
    },
    value: (path) => {
      const field = kubeletLeaves.get(path)
      const value = values.get(path) ?? null
      const beside = value === true ? undefined : besideFlag(running, path)
      if (beside !== undefined) return beside
      const selfMade = selfMadeCertificate(path, value, source)
      if (selfMade !== undefined) return selfMade
      // What has a default is always shown by a kubelet that knows the field.
      const isAlwaysShown = field?.optional === true || field?.default !== undefined
      if (isAlwaysShown && !present.has(path)) {
        return unavailable('unsupported', `${source} shows no ${path}: this kubelet does not have it.`)
      }
      return { value: value === null && field !== undefined ? zeroOf(field) : value, source }
    },
  }
}
