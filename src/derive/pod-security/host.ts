// Checks of what a pod shares with its node: privileged and HostProcess containers, namespaces, ports, probes that call another host.
// Source: k8s.io/pod-security-admission, policy/check_{privileged,windowsHostProcess,hostNamespaces,hostPorts,hostProbes…}.go.
import type { Container } from '../../model/pod.ts'
import { type Breach, containerBreach, type FindBreaches, naming, podBreach } from './check.ts'

export const findPrivileged: FindBreaches = ({ spec }) =>
  spec.containers
    .filter((container) => container.securityContext?.privileged === true)
    .map((container) =>
      containerBreach(container, 'securityContext.privileged', {
        value: 'true',
        wanted: 'false or not set',
        message: `${naming(container)} runs privileged`,
      }),
    )

const hostNamespaces = [
  ['hostNetwork', "The pod uses the node's network"],
  ['hostPID', "The pod sees the node's processes"],
  ['hostIPC', "The pod uses the node's IPC namespace"],
] as const

export const findHostNamespaces: FindBreaches = ({ spec }) =>
  hostNamespaces
    .filter(([field]) => spec[field] === true)
    .map(([field, message]) => podBreach(field, { value: 'true', wanted: 'false or not set', message }))

export const findHostPorts: FindBreaches = ({ spec }) =>
  spec.containers.flatMap((container) =>
    (container.ports ?? [])
      .filter(({ hostPort = 0 }) => hostPort !== 0)
      .map(({ containerPort, hostPort }) =>
        containerBreach(container, `ports[${containerPort ?? hostPort}].hostPort`, {
          value: `${hostPort}`,
          wanted: 'not set',
          message: `${naming(container)} takes port ${hostPort} of the node`,
        }),
      ),
  )

export const findWindowsHostProcess: FindBreaches = ({ spec }) => {
  const words = { value: 'true', wanted: 'false or not set' }
  const field = 'securityContext.windowsOptions.hostProcess'
  const ofContainers = spec.containers
    .filter((container) => container.securityContext?.windowsOptions?.hostProcess === true)
    .map((container) =>
      containerBreach(container, field, {
        ...words,
        message: `${naming(container)} is a HostProcess container: it runs on the Windows node itself`,
      }),
    )
  if (spec.securityContext?.windowsOptions?.hostProcess !== true) return ofContainers
  const message = 'The pod is a HostProcess pod: it runs on the Windows node itself'
  return [podBreach(field, { ...words, message }), ...ofContainers]
}

/** The kubelet makes these calls from the node's own network: a host lets a pod's author probe what only the node can reach. */
export const findHostsOfProbes: FindBreaches = ({ spec }) => spec.containers.flatMap(hostsOfHandlers)

const handlersWithHost: ReadonlySet<string> = new Set(['httpGet', 'tcpSocket'])

function hostsOfHandlers(container: Container): Breach[] {
  const handlers = [
    ['livenessProbe', container.livenessProbe],
    ['readinessProbe', container.readinessProbe],
    ['startupProbe', container.startupProbe],
    ['lifecycle.postStart', container.lifecycle?.postStart],
    ['lifecycle.preStop', container.lifecycle?.preStop],
  ] as const
  return handlers.flatMap(([field, probe]) => {
    if (probe?.host === undefined || probe.host === '' || !handlersWithHost.has(probe.handler)) return []
    const message = `${naming(container)} makes the kubelet call ${probe.host} for its ${field}`
    return [
      containerBreach(container, `${field}.${probe.handler}.host`, { value: probe.host, wanted: 'not set', message }),
    ]
  })
}
