// The control groups that a kubelet and a runtime would have made on a cgroup v2 host for the pods of an API server.
// May not: use the arithmetic of what is tested; the numbers here come from the kernel's and Kubernetes' documentation.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { TreePart } from './tree.ts'

const amounts = z.object({ cpu: z.string().optional(), memory: z.string().optional() }).optional()
const podShape = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(
      z.object({ name: z.string(), resources: z.object({ requests: amounts, limits: amounts }).optional() }),
    ),
  }),
  status: z
    .object({
      qosClass: z.string().optional(),
      containerStatuses: z
        .array(
          z.object({
            name: z.string(),
            containerID: z.string().optional(),
            state: z.object({ running: z.unknown() }).partial().optional(),
          }),
        )
        .optional(),
    })
    .optional(),
})
type Pod = z.infer<typeof podShape>

export interface PodGroupOptions {
  readonly driver: 'systemd' | 'cgroupfs'
  /** Of the runtime's scopes: "cri-containerd", "crio". */
  readonly runtime: string
  /** Which formula the runtime makes weights by. */
  readonly weights: 'before runc 1.3.2' | 'since runc 1.3.2'
  /** CPUs and KiB of memory, where they are not those of most simulated nodes. */
  readonly size?: readonly [cpus: number, memory: number]
  /** Somebody took the memory limit away from this container of the pods whose name begins so. */
  readonly unlimited?: { readonly pod: string; readonly container: string }
}

/** `objects`: all pods of the cluster. */
export function podGroups(objects: Iterable<unknown>, node: string, options: PodGroupOptions): TreePart {
  const files: Record<string, string> = {}
  const put = (path: string, group: Group) => Object.assign(files, filesOf(path, group))
  const isSystemd = options.driver === 'systemd'
  const root = `/sys/fs/cgroup/kubepods${isSystemd ? '.slice' : ''}`
  const [cpus, memory] = options.size ?? [4, 16_393_220]
  put(root, { weight: oldWeight(sharesFor(cpus)), memory: memory * 1024 })
  const lower = new Map([
    ['Burstable', { folder: isSystemd ? 'kubepods-burstable.slice' : 'burstable', requested: 0 }],
    ['BestEffort', { folder: isSystemd ? 'kubepods-besteffort.slice' : 'besteffort', requested: 0 }],
  ])
  for (const object of objects) {
    const { pod, statuses } = runningOn(node, object)
    if (pod === undefined) continue
    const folder = podFolder(root, pod, isSystemd)
    put(folder, podGroup(pod))
    const quality = lower.get(pod.status?.qosClass ?? '')
    if (quality !== undefined) quality.requested += requestOf(pod)
    for (const [name, group] of containersOf(pod, statuses, options)) {
      put(`${folder}/${isSystemd ? `${options.runtime}-${name}.scope` : name}`, { ...group, isContainer: true })
    }
  }
  for (const [quality, { folder, requested }] of lower) {
    put(`${root}/${folder}`, { weight: quality === 'BestEffort' ? 1 : oldWeight(sharesFor(requested)) })
  }
  return { files }
}

/** The pod that the object is, where it runs there. */
function runningOn(node: string, object: unknown) {
  const parsed = podShape.safeParse(object)
  const pod = parsed.success && parsed.data.spec.nodeName === node ? parsed.data : undefined
  const statuses = pod?.status?.containerStatuses?.filter(({ state }) => state?.running !== undefined) ?? []
  return { pod: statuses.length === 0 ? undefined : pod, statuses }
}

/** The sandbox and the containers, by id. */
function containersOf(
  { metadata, spec }: Pod,
  statuses: readonly { readonly name: string; readonly containerID?: string | undefined }[],
  { unlimited, weights }: PodGroupOptions,
): readonly (readonly [id: string, group: Group])[] {
  const sandbox = createHash('sha256').update(`sandbox of ${metadata.uid}`).digest('hex')
  const containers = statuses.map(({ name, containerID }) => {
    const container = spec.containers.find((one) => one.name === name)
    const isFree = unlimited?.container === name && metadata.name.startsWith(unlimited.pod)
    const group = containerGroup(container?.resources, weights)
    return [containerID?.split('://')[1] ?? '', isFree ? { weight: group.weight } : group] as const
  })
  return [[sandbox, { weight: 1 }], ...containers]
}

