// Rules of a NetworkPolicy that let everything through, and the change that leaves a start to build on in their place.
// May not: know which connections the pods need; nothing in the API says so.
import type { NetworkPolicyObject } from '../../model/objects.ts'

export type Direction = 'Ingress' | 'Egress'

/** As the API server fills it in. */
export function typesOf({ policyTypes, egress = [] }: NetworkPolicyObject): readonly string[] {
  return policyTypes ?? (egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'])
}

const directions = ['ingress', 'egress'] as const

/** Directions in which the policy lets everything through, and so isolates in name only: "ingress", "egress". */
export function opens(policy: NetworkPolicyObject): string[] {
  return directions.filter((direction) => openRules(policy, direction).length > 0)
}

const ownNamespace = [{ podSelector: {} }]
const dns = {
  to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}
/** What stays open: the own namespace, and names, without which hardly a connection begins. */
const startOf = { ingress: [{ from: ownNamespace }], egress: [{ to: ownNamespace }, dns] }

/**
 * A JSON patch (RFC 6902) that puts pods of the same namespace, and the cluster's DNS for egress, in the place of the rules that let
 * everything through; "[]" where there are none. The API server refuses it where these rules are no longer there.
 */
export function narrowingOf(policy: NetworkPolicyObject): string {
  const steps = directions.flatMap((direction) => {
    const places = openRules(policy, direction)
    if (places.length === 0) return []
    return [
      ...places.map((at) => ({ op: 'test', path: `/spec/${direction}/${at}`, value: {} })),
      ...places.toReversed().map((at) => ({ op: 'remove', path: `/spec/${direction}/${at}` })),
      ...startOf[direction].map((value) => ({ op: 'add', path: `/spec/${direction}/-`, value })),
    ]
  })
  return JSON.stringify(steps)
}

function openRules(policy: NetworkPolicyObject, direction: (typeof directions)[number]): number[] {
  const type: Direction = direction === 'ingress' ? 'Ingress' : 'Egress'
  if (!typesOf(policy).includes(type)) return []
  return (policy[direction] ?? []).flatMap(({ peers, ports }, at) =>
    peers === undefined && ports === undefined ? [at] : [],
  )
}
