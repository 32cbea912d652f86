// `demo`: the whole line against a simulated six-node cluster on loopback, over real HTTPS and real SSH.
import { join } from 'node:path'
import { startSimulatedCluster } from '../../simulator/cluster.ts'
import { stopIfAsked } from '../interrupt.ts'
import type { Flags } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { auditWith } from './audit.ts'

export async function demo(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  terminal.progress.stage('Starting a simulated cluster on loopback')
  const cluster = await startSimulatedCluster()
  try {
    stopIfAsked(signal, 'Nothing was written.')
    terminal.progress.done('Started a simulated cluster: 3 control-plane and 3 worker nodes on loopback')
    return await auditWith(
      {
        cluster: { name: 'demo' },
        kubeconfig: cluster.kubeconfig,
        ssh: cluster.ssh,
        kubeletConfigz: true,
        output: flags.output ?? join('reports', 'demo'),
        classification: 'DEMO',
      },
      terminal,
      signal,
    )
  } finally {
    await cluster.close()
  }
}
