// The cgroups fact, rows C5 and C6: the version and controllers of the hierarchy, and the drivers of init, kubelet and runtime.
// May not: say which driver is right.

import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { readFile } from './host.ts'
import { pickText } from './kubelet-configuration.ts'
import { isObject, own, short } from './kubelet-document.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import { type Mount, mountAt, readMounts } from './mounts.ts'
import type { Runtime } from './runtime.ts'

const hierarchy = '/sys/fs/cgroup'

/**
 * What the kubelet and kubeadm ask for. On v2 devices and freezer are part of every kernel that has it; io and hugetlb are used
 * where they are there and not missed where they are not.
 */
const neededControllers: Readonly<Record<string, readonly string[]>> = {
  v2: ['cpu', 'cpuset', 'memory', 'pids'],
  v1: ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
  hybrid: ['cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'],
}

export interface CgroupInput {
  readonly host: HostEvidence
  readonly version: Observed<string>
  readonly init: Observed<string>
  readonly kubelet: EffectiveKubelet | Unavailable
  readonly runtime: Runtime
}

export function deriveCgroups(input: CgroupInput): FactValue<'cgroups'> {
  const controllers = readControllers(input.host, input.version)
  return {
    version: input.version,
    controllers,
    missingControllers: missing(input.version, controllers),
    initDriver: initDriver(input.init),
    kubeletDriver: kubeletDriver(input),
    runtimeDriver: input.runtime.settings.cgroupDriver,
  }
}

/** "v1", "v2" or "hybrid" (v1 controllers beside a v2 tree that has none). */
export function readCgroupVersion(host: HostEvidence): Observed<string> {
  const mounts = readMounts(host)
  if (isUnavailable(mounts)) return mounts
  const source = mounts[0]?.source ?? ''
  if (mountAt(mounts, hierarchy)?.fileSystem === 'cgroup2') return { value: 'v2', source: `${source}, ${hierarchy}` }
  const below = mounts.filter((mount: Mount) => mount.mountPoint.startsWith(`${hierarchy}/`))
  const hasV1 = mounts.some((mount) => mount.fileSystem === 'cgroup')
  if (!hasV1) return unavailable('unsupported', `${source} shows no cgroup file system.`)
  const isHybrid = below.some((mount) => mount.fileSystem === 'cgroup2')
  return { value: isHybrid ? 'hybrid' : 'v1', source: `${source}, ${hierarchy}` }
}

function readControllers(host: HostEvidence, version: Observed<string>): Observed<string[]> {
  if (isUnavailable(version)) return version
  const path = version.value === 'v2' ? `${hierarchy}/cgroup.controllers` : '/proc/cgroups'
  const file = readFile(host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return unavailable('unsupported', `This host has no ${path}.`)
  const names = version.value === 'v2' ? file.content.trim().split(/\s+/) : enabledControllers(file.content)
  return { value: names.filter((name) => name !== ''), source: path }
}

/** Name, hierarchy, cgroups, enabled. */
function enabledControllers(content: string): string[] {
  return content.split('\n').flatMap((line) => {
    const [name = '', , , enabled] = line.trim().split(/\s+/)
    return name.startsWith('#') || enabled !== '1' ? [] : [name]
  })
}

function missing(version: Observed<string>, controllers: Observed<string[]>): Observed<string[]> {
  if (isUnavailable(version)) return version
  if (isUnavailable(controllers)) return controllers
  const needed = neededControllers[version.value] ?? []
  return { value: needed.filter((name) => !controllers.value.includes(name)), source: controllers.source }
}

/** systemd is a cgroup manager; other inits leave the tree to whoever writes to it. */
function initDriver(init: Observed<string>): Observed<string> {
  if (isUnavailable(init)) return init
  return { value: init.value === 'systemd' ? 'systemd' : 'cgroupfs', source: init.source }
}

/** Lowest versions that answer the kubelet's question for their driver (CRI RuntimeConfig). */
const answeringSince: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  containerd: [2, 0],
  'cri-o': [1, 28],
}

/** With KubeletCgroupDriverFromCRI the runtime's answer overrides what is configured. */
function kubeletDriver({ kubelet, runtime }: CgroupInput): Observed<string> {
  if (isUnavailable(kubelet)) return kubelet
  const configured = pickText(kubelet, 'cgroupDriver')
  const asks = asksRuntime(kubelet)
  if (asks === false) return configured
  const answer = runtime.settings.cgroupDriver
  const answers = answersKubelet(runtime)
  if (answers === false) return configured
  if (asks === true && answers === true) return fromRuntime(answer, runtime)
  if (isUnavailable(configured)) return configured
  if (isUnavailable(answer)) return answer
  // Where it is not known who decides, both may still say the same.
  if (configured.value === answer.value) return configured
  const what = asks === undefined ? "the kubelet's version" : decidingVersion(runtime)
  return unavailable(
    'not-collected',
    `The kubelet is configured for ${short(configured.value)} and the runtime for ${answer.value}; which of them it uses depends on ${what}, which is not known.`,
  )
}

function decidingVersion({ name }: Runtime): string {
  if (isUnavailable(name)) return "the runtime's version"
  return name.value === 'docker' ? 'the version of cri-dockerd' : `the version of ${name.value}`
}

function fromRuntime(answer: Observed<string>, { name, version }: Runtime): Observed<string> {
  if (isUnavailable(answer)) return answer
  const who = isUnavailable(name) || isUnavailable(version) ? 'the runtime' : `${name.value} ${version.value}`
  return { value: answer.value, source: `answer of ${who} to the kubelet (${answer.source})` }
}

/** On by default since 1.31, fixed since 1.34; there as a gate since 1.28. */
function asksRuntime(kubelet: EffectiveKubelet): boolean | undefined {
  if (isUnavailable(kubelet.version)) return undefined
  const { minor } = kubelet.version
  if (minor < 28) return false
  if (minor >= 34) return true
  const gates = kubelet.value('featureGates')
  if (isUnavailable(gates)) return undefined
  const gate =
    gates.value !== null && isObject(gates.value) ? own(gates.value, 'KubeletCgroupDriverFromCRI') : undefined
  return typeof gate === 'boolean' ? gate : minor >= 31
}

function answersKubelet({ name, version }: Runtime): boolean | undefined {
  if (isUnavailable(name) || isUnavailable(version)) return undefined
  const since = answeringSince[name.value]
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version.value) ?? []
  if (since === undefined || major === undefined || minor === undefined) return undefined
  return Number(major) > since[0] || (Number(major) === since[0] && Number(minor) >= since[1])
}
