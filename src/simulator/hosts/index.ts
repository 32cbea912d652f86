// The hosts of the demo cluster, by node name.
import { controlPlane1, controlPlane2, controlPlane3 } from './demo-control-plane.ts'
import { worker1, worker2, worker3 } from './demo-workers.ts'
import type { HostTree } from './tree.ts'

export { type MaterialisedHost, materialiseHost } from './materialise.ts'
export type { HostTree } from './tree.ts'

export const demoHosts: readonly HostTree[] = [controlPlane1, controlPlane2, controlPlane3, worker1, worker2, worker3]

/** The demo host that a node of a larger cluster stands on: three control-plane nodes, then workers of three kinds in turn. */
export function demoHostIndex(node: number): number {
  const controlPlane = 3
  return node < controlPlane ? node : controlPlane + ((node - controlPlane) % (demoHosts.length - controlPlane))
}
