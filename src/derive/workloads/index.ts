// Workload units: pods by top-level owner and template, with the facts of both. 150,000 pods come from a few thousand
// templates, so everything that a template decides is derived once and shared.
// May not: count pods that a missing or partial list may have left out, without saying so.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Unit, UnitFacts, UnitIdentity } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { RegistriesByNode } from './insecure-pulls.ts'
import { lastingNames } from './lasting.ts'
import { NetworkLists } from './network-lists.ts'
import { groupByOwner, type WorkloadGroup } from './owners.ts'
import { derivePodStatuses } from './pod-statuses.ts'
import { type TemplateFacts, TemplateFactsCache } from './template-facts.ts'
import { type Variant, variantsOf } from './variants.ts'

const namesKept = 5

/** Of any other kind of owner, nobody knows here where it keeps the pod's spec. */
const podSpecPaths: ReadonlyMap<string, string> = new Map([
  ['Pod', 'spec'],
  ['StaticPod', 'spec'],
  ['CronJob', 'spec.jobTemplate.spec.template.spec'],
  ...'Deployment ReplicaSet StatefulSet DaemonSet Job ReplicationController Rollout DeploymentConfig'
    .split(' ')
    .map((kind): [string, string] => [kind, 'spec.template.spec']),
])

/** Sorted by id. Controllers without pods (no replicas, or known from files only) are units by their own template. */
export function deriveWorkloadUnits(
  evidence: Evidence,
  clusterVersion: Fact<FactValue<'clusterVersion'>>,
  nodes: readonly Unit[] = [],
): readonly Unit[] {
  const cache = new TemplateFactsCache(evidence.templates, clusterVersion)
  const gaps = new PodGaps(evidence)
  const network = new NetworkLists(evidence)
  const registries = new RegistriesByNode(nodes)
  const made = [...groupByOwner(evidence).values()].flatMap((group) =>
    variantsOf(group, evidence.templates).map((variant) => ({ group, variant })),
  )
  const lasting = lastingNames(made)
  return made
    .map(({ group, variant }) => {
      const gap = gaps.of(group, variant)
      const template = cache.get(variant.templateId)
      const facts = unitFacts(group, variant, template, gap, gaps.ofStatuses(group, variant))
      const identity = identify(group, variant, gap, managerOf(group, template))
      const lastingName = lasting.get(identity.id)
      return {
        identity: {
          ...identity,
          ...marksOf(group, evidence.templates.get(variant.templateId)?.labels),
          ...(lastingName !== undefined && { lasting: lastingName }),
        },
        facts: {
          ...facts,
          ...network.facts(group, variant, template),
          insecurePulls: pullsOf(registries, variant, template, gap),
        },
      }
    })
    .sort((a, b) => compareText(a.identity.id, b.identity.id))
}

/** Labels of the owner and of its pods; an annotation of the owner, or of a pod that has none. */
function marksOf(
  { controller, kind, pods }: WorkloadGroup,
  podLabels: UnitIdentity['labels'],
): Pick<UnitIdentity, 'labels' | 'waive'> {
  const labels = { ...podLabels, ...controller?.labels }
  const waive = controller?.waive ?? (kind === 'Pod' ? [...pods.values()].flat()[0]?.waive : undefined)
  return { ...(Object.keys(labels).length > 0 && { labels }), ...(waive !== undefined && { waive }) }
}

function pullsOf(
  registries: RegistriesByNode,
  { pods }: Variant,
  template: TemplateFacts | Unavailable,
  gap: Unavailable | undefined,
): Fact<FactValue<'insecurePulls'>> {
  if (isUnavailable(template)) return template
  const nodes = new Set(pods.flatMap((pod) => pod.nodeName ?? []))
  const { pulls } = registries.pullsOf(template.images.images, nodes)
  return { pulls: gap === undefined ? pulls : [...pulls, gap] }
}

/** Why pods of a group may be missing: their own list, or the list that links them to their owner. */
class PodGaps {
  readonly #pods: Unavailable | undefined
  readonly #ofDeployments: Unavailable | undefined
  readonly #ofCronJobs: Unavailable | undefined
  readonly #isFromFiles: boolean

