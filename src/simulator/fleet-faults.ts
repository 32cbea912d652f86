// Thirteen ways in which nodes of a fleet are broken, each with the reason that a report has to give.
// May not: know how a reader finds out.
import type { NodeFault } from './cluster.ts'

export interface FleetFault {
  readonly name: string
  readonly fault: NodeFault
  /** Reason in the coverage of the node's host facts. */
  readonly reason: string
  /** Part of the sentence beside it. */
  readonly detail: RegExp
  /** Whether something of the host is known all the same. */
  readonly isPartial: boolean
}

const broken = (name: string, fault: NodeFault, reason: string, detail: RegExp, isPartial = false): FleetFault => ({
  name,
  fault,
  reason,
  detail,
  isPartial,
})

export const fleetFaults: readonly FleetFault[] = [
  broken('refused', { down: true }, 'unreachable', /refused the connection/),
  broken('black hole', { blackHole: true }, 'timeout', /No connection to .+ within/),
  broken('wrong host key', { hostKey: 'changed' }, 'host-key-mismatch', /another key than the known one/),
  broken('unknown host key', { hostKey: 'unknown' }, 'host-key-unknown', /is not in known_hosts/),
  broken('login refused', { refuseAuth: true }, 'auth-failed', /accepted none of the credentials/),
  broken('sudo denied', { sudoDenied: true }, 'sudo-denied', /sudo -n was refused/, true),
  broken('hangs before the login', { hang: 'before-auth' }, 'timeout', /No answer from .+ within/),
  broken('hangs in the middle', { stallAfterBytes: 6000 }, 'timeout', /No answer from .+ within/, true),
  broken('floods', { flood: true }, 'too-large', /sent more than \d+ bytes/),
  broken('connection lost in the middle', { cutAfterBytes: 6000 }, 'connection-lost', /closed the connection/, true),
  broken('garbage', { garbage: true }, 'malformed', /not with the probe’s output/),
  broken('another host', { anotherHost: true }, 'wrong-host', /is not this node: its boot id is/),
  broken('no shell', { noShell: true }, 'malformed', /does the login start a shell/),
]

/** `share` of the nodes, spread over them, each broken in the next way. */
export function breakFleet(nodes: readonly string[], share: number): ReadonlyMap<string, FleetFault> {
  const step = Math.max(1, Math.floor(1 / share))
  const chosen = nodes.filter((_, index) => index % step === step - 1)
  return new Map(
    chosen.flatMap((node, index) => {
      const fault = fleetFaults[index % fleetFaults.length]
      return fault === undefined ? [] : [[node, fault] as const]
    }),
  )
}
