// All facts of one node, from its API object and what the probe brought back, either of which may be missing.
// May not: let what is missing become a value.

import type { ComponentEvidence } from '../../model/component-evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, NodeEvidence } from '../../model/node-evidence.ts'
import type { NodeObject } from '../../model/objects.ts'
import type { Unit, UnitFacts } from '../../model/unit.ts'
import { deriveControlPlane, type Flagz, type MirrorPod } from '../control-plane/index.ts'
import { findHolder } from '../distribution/embedded.ts'
import type { Holder } from '../distribution/holder.ts'
import { controlPlaneRoles, deriveDistribution } from '../distribution/index.ts'
import { deriveKubeconfigs } from '../files/kubeconfigs.ts'
import { deriveNodeFiles } from '../files/node-files.ts'
import { deriveHostHardening } from '../host-security/hardening.ts'
import { deriveMemoryKills } from '../host-security/memory-kills.ts'
import { deriveListeningSockets } from '../host-security/sockets.ts'
import { derivePodCgroups, type NodePod } from '../pod-cgroups/index.ts'
import { derivePodCgroupLevels } from '../pod-cgroups/levels.ts'
import { deriveSupportStatus, identifyImage } from '../support/node-support.ts'
import { deriveCgroups, readCgroupVersion } from './cgroups.ts'
import { readFile } from './host.ts'
import { deriveHostIsolation } from './host-isolation.ts'
import { deriveKernelParameters } from './kernel-parameters.ts'
import { deriveKubeProxySettings } from './kube-proxy-outdated.ts'
import { deriveKubeletConfiguration } from './kubelet-configuration.ts'
import { type EffectiveKubelet, resolveKubelet } from './kubelet-effective.ts'
import { findKubelet } from './kubelet-process.ts'
import { deriveKubeletRunning, ofRunning, type RunningKubelet, readRunning, withRunning } from './kubelet-running.ts'
import { deriveKubeletService } from './kubelet-service.ts'
import { findKubeletUnit, findStarter } from './kubelet-unit.ts'
import type { KubeletVersion } from './kubelet-validate.ts'
import { deriveOperatingSystem, readInit, readOpenShiftVersion } from './operating-system.ts'
import { describeRuntime, readRuntime } from './runtime.ts'
import { deriveRuntimeFacts, unreadRuntimeFacts } from './runtime-facts.ts'
import { deriveRuntimeStorage } from './runtime-storage.ts'
import { deriveSwap } from './swap.ts'

export interface NodeInput {
  readonly name: string
  /** The API's object, or why there is none. */
  readonly object: NodeObject | Unavailable
  /** What the probe brought back, or why nothing did. */
  readonly host: NodeEvidence['host']
  /** Static pods of the control plane on this node, as the API shows them. */
  readonly mirrorPods?: readonly MirrorPod[]
  /** All pods of the node by the API, or why they are not known. */
  readonly pods?: readonly NodePod[] | Unavailable
  /** When the snapshot was taken, ISO 8601; the date that support is asked for. */
  readonly takenAt?: string
  /** The kubelet's /configz; absent: it was not asked. */
  readonly configz?: ComponentEvidence | undefined
  /** Its /flagz, likewise. */
  readonly kubeletFlagz?: ComponentEvidence | undefined
  /** The flags of the API server on this node, by its own word. */
  readonly flagz?: Flagz | undefined
  /** What the API server says of its own version. */
  readonly clusterVersion?: Observed<string>
}

export function deriveNodeUnit(given: NodeInput): Unit {
  const { name, object } = given
  const host = ofThisNode(object, given.host)
  const input = { ...given, host }
  return {
    identity: {
      kind: 'nodes',
      id: `node/${name}`,
      ...lastingNode(name, object),
      ...marksOf(object),
      name,
      node: name,
      ...(isUnavailable(host) ? {} : findKubeletUnit(host)),
    },
    facts: {
      node: describeNode(name, object),
      distribution: deriveDistribution(object, host),
      ...(isUnavailable(host) ? unread(input, host) : deriveHost(input, host)),
    },
  }
}

function marksOf(object: NodeObject | Unavailable): Pick<Unit['identity'], 'labels' | 'waive'> {
  if (isUnavailable(object)) return {}
  const { labels, waive } = object
  return { ...(labels !== undefined && { labels }), ...(waive !== undefined && { waive }) }
}

/** A machine that takes over a node's name is another node. The Node object's uid stands in where the kubelet tells no machine. */
function lastingNode(name: string, object: NodeObject | Unavailable): { lasting?: string } {
  const machine = isUnavailable(object) ? undefined : (object.machine ?? object.uid)
  return machine === undefined ? {} : { lasting: `node/${name}/${machine}` }
}

/**
 * Refuses what another machine said: a reused address or a wrong entry in the address map leads to a host whose boot id is not
 * the one that the node's kubelet reports. Where either side gives none, there is nothing to compare.
 */