  constructor(evidence: Evidence) {
    this.#pods = familyGap(evidence, 'pods')
    this.#ofDeployments = familyGap(evidence, 'pods', 'replicasets')
    this.#ofCronJobs = familyGap(evidence, 'pods', 'jobs')
    this.#isFromFiles = evidence.header.source.kind === 'manifests'
  }

  of(group: WorkloadGroup, variant: Variant): Unavailable | undefined {
    // Files are all there is; a bare pod is whole evidence of itself.
    if (this.#isFromFiles) return undefined
    if (group.kind === 'Pod' && variant.pods.length > 0) return undefined
    if (group.kind === 'Deployment') return this.#ofDeployments
    return group.kind === 'CronJob' ? this.#ofCronJobs : this.#pods
  }

  /** Files have no running pods, except those exported from a cluster together with their status. */
  ofStatuses(group: WorkloadGroup, variant: Variant): Unavailable | undefined {
    const hasStatus = variant.pods.length > 0 && variant.pods.every((pod) => pod.phase !== undefined)
    if (this.#isFromFiles && !hasStatus) {
      return unavailable('not-collected', 'Manifest files do not tell what happened to pods.')
    }
    return this.of(group, variant)
  }
}

/** Helm, a GitOps tool or an operator's resource; "" for none. */
function managerOf({ controller }: WorkloadGroup, template: TemplateFacts | Unavailable): string {
  return controller?.managedBy ?? (isUnavailable(template) ? '' : template.managedBy)
}

function identify(
  group: WorkloadGroup,
  { id, label, pods }: Variant,
  gap: Unavailable | undefined,
  managedBy: string,
): UnitIdentity {
  const nodes = new Set(pods.map((pod) => pod.nodeName))
  const [node] = nodes
  return {
    kind: 'workloads',
    id,
    name: `${group.kind} ${group.namespace === '' ? '' : `${group.namespace}/`}${group.name}${label}`,
    namespace: group.namespace,
    ...(group.isStaticPod && nodes.size === 1 && node !== undefined ? { node } : {}),
    ...(pods.length === 0 && gap !== undefined ? {} : { pods: pods.length }),
    podNames: pods
      .map((pod) => pod.name)
      .sort(compareText)
      .slice(0, namesKept),
    owner: { kind: group.kind, name: group.name, ...(managedBy !== '' && { managedBy }) },
  }
}

function unitFacts(
  group: WorkloadGroup,
  variant: Variant,
  template: TemplateFacts | Unavailable,
  gap: Unavailable | undefined,
  statusGap: Unavailable | undefined,
): UnitFacts {
  const { pods } = variant
  const unseen = pods.length === 0 ? gap : undefined
  if (isUnavailable(template)) {
    return {
      workload: unseen ?? describe(group, variant, ''),
      podSysctls: template,
      sysctlWorkarounds: template,
      containerResources: template,
      hostAccess: template,
      containerSecurity: template,
      podSecurity: template,
      podStatuses: template,
      images: template,
      secretVariables: template,
      deviceUse: template,
      securityContexts: template,
    }
  }
  const { spec, managedBy, resources } = template
  return {
    workload: unseen ?? describe(group, variant, managedBy),
    podSysctls: template.podSysctls,
    sysctlWorkarounds: template.sysctlWorkarounds,
    containerResources: unseen ?? { ...resources, observedQosClasses: observedQosClasses(variant) },
    hostAccess: template.hostAccess,
    containerSecurity: template.containerSecurity,
    podSecurity: template.podSecurity,
    images: template.images,
    secretVariables: template.secretVariables,
    deviceUse: template.deviceUse,
    securityContexts: template.securityContexts,
    podStatuses: statusGap ?? derivePodStatuses(pods, spec),
  }
}

function describe(group: WorkloadGroup, { pods }: Variant, labelled: string): FactValue<'workload'> {
  const { namespace, kind, name, isStaticPod, controller } = group
  const nodes = new Set(pods.flatMap((pod) => pod.nodeName ?? []))
  return {
    namespace,
    kind,
    name,
    pods: pods.length,
    nodes: nodes.size,
    isStaticPod,
    managedBy: controller?.managedBy ?? labelled,
    podSpecPath: podSpecPaths.get(kind) ?? '',
  }
}

function observedQosClasses({ pods }: Variant): string[] {
  return [...new Set(pods.flatMap((pod) => pod.qosClass ?? []))].sort(compareText)
}
