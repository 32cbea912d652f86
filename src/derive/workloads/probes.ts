// Rows G1, G2: the probes of a template with Kubernetes' defaults filled in, as the application gets them: where Istio rewrote a
// probe, the original stands here. What a Service expects of them is in probe-services.ts.
import type { z } from 'zod'
import { type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Container, PodTemplate, probeSchema } from '../../model/pod.ts'
import { isRedirected, isRewrittenPath, isSidecar, type OriginalProbe, originalProbe, sidecarKind } from './istio.ts'
import { isPort, type ProbeField, portNumber, portRepair, valueRepair } from './probe-ports.ts'

type Probe = z.infer<typeof probeSchema>
type Described = FactValue<'probes'>['probes'][number]
export type TemplateProbes = Pick<FactValue<'probes'>, 'sidecar' | 'rewriting' | 'probes' | 'repairs' | 'shared'>

const kinds = [
  ['liveness', 'livenessProbe'],
  ['readiness', 'readinessProbe'],
  ['startup', 'startupProbe'],
] as const

export function deriveTemplateProbes(template: PodTemplate): TemplateProbes {
  const { spec, annotations } = template
  const containers = spec.containers.filter((container) => container.kind !== 'ephemeral')
  return {
    sidecar: sidecarKind(spec),
    rewriting: annotations?.['sidecar.istio.io/rewriteAppHTTPProbers'] ?? '',
    probes: containers.flatMap((container) =>
      kinds.flatMap(([kind, field]) => {
        const probe = container[field]
        return probe === undefined ? [] : [describe(template, container, kind, field, probe)]
      }),
    ),
    repairs: containers.flatMap((container) =>
      kinds.flatMap(([kind, field]) => repairsOf(template, container, kind, field)),
    ),
    shared: containers.flatMap((container) => sharedCheck(template, container) ?? []),
  }
}

function repairsOf(
  template: PodTemplate,
  container: Container,
  kind: string,
  field: ProbeField,
): FactValue<'probes'>['repairs'] {
  const probe = container[field]
  if (probe === undefined) return []
  const target = targetOf(template, probe)
  const repair =
    target !== undefined && portProblems(container, target).length > 0
      ? portRepair(container, kind, field, target.handler)
      : undefined
  // Nothing of a probe that goes may come back.
  if (repair?.port === 0) return [repair]
  const timing = effectiveTiming(probe)
  const negative = Object.entries(timing).flatMap(([name, value]): [string, null][] =>
    value < 0 ? [[name, null]] : [],
  )
  const bounded = container.kind === 'init' ? boundTiming(kind, timing) : {}
  return [
    ...(repair === undefined ? [] : [repair]),
    ...(negative.length > 0 ? [valueRepair(container, kind, field, 'negative', Object.fromEntries(negative))] : []),
    ...(Object.keys(bounded).length > 0 ? [valueRepair(container, kind, field, 'timing', bounded)] : []),
  ]
}

/** Values that are too large, as they may be at most. */
function boundTiming(
  kind: string,
  { periodSeconds, timeoutSeconds, successThreshold }: Timing,
): Record<string, number> {
  return {
    ...(timeoutSeconds > periodSeconds && periodSeconds > 0 && { timeoutSeconds: periodSeconds }),
    ...(kind !== 'readiness' && successThreshold > 1 && { successThreshold: 1 }),
  }
}

interface Target {
  readonly handler: string
  readonly port: string
  readonly path: string
  readonly host: string
  readonly scheme: string
  readonly isRewritten: boolean
}

/** What the probe asks of the application. Undefined: Istio rewrote it, and its record cannot be read. */
function targetOf({ spec }: PodTemplate, probe: Probe): Target | undefined {
  const { handler, port = '', path = '', host = '', scheme = '' } = probe
  const isRewritten = handler === 'httpGet' && isRewrittenPath(probe.path) && sidecarKind(spec) !== ''
  if (!isRewritten) return { handler, port, path, host, scheme, isRewritten }
  const original: OriginalProbe | undefined = originalProbe(spec.containers.find(isSidecar)?.istioAppProbers, path)
  if (original === undefined) return undefined
  return { handler: original.handler, port: original.port ?? '', path: original.path ?? '', host, scheme, isRewritten }
}

function describe(
  template: PodTemplate,
  container: Container,
  kind: Described['kind'],
  field: ProbeField,
  probe: Probe,
): Described {
  const target = targetOf(template, probe)
  const timing = effectiveTiming(probe)
  const source = `spec.${listOf(container)}[${container.name}].${field}`
  return {
    container: container.name,
    containerKind: container.kind,
    kind,
    field,
    target: target === undefined ? unread : { value: textOf(target), source: sourceOf(target, source, probe) },
    ...timing,
    isRewritten: target?.isRewritten ?? true,
    isBlind: blindness(template, container, target, source),
    problems: [...timingProblems(kind, probe, timing), ...portProblems(container, target)],
    source,
  }
}

