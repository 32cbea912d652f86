// Finds the kubelet of a node among the host's processes.
// May not: choose between several without a reason.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { parseCommandLine } from './flags.ts'
import { findProcesses } from './host.ts'
import { kubeletFlagSyntax } from './kubelet-flags.ts'

/** Processes that run a kubelet inside themselves; its configuration is not on a command line of its own. */
const embedding = ['k3s', 'k3s-server', 'k3s-agent']

/** The kubelet's process, or why its configuration cannot be known. */
export function findKubelet(host: HostEvidence, node: string): ProcessEvidence | Unavailable {
  const kubelets = findProcesses(host, 'kubelet')
  if (isUnavailable(kubelets)) return kubelets
  const [first, ...others] = kubelets
  if (first === undefined) return explainAbsence(host)
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

function explainAbsence(host: HostEvidence): Unavailable {
  for (const name of embedding) {
    const found = findProcesses(host, name)
    if (!isUnavailable(found) && found[0] !== undefined) {
      return unavailable(
        'unsupported',
        `The kubelet runs inside ${name} (pid ${found[0].pid}), whose configuration is not read yet.`,
      )
    }
  }
  return unavailable('not-running', 'No kubelet process runs on this host.')
}

function hostnameOverride(process: ProcessEvidence): string | undefined {
  const { occurrences } = parseCommandLine(process.arguments.slice(1), kubeletFlagSyntax)
  return occurrences.findLast((occurrence) => occurrence.name === 'hostname-override')?.value
}
