// CIS 5.3.2 and row H1: which pods of a namespace NetworkPolicies isolate, which policies select nothing, and who reaches the
// address at which clouds hand out credentials.
// May not: count a policy that selects some pods of a workload as isolating all of them.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { NetworkPolicyObject, PodObject } from '../../model/objects.ts'
import type { PodTemplate } from '../../model/pod.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { type Selected, selectedOf } from '../label-selector.ts'
import { groupByOwner } from '../workloads/owners.ts'
import { variantsOf } from '../workloads/variants.ts'
import { deriveNetworkPlugin } from './network-plugin.ts'
import { type Direction, narrowingOf, opens, typesOf } from './policy-openings.ts'
import { reachThrough } from './policy-reach.ts'

type Isolation = FactValue<'networkIsolation'>
interface Member {
  readonly name: string
  readonly template: PodTemplate
  readonly pods: readonly PodObject[]
}

const metadataAddress = '169.254.169.254'
/** Where clouds answer besides, by what their nodes' providerID looks like. */
const furtherAddresses: readonly (readonly [provider: RegExp, address: string])[] = [
  [/^aws:/, 'fd00:ec2::254'],
  [/^azure:/, '168.63.129.16'],
  [/^(alicloud:|[a-z]{2}-[a-z0-9-]+\.i-)/, '100.100.100.200'],
]
const families = [
  'pods',
  'networkpolicies',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicationcontrollers',
] as const

/** Answers for one namespace after the other. */
export function networkIsolation(evidence: Evidence): (namespace: string) => Fact<Isolation> {
  const gap = familyGap(evidence, ...families)
  if (gap !== undefined) return () => gap
  const members = membersByNamespace(evidence)
  const policies = Map.groupBy(evidence.families.networkpolicies.objects, ({ namespace = '' }) => namespace)
  const plugin = deriveNetworkPlugin(evidence)
  const enforces = isUnavailable(plugin) ? plugin : plugin.enforces
  const addresses = metadataAddresses(evidence)
  return (namespace) => {
    const own = [...(policies.get(namespace) ?? [])].sort((a, b) => compareText(a.name, b.name))
    const inside = (members.get(namespace) ?? []).sort((a, b) => compareText(a.name, b.name))
    return {
      name: namespace,
      workloads: inside.map((member) => describe(member, own, enforces, addresses)),
      policies: own.map((policy) => ({
        name: policy.name,
        selectsNothing: selectsNothing(policy, inside),
        opens: opens(policy),
        narrowing: narrowingOf(policy),
      })),
    }
  }
}

/** Workloads with pods that are not over yet; of files, all. */
function membersByNamespace(evidence: Evidence): Map<string, Member[]> {
  const members = new Map<string, Member[]>()
  const isFromFiles = evidence.header.source.kind === 'manifests'
  for (const group of groupByOwner(evidence).values()) {
    for (const { label, templateId, pods } of variantsOf(group, evidence.templates)) {
      const running = pods.filter(({ phase }) => phase !== 'Succeeded' && phase !== 'Failed')
      const template = evidence.templates.get(templateId)
      if (template === undefined || (running.length === 0 && !isFromFiles)) continue
      const member = { name: `${group.kind} ${group.name}${label}`, template, pods: running }
      const known = members.get(group.namespace)
      if (known === undefined) members.set(group.namespace, [member])
      else known.push(member)
    }
  }
  return members
}

function selected({ podSelector }: NetworkPolicyObject, { template, pods }: Member): Selected | undefined {
  return selectedOf(podSelector, template.labels ?? {}, pods)
}

function describe(
  member: Member,
  policies: readonly NetworkPolicyObject[],
  enforces: Observed<boolean>,
  addresses: MetadataAddresses,
): Isolation['workloads'][number] {
  const hostNetwork = member.template.spec.hostNetwork === true
  const isolates = (type: Direction) => isolation(member, policies, type)
  return {
    workload: member.name,
    hostNetwork,
    ingressIsolated: isolates('Ingress'),
    egressIsolated: isolates('Egress'),
    reachesMetadata: hostNetwork
      ? { value: true, source: 'hostNetwork: NetworkPolicies do not apply' }
      : metadataReach(member, policies, isolates('Egress'), enforces, addresses),
  }
}

