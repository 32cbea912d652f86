// Role units: who is bound to a role, what in it is a wildcard, and whether a role of Kubernetes was given more.
// May not: call a role unbound while a list of bindings is not complete.
import type { Evidence } from '../../model/evidence.ts'
import { type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { RoleObject } from '../../model/objects.ts'
import type { Unit } from '../../model/unit.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { ApiResources } from './api-resources.ts'
import type { ResolvedBinding } from './bindings.ts'
import { alterationsOf, matchBootstrapRole, restorationOf } from './bootstrap-roles.ts'
import { inWords, subjectInWords, subjectOf } from './names.ts'
import { namingOf } from './naming.ts'
import { hasPolicies, policyRulesOf } from './policy-use.ts'
import type { RoleIndex } from './role-index.ts'
import { hasWildcard, ruleInWords } from './role-rules.ts'

type BoundBy = FactValue<'role'>['boundBy']

/** Sorted by id: `ClusterRole/<name>`, `<namespace>/Role/<name>`. */
export function deriveRoleUnits(
  evidence: Evidence,
  bindings: readonly ResolvedBinding[],
  roles: RoleIndex,
): readonly Unit[] {
  const byRole = Map.groupBy(bindings, ({ role }) => `${role.kind}/${role.namespace}/${role.name}`)
  const gap = bindingGap(evidence)
  const served = hasPolicies(evidence)
  const api = new ApiResources(evidence)
  const { clusterroles, roles: namespaced } = evidence.families
  const unitOf = (kind: string, namespace: string, role: RoleObject): Unit => {
    const aggregators = kind === 'ClusterRole' ? roles.aggregatorsOf(role) : []
    const bound = [role, ...aggregators].flatMap(({ name }) => byRole.get(`${kind}/${namespace}/${name}`) ?? [])
    return toUnit(kind, namespace, role, roles.minor, served, {
      ...namesOf(role, namespace !== '', api),
      subjects: [...new Set(bound.flatMap(subjectsOf))],
      boundBy: [...bound.map(boundByOf), ...(gap === undefined ? [] : [gap])],
      aggregatedInto: aggregators.map(({ name }) => name).toSorted(compareText),
    })
  }
  return [
    ...clusterroles.objects.map((role) => unitOf('ClusterRole', '', role)),
    ...namespaced.objects.map((role) => unitOf('Role', role.namespace ?? '', role)),
  ].sort((a, b) => compareText(a.identity.id, b.identity.id))
}

function bindingGap(evidence: Evidence): Unavailable | undefined {
  if (evidence.header.source.kind === 'manifests') {
    return unavailable('not-collected', 'The manifests need not hold every binding of the cluster.')
  }
  return familyGap(evidence, 'clusterrolebindings', 'rolebindings')
}

function toUnit(
  kind: string,
  namespace: string,
  role: RoleObject,
  minor: number | undefined,
  served: Observed<boolean>,
  use: Pick<FactValue<'role'>, 'naming' | 'unnamed' | 'boundBy' | 'subjects' | 'aggregatedInto'>,
): Unit {
  const place = namespace === '' ? '' : `${namespace}/`
  return {
    identity: {
      kind: 'roles',
      id: `${place}${kind}/${role.name}`,
      name: inWords(kind, namespace, role.name),
      ...(namespace === '' ? {} : { namespace }),
    },
    facts: {
      role: {
        kind,
        name: role.name,
        namespace,
        isBuiltIn: matchBootstrapRole(namespace, role, minor) === 'unaltered',
        alterations: [...alterationsOf(namespace, role, minor)],
        restoration: restorationOf(namespace, role, minor),
        wildcards: wildcardsOf(role),
        ...use,
      },
      podSecurityPolicyRules: { served, rules: policyRulesOf(role) },
    },
  }
}

function namesOf(role: RoleObject, isNamespaced: boolean, api: ApiResources) {
  const { patch, unnamed } = namingOf(role, isNamespaced, api)
  return { naming: patch, unnamed: [...unnamed] }
}

/** Of a role that Kubernetes puts together from others, none: they are those others'. */
function wildcardsOf({ rules, aggregationSelectors }: RoleObject): FactValue<'role'>['wildcards'] {
  if (aggregationSelectors !== undefined) return []
  return rules.flatMap((rule, at) =>
    hasWildcard(rule) ? [{ rule: `rules[${at}]`, permission: ruleInWords(rule) }] : [],
  )
}

function subjectsOf({ object }: ResolvedBinding): string[] {
  return object.subjects.map((subject) => subjectInWords(subjectOf(subject)))
}

function boundByOf(binding: ResolvedBinding): BoundBy[number] {
  const { kind, namespace, object, isBuiltIn } = binding
  return {
    value: {
      kind,
      name: object.name,
      namespace,
      subjects: subjectsOf(binding),
      isBuiltIn,
    },
    source: inWords(kind, namespace, object.name),
  }
}
