// Checks of the walls around a container in the shared kernel: SELinux labels, the masks over /proc, and sysctls.
// Source: k8s.io/pod-security-admission, policy/check_{seLinuxOptions,procMount_baseline,procMount_restricted,sysctls}.go.
import type { Container } from '../../model/pod.ts'
import { type Breach, containerBreach, type FindBreaches, naming, podBreach } from './check.ts'

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t']

export const findSeLinuxOptions = seLinuxFinder(seLinuxTypes)
/** From 1.31 on. */
export const findSeLinuxOptionsWithEngine = seLinuxFinder([...seLinuxTypes, 'container_engine_t'])

function seLinuxFinder(types: readonly string[]): FindBreaches {
  return ({ spec }) => [
    ...seLinuxBreaches(spec.securityContext?.seLinuxOptions, types, undefined),
    ...spec.containers.flatMap((container) =>
      seLinuxBreaches(container.securityContext?.seLinuxOptions, types, container),
    ),
  ]
}

type SeLinuxOptions = NonNullable<NonNullable<Container['securityContext']>['seLinuxOptions']>

function seLinuxBreaches(
  options: SeLinuxOptions | undefined,
  types: readonly string[],
  container: Container | undefined,
): Breach[] {
  const { type = '', user = '', role = '' } = options ?? {}
  const allowed = `not set, ${types.filter((one) => one !== '').join(', ')}`
  const wrong = [
    ...(types.includes(type) ? [] : [['type', type, allowed] as const]),
    ...(user === '' ? [] : [['user', user, 'not set'] as const]),
    ...(role === '' ? [] : [['role', role, 'not set'] as const]),
  ]
  return wrong.map(([field, value, wanted]) => {
    const path = `securityContext.seLinuxOptions.${field}`
    const message = `${container === undefined ? 'The pod' : naming(container)} sets the SELinux ${field} ${value}`
    const words = { value, wanted, message }
    return container === undefined ? podBreach(path, words) : containerBreach(container, path, words)
  })
}

export const findProcMounts: FindBreaches = ({ spec }) =>
  spec.containers.flatMap((container) => {
    const value = container.securityContext?.procMount
    if (value === undefined || value === 'Default') return []
    const message = `${naming(container)} mounts /proc as ${value}`
    return [containerBreach(container, 'securityContext.procMount', { value, wanted: 'Default or not set', message })]
  })

/** Names by the minor version of Kubernetes 1 that first allows them. They are compared as written: only dots, no slashes. */
const safeSysctls = {
  0: [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.ping_group_range',
    'net.ipv4.ip_unprivileged_port_start',
  ],
  27: ['net.ipv4.ip_local_reserved_ports'],
  29: [
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
  ],
  32: ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'],
  37: ['net.ipv4.tcp_slow_start_after_idle', 'net.ipv4.tcp_notsent_lowat'],
} as const

/** One version for each change of the list. */
export const sysctlVersions = Object.keys(safeSysctls)
  .map(Number)
  .map((since) => ({ since, find: sysctlFinder(since) }))

function sysctlFinder(minor: number): FindBreaches {
  const lists = Object.entries(safeSysctls).filter(([since]) => Number(since) <= minor)
  const allowed: ReadonlySet<string> = new Set(lists.flatMap(([, names]) => names))
  return ({ spec }) =>
    (spec.securityContext?.sysctls ?? [])
      .filter(({ name }) => !allowed.has(name))
      .map(({ name, value }) =>
        podBreach(`securityContext.sysctls[${name}]`, {
          value,
          wanted: 'not set',
          message: `The pod sets the sysctl ${name}`,
        }),
      )
}
