// What can be done with a role's rules that matters to an attacker: reading Secrets, running pods, reaching nodes, gaining rights.
// Worked out once for a role; bindings and subjects are added elsewhere.
// May not: count a rule for something its verb, group, scope or resourceNames do not reach.
import {
  allowedVerbs,
  coveringResource,
  everythingInWords,
  hasWildcard,
  isEverything,
  type PolicyRule,
  ruleInWords,
} from './role-rules.ts'

const rbac = 'rbac.authorization.k8s.io'
const change = ['create', 'update', 'patch'] as const
const workloads = ['deployments', 'daemonsets', 'statefulsets', 'replicasets'] as const

interface Target {
  readonly group: string
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** The resource has no namespace, so that a RoleBinding cannot give it. */
  readonly isClusterScoped?: true
  /**
   * What a rule with resourceNames gives: "nothing" for what has no name yet (create) or is listed; "those" for a right over the
   * named objects that is a right all the same; "roles" where it depends on what the named roles allow.
   */
  readonly named: 'nothing' | 'those' | 'roles'
}

/** Such as {group: '', resources: ['secrets'], …}. Sources: RBAC good practices and each resource's REST storage in Kubernetes. */
const targets = {
  readsSecrets: [{ group: '', resources: ['secrets'], verbs: ['get', 'list', 'watch'], named: 'nothing' }],
  createsPods: [
    { group: '', resources: ['pods'], verbs: ['create'], named: 'nothing' },
    { group: '', resources: ['replicationcontrollers'], verbs: change, named: 'nothing' },
    { group: 'apps', resources: workloads, verbs: change, named: 'nothing' },
    { group: 'batch', resources: ['jobs'], verbs: ['create'], named: 'nothing' },
    { group: 'batch', resources: ['cronjobs'], verbs: change, named: 'nothing' },
  ],
  createsPersistentVolumes: [
    { group: '', resources: ['persistentvolumes'], verbs: ['create'], isClusterScoped: true, named: 'nothing' },
  ],
  nodesProxy: [
    {
      group: '',
      resources: ['nodes/proxy'],
      verbs: ['get', 'create', 'update', 'patch', 'delete'],
      isClusterScoped: true,
      named: 'those',
    },
  ],
  csrApproval: [
    {
      group: 'certificates.k8s.io',
      resources: ['certificatesigningrequests/approval'],
      verbs: ['update', 'patch'],
      isClusterScoped: true,
      named: 'those',
    },
  ],
  approvesSigners: [
    { group: 'certificates.k8s.io', resources: ['signers'], verbs: ['approve'], isClusterScoped: true, named: 'those' },
  ],
  webhookConfiguration: [
    {
      group: 'admissionregistration.k8s.io',
      resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
      verbs: [...change, 'delete', 'deletecollection'],
      isClusterScoped: true,
      named: 'those',
    },
  ],
  tokenRequest: [{ group: '', resources: ['serviceaccounts/token'], verbs: ['create'], named: 'those' }],
  impersonates: [
    { group: '', resources: ['users', 'groups'], verbs: ['impersonate'], isClusterScoped: true, named: 'those' },
    { group: '', resources: ['serviceaccounts'], verbs: ['impersonate'], named: 'those' },
  ],
  bindsOrEscalates: [
    { group: rbac, resources: ['roles', 'clusterroles'], verbs: ['bind'], named: 'roles' },
    { group: rbac, resources: ['roles'], verbs: ['escalate'], named: 'those' },
    { group: rbac, resources: ['clusterroles'], verbs: ['escalate'], isClusterScoped: true, named: 'those' },
  ],
  execsIntoPods: [
    { group: '', resources: ['pods/exec', 'pods/attach'], verbs: ['create'], named: 'those' },
    { group: '', resources: ['pods/ephemeralcontainers'], verbs: ['update', 'patch'], named: 'those' },
  ],
  usesPodSecurityPolicies: [
    { group: 'policy', resources: ['podsecuritypolicies'], verbs: ['use'], named: 'those' },
    { group: 'extensions', resources: ['podsecuritypolicies'], verbs: ['use'], named: 'those' },
  ],
  modifiesBindings: [
    { group: rbac, resources: ['rolebindings'], verbs: change, named: 'nothing' },
    { group: rbac, resources: ['clusterrolebindings'], verbs: change, isClusterScoped: true, named: 'nothing' },
  ],
  modifiesRoles: [
    { group: rbac, resources: ['roles'], verbs: change, named: 'those' },
    { group: rbac, resources: ['clusterroles'], verbs: change, isClusterScoped: true, named: 'those' },
  ],
} as const satisfies Record<string, readonly Target[]>

