// The kubeProxySettings fact, row F3: feature gates that a kube-proxy sets, and what of its settings Kubernetes gave up. Sources:
// changelogs of 1.26 (userspace mode, logging flags) and 1.35 (ipvs mode). May not: guess a kube-proxy's version from its node's.
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import type { Holder } from '../distribution/holder.ts'
import { type ComponentVersion, fateOf } from '../feature-gates/gates.ts'
import type { NodePod } from '../pod-cgroups/index.ts'
import { parseCommandLine } from './flags.ts'
import { parseGoBool } from './go-values.ts'
import { findProcesses } from './host.ts'
import { readProxyDocument } from './kube-proxy.ts'

type Settings = FactValue<'kubeProxySettings'>
type Gate = Extract<Settings['gates'], { value: unknown }>['value'][number]
type Outdated = Extract<Settings['outdated'], { value: unknown }>['value'][number]

export interface ProxySettingsInput {
  readonly host: HostEvidence
  readonly holder: Holder | undefined
  readonly pods: readonly NodePod[] | Unavailable
  /** Of the program that holds a kube-proxy inside itself it is the version too. */
  readonly kubelet: Observed<string>
}

export function deriveKubeProxySettings(input: ProxySettingsInput): Fact<Settings> {
  const processes = proxies(input)
  if (isUnavailable(processes)) return processes
  const gates: Gate[] = []
  const outdated: Outdated[] = []
  for (const process of processes) {
    const set = readSet(input.host, process)
    if (isUnavailable(set)) return set
    const used = set.gates.size + set.modes.length + set.flags.length > 0
    const version = used ? versionOf(input, process) : noVersion
    if (isUnavailable(version)) return version
    for (const [name, isOn] of set.gates) {
      gates.push({
        component: 'kube-proxy',
        gate: `${name}=${isOn}`,
        ...fateOf(name, isOn, version),
        source: set.source,
      })
    }
    outdated.push(...outdatedOf(set, version.minor))
  }
  const source =
    processes.length === 0 ? 'no kube-proxy runs here' : processes.map(({ pid }) => `pid ${pid}`).join(', ')
  return { count: processes.length, gates: { value: gates, source }, outdated: { value: outdated, source } }
}

const noVersion: ComponentVersion = { minor: 0, isDistributionBuild: true }

function proxies({ host, holder }: ProxySettingsInput): readonly ProcessEvidence[] | Unavailable {
  const processes = findProcesses(host, 'kube-proxy')
  if (isUnavailable(processes) || processes.length > 0) return processes
  if (Array.isArray(host.processes) && host.processes.length === 0) {
    return unavailable('not-running', 'Not even a kubelet is among the processes that were seen.')
  }
  if (holder === undefined) return []
  const embedded = holder.component('kube-proxy')
  if (isUnavailable(embedded)) return embedded
  return 'absent' in embedded ? [] : [{ ...embedded.process, arguments: [...embedded.arguments] }]
}

interface Set {
  readonly gates: ReadonlyMap<string, boolean>
  readonly modes: readonly string[]
  readonly flags: readonly string[]
  readonly source: string
  readonly pid: number
}

const logging =
  /^(?:add-dir-header|alsologtostderr|log-backtrace-at|log-dir|log-file|log-file-max-size|logtostderr|one-output|skip-headers|skip-log-headers|stderrthreshold)$/

const isGivenUp = (mode: string): boolean => mode === 'ipvs' || mode === 'userspace'

/** With --config, gates and mode of the flags do not count. */
function readSet(host: HostEvidence, process: ProcessEvidence): Set | Unavailable {
  const { pid } = process
  const { occurrences } = parseCommandLine(process.arguments.slice(1), { arity: () => undefined })
  const last = (name: string): string => occurrences.findLast((one) => one.name === name)?.value ?? ''
  const flags = [...new Set(occurrences.map(({ name }) => name).filter((name) => logging.test(name)))]
  const config = last('config')
  if (config === '') {
    const pairs = occurrences.filter(({ name }) => name === 'feature-gates').flatMap(({ value }) => value.split(','))
    const gates = new Map<string, boolean>()
    for (const pair of pairs.filter((text) => text.trim() !== '')) {
      const [name = '', text = ''] = pair.split('=', 2)
      const value = parseGoBool(text.trim())
      if (value === undefined) return unavailable('malformed', `--feature-gates of pid ${pid} does not parse.`)
      gates.set(name.trim(), value)
    }
    return {
      gates,
      modes: [last('proxy-mode')].filter(isGivenUp),
      flags,
      source: `arguments of pid ${pid}`,
      pid,
    }
  }
  const document = readProxyDocument(host, process, config)
  if (isUnavailable(document)) return document
  const set = ownValue(document.value, 'featureGates')
  const mode = ownValue(document.value, 'mode')
  const entries = isRecord(set) ? Object.entries(set) : []
  if (entries.some(([, value]) => typeof value !== 'boolean')) {
    return unavailable('malformed', `featureGates in ${document.path} holds what is neither true nor false.`)
  }
  return {
    gates: new Map(entries.map(([name, value]) => [name, value === true])),
    modes: typeof mode === 'string' && isGivenUp(mode) ? [mode] : [],
    flags,
    source: document.path,
    pid,
  }
}

function outdatedOf({ modes, flags, source, pid }: Set, minor: number): Outdated[] {
  const found: Outdated[] = []
  const note = (setting: string, status: string, advice: string, place: string) =>
    found.push({ component: 'kube-proxy', flag: setting, status, advice, source: place })
  for (const mode of modes) {
    if (mode === 'userspace') note('mode userspace', 'removed in 1.26', 'Use mode nftables or iptables.', source)
    if (mode === 'ipvs' && minor >= 35) {
      note('mode ipvs', 'deprecated since 1.35', 'Move to mode nftables, which needs kernel 5.13.', source)
    }
  }
  for (const flag of flags) {
    const status = minor >= 26 ? 'removed in 1.26' : 'deprecated since 1.23, gone in 1.26'
    note(
      `--${flag}`,
      status,
      'Write logs to standard error and let the service manager keep them.',
      `--${flag} of pid ${pid}`,
    )
  }
  return found
}

/** By the image of the node's only pod that runs one, or by the program that holds it. */
function versionOf(
  { pods, kubelet, host }: ProxySettingsInput,
  process: ProcessEvidence,
): ComponentVersion | Unavailable {
  const text = process.name === 'kube-proxy' ? imageTag(pods, host) : kubelet
  if (isUnavailable(text)) return text
  const minor = /^v?1\.(\d{1,3})(?:\D|$)/.exec(text.value)?.[1]
  if (minor === undefined)
    return unavailable('malformed', `${text.source} is "${text.value.slice(0, 40)}", which is no version.`)
  return { minor: Number(minor), isDistributionBuild: /[+-]/.test(text.value) }
}

function imageTag(pods: ProxySettingsInput['pods'], host: HostEvidence): Observed<string> {
  if (isUnavailable(pods)) return pods
  const several = findProcesses(host, 'kube-proxy')
  const tags = pods.flatMap(({ object, spec }) =>
    spec.containers.flatMap(({ image = '' }) => {
      const tag = /\/kube-proxy(?:-[a-z0-9]+)?:(v1\.[^@]{1,60})/.exec(`/${image}`)?.[1]
      return tag === undefined ? [] : [{ value: tag, source: `image of ${object.namespace ?? ''}/${object.name}` }]
    }),
  )
  const [only] = tags
  if (only !== undefined && tags.length === 1 && !isUnavailable(several) && several.length === 1) return only
  return unavailable('unsupported', 'No image’s tag tells the version of this kube-proxy.')
}
