// Row G2: what Istio's sidecar does to a pod's probes. It takes over inbound connections, so that a TCP probe reaches the sidecar and
// always succeeds, unless the injector has pointed the probe at the sidecar's own /app-health/… and kept the original in
// ISTIO_KUBE_APP_PROBERS. See https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/
// May not: trust the text of that record; whoever may create the pod writes it.
import type { Container, PodTemplate } from '../../model/pod.ts'

/** Istio's own name for the container (istio.io/api/annotation, ProxyContainerName). */
const sidecarName = 'istio-proxy'

/** "container" beside the application's, "init" for a native sidecar, "" for none. */
export function sidecarKind({ containers }: PodTemplate['spec']): 'container' | 'init' | '' {
  const found = containers.find(isSidecar)
  return found === undefined || found.kind === 'ephemeral' ? '' : found.kind
}

export function isSidecar({ name, kind, restartPolicy }: Container): boolean {
  return name === sidecarName && (kind === 'container' || (kind === 'init' && restartPolicy === 'Always'))
}

const rewrittenPath = /^\/app-health\/[^/]+\/(?:livez|readyz|startupz)$/

/** Whether the injector made this path of it. A name alone is not enough: there must be a sidecar that answers there. */
export function isRewrittenPath(path: string | undefined): path is string {
  return path !== undefined && rewrittenPath.test(path)
}

export interface OriginalProbe {
  readonly handler: string
  readonly port?: string
  readonly path?: string
}

/** The record of one rewritten path; undefined when there is none, or none that can be read. */
export function originalProbe(record: string | undefined, path: string): OriginalProbe | undefined {
  const parsed = parseRecord(record)
  const entry = field(parsed, path)
  for (const handler of ['httpGet', 'tcpSocket', 'grpc']) {
    const action = field(entry, handler)
    if (action === undefined) continue
    const port = field(action, 'port')
    const target = field(action, 'path')
    return {
      handler,
      ...(typeof port === 'number' || typeof port === 'string' ? { port: String(port) } : {}),
      ...(typeof target === 'string' ? { path: target } : {}),
    }
  }
  return undefined
}

function parseRecord(record: string | undefined): unknown {
  try {
    return JSON.parse(record ?? '')
  } catch {
    return undefined
  }
}

/** An own field of something that may not even be an object. */
function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return new Map<string, unknown>(Object.entries(value)).get(key)
}

const prefix = 'traffic.sidecar.istio.io/'

/** Whether the sidecar takes over connections to this port of the pod. Undefined: the annotation cannot be read. */
export function isRedirected(annotations: Readonly<Record<string, string>> = {}, port: number): boolean | undefined {
  const included = ports(annotations[`${prefix}includeInboundPorts`] ?? '*')
  const excluded = ports(annotations[`${prefix}excludeInboundPorts`] ?? '')
  if (included === undefined || excluded === undefined) return undefined
  if (included !== '*' && !included.has(port)) return false
  return excluded === '*' ? false : !excluded.has(port)
}

function ports(list: string): '*' | ReadonlySet<number> | undefined {
  if (list.trim() === '*') return '*'
  const words = list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  return words.every((word) => /^\d{1,5}$/.test(word)) ? new Set(words.map(Number)) : undefined
}