export type Capability = keyof typeof targets | 'wildcardRules' | 'uses'
const targetNames = Object.keys(targets) as (keyof typeof targets)[]

/** What one rule of a role gives. */
export interface Allowed {
  readonly capability: Capability
  /** Position in the role's rules. */
  readonly rule: number
  /** Such as "get, list secrets". */
  readonly permission: string
  readonly names: readonly string[]
  readonly isClusterScoped: boolean
  readonly isEverything: boolean
}

/** Everything the rules give, each rule's part on its own. `minor` is the cluster's version, undefined when not known. */
export function allowedBy(rules: readonly PolicyRule[], minor: number | undefined): readonly Allowed[] {
  return rules.flatMap((rule, at) => [
    ...targetNames.flatMap((capability) => allowedTargets(rule, at, capability, minor)),
    ...(hasWildcard(rule) ? [ofWholeRule(rule, at, 'wildcardRules')] : []),
    ...(rule.verbs.includes('use') ? [ofWholeRule(rule, at, 'uses')] : []),
  ])
}

function allowedTargets(
  rule: PolicyRule,
  at: number,
  capability: keyof typeof targets,
  minor: number | undefined,
): readonly Allowed[] {
  const names = rule.resourceNames ?? []
  const all: readonly Target[] = targets[capability]
  return all.flatMap((target) => {
    if (names.length > 0 && target.named === 'nothing') return []
    const verbs = allowedVerbs(rule, wantedVerbs(capability, target, rule, minor))
    if (verbs.length === 0) return []
    const found = target.resources.flatMap((resource) => {
      const entry = coveringResource(rule, target.group, resource)
      return entry === undefined ? [] : [{ resource, entry }]
    })
    if (found.length === 0) return []
    return [
      {
        capability,
        rule: at,
        permission: isEverything(rule) ? everythingInWords : inWords(verbs, found, names),
        names,
        isClusterScoped: target.isClusterScoped ?? false,
        isEverything: isEverything(rule),
      },
    ]
  })
}

/** Requests that carry no name: the API server looks for one in resourceNames and finds none. */
const nameless: ReadonlySet<string> = new Set(['create', 'deletecollection'])

function wantedVerbs(
  capability: Capability,
  { verbs, resources }: Target,
  { resourceNames = [] }: PolicyRule,
  minor: number | undefined,
): readonly string[] {
  const isOfSubresource = resources.every((resource) => resource.includes('/'))
  if (resourceNames.length > 0 && !isOfSubresource) return verbs.filter((verb) => !nameless.has(verb))
  // Up to 1.34 a WebSocket, which is a GET, opens a session as well (feature gate AuthorizePodWebsocketUpgradeCreatePermission).
  const isSession = capability === 'execsIntoPods' && verbs.includes('create')
  return isSession && (minor ?? 0) < 35 ? [...verbs, 'get'] : verbs
}

function inWords(
  verbs: readonly string[],
  found: readonly { readonly resource: string; readonly entry: string }[],
  names: readonly string[],
): string {
  const named = names.length === 0 ? '' : ` named ${names.join(', ')}`
  const [first] = found
  const resources = found.map(({ resource }) => resource).join(', ')
  // A wildcard in the rule is shown as it stands, with what it stands for here.
  const isByWildcard = first !== undefined && first.entry !== first.resource
  return `${verbs.join(', ')} ${isByWildcard ? `${first.entry} (also ${resources})` : resources}${named}`
}

function ofWholeRule(rule: PolicyRule, at: number, capability: Capability): Allowed {
  return {
    capability,
    rule: at,
    permission: ruleInWords(rule),
    names: rule.resourceNames ?? [],
    isClusterScoped: (rule.nonResourceURLs ?? []).length > 0,
    isEverything: isEverything(rule),
  }
}
