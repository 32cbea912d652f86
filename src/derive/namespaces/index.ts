// Namespace units: what bounds the pods of each namespace. Row C1 and the label that Pod Security Admission reads.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { NamespaceObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { podAdmission } from '../admission/index.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { namespaceContents } from './contents.ts'
import { networkIsolation } from './network-isolation.ts'
import { boundsContainers, boundsUse } from './resource-bounds.ts'

export { deriveNetworkPlugin } from './network-plugin.ts'

/** Made by Kubernetes itself. Nothing more is told by a name. */
const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

/** Sorted by name. A namespace that objects name but no list shows is a unit too, without facts. */
export function deriveNamespaceUnits(evidence: Evidence, nodes: readonly Unit[] = []): readonly Unit[] {
  const { namespaces, pods, limitranges, resourcequotas } = evidence.families
  const gap = familyGap(evidence, 'pods', 'limitranges', 'resourcequotas')
  const podCounts = new Map<string, number>()
  for (const { namespace = '' } of pods.objects) podCounts.set(namespace, (podCounts.get(namespace) ?? 0) + 1)
  const limitRanges = namesByNamespace(limitranges.objects.filter(boundsContainers))
  const resourceQuotas = namesByNamespace(resourcequotas.objects.filter(boundsUse))
  const listed = namespaces.objects.map((namespace): [string, Fact<FactValue<'namespacePolicies'>>] => [
    namespace.name,
    gap ?? {
      name: namespace.name,
      pods: podCounts.get(namespace.name) ?? 0,
      isSystem: systemNamespaces.has(namespace.name),
      limitRanges: limitRanges.get(namespace.name) ?? [],
      resourceQuotas: resourceQuotas.get(namespace.name) ?? [],
      podSecurityEnforce: namespace.labels?.['pod-security.kubernetes.io/enforce'] ?? '',
    },
  ])
  const contentsOf = namespaceContents(evidence)
  const isolationOf = networkIsolation(evidence)
  const admissionOf = podAdmission(evidence, nodes)
  const unlisted = unlistedNamespaces(evidence, namespaces.objects)
  const objects = new Map(namespaces.objects.map((object) => [object.name, object]))
  return [...listed, ...unlisted]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, namespacePolicies]) => ({
      identity: {
        kind: 'namespaces',
        id: `namespace/${name}`,
        name: `Namespace ${name}`,
        namespace: name,
        ...marksOf(objects.get(name)),
        ...(familyGap(evidence, 'pods') === undefined ? { pods: podCounts.get(name) ?? 0 } : {}),
      },
      facts: {
        namespacePolicies,
        // In files the namespace itself is often missing; what is put into it is there all the same.
        namespaceContents: contentsOf(name),
        networkIsolation: isolationOf(name),
        podAdmission: admissionOf(name),
      },
    }))
}

function marksOf(object: NamespaceObject | undefined): Pick<Unit['identity'], 'labels' | 'waive'> {
  const { labels, waive } = object ?? {}
  return { ...(labels !== undefined && { labels }), ...(waive !== undefined && { waive }) }
}

/** Namespaces of namespaced objects. In a complete list of a live cluster one can be absent only while it is being deleted. */
function unlistedNamespaces(evidence: Evidence, listed: readonly NamespaceObject[]): readonly [string, Unavailable][] {
  const isFromFiles = evidence.header.source.kind === 'manifests'
  const gap = familyGap(evidence, 'namespaces')
  if (gap === undefined && !isFromFiles) return []
  const known = new Set(listed.map((namespace) => namespace.name))
  const { pods, deployments, statefulsets, daemonsets, jobs, cronjobs, limitranges, resourcequotas } = evidence.families
  const namespaced = [pods, deployments, statefulsets, daemonsets, jobs, cronjobs, limitranges, resourcequotas]
  const named = new Set(namespaced.flatMap((family) => family.objects.flatMap(({ namespace }) => namespace ?? [])))
  return [...named]
    .filter((name) => !known.has(name))
    .map((name) => [name, gap ?? unavailable('not-collected', `Namespace ${name} is not among the manifests.`)])
}

function namesByNamespace(
  objects: readonly { readonly namespace?: string | undefined; readonly name: string }[],
): ReadonlyMap<string, string[]> {
  const names = new Map<string, string[]>()
  for (const { namespace = '', name } of objects) {
    const known = names.get(namespace)
    if (known === undefined) names.set(namespace, [name])
    else known.push(name)
  }
  for (const list of names.values()) list.sort(compareText)
  return names
}
