// The componentFlags fact, row F3: flags in use that a Kubernetes version has deprecated or removed.
// May not: name a flag whose fate is not certain. That a kubelet flag has a field in the configuration file is no news here,
// and the scheduler's --profiling, deprecated as it is, is what the CIS benchmark asks for.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { ProcessEvidence } from '../../model/node-evidence.ts'
import { flagData, flagDataMinor } from '../feature-gates/flag-data.ts'
import type { ComponentVersion } from '../feature-gates/gates.ts'
import { parseCommandLine } from '../nodes/flags.ts'
import { kubeletArguments } from '../nodes/kubelet-effective.ts'
import { kubeletFlagSyntax } from '../nodes/kubelet-flags.ts'
import type { ComponentName } from './components.ts'
import { etcdOutdatedFlags } from './outdated-etcd.ts'
import type { Running } from './running.ts'

export type OutdatedFlag = Extract<FactValue<'componentFlags'>['kubelet'], { value: unknown }>['value'][number]

interface Fate {
  readonly flags: string
  /** Minor version that deprecated it; `true` where that was before 1.24. */
  readonly deprecated?: number | true
  /** The first minor version without it. */
  readonly removed?: number
  readonly advice: string
}

const dockershim = 'It served the built-in docker support, which is gone; configure the container runtime itself.'
const logging = 'Write logs to standard error and let the service manager keep them.'

const fates: Readonly<Record<ComponentName | 'kubelet', readonly Fate[]>> = {
  kubelet: [
    { flags: 'cadvisor-port', deprecated: 10, removed: 12, advice: 'Scrape /metrics/cadvisor on the kubelet’s port.' },
    {
      flags: 'allow-privileged',
      deprecated: 13,
      removed: 15,
      advice: 'Pod Security admission decides about privileges.',
    },
    { flags: 'docker-disable-shared-pid', removed: 12, advice: 'Set shareProcessNamespace in the pods that want it.' },
    {
      flags: 'dynamic-config-dir',
      deprecated: 22,
      removed: 24,
      advice: 'Use --config, and --config-dir for drop-ins.',
    },
    {
      flags: `network-plugin network-plugin-mtu cni-bin-dir cni-cache-dir cni-conf-dir docker-endpoint
        image-pull-progress-deadline experimental-dockershim-root-directory`,
      removed: 24,
      advice: dockershim,
    },
    {
      flags: `add-dir-header alsologtostderr log-backtrace-at log-dir log-file log-file-max-size logtostderr one-output
        skip-headers skip-log-headers stderrthreshold`,
      deprecated: 23,
      removed: 26,
      advice: logging,
    },
    { flags: 'container-runtime', deprecated: 24, removed: 27, advice: 'remote was its last value; leave it out.' },
    {
      flags: 'pod-infra-container-image',
      deprecated: 27,
      removed: 35,
      advice: 'Set the sandbox image in the container runtime’s configuration.',
    },
    {
      flags: `experimental-allocatable-ignore-eviction experimental-mounter-path maximum-dead-containers
        maximum-dead-containers-per-container minimum-container-ttl-duration`,
      deprecated: true,
      advice: 'Use the eviction thresholds of the configuration file.',
    },
  ],
  'kube-apiserver': [
    { flags: 'basic-auth-file', deprecated: 16, removed: 19, advice: 'Use OpenID Connect or client certificates.' },
    {
      flags: 'insecure-port insecure-bind-address address port',
      deprecated: 10,
      removed: 24,
      advice: 'The API is served over TLS only; leave it out.',
    },
    {
      flags: 'kubelet-https',
      deprecated: 19,
      removed: 22,
      advice: 'Kubelets are always asked over TLS; leave it out.',
    },
    {
      flags: 'admission-control',
      deprecated: 10,
      advice: 'Use --enable-admission-plugins and --disable-admission-plugins, which keep the defaults of the version.',
    },
    { flags: 'enable-logs-handler', deprecated: true, advice: 'Leave it out; logs are read on the node.' },
    {
      flags: 'logtostderr log-dir log-file log-file-max-size alsologtostderr',
      deprecated: 23,
      removed: 26,
      advice: logging,
    },
  ],
  'kube-controller-manager': [
    { flags: 'address port', deprecated: 13, removed: 24, advice: 'Use --bind-address and --secure-port.' },
    {
      flags: 'pod-eviction-timeout enable-taint-manager',
      removed: 27,
      advice: 'Taint-based eviction is always on; use tolerationSeconds.',
    },
    {
      flags: 'logtostderr log-dir log-file log-file-max-size alsologtostderr',
      deprecated: 23,
      removed: 26,
      advice: logging,
    },
  ],
  'kube-scheduler': [
    { flags: 'address port', deprecated: 13, removed: 24, advice: 'Use --bind-address and --secure-port.' },
    {
      flags: `algorithm-provider policy-config-file policy-configmap policy-configmap-namespace use-legacy-policy-config`,
      deprecated: 20,
      removed: 23,
      advice: 'Use profiles in the file of --config.',
    },
    {
      flags: 'kube-api-burst kube-api-content-type kube-api-qps',
      deprecated: true,
      advice: 'Set it in the file of --config, which makes the flag ineffective.',
    },
    {
      flags: 'logtostderr log-dir log-file log-file-max-size alsologtostderr',
      deprecated: 23,
      removed: 26,
      advice: logging,
    },
  ],
  etcd: [],
}

