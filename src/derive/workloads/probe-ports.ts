// Which port a probe can ask where the one that is written leads nowhere, and the change of the pod's spec that says so.
// May not: take a port for known that neither another probe nor a declaration of the container names.
import type { z } from 'zod'
import type { FactValue } from '../../model/facts.ts'
import type { Container, probeSchema } from '../../model/pod.ts'
import { isRewrittenPath } from './istio.ts'

type Probe = z.infer<typeof probeSchema>
type Repair = FactValue<'probes'>['repairs'][number]

export const probeFields = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
export type ProbeField = (typeof probeFields)[number]

/** Number of a port that is written as a number or as a name of the container's; undefined: nobody declares the name. */
export function portNumber({ ports = [] }: Container, port: string): number | undefined {
  if (/^-?\d+$/.test(port)) return Number(port)
  return ports.find(({ name }) => name === port)?.containerPort
}

export function isPort(number: number | undefined): number is number {
  return number !== undefined && number >= 1 && number <= 65_535
}

/** TCP ports that the container declares, in order. */
export function declaredPorts({ ports = [] }: Container): { name: string; port: number }[] {
  return ports.flatMap(({ name = '', containerPort, protocol = 'TCP' }) =>
    protocol === 'TCP' && isPort(containerPort) ? [{ name, port: containerPort }] : [],
  )
}

/** The one port that the container's probes ask, else the only one that it declares; 0 where neither tells. */
export function likelyPort(container: Container): number {
  const asked = probeFields.flatMap((field) => askedPort(container, container[field]) ?? [])
  const declared = declaredPorts(container).map(({ port }) => port)
  return onlyOf(asked) ?? onlyOf(declared) ?? 0
}

/** A probe with a host asks somewhere else, one that Istio rewrote asks the sidecar. */
function askedPort(container: Container, probe: Probe | undefined): number | undefined {
  if (probe === undefined || probe.handler === 'exec' || isRewrittenPath(probe.path)) return undefined
  const { port = '', host = '' } = probe
  const number = host === '' ? portNumber(container, port) : undefined
  return isPort(number) ? number : undefined
}

function onlyOf(numbers: readonly number[]): number | undefined {
  const [first, ...more] = new Set(numbers)
  return more.length === 0 ? first : undefined
}

/**
 * The change for a probe whose port leads nowhere. Where no port is known the probe goes: the kubelet cannot make it, so that one
 * for liveness never restarts anything, and one for readiness or startup keeps the pod from ever being ready.
 */
export function portRepair(container: Container, kind: string, field: ProbeField, handler: string): Repair {
  const port = likelyPort(container)
  const declared = declaredPorts(container).map(({ name, port }) => (name === '' ? String(port) : `${port} (${name})`))
  const probe = port === 0 ? null : { [handler]: { port } }
  return { container: container.name, kind, problem: 'port', port, declared, change: changeOf(container, field, probe) }
}

/** What single values become; Kubernetes takes its default for what is null. */
export function valueRepair(
  container: Container,
  kind: string,
  field: ProbeField,
  problem: 'negative' | 'timing',
  values: Readonly<Record<string, number | null>>,
): Repair {
  const change = changeOf(container, field, values)
  return { container: container.name, kind, problem, port: 0, declared: [], change }
}

/** A strategic merge patch of the pod's spec. */
function changeOf({ name, kind }: Container, field: ProbeField, probe: object | null): string {
  return JSON.stringify({ [kind === 'init' ? 'initContainers' : 'containers']: [{ name, [field]: probe }] })
}