const unread = unavailable(
  'malformed',
  'ISTIO_KUBE_APP_PROBERS of istio-proxy does not hold the original of this probe.',
)

function sourceOf({ isRewritten }: Target, source: string, { path = '' }: Probe): string {
  return isRewritten ? `ISTIO_KUBE_APP_PROBERS of istio-proxy, ${path}` : source
}

function listOf({ kind }: Container): string {
  return kind === 'init' ? 'initContainers' : 'containers'
}

function textOf({ handler, port, path, host }: Target): string {
  const place = `${host === '' ? '' : `${host} `}${port === '' ? '' : `port ${port}`}`.trim()
  return [handler, path, place].filter((part) => part !== '').join(' ')
}

/** Zero means the default, as the API server fills it in (pkg/apis/core/v1/defaults.go). */
function effectiveTiming(probe: Probe) {
  return {
    initialDelaySeconds: probe.initialDelaySeconds ?? 0,
    periodSeconds: probe.periodSeconds || 10,
    timeoutSeconds: probe.timeoutSeconds || 1,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}

type Timing = ReturnType<typeof effectiveTiming>

function timingProblems(kind: string, probe: Probe, timing: Timing): string[] {
  const { periodSeconds, timeoutSeconds, successThreshold } = timing
  const negative = Object.entries(timing).flatMap(([name, value]) =>
    value < 0 ? [`${name}: ${value} is negative`] : [],
  )
  const isBound = kind !== 'readiness' && successThreshold > 1
  return [
    ...negative,
    ...(timeoutSeconds > periodSeconds && periodSeconds > 0
      ? [`timeoutSeconds: ${timeoutSeconds} exceeds periodSeconds: ${periodSeconds}${given(probe.periodSeconds)}`]
      : []),
    ...(isBound ? [`successThreshold: ${successThreshold} must be 1 for a ${kind} probe`] : []),
  ]
}

function given(value: number | undefined): string {
  return value === undefined || value === 0 ? ' (the default)' : ''
}

function portProblems(container: Container, target: Target | undefined): string[] {
  if (target === undefined || target.handler === 'exec') return []
  const { port } = target
  const number = portNumber(container, port)
  if (port === '') return [`${target.handler}: no port`]
  if (number === undefined) return [`port: ${port} is no port of the container`]
  return isPort(number) ? [] : [`port: ${port} is out of range`]
}

/** A rewritten probe is made by the sidecar's agent from inside the pod, so it sees the application. */
function blindness(
  template: PodTemplate,
  container: Container,
  target: Target | undefined,
  source: string,
): Observed<boolean> {
  const answer = (value: boolean): Observed<boolean> => ({ value, source })
  if (target === undefined || target.isRewritten || target.handler !== 'tcpSocket') return answer(false)
  const { spec, annotations } = template
  // Istio does not touch pods in the node's network; a probe with a host goes elsewhere than to this pod.
  const isOutside = sidecarKind(spec) === '' || spec.hostNetwork === true || target.host !== '' || isSidecar(container)
  if (isOutside || container.kind === 'init') return answer(false)
  const port = portNumber(container, target.port)
  const redirected = port === undefined ? undefined : isRedirected(annotations, port)
  return redirected === undefined
    ? unavailable('malformed', `Whether the sidecar takes over port ${target.port} cannot be read from the pod.`)
    : answer(redirected)
}

/** Liveness and readiness of one container that ask the same; undefined where it does not have both. */
function sharedCheck(template: PodTemplate, container: Container): FactValue<'probes'>['shared'][number] | undefined {
  const { livenessProbe: liveness, readinessProbe: readiness, name } = container
  if (liveness === undefined || readiness === undefined) return undefined
  const source = `spec.${listOf(container)}[${name}]`
  const patience = ({ periodSeconds, failureThreshold }: Timing) => periodSeconds * failureThreshold
  const [live, ready] = [patience(effectiveTiming(liveness)), patience(effectiveTiming(readiness))]
  const [livenessTarget, readinessTarget] = [targetOf(template, liveness), targetOf(template, readiness)]
  const isIdentical = (): Observed<boolean> => {
    // A liveness probe that waits longer gives readiness time to take the pod out of its Services first.
    if (live > ready) return { value: false, source }
    if (livenessTarget === undefined || readinessTarget === undefined) return unread
    if (livenessTarget.handler === 'exec' && readinessTarget.handler === 'exec') {
      return unavailable('not-collected', 'Commands of exec probes are not kept, so they cannot be compared.')
    }
    const same = textOf(livenessTarget) === textOf(readinessTarget) && livenessTarget.scheme === readinessTarget.scheme
    return { value: same, source }
  }
  return {
    container: name,
    containerKind: container.kind,
    target: readinessTarget === undefined ? unread : { value: textOf(readinessTarget), source },
    livenessSeconds: live,
    readinessSeconds: ready,
    readinessPeriodSeconds: effectiveTiming(readiness).periodSeconds,
    readinessFailureThreshold: effectiveTiming(readiness).failureThreshold,
    isIdentical: isIdentical(),
  }
}
