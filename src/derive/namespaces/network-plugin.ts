// Whether the cluster's network plug-in enforces NetworkPolicies, as far as its DaemonSets tell. CIS 5.3.1.
// May not: conclude from a plug-in that it does not know, or from seeing none (some run as part of the node).
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { compareText, familyGap } from '../family-gap.ts'

/** Names of DaemonSets as their projects' own manifests and charts give them. */
const enforcing: ReadonlySet<string> = new Set(
  'calico-node canal cilium anetd weave-net antrea-agent kube-router kube-ovn-cni ovnkube-node azure-npm'.split(' '),
)
const notEnforcing: ReadonlySet<string> = new Set(['kube-flannel-ds', 'kube-flannel'])
/** Known, but whether they enforce depends on settings that no API object shows. */
const depending: ReadonlySet<string> = new Set('aws-node kindnet azure-cns netd kube-multus-ds'.split(' '))

export function deriveNetworkPlugin(evidence: Evidence): Fact<FactValue<'networkPlugin'>> {
  const gap = familyGap(evidence, 'daemonsets')
  if (gap !== undefined) return gap
  const found = evidence.families.daemonsets.objects
    .filter(({ name }) => enforcing.has(name) || notEnforcing.has(name) || depending.has(name))
    .map(({ name, namespace = '' }) => ({ name, path: `DaemonSet ${namespace}/${name}` }))
    .sort((a, b) => compareText(a.path, b.path))
  return { daemonSets: found.map(({ path }) => path), enforces: enforces(found) }
}

function enforces(found: readonly { name: string; path: string }[]): Observed<boolean> {
  const able = found.find(({ name }) => enforcing.has(name))
  if (able !== undefined) return { value: true, source: able.path }
  const unable = found.find(({ name }) => notEnforcing.has(name))
  if (unable !== undefined && found.every(({ name }) => notEnforcing.has(name))) {
    return { value: false, source: unable.path }
  }
  const seen = found.map(({ path }) => path).join(', ')
  const detail = seen === '' ? 'No DaemonSet of a known network plug-in was seen' : `Settings of ${seen} decide it`
  return unavailable('unsupported', `${detail}: whether NetworkPolicies are enforced is not known.`)
}