function filesOf(path: string, { weight, quota, memory, isContainer = false }: Group): Record<string, string> {
  return {
    [`${path}/cpu.weight`]: `${weight}\n`,
    [`${path}/cpu.max`]: `${quota ?? 'max'} 100000\n`,
    [`${path}/memory.max`]: `${memory ?? 'max'}\n`,
    [`${path}/memory.swap.max`]: isContainer ? '0\n' : 'max\n',
    [`${path}/memory.min`]: '0\n',
    [`${path}/memory.high`]: 'max\n',
    [`${path}/cgroup.type`]: 'domain\n',
    [`${path}/cgroup.subtree_control`]: isContainer ? '\n' : 'cpuset cpu io memory pids\n',
    [`${path}/memory.events`]: 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n',
  }
}

interface Group {
  readonly weight: number
  readonly quota?: number
  readonly memory?: number
  readonly isContainer?: boolean
}

function requestOf({ spec }: Pod): number {
  return spec.containers.reduce(
    (sum, { resources }) => sum + cores(resources?.requests?.cpu ?? resources?.limits?.cpu),
    0,
  )
}

function podFolder(root: string, pod: Pod, isSystemd: boolean): string {
  const uid = pod.metadata.annotations?.['kubernetes.io/config.hash'] ?? pod.metadata.uid
  const quality = { Burstable: 'burstable', BestEffort: 'besteffort' }[pod.status?.qosClass ?? '']
  if (!isSystemd) return `${root}${quality === undefined ? '' : `/${quality}`}/pod${uid}`
  const slice = quality === undefined ? 'kubepods' : `kubepods-${quality}`
  const above = quality === undefined ? root : `${root}/${slice}.slice`
  return `${above}/${slice}-pod${uid.replaceAll('-', '_')}.slice`
}

type Resources = Pod['spec']['containers'][number]['resources']

function containerGroup(resources: Resources, formula: PodGroupOptions['weights']): Group {
  const shares = sharesFor(cores(resources?.requests?.cpu ?? resources?.limits?.cpu))
  return {
    weight: formula === 'since runc 1.3.2' ? newWeight(shares) : oldWeight(shares),
    ...limitsOf([resources]),
  }
}

function podGroup(pod: Pod): Group {
  const { spec, status } = pod
  const all = spec.containers.map(({ resources }) => resources)
  const requested = requestOf(pod)
  return { weight: status?.qosClass === 'BestEffort' ? 1 : oldWeight(sharesFor(requested)), ...limitsOf(all) }
}

/** A limit holds where every container has one. */
function limitsOf(all: readonly Resources[]): Pick<Group, 'quota' | 'memory'> {
  const cpu = all.map((one) => cores(one?.limits?.cpu))
  const memory = all.map((one) => bytes(one?.limits?.memory))
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
  return {
    ...(cpu.every((limit) => limit > 0) ? { quota: Math.floor(sum(cpu) * 100_000) } : {}),
    ...(memory.every((limit) => limit > 0) ? { memory: Math.floor(sum(memory) / 4096) * 4096 } : {}),
  }
}

function sharesFor(cpu: number): number {
  return Math.max(2, Math.floor(Math.round(cpu * 1000) * 1.024))
}

function oldWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142)
}

function newWeight(shares: number): number {
  if (shares <= 2) return 1
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}

function cores(quantity = '0'): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) / 1000 : Number(quantity)
}

function bytes(quantity = '0'): number {
  const [, number = '0', unit = ''] = /^([\d.]+)([A-Za-z]*)$/.exec(quantity) ?? []
  return Number(number) * ({ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1)
}
