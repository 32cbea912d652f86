// Makes the units that a rule's cases describe. A case gives only what matters to it: an observed value that it leaves out was not
// collected.
// May not: fill in a value that a case does not give.
import { z } from 'zod'
import { isUnavailable, unavailable, unavailableSchema } from '../model/fact.ts'
import { type FactName, factNames, facts, type UnitKind } from '../model/facts.ts'
import type { Unit, UnitIdentity } from '../model/unit.ts'

export interface CaseUnits {
  readonly unit: Unit
  readonly cluster: Unit
}

/** The unit that a case describes, and the cluster unit with the cluster's facts. Throws for facts that the schema refuses. */
export function unitsOfCase(each: UnitKind, given: Readonly<Record<string, unknown>>): CaseUnits {
  const own: Record<string, unknown> = {}
  const shared: Record<string, unknown> = {}
  for (const name of factNames) {
    if (!(name in given)) continue
    const value = factOfCase(name, given[name])
    if (facts[name].each === 'cluster') shared[name] = value
    else own[name] = value
  }
  const cluster: Unit = { identity: { kind: 'cluster', id: 'cluster', name: 'cluster' }, facts: shared }
  if (each === 'cluster') return { unit: cluster, cluster }
  return { unit: { identity: identityOf(each, own), facts: own }, cluster }
}

function factOfCase(name: FactName, value: unknown): unknown {
  if (isUnavailable(value)) return unavailableSchema.parse(value)
  const parsed = facts[name].schema.safeParse(complete(value, facts[name].schema))
  if (parsed.success) return parsed.data
  throw new Error(
    `${name}: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
  )
}

/** Fills in what a case leaves out, where the fact may be unavailable. */
function complete(value: unknown, schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodArray && Array.isArray(value)) return value.map((one) => complete(one, schema.element))
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value
  const completed: Record<string, unknown> = { ...value }
  for (const [field, below] of Object.entries(schema.shape)) {
    if (field in completed) completed[field] = complete(completed[field], below)
    else if (below instanceof z.ZodUnion) completed[field] = unavailable('not-collected', 'The case does not give it.')
  }
  return completed
}

function textAt(fact: unknown, field: string, otherwise: string): string {
  const value: unknown = typeof fact === 'object' && fact !== null ? Reflect.get(fact, field) : undefined
  return typeof value === 'string' ? value : otherwise
}

/** Names as derive/ would give them, from the fact that holds them, else ones that every case shares. */
function identityOf(each: Exclude<UnitKind, 'cluster'>, own: Readonly<Record<string, unknown>>): UnitIdentity {
  switch (each) {
    case 'nodes': {
      const node = textAt(own['node'], 'name', 'worker-1')
      return { kind: each, id: `node/${node}`, name: node, node }
    }
    case 'namespaces': {
      const namespace = textAt(own['namespacePolicies'], 'name', 'shop')
      return { kind: each, id: `namespace/${namespace}`, name: namespace, namespace }
    }
    case 'workloads': {
      const { workload } = own
      const namespace = textAt(workload, 'namespace', 'shop')
      const kind = textAt(workload, 'kind', 'Deployment')
      const name = textAt(workload, 'name', 'cart')
      return { kind: each, id: `${namespace}/${kind}/${name}`, name: `${kind} ${namespace}/${name}`, namespace }
    }
    case 'bindings': {
      const { roleBinding } = own
      const kind = textAt(roleBinding, 'kind', 'ClusterRoleBinding')
      const name = textAt(roleBinding, 'name', 'admins')
      const namespace = textAt(roleBinding, 'namespace', '')
      const place = namespace === '' ? {} : { namespace }
      return { kind: each, id: `${kind}/${namespace}/${name}`, name: `${kind} ${name}`, ...place }
    }
    case 'roles':
    case 'subjects': {
      const fact = each === 'roles' ? own['role'] : (own['riskyPermissions'] ?? own['serviceAccount'])
      const kind = textAt(fact, 'kind', each === 'roles' ? 'ClusterRole' : 'ServiceAccount')
      const name = textAt(fact, 'name', 'reader')
      const namespace = textAt(fact, 'namespace', '')
      const place = namespace === '' ? '' : `${namespace}/`
      const identity = { kind: each, id: `${place}${kind}/${name}`, name: `${kind} ${place}${name}` }
      return namespace === '' ? identity : { ...identity, namespace }
    }
  }
}
