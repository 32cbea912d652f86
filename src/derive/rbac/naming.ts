// The change that puts names in the place of a role's wildcards: what they stand for today, less what nobody should hold by a `*`.
// May not: guess. Where the resources of a group are not known, there is no change.
import type { RoleObject } from '../../model/objects.ts'
import type { ApiResource, ApiResources } from './api-resources.ts'
import { hasWildcard, type PolicyRule } from './role-rules.ts'
import { guardsOf } from './rule-guards.ts'

/** The verbs of ordinary requests. bind, escalate, impersonate, use and the like are left to those who name them. */
const ordinaryVerbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Subresources of everyday work. The others run commands, hand out tokens or approve. */
const everyday: ReadonlySet<string> = new Set(['eviction', 'log', 'resize', 'scale', 'status'])

/** The paths of the role system:discovery. */
const discoveryPaths = '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'.split(
  ' ',
)

/**
 * A JSON patch (RFC 6902), which the API server refuses where the rules are no longer the ones that were read. "" where there is no
 * wildcard, where one of them stands for what is not known, or where Kubernetes itself puts the rules together.
 */
export function namingOf(role: RoleObject, isNamespaced: boolean, api: ApiResources): string {
  if (role.aggregationSelectors !== undefined) return ''
  const steps: object[] = []
  for (const [at, rule] of role.rules.entries()) {
    if (!hasWildcard(rule)) continue
    const named = nameRule(rule, isNamespaced, api)
    const [first, ...others] = named ?? []
    if (first === undefined) return ''
    steps.push(...guardsOf(rule, at), { op: 'replace', path: `/rules/${at}`, value: first })
    steps.push(...others.map((value) => ({ op: 'add', path: '/rules/-', value })))
  }
  return steps.length === 0 ? '' : JSON.stringify(steps)
}

function nameRule(rule: PolicyRule, isNamespaced: boolean, api: ApiResources): readonly PolicyRule[] | undefined {
  const { verbs, nonResourceURLs = [], resourceNames = [] } = rule
  if (nonResourceURLs.length > 0) {
    const paths = nonResourceURLs.flatMap((path) => (path === '*' ? discoveryPaths : path))
    return [{ verbs: verbs.includes('*') ? ['get'] : verbs, nonResourceURLs: [...new Set(paths)] }]
  }
  const byGroup = nameResources(rule, isNamespaced, api)
  const namedVerbs = verbs.includes('*') ? ordinaryVerbs : verbs
  const limit = resourceNames.length === 0 ? {} : { resourceNames }
  return byGroup?.map(([apiGroups, resources]) => ({ verbs: namedVerbs, apiGroups, resources, ...limit }))
}

type Named = readonly [groups: string[], resources: string[]]

function nameResources(rule: PolicyRule, isNamespaced: boolean, api: ApiResources): readonly Named[] | undefined {
  const { apiGroups = [], resources = [] } = rule
  const isEveryGroup = apiGroups.includes('*')
  const isWild = resources.some((resource) => resource === '*' || resource.startsWith('*/'))
  if (!isEveryGroup && !isWild) return [[apiGroups, resources]]
  if (isEveryGroup && !api.isComplete) return undefined
  const byGroup = Map.groupBy(
    api.all.filter((one) => !isNamespaced || one.isNamespaced !== false),
    ({ group }) => group,
  )
  const groups = isEveryGroup ? [...byGroup.keys()] : apiGroups
  const found = groups.map((group): Named => [[group], namesIn(byGroup.get(group) ?? [], resources)])
  if (isEveryGroup) return coversAll(found, resources) ? found.filter(([, names]) => names.length > 0) : undefined
  return found.some(([, names]) => names.length === 0) ? undefined : found
}

/** What the entries stand for in a group. A name without a wildcard stays where the group has its resource. */
function namesIn(group: readonly ApiResource[], entries: readonly string[]): string[] {
  const names = entries.flatMap((entry) => {
    if (entry === '*') {
      return group.flatMap(({ name, subresources }) => [
        name,
        ...subresources.filter((one) => everyday.has(one)).map((one) => `${name}/${one}`),
      ])
    }
    const [main = '', sub] = entry.split('/')
    if (main === '*')
      return group.filter(({ subresources }) => subresources.includes(sub ?? '')).map(({ name }) => `${name}/${sub}`)
    return group.some(({ name }) => name === main) ? [entry] : []
  })
  return [...new Set(names)]
}

/** Whether each name without a wildcard was found in some group. */
function coversAll(found: readonly Named[], entries: readonly string[]): boolean {
  const names = new Set(found.flatMap(([, resources]) => resources))
  return names.size > 0 && entries.every((entry) => entry.startsWith('*') || names.has(entry))
}