function isolation(member: Member, policies: readonly NetworkPolicyObject[], type: Direction): Observed<boolean> {
  const ofType = policies.filter((policy) => typesOf(policy).includes(type))
  const whole = ofType.find((policy) => selected(policy, member) === 'all')
  if (whole !== undefined) return { value: true, source: `NetworkPolicy ${whole.name}` }
  const unread = ofType.find((policy) => selected(policy, member) === undefined)
  if (unread !== undefined) return unreadable(unread)
  const some = ofType.find((policy) => selected(policy, member) === 'some')
  return {
    value: false,
    source:
      some === undefined ? 'no NetworkPolicy selects the pods' : `NetworkPolicy ${some.name} selects some pods only`,
  }
}

function unreadable({ name }: NetworkPolicyObject) {
  return unavailable('malformed', `NetworkPolicy ${name} has a selector or an address block that cannot be read.`)
}

/** Policies add up: one that lets through is enough. */
function metadataReach(
  member: Member,
  policies: readonly NetworkPolicyObject[],
  isolated: Observed<boolean>,
  enforces: Observed<boolean>,
  addresses: MetadataAddresses,
): Observed<boolean> {
  if (isUnavailable(isolated)) return isolated
  if (!isolated.value) return { value: true, source: isolated.source }
  let unread: NetworkPolicyObject | undefined
  let mayReach = false
  for (const policy of policies) {
    const takes = selected(policy, member)
    if (takes === 'none' || !typesOf(policy).includes('Egress')) continue
    const reach = takes === undefined ? undefined : reachAny(policy, addresses.known)
    if (reach === undefined) unread ??= policy
    else if (reach !== '') return { value: true, source: `NetworkPolicy ${policy.name}: ${reach}` }
    else mayReach ||= reachAny(policy, addresses.possible) !== ''
  }
  if (unread !== undefined) return unreadable(unread)
  // Which cloud this is stands in the nodes.
  if (mayReach && addresses.gap !== undefined) return addresses.gap
  // A policy that nobody enforces keeps nobody away.
  if (isUnavailable(enforces)) return enforces
  return enforces.value
    ? { value: false, source: isolated.source }
    : { value: true, source: `${enforces.source} does not enforce NetworkPolicies` }
}

/** As reachThrough, for the first address that is reached; one that is not the usual one is named. */
function reachAny(policy: NetworkPolicyObject, addresses: readonly string[]): string | undefined {
  let isUnread = false
  for (const address of addresses) {
    const reach = reachThrough(policy, address, 80)
    if (reach === undefined) isUnread = true
    else if (reach !== '') return address === metadataAddress ? reach : `${reach} (${address})`
  }
  return isUnread ? undefined : ''
}

interface MetadataAddresses {
  readonly known: readonly string[]
  /** Those of clouds that may or may not be this one, with why that is not known. */
  readonly possible: readonly string[]
  readonly gap?: Unavailable
}

function metadataAddresses(evidence: Evidence): MetadataAddresses {
  const providers = new Set(evidence.families.nodes.objects.flatMap(({ providerID }) => providerID ?? []))
  const [further, others] = [true, false].map((wanted) =>
    furtherAddresses
      .filter(([pattern]) => [...providers].some((provider) => pattern.test(provider)) === wanted)
      .map(([, address]) => address),
  )
  const gap = evidence.header.source.kind === 'manifests' ? undefined : familyGap(evidence, 'nodes')
  return {
    known: [metadataAddress, ...(further ?? [])],
    possible: gap === undefined ? [] : (others ?? []),
    ...(gap !== undefined && { gap }),
  }
}

function selectsNothing(policy: NetworkPolicyObject, members: readonly Member[]): Observed<boolean> {
  const answers = members.map((member) => selected(policy, member))
  const source = `NetworkPolicy ${policy.name}`
  if (answers.some((answer) => answer === 'all' || answer === 'some')) return { value: false, source }
  return answers.includes(undefined) ? unreadable(policy) : { value: true, source }
}
