// Where a simulated cluster comes from: the demo's description, a generator, or a recording of a real API server.
// May not: start anything.
import { z } from 'zod'
import { type ObjectCollection, type ObjectProvider, recordedProvider, tableProvider } from './api-provider.ts'
import { demoComponentBodies } from './component-endpoints.ts'
import { generatedNodeName, generatedProvider, type Scale } from './generate.ts'
import { demoHostIndex, demoHosts, type HostTree, withPodGroups } from './hosts/index.ts'
import { collectionsOf, type DemoOptions, demoObjects, demoVersion, listPath } from './objects/index.ts'

export type ClusterSource =
  /** `flagz`: the API server's gate ComponentFlagz is on. */
  | ({ readonly kind: 'demo'; readonly flagz?: boolean } & DemoOptions)
  /** A node of every distribution. */
  | { readonly kind: 'distributions' }
  | ({ readonly kind: 'generated' } & Scale)
  /** Path of a gzip-compressed JSON-lines file of `{path, status, body}`. */
  | { readonly kind: 'recorded'; readonly file: string }

export interface SimulatedNode {
  readonly name: string
  readonly tree: HostTree
  /** As the API gives it; the host's own then says the same. */
  readonly bootID?: string
}

export interface DescribedCluster {
  readonly name: string
  readonly provider: ObjectProvider
  readonly nodes: readonly SimulatedNode[]
}

/** Recorded and generated nodes stand on the demo's hosts. */
export async function describeCluster(source: ClusterSource): Promise<DescribedCluster> {
  switch (source.kind) {
    case 'demo': {
      const provider = tableProvider(collectionsOf(demoObjects(source)), {
        '/version': demoVersion,
        ...demoComponentBodies(source.flagz),
      })
      const bootIDs = bootIDsOf(provider.list(listPath('nodes')))
      const pods = provider.list(listPath('pods'))
      const podObjects = [...(pods?.slice(0, pods.count) ?? [])]
      return {
        name: 'demo',
        provider,
        nodes: demoHosts.map((tree) =>
          withBootID({ name: tree.hostname, tree: withPodGroups(tree, podObjects) }, bootIDs),
        ),
      }
    }
    case 'distributions': {
      // Only then: describing those hosts makes certificates.
      const { distributionObjects, loginHosts } = await import('./distribution-cluster.ts')
      const provider = tableProvider(collectionsOf(distributionObjects()), { '/version': demoVersion })
      const bootIDs = bootIDsOf(provider.list(listPath('nodes')))
      return { name: 'distributions', provider, nodes: loginHosts.map((node) => withBootID(node, bootIDs)) }
    }
    case 'generated': {
      const nodes = Array.from({ length: source.nodes }, (_, index) => onDemoHost(generatedNodeName(index), index))
      return { name: 'generated', provider: generatedProvider(source), nodes }
    }
    case 'recorded': {
      const provider = await recordedProvider(source.file)
      const bootIDs = bootIDsOf(provider.list(listPath('nodes')))
      const nodes = [...bootIDs.keys()].map((name, index) => withBootID(onDemoHost(name, index), bootIDs))
      return { name: 'recorded', provider, nodes }
    }
    default:
      return source satisfies never
  }
}

function onDemoHost(name: string, index: number): SimulatedNode {
  const tree = demoHosts[demoHostIndex(index)]
  if (tree === undefined) throw new Error('there are no demo hosts')
  return { name, tree }
}

function withBootID(node: SimulatedNode, bootIDs: ReadonlyMap<string, string | undefined>): SimulatedNode {
  const bootID = bootIDs.get(node.name)
  return bootID === undefined ? node : { ...node, bootID }
}

const nodeShape = z.object({
  metadata: z.object({ name: z.string() }),
  status: z.object({ nodeInfo: z.object({ bootID: z.string().optional() }).optional() }).optional(),
})

/** Boot ids by node name, in the order of the list. */
function bootIDsOf(nodes: ObjectCollection | undefined): Map<string, string | undefined> {
  const parsed = Array.from(nodes?.slice(0, nodes.count) ?? [], (node) => nodeShape.parse(node))
  return new Map(parsed.map(({ metadata, status }) => [metadata.name, status?.nodeInfo?.bootID]))
}
