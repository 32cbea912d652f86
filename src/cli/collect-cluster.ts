// The first stage: a cluster and its nodes into one snapshot file. Composes transports, collectors and the snapshot writer.
import { collectNodes, nodeTargets } from '../collect/nodes.ts'
import { collectObjects, readClusterIdentity } from '../collect/objects.ts'
import type { Config } from '../model/config.ts'
import { isUnavailable, type UnavailableReason } from '../model/fact.ts'
import type { NodeObject } from '../model/objects.ts'
import { type EvidenceRecord, type SnapshotTrailer, snapshotSchemaVersion } from '../model/snapshot.ts'
import { createSnapshotWriter, type SnapshotWriter } from '../snapshot/index.ts'
import type { NodeAccess, ObjectSource } from '../transport/contracts.ts'
import { ExitError, exitCodes } from './exit.ts'
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
 * Reads everything the settings ask for. `pathFor` gets the cluster's name and gives the snapshot's path.
 * A signal ends the collection early; the snapshot is then finished and marked as interrupted.
 */
export async function collectCluster(
  settings: Config,
  pathFor: (clusterName: string) => string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Collected> {
  const { source, clusterName: foundName } = await openSource(settings, terminal)
  const clusterName = settings.cluster?.name ?? foundName
  try {
    terminal.progress.stage(`Reading ${clusterName}`)
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
    const snapshotPath = pathFor(clusterName)
    const writer = await createSnapshotWriter(snapshotPath, {
      record: 'header',
      schemaVersion: snapshotSchemaVersion,
      tool: toolIdentity(),
      cluster: { name: clusterName, ...identity },
      source: source.source,
      startedAt: new Date().toISOString(),
    })
    const trailer = await writeEvidence(source, settings, writer, terminal, signal)
    return { trailer, snapshotPath }
  } finally {
    await source.close()
  }
}

async function openSource(
  settings: Config,
  terminal: Terminal,
): Promise<{ source: ObjectSource; clusterName: string }> {
  if (settings.manifests !== undefined) {
    const { openManifestSource } = await import('../transport/manifests.ts')
    return { source: await openManifestSource(settings.manifests), clusterName: 'manifests' }
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
  return { source, clusterName: source.clusterName }
}

async function writeEvidence(
  source: ObjectSource,
  settings: Config,
  writer: SnapshotWriter,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<SnapshotTrailer> {
  // Ends what runs beside it when one part fails for good (full disk, a node pattern that matches nothing).
  const failed = new AbortController()
  const combined = AbortSignal.any([signal, failed.signal])
  try {
    const nodeList = watchNodeList(writer)
    const status = createStatus(terminal)
    const objects = collectObjects({
      source,
      concurrency: settings.concurrency?.lists ?? 4,
      signal: combined,
      emit: nodeList.emit,
      drained: writer.drained,
      onProgress: status.objects,
    })
    const hosts = nodeList.nodes.then((nodes) => collectHosts(nodes, source, settings, writer, status, combined))
    await Promise.all([objects, hosts])
    const trailer = await writer.finish({ finishedAt: new Date().toISOString(), interrupted: signal.aborted })
    terminal.progress.done(status.line())
    return trailer
  } catch (error) {
    failed.abort()
    await writer.discard()
    throw error
  }
}

/** Passes records on to the writer, and resolves with the node objects as soon as their list has ended. */
function watchNodeList(writer: SnapshotWriter) {
  let found: NodeObject[] = []
  const { promise, resolve } = Promise.withResolvers<NodeObject[]>()
  const emit = (record: EvidenceRecord) => {
    writer.write(record)
    if (record.record === 'object' && record.family === 'nodes') found.push(record.object)
    if (record.record === 'restart' && record.family === 'nodes') found = []
    if (record.record === 'family' && record.family === 'nodes') resolve(found)
  }
  return { emit, nodes: promise }
}

async function collectHosts(
  nodes: readonly NodeObject[],
  source: ObjectSource,
  settings: Config,
  writer: SnapshotWriter,
  status: ReturnType<typeof createStatus>,
  signal: AbortSignal,
): Promise<void> {
  if (settings.nodeAccess === 'none' || source.source.kind === 'manifests') return
  const ssh = settings.ssh ?? {}
  const targets = nodeTargets(nodes, {
    ...(settings.nodes === undefined ? {} : { patterns: settings.nodes }),
    ...(ssh.addresses === undefined ? {} : { addresses: ssh.addresses }),
    ...(ssh.port === undefined ? {} : { port: ssh.port }),
    ...(ssh.user === undefined ? {} : { user: ssh.user }),
  })
  if (targets.length === 0) return
  const { openSshAccess } = await import('../transport/ssh.ts')
  const access: NodeAccess = await openSshAccess(ssh)
  try {
    status.nodes({ done: 0, total: targets.length })
    await collectNodes({
      access,
      targets,
      concurrency: settings.concurrency?.nodes ?? 32,
      limits: {
        timeoutMs: (ssh.timeoutSeconds ?? 60) * 1000,
        connectTimeoutMs: (ssh.connectTimeoutSeconds ?? 10) * 1000,
        maxBytes: 16 * 1024 * 1024,
      },
      signal,
      emit: writer.write,
      onProgress: status.nodes,
    })
  } finally {
    await access.close()
  }
}

function createStatus(terminal: Terminal) {
  let objects = { families: 0, total: 0, objects: 0 }
  let nodes = { done: 0, total: 0 }
  const line = () =>
    `Read ${objects.objects} objects in ${objects.families} of ${objects.total} lists, ${nodes.done} of ${nodes.total} nodes`
  return {
    line,
    objects: (progress: typeof objects) => {
      objects = progress
      terminal.progress.update(line())
    },
    nodes: (progress: typeof nodes) => {
      nodes = progress
      terminal.progress.update(line())
    },
  }
}
