// The change that puts names in the place of a role's wildcards: what they stand for today, less what nobody should hold by a `*`.
// May not: guess. What nobody saw is left out, and said.
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

export interface Naming {
  /** A JSON patch (RFC 6902), which the API server refuses where the rules are no longer the ones that were read; "" without a wildcard. */
  readonly patch: string
  /** What a wildcard may stand for besides, and the patch leaves out because nobody saw it: "resources of metrics.k8s.io". */
  readonly unnamed: readonly string[]
}

/** Of a role that Kubernetes puts together from others, nothing: those are the ones to change. */
export function namingOf(role: RoleObject, isNamespaced: boolean, api: ApiResources): Naming {
  if (role.aggregationSelectors !== undefined) return { patch: '', unnamed: [] }
  const unnamed = new Set<string>()
  const steps = role.rules.flatMap((rule, at) => {
    if (!hasWildcard(rule)) return []
    const named = nameRule(rule, isNamespaced, api)
    for (const one of named.unnamed) unnamed.add(one)
    const [first, ...others] = named.rules
    const own =
      first === undefined
        ? { op: 'remove', path: `/rules/${at}` }
        : { op: 'replace', path: `/rules/${at}`, value: first }
    return [[...guardsOf(rule, at), own, ...others.map((value) => ({ op: 'add', path: '/rules/-', value }))]]
  })
  // From the last rule on, so that none that is taken out moves another.
  return { patch: steps.length === 0 ? '' : JSON.stringify(steps.toReversed().flat()), unnamed: [...unnamed] }
}

interface NamedRules {
  readonly rules: readonly PolicyRule[]
  readonly unnamed: readonly string[]
}

function nameRule(rule: PolicyRule, isNamespaced: boolean, api: ApiResources): NamedRules {
  const { verbs, nonResourceURLs = [], resourceNames = [] } = rule
  if (nonResourceURLs.length > 0) {
    const paths = nonResourceURLs.flatMap((path) => (path === '*' ? discoveryPaths : path))
    const named = { verbs: verbs.includes('*') ? ['get'] : verbs, nonResourceURLs: [...new Set(paths)] }
    return { rules: [named], unnamed: [] }
  }
  const { named, unnamed } = nameResources(rule, isNamespaced, api)
  const namedVerbs = verbs.includes('*') ? ordinaryVerbs : verbs
  const limit = resourceNames.length === 0 ? {} : { resourceNames }
  return {
    rules: named.map(([apiGroups, resources]) => ({ verbs: namedVerbs, apiGroups, resources, ...limit })),
    unnamed,
  }
}

type Named = readonly [groups: string[], resources: string[]]

function nameResources(
  { apiGroups = [], resources = [] }: PolicyRule,
  isNamespaced: boolean,
  api: ApiResources,
): { named: readonly Named[]; unnamed: string[] } {
  const isEveryGroup = apiGroups.includes('*')
  const isWild = resources.some((resource) => resource === '*' || resource.startsWith('*/'))
  if (!isEveryGroup && !isWild) return { named: [[apiGroups, resources]], unnamed: [] }
  const byGroup = Map.groupBy(
    api.all.filter((one) => !isNamespaced || one.isNamespaced !== false),
    ({ group }) => group,
  )
  const groups = isEveryGroup ? [...byGroup.keys()] : apiGroups
  const found = groups.map((group): Named => [[group], namesIn(byGroup.get(group) ?? [], resources)])
  const named = found.filter(([, names]) => names.length > 0)
  if (!isEveryGroup) {
    const empty = found.filter(([, names]) => names.length === 0).map(([[group = '']]) => group)
    return { named, unnamed: empty.map((group) => `resources of ${group || 'core'}`) }
  }
  const names = new Set(named.flatMap(([, all]) => all))
  const nowhere = resources.filter((resource) => !resource.startsWith('*') && !names.has(resource))
  return { named, unnamed: [...nowhere, ...(api.isComplete ? [] : ['custom resources'])] }
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
