// Row B4: who may use which PodSecurityPolicy (up to 1.24), and what is left of such rights in roles (from 1.25 on).
// May not: call the policies gone, or in force, without knowing the server's version.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects, RoleObject } from '../../model/objects.ts'
import { type ApiServers, runsPlugin } from '../admission/api-servers.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { parseKubernetesVersion } from '../nodes/index.ts'
import type { Closure } from './effective.ts'
import { isShared, type SubjectName } from './names.ts'
import { ruleInWords } from './role-rules.ts'

type PolicyUse = FactValue<'podSecurityPolicyUse'>
type Policies = FactValue<'podSecurityPolicies'>
type Policy = FamilyObjects['podsecuritypolicies']

/** Whether the server has PodSecurityPolicies. */
export function hasPolicies({ header }: Evidence): Observed<boolean> {
  const { version } = header.cluster
  if (isUnavailable(version)) return version
  const parsed = parseKubernetesVersion(version)
  if (parsed === undefined) return unavailable('malformed', 'The API server’s version is not understood.')
  return { value: parsed.minor <= 24, source: `Kubernetes ${version}` }
}

/** What the policy lets a pod do to its node; "" for nothing of that kind. */
function doorsOf(policy: Policy): string {
  const {
    privileged,
    hostNetwork,
    hostPID,
    hostIPC,
    allowedUnsafeSysctls = [],
    allowedCapabilities = [],
    volumes = [],
  } = policy
  const doors = [
    ...(privileged === true ? ['privileged'] : []),
    ...(hostPID === true ? ['hostPID'] : []),
    ...(hostIPC === true ? ['hostIPC'] : []),
    ...(hostNetwork === true ? ['hostNetwork'] : []),
    ...(allowedUnsafeSysctls.length === 0 ? [] : [`unsafe sysctls ${allowedUnsafeSysctls.join(', ')}`]),
    ...(allowedCapabilities.includes('*') ? ['every capability'] : []),
    ...(volumes.includes('*') || volumes.includes('hostPath') ? ['hostPath volumes'] : []),
  ]
  return doors.join(', ')
}

export function derivePodSecurityPolicies(evidence: Evidence, servers: ApiServers): Fact<Policies> {
  const inForce = hasPolicies(evidence)
  if (!isUnavailable(inForce) && !inForce.value) {
    return { served: inForce, plugin: { value: false, source: inForce.source }, policies: [] }
  }
  const gap = familyGap(evidence, 'podsecuritypolicies')
  if (gap !== undefined) return gap
  const policies = evidence.families.podsecuritypolicies.objects
    .map((policy) => ({ name: policy.name, allows: doorsOf(policy) }))
    .sort((a, b) => compareText(a.name, b.name))
  return { served: inForce, plugin: runsPlugin(servers, 'PodSecurityPolicy'), policies }
}

/** Of one subject: each policy that one of its own bindings lets it use. */
export function policyUseOf(evidence: Evidence, closure: Closure): (subject: SubjectName) => PolicyUse {
  const served = hasPolicies(evidence)
  const policies = evidence.families.podsecuritypolicies.objects
  const gap = familyGap(evidence, 'podsecuritypolicies')
  return (subject) => {
    const { kind, name, namespace } = subject
    const base = { kind, name, namespace, isShared: isShared(kind, name), served }
    if (!isUnavailable(served) && !served.value) return { ...base, uses: [] }
    const rights = closure.permissionsOf(subject, 'usesPodSecurityPolicies', true)
    const uses = rights.flatMap((right): PolicyUse['uses'] => {
      if (isUnavailable(right)) return [right]
      const { names, bindingKind, bindingName, removal, roleKind, roleName } = right.value
      return policies
        .filter((policy) => names.length === 0 || names.includes(policy.name))
        .map((policy) => ({
          value: {
            policy: policy.name,
            allows: doorsOf(policy),
            namespace: right.value.namespace,
            bindingKind,
            bindingName,
            removal,
            roleKind,
            roleName,
          },
          source: right.source,
        }))
    })
    return { ...base, uses: rights.length > 0 && gap !== undefined ? [...uses, gap] : uses }
  }
}

/** Rules of a role that name PodSecurityPolicies, last first, so that taking one out moves none that follows. A wildcard is about all that exists, so it is no leftover. */
export function policyRulesOf({ rules }: RoleObject): { rule: string; permission: string }[] {
  const named = rules.flatMap((rule, at) =>
    (rule.resources ?? []).includes('podsecuritypolicies')
      ? [{ rule: `rules[${at}]`, permission: ruleInWords(rule) }]
      : [],
  )
  return named.toReversed()
}
