// The distribution of a node and of the cluster, and what is concluded from it.
// May not: conclude from a lack of signs, or choose between signs that contradict each other.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import type { NodeObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { type DistributionName, describeDistribution } from './names.ts'
import { findSigns, type Sign } from './signs.ts'

type DistributionFact = FactValue<'distribution'>

export function deriveDistribution(
  object: NodeObject | Unavailable,
  host: HostEvidence | Unavailable,
): Fact<DistributionFact> {
  if (isUnavailable(object) && isUnavailable(host)) return object
  const signs = findSigns(object, host)
  const name = chooseName(signs, object, host)
  const shellless = signs.find((sign) => describeDistribution(sign.name).isShellless)
  return {
    name,
    title: from(name, (found) => describeDistribution(found).title),
    isManaged: from(name, (found) => describeDistribution(found).isManaged === true),
    hasShell:
      shellless === undefined
        ? from(name, () => true)
        : { value: false, source: `${shellless.sign}, ${shellless.source}` },
    signs: signs.map(({ name: named, sign, source }) => ({ name: named, sign, source })),
  }
}

function from<T>(name: Observed<DistributionName>, tell: (name: DistributionName) => T): Observed<T> {
  return isUnavailable(name) ? name : { value: tell(name.value), source: name.source }
}

/** Signs of a system count only where nothing says more. */
function chooseName(
  signs: readonly Sign[],
  object: NodeObject | Unavailable,
  host: HostEvidence | Unavailable,
): Observed<DistributionName> {
  const telling = signs.some((sign) => sign.isSystem !== true) ? signs.filter((sign) => sign.isSystem !== true) : signs
  const [first] = telling
  if (first === undefined) return isUnavailable(host) ? host : unavailable('unsupported', nothing(object))
  const other = telling.find((sign) => sign.name !== first.name)
  const show = ({ name, sign, source }: Sign): string => `${describeDistribution(name).title} (${sign}, ${source})`
  if (other !== undefined) {
    return unavailable('malformed', `The signs contradict each other: ${show(first)}, but ${show(other)}.`)
  }
  const sources = [...new Set(telling.map(({ sign, source }) => `${sign}, ${source}`))]
  return { value: first.name, source: sources.slice(0, 3).join('; ') }
}

function nothing(object: NodeObject | Unavailable): string {
  const version = isUnavailable(object) ? undefined : object.nodeInfo.kubeletVersion
  const asked = [
    ...(version === undefined ? [] : [`kubelet ${version.slice(0, 40)} and the labels`]),
    'the host’s processes and files',
  ]
  return `Neither says which distribution this is: ${asked.join(', ')}.`
}

/** Cluster-wide: only where nodes could be listed. */
export function deriveDistributions(evidence: Evidence, nodes: readonly Unit[]): Fact<FactValue<'distributions'>> {
  const gap = familyGap(evidence, 'nodes')
  if (gap !== undefined) return gap
  const known = new Map<string, DistributionFact>()
  const unknownNodes: string[] = []
  for (const { identity, facts } of nodes) {
    const fact = facts.distribution
    if (fact === undefined || isUnavailable(fact) || isUnavailable(fact.name)) unknownNodes.push(identity.name)
    else known.set(identity.name, fact)
  }
  const titles = [...new Set([...known.values()].flatMap(({ title }) => (isUnavailable(title) ? [] : [title.value])))]
  return {
    titles:
      titles.length === 0
        ? unavailable('unsupported', 'Of no node is it known which distribution it runs.')
        : { value: titles.sort(compareText), source: `${known.size} of ${nodes.length} nodes` },
    managedBy: findManager(evidence, known, unknownNodes),
    unknownNodes,
  }
}

/**
 * A provider runs the control plane where every node is its own and the API lists none that has a control plane's role. One node
 * that is not known could be a control plane's.
 */
function findManager(
  evidence: Evidence,
  known: ReadonlyMap<string, DistributionFact>,
  unknownNodes: readonly string[],
): Observed<string> {
  const own = evidence.families.nodes.objects.find(({ roles }) => roles.some((role) => controlPlaneRoles.has(role)))
  if (own !== undefined) return { value: '', source: `roles of node ${own.name}: ${own.roles.join(', ')}` }
  const all = [...known.values()]
  const [managed] = all.filter(({ isManaged }) => !isUnavailable(isManaged) && isManaged.value)
  if (managed === undefined || isUnavailable(managed.title)) {
    return unknownNodes.length === 0 && nodesOf(evidence) > 0
      ? { value: '', source: 'no node is of a service that runs the control plane' }
      : unavailable('unsupported', `Of ${unknownNodes.length} nodes it is not known which distribution they run.`)
  }
  const { title } = managed
  const different = all.some((fact) => isUnavailable(fact.title) || fact.title.value !== title.value)
  if (different || unknownNodes.length > 0) {
    return unavailable('unsupported', `Nodes are of ${title.value}, but not all of them are known to be.`)
  }
  return { value: title.value, source: `${title.source}; no node has a control plane’s role` }
}

function nodesOf(evidence: Evidence): number {
  return evidence.families.nodes.objects.length
}

export const controlPlaneRoles: ReadonlySet<string> = new Set(['control-plane', 'master', 'controlplane', 'etcd'])
