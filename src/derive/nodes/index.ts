// Node units: every node that the API lists or the collector asked, each with its facts; and what the nodes say together.
// May not: do I/O, or leave a node out because one of the two does not know it.
import type { ComponentEvidence } from '../../model/component-evidence.ts'
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Unit } from '../../model/unit.ts'
import { flagzByNode, mirrorPodsByNode } from '../control-plane/index.ts'
import { compareText, familyGap } from '../family-gap.ts'
import type { NodePod } from '../pod-cgroups/index.ts'
import { deriveNodeUnit } from './node.ts'

export { parseKubernetesVersion } from './node.ts'

/** Sorted by id. */
export function deriveNodeUnits(evidence: Evidence): readonly Unit[] {
  const gap = familyGap(evidence, 'nodes')
  const objects = new Map(evidence.families.nodes.objects.map((object) => [object.name, object]))
  const hosts = new Map(evidence.nodes.map(({ node, host }) => [node, host]))
  const names = [...new Set([...objects.keys(), ...hosts.keys()])].sort(compareText)
  const unlisted = gap ?? unavailable('not-found', 'The API server lists no node of this name.')
  const unread = unavailable('not-collected', 'The host of this node was not read.')
  const mirrorPods = mirrorPodsByNode(evidence)
  const flagz = flagzByNode(evidence)
  const configz = kubeletsByNode(evidence, 'configz')
  const kubeletFlagz = kubeletsByNode(evidence, 'flagz')
  const podsGap = familyGap(evidence, 'pods')
  const pods = podsByNode(evidence)
  const clusterVersion = observeVersion(evidence)
  return names.map((name) =>
    deriveNodeUnit({
      name,
      object: objects.get(name) ?? unlisted,
      host: hosts.get(name) ?? unread,
      mirrorPods: mirrorPods.get(name) ?? [],
      configz: configz.get(name),
      kubeletFlagz: kubeletFlagz.get(name),
      flagz: flagz.get(name),
      clusterVersion,
      takenAt: evidence.header.startedAt,
      pods: podsGap ?? pods.get(name) ?? [],
    }),
  )
}

function kubeletsByNode(
  { components = [] }: Evidence,
  endpoint: ComponentEvidence['endpoint'],
): ReadonlyMap<string, ComponentEvidence> {
  return new Map(
    components.flatMap((asked) =>
      asked.component === 'kubelet' && asked.endpoint === endpoint && asked.node !== undefined
        ? [[asked.node, asked] as const]
        : [],
    ),
  )
}

/** Pods whose template is missing are left out, as if the list did not have them. */
function podsByNode(evidence: Evidence): ReadonlyMap<string, readonly NodePod[]> {
  const byNode = new Map<string, NodePod[]>()
  for (const object of evidence.families.pods.objects) {
    const spec = evidence.templates.get(object.template)?.spec
    if (object.nodeName === undefined || spec === undefined) continue
    const pods = byNode.get(object.nodeName)
    if (pods === undefined) byNode.set(object.nodeName, [{ object, spec }])
    else pods.push({ object, spec })
  }
  return byNode
}

function observeVersion({ header }: Evidence): Observed<string> {
  const { version } = header.cluster
  return isUnavailable(version) ? version : { value: version, source: '/version of the API server' }
}

type UnsafeSysctlSupport = FactValue<'unsafeSysctlSupport'>
type Allowing = UnsafeSysctlSupport['allowing'][number]

/** Row B2: which nodes allow which unsafe sysctls. Not known as a whole while nodes may be missing from the list. */
export function deriveUnsafeSysctlSupport(evidence: Evidence, nodes: readonly Unit[]): Fact<UnsafeSysctlSupport> {
  const gap = familyGap(evidence, 'nodes')
  if (gap !== undefined) return gap
  const allowing: Allowing[] = []
  const refusing: string[] = []
  const unknown: string[] = []
  for (const { identity, facts } of nodes) {
    const configuration = facts.kubeletConfiguration
    const allowed =
      configuration === undefined || isUnavailable(configuration) ? undefined : configuration.allowedUnsafeSysctls
    if (allowed === undefined || isUnavailable(allowed)) unknown.push(identity.name)
    else if (allowed.value.length === 0) refusing.push(identity.name)
    else allowing.push({ node: identity.name, patterns: [...allowed.value], source: allowed.source })
  }
  return { allowing, refusing, unknown, isUniform: compareNodes(allowing, refusing, unknown) }
}

/** Two nodes that differ settle it; otherwise every node must be known. */
function compareNodes(
  allowing: readonly Allowing[],
  refusing: readonly string[],
  unknown: readonly string[],
): UnsafeSysctlSupport['isUniform'] {
  const source = 'kubelet configuration of the nodes'
  const distinct = new Set(allowing.map(({ patterns }) => [...patterns].sort(compareText).join(' ')))
  if (refusing.length > 0) distinct.add('')
  if (distinct.size > 1) return { value: false, source }
  if (unknown.length === 0) return { value: true, source }
  const [first = ''] = unknown
  const others = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more`
  return unavailable('not-collected', `The kubelet configuration of ${first}${others} is not known.`)
}
