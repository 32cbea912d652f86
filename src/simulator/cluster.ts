// A whole cluster on loopback: an API server, an SSH server per host, and the files a user would have to reach them (kubeconfig,
// key, known_hosts), in a private folder that goes away with it.
// May not: listen on anything but loopback, or leave processes, ports or files behind once closed.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SshConfig } from '../model/config.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { createPodCluster, type PodCluster } from './api-pods.ts'
import { type ApiServer, type ApiServerOptions, type Fault, type ObjectProvider, startApiServer } from './api-server.ts'
import { startBlackHole } from './black-hole.ts'
import { type ClusterSource, describeCluster, type SimulatedNode } from './cluster-source.ts'
import { type EditObjects, editedProvider } from './edited-provider.ts'
import { type HostTree, type MaterialisedHost, materialiseHost } from './hosts/index.ts'
import type { PodFault } from './pod-node.ts'
import {
  createOutputCache,
  generateSshKey,
  type OutputCache,
  type SshKeyPair,
  type SshNode,
  type SshNodeBehaviour,
  startSshNode,
} from './ssh-server.ts'
import { makePrivateFolder } from './temporary-folder.ts'

export type { ClusterSource } from './cluster-source.ts'

/** What goes wrong with a node, beside what its server can do. */
export interface NodeFault extends SshNodeBehaviour {
  /** changed: known_hosts has another key for it. unknown: known_hosts does not have it. */
  readonly hostKey?: 'changed' | 'unknown'
  /** Nothing listens at its address. */
  readonly down?: boolean
  /** Packets to its address are dropped. */
  readonly blackHole?: boolean
  /** The login may not use sudo. */
  readonly sudoDenied?: boolean
  /** Its address leads to another machine, whose boot id is not the one that the API tells. */
  readonly anotherHost?: boolean
}

export interface SimulatedClusterOptions {
  /** Default: the demo cluster. */
  readonly source?: ClusterSource
  /** Whether nodes have SSH servers; default true. */
  readonly hosts?: boolean
  /** By node name. */
  readonly nodeFaults?: Readonly<Record<string, NodeFault>>
  /** What goes wrong with the pods of a node, by its name. */
  readonly podFaults?: Readonly<Record<string, PodFault>>
  readonly apiFaults?: readonly Fault[]
  readonly api?: Pick<ApiServerOptions, 'certificate' | 'partialMetadata' | 'compress' | 'denied'>
  /** Asked at every list for what it holds now, so that a cluster can change between two audits. */
  readonly edit?: EditObjects
  /**
   * Nodes with the same tree share one server and one run of a script, so that thousands of nodes cost what six do. Default: only
   * for generated clusters.
   */
  readonly shareHosts?: boolean
}

export interface SimulatedCluster {
  /** Path of a kubeconfig whose current context is this cluster. */
  readonly kubeconfig: string
  readonly context: string
  /** The `ssh` part of a configuration that reaches every node. */
  readonly ssh: SshConfig
  /** Private folder of the above; callers may add files, which go with it. */
  readonly folder: string
  readonly api: ApiServer
  readonly nodeNames: readonly string[]
  /** The server that answers for a node; absent where nothing listens. */
  readonly nodes: ReadonlyMap<string, SshNode>
  /** The folder that is a node's `/`; a test may change its files between two audits. */
  readonly roots: ReadonlyMap<string, string>
  /** What audits make in the cluster. */
  readonly pods: PodCluster
  close(): Promise<void>
}

/** Login of all hosts. */
export const simulatedUser = 'assay'

export async function startSimulatedCluster(options: SimulatedClusterOptions = {}): Promise<SimulatedCluster> {
  const folder = makePrivateFolder()
  const forget = removeAtExit(folder)
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    await Promise.allSettled(closers.splice(0).map((closer) => closer()))
    await rm(folder, { recursive: true, force: true })
    forget()
  }
  try {
    return await start(options, { folder, onClose: (closer) => closers.push(closer), close })
  } catch (error) {
    await close()
    throw error
  }
}

interface Starting {
  readonly folder: string
  readonly onClose: (closer: () => Promise<void>) => void
  readonly close: () => Promise<void>
}

async function start(
  options: SimulatedClusterOptions,
  { folder, onClose, close }: Starting,
): Promise<SimulatedCluster> {
  const source = options.source ?? { kind: 'demo' }
  const { name, provider: described, nodes } = await describeCluster(source)
  const provider = options.edit === undefined ? described : editedProvider(described, options.edit)
  const trees = new Map<string, MaterialisedHost>()
  const pods = createPodCluster({
    folder: await mkdirIn(folder, 'pods', 0o755),
    hostOf: (node) => trees.get(node),
    faults: options.podFaults ?? {},
  })
  const api = await startApi(name, provider, options, pods)
  onClose(api.close)
  onClose(pods.close)
  const key = generateSshKey()
  const access = await mkdirIn(folder, 'access', 0o700)
  const hosts: StartedHosts =
    options.hosts === false
      ? { nodes: new Map(), addresses: {}, knownHosts: '', trees: new Map() }
      : await startHosts(nodes, {
          folder: await mkdirIn(folder, 'hosts', 0o755),
          key,
          faults: options.nodeFaults ?? {},
          isShared: options.shareHosts ?? source.kind === 'generated',
          onClose,
        })
  for (const [node, tree] of hosts.trees) trees.set(node, tree)
  const file = async (fileName: string, content: string) => {
    await writeFile(join(access, fileName), content, { mode: 0o600 })
    return join(access, fileName)
  }
  return {
    kubeconfig: await file('kubeconfig', api.kubeconfig()),
    context: name,
    ssh: {
      user: simulatedUser,
      identityFiles: [await file('id_ed25519', key.private)],
      knownHosts: [await file('known_hosts', hosts.knownHosts)],
      configFile: await file('ssh_config', ''),
      agent: false,
      addresses: hosts.addresses,
    },
    folder: access,
    api,
    nodeNames: nodes.map((node) => node.name),
    nodes: hosts.nodes,
    roots: new Map([...hosts.trees].map(([node, { root }]) => [node, root])),
    pods,
    close,
  }
}

