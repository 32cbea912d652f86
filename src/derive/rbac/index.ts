// Binding units: what a single binding grants to whom, its role resolved. Row I2, as far as a single binding tells.
// May not: judge by a role's or binding's name what its rules tell.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { BindingObject, Family, RoleObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { isBootstrapBinding } from './bootstrap-bindings.ts'

type Subject = FactValue<'roleBinding'>['subjects'][number]

const everyCaller: ReadonlySet<string> = new Set([
  'system:serviceaccounts',
  'system:authenticated',
  'system:unauthenticated',
])

/** Sorted by id: `ClusterRoleBinding/<name>`, `<namespace>/RoleBinding/<name>`. */
export function deriveBindingUnits(evidence: Evidence): readonly Unit[] {
  const roles = new Roles(evidence)
  const { clusterrolebindings, rolebindings } = evidence.families
  return [
    ...clusterrolebindings.objects.map((binding) => toUnit('ClusterRoleBinding', '', binding, roles)),
    ...rolebindings.objects.map((binding) => toUnit('RoleBinding', binding.namespace ?? '', binding, roles)),
  ].sort((a, b) => compareText(a.identity.id, b.identity.id))
}

function toUnit(kind: string, namespace: string, binding: BindingObject, roles: Roles): Unit {
  const prefix = namespace === '' ? '' : `${namespace}/`
  return {
    identity: {
      kind: 'bindings',
      id: `${prefix}${kind}/${binding.name}`,
      name: `${kind} ${prefix}${binding.name}`,
      ...(namespace === '' ? {} : { namespace }),
    },
    facts: { roleBinding: describe(kind, namespace, binding, roles) },
  }
}

function describe(
  kind: string,
  namespace: string,
  binding: BindingObject,
  roles: Roles,
): Fact<FactValue<'roleBinding'>> {
  const grantsEverything = roles.grantsEverything(namespace, binding.roleRef)
  if (isUnavailable(grantsEverything)) return grantsEverything
  return {
    kind,
    name: binding.name,
    namespace,
    roleKind: binding.roleRef.kind,
    roleName: binding.roleRef.name,
    grantsEverything,
    isBuiltIn: isBootstrapBinding(namespace, binding),
    subjects: binding.subjects.map(toSubject),
  }
}

class Roles {
  readonly #evidence: Evidence
  readonly #isFromFiles: boolean
  readonly #known = new Map<string, Fact<boolean>>()

  constructor(evidence: Evidence) {
    this.#evidence = evidence
    this.#isFromFiles = evidence.header.source.kind === 'manifests'
    const { clusterroles, roles } = evidence.families
    for (const role of clusterroles.objects) {
      this.#known.set(roleKey('', 'ClusterRole', role.name), this.#isEverything(role))
    }
    for (const role of roles.objects) {
      this.#known.set(roleKey(role.namespace ?? '', 'Role', role.name), isEverything(role))
    }
  }

  /** The cluster itself fills in the rules of an aggregated ClusterRole, so that only a file does not show them all. */
  #isEverything(role: RoleObject): Fact<boolean> {
    const isEverythingAlready = isEverything(role)
    if (isEverythingAlready || !this.#isFromFiles || role.aggregationSelectors === undefined) return isEverythingAlready
    return unavailable('not-collected', `The cluster fills in the rules of aggregated ClusterRole ${role.name}.`)
  }

  /** False for a role that does not exist. Unavailable where the list that would hold it is missing or partial. */
  grantsEverything(namespace: string, { kind, name }: BindingObject['roleRef']): Fact<boolean> {
    const isClusterRole = kind === 'ClusterRole'
    const found = this.#known.get(roleKey(isClusterRole ? '' : namespace, kind, name))
    if (found !== undefined) return found
    const family: Family = isClusterRole ? 'clusterroles' : 'roles'
    const gap = familyGap(this.#evidence, family)
    if (!this.#isFromFiles) return gap ?? false
    // Files seldom carry what every API server creates: cluster-admin, which it also restores at each start.
    if (isClusterRole && name === 'cluster-admin') return true
    return unavailable('not-collected', `${kind} ${name} is not among the manifests.`)
  }
}

function isEverything({ rules }: RoleObject): boolean {
  return rules.some(
    ({ verbs, apiGroups = [], resources = [], resourceNames = [] }) =>
      verbs.includes('*') && apiGroups.includes('*') && resources.includes('*') && resourceNames.length === 0,
  )
}

function toSubject({ kind, name, namespace = '' }: BindingObject['subjects'][number]): Subject {
  return { kind, name, namespace, isShared: isShared(kind, name) }
}

/** Whether the subject stands for pods or callers in general rather than for one that was meant. */
function isShared(kind: string, name: string): boolean {
  switch (kind) {
    case 'ServiceAccount':
      return name === 'default'
    case 'Group':
      return everyCaller.has(name) || name.startsWith('system:serviceaccounts:')
    case 'User':
      return name === 'system:anonymous' || /^system:serviceaccount:[^:]+:default$/.test(name)
    default:
      return false
  }
}

function roleKey(namespace: string, kind: string, name: string): string {
  return `${namespace}/${kind}/${name}`
}
