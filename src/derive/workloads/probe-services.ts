// Row G1: the containers behind Services that have no readiness or no liveness probe.
// May not: blame a container that serves no Service, or a workload that runs to completion.
import type { FactValue } from '../../model/facts.ts'
import type { ServiceObject } from '../../model/objects.ts'
import type { Container } from '../../model/pod.ts'
import { isSidecar } from './istio.ts'
import { declaredPorts, isPort, likelyPort, portNumber } from './probe-ports.ts'

export type MissingProbe = { container: string; kind: string; services: string[]; port: number; isAssumed: boolean }
type UndeclaredPort = {
  container: string
  service: string
  servicePort: number
  name: string
  port: number
  declaredAs: string
  change: string
}

/** Which containers answer a Service's ports; where no container declares such a port, it may be any of them. */
export function missingProbes(containers: readonly Container[], services: readonly ServiceObject[]): MissingProbe[] {
  const serving = containers.filter((one) => one.kind === 'container' && !isSidecar(one))
  const found = new Map<string, { container: Container; kind: 'liveness' | 'readiness'; services: ServiceObject[] }>()
  for (const service of services) {
    for (const kind of ['liveness', 'readiness'] as const) {
      for (const container of lacking(serving, service, kind)) {
        const key = `${container.name} ${kind}`
        const known = found.get(key) ?? { container, kind, services: [] }
        known.services.push(service)
        found.set(key, known)
      }
    }
  }
  return [...found.values()].map(({ container, kind, services }) => ({
    container: container.name,
    kind,
    services: [...new Set(services.map(({ name }) => name))],
    ...portToAsk(container, services),
  }))
}

/** What the Services send to, else what the container itself tells; the rest is an assumption, and called one. */
function portToAsk(container: Container, services: readonly ServiceObject[]): Pick<MissingProbe, 'port' | 'isAssumed'> {
  const known = services.map((service) => portOf(container, service)).find((port) => port > 0) ?? likelyPort(container)
  if (known > 0) return { port: known, isAssumed: false }
  const declared = declaredPorts(container).map(({ port }) => port)
  const own = services.flatMap((service) => tcpPorts(service).flatMap(({ port }) => (isPort(port) ? [port] : [])))
  const agreed = own.find((port) => declared.includes(port))
  if (agreed !== undefined) return { port: agreed, isAssumed: false }
  const port = declared[0] ?? own[0] ?? 0
  return { port, isAssumed: port > 0 }
}

/** Services' port names that lead to no container, each with the container that lacks a probe and would declare it. */
export function undeclaredPorts(
  containers: readonly Container[],
  services: readonly ServiceObject[],
  missing: readonly MissingProbe[],
): UndeclaredPort[] {
  return services.flatMap((service) => {
    const probe = missing.find((one) => one.services.includes(service.name) && one.port > 0)
    const container = containers.find(({ name, kind }) => kind === 'container' && name === probe?.container)
    if (probe === undefined || container === undefined) return []
    const { port } = probe
    return tcpPorts(service)
      .filter(({ targetPort }) => !/^\d+$/.test(targetPort))
      .filter(({ targetPort }) => containers.every((one) => portNumber(one, targetPort) === undefined))
      .map(({ port: servicePort = 0, targetPort: name }) => ({
        container: container.name,
        service: service.name,
        servicePort,
        name,
        port,
        declaredAs: declaredPorts(container).find((one) => one.port === port)?.name ?? '',
        change: declaring(container.name, name, port),
      }))
  })
}

function declaring(container: string, name: string, containerPort: number): string {
  return JSON.stringify({ containers: [{ name: container, ports: [{ containerPort, name, protocol: 'TCP' }] }] })
}

/** The Service's TCP ports; one that says no target sends to its own number. */
function tcpPorts({ ports }: ServiceObject): { port: number | undefined; targetPort: string }[] {
  return ports.flatMap(({ port, targetPort = String(port ?? ''), protocol = 'TCP' }) =>
    protocol === 'TCP' ? [{ port, targetPort }] : [],
  )
}

function lacking(serving: readonly Container[], service: ServiceObject, kind: 'liveness' | 'readiness'): Container[] {
  const has = (container: Container) =>
    (kind === 'liveness' ? container.livenessProbe : container.readinessProbe) !== undefined
  const declaring = serving.filter((container) => declares(container, service))
  if (declaring.length > 0) return declaring.filter((container) => !has(container))
  return serving.some(has) ? [] : [...serving]
}

function declares({ ports = [] }: Container, service: ServiceObject): boolean {
  return service.ports.some(({ port, targetPort = String(port ?? ''), protocol = 'TCP' }) =>
    ports.some(
      (one) =>
        (one.protocol ?? 'TCP') === protocol && (one.name === targetPort || String(one.containerPort) === targetPort),
    ),
  )
}

/** The container's port of the first of the Service's TCP ports that leads to one. */
function portOf(container: Container, service: ServiceObject): number {
  return (
    tcpPorts(service)
      .map(({ targetPort }) => portNumber(container, targetPort))
      .find(isPort) ?? 0
  )
}

/** Kinds whose pods end: nobody sends them requests for long. */
const endingKinds: ReadonlySet<string> = new Set(['Job', 'CronJob'])

export function isLongRunning(kind: string, restartPolicy = 'Always'): FactValue<'probes'>['isLongRunning'] {
  return !endingKinds.has(kind) && restartPolicy === 'Always'
}
