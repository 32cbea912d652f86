// The rights that an audit needs for what it is asked to do, and the RBAC objects that grant them.
// May not: ask for more than some rule or way to the nodes needs.
import { stringify } from 'yaml'
import { waysOf } from '../model/access.ts'
import type { Config } from '../model/config.ts'
import { type Family, families } from '../model/objects.ts'
import type { Right } from '../transport/access-review.ts'

const rbacVersion = 'rbac.authorization.k8s.io/v1'

interface PolicyRule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
  readonly verbs: readonly string[]
}

/** A user, a group or a ServiceAccount, as RBAC names it. */
export type Subject =
  | { readonly kind: 'User' | 'Group'; readonly name: string; readonly apiGroup: 'rbac.authorization.k8s.io' }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string }

/** "User:alice", "Group:auditors" or "ServiceAccount:audit/kube-assay"; undefined for anything else. */
export function parseSubject(text: string): Subject | undefined {
  const [, kind, name] = /^(User|Group|ServiceAccount):(.+)$/s.exec(text) ?? []
  if (kind === undefined || name === undefined) return undefined
  if (kind === 'User' || kind === 'Group') return { kind, name, apiGroup: 'rbac.authorization.k8s.io' }
  const [, namespace, account] = /^([a-z0-9][-a-z0-9.]*)\/([a-z0-9][-a-z0-9.]*)$/.exec(name) ?? []
  return namespace === undefined || account === undefined
    ? undefined
    : { kind: 'ServiceAccount', name: account, namespace }
}

type AccessSettings = Pick<Config, 'nodeAccess' | 'kubeletConfigz' | 'apiServerFlagz' | 'pod' | 'bootstrapTokens'>

/** Every single right, for asking whether it is there. Optional ones are marked: without them something is unknown by choice. */
export function neededRights(needed: readonly Family[], settings: AccessSettings): (Right & { optional?: true })[] {
  const wanted = needed.filter((family) => settings.bootstrapTokens !== false || family !== 'bootstraptokens')
  const lists = wanted.map((family) => {
    const { apiGroup: group, resource } = families[family]
    const namespace = namespaceOf(family)
    const right = { verb: 'list', group, resource }
    return namespace === undefined ? right : { ...right, namespace, optional: true as const }
  })
  const further = [...componentRules(settings), ...podRules(settings)].flatMap(({ verbs, ...rule }) =>
    verbs.flatMap((verb): Right[] => [
      ...(rule.nonResourceURLs ?? []).map((path) => ({ verb, path })),
      ...(rule.resources ?? []).map((name) => {
        const [resource = name, subresource] = name.split('/')
        const namespace = settings.pod?.namespace
        const isInNamespace = resource !== 'nodes' && resource !== 'namespaces' && namespace !== undefined
        return {
          verb,
          group: '',
          resource,
          ...(subresource !== undefined && { subresource }),
          ...(isInNamespace && { namespace }),
        }
      }),
    ]),
  )
  const namespace = settings.pod?.namespace
  const isPodWay = waysOf(settings.nodeAccess).includes('pod')
  const events = {
    verb: 'list',
    group: '',
    resource: 'events',
    ...(namespace && { namespace }),
    optional: true as const,
  }
  return [...lists, ...further, ...(isPodWay ? [events] : [])]
}

function asksComponents({ nodeAccess, kubeletConfigz, apiServerFlagz }: AccessSettings) {
  const isApiWay = waysOf(nodeAccess).includes('api')
  return { kubelets: kubeletConfigz ?? isApiWay, apiServer: apiServerFlagz ?? isApiWay }
}

function componentRules(settings: AccessSettings): PolicyRule[] {
  const { kubelets, apiServer } = asksComponents(settings)
  return [
    ...(kubelets ? [{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }] : []),
    ...(apiServer ? [{ nonResourceURLs: ['/flagz'], verbs: ['get'] }] : []),
  ]
}

/** With a namespace of one's own the rights in it stand in a Role. */
function podRules(settings: AccessSettings): PolicyRule[] {
  if (!waysOf(settings.nodeAccess).includes('pod')) return []
  const inNamespace: PolicyRule[] = [
    { apiGroups: [''], resources: ['pods', 'configmaps'], verbs: ['create', 'delete', 'get', 'list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  ]
  if (settings.pod?.namespace !== undefined) return inNamespace
  return [{ apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'delete', 'get', 'list'] }, ...inNamespace]
}

/** The ClusterRole as YAML, further Roles and bindings after it, and in comments what is each reader's own choice. */
export function roleDocuments(
  needed: readonly Family[],
  settings: AccessSettings,
  options: { readonly name: string; readonly head: string; readonly subject?: Subject },
): string {
  const { name, head, subject } = options
  const everywhere = needed.filter((family) => namespaceOf(family) === undefined)
  const groups = Map.groupBy(everywhere, (family) => families[family].apiGroup)
  const lists: PolicyRule[] = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, members]) => ({
      apiGroups: [group],
      resources: members.map((family) => families[family].resource).toSorted(),
      verbs: ['list'],
    }))
  const namespace = settings.pod?.namespace
  const pods = podRules(settings)
  const rules = [...lists, ...componentRules(settings), ...(namespace === undefined ? pods : [])]
  const documents: object[] = [{ apiVersion: rbacVersion, kind: 'ClusterRole', metadata: { name }, rules }]
  if (subject !== undefined) documents.push(binding('ClusterRole', { name }, subject))
  if (namespace !== undefined && pods.length > 0) {
    const metadata = { name: `${name}-nodes`, namespace }
    const rules = [...pods, { apiGroups: [''], resources: ['events'], verbs: ['list'] }]
    documents.push({ apiVersion: rbacVersion, kind: 'Role', metadata, rules })
    if (subject !== undefined) documents.push(binding('Role', metadata, subject))
  }
  const within = needed.filter((family) => namespaceOf(family) !== undefined)
  const optional = settings.bootstrapTokens === false ? [] : within.map((family) => namespacedRole(name, family))
  return `${head}\n${documents.map((document) => stringify(document)).join('---\n')}${optional.join('')}`
}

function binding(
  kind: 'ClusterRole' | 'Role',
  metadata: { name: string; namespace?: string },
  subject: Subject,
): object {
  return {
    apiVersion: rbacVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    subjects: [subject],
  }
}

function namespaceOf(family: Family): string | undefined {
  return 'namespace' in families[family] ? families[family].namespace : undefined
}

/** In comments: a list of Secrets gives more than is asked for, and whether to grant that is the reader's choice. */
function namespacedRole(name: string, family: Family): string {
  const { apiGroup, resource } = families[family]
  const namespace = namespaceOf(family) ?? ''
  const role = {
    apiVersion: rbacVersion,
    kind: 'Role',
    metadata: { name: `${name}-${family}`, namespace },
    rules: [{ apiGroups: [apiGroup], resources: [resource], verbs: ['list'] }],
  }
  const lines = [
    `Optional, for ${family}: kube-assay asks for the metadata of one type of object in ${namespace} alone, but RBAC cannot limit`,
    'a right to that: who holds it can read all of them there. Without it the rules about them answer "unknown".',
    ...stringify(role).trimEnd().split('\n'),
  ]
  return lines.map((line) => `# ${line}\n`).join('')
}
