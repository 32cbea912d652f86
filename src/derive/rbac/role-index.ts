// The roles that bindings refer to: found, absent, or not known because a list or an aggregation is not there in full.
// May not: take a role that nobody saw for one without rules.
import { z } from 'zod'
import type { Evidence } from '../../model/evidence.ts'
import { type Unavailable, unavailable } from '../../model/fact.ts'
import type { BindingObject, Family, RoleObject } from '../../model/objects.ts'
import { familyGap } from '../family-gap.ts'
import { parseKubernetesVersion } from '../nodes/index.ts'
import { matchBootstrapRole } from './bootstrap-roles.ts'
import { type Allowed, allowedBy } from './capabilities.ts'
import { isEverything, type PolicyRule } from './role-rules.ts'

export interface ResolvedRole {
  readonly kind: string
  readonly name: string
  /** "" for a ClusterRole. */
  readonly namespace: string
  /** False: the lists are complete and do not have it. */
  readonly exists: boolean
  /** The rules that are known. */
  readonly rules: readonly PolicyRule[]
  /** Why there may be rules beyond these. */
  readonly gap: Unavailable | undefined
  /** Kubernetes' own, with no right added. */
  readonly isBuiltIn: boolean
  readonly grantsEverything: boolean
  /** What its rules give; worked out once. */
  readonly allowed: readonly Allowed[]
}

export class RoleIndex {
  /** The cluster's minor version; undefined when not known. */
  readonly minor: number | undefined
  readonly #evidence: Evidence
  readonly #isFromFiles: boolean
  readonly #objects = new Map<string, RoleObject>()
  readonly #resolved = new Map<string, ResolvedRole>()

  constructor(evidence: Evidence) {
    this.#evidence = evidence
    this.#isFromFiles = evidence.header.source.kind === 'manifests'
    const { version } = evidence.header.cluster
    this.minor = typeof version === 'string' ? parseKubernetesVersion(version)?.minor : undefined
    const { clusterroles, roles } = evidence.families
    for (const role of clusterroles.objects) this.#objects.set(roleKey('', 'ClusterRole', role.name), role)
    for (const role of roles.objects) this.#objects.set(roleKey(role.namespace ?? '', 'Role', role.name), role)
  }

  /** `namespace` is the binding's, "" for a ClusterRoleBinding. */
  resolve(namespace: string, { kind, name }: BindingObject['roleRef']): ResolvedRole {
    const place = kind === 'ClusterRole' ? '' : namespace
    const key = roleKey(place, kind, name)
    const known = this.#resolved.get(key)
    if (known !== undefined) return known
    const made = this.#make(kind, name, place, this.#objects.get(key))
    this.#resolved.set(key, made)
    return made
  }

  /** ClusterRoles whose aggregation selects the ClusterRole; itself not among them. */
  aggregatorsOf(role: RoleObject): readonly RoleObject[] {
    const { objects } = this.#evidence.families.clusterroles
    this.#aggregators ??= objects.filter(({ aggregationSelectors = [] }) => aggregationSelectors.length > 0)
    return this.#aggregators.filter((aggregator) => aggregator.name !== role.name && selects(aggregator, role))
  }
  #aggregators: readonly RoleObject[] | undefined

  #make(kind: string, name: string, namespace: string, object: RoleObject | undefined): ResolvedRole {
    const base = { kind, name, namespace }
    if (object === undefined) return this.#absent(base)
    const isOpen = this.#isFromFiles && object.aggregationSelectors !== undefined
    const rules = isOpen ? this.#aggregated(object, new Set()) : object.rules
    return {
      ...base,
      exists: true,
      rules,
      gap: isOpen
        ? unavailable('not-collected', `The cluster fills in the rules of aggregated ClusterRole ${name}.`)
        : undefined,
      isBuiltIn: matchBootstrapRole(namespace, object, this.minor) === 'unaltered',
      grantsEverything: rules.some(isEverything),
      allowed: allowedBy(rules, this.minor),
    }
  }

  #absent(base: Pick<ResolvedRole, 'kind' | 'name' | 'namespace'>): ResolvedRole {
    const isClusterRole = base.kind === 'ClusterRole'
    // Files seldom carry what every API server creates: cluster-admin, which it also restores at each start.
    const isClusterAdmin = this.#isFromFiles && isClusterRole && base.name === 'cluster-admin'
    if (isClusterAdmin) {
      const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
      const allowed = allowedBy(rules, this.minor)
      return { ...base, exists: true, rules, gap: undefined, isBuiltIn: true, grantsEverything: true, allowed }
    }
    const family: Family = isClusterRole ? 'clusterroles' : 'roles'
    const gap = this.#isFromFiles
      ? unavailable('not-collected', `${base.kind} ${base.name} is not among the manifests.`)
      : familyGap(this.#evidence, family)
    return { ...base, exists: false, rules: [], gap, isBuiltIn: false, grantsEverything: false, allowed: [] }
  }

  /** In files nobody has filled in the rules yet, so what is among the files is. */
  #aggregated(role: RoleObject, seen: Set<string>): readonly PolicyRule[] {
    if (seen.has(role.name)) return []
    seen.add(role.name)
    const others = this.#evidence.families.clusterroles.objects.filter((other) => selects(role, other))
    return [...role.rules, ...others.flatMap((other) => this.#aggregated(other, seen))]
  }
}

const requirementSchema = z.object({
  key: z.string(),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
  values: z.array(z.string()).default([]),
})

/** Whether one of an aggregated ClusterRole's selectors matches the other's labels. An operator nobody knows matches nothing. */
function selects({ aggregationSelectors = [] }: RoleObject, { labels = {} }: RoleObject): boolean {
  return aggregationSelectors.some(({ matchLabels = {}, matchExpressions = [] }) => {
    const hasLabels = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    return hasLabels && matchExpressions.every((expression) => isMet(expression, labels))
  })
}

function isMet(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const { data } = requirementSchema.safeParse(expression)
  if (data === undefined) return false
  const value = labels[data.key]
  switch (data.operator) {
    case 'In':
      return value !== undefined && data.values.includes(value)
    case 'NotIn':
      return value === undefined || !data.values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}

function roleKey(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`
}
