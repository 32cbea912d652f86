// Finds the kubelet of a node among the host's processes.
// May not: choose between several without a reason.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { Holder } from '../distribution/holder.ts'
import { parseCommandLine } from './flags.ts'
import { findProcesses } from './host.ts'
import { kubeletFlagSyntax } from './kubelet-flags.ts'

/** The kubelet's own process, or why its configuration cannot be known; `embedded`: what another process runs as a kubelet. */
export function findKubelet(
  host: HostEvidence,
  node: string,
  embedded?: ReturnType<Holder['component']>,
): ProcessEvidence | Unavailable {
  const kubelets = findProcesses(host, 'kubelet')
  if (isUnavailable(kubelets)) return kubelets
  const [first, ...others] = kubelets
  if (first === undefined) return explainAbsence(embedded)
  if (others.length === 0) return first
  const named = kubelets.filter((process) => hostnameOverride(process) === node)
  const [only] = named
  if (only !== undefined && named.length === 1) return only
  const pids = kubelets.map((process) => process.pid).join(', ')
  return unavailable(
    'unsupported',
    `Several kubelets run (pids ${pids}), and which one is this node's is not to be told.`,
  )
}

function explainAbsence(embedded: ReturnType<Holder['component']> | undefined): ProcessEvidence | Unavailable {
  if (embedded === undefined) return unavailable('not-running', 'No kubelet process runs on this host.')
  if (isUnavailable(embedded)) return embedded
  if ('absent' in embedded) return unavailable('not-running', `No kubelet runs on this host: ${embedded.absent}.`)
  return { ...embedded.process, arguments: [...embedded.arguments] }
}

function hostnameOverride(process: ProcessEvidence): string | undefined {
  const { occurrences } = parseCommandLine(process.arguments.slice(1), kubeletFlagSyntax)
  return occurrences.findLast((occurrence) => occurrence.name === 'hostname-override')?.value
}
