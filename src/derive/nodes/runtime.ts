// Which container runtime the kubelet really uses, its version, and its settings. The containerRuntime fact.
// May not: choose between runtimes that merely run.
import { parse } from 'yaml'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { isRecord, ownValue } from '../../util/record.ts'
import { commandOutput, findProcesses, readFile } from './host.ts'
import { pickText } from './kubelet-configuration.ts'
import { short } from './kubelet-document.ts'
import type { EffectiveKubelet } from './kubelet-effective.ts'
import { readContainerd } from './runtime-containerd.ts'
import { readCrio } from './runtime-crio.ts'
import { type DockerSurroundings, readDocker } from './runtime-docker.ts'
import { type RuntimeName, type RuntimeSettings, runtimeNames } from './runtime-settings.ts'

export interface RuntimeInput {
  readonly host: HostEvidence
  readonly kubelet: EffectiveKubelet | Unavailable
  /** containerRuntimeVersion of the API's node status, such as "containerd://2.1.4". */
  readonly reported: Observed<string>
  readonly surroundings: DockerSurroundings
}

export interface Runtime {
  readonly name: Observed<RuntimeName>
  readonly version: Observed<string>
  readonly settings: RuntimeSettings
  /** Its daemon, whose options are above its files; why not, where that is not known. */
  readonly process: ProcessEvidence | Unavailable
}

interface Daemon {
  readonly process: string
  readonly versionCommand: string
}

const daemons: Readonly<Record<RuntimeName, Daemon>> = {
  containerd: { process: 'containerd', versionCommand: 'containerd --version' },
  'cri-o': { process: 'crio', versionCommand: 'crio --version' },
  docker: { process: 'dockerd', versionCommand: 'dockerd --version' },
}

export function readRuntime(input: RuntimeInput): Runtime {
  const name = findName(input)
  if (isUnavailable(name)) return { name, version: name, settings: unknownSettings(name), process: name }
  const process = findDaemon(input.host, name.value)
  return {
    name,
    version: findVersion(input, name.value),
    settings: isUnavailable(process) ? unknownSettings(process) : readSettings(input, name.value, process),
    process,
  }
}

export function describeRuntime(
  { name, version, settings }: Runtime,
  { host, kubelet }: Pick<RuntimeInput, 'host' | 'kubelet'>,
): Fact<FactValue<'containerRuntime'>> {
  const endpoint = isUnavailable(kubelet) ? kubelet : pickText(kubelet, 'containerRuntimeEndpoint')
  return {
    name,
    version,
    configurationFiles: [...settings.configurationFiles],
    rootDirectory: settings.rootDirectory,
    kubeletEndpoint: isUnavailable(endpoint) ? endpoint : { ...endpoint, value: socketOf(endpoint.value) },
    crictlEndpoint: readCrictl(host),
  }
}

const crictlFile = '/etc/crictl.yaml'

/** What people on the node ask with crictl, which should be what the kubelet asks. */
function readCrictl(host: HostEvidence): FactValue<'containerRuntime'>['crictlEndpoint'] {
  const file = readFile(host, crictlFile)
  if (isUnavailable(file)) return file
  if (file === undefined) return { source: `${crictlFile} does not exist` }
  try {
    const document: unknown = parse(file.content, { logLevel: 'error', maxAliasCount: 50 })
    const endpoint = isRecord(document) ? ownValue(document, 'runtime-endpoint') : undefined
    if (endpoint === undefined || endpoint === '') return { source: `${crictlFile} names no runtime-endpoint` }
    if (typeof endpoint === 'string') return { value: socketOf(endpoint), source: crictlFile }
  } catch {
    return unavailable('malformed', `${crictlFile} is not YAML.`)
  }
  return unavailable('malformed', `runtime-endpoint in ${crictlFile} is no text.`)
}

/** /var/run is a link to /run. */
function socketOf(endpoint: string): string {
  return endpoint.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/')
}

function unknownSettings(reason: Unavailable): RuntimeSettings {
  return { configurationFiles: [], rootDirectory: reason, cgroupDriver: reason }
}

function readSettings(
  { host, surroundings }: RuntimeInput,
  name: RuntimeName,
  process: ProcessEvidence,
): RuntimeSettings {
  switch (name) {
    case 'containerd':
      return readContainerd(host, process)
    case 'cri-o':
      return readCrio(host, process)
    case 'docker':
      return readDocker(host, process, surroundings)
  }
}

