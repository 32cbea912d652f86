// Finds each component of the control plane on a node: its process, else what the API's mirror pod says that it was started with.
// May not: conclude from what is missing that something does not run, unless the whole list of processes was seen.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, NodeEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { Container } from '../../model/pod.ts'
import type { Embedded, Holder } from '../distribution/holder.ts'
import { readOpenShift } from '../distribution/openshift.ts'
import { type CommandLine, parseCommandLine } from '../nodes/flags.ts'
import { isWrittenAfter, type PresentFile, readFile } from '../nodes/host.ts'
import { short } from '../nodes/kubelet-document.ts'
import { type ComponentName, componentOf, componentSyntax, flagArguments } from './components.ts'
import type { Flagz } from './flagz.ts'
import { hostPathOf, type Mount, type StaticPod, type StaticPods, toMount } from './manifests.ts'

/** A static pod as the API shows it. */
export interface MirrorPod {
  readonly component: ComponentName
  /** "kube-system/kube-apiserver-cp-1". */
  readonly name: string
  readonly arguments: readonly string[]
  readonly image: string
  readonly mounts: readonly Mount[]
}

export interface ControlPlaneInput {
  readonly node: string
  readonly host: NodeEvidence['host']
  readonly mirrorPods: readonly MirrorPod[]
  /** Manifests in the kubelet's folder, or why they are not known. */
  readonly staticPods: StaticPods | Unavailable
  /** The process that runs components inside itself, where there is one. */
  readonly holder: Holder | undefined
  /** Of the API server that was asked. */
  readonly clusterVersion: Observed<string>
  /** What the API server on this node says of its flags. */
  readonly flagz?: Flagz | undefined
}

export interface Running {
  readonly name: ComponentName
  /** "pid 1544" or "mirror pod kube-system/kube-apiserver-cp-1". */
  readonly place: string
  readonly isProcess: boolean
  /** Its flags are all that it has, not only those it was given. */
  readonly namesEveryFlag?: boolean
  readonly arguments: readonly string[]
  readonly commandLine: CommandLine
  /** Where a flag stands, for a component that has no command line of its own. */
  readonly origin?: Embedded['origin']
  /** Why its settings are not known, where they stand in a file that could not be read. */
  readonly unread?: Unavailable
  readonly version: Observed<string>
  readonly minor: number | undefined
  readonly manifest: { readonly value?: string; readonly source: string } | Unavailable
  /** ETCD_* variables; absent where they were not read. */
  readonly environment: Readonly<Record<string, string>> | undefined
  /** Where a path that the component names is on the host. */
  readonly hostPath: (path: string) => string | Unavailable
  /** A file that the component names; `isEdited`: changed after it started. */
  readonly file: (path: string) => (PresentFile & { readonly isEdited: boolean }) | undefined | Unavailable
  /** Certificates of a file that the component names, in base64. */
  readonly certificates: (path: string) => readonly string[] | Unavailable
}

/** The component on this node; `undefined` when it was seen not to run. */
export function findRunning(name: ComponentName, input: ControlPlaneInput): Running | undefined | Unavailable {
  const mirror = input.mirrorPods.find((pod) => pod.component === name)
  const processes = processesOf(name, input.host)
  if (isUnavailable(processes)) {
    if (mirror !== undefined) return fromMirror(mirror, input)
    return name === 'kube-apiserver' && input.flagz !== undefined ? fromFlagz(input.flagz, input) : processes
  }
  const manifests = isUnavailable(input.staticPods) ? [] : input.staticPods.pods.filter((pod) => pod.component === name)
  const [first, ...others] = processes
  const embedded = first === undefined ? input.holder?.component(name) : undefined
  if (embedded !== undefined) {
    const isTold = name === 'kube-apiserver' && isUnavailable(embedded) && input.flagz !== undefined
    return isTold && input.flagz !== undefined ? fromFlagz(input.flagz, input) : fromHolder(name, embedded, input)
  }
  if (first === undefined) return explainAbsence(name, input, manifests, mirror)
  const chosen = others.length === 0 ? first : chooseProcess(processes, manifests, mirror)
  if (chosen === undefined) {
    const pids = processes.map(({ pid }) => pid).join(', ')
    return unavailable(
      'unsupported',
      `Several processes of ${name} run (pids ${pids}), and which one is the cluster’s is not to be told.`,
    )
  }
  return withOpenShift(fromProcess(name, chosen, input, manifests, mirror))
}

function processesOf(name: ComponentName, host: NodeEvidence['host']): readonly ProcessEvidence[] | Unavailable {
  if (isUnavailable(host)) return host
  if (isUnavailable(host.processes)) return host.processes
  const found = host.processes.filter((process) => componentOf(process.arguments, process.executable) === name)
  return found.toSorted((a, b) => a.pid - b.pid)
}

