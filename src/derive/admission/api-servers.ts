// The cluster's API servers taken together: a request may reach any of them, so what one of them does not do is not done.
// May not: speak for an API server that nobody saw.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Unit } from '../../model/unit.ts'

export type ApiServer = FactValue<'apiServer'>

export interface ApiServers {
  readonly known: readonly { readonly node: string; readonly server: ApiServer }[]
  /** Why there may be others, or why none is known. */
  readonly gap: Unavailable | undefined
}

/** Nodes of the control plane whose API server could not be told leave a gap; other nodes are not expected to run one. */
export function findApiServers(nodes: readonly Unit[], nodeGap?: Unavailable): ApiServers {
  const known: { node: string; server: ApiServer }[] = []
  // Behind a list of nodes that is not whole there may be others.
  let gap = nodeGap
  for (const { identity, facts } of nodes) {
    const { apiServer: server } = facts
    if (server === undefined || isUnavailable(server)) {
      if (isControlPlane(facts.node)) gap ??= describeGap(identity.name, server)
      continue
    }
    if (isUnavailable(server.runs) || !server.runs.value) continue
    known.push({ node: identity.name, server })
  }
  if (known.length > 0 || gap !== undefined) return { known, gap }
  return {
    known,
    gap: unavailable(
      'unsupported',
      'No node that was read runs an API server, so how its admission is set up is not to be seen from here.',
    ),
  }
}

function isControlPlane(node: Unit['facts']['node']): boolean {
  if (node === undefined || isUnavailable(node)) return false
  return node.roles.some((role) => role === 'control-plane' || role === 'master' || role === 'controlplane')
}

function describeGap(name: string, server: Unavailable | undefined): Unavailable {
  const { reason, detail } = (server ?? unavailable('not-collected', 'It was not read.')).unavailable
  return unavailable(reason, `The API server of ${name}: ${detail}`)
}

/** Whether a condition holds on all of them: one that is known not to settles it, one that is not known leaves it open. */
export function onAll({ known, gap }: ApiServers, read: (server: ApiServer) => Observed<boolean>): Observed<boolean> {
  let missing = gap
  let source = ''
  for (const { node, server } of known) {
    const answer = read(server)
    if (isUnavailable(answer)) {
      missing ??= answer
      continue
    }
    if (!answer.value) return { value: false, source: `${answer.source} on ${node}` }
    source ||= answer.source
  }
  return missing ?? { value: true, source }
}

/** Whether a plug-in is in effect on all of them. */
export function runsPlugin(servers: ApiServers, name: string): Observed<boolean> {
  return onAll(servers, ({ admissionPlugins }) =>
    isUnavailable(admissionPlugins)
      ? admissionPlugins
      : { value: admissionPlugins.value.includes(name), source: admissionPlugins.source },
  )
}