function findDaemon(host: HostEvidence, name: RuntimeName): ProcessEvidence | Unavailable {
  const found = findProcesses(host, daemons[name].process)
  if (isUnavailable(found)) return found
  const [first, second] = found
  if (first === undefined) return unavailable('not-running', `No ${daemons[name].process} process runs on this host.`)
  if (second === undefined) return first
  const pids = found.map((process) => process.pid).join(', ')
  return unavailable(
    'unsupported',
    `Several ${name} daemons run (pids ${pids}), and which one the kubelet uses is not to be told.`,
  )
}

/** The kubelet's endpoint where something sets it, else what the kubelet told the API, else the one daemon that runs. */
function findName(input: RuntimeInput): Observed<RuntimeName> {
  const endpoint = fromEndpoint(input.kubelet)
  const reported = fromReport(input.reported)
  const running = fromProcesses(input.host)
  return [endpoint, reported, running].find((name) => name !== undefined && !isUnavailable(name)) ?? running
}

function fromEndpoint(kubelet: EffectiveKubelet | Unavailable): Observed<RuntimeName> | undefined {
  if (isUnavailable(kubelet)) return undefined
  const minor = isUnavailable(kubelet.version) ? undefined : kubelet.version.minor
  const kind = kubelet.flag('container-runtime')
  if (kind === 'docker' || (minor !== undefined && minor < 24 && kind === undefined)) {
    const source = kind === undefined ? `default of kubelet 1.${minor}` : `--container-runtime of pid ${kubelet.pid}`
    return { value: 'docker', source }
  }
  const endpoint = pickText(kubelet, 'containerRuntimeEndpoint')
  if (isUnavailable(endpoint)) return undefined
  // Without a version the default endpoint may be that of an old kubelet.
  if (endpoint.source.startsWith('default') && minor === undefined) return undefined
  const socket = endpoint.value.split('/').at(-1) ?? ''
  const value = socketNames.find(([part]) => socket.includes(part))?.[1]
  return value === undefined ? undefined : { value, source: endpoint.source }
}

const socketNames: readonly (readonly [part: string, name: RuntimeName])[] = [
  ['containerd', 'containerd'],
  ['crio', 'cri-o'],
  ['dockerd', 'docker'],
  ['dockershim', 'docker'],
]

function fromReport(reported: Observed<string>): Observed<RuntimeName> | undefined {
  if (isUnavailable(reported)) return undefined
  const value = runtimeNames.find((name) => reported.value.startsWith(`${name}://`))
  return value === undefined ? undefined : { value, source: reported.source }
}

function fromProcesses(host: HostEvidence): Observed<RuntimeName> {
  if (isUnavailable(host.processes)) return host.processes
  const running = runtimeNames.filter((name) => {
    const found = findProcesses(host, daemons[name].process)
    return !isUnavailable(found) && found.length > 0
  })
  // dockerd starts a containerd of its own, so the two together say nothing.
  const [only] = running
  if (only !== undefined && running.length === 1) return { value: only, source: `process ${daemons[only].process}` }
  const what = running.length === 0 ? 'No container runtime runs' : `${running.join(' and ')} run`
  return unavailable(
    running.length === 0 ? 'not-running' : 'unsupported',
    `${what}, and nothing says which one the kubelet uses.`,
  )
}

/** What the kubelet reports is the version that runs; the program on disk may already be a newer one. */
function findVersion({ host, reported }: RuntimeInput, name: RuntimeName): Observed<string> {
  if (!isUnavailable(reported) && reported.value.startsWith(`${name}://`)) {
    return { value: reported.value.slice(name.length + 3).replace(/^v/, ''), source: reported.source }
  }
  const command = daemons[name].versionCommand
  const output = commandOutput(host, command)
  if (isUnavailable(output)) return output
  const version = /(?:^|\s)v?(\d{1,6}\.\d{1,6}\.\d{1,6}[^\s,]{0,40})/.exec(output)?.[1]
  return version === undefined
    ? unavailable('malformed', `"${command}" prints no version: ${short(output.trim())}`)
    : { value: version, source: command }
}
