// Effective permissions: subject → binding → role → rule, followed for every subject that a binding names. Row I2.
// Each permission keeps its scope and the chain that gives it; what could not be read is an unavailable element, never left out.
// May not: judge whether a permission is too much.
import type { Evidence } from '../../model/evidence.ts'
import type { Unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { familyGap } from '../family-gap.ts'
import type { ResolvedBinding } from './bindings.ts'
import type { Allowed, Capability } from './capabilities.ts'
import { groupsOf, inWords, type SubjectName, subjectId, subjectInWords, subjectOf } from './names.ts'
import { removalOf } from './removal.ts'
import type { RoleIndex } from './role-index.ts'
import { everythingInWords, ruleInWords, rulesInWords } from './role-rules.ts'

export type Grants = FactValue<'effectivePermissions'>['grants']
export type Permissions = FactValue<'riskyPermissions'>['readsSecrets']
type OwnBindings = FactValue<'riskyPermissions'>['bindings']
export type Permission = Exclude<Permissions[number], Unavailable>

export interface SubjectBindings {
  readonly subject: SubjectName
  readonly bindings: ResolvedBinding[]
}

export class Closure {
  /** By subject id, in the order of the bindings. */
  readonly subjects: ReadonlyMap<string, SubjectBindings>
  /** Why there may be bindings that nobody saw. */
  readonly gap: Unavailable | undefined
  readonly #roles: RoleIndex
  readonly #ofGroups = new Map<string, Grants>()

  constructor(evidence: Evidence, bindings: readonly ResolvedBinding[], roles: RoleIndex) {
    this.gap = familyGap(evidence, 'clusterrolebindings', 'rolebindings')
    this.#roles = roles
    this.subjects = collect(bindings)
  }

  /** Everything the subject may do, its groups' grants included. */
  grantsOf(subject: SubjectName): Grants {
    const own = this.#ownGrants(subject, '')
    const gap = this.gap === undefined ? [] : [this.gap]
    return [...own, ...groupsOf(subject).flatMap((group) => this.#groupGrants(group)), ...gap]
  }

  /** The bindings of the subject itself that give something. */
  bindingsOf(subject: SubjectName): OwnBindings {
    const bindings = this.subjects.get(subjectId(subject))?.bindings ?? []
    const found = bindings.flatMap((binding): OwnBindings => {
      const { kind, namespace, object, role, isBuiltIn } = binding
      const gap = role.gap === undefined ? [] : [role.gap]
      if (role.rules.length === 0) return gap
      const names = { kind, name: object.name, namespace, roleKind: role.kind, roleName: role.name }
      const value = { ...names, removal: removalOf(object, subject), isBuiltIn, permission: rulesInWords(role.rules) }
      return [{ value, source: chain(subject, binding) }, ...gap]
    })
    return this.gap === undefined ? found : [...found, this.gap]
  }

  /** What bindings give to the subject itself by one capability. Kubernetes' own bindings are left out unless `isAll`. */
  permissionsOf(subject: SubjectName, capability: Capability, isAll = false): Permissions {
    const gaps = this.gap === undefined ? [] : [this.gap]
    const bindings = this.subjects.get(subjectId(subject))?.bindings ?? []
    const found = bindings
      .filter(({ isBuiltIn }) => isAll || !isBuiltIn)
      .flatMap((binding): Permissions => {
        const permission = this.#permissionBy(subject, binding, capability)
        return [
          ...(permission === undefined ? [] : [permission]),
          ...(binding.role.gap === undefined ? [] : [binding.role.gap]),
        ]
      })
    return [...found, ...gaps]
  }

  #permissionBy(subject: SubjectName, binding: ResolvedBinding, capability: Capability): Permission | undefined {
    const { kind, namespace, object, role } = binding
    const allowed = role.allowed.filter(
      (one) =>
        one.capability === capability &&
        !(kind === 'RoleBinding' && one.isClusterScoped) &&
        !this.#isHarmlessBind(one, namespace),
    )
    if (allowed.length === 0) return undefined
    const isEverything = allowed.some((one) => one.isEverything)
    const texts = isEverything ? [everythingInWords] : [...new Set(allowed.map(({ permission }) => permission))]
    const isLimited = allowed.every(({ names }) => names.length > 0)
    const rules = [...new Set(allowed.map(({ rule }) => `rules[${rule}]`))].join(', ')
    return {
      value: {
        namespace,
        permission: texts.join('; '),
        names: isLimited ? [...new Set(allowed.flatMap(({ names }) => names))] : [],
        isEverything,
        bindingKind: kind,
        bindingName: object.name,
        removal: removalOf(object, subject),
        roleKind: role.kind,
        roleName: role.name,
      },
      source: `${chain(subject, binding)} → ${rules}`,
    }
  }

  /** Leave to bind only named roles is as much as those roles allow. */
  #isHarmlessBind({ capability, names, permission }: Allowed, namespace: string): boolean {
    if (capability !== 'bindsOrEscalates' || names.length === 0 || !permission.startsWith('bind ')) return false
    const kind = /\bclusterroles\b/.test(permission) ? 'ClusterRole' : 'Role'
    return names.every((name) => {
      const role = this.#roles.resolve(namespace, { kind, name })
      return role.exists && role.gap === undefined && !role.grantsEverything
    })
  }

  #groupGrants(group: string): Grants {
    const known = this.#ofGroups.get(group)
    if (known !== undefined) return known
    const made = this.#ownGrants({ kind: 'Group', name: group, namespace: '' }, group)
    this.#ofGroups.set(group, made)
    return made
  }

  #ownGrants(subject: SubjectName, throughGroup: string): Grants {
    const bindings = this.subjects.get(subjectId(subject))?.bindings ?? []
    return bindings.flatMap((binding): Grants => {
      const { namespace, role, isBuiltIn } = binding
      const start = chain(subject, binding)
      const grants = role.rules.map((rule, at) => ({
        value: {
          verbs: rule.verbs,
          apiGroups: rule.apiGroups ?? [],
          resources: rule.resources ?? [],
          resourceNames: rule.resourceNames ?? [],
          // A RoleBinding gives nothing outside its namespace, and paths are outside all.
          nonResourceURLs: namespace === '' ? (rule.nonResourceURLs ?? []) : [],
          namespace,
          isBuiltIn,
          throughGroup,
        },
        source: `${start} → rules[${at}]: ${ruleInWords(rule)}`,
      }))
      return role.gap === undefined ? grants : [...grants, role.gap]
    })
  }
}

/** "ServiceAccount shop/cart → RoleBinding shop/readers → ClusterRole view". */
export function chain(subject: SubjectName, { kind, namespace, object, role }: ResolvedBinding): string {
  const parts = [
    subjectInWords(subject),
    inWords(kind, namespace, object.name),
    inWords(role.kind, role.namespace, role.name),
  ]
  return parts.join(' → ')
}

function collect(bindings: readonly ResolvedBinding[]): ReadonlyMap<string, SubjectBindings> {
  const subjects = new Map<string, SubjectBindings>()
  for (const binding of bindings) {
    const ofBinding = new Map(binding.object.subjects.map(subjectOf).map((subject) => [subjectId(subject), subject]))
    for (const [id, subject] of ofBinding) {
      const known = subjects.get(id)
      if (known === undefined) subjects.set(id, { subject, bindings: [binding] })
      else known.bindings.push(binding)
    }
  }
  return subjects
}
