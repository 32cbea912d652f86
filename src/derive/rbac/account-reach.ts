// Two steps: who can run pods in a namespace, ask for its ServiceAccounts' tokens or impersonate them has those ServiceAccounts'
// rights as well. Told where one of them reaches further than the subject itself.
// May not: follow a third step; the first already has to be closed.
import { isUnavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Accounts } from './bindings.ts'
import type { Capability } from './capabilities.ts'
import type { Closure, Permission } from './effective.ts'
import { groupsOf, type SubjectName, subjectId } from './names.ts'

type Reached = FactValue<'riskyPermissions'>['reachesServiceAccounts']

/** First steps; `names` limit the second and third to the ServiceAccounts that they name. */
const doors = ['createsPods', 'tokenRequest', 'impersonates'] as const satisfies readonly Capability[]

/** Rights in the whole cluster that are worth a step, the widest first. */
const prizes = [
  'bindsOrEscalates',
  'impersonates',
  'readsSecrets',
  'createsPods',
  'tokenRequest',
  'execsIntoPods',
  'nodesProxy',
  'webhookConfiguration',
  'csrApproval',
  'createsPersistentVolumes',
] as const satisfies readonly Capability[]

/** Of one namespace, for one right of one subject; the last of them counts the others. */
const accountsShown = 20

interface Prize {
  readonly account: SubjectName
  readonly permission: Permission
  readonly capability: Capability
}

export class AccountReach {
  readonly #closure: Closure
  readonly #accounts: Accounts
  /** The ServiceAccounts of a namespace with rights in the whole cluster. */
  readonly #prizes = new Map<string, readonly Prize[]>()

  constructor(closure: Closure, accounts: Accounts) {
    this.#closure = closure
    this.#accounts = accounts
  }

  of(subject: SubjectName): Reached {
    return doors.flatMap((door) =>
      this.#closure.permissionsOf(subject, door).flatMap((one): Reached => {
        if (isUnavailable(one)) return [one]
        // In the whole cluster the first step is a finding by itself, whatever it leads to.
        if (one.value.namespace === '') return []
        return this.#through(subject, door, one)
      }),
    )
  }

  #through(subject: SubjectName, door: (typeof doors)[number], first: Permission): Reached {
    const { namespace, permission, names, bindingKind, bindingName } = first.value
    const held = this.#heldInCluster(subject)
    const reached = this.#prizesOf(namespace)
      .filter(({ account }) => names.length === 0 || door === 'createsPods' || names.includes(account.name))
      .filter(({ account, capability }) => subjectId(account) !== subjectId(subject) && !held.has(capability))
    return reached.slice(0, accountsShown).map(({ account, permission: second }, at) => ({
      value: {
        namespace,
        permission,
        account: account.name,
        gains: `${second.value.permission}${at + 1 === accountsShown ? others(reached.length - accountsShown) : ''}`,
        bindingKind,
        bindingName,
        accountBinding: second.value.bindingName,
        accountRole: second.value.roleName,
        accountRemoval: second.value.removal,
      },
      source: `${first.source}; then ${second.source}`,
    }))
  }

  #prizesOf(namespace: string): readonly Prize[] {
    const known = this.#prizes.get(namespace)
    if (known !== undefined) return known
    this.#index ??= Map.groupBy(
      [...this.#closure.subjects.values()].filter(({ subject }) => subject.kind === 'ServiceAccount'),
      ({ subject }) => subject.namespace,
    )
    const found = (this.#index.get(namespace) ?? []).flatMap(({ subject }) => this.#prizeOf(subject) ?? [])
    this.#prizes.set(namespace, found)
    return found
  }
  #index: ReadonlyMap<string, readonly { readonly subject: SubjectName }[]> | undefined

  /** The widest right of a ServiceAccount that may exist. */
  #prizeOf(account: SubjectName): Prize | undefined {
    const exists = this.#accounts.exists(account.namespace, account.name)
    if (!isUnavailable(exists) && !exists.value) return undefined
    for (const capability of prizes) {
      const permission = this.#inCluster(account, capability)
      if (permission !== undefined) return { account, permission, capability }
    }
    return undefined
  }

  #heldInCluster(subject: SubjectName): ReadonlySet<Capability> {
    const groups = groupsOf(subject).map((name) => ({ kind: 'Group', name, namespace: '' }))
    const all = [subject, ...groups]
    return new Set(prizes.filter((capability) => all.some((one) => this.#inCluster(one, capability) !== undefined)))
  }

  #inCluster(subject: SubjectName, capability: Capability): Permission | undefined {
    return this.#closure
      .permissionsOf(subject, capability, true)
      .find((one): one is Permission => !isUnavailable(one) && one.value.namespace === '')
  }
}

function others(count: number): string {
  return count > 0 ? `; and ${count} more ServiceAccounts of the namespace reach as far` : ''
}