/** Flags of the running kubelet. Its version must be known. */
export function kubeletOutdatedFlags(
  process: ProcessEvidence | Unavailable,
  version: ComponentVersion | Unavailable,
): Observed<OutdatedFlag[]> {
  if (isUnavailable(process)) return process
  if (isUnavailable(version)) return version
  const { occurrences } = parseCommandLine(kubeletArguments(process.arguments), kubeletFlagSyntax)
  const place = `pid ${process.pid}`
  return { value: outdated('kubelet', occurrences, version, place), source: place }
}

/** Flags of all components of the control plane that run here; unavailable while one of them is not known. */
export function controlPlaneOutdatedFlags(
  states: ReadonlyMap<ComponentName, Running | undefined | Unavailable>,
): Observed<OutdatedFlag[]> {
  const found: OutdatedFlag[] = []
  const places: string[] = []
  for (const [name, state] of states) {
    if (state === undefined) continue
    if (isUnavailable(state)) return state
    if (name === 'etcd') {
      const etcd = etcdOutdatedFlags(state)
      if (isUnavailable(etcd)) return etcd
      places.push(etcd.source)
      found.push(...etcd.value)
      continue
    }
    if (state.minor === undefined) {
      return unavailable('unsupported', `The version of ${name} (${state.place}) is not known.`)
    }
    if (state.namesEveryFlag === true) {
      return unavailable('not-collected', `${state.place} names every flag of ${name}, not those it was given.`)
    }
    places.push(state.place)
    found.push(...outdated(name, state.commandLine.occurrences, versionOf(state, state.minor), state.place))
  }
  return { value: found, source: places.length === 0 ? 'processes of the node' : places.join(', ') }
}

function versionOf({ version }: Running, minor: number): ComponentVersion {
  return { minor, isDistributionBuild: !isUnavailable(version) && /[+-]/.test(version.value) }
}

function outdated(
  component: ComponentName | 'kubelet',
  occurrences: readonly { readonly name: string }[],
  version: ComponentVersion,
  place: string,
): OutdatedFlag[] {
  return [...new Set(occurrences.map(({ name }) => name))].flatMap((name) => {
    const fate = fates[component].find(({ flags }) => flags.split(/\s+/).includes(name))
    const told = fate === undefined ? unlisted(component, name, version) : known(fate, version.minor)
    return told === undefined ? [] : [{ component, flag: `--${name}`, ...told, source: `--${name} of ${place}` }]
  })
}

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
const listed = {
  'kube-apiserver': names(flagData['kube-apiserver']),
  'kube-controller-manager': names(flagData['kube-controller-manager']),
  'kube-scheduler': names(flagData['kube-scheduler']),
  kubelet: names(flagData.kubelet),
}

type Told = Pick<OutdatedFlag, 'status' | 'advice'>

function known(fate: Fate, minor: number): Told | undefined {
  if (typeof fate.deprecated === 'number' && fate.deprecated > minor) return undefined
  return { status: statusOf(fate, minor), advice: fate.advice }
}

/** A distribution may add flags to its build; and what a version after the known one lists is not known. */
function unlisted(component: ComponentName | 'kubelet', name: string, version: ComponentVersion): Told | undefined {
  if (component === 'etcd' || version.isDistributionBuild || version.minor > flagDataMinor) return undefined
  if (listed[component].has(name.toLowerCase())) return undefined
  const isNow = version.minor === flagDataMinor
  return {
    status: isNow
      ? `not among the flags that 1.${flagDataMinor} lists`
      : `no longer listed by 1.${flagDataMinor}: gone, or deprecated and hidden`,
    advice: `Look the flag up in the release notes up to 1.${flagDataMinor}, and leave it out where nothing needs it.`,
  }
}

function statusOf({ deprecated, removed }: Fate, minor: number): string {
  if (removed !== undefined && removed <= minor) return `removed in 1.${removed}`
  const since =
    deprecated === undefined ? [] : [deprecated === true ? 'deprecated' : `deprecated since 1.${deprecated}`]
  return [...since, ...(removed === undefined ? [] : [`gone in 1.${removed}`])].join(', ')
}
