// Subject units: users, groups and ServiceAccounts that bindings name, and every ServiceAccount that exists.
// May not: tell members of a group that only the identity provider knows.
import type { Evidence } from '../../model/evidence.ts'
import { isUnavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText } from '../family-gap.ts'
import type { AccountReach } from './account-reach.ts'
import type { Closure, Permissions } from './effective.ts'
import { groupsOf, isShared, type SubjectName, subjectId, subjectInWords } from './names.ts'
import { policyUseOf } from './policy-use.ts'
import type { ServiceAccounts } from './service-accounts.ts'

/** Sorted by id: `User/<name>`, `Group/<name>`, `<namespace>/ServiceAccount/<name>`. */
export function deriveSubjectUnits(
  evidence: Evidence,
  closure: Closure,
  accounts: ServiceAccounts,
  reach: AccountReach,
): readonly Unit[] {
  const policyUse = policyUseOf(evidence, closure)
  const subjects = new Map([...closure.subjects].map(([id, { subject }]) => [id, subject]))
  for (const { name, namespace = '' } of evidence.families.serviceaccounts.objects) {
    const subject = { kind: 'ServiceAccount', name, namespace }
    subjects.set(subjectId(subject), subject)
  }
  return [...subjects]
    .sort(([a], [b]) => compareText(a, b))
    .map(([id, subject]) => toUnit(id, subject, closure, accounts, reach, policyUse))
}

function toUnit(
  id: string,
  subject: SubjectName,
  closure: Closure,
  accounts: ServiceAccounts,
  reach: AccountReach,
  policyUse: ReturnType<typeof policyUseOf>,
): Unit {
  const { namespace } = subject
  const isAccount = subject.kind === 'ServiceAccount'
  return {
    identity: { kind: 'subjects', id, name: subjectInWords(subject), ...(namespace === '' ? {} : { namespace }) },
    facts: {
      // Large for roles with many rules, and few rules ask for it: made when it is read.
      get effectivePermissions() {
        return { grants: closure.grantsOf(subject) }
      },
      riskyPermissions: riskyPermissions(subject, closure, reach),
      podSecurityPolicyUse: policyUse(subject),
      ...(isAccount && { serviceAccount: accounts.describe(subject) }),
    },
  }
}

function riskyPermissions(subject: SubjectName, closure: Closure, reach: AccountReach): FactValue<'riskyPermissions'> {
  const { kind, name, namespace } = subject
  const by = (capability: Parameters<Closure['permissionsOf']>[1]) => closure.permissionsOf(subject, capability)
  return {
    kind,
    name,
    namespace,
    isShared: isShared(kind, name),
    isSystemMasters: kind === 'Group' && name === 'system:masters',
    mayDoEverything: by('wildcardRules').some(
      (one) => !isUnavailable(one) && one.value.isEverything && one.value.namespace === '',
    ),
    bindings: closure.bindingsOf(subject),
    readsSecrets: by('readsSecrets'),
    createsPods: by('createsPods'),
    createsPersistentVolumes: by('createsPersistentVolumes'),
    nodesProxy: by('nodesProxy'),
    csrApproval: csrApproval(subject, closure),
    webhookConfiguration: by('webhookConfiguration'),
    tokenRequest: by('tokenRequest'),
    impersonates: by('impersonates'),
    bindsOrEscalates: by('bindsOrEscalates'),
    wildcardRules: by('wildcardRules'),
    execsIntoPods: by('execsIntoPods'),
    modifiesBindings: by('modifiesBindings'),
    modifiesRoles: by('modifiesRoles'),
    uses: by('uses'),
    reachesServiceAccounts: reach.of(subject),
  }
}

/** An approval is refused without the verb approve on the request's signer (admission plug-in CertificateApproval). */
function csrApproval(subject: SubjectName, closure: Closure): Permissions {
  const approvals = closure.permissionsOf(subject, 'csrApproval')
  if (approvals.length === 0) return approvals
  const groups = groupsOf(subject).map((name) => ({ kind: 'Group', name, namespace: '' }))
  const signers = [subject, ...groups].flatMap((one) => closure.permissionsOf(one, 'approvesSigners', true))
  const known = signers.flatMap((one) => (isUnavailable(one) ? [] : [one.value]))
  // Without a signer there is nothing to approve; what could not be read may still hold one.
  if (known.length === 0) return [...approvals, ...signers].filter(isUnavailable).slice(0, 1)
  const isAny = known.some(({ names }) => names.length === 0)
  const suffix = isAny ? '' : `, for ${[...new Set(known.flatMap(({ names }) => names))].join(', ')}`
  return approvals.map((one) =>
    isUnavailable(one) ? one : { ...one, value: { ...one.value, permission: `${one.value.permission}${suffix}` } },
  )
}
