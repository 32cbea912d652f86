// The podCgroupLevels fact, rows C2 and C5: the control groups above pods, how all of them are made, and what containers may swap.
// May not: repeat what podCgroups compares.
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { compareClasses } from './classes.ts'
import type { NodePod } from './compare.ts'
import { type PodCgroupInput, readSettings } from './index.ts'
import { compareReservations, compareSwap, type MemoryInput } from './memory.ts'
import { type PodTree, podTreeOf } from './tree.ts'

type Levels = FactValue<'podCgroupLevels'>
type Structure = Levels['structure']

/** Shown of each kind; the totals count all. */
const shown = 50

export function derivePodCgroupLevels(
  input: PodCgroupInput & Pick<MemoryInput, 'capacity' | 'activeSwap'>,
): Fact<Levels> {
  const { host, pods, kubelet, capacity, activeSwap } = input
  const tree = podTreeOf(host)
  if (isUnavailable(tree)) return tree
  if (isUnavailable(pods)) return pods
  const running = pods
    .filter(({ object }) => object.containerStatuses?.some(({ id }) => id !== undefined) === true)
    .map((pod) => ({ pod, uid: uidOf(pod) }))
  const known = new Set(running.map(({ uid }) => uid))
  const isSettled = tree.pods.size === known.size && [...tree.pods.keys()].every((uid) => known.has(uid))
  const memory = { tree, kubelet, capacity, activeSwap, running }
  const swap = compareSwap(memory)
  const reservations = compareReservations(memory)
  return {
    root: `/sys/fs/cgroup/${tree.root.path}`,
    classes: compareClasses({ tree, kubelet, capacity, pods, isSettled, settings: readSettings(host, kubelet) }),
    structure: readStructure(tree),
    swap: cut(swap),
    swapCount: count(swap),
    reservations: cut(reservations),
    reservationCount: count(reservations),
  }
}

function uidOf({ object }: NodePod): string {
  return object.configHash ?? object.uid ?? ''
}

function cut(list: Levels['swap']): Levels['swap'] {
  return isUnavailable(list) ? list : { ...list, value: list.value.slice(0, shown) }
}

function count(list: Levels['swap']): Levels['swapCount'] {
  return isUnavailable(list) ? list : { value: list.value.length, source: list.source }
}

/** Row C5: groups of threads, which no memory limit holds for, and controllers that are not handed on to the groups below. */
function readStructure(tree: PodTree): Structure {
  const above = [tree.root, ...tree.classes.values(), ...tree.pods.values()].filter(({ path }) => path !== '')
  const isV1 = above.some(
    ({ values }) => values['cpu.shares'] !== undefined || values['memory.limit_in_bytes'] !== undefined,
  )
  const source = `cgroup.type and cgroup.subtree_control of ${above.length} control groups`
  if (isV1) return { value: [], source: 'cgroup v1, which has neither' }
  if (above.every(({ values }) => values['cgroup.type'] === undefined)) {
    return unavailable('not-collected', 'The probe that read this node did not ask how its control groups are made.')
  }
  const problems: { path: string; problem: string }[] = []
  for (const { path, values } of above) {
    const type = values['cgroup.type']
    if (type === undefined) return unavailable('unsupported', `cgroup.type of ${path} was not read.`)
    const note = (problem: string) => problems.push({ path: `/sys/fs/cgroup/${path}`, problem })
    if (type !== 'domain') note(`cgroup.type is "${type}"`)
    const handed = (values['cgroup.subtree_control'] ?? '').split(' ')
    const missing = ['cpu', 'memory'].filter((controller) => !handed.includes(controller))
    if (missing.length > 0 && isParent(path, tree)) note(`cgroup.subtree_control lacks ${missing.join(' and ')}`)
  }
  return { value: problems.slice(0, shown), source }
}

/** Whether containers or pods stand below. */
function isParent(path: string, tree: PodTree): boolean {
  for (const pod of tree.pods.values()) {
    if (pod.path === path) return pod.containers.size > 0
    if (pod.path.startsWith(`${path}/`)) return true
  }
  return false
}
