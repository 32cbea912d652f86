// Whether a role is one that Kubernetes (or kubeadm) creates itself, with nothing in it that Kubernetes would not put there.
// At an upgrade the API server adds what is new and leaves what is old (the autoupdate annotation), and it may write rules in
// another shape. So rights are compared one by one, and those of older versions count. Versions before 1.31 are held against
// 1.31 and ones after 1.36 against 1.36; where the version is not known, any of them will do.
import type { RoleObject } from '../../model/objects.ts'
import { bootstrapRoleData } from './bootstrap-role-data.ts'
import { guardsOf } from './rule-guards.ts'

interface BootstrapRole {
  /** Right → first minor version with it. */
  readonly rights: Map<string, number>
  readonly labels: Set<string>
}
type PolicyRule = RoleObject['rules'][number]

const oldest = 31

/** kubeadm's own roles, the same in all its versions. */
const kubeadmRoleData = `
# kubeadm:get-nodes
get core nodes
# kube-public/kubeadm:bootstrap-signer-clusterinfo
get core configmaps cluster-info
# kube-system/kube-proxy
get core configmaps kube-proxy
# kube-system/kubeadm:kubelet-config
get core configmaps kubelet-config
# kube-system/kubeadm:nodes-kubeadm-config
get core configmaps kubeadm-config
`

const known = parse(`${bootstrapRoleData}${kubeadmRoleData}`)

/** "own": no role of Kubernetes has this name and place. */
export type BootstrapMatch = 'unaltered' | 'altered' | 'own'

/** `namespace` is "" for a ClusterRole; `minor` is the cluster's, undefined when not known. */
export function matchBootstrapRole(namespace: string, role: RoleObject, minor: number | undefined): BootstrapMatch {
  const bootstrap = known.get(namespace === '' ? role.name : `${namespace}/${role.name}`)
  if (bootstrap === undefined) return 'own'
  return alterationsOf(namespace, role, minor).length === 0 ? 'unaltered' : 'altered'
}

/** What a role has beyond the one of that name which Kubernetes creates, such as "get core secrets". */
export function alterationsOf(namespace: string, role: RoleObject, minor: number | undefined): readonly string[] {
  const bootstrap = known.get(namespace === '' ? role.name : `${namespace}/${role.name}`)
  if (bootstrap === undefined) return []
  if (bootstrap.labels.size > 0) return aggregatesOnly(role, bootstrap.labels) ? [] : ['another aggregation rule']
  return role.rules.flatMap((rule) => [...rightsOf(rule)]).filter(isAdded(bootstrap, minor))
}

function isAdded({ rights }: BootstrapRole, minor: number | undefined): (right: string) => boolean {
  const limit = Math.max(minor ?? Number.POSITIVE_INFINITY, oldest)
  return (right) => {
    const since = rights.get(right)
    return since === undefined || since > limit
  }
}

/**
 * A JSON patch (RFC 6902) that takes out of a role what Kubernetes does not give it, and "" where that is nothing, or another
 * aggregation rule. From the last rule on; the API server refuses it where the rules are no longer the ones that were read.
 */
export function restorationOf(namespace: string, role: RoleObject, minor: number | undefined): string {
  const bootstrap = known.get(namespace === '' ? role.name : `${namespace}/${role.name}`)
  if (bootstrap === undefined || bootstrap.labels.size > 0) return ''
  const added = isAdded(bootstrap, minor)
  const steps = role.rules.flatMap((rule, at) => {
    if (![...rightsOf(rule)].some(added)) return []
    const kept = splitRule(rule).filter((part) => ![...rightsOf(part)].some(added))
    const [first, ...others] = kept
    const own =
      first === undefined
        ? { op: 'remove', path: `/rules/${at}` }
        : { op: 'replace', path: `/rules/${at}`, value: first }
    return [[...guardsOf(rule, at), own, ...others.map((value) => ({ op: 'add', path: '/rules/-', value }))]]
  })
  return steps.length === 0 ? '' : JSON.stringify(steps.toReversed().flat())
}

/** The same rights, a rule for each. */
function splitRule(rule: PolicyRule): PolicyRule[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map((name) => ({ resourceNames: [name] }))
  return verbs.flatMap((verb) => [
    ...nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })),
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        names.map((name) => ({ verbs: [verb], apiGroups: [group], resources: [resource], ...name })),
      ),
    ),
  ])
}

function aggregatesOnly({ aggregationSelectors = [] }: RoleObject, labels: ReadonlySet<string>): boolean {
  if (aggregationSelectors.length === 0) return false
  return aggregationSelectors.every(({ matchLabels = {}, matchExpressions = [] }) => {
    const entries = Object.entries(matchLabels)
    return (
      matchExpressions.length === 0 && entries.length === 1 && entries.every((entry) => labels.has(entry.join('=')))
    )
  })
}

/** Each verb on each resource of each group, or on each path. */
function* rightsOf({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): Generator<string> {
  const names = resourceNames.length === 0 ? [''] : resourceNames.map((name) => ` ${name}`)
  for (const verb of verbs) {
    for (const url of nonResourceURLs) yield `${verb} ${url}`
    for (const group of apiGroups) {
      for (const resource of resources) for (const name of names) yield `${verb} ${group || 'core'} ${resource}${name}`
    }
  }
}

function parse(data: string): ReadonlyMap<string, BootstrapRole> {
  const roles = new Map<string, BootstrapRole>()
  let current: BootstrapRole = { rights: new Map(), labels: new Set() }
  for (const line of data.split('\n')) {
    if (line.startsWith('# ')) {
      current = { rights: new Map(), labels: new Set() }
      roles.set(line.slice(2), current)
    } else if (line.startsWith('+ ')) current.labels.add(line.slice(2))
    else if (line !== '') addLine(current, line)
  }
  return roles
}

function addLine({ rights }: BootstrapRole, line: string): void {
  const [, since, text = ''] = /^(?:@(\d+) )?(.+)$/.exec(line) ?? []
  const [verbs = [], second = [], resources, resourceNames = []] = text.split(' ').map((field) => field.split(','))
  const rule =
    resources === undefined
      ? { verbs, nonResourceURLs: second }
      : { verbs, apiGroups: second, resources, resourceNames }
  for (const right of rightsOf(rule)) if (!rights.has(right)) rights.set(right, Number(since ?? oldest))
}