function explainAbsence(
  name: ComponentName,
  input: ControlPlaneInput,
  manifests: readonly StaticPod[],
  mirror: MirrorPod | undefined,
): undefined | Unavailable {
  const [manifest] = manifests
  const place = manifest?.path ?? (mirror === undefined ? undefined : `mirror pod ${mirror.name}`)
  if (place === undefined) return sawKubelet(input.host) ? undefined : unavailable('not-running', noKubelet)
  return unavailable('not-running', `${name} should run here by ${place}, but had no process when the node was read.`)
}

const noKubelet = 'Not even a kubelet is among the processes that were seen, so they may not be the node’s.'

/** A probe in a container without the host's processes sees a whole list, of its own. */
function sawKubelet(host: NodeEvidence['host']): boolean {
  return !isUnavailable(host) && !isUnavailable(host.processes) && host.processes.some(({ name }) => name === 'kubelet')
}

function fromHolder(
  name: ComponentName,
  embedded: ReturnType<Holder['component']>,
  input: ControlPlaneInput,
): Running | undefined | Unavailable {
  if (isUnavailable(embedded)) return embedded
  if ('absent' in embedded) return undefined
  const process: ProcessEvidence = { ...embedded.process, arguments: [...embedded.arguments] }
  return {
    ...fromProcess(name, process, input, [], undefined),
    place: `${process.name} (pid ${process.pid})`,
    manifest: { source: `${name} runs inside ${process.name}, by no manifest` },
    origin: embedded.origin,
  }
}

/** OpenShift gives most flags in a file; those of the command line stand behind them. */
function withOpenShift(running: Running): Running {
  const path = running.commandLine.occurrences.findLast(({ name }) => name === 'openshift-config')?.value
  if (path === undefined) return running
  const read = readOpenShift(running.file(path), path)
  if (isUnavailable(read)) return { ...running, unread: read }
  const [program = '', ...rest] = running.arguments
  const arguments_ = [
    program,
    ...read.arguments,
    ...rest.filter((argument) => !/^--openshift[-_]config\b/.test(argument)),
  ]
  return {
    ...running,
    arguments: arguments_,
    commandLine: parseCommandLine(flagArguments(running.name, arguments_), componentSyntax),
    origin: (flag) => read.origin(flag) ?? `arguments of ${running.place}`,
  }
}

/** Other pods may run an API server of their own, such as a virtual cluster's: the node's is what its static pod says. */
function chooseProcess(
  processes: readonly ProcessEvidence[],
  manifests: readonly StaticPod[],
  mirror: MirrorPod | undefined,
): ProcessEvidence | undefined {
  const wanted = [...manifests, ...(mirror === undefined ? [] : [mirror])].map((pod) =>
    pod.arguments.slice(1).join('\0'),
  )
  const matching = processes.filter((process) => wanted.includes(process.arguments.slice(1).join('\0')))
  return matching.length === 1 ? matching[0] : undefined
}

function fromProcess(
  name: ComponentName,
  process: ProcessEvidence,
  input: ControlPlaneInput,
  manifests: readonly StaticPod[],
  mirror: MirrorPod | undefined,
): Running {
  const [manifest] = manifests
  const pod = manifest ?? mirror
  return {
    name,
    place: `pid ${process.pid}`,
    isProcess: true,
    arguments: process.arguments,
    commandLine: parseCommandLine(flagArguments(name, process.arguments), componentSyntax),
    ...versionOf(name, pod?.image ?? '', pod === undefined ? '' : placeOf(pod), input.clusterVersion),
    manifest: manifestOf(input, manifests),
    environment: process.environment,
    hostPath: (path) => placeOnHost(pod?.mounts, path),
    file: (path) => readComponentFile(input.host, pod?.mounts, path, process),
    certificates: (path) => readCertificates(input.host, pod?.mounts, path),
  }
}

function fromMirror(mirror: MirrorPod, input: ControlPlaneInput): Running {
  const manifests = isUnavailable(input.staticPods)
    ? []
    : input.staticPods.pods.filter((pod) => pod.component === mirror.component)
  return {
    name: mirror.component,
    place: `mirror pod ${mirror.name}`,
    isProcess: false,
    arguments: mirror.arguments,
    commandLine: parseCommandLine(flagArguments(mirror.component, mirror.arguments), componentSyntax),
    ...versionOf(mirror.component, mirror.image, placeOf(mirror), input.clusterVersion),
    manifest: manifestOf(input, manifests),
    environment: undefined,
    hostPath: (path) => placeOnHost(mirror.mounts, path),
    file: (path) => readComponentFile(input.host, mirror.mounts, path, undefined),
    certificates: (path) => readCertificates(input.host, mirror.mounts, path),
  }
}

