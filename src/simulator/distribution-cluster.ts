// A cluster with one node of every distribution, to see side by side what an audit makes of each. No such cluster exists.
// May not: be loaded for other clusters, since these hosts make certificates as they are described.
import { distributionHosts } from './hosts/distributions/index.ts'
import type { HostTree } from './hosts/tree.ts'
import { type ClusterObjects, emptyCluster } from './objects/index.ts'

/** Talos and Bottlerocket have none to log in to. */
export const loginHosts: readonly { readonly name: string; readonly tree: HostTree }[] = distributionHosts.flatMap(
  ({ tree }) => (tree === undefined ? [] : [{ name: tree.hostname, tree }]),
)

export function distributionObjects(): ClusterObjects {
  return emptyCluster(
    distributionHosts.map(({ id, tree, node: { roles, labels, ...node } }, index) => ({
      ...node,
      name: tree?.hostname ?? id,
      address: `127.0.20.${index + 1}`,
      isControlPlane: roles.includes('control-plane'),
      labels: { ...labels, ...Object.fromEntries(roles.map((role) => [`node-role.kubernetes.io/${role}`, ''])) },
    })),
  )
}
