// The steps of a JSON patch by which the API server refuses it where a rule of the role is no longer the one that was read.
import type { PolicyRule } from './role-rules.ts'

/** "test" steps (RFC 6902), one for each field of the rule at `/rules/<at>` that is not empty. */
export function guardsOf(rule: PolicyRule, at: number): object[] {
  return (['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'] as const).flatMap((field) => {
    const value = rule[field] ?? []
    return value.length === 0 ? [] : [{ op: 'test', path: `/rules/${at}/${field}`, value }]
  })
}
