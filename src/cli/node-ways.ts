// Opens the ways to the nodes that the settings name, in their order. Each way's code is loaded when it is asked for.
// May not: reach a node.
import { apiWay } from '../collect/nodes.ts'
import { waysOf } from '../model/access.ts'
import type { Config } from '../model/config.ts'
import type { NodeAccess, NodeTarget } from '../transport/contracts.ts'
import type { KubeRequest } from '../transport/kube.ts'
import { InputError } from '../util/input-error.ts'

export interface OpenedWays {
  readonly ways: readonly NodeAccess[]
  close(): Promise<void>
}

interface Surroundings {
  /** Absent where the source of objects is no live cluster. */
  readonly request?: KubeRequest | undefined
  readonly concurrency: number
  readonly targets: readonly NodeTarget[]
  readonly onNote: (note: string) => void
  /** Hears what is left in the cluster, which its owner has to know. */
  readonly onWarning: (warning: string) => void
}

/** Throws InputError or SshSetupError when a way cannot work as configured. */
export async function openWays(settings: Config, surroundings: Surroundings): Promise<OpenedWays> {
  const ways: NodeAccess[] = []
  const close = async () => {
    await Promise.all(ways.map((way) => way.close()))
  }
  try {
    for (const way of waysOf(settings.nodeAccess)) ways.push(await openWay(way, settings, surroundings))
  } catch (error) {
    await close()
    throw error
  }
  return { ways, close }
}

async function openWay(
  way: ReturnType<typeof waysOf>[number],
  settings: Config,
  surroundings: Surroundings,
): Promise<NodeAccess> {
  const { targets, onNote } = surroundings
  switch (way) {
    case 'ssh': {
      const { openSshAccess } = await import('../transport/ssh.ts')
      return openSshAccess({ ...settings.ssh, environment: process.env, onNote })
    }
    case 'local': {
      const { openLocalAccess } = await import('../transport/local.ts')
      const sudo = settings.ssh?.sudo
      return openLocalAccess({ ...settings.local, ...(sudo === undefined ? {} : { sudo }), targets })
    }
    case 'pod':
      return openPod(settings, surroundings)
    case 'api':
      return apiWay
    default:
      return way satisfies never
  }
}

async function openPod(
  settings: Config,
  { request, targets, concurrency, onWarning }: Surroundings,
): Promise<NodeAccess> {
  if (request === undefined) throw new InputError('--node-access pod needs a live cluster.')
  const { openPodAccess } = await import('../transport/pod.ts')
  return openPodAccess({ ...settings.pod, request, nodes: targets.length, concurrency, onNote: onWarning })
}