/** Its files are not within reach: where they are on the host is not known. */
function fromFlagz(flagz: Flagz, input: ControlPlaneInput): Running {
  const unread = unavailable('not-collected', 'The host of this API server was not read.')
  return {
    name: 'kube-apiserver',
    place: flagz.source,
    isProcess: false,
    namesEveryFlag: true,
    arguments: flagz.arguments,
    commandLine: parseCommandLine(flagArguments('kube-apiserver', flagz.arguments), componentSyntax),
    ...versionOf('kube-apiserver', '', '', input.clusterVersion),
    manifest: isUnavailable(input.staticPods) ? input.staticPods : unread,
    environment: undefined,
    hostPath: () => unread,
    file: () => unread,
    certificates: () => unread,
  }
}

function placeOf(pod: StaticPod | MirrorPod): string {
  return 'path' in pod ? pod.path : `mirror pod ${pod.name}`
}

function manifestOf(input: ControlPlaneInput, manifests: readonly StaticPod[]): Running['manifest'] {
  if (isUnavailable(input.staticPods)) return input.staticPods
  const [first, second] = manifests
  const { folder, unread } = input.staticPods
  if (second !== undefined) {
    const paths = manifests.map(({ path }) => path).join(', ')
    return unavailable(
      'unsupported',
      `Several manifests start it (${paths}), and which one the kubelet took is not known.`,
    )
  }
  if (first !== undefined) return { value: first.path, source: folder }
  return unread ?? { source: `no manifest in ${folder} starts it` }
}

/** Of the image's tag. Without one, the API server's word for the cluster, which during an upgrade may be another node's; etcd has its own. */
function versionOf(
  name: ComponentName,
  image: string,
  place: string,
  cluster: Observed<string>,
): { readonly version: Observed<string>; readonly minor: number | undefined } {
  const tag = /:v?(\d{1,3}\.\d{1,3}\.\d{1,3}[\w.+-]*)(?:@|$)/.exec(image)?.[1]
  const other = name === 'etcd' ? unavailable('unsupported', 'No image’s tag tells the version of etcd.') : cluster
  const version = tag === undefined ? other : { value: tag, source: `image in ${place}` }
  const minor = isUnavailable(version) ? undefined : /^v?1\.(\d{1,3})(?:\D|$)/.exec(version.value)?.[1]
  return { version, minor: minor === undefined ? undefined : Number(minor) }
}

function placeOnHost(mounts: readonly Mount[] | undefined, path: string): string | Unavailable {
  if (!path.startsWith('/')) {
    return unavailable('unsupported', `${short(path)} is relative to a folder that is not known.`)
  }
  return mounts === undefined ? path : hostPathOf(mounts, path)
}

function readCertificates(
  host: HostEvidence | Unavailable,
  mounts: readonly Mount[] | undefined,
  path: string,
): readonly string[] | Unavailable {
  if (isUnavailable(host)) return host
  const place = placeOnHost(mounts, path)
  if (typeof place !== 'string') return place
  const { certificates = {} } = host
  const found = Object.hasOwn(certificates, place) ? certificates[place] : undefined
  if (found === undefined) {
    return unavailable('not-collected', `The certificates in ${place} were not read by the probe.`)
  }
  if (isUnavailable(found)) return found
  if ('absent' in found) return unavailable('not-found', `${place} does not exist on the host.`)
  const list = found.certificates.flatMap(({ use, der }) => (use === 'certificate' ? [der] : []))
  return list.length > 0 ? list : unavailable('malformed', `${place} holds no certificate.`)
}

function readComponentFile(
  host: HostEvidence | Unavailable,
  mounts: readonly Mount[] | undefined,
  path: string,
  process: ProcessEvidence | undefined,
): ReturnType<Running['file']> {
  if (isUnavailable(host)) return host
  const place = placeOnHost(mounts, path)
  if (typeof place !== 'string') return place
  const file = readFile(host, place)
  if (file === undefined || isUnavailable(file)) return file
  const isEdited = isWrittenAfter(file, process)
  return { ...file, isEdited }
}

/** A pod's container as a mirror pod of a component, where it is one. */
export function describeMirror(
  name: string,
  container: Container,
  volumes: ReadonlyMap<string, string | undefined>,
): MirrorPod | undefined {
  const arguments_ = [...(container.command ?? []), ...(container.args ?? [])]
  const component = componentOf(arguments_)
  if (component === undefined) return undefined
  const mounts = (container.volumeMounts ?? []).map((mount) =>
    toMount(mount.mountPath, volumes.get(mount.name), mount.subPath ?? ''),
  )
  return { component, name, arguments: arguments_, image: container.image ?? '', mounts }
}
