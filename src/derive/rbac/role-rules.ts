// What a single rule of a role allows, as the API server's RBAC authorizer decides it, and in words.
// `*` as a resource covers subresources too, `*/scale` that subresource of every resource, and `pods/*` nothing but itself:
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/rbac/v1/evaluation_helpers.go
// May not: know a subject or a binding.
import type { RoleObject } from '../../model/objects.ts'

export type PolicyRule = RoleObject['rules'][number]

export const everythingInWords = 'every verb on every resource'

/** Every verb on every resource of every group. */
export function isEverything({ verbs, apiGroups = [], resources = [], resourceNames = [] }: PolicyRule): boolean {
  return verbs.includes('*') && apiGroups.includes('*') && resources.includes('*') && resourceNames.length === 0
}

export function hasWildcard({ verbs, apiGroups = [], resources = [], nonResourceURLs = [] }: PolicyRule): boolean {
  if (nonResourceURLs.length > 0) return verbs.includes('*') || nonResourceURLs.includes('*')
  const all = [...verbs, ...apiGroups, ...resources]
  return all.includes('*') || resources.some((resource) => resource.startsWith('*/'))
}

/** The verbs among `wanted` that the rule allows; `*` stands alone. */
export function allowedVerbs({ verbs }: PolicyRule, wanted: readonly string[]): readonly string[] {
  return verbs.includes('*') ? ['*'] : wanted.filter((verb) => verbs.includes(verb))
}

/** The entry of the rule that covers `resource` ("pods", "pods/exec") of the group; undefined when none does. */
export function coveringResource(rule: PolicyRule, group: string, resource: string): string | undefined {
  const { apiGroups = [], resources = [] } = rule
  if (!apiGroups.includes('*') && !apiGroups.includes(group)) return undefined
  const slash = resource.indexOf('/')
  const everyWithSubresource = slash === -1 ? undefined : `*${resource.slice(slash)}`
  return [resource, '*', everyWithSubresource].find((entry) => entry !== undefined && resources.includes(entry))
}

const rulesShown = 3

/** The first rules, and how many there are besides. */
export function rulesInWords(rules: readonly PolicyRule[]): string {
  const more = rules.length - rulesShown
  const rest = more > 0 ? [`and ${more} more ${more === 1 ? 'rule' : 'rules'}`] : []
  return [...rules.slice(0, rulesShown).map(ruleInWords), ...rest].join('; ')
}

/** "get, list pods, services", "create deployments.apps", "get /metrics", "get secrets named a, b". */
export function ruleInWords(rule: PolicyRule): string {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  if (isEverything(rule)) return everythingInWords
  const paths = nonResourceURLs.includes('*') ? 'every path' : nonResourceURLs.join(', ')
  const urls = nonResourceURLs.length === 0 ? [] : [`${verbs.join(', ')} ${paths}`]
  if (resources.length === 0) return urls.join('; ')
  const groups = apiGroups.filter((group) => group !== '')
  const inGroups = groups.length === 0 ? '' : ` of ${apiGroups.map((group) => group || 'core').join(', ')}`
  const named = resourceNames.length === 0 ? '' : ` named ${resourceNames.join(', ')}`
  return [`${verbs.join(', ')} ${resources.join(', ')}${inGroups}${named}`, ...urls].join('; ')
}
