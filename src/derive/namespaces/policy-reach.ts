// What a NetworkPolicy's egress rules let through to one IPv4 address and TCP port, with ipBlock and except.
// May not: take a block that it cannot read for one that does not match.
import type { NetworkPolicyObject } from '../../model/objects.ts'

type Rule = NonNullable<NetworkPolicyObject['egress']>[number]
type Peer = NonNullable<Rule['peers']>[number]

/** The first rule that lets it through, as "egress[1] allows 0.0.0.0/0"; "" for none; undefined where a block cannot be read. */
export function reachThrough(policy: NetworkPolicyObject, address: string, port: number): string | undefined {
  let isUnread = false
  for (const [index, rule] of (policy.egress ?? []).entries()) {
    if (!allowsPort(rule, port)) continue
    if (rule.peers === undefined) return `egress[${index}] allows every address`
    for (const { ipBlock } of rule.peers) {
      const answer = inBlock(ipBlock, address)
      if (answer === true) return `egress[${index}] allows ${ipBlock?.cidr ?? ''}`
      if (answer === undefined) isUnread = true
    }
  }
  return isUnread ? undefined : ''
}

/** A port's name belongs to a pod, so it says nothing of an address outside. */
function allowsPort({ ports }: Rule, wanted: number): boolean {
  if (ports === undefined) return true
  return ports.some(({ protocol = 'TCP', port, endPort }) => {
    if (protocol !== 'TCP') return false
    if (port === undefined) return true
    if (!/^\d+$/.test(port)) return false
    return Number(port) <= wanted && wanted <= (endPort ?? Number(port))
  })
}

/** Peers that select pods do not take in an address outside the cluster. */
function inBlock(block: Peer['ipBlock'], address: string): boolean | undefined {
  if (block === undefined) return false
  const inside = contains(block.cidr, address)
  if (inside !== true) return inside
  const excepted = (block.except ?? []).map((cidr) => contains(cidr, address))
  if (excepted.includes(true)) return false
  return excepted.includes(undefined) ? undefined : true
}

function contains(cidr: string, address: string): boolean | undefined {
  // An IPv6 block holds no IPv4 address.
  if (cidr.includes(':')) return false
  const [network = '', length = '', ...rest] = cidr.split('/')
  const [base, wanted] = [toNumber(network), toNumber(address)]
  const bits = Number(length)
  if (base === undefined || wanted === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length) || bits > 32) {
    return undefined
  }
  const size = 2 ** (32 - bits)
  return Math.floor(base / size) === Math.floor(wanted / size)
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}
