// Rows B2, C3: pods that a kubelet refused to run, and containers that the kernel killed for want of memory.
import type { FactValue } from '../../model/facts.ts'
import type { PodObject } from '../../model/objects.ts'
import type { PodSpec } from '../../model/pod.ts'

type PodStatuses = FactValue<'podStatuses'>

/** status.reason of a pod refused at admission (pkg/kubelet/lifecycle/predicate.go and the other admit handlers). */
const rejectionReasons: ReadonlySet<string> = new Set([
  'SysctlForbidden',
  'AppArmor',
  'InitContainerRestartPolicyForbidden',
  'InvalidNodeInfo',
  'MatchNodeSelector',
  'NodeAffinity',
  'NodeName',
  'NodePorts',
  'NodeShutdown',
  'PodFeatureUnsupported',
  'PodLevelResourcesNotSupported',
  'PodOSNotSupported',
  'PodOSSelectorNodeLabelDoesNotMatch',
  'SMTAlignmentError',
  'SupplementalGroupsPolicyNotSupported',
  'TaintToleration',
  'TopologyAffinityError',
  'UnexpectedAdmissionError',
  'UnexpectedPredicateFailureType',
])

/** Of one template's pods, sorted by name; a container once, by its newest termination. */
export function derivePodStatuses(pods: readonly PodObject[], spec: PodSpec): PodStatuses {
  const noteworthy = pods.filter((pod) => isRejected(pod) || oomKilledIn(pod).length > 0).sort(byName)
  return {
    rejected: noteworthy.filter(isRejected).map((pod) => ({
      pod: pod.name,
      node: pod.nodeName ?? '',
      reason: pod.reason ?? '',
      message: pod.message ?? '',
    })),
    oomKilled: noteworthy.flatMap((pod) =>
      oomKilledIn(pod).map(({ name, restartCount, at }) => ({
        pod: pod.name,
        node: pod.nodeName ?? '',
        container: name,
        restarts: restartCount ?? 0,
        at,
        memoryLimit: spec.containers.find((container) => container.name === name)?.resources?.limits?.['memory'] ?? '',
      })),
    ),
  }
}

function isRejected({ phase, reason = '', message = '' }: PodObject): boolean {
  if (phase !== 'Failed') return false
  return rejectionReasons.has(reason) || /^OutOf./.test(reason) || message.startsWith('Pod was rejected: ')
}

interface OomKilled {
  readonly name: string
  readonly restartCount: number | undefined
  readonly at: string
}

function oomKilledIn(pod: PodObject): readonly OomKilled[] {
  const found: OomKilled[] = []
  for (const { name, restartCount, terminated, lastTerminated } of pod.containerStatuses ?? []) {
    const state = [terminated, lastTerminated].find((termination) => termination?.reason === 'OOMKilled')
    if (state !== undefined) found.push({ name, restartCount, at: state.finishedAt ?? '' })
  }
  return found
}

function byName(a: PodObject, b: PodObject): number {
  return a.name < b.name ? -1 : Number(a.name > b.name)
}