async function startApi(
  clusterName: string,
  provider: ObjectProvider,
  options: SimulatedClusterOptions,
  pods: PodCluster,
): Promise<ApiServer> {
  const api = await startApiServer({ provider, pods, clusterName, ...options.api })
  for (const fault of options.apiFaults ?? []) api.setFault(fault)
  return api
}

interface HostOptions {
  readonly folder: string
  readonly key: SshKeyPair
  readonly faults: Readonly<Record<string, NodeFault>>
  readonly isShared: boolean
  readonly onClose: (closer: () => Promise<void>) => void
}

interface StartedHosts {
  readonly nodes: ReadonlyMap<string, SshNode>
  readonly addresses: Record<string, string>
  readonly knownHosts: string
  /** By node. */
  readonly trees: ReadonlyMap<string, MaterialisedHost>
}

async function startHosts(nodes: readonly SimulatedNode[], options: HostOptions): Promise<StartedHosts> {
  const trees = new Map<HostTree, MaterialisedHost>()
  for (const tree of new Set(nodes.map((node) => node.tree))) {
    trees.set(tree, await materialiseHost(tree, await mkdirIn(options.folder, `${trees.size}`, 0o755)))
  }
  if (!options.isShared) await writeBootIDs(nodes, trees)
  const shared = new Map<HostTree, SshNode>()
  const cache = createOutputCache(options.isShared)
  const started = new Map<string, SshNode>()
  const addresses: Record<string, string> = {}
  const knownHosts: string[] = []
  const down: SshNode[] = []
  const byNode = new Map<string, MaterialisedHost>()
  for (const { name, tree } of nodes) {
    const fault = options.faults[name]
    const host = trees.get(tree)
    if (host === undefined) throw new Error(`the host of ${name} was not made`)
    byNode.set(name, host)
    if (fault?.blackHole === true) {
      const hole = await startBlackHole()
      options.onClose(async () => hole.close())
      addresses[name] = `127.0.0.1:${hole.port}`
      continue
    }
    const known = options.isShared && fault === undefined ? shared.get(tree) : undefined
    const server = known ?? (await startHost(name, { tree, host }, { ...options, fault, cache }))
    if (known === undefined) knownHosts.push(knownHostsLines(server, fault))
    if (options.isShared && fault === undefined) shared.set(tree, server)
    addresses[name] = `${server.host}:${server.port}`
    if (fault?.down === true) down.push(server)
    else started.set(name, server)
  }
  // Last, so that no other node is given the port.
  for (const server of down) await server.close()
  return { nodes: started, addresses, knownHosts: knownHosts.join(''), trees: byNode }
}

async function anotherHost(tree: HostTree, name: string, folder: string): Promise<MaterialisedHost> {
  const host = await materialiseHost(tree, await mkdirIn(folder, `instead-of-${name}`, 0o755))
  await writeBootID(host.root, '00000000-0000-4000-8000-000000000000')
  return host
}

async function writeBootID(root: string, bootID: string): Promise<void> {
  const folder = join(root, 'proc/sys/kernel/random')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'boot_id'), `${bootID}\n`)
}

/** Where several nodes stand on one tree none gets a boot id: no host can have two. */
async function writeBootIDs(
  nodes: readonly SimulatedNode[],
  hosts: ReadonlyMap<HostTree, MaterialisedHost>,
): Promise<void> {
  for (const [tree, sharing] of Map.groupBy(nodes, (node) => node.tree)) {
    const [only, ...others] = sharing
    const root = hosts.get(tree)?.root
    if (only?.bootID === undefined || others.length > 0 || root === undefined) continue
    await writeBootID(root, only.bootID)
  }
}

interface HostStart extends HostOptions {
  readonly fault: NodeFault | undefined
  readonly cache: OutputCache
}

async function startHost(
  name: string,
  { tree, host }: { readonly tree: HostTree; readonly host: MaterialisedHost },
  start: HostStart,
): Promise<SshNode> {
  const fault = start.fault ?? {}
  const { hostKey: _, down: __, blackHole: ___, sudoDenied, anotherHost: isAnother, ...behaviour } = fault
  const { root, commands } = isAnother === true ? await anotherHost(tree, name, start.folder) : host
  const server = await startSshNode({
    hostTreeRoot: root,
    pathPrefix: commands,
    authorizedKeys: [start.key.public],
    users: [simulatedUser],
    login: tree.sudo && sudoDenied !== true ? 'sudo' : 'sudo-denied',
    behaviour,
    outputCache: start.cache,
  })
  start.onClose(() => server.close())
  return server
}

function knownHostsLines(server: SshNode, fault: NodeFault | undefined): string {
  if (fault?.hostKey === undefined) return server.knownHosts
  if (fault.hostKey === 'unknown') return ''
  const [type = '', key = ''] = generateSshKey().public.split(' ')
  return `[${server.host}]:${server.port} ${type} ${key}\n`
}

async function mkdirIn(parent: string, name: string, mode: number): Promise<string> {
  const path = join(parent, name)
  await mkdir(path)
  await chmod(path, mode)
  return path
}
