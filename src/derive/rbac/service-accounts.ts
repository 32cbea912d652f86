// Whether pods get a token of their ServiceAccount, and whether it has rights that a token would be for. CIS 5.1.5 and 5.1.6.
// The pod's own setting wins over the ServiceAccount's; where neither says anything, a token is mounted.
// May not: count a static pod, which has no ServiceAccount.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects } from '../../model/objects.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { groupByOwner, type WorkloadGroup } from '../workloads/owners.ts'
import { variantsOf } from '../workloads/variants.ts'
import type { Closure } from './effective.ts'
import { groupsOf, type SubjectName, subjectId } from './names.ts'

type Account = FactValue<'serviceAccount'>
type Workloads = Account['workloads']

interface Use {
  readonly name: string
  readonly kind: string
  readonly pods: number
  readonly automount: boolean | undefined
}

export class ServiceAccounts {
  readonly #objects: ReadonlyMap<string, FamilyObjects['serviceaccounts']>
  readonly #listGap: Unavailable | undefined
  readonly #podGap: Unavailable | undefined
  readonly #uses: ReadonlyMap<string, readonly Use[]>
  readonly #closure: Closure
  readonly #bindingGap: Unavailable | undefined

  constructor(evidence: Evidence, closure: Closure) {
    const { objects } = evidence.families.serviceaccounts
    this.#objects = new Map(objects.map((object) => [`${object.namespace ?? ''}/${object.name}`, object]))
    this.#listGap = familyGap(evidence, 'serviceaccounts')
    this.#podGap = familyGap(evidence, 'pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs')
    this.#uses = findUses(evidence)
    this.#closure = closure
    this.#bindingGap =
      evidence.header.source.kind === 'manifests'
        ? unavailable('not-collected', 'The manifests need not hold every binding of the cluster.')
        : closure.gap
  }

  describe(subject: SubjectName): Fact<Account> {
    const { name, namespace } = subject
    const key = `${namespace}/${name}`
    const object = this.#objects.get(key)
    if (object === undefined && this.#listGap !== undefined) return this.#listGap
    const setting = object?.automountServiceAccountToken
    return {
      name,
      namespace,
      exists: object !== undefined,
      automount: inWords(setting),
      hasRights: this.#hasRights(subject),
      workloads: this.#workloads(key, setting),
    }
  }

  #workloads(key: string, setting: boolean | undefined): Workloads {
    const known = (this.#uses.get(key) ?? []).map(({ name, kind, pods, automount }) => ({
      value: { name, kind, pods, automount: inWords(automount), mountsToken: automount ?? setting ?? true },
      source: `${kind} ${key.slice(0, key.indexOf('/'))}/${name}`,
    }))
    return this.#podGap === undefined ? known : [...known, this.#podGap]
  }

  /** Bindings of its own, or of a group beyond what Kubernetes gives everybody. */
  #hasRights(subject: SubjectName): Observed<boolean> {
    const own = this.#closure.subjects.get(subjectId(subject))?.bindings ?? []
    const ofGroups = groupsOf(subject).flatMap((group) =>
      (this.#closure.subjects.get(`Group/${group}`)?.bindings ?? []).filter(({ isBuiltIn }) => !isBuiltIn),
    )
    const bindings = [...own, ...ofGroups]
    const source = `the bindings of ServiceAccount ${subject.namespace}/${subject.name} and its groups`
    if (bindings.some(({ role }) => role.rules.length > 0)) return { value: true, source }
    const gap = this.#bindingGap ?? bindings.map(({ role }) => role.gap).find(isUnavailable)
    return gap ?? { value: false, source }
  }
}

function inWords(setting: boolean | undefined): string {
  return setting === undefined ? 'unset' : String(setting)
}

/** Workloads by "namespace/ServiceAccount", sorted. */
function findUses(evidence: Evidence): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>()
  for (const group of groupByOwner(evidence).values()) {
    if (group.isStaticPod) continue
    for (const [account, use] of usesOf(group, evidence)) {
      const key = `${group.namespace}/${account}`
      const known = uses.get(key)
      if (known === undefined) uses.set(key, [use])
      else known.push(use)
    }
  }
  for (const list of uses.values()) list.sort((a, b) => compareText(`${a.kind}/${a.name}`, `${b.kind}/${b.name}`))
  return uses
}

function usesOf(group: WorkloadGroup, { templates }: Evidence): readonly (readonly [string, Use])[] {
  const { name, kind } = group
  return variantsOf(group, templates).flatMap(({ templateId, pods, label }) => {
    const spec = templates.get(templateId)?.spec
    if (spec === undefined) return []
    const automount = spec.automountServiceAccountToken
    const use = { name: `${name}${label}`, kind, pods: pods.length, automount }
    return [[spec.serviceAccountName || 'default', use] as const]
  })
}
