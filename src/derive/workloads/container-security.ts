// What a template's security contexts come to for each container: its own setting, else the pod's, else what the kubelet and the
// runtimes make of a field that nobody set. The same in every version of Kubernetes.
import type { FactValue } from '../../model/facts.ts'
import type { Container, PodSpec } from '../../model/pod.ts'

type ContainerSecurity = FactValue<'containerSecurity'>

export function deriveContainerSecurity(spec: PodSpec): ContainerSecurity {
  return {
    os: spec.os ?? '',
    containers: spec.containers.map((container) => describe(container, spec)),
    hostPorts: spec.containers.flatMap(hostPortsOf),
  }
}

function describe(container: Container, spec: PodSpec): ContainerSecurity['containers'][number] {
  const { securityContext: own = {}, name, kind } = container
  const { securityContext: ofPod = {} } = spec
  const { add = [], drop = [] } = own.capabilities ?? {}
  const privileged = own.privileged === true
  return {
    name,
    kind,
    privileged,
    allowPrivilegeEscalation:
      own.allowPrivilegeEscalation === undefined ? 'not set' : String(own.allowPrivilegeEscalation),
    rootCause: rootCauseOf(own.runAsUser ?? ofPod.runAsUser, own.runAsNonRoot ?? ofPod.runAsNonRoot),
    addedCapabilities: add,
    droppedCapabilities: drop,
    dropsAllCapabilities: !privileged && names(drop, 'ALL'),
    hasNetRaw: privileged || keeps('NET_RAW', add, drop),
    // A profile without a type is refused by the API; in a file it confines nothing.
    seccompProfile: (own.seccompProfile ?? ofPod.seccompProfile)?.type ?? '',
    hostProcess: (own.windowsOptions?.hostProcess ?? ofPod.windowsOptions?.hostProcess) === true,
  }
}

/** With runAsNonRoot the kubelet does not start a container as root; without a user the image decides. */
function rootCauseOf(runAsUser: number | undefined, runAsNonRoot: boolean | undefined): string {
  if (runAsNonRoot === true || (runAsUser !== undefined && runAsUser !== 0)) return ''
  if (runAsUser === 0) return 'runAsUser: 0'
  return `${runAsNonRoot === false ? 'runAsNonRoot: false' : 'runAsNonRoot: not set'}, runAsUser: not set`
}

/** containerd and CRI-O add first and drop then, but with "ALL" they drop first; they do not mind upper and lower case. */
function keeps(capability: string, add: readonly string[], drop: readonly string[]): boolean {
  if (names(drop, capability)) return false
  return !names(drop, 'ALL') || names(add, capability)
}

function names(list: readonly string[], capability: string): boolean {
  return list.some((one) => one.toUpperCase() === capability)
}

function hostPortsOf({ name, kind, ports = [] }: Container): ContainerSecurity['hostPorts'] {
  return ports.flatMap(({ hostPort = 0, containerPort = hostPort, protocol = 'TCP' }) =>
    hostPort === 0 ? [] : [{ container: name, kind, hostPort, containerPort, protocol }],
  )
}
