// The hosts of the demo cluster, by node name.
import { controlPlane1, controlPlane2, controlPlane3 } from './demo-control-plane.ts'
import { worker1, worker2, worker3 } from './demo-workers.ts'
import { type PodGroupOptions, podGroups } from './parts-pod-groups.ts'
import type { HostTree } from './tree.ts'

export { type MaterialisedHost, materialiseHost } from './materialise.ts'
export type { HostTree } from './tree.ts'

export const demoHosts: readonly HostTree[] = [controlPlane1, controlPlane2, controlPlane3, worker1, worker2, worker3]

/** The demo host that a node of a larger cluster stands on: three control-plane nodes, then workers of three kinds in turn. */
export function demoHostIndex(node: number): number {
  const controlPlane = 3
  return node < controlPlane ? node : controlPlane + ((node - controlPlane) % (demoHosts.length - controlPlane))
}

const podGroupOptions: Readonly<Record<string, PodGroupOptions>> = {
  'worker-1': {
    driver: 'systemd',
    runtime: 'crio',
    weights: 'since runc 1.3.2',
    size: [16, 65_543_244],
    unlimited: { pod: 'prometheus-', container: 'prometheus' },
  },
  'worker-2': { driver: 'cgroupfs', runtime: 'docker', weights: 'before runc 1.3.2', size: [8, 32_771_840] },
  'worker-3': { driver: 'systemd', runtime: 'cri-containerd', weights: 'since runc 1.3.2', size: [8, 32_771_840] },
}

/** The host with the control groups of the pods that the API says it runs. */
export function withPodGroups(tree: HostTree, pods: readonly unknown[]): HostTree {
  const options = podGroupOptions[tree.hostname] ?? {
    driver: 'systemd',
    runtime: 'cri-containerd',
    weights: 'since runc 1.3.2',
  }
  const { files } = podGroups(pods, tree.hostname, options)
  return { ...tree, files: { ...tree.files, ...files } }
}