function ofThisNode(object: NodeObject | Unavailable, host: NodeEvidence['host']): NodeEvidence['host'] {
  if (isUnavailable(object) || isUnavailable(host)) return host
  const wanted = object.nodeInfo.bootID?.trim()
  const file = readFile(host, '/proc/sys/kernel/random/boot_id')
  const seen = file === undefined || isUnavailable(file) ? undefined : file.content.trim()
  if (!wanted || !seen || wanted === seen) return host
  return unavailable(
    'wrong-host',
    `${host.run.address ?? 'The host'} is not this node: its boot id is ${seen.slice(0, 36)}, the API says ${wanted.slice(0, 36)}. Either the address leads to another machine, or the node restarted a moment ago.`,
  )
}

function describeNode(name: string, object: NodeObject | Unavailable): Fact<FactValue<'node'>> {
  if (isUnavailable(object)) return object
  const version = nodeInfo(object, 'kubeletVersion')
  return {
    name,
    roles: [...object.roles],
    kubeletVersion: version,
    kubeletMinor: kubeletMinor(object),
    containerRuntimeVersion: nodeInfo(object, 'containerRuntimeVersion'),
    osImage: nodeInfo(object, 'osImage'),
    kernelVersion: nodeInfo(object, 'kernelVersion'),
  }
}

function nodeInfo(object: NodeObject | Unavailable, field: keyof NodeObject['nodeInfo']): Observed<string> {
  if (isUnavailable(object)) return object
  const value = object.nodeInfo[field]
  const source = `status.nodeInfo.${field} of node ${object.name}`
  return value ? { value, source } : unavailable('not-found', `${source} is empty: the kubelet has not reported it.`)
}

function kubeletMinor(object: NodeObject | Unavailable): Observed<number> {
  const version = nodeInfo(object, 'kubeletVersion')
  if (isUnavailable(version)) return version
  const parsed = parseKubernetesVersion(version.value)
  return parsed === undefined
    ? unavailable('malformed', `${version.source} is "${version.value.slice(0, 80)}", which is no version.`)
    : { value: parsed.minor, source: version.source }
}

/** v1.31.6, v1.30.1+k3s1, v1.27.3-gke.100 → the parts that rules ask for. */
export function parseKubernetesVersion(text: string): { readonly major: number; readonly minor: number } | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\D|$)/.exec(text)
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined
}

function kubeletVersion(object: NodeObject | Unavailable): KubeletVersion | Unavailable {
  const minor = kubeletMinor(object)
  if (isUnavailable(minor)) return minor
  const text = isUnavailable(object) ? '' : (object.nodeInfo.kubeletVersion ?? '')
  return { minor: minor.value, isDistributionBuild: /[+-]/.test(text) }
}

type HostFacts = Omit<UnitFacts, 'node' | 'distribution'>

/** Without the host, mirror pods still tell of the control plane. */
function unread(input: NodeInput, reason: Unavailable): HostFacts {
  return {
    ...controlPlaneOf(input, { kubelet: reason, kubeletProcess: reason, holder: undefined }),
    operatingSystem: reason,
    supportStatus: support(input, {
      ...identifyImage(nodeInfo(input.object, 'osImage')),
      kernelRelease: nodeInfo(input.object, 'kernelVersion'),
    }),
    kernelParameters: reason,
    ...kubeletOf(input, reason),
    kubeletService: reason,
    swap: reason,
    cgroups: reason,
    podCgroups: reason,
    podCgroupLevels: reason,
    containerRuntime: reason,
    runtimeStorage: reason,
    ...unreadRuntimeFacts(reason),
    kubeProxySettings: reason,
    hostIsolation: reason,
    hostHardening: reason,
    listeningSockets: reason,
    memoryKills: reason,
    nodeFiles: reason,
    kubeconfigs: reason,
  }
}

/** Kubelet and runtime tell their versions through the API as well, so that they are judged without the host. */
function support(
  { object, takenAt }: NodeInput,
  system: Pick<FactValue<'operatingSystem'>, 'id' | 'versionId' | 'name' | 'kernelRelease'> & {
    readonly openShiftVersion?: string
  },
): Fact<FactValue<'supportStatus'>> {
  if (takenAt === undefined) return unavailable('not-collected', 'The snapshot does not say when it was taken.')
  return deriveSupportStatus({
    date: takenAt,
    ...system,
    kubeletVersion: nodeInfo(object, 'kubeletVersion'),
    runtimeVersion: nodeInfo(object, 'containerRuntimeVersion'),
  })
}

/** Where the host tells nothing of its kubelet, the kubelet's own word over the API is all there is. */
function kubeletOf(
  { object, configz, kubeletFlagz }: NodeInput,
  kubelet: EffectiveKubelet | Unavailable,
): Pick<UnitFacts, 'kubeletConfiguration' | 'kubeletRunning'> {
  const running = readRunning(configz, kubeletFlagz)
  return {
    kubeletConfiguration: configurationOf(object, kubelet, running),
    kubeletRunning: deriveKubeletRunning(running, kubelet),
  }
}

