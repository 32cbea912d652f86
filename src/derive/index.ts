// All facts of an audit from its evidence: a pure function, so that an old snapshot gives the same facts.
// May not: do I/O, know a rule, or hold a default for something nobody saw.
import type { Evidence } from '../model/evidence.ts'
import { type Fact, isUnavailable, unavailable } from '../model/fact.ts'
import type { FactValue, UnitKind } from '../model/facts.ts'
import type { Family } from '../model/objects.ts'
import type { FactSet, Unit } from '../model/unit.ts'
import {
  deriveAdmissionWebhooks,
  deriveExemptions,
  deriveImageProvenance,
  deriveSecretStores,
  findApiServers,
} from './admission/index.ts'
import { deriveOutdatedApiVersions } from './api-versions/outdated.ts'
import { deriveBootstrapTokens } from './authentication/bootstrap-tokens.ts'
import { deriveUserAuthentication } from './authentication/users.ts'
import { deriveDistributions } from './distribution/index.ts'
import { familyGap } from './family-gap.ts'
import { deriveNamespaceUnits, deriveNetworkPlugin } from './namespaces/index.ts'
import { deriveNodeUnits, deriveUnsafeSysctlSupport, parseKubernetesVersion } from './nodes/index.ts'
import { deriveAccessUnits, derivePodSecurityPolicies } from './rbac/index.ts'
import { deriveHostVolumes } from './storage/host-volumes.ts'
import { deriveWorkloadUnits } from './workloads/index.ts'

export { distributionOfCluster } from './distribution/cluster.ts'

export function deriveFacts(evidence: Evidence): FactSet {
  const clusterVersion = deriveClusterVersion(evidence)
  const nodes = deriveNodeUnits(evidence)
  const apiServers = findApiServers(nodes, familyGap(evidence, 'nodes'))
  const cluster: Unit = {
    identity: { kind: 'cluster', id: 'cluster', name: evidence.header.cluster.name },
    facts: {
      clusterVersion,
      networkPlugin: deriveNetworkPlugin(evidence),
      podSecurityExemptions: deriveExemptions(apiServers),
      admissionWebhooks: deriveAdmissionWebhooks(evidence),
      podSecurityPolicies: derivePodSecurityPolicies(evidence, apiServers),
      bootstrapTokens: deriveBootstrapTokens(evidence),
      userAuthentication: deriveUserAuthentication(apiServers),
      hostVolumes: deriveHostVolumes(evidence),
      imageProvenance: deriveImageProvenance(evidence, apiServers),
      outdatedApiVersions: deriveOutdatedApiVersions(evidence, clusterVersion),
      secretStores: deriveSecretStores(evidence, apiServers),
      unsafeSysctlSupport: deriveUnsafeSysctlSupport(evidence, nodes),
      distributions: deriveDistributions(evidence, nodes),
    },
  }
  return {
    cluster,
    units: {
      cluster: [cluster],
      nodes,
      workloads: deriveWorkloadUnits(evidence, clusterVersion, nodes),
      namespaces: deriveNamespaceUnits(evidence, nodes),
      ...deriveAccessUnits(evidence),
    },
    missingUnits: findMissingUnits(evidence),
  }
}

function deriveClusterVersion({ header }: Evidence): Fact<FactValue<'clusterVersion'>> {
  const gitVersion = header.cluster.version
  if (isUnavailable(gitVersion)) return gitVersion
  const version = parseKubernetesVersion(gitVersion)
  if (version === undefined) {
    return unavailable('malformed', `The API server calls its version "${gitVersion.slice(0, 80)}".`)
  }
  return { gitVersion, ...version }
}

/** The lists that name the units of a kind. The cluster itself is never missing. */
const namingFamilies = {
  cluster: [],
  nodes: ['nodes'],
  workloads: [
    'pods',
    'deployments',
    'replicasets',
    'statefulsets',
    'daemonsets',
    'jobs',
    'cronjobs',
    'replicationcontrollers',
  ],
  namespaces: ['namespaces'],
  bindings: ['clusterrolebindings', 'rolebindings'],
  roles: ['clusterroles', 'roles'],
  subjects: ['clusterrolebindings', 'rolebindings', 'serviceaccounts'],
} as const satisfies Record<UnitKind, readonly Family[]>

function findMissingUnits(evidence: Evidence): FactSet['missingUnits'] {
  return {
    ...missing(evidence, 'nodes'),
    ...missing(evidence, 'workloads'),
    ...missing(evidence, 'namespaces'),
    ...missing(evidence, 'bindings'),
    ...missing(evidence, 'roles'),
    ...missing(evidence, 'subjects'),
  }
}

/** The first list of a kind that is missing or partial. */
function missing(evidence: Evidence, kind: UnitKind): FactSet['missingUnits'] {
  for (const family of namingFamilies[kind]) {
    const gap = familyGap(evidence, family)
    if (gap !== undefined) return { [kind]: { unavailable: gap.unavailable, family } }
  }
  return {}
}
