// The podCgroups fact, row C2: what the kernel enforces for every pod and container of a node, against what the API says they ask.
// May not: call something a difference that a pod's coming or going between the two readings explains.
import { type Fact, isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { commandOutput } from '../nodes/host.ts'
import { pickText } from '../nodes/kubelet-configuration.ts'
import type { EffectiveKubelet } from '../nodes/kubelet-effective.ts'
import { comparePod, type Difference, type NodePod, type Settings } from './compare.ts'
import { type PodTree, podTreeOf } from './tree.ts'

export type { NodePod } from './compare.ts'

type PodCgroups = FactValue<'podCgroups'>

export interface PodCgroupInput {
  readonly host: HostEvidence
  readonly pods: readonly NodePod[] | Unavailable
  readonly kubelet: EffectiveKubelet | Unavailable
}

/** Shown of each kind; the totals count all. */
const shown = 50

export function derivePodCgroups({ host, pods, kubelet }: PodCgroupInput): Fact<PodCgroups> {
  const tree = podTreeOf(host)
  if (isUnavailable(tree)) return tree
  if (isUnavailable(pods)) return pods
  return compareTree(tree, pods, readSettings(host, kubelet))
}

export function readSettings(host: HostEvidence, kubelet: EffectiveKubelet | Unavailable): Settings {
  const machine = commandOutput(host, 'uname -m')
  const hasSmallPages = !isUnavailable(machine) && /^(?:x86_64|s390x)\s*$/.test(machine)
  const read = (field: string): unknown => {
    if (isUnavailable(kubelet)) return undefined
    const value = kubelet.value(field)
    return isUnavailable(value) ? undefined : value.value
  }
  const enforced = read('cpuCFSQuota')
  const policy = isUnavailable(kubelet) ? kubelet : pickText(kubelet, 'cpuManagerPolicy')
  const minor = isUnavailable(kubelet) || isUnavailable(kubelet.version) ? undefined : kubelet.version.minor
  return {
    pageSizes: hasSmallPages ? [4096n] : [4096n, 16_384n, 65_536n],
    quota: {
      isEnforced: typeof enforced === 'boolean' ? enforced : undefined,
      sparesExclusive: isUnavailable(policy) ? undefined : policy.value === 'static',
    },
    podWeight: minor !== undefined && minor <= 36 ? 'linear' : 'either',
  }
}

function compareTree(tree: PodTree, pods: readonly NodePod[], settings: Settings): Fact<PodCgroups> {
  const running = pods.filter(
    ({ object }) => object.containerStatuses?.some((status) => status.id !== undefined) === true,
  )
  const limits: Difference[] = []
  const weights: Difference[] = []
  const doubts: string[] = []
  let [comparedPods, comparedContainers, absentPods] = [0, 0, 0]
  const known = new Set<string>()
  for (const pod of running) {
    const uid = pod.object.configHash ?? pod.object.uid ?? ''
    known.add(uid)
    const group = tree.pods.get(uid)
    if (group === undefined) {
      absentPods += 1
      continue
    }
    const result = comparePod(pod, group, settings)
    comparedPods += 1
    comparedContainers += result.containers
    limits.push(...result.limits)
    weights.push(...result.weights)
    doubts.push(...result.doubts)
  }
  if (running.length > 0 && comparedPods === 0) {
    return unavailable(
      'not-found',
      `None of the ${running.length} pods that run here by the API has a control group under ${place(tree)}.`,
    )
  }
  const source = `/sys/fs/cgroup/${place(tree)} against the pods of the API`
  return {
    root: `/sys/fs/cgroup/${place(tree)}`,
    driver: tree.driver,
    pods: comparedPods,
    containers: comparedContainers,
    absentPods,
    unlistedPods: [...tree.pods.keys()].filter((uid) => !known.has(uid)).length,
    limits: limits.slice(0, shown),
    limitCount: limits.length,
    weights: weights.slice(0, shown),
    weightCount: weights.length,
    isComplete:
      doubts.length === 0
        ? { value: true, source }
        : unavailable(
            'unsupported',
            `${doubts.slice(0, 3).join('; ')}${doubts.length > 3 ? ` and ${doubts.length - 3} more` : ''}.`,
          ),
  }
}

function place({ root, pods }: PodTree): string {
  if (root.path !== '') return root.path
  const [first] = pods.values()
  return first?.path.split('/').slice(0, -1).join('/') ?? ''
}
