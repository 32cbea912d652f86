// The rights of the audit's own user against the generated minimum role: what is missing, and what is more than an audit should have.
// May not: change anything, or take what nobody lists for missing.
import pLimit from 'p-limit'
import type { Config } from '../../model/config.ts'
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import { mayI, type Right } from '../../transport/access-review.ts'
import type { KubeSource } from '../../transport/kube.ts'
import { everywhere, type GrantedRules, grants, type ResourceRule, readRules } from '../../transport/rules-review.ts'
import { chosenFamilies } from '../commands/rbac.ts'
import { neededRights } from '../rights.ts'
import { type Check, failed, ok, someOf, warned } from './check.ts'

type Needed = ReturnType<typeof neededRights>[number]
type Asking = Pick<KubeSource, 'request'>

/** One rules review for all namespaces and one for each that is named; what they do not list is asked right by right. */
export async function checkRights(source: Asking, settings: Config, signal: AbortSignal): Promise<Check[]> {
  const { needed } = await chosenFamilies(settings)
  return compareRights(source, neededRights(needed, settings), signal)
}

export async function compareRights(source: Asking, rights: readonly Needed[], signal: AbortSignal): Promise<Check[]> {
  const namespaces = new Set([everywhere, ...rights.map(placeOf)])
  const rules = new Map<string, GrantedRules>()
  for (const namespace of namespaces) {
    const found = await readRules(source.request, namespace, signal)
    if (!isUnavailable(found)) rules.set(namespace, found)
  }
  const missing = await missingOf(source, rights, rules, signal)
  if (isUnavailable(missing))
    return [
      failed(
        'rights',
        'Rights',
        `They could not be asked for: ${missing.unavailable.detail}`,
        'Every authenticated user may by default (ClusterRole system:basic-user); log in again, or ask who took that away.',
      ),
    ]
  return [...checksOf(rights, missing), ...excessOf(rules, rights)]
}

function placeOf(right: Right): string {
  return 'namespace' in right && right.namespace !== undefined ? right.namespace : everywhere
}

async function missingOf(
  source: Asking,
  rights: readonly Needed[],
  rules: ReadonlyMap<string, GrantedRules>,
  signal: AbortSignal,
): Promise<readonly Needed[] | Unavailable> {
  const limit = pLimit(8)
  const isListed = (right: Right) => {
    const granted = rules.get(placeOf(right))
    return granted !== undefined && grants(granted, right)
  }
  const open = rights.filter((right) => !isListed(right))
  const answers = await Promise.all(
    open.map((right) => limit(async () => ({ right, answer: await mayI(source.request, askable(right), signal) }))),
  )
  for (const { answer } of answers) if (isUnavailable(answer)) return answer
  return answers.filter(({ answer }) => answer === false).map(({ right }) => right)
}

function checksOf(rights: readonly Needed[], missing: readonly Needed[]): Check[] {
  const must = missing.filter(({ optional }) => optional !== true)
  const may = missing.filter(({ optional }) => optional === true)
  return [
    must.length === 0
      ? ok(
          'rights',
          'Rights',
          `${rights.length - may.length} of ${rights.length} rights that the rules need are there.`,
        )
      : failed(
          'rights',
          'Rights',
          `${must.length} of ${rights.length} are missing: ${someOf(must.map(inWords), 8)}. What depends on them would be unknown.`,
          'kube-assay rbac --subject User:<name> | kubectl apply -f - as an administrator; with the same --include, --node-access … as the audit.',
        ),
    ...may.map((right) =>
      warned(
        'optional-rights',
        'Optional right',
        `${inWords(right)} is missing; the rules about it answer unknown.`,
        'kube-assay rbac says what it gives; --no-bootstrap-tokens leaves the list out.',
      ),
    ),
  ]
}

const reading = new Set(['get', 'list', 'watch'])
/** What every authenticated user may do, by the roles system:basic-user and system:discovery. */
const everybodys = /^self(?:subject\w*)reviews$/

/** Rights to change something or to read Secrets that the minimum role does not have. More lists than needed are no matter. */
function excessOf(rules: ReadonlyMap<string, GrantedRules>, rights: readonly Needed[]): Check[] {
  const more = new Map<string, Set<string>>()
  for (const [namespace, { resources }] of rules) {
    const own = rights.filter((right) => placeOf(right) === namespace || placeOf(right) === everywhere)
    for (const rule of resources)
      for (const { what, verbs } of excessIn(rule, own)) more.set(what, (more.get(what) ?? new Set()).union(verbs))
  }
  if (more.size === 0) return []
  const isAll = more.get(all)?.has('*') === true
  const words = [...more].map(([what, verbs]) => `${[...verbs].toSorted().join('/')} ${what}`)
  return [
    warned(
      'excess-rights',
      'More than needed',
      isAll ? 'The user has every right in the cluster.' : `The user also may ${someOf(words.toSorted(), 6)}.`,
      'An audit only reads: kube-assay rbac --subject … prints a role with nothing else, for a user of its own.',
    ),
  ]
}

interface Excess {
  readonly what: string
  readonly verbs: ReadonlySet<string>
}

const all = 'everything'

function excessIn({ verbs, groups, resources }: ResourceRule, own: readonly Needed[]): Excess[] {
  if ([verbs, groups, resources].every((list) => list.includes('*'))) return [{ what: all, verbs: new Set(['*']) }]
  return resources
    .filter((resource) => !everybodys.test(resource))
    .flatMap((resource) => {
      const isSecret = resource === 'secrets' || resource === '*'
      const beyond = verbs.filter((verb) => {
        const isNeeded = own.some((right) => 'resource' in right && isSame(right, resource) && right.verb === verb)
        return !isNeeded && (isSecret || resource.includes('/') || !reading.has(verb))
      })
      const what = `${resource === '*' ? all : resource}${ofGroup(groups)}`
      return beyond.length === 0 ? [] : [{ what, verbs: new Set(beyond) }]
    })
}

function isSame(right: Exclude<Needed, { path: string }>, resource: string): boolean {
  return resource === (right.subresource === undefined ? right.resource : `${right.resource}/${right.subresource}`)
}

function ofGroup(groups: readonly string[]): string {
  const [group = ''] = groups
  return groups.length === 1 && group !== '' && group !== '*' ? `.${group}` : ''
}

function askable({ optional: _, ...right }: Needed): Right {
  return right
}

function inWords(right: Right): string {
  if ('path' in right) return `${right.verb} ${right.path}`
  const sub = right.subresource === undefined ? '' : `/${right.subresource}`
  const group = right.group === '' ? '' : `.${right.group}`
  return `${right.verb} ${right.resource}${sub}${group}${right.namespace === undefined ? '' : ` in ${right.namespace}`}`
}
