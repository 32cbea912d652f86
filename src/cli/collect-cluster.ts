// The first stage: a cluster and its nodes into one snapshot file. Composes transports, collectors and the snapshot writer.
import { collectComponents } from '../collect/components.ts'
import { collectNodes, defaultProbeLimits, nodeTargets } from '../collect/nodes.ts'
import { collectObjects, readClusterIdentity } from '../collect/objects.ts'
import { waysOf } from '../model/access.ts'
import type { Config } from '../model/config.ts'
import { type Fact, isUnavailable, type UnavailableReason } from '../model/fact.ts'
import type { Family, NodeObject } from '../model/objects.ts'
import {
  type EvidenceRecord,
  type SnapshotHeader,
  type SnapshotTrailer,
  snapshotSchemaVersion,
} from '../model/snapshot.ts'
import { createSnapshotWriter, type SnapshotWriter, type Through } from '../snapshot/index.ts'
import type { ObjectSource } from '../transport/contracts.ts'
import type { KubeRequest } from '../transport/kube.ts'
import { InputError } from '../util/input-error.ts'
import { visibleText } from '../util/visible-text.ts'
import { ExitError, exitCodes } from './exit.ts'
import { openWays } from './node-ways.ts'
import { toolIdentity } from './paths.ts'
import type { Terminal } from './terminal.ts'

export interface Collected {
  readonly trailer: SnapshotTrailer
  readonly snapshotPath: string
}

/** With these, no list can succeed either: better one clear sentence than a report of nothing but unknowns. */
const hopeless: readonly UnavailableReason[] = [
  'unreachable',
  'tls-error',
  'unauthorized',
  'timeout',
  'connection-lost',
]

/**
 * Reads the given lists, and the nodes as the settings ask for them. `targetFor` gets the cluster's name and says where the snapshot goes.
 * A signal ends the collection early; the snapshot is then finished and marked as interrupted.
 */
