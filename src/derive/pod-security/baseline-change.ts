// What a pod template has to change to meet level baseline, as one patch: everything that the checks found is taken away, nothing else.
// May not: judge. It follows the violations, and leaves ephemeral containers out, which cannot be changed.
import type { PodTemplate } from '../../model/pod.ts'
import type { Violation } from './check.ts'

type Json = null | boolean | number | string | readonly Json[] | JsonObject
interface JsonObject {
  readonly [key: string]: Json
}

/** A strategic merge patch of the template, as JSON; "" where there is nothing to change. */
export function baselineChange(template: PodTemplate, violations: readonly Violation[]): string {
  const parts = violations
    .filter(({ level, kind }) => level === 'baseline' && kind !== 'ephemeral')
    .map((violation) => partFor(violation, template))
  return parts.length === 0 ? '' : JSON.stringify(parts.reduce(merge))
}

function partFor(violation: Violation, template: PodTemplate): JsonObject {
  const { check, path, container: name, kind } = violation
  if (path.startsWith('metadata.annotations[')) {
    const key = path.slice('metadata.annotations['.length, -1)
    return { metadata: { annotations: { [key]: null } } }
  }
  const list = kind === 'init' ? 'initContainers' : 'containers'
  if (name === '') return { spec: fieldFor(check, path.slice('spec.'.length), template) }
  const field = path.slice(`spec.${list}[${name}].`.length)
  return { spec: { [list]: [{ name, ...containerField(violation, field, template) }] } }
}

function containerField(
  { check, container: name, kind, value }: Violation,
  field: string,
  { spec }: PodTemplate,
): JsonObject {
  const container = spec.containers.find((one) => one.name === name && one.kind === kind)
  if (check === 'hostPorts') return { ports: withoutHostPorts(container?.ports ?? []) }
  if (check !== 'capabilities_baseline') return plainField(check, field)
  const wrong = new Set(value.split(', '))
  const add = (container?.securityContext?.capabilities?.add ?? []).filter((one) => !wrong.has(one))
  return { securityContext: { capabilities: { add } } }
}

type Ports = NonNullable<PodTemplate['spec']['containers'][number]['ports']>

/** Kubernetes merges ports by their number alone, so a list with one number twice is written anew. */
function withoutHostPorts(ports: Ports): Json {
  const numbers = ports.map(({ containerPort }) => containerPort)
  if (new Set(numbers).size < numbers.length)
    return [
      { $patch: 'replace' },
      ...ports.map(({ name, containerPort = 0, protocol = 'TCP' }) => ({
        ...(name === undefined ? {} : { name }),
        containerPort,
        protocol,
      })),
    ]
  return ports
    .filter(({ hostPort = 0 }) => hostPort !== 0)
    .map(({ containerPort = 0, protocol = 'TCP' }) => ({ containerPort, protocol, hostPort: null }))
}

function fieldFor(check: string, field: string, { spec }: PodTemplate): JsonObject {
  if (check === 'hostPathVolumes') {
    const name = field.slice('volumes['.length, -'].hostPath'.length)
    return { volumes: [{ name, $retainKeys: ['name', 'emptyDir'], emptyDir: {} }] }
  }
  if (check !== 'sysctls') return plainField(check, field)
  // Kubernetes replaces this list as a whole; `merge` keeps what every violation leaves.
  const sysctls = spec.securityContext?.sysctls ?? []
  return { securityContext: { sysctls: sysctls.filter(({ name }) => field !== `securityContext.sysctls[${name}]`) } }
}

/** What takes the place of a single value. What is left out has Kubernetes' own default. */
function plainField(check: string, field: string): JsonObject {
  switch (check) {
    case 'hostNamespaces':
    case 'privileged':
    case 'windowsHostProcess':
      return below(field, false)
    case 'seccompProfile_baseline':
      return { securityContext: { seccompProfile: { type: 'RuntimeDefault', localhostProfile: null } } }
    case 'appArmorProfile':
      return { securityContext: { appArmorProfile: null } }
    default:
      return below(field, null)
  }
}

/** below("a.b", null): {a: {b: null}}. */
function below(field: string, value: Json): JsonObject {
  const [first = '', ...rest] = field.split('.')
  return { [first]: rest.length === 0 ? value : below(rest.join('.'), value) }
}

function merge(before: JsonObject, after: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...before }
  for (const [key, value] of Object.entries(after)) {
    const known = before[key]
    merged[key] = known === undefined ? value : mergeValues(key, known, value)
  }
  return merged
}

function mergeValues(key: string, known: Json, value: Json): Json {
  if (isList(known) && isList(value)) return mergeLists(key, known, value)
  return isObject(known) && isObject(value) ? merge(known, value) : value
}

function mergeLists(key: string, known: readonly Json[], value: readonly Json[]): Json {
  const has = (list: readonly Json[], one: Json) => list.some((other) => JSON.stringify(other) === JSON.stringify(one))
  if (key === 'sysctls') return known.filter((one) => has(value, one))
  if (key !== 'containers' && key !== 'initContainers') return [...known, ...value.filter((one) => !has(known, one))]
  const named = new Map<Json, JsonObject>()
  for (const one of [...known, ...value].filter(isObject)) {
    const name = one['name'] ?? ''
    named.set(name, merge(named.get(name) ?? {}, one))
  }
  return [...named.values()]
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}
