// Access control: units of bindings, roles and subjects from one resolution of all roles and bindings. Row I2.
// May not: judge by a name what content tells.
import type { Evidence } from '../../model/evidence.ts'
import type { Unit } from '../../model/unit.ts'
import { AccountReach } from './account-reach.ts'
import { Accounts, deriveBindingUnits, resolveBindings } from './bindings.ts'
import { Closure } from './effective.ts'
import { RoleIndex } from './role-index.ts'
import { deriveRoleUnits } from './roles.ts'
import { ServiceAccounts } from './service-accounts.ts'
import { deriveSubjectUnits } from './subjects.ts'

export { derivePodSecurityPolicies } from './policy-use.ts'

export interface AccessUnits {
  readonly bindings: readonly Unit[]
  readonly roles: readonly Unit[]
  readonly subjects: readonly Unit[]
}

export function deriveAccessUnits(evidence: Evidence): AccessUnits {
  const roles = new RoleIndex(evidence)
  const bindings = resolveBindings(evidence, roles)
  const closure = new Closure(evidence, bindings, roles)
  const reach = new AccountReach(closure, new Accounts(evidence))
  return {
    bindings: deriveBindingUnits(evidence, bindings),
    roles: deriveRoleUnits(evidence, bindings, roles),
    subjects: deriveSubjectUnits(evidence, closure, new ServiceAccounts(evidence, closure), reach),
  }
}
