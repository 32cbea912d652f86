// What a NetworkPolicy's egress rules let through to one address and TCP port, with ipBlock and except.
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

/** An address of one family is in no block of the other. */
function contains(cidr: string, address: string): boolean | undefined {
  const [network = '', length = '', ...rest] = cidr.split('/')
  const [base, wanted] = [parseAddress(network), parseAddress(address)]
  if (base === undefined || wanted === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined
  const bits = Number(length)
  if (bits > base.size) return undefined
  if (base.size !== wanted.size) return false
  const shift = BigInt(base.size - bits)
  return base.value >> shift === wanted.value >> shift
}

interface Address {
  /** In bits. */
  readonly size: 32 | 128
  readonly value: bigint
}

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text)
}

function parseIPv4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined
  return { size: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
}

/** With one `::` at most. The form that ends in an IPv4 address is not written in policies, and not read. */
function parseIPv6(text: string): Address | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return { size: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) }
}
