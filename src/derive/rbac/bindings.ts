// Binding units: what a single binding grants to whom, its role resolved, and whether what it names is there. Row I2.
// May not: judge by a role's or binding's name what its rules tell.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { BindingObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { isBootstrapBinding } from './bootstrap-bindings.ts'
import { inWords, isBootstrapToken, isShared, subjectOf } from './names.ts'
import { removalOf } from './removal.ts'
import type { ResolvedRole, RoleIndex } from './role-index.ts'

type References = FactValue<'bindingReferences'>

/** A binding with its role. `namespace` is "" for a ClusterRoleBinding. */
export interface ResolvedBinding {
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding'
  readonly namespace: string
  readonly object: BindingObject
  readonly role: ResolvedRole
  /** Kubernetes' own, and its role not altered. */
  readonly isBuiltIn: boolean
}

export function resolveBindings(evidence: Evidence, roles: RoleIndex): readonly ResolvedBinding[] {
  const { clusterrolebindings, rolebindings } = evidence.families
  const resolve = (kind: ResolvedBinding['kind'], namespace: string, object: BindingObject): ResolvedBinding => {
    const role = roles.resolve(namespace, object.roleRef)
    const isBuiltIn = isBootstrapBinding(namespace, object) && (role.isBuiltIn || !role.exists)
    return { kind, namespace, object, role, isBuiltIn }
  }
  return [
    ...clusterrolebindings.objects.map((object) => resolve('ClusterRoleBinding', '', object)),
    ...rolebindings.objects.map((object) => resolve('RoleBinding', object.namespace ?? '', object)),
  ]
}

/** Sorted by id: `ClusterRoleBinding/<name>`, `<namespace>/RoleBinding/<name>`. */
export function deriveBindingUnits(evidence: Evidence, bindings: readonly ResolvedBinding[]): readonly Unit[] {
  const accounts = new Accounts(evidence)
  const duplicates = findDuplicates(bindings)
  return bindings
    .map((binding) => toUnit(binding, accounts, duplicates.get(binding) ?? ''))
    .sort((a, b) => compareText(a.identity.id, b.identity.id))
}

function toUnit(binding: ResolvedBinding, accounts: Accounts, duplicateOf: string): Unit {
  const { kind, namespace, object } = binding
  return {
    identity: {
      kind: 'bindings',
      id: `${namespace === '' ? '' : `${namespace}/`}${kind}/${object.name}`,
      name: inWords(kind, namespace, object.name),
      ...(namespace === '' ? {} : { namespace }),
    },
    facts: { roleBinding: describe(binding), bindingReferences: references(binding, accounts, duplicateOf) },
  }
}

function describe({ kind, namespace, object, role, isBuiltIn }: ResolvedBinding): Fact<FactValue<'roleBinding'>> {
  if (!role.grantsEverything && role.gap !== undefined) return role.gap
  return {
    kind,
    name: object.name,
    namespace,
    roleKind: role.kind,
    roleName: role.name,
    grantsEverything: role.grantsEverything,
    isBuiltIn,
    subjects: object.subjects.map((subject) => ({
      kind: subject.kind,
      name: subject.name,
      namespace: subject.namespace ?? '',
      isShared: isShared(subject.kind, subject.name),
      isBootstrapToken: isBootstrapToken(subject.name),
    })),
    tokenRemoval: removalOf(object, ...object.subjects.filter(({ name }) => isBootstrapToken(name)).map(subjectOf)),
  }
}

function references(
  { kind, namespace, object, role, isBuiltIn }: ResolvedBinding,
  accounts: Accounts,
  duplicateOf: string,
): References {
  const source = `${inWords(kind, namespace, object.name)}: roleRef`
  const named = object.subjects
    .map(subjectOf)
    .filter((subject) => subject.kind === 'ServiceAccount')
    .map(({ name, namespace: ofNamespace }) => ({
      name,
      namespace: ofNamespace,
      exists: accounts.exists(ofNamespace, name),
    }))
  return {
    kind,
    name: object.name,
    namespace,
    roleKind: role.kind,
    roleName: role.name,
    isBuiltIn,
    roleExists: role.exists || role.gap === undefined ? { value: role.exists, source } : role.gap,
    subjects: object.subjects.length,
    accounts: named,
    removal: removalOf(
      object,
      ...named.filter(isGone).map((account) => ({ kind: 'ServiceAccount' as const, ...account })),
    ),
    duplicateOf,
  }
}

function isGone({ exists }: References['accounts'][number]): boolean {
  return 'value' in exists && !exists.value
}

/** Whether ServiceAccounts exist, as far as their list tells. */
export class Accounts {
  readonly #known: ReadonlySet<string>
  readonly #gap: Unavailable | undefined

  constructor(evidence: Evidence) {
    const { objects } = evidence.families.serviceaccounts
    this.#known = new Set(objects.map(({ namespace = '', name }) => `${namespace}/${name}`))
    this.#gap =
      evidence.header.source.kind === 'manifests'
        ? unavailable('not-collected', 'The manifests need not hold every ServiceAccount of the cluster.')
        : familyGap(evidence, 'serviceaccounts')
  }

  exists(namespace: string, name: string): Observed<boolean> {
    const value = this.#known.has(`${namespace}/${name}`)
    return value || this.#gap === undefined ? { value, source: 'the list of serviceaccounts' } : this.#gap
  }
}

/** Bindings that say what another of the same place says, and the first of those by name. */
function findDuplicates(bindings: readonly ResolvedBinding[]): ReadonlyMap<ResolvedBinding, string> {
  const same = Map.groupBy(bindings, ({ kind, namespace, object: { roleRef, subjects } }) =>
    // JSON keeps odd names apart; the order of subjects means nothing to Kubernetes.
    JSON.stringify([kind, namespace, roleRef.kind, roleRef.name, subjects.map(subjectKey).toSorted()]),
  )
  const found = new Map<ResolvedBinding, string>()
  for (const [, group] of same) {
    const [first, ...others] = group.toSorted((a, b) => compareText(a.object.name, b.object.name))
    if (first === undefined || first.object.subjects.length === 0) continue
    for (const other of others) found.set(other, first.object.name)
  }
  return found
}

function subjectKey(subject: BindingObject['subjects'][number]): string {
  const { kind, namespace, name } = subjectOf(subject)
  return JSON.stringify([kind, namespace, name])
}
