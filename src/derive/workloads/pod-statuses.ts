// Rows B2, C3: pods that a kubelet refused to run, and containers that the kernel killed for want of memory.
import type { FactValue } from '../../model/facts.ts'
import type { PodObject } from '../../model/objects.ts'
import type { PodSpec } from '../../model/pod.ts'
import { parseQuantity } from '../../util/quantity.ts'

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
    raises: raisesOf(new Set(noteworthy.flatMap((pod) => oomKilledIn(pod).map(({ name }) => name))), spec),
  }
}

const mebibyte = 1_048_576n * 1_000_000_000n

/**
 * What the Vertical Pod Autoscaler counts with after such a kill: a fifth more, and at least 100Mi (its flags oom-bump-up-ratio and
 * oom-min-bump-up-bytes). The request goes along, or the node would lack what the limit now allows.
 */
function raisesOf(killed: ReadonlySet<string>, { containers }: PodSpec): PodStatuses['raises'] {
  return containers.flatMap(({ name, kind, resources }) => {
    const from = resources?.limits?.['memory'] ?? ''
    const limit = parseQuantity(from)
    if (!killed.has(name) || limit === undefined || limit <= 0n) return []
    const more = limit / 5n > 100n * mebibyte ? limit / 5n : 100n * mebibyte
    const to = `${(limit + more + mebibyte - 1n) / mebibyte}Mi`
    const list = kind === 'init' ? 'initContainers' : 'containers'
    const memory = { resources: { limits: { memory: to }, requests: { memory: to } } }
    return [{ container: name, from, to, change: JSON.stringify({ [list]: [{ name, ...memory }] }) }]
  })
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
