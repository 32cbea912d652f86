// `demo`: the whole line against a simulated cluster on loopback, over real HTTPS and real SSH.
import { join } from 'node:path'
import { languageSchema } from '../../model/language.ts'
import { startSimulatedCluster } from '../../simulator/cluster.ts'
import { stopIfAsked } from '../interrupt.ts'
import type { Flags } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { auditWith } from './audit.ts'

const clusters = {
  company: { source: { kind: 'demo' }, name: 'demo', content: '3 control-plane and 3 worker nodes' },
  distributions: { source: { kind: 'distributions' }, name: 'distributions', content: 'a node of every distribution' },
} as const

export type DemoCluster = keyof typeof clusters

export async function demo(
  flags: Flags & { readonly cluster: DemoCluster },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { source, name, content } = clusters[flags.cluster]
  terminal.progress.stage('Starting a simulated cluster on loopback')
  const cluster = await startSimulatedCluster({ source })
  try {
    stopIfAsked(signal, 'Nothing was written.')
    terminal.progress.done(`Started a simulated cluster: ${content} on loopback`)
    return await auditWith(
      {
        cluster: { name },
        kubeconfig: cluster.kubeconfig,
        ssh: cluster.ssh,
        kubeletConfigz: true,
        output: flags.output ?? join('reports', name),
        classification: 'DEMO',
        lang: languageSchema.parse(flags.lang ?? 'en'),
      },
      terminal,
      signal,
    )
  } finally {
    await cluster.close()
  }
}
