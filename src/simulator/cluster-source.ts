// Where a simulated cluster comes from: the demo's description, a generator, or a recording of a real API server.
// May not: start anything.
import { type ObjectCollection, type ObjectProvider, recordedProvider, tableProvider } from './api-provider.ts'
import { generatedNodeName, generatedProvider, type Scale } from './generate.ts'
import { demoHostIndex, demoHosts, type HostTree } from './hosts/index.ts'
import { collectionsOf, type DemoOptions, demoObjects, demoVersion, listPath } from './objects/index.ts'

export type ClusterSource =
  | ({ readonly kind: 'demo' } & DemoOptions)
  | ({ readonly kind: 'generated' } & Scale)
  /** Path of a gzip-compressed JSON-lines file of `{path, status, body}`. */
  | { readonly kind: 'recorded'; readonly file: string }

export interface SimulatedNode {
  readonly name: string
  readonly tree: HostTree
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
      const provider = tableProvider(collectionsOf(demoObjects(source)), { '/version': demoVersion })
      return { name: 'demo', provider, nodes: demoHosts.map((tree) => ({ name: tree.hostname, tree })) }
    }
    case 'generated': {
      const nodes = Array.from({ length: source.nodes }, (_, index) => onDemoHost(generatedNodeName(index), index))
      return { name: 'generated', provider: generatedProvider(source), nodes }
    }
    case 'recorded': {
      const provider = await recordedProvider(source.file)
      return { name: 'recorded', provider, nodes: namesOf(provider.list(listPath('nodes'))).map(onDemoHost) }
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

function namesOf(nodes: ObjectCollection | undefined): string[] {
  const names: string[] = []
  for (const node of nodes?.slice(0, nodes.count) ?? []) {
    if ('metadata' in node && typeof node.metadata === 'object' && node.metadata !== null && 'name' in node.metadata) {
      names.push(String(node.metadata.name))
    }
  }
  return names
}
