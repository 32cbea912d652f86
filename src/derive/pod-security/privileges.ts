// Checks of what a process in a container may do: capabilities, and gaining more rights than its parent.
// Source: k8s.io/pod-security-admission, policy/check_{capabilities_baseline,capabilities_restricted,allowPrivilegeEscalation}.go.
import type { Container } from '../../model/pod.ts'
import { type Breach, containerBreach, type FindBreaches, naming } from './check.ts'

/** The set that container runtimes give by default. Names are compared as written: no CAP_, upper case. */
const defaultCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])
const restrictedCapabilities: ReadonlySet<string> = new Set(['NET_BIND_SERVICE'])

export const findAddedCapabilities: FindBreaches = ({ spec }) =>
  spec.containers.flatMap((container) =>
    addedBeyond(container, defaultCapabilities, "none, or of the runtime's default set"),
  )

export const findUnrestrictedCapabilities: FindBreaches = ({ spec }) =>
  spec.containers.flatMap((container) => [
    ...keptCapabilities(container),
    ...addedBeyond(container, restrictedCapabilities, 'none, or NET_BIND_SERVICE'),
  ])

function addedBeyond(container: Container, allowed: ReadonlySet<string>, wanted: string): Breach[] {
  const added = (container.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.has(name))
  if (added.length === 0) return []
  const value = [...new Set(added)].join(', ')
  const message = `${naming(container)} adds ${value}`
  return [containerBreach(container, 'securityContext.capabilities.add', { value, wanted, message })]
}

function keptCapabilities(container: Container): Breach[] {
  const drop = container.securityContext?.capabilities?.drop ?? []
  if (drop.includes('ALL')) return []
  return [
    containerBreach(container, 'securityContext.capabilities.drop', {
      value: drop.length === 0 ? 'not set' : drop.join(', '),
      wanted: 'ALL',
      message: `${naming(container)} does not drop all capabilities`,
    }),
  ]
}

export const findPrivilegeEscalation: FindBreaches = ({ spec }) =>
  spec.containers.flatMap((container) => {
    const allowed = container.securityContext?.allowPrivilegeEscalation
    if (allowed === false) return []
    const message = `${naming(container)} may gain more rights than it starts with`
    const value = allowed === undefined ? 'not set' : 'true'
    return [containerBreach(container, 'securityContext.allowPrivilegeEscalation', { value, wanted: 'false', message })]
  })
