// Opens the ways to the nodes that the settings name, in their order. Each way's code is loaded when it is asked for.
// May not: reach a node.
import { apiWay } from '../collect/nodes.ts'
import { waysOf } from '../model/access.ts'
import type { Config } from '../model/config.ts'
import type { NodeAccess, NodeTarget } from '../transport/contracts.ts'
import { InputError } from '../util/input-error.ts'

export interface OpenedWays {
  readonly ways: readonly NodeAccess[]
  close(): Promise<void>
}

interface Surroundings {
  readonly targets: readonly NodeTarget[]
  readonly onNote: (note: string) => void
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
  { targets, onNote }: Surroundings,
): Promise<NodeAccess> {
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
      throw new InputError('--node-access pod is not there yet.')
    case 'api':
      return apiWay
    default:
      return way satisfies never
  }
}
