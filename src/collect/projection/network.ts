// Services and NetworkPolicies: what they select and what they let through.
// May not: leave out a peer or a selector that it cannot read; the policy would look wider or narrower than it is.
import type { LabelSelector, NetworkPolicyObject, ServiceObject } from '../../model/objects.ts'
import { metadataOf, projectMeta } from './metadata.ts'
import { child, int, list, numberOrText, type Problems, present, type Raw, text, textMap, texts } from './read.ts'

const none: Raw = {}

export function projectService(raw: Raw, problems: Problems): ServiceObject {
  const spec = child(raw, 'spec', problems) ?? none
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    type: text(spec, 'type', problems),
    selector: textMap(spec, 'selector', problems),
    ports: (list(spec, 'ports', problems) ?? []).map((port) =>
      present({
        name: text(port, 'name', problems),
        protocol: text(port, 'protocol', problems),
        port: int(port, 'port', problems),
        targetPort: numberOrText(port, 'targetPort', problems),
      }),
    ),
  })
}

type NetworkRule = NonNullable<NetworkPolicyObject['egress']>[number]

export function projectNetworkPolicy(raw: Raw, problems: Problems): NetworkPolicyObject {
  const spec = child(raw, 'spec', problems) ?? none
  const rules = (key: 'ingress' | 'egress', peers: 'from' | 'to') =>
    list(spec, key, problems)?.map((rule) => projectRule(rule, peers, problems))
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    podSelector: projectLabelSelector(child(spec, 'podSelector', problems) ?? none, problems),
    policyTypes: texts(spec, 'policyTypes', problems),
    ingress: rules('ingress', 'from'),
    egress: rules('egress', 'to'),
  })
}

/** An empty list of peers or ports means all of them, as an absent one. */
function projectRule(raw: Raw, key: 'from' | 'to', problems: Problems): NetworkRule {
  const peers = list(raw, key, problems)?.map((peer) => {
    const pods = child(peer, 'podSelector', problems)
    const namespaces = child(peer, 'namespaceSelector', problems)
    return present({
      podSelector: pods === undefined ? undefined : projectLabelSelector(pods, problems),
      namespaceSelector: namespaces === undefined ? undefined : projectLabelSelector(namespaces, problems),
      ipBlock: projectBlock(child(peer, 'ipBlock', problems), problems),
    })
  })
  const ports = list(raw, 'ports', problems)?.map((port) =>
    present({
      protocol: text(port, 'protocol', problems),
      port: numberOrText(port, 'port', problems),
      endPort: int(port, 'endPort', problems),
    }),
  )
  return present({
    peers: peers === undefined || peers.length === 0 ? undefined : peers,
    ports: ports === undefined || ports.length === 0 ? undefined : ports,
  })
}

function projectBlock(raw: Raw | undefined, problems: Problems) {
  if (raw === undefined) return undefined
  const cidr = text(raw, 'cidr', problems)
  if (cidr === undefined) problems.note('ipBlock.cidr')
  return present({ cidr: cidr ?? '', except: texts(raw, 'except', problems) })
}

export function projectLabelSelector(raw: Raw, problems: Problems): LabelSelector {
  return present({
    matchLabels: textMap(raw, 'matchLabels', problems),
    matchExpressions: list(raw, 'matchExpressions', problems)?.map((expression) => {
      const key = text(expression, 'key', problems)
      const operator = text(expression, 'operator', problems)
      if (key === undefined || operator === undefined) problems.note('matchExpressions')
      return present({ key: key ?? '', operator: operator ?? '', values: texts(expression, 'values', problems) })
    }),
  })
}