function configurationOf(
  object: NodeInput['object'],
  kubelet: EffectiveKubelet | Unavailable,
  running: RunningKubelet | Unavailable,
): Fact<FactValue<'kubeletConfiguration'>> {
  if (!isUnavailable(kubelet)) return deriveKubeletConfiguration(withRunning(kubelet, running))
  return isUnavailable(running) ? kubelet : deriveKubeletConfiguration(ofRunning(running, kubeletVersion(object)))
}

function controlPlaneOf(
  { name, object, host, mirrorPods, flagz, clusterVersion }: NodeInput,
  kubelet: Pick<Parameters<typeof deriveControlPlane>[0], 'kubelet' | 'kubeletProcess' | 'holder'>,
) {
  return deriveControlPlane({
    node: name,
    elsewhere: runElsewhere(object),
    host,
    mirrorPods: mirrorPods ?? [],
    flagz,
    clusterVersion: clusterVersion ?? unavailable('not-collected', 'The API server was not asked for its version.'),
    ...kubelet,
    kubeletMinor: kubeletMinor(object),
  })
}

/** A worker of a service that runs the control plane itself, by what the API says of the node, runs no part of it. */
function runElsewhere(object: NodeObject | Unavailable): string | undefined {
  if (isUnavailable(object) || object.roles.some((role) => controlPlaneRoles.has(role))) return undefined
  const fact = deriveDistribution(object, unavailable('not-collected', 'The host is not asked here.'))
  if (isUnavailable(fact) || isUnavailable(fact.isManaged) || isUnavailable(fact.title)) return undefined
  return fact.isManaged.value ? `${fact.title.value} runs it: ${fact.title.source}` : undefined
}

function holderOf({ name, object }: NodeInput, host: HostEvidence): Holder | undefined {
  const nodeArguments = isUnavailable(object) ? undefined : object.nodeArguments
  return findHolder({ host, node: name, minor: kubeletMinor(object), nodeArguments })
}

function deriveHost(input: NodeInput, host: HostEvidence): HostFacts {
  const { name, object } = input
  const init = readInit(host)
  const cgroupVersion = readCgroupVersion(host)
  const holder = holderOf(input, host)
  const embedded = holder?.component('kubelet')
  const process = findKubelet(host, name, embedded)
  const isEmbedded =
    embedded !== undefined && 'origin' in embedded && !isUnavailable(process) && process.name !== 'kubelet'
  const kubelet = isUnavailable(process)
    ? process
    : resolveKubelet({
        host,
        process,
        version: kubeletVersion(object),
        ...(isEmbedded && { embedded }),
        startedBy: findStarter(host)?.name,
      })
  const runtime = readRuntime({
    host,
    kubelet,
    reported: nodeInfo(object, 'containerRuntimeVersion'),
    surroundings: { cgroupVersion, init },
  })
  const operatingSystem = deriveOperatingSystem(host, kubeletMinor(object))
  const controlPlane = controlPlaneOf(input, { kubelet, kubeletProcess: process, holder })
  const swap = deriveSwap(host)
  const pods = input.pods ?? unavailable('not-collected', 'The pods of the cluster were not listed.')
  const groups = { host, kubelet, pods }
  const { controlPlaneFiles } = controlPlane
  const runtimeFacts = deriveRuntimeFacts({ host, kubelet, runtime, holder, controlPlaneFiles })
  const nodeFiles = deriveNodeFiles(host, kubelet)
  return {
    operatingSystem,
    supportStatus: support(input, { ...operatingSystem, ...readOpenShiftVersion(host) }),
    kernelParameters: deriveKernelParameters(host, init),
    ...kubeletOf(input, kubelet),
    kubeletService: isUnavailable(kubelet) ? kubelet : deriveKubeletService(host, kubelet),
    swap,
    cgroups: deriveCgroups({ host, version: cgroupVersion, init, kubelet, runtime }),
    podCgroups: derivePodCgroups(groups),
    podCgroupLevels: derivePodCgroupLevels({
      ...groups,
      capacity: isUnavailable(object) ? undefined : object.capacity,
      activeSwap: swap.active,
    }),
    containerRuntime: describeRuntime(runtime, { host, kubelet }),
    runtimeStorage: deriveRuntimeStorage(host, runtime.settings.rootDirectory),
    ...runtimeFacts,
    kubeProxySettings: deriveKubeProxySettings({ host, holder, pods, kubelet: nodeInfo(object, 'kubeletVersion') }),
    hostIsolation: deriveHostIsolation(host),
    hostHardening: deriveHostHardening(host, init),
    listeningSockets: deriveListeningSockets(host, kubelet, runtimeFacts.runtimeDaemon),
    memoryKills: deriveMemoryKills(host),
    nodeFiles,
    kubeconfigs: deriveKubeconfigs(host, { nodeFiles, controlPlaneFiles: controlPlane.controlPlaneFiles }),
    ...controlPlane,
  }
}
