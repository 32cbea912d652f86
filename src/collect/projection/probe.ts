// Probes and lifecycle handlers of a container, and Istio's record of the probes it replaced.
// May not: keep header values, exec commands or query values, where credentials live.
import type { z } from 'zod'
import type { probeSchema } from '../../model/pod.ts'
import { child, int, isRaw, numberOrText, Problems, type Raw, sparse, text } from './read.ts'

type Probe = z.infer<typeof probeSchema>

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

/** A probe or lifecycle handler; undefined when absent. */
export function projectProbe(container: Raw, key: string, problems: Problems): Probe | undefined {
  const raw = child(container, key, problems)
  if (raw === undefined) return undefined
  const isGiven = (name: string) => raw[name] !== undefined && raw[name] !== null
  // A handler of a newer Kubernetes keeps its own name.
  const handler = handlers.find(isGiven) ?? Object.keys(raw).find((name) => isRaw(raw[name]))
  if (handler === undefined) return undefined
  const action = child(raw, handler, problems) ?? {}
  return sparse({
    handler,
    port: numberOrText(action, 'port', problems),
    path: withoutQueryValues(text(action, 'path', problems)),
    host: text(action, 'host', problems),
    scheme: text(action, 'scheme', problems),
    initialDelaySeconds: int(raw, 'initialDelaySeconds', problems),
    periodSeconds: int(raw, 'periodSeconds', problems),
    timeoutSeconds: int(raw, 'timeoutSeconds', problems),
    successThreshold: int(raw, 'successThreshold', problems),
    failureThreshold: int(raw, 'failureThreshold', problems),
  })
}

function withoutQueryValues(path: string | undefined): string | undefined {
  const mark = path?.indexOf('?') ?? -1
  if (path === undefined || mark < 0) return path
  return path.slice(0, mark) + path.slice(mark).replace(/=[^&#]*/g, '=<redacted>')
}

/**
 * ISTIO_KUBE_APP_PROBERS, a JSON map of rewritten path to original probe, with only the fields of a probe that are kept
 * elsewhere too. Text that does not parse becomes an empty string: there was a record, and it cannot be read.
 */
export function projectIstioProbers(value: string): string {
  const parsed = parse(value)
  if (!isRaw(parsed)) return ''
  const problems = new Problems()
  const kept = Object.keys(parsed)
    .sort()
    .map((path): [string, Probe | undefined] => [path, projectProbe(parsed, path, problems)])
  return problems.first === undefined ? JSON.stringify(Object.fromEntries(kept.map(toKubernetesShape))) : ''
}

/** Back into Kubernetes' own shape, which is what the variable holds. */
function toKubernetesShape([path, probe]: [string, Probe | undefined]): [string, object] {
  if (probe === undefined) return [path, {}]
  const { handler, port, path: target, host, scheme, ...timing } = probe
  return [path, { [handler]: sparse({ path: target, port: asPort(port), host, scheme }), ...timing }]
}

function asPort(port: string | undefined): number | string | undefined {
  return port !== undefined && /^\d+$/.test(port) ? Number(port) : port
}

function parse(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
