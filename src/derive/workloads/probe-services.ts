// Row G1: the containers behind Services that have no readiness or no liveness probe.
// May not: blame a container that serves no Service, or a workload that runs to completion.
import type { FactValue } from '../../model/facts.ts'
import type { ServiceObject } from '../../model/objects.ts'
import type { Container } from '../../model/pod.ts'
import { isSidecar } from './istio.ts'

export type MissingProbe = { container: string; kind: string; services: string[]; port: number }

/** Which containers answer a Service's ports; where no container declares such a port, it may be any of them. */
export function missingProbes(containers: readonly Container[], services: readonly ServiceObject[]): MissingProbe[] {
  const serving = containers.filter((one) => one.kind === 'container' && !isSidecar(one))
  const found = new Map<string, MissingProbe>()
  for (const service of services) {
    for (const kind of ['liveness', 'readiness'] as const) {
      for (const container of lacking(serving, service, kind)) {
        const { name } = container
        const key = `${name} ${kind}`
        const known = found.get(key)
        if (known === undefined)
          found.set(key, { container: name, kind, services: [service.name], port: portOf(container, service) })
        else if (!known.services.includes(service.name)) known.services.push(service.name)
      }
    }
  }
  return [...found.values()]
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
function portOf({ ports = [] }: Container, service: ServiceObject): number {
  for (const { port, targetPort = String(port ?? ''), protocol = 'TCP' } of service.ports) {
    if (protocol !== 'TCP') continue
    const number = /^\d{1,5}$/.test(targetPort)
      ? Number(targetPort)
      : ports.find(({ name }) => name === targetPort)?.containerPort
    if (number !== undefined && number > 0) return number
  }
  return 0
}

/** Kinds whose pods end: nobody sends them requests for long. */
const endingKinds: ReadonlySet<string> = new Set(['Job', 'CronJob'])

export function isLongRunning(kind: string, restartPolicy = 'Always'): FactValue<'probes'>['isLongRunning'] {
  return !endingKinds.has(kind) && restartPolicy === 'Always'
}