export async function collectCluster(
  settings: Config,
  families: readonly Family[],
  targetFor: (clusterName: string) => Promise<{ readonly path: string; readonly through: Through }>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Collected> {
  const { source, clusterName: foundName, request } = await openSource(settings, terminal)
  const clusterName = settings.cluster?.name ?? foundName
  // Before the first request: whoever gave it then knows the name also when that fails.
  const { path: snapshotPath, through } = await targetFor(clusterName)
  try {
    terminal.progress.stage(`Reading ${visibleText(clusterName)}`)
    const identity = await readClusterIdentity(source, signal)
    if (
      source.source.kind === 'live' &&
      isUnavailable(identity.version) &&
      hopeless.includes(identity.version.unavailable.reason)
    ) {
      throw new ExitError(
        exitCodes.incomplete,
        `cannot read the cluster at ${source.source.server}: ${identity.version.unavailable.detail}`,
      )
    }
    const header: SnapshotHeader = {
      record: 'header',
      schemaVersion: snapshotSchemaVersion,
      tool: toolIdentity(),
      cluster: { name: clusterName, ...identity },
      source: source.source,
      startedAt: new Date().toISOString(),
    }
    const writer = await createSnapshotWriter(snapshotPath, header, through)
    const wanted = settings.bootstrapTokens === false ? families.filter((one) => one !== 'bootstraptokens') : families
    const tell = () => terminal.warn('Stopping: finishing the snapshot with what was read (Ctrl-C again to drop it).')
    signal.addEventListener('abort', tell, { once: true })
    try {
      return {
        trailer: await writeEvidence(
          { source, request },
          settings,
          wanted,
          minorOf(identity.version),
          writer,
          terminal,
          signal,
        ),
        snapshotPath,
      }
    } finally {
      signal.removeEventListener('abort', tell)
    }
  } finally {
    await source.close()
  }
}

function minorOf(version: Fact<string>): number | undefined {
  const minor = typeof version === 'string' ? /^v?1\.(\d+)/.exec(version)?.[1] : undefined
  return minor === undefined ? undefined : Number(minor)
}

/** Objects come from `source`; `request` is there for a live cluster alone. */
interface OpenedSource {
  readonly source: ObjectSource
  readonly request?: KubeRequest | undefined
}

async function openSource(settings: Config, terminal: Terminal): Promise<OpenedSource & { clusterName: string }> {
  if (settings.manifests !== undefined) {
    const { openManifestSource } = await import('../transport/manifests.ts')
    const source = await openManifestSource(settings.manifests)
    for (const problem of source.summary.problems) terminal.warn(`warning: ${visibleText(problem)}`)
    const others = Object.entries(source.summary.otherKinds).map(([kind, count]) => `${count} ${kind}`)
    if (others.length > 0) terminal.warn(`note: no rule looks at these kinds: ${visibleText(others.join(', '))}`)
    return { source, clusterName: 'manifests' }
  }
  const { openKubeSource } = await import('../transport/kube.ts')
  const source = await openKubeSource({
    ...(settings.kubeconfig === undefined ? {} : { kubeconfig: settings.kubeconfig }),
    ...(settings.context === undefined ? {} : { context: settings.context }),
  })
  if (!source.tlsVerified) {
    terminal.warn(
      'warning: the kubeconfig turns certificate verification off; whoever answers is taken for the API server.',
    )
  }
  for (const warning of source.warnings) terminal.warn(`warning: ${visibleText(warning)}`)
  return { source, clusterName: source.clusterName, request: source.request }
}

async function writeEvidence(
  { source, request }: OpenedSource,
  settings: Config,
  families: readonly Family[],
  serverMinor: number | undefined,
  writer: SnapshotWriter,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<SnapshotTrailer> {
  // Ends what runs beside it when one part fails for good (full disk, a node pattern that matches nothing).
  const failed = new AbortController()
  const combined = AbortSignal.any([signal, failed.signal])
  try {
    const nodeList = watchNodeList(writer, namedNodes(settings))
    const status = createStatus(terminal)
    const objects = collectObjects({
      source,
      families,
      serverMinor,
      concurrency: settings.concurrency?.lists ?? 4,
      signal: combined,
      emit: nodeList.emit,
      drained: writer.drained,
      onProgress: status.objects,
    })
    const readsHosts =
      source.source.kind === 'live' ? waysOf(settings.nodeAccess).length > 0 : readsThisMachine(settings)
    const reading = { settings, request, writer, status, terminal, signal: combined }
    // Pods of the audit's own must not stand among those it reads: they are made once the lists have ended.
    const ready = waysOf(settings.nodeAccess).includes('pod') ? objects.then(() => nodeList.nodes) : nodeList.nodes
    const hosts = readsHosts ? ready.then((list) => collectHosts(list, reading)) : undefined
    const components = source.source.kind === 'live' ? askComponents(source, nodeList.nodes, reading) : undefined
    await Promise.all([objects, hosts, components])
    const trailer = await writer.finish({ finishedAt: new Date().toISOString(), interrupted: signal.aborted })
    terminal.progress.done(status.line())
    return trailer
  } catch (error) {
    failed.abort()
    await writer.discard()
    throw error
  }
}

interface NodeList {
  /** Each once, also where a server repeats itself. */
  readonly nodes: readonly NodeObject[]
  readonly isComplete: boolean
}

/** Passes records on to the writer, and resolves with the node objects as soon as their list has ended. */
function watchNodeList(writer: SnapshotWriter, named: readonly string[]) {
  const found = new Map<string, NodeObject>()
  const { promise, resolve } = Promise.withResolvers<NodeList>()
  const emit = (record: EvidenceRecord) => {
    writer.write(record)
    if (record.record === 'object' && record.family === 'nodes') found.set(record.object.name, record.object)
    if (record.record === 'restart' && record.family === 'nodes') found.clear()
    if (record.record !== 'family' || record.family !== 'nodes') return
    const isComplete = record.unavailable === undefined
    resolve({ nodes: isComplete ? [...found.values()] : withNamed([...found.values()], named), isComplete })
  }
  return { emit, nodes: promise }
}

/** Where the API did not give all nodes, those named in the configuration can still be read. */
function withNamed(nodes: readonly NodeObject[], named: readonly string[]): NodeObject[] {
  const known = new Set(nodes.map(({ name }) => name))
  const others = named.filter((name) => !known.has(name))
  return [...nodes, ...others.map((name) => ({ name, roles: [], addresses: [], nodeInfo: {} }))]
}

function namedNodes({ ssh, local }: Config): string[] {
  return [...Object.keys(ssh?.addresses ?? {}), ...(local?.node === undefined ? [] : [local.node])]
}

/** Beside manifests there is a host only where the settings say that this machine is a node, and which. */
function readsThisMachine({ nodeAccess, local }: Config): boolean {
  return nodeAccess !== undefined && waysOf(nodeAccess).includes('local') && local?.node !== undefined
}

/** `--node-access api` stands for both questions. */
async function askComponents(
  source: ObjectSource,
  nodes: Promise<NodeList>,
  { settings, writer, signal }: HostReading,
): Promise<void> {
  const isApiWay = waysOf(settings.nodeAccess).includes('api')
  const kubelets = settings.kubeletConfigz ?? isApiWay
  const apiServer = settings.apiServerFlagz ?? isApiWay
  if (!kubelets && !apiServer) return
  const selectors = settings.nodes === undefined ? {} : { selectors: settings.nodes }
  const targets = kubelets ? nodeTargets((await nodes).nodes, selectors).targets : []
  await collectComponents({
    source,
    kubelets: targets.map(({ node }) => node),
    apiServer,
    concurrency: 16,
    signal,
    emit: writer.write,
  })
}

interface HostReading {
  readonly settings: Config
  readonly request: KubeRequest | undefined
  readonly writer: SnapshotWriter
  readonly status: Status
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

async function collectHosts(
  { nodes, isComplete }: NodeList,
  { settings, request, writer, status, terminal, signal }: HostReading,
): Promise<void> {
  const ssh = settings.ssh ?? {}
  const { targets, skipped, unmatched } = nodeTargets(nodes, {
    ...(settings.nodes === undefined ? {} : { selectors: settings.nodes }),
    ...(ssh.addresses === undefined ? {} : { addresses: ssh.addresses }),
    ...(settings.local?.node === undefined ? {} : { localNode: settings.local.node }),
    ...(ssh.port === undefined ? {} : { port: ssh.port }),
    ...(ssh.user === undefined ? {} : { user: ssh.user }),
    ...(ssh.groups === undefined ? {} : { groups: ssh.groups }),
  })
  if (unmatched.length > 0 && !signal.aborted) reportUnmatched(unmatched, { nodes, isComplete }, terminal)
  for (const record of skipped) writer.write(record)
  if (targets.length === 0) return
  const notes: string[] = []
  const concurrency = settings.concurrency?.nodes ?? 32
  const { ways, close } = await openWays(settings, {
    request,
    targets,
    concurrency,
    onNote: (note) => notes.push(note),
    onWarning: (warning) => terminal.warn(`warning: ${visibleText(warning)}`),
  })
  try {
    status.nodes({ total: targets.length, isReached: false })
    await collectNodes({
      ways,
      targets,
      concurrency,
      limits: {
        ...defaultProbeLimits,
        ...(ssh.timeoutSeconds === undefined ? {} : { timeoutMs: ssh.timeoutSeconds * 1000 }),
        ...(ssh.connectTimeoutSeconds === undefined ? {} : { connectTimeoutMs: ssh.connectTimeoutSeconds * 1000 }),
      },
      ...(settings.totalTimeoutSeconds === undefined ? {} : { totalTimeoutMs: settings.totalTimeoutSeconds * 1000 }),
      signal,
      emit: writer.write,
      onProgress: status.nodes,
    })
  } finally {
    await close()
    for (const note of notes) terminal.detail(`note: ${visibleText(note)}`)
  }
}

/** A mistake where the list of nodes is whole; otherwise nobody knows, and the rest of the audit must not be lost for it. */
function reportUnmatched(unmatched: readonly string[], { nodes, isComplete }: NodeList, terminal: Terminal): void {
  const known = nodes.slice(0, 10).map(({ name }) => name)
  const there =
    known.length === 0
      ? 'The API gave no nodes.'
      : `Nodes there are: ${known.join(', ')}${nodes.length > 10 ? ', …' : ''}.`
  const message = `--nodes, --ssh-address or --local-node names no node of this cluster: ${unmatched.join(', ')}. ${there}`
  if (isComplete) throw new InputError(message)
  terminal.warn(visibleText(`warning: ${message} The list of nodes is incomplete.`))
}

type Status = ReturnType<typeof createStatus>

function createStatus(terminal: Terminal) {
  let objects = { families: 0, total: 0, objects: 0 }
  let reached = 0
  let total = 0
  const line = () => {
    const lists = `Read ${objects.objects} objects in ${objects.families} of ${objects.total} lists`
    return total === 0 ? lists : `${lists}, ${reached} of ${total} nodes`
  }
  return {
    line,
    objects: (progress: typeof objects) => {
      objects = progress
      terminal.progress.update(line())
    },
    nodes: (progress: { readonly total: number; readonly isReached: boolean }) => {
      total = progress.total
      if (progress.isReached) reached += 1
      terminal.progress.update(line())
    },
  }
}
