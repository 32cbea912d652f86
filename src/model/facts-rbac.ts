// The derived facts of access control, per binding, role and subject; facts.ts names them. Lists of `observed` elements hold what is
// known, and an unavailable element where more may exist that could not be read, so that a rule finds what is there and never passes
// for want of the rest. Expressions must therefore look into the elements; the size of such a list proves nothing.
// May not: know how a fact is derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** Whether what a binding names is there, and whether another binding says the same. */
export const bindingReferencesSchema = z.strictObject({
  kind: text,
  name: text,
  namespace: text,
  roleKind: text,
  roleName: text,
  isBuiltIn: bool,
  roleExists: observed(bool),
  subjects: int,
  /** The ServiceAccounts among the subjects; users and groups are no objects that could be missing. */
  accounts: z.array(z.strictObject({ name: text, namespace: text, exists: observed(bool) })),
  /** A JSON patch that takes the ServiceAccounts that are known not to exist out of the binding; "[]" when there are none. */
  removal: text,
  /** The first by name of the bindings with the same role and subjects in the same place; "" when it is this one. */
  duplicateOf: text,
})

export const roleSchema = z.strictObject({
  kind: text,
  name: text,
  namespace: text,
  /** One that Kubernetes or kubeadm creates, with no right added. */
  isBuiltIn: bool,
  /** What was added to a role that Kubernetes creates, such as "get core secrets". */
  alterations: texts,
  /** A JSON patch that takes those out again; "" when there are none, or where the aggregation rule is another. */
  restoration: text,
  /** Rules with `*` as a verb, an API group or a resource; none of a ClusterRole that is put together from others, which have them. */
  wildcards: z.array(z.strictObject({ rule: text, permission: text })),
  /** A JSON patch that puts names in their place; "" when there are none. */
  naming: text,
  /** What they may stand for besides, and the patch leaves out because nobody saw it. */
  unnamed: texts,
  /** Bindings to it or to a ClusterRole that aggregates it; what cannot be told is an unavailable element. */
  boundBy: z.array(
    observed(z.strictObject({ kind: text, name: text, namespace: text, subjects: texts, isBuiltIn: bool })),
  ),
  /** The subjects of those bindings that are known, each once. */
  subjects: texts,
  /** ClusterRoles whose aggregation selects it. */
  aggregatedInto: texts,
})

/**
 * What the bindings say of one subject. `namespace` of a permission is "" where it holds in the whole cluster. `source` is the chain
 * subject → binding → role → rule.
 */
const permissions = z.array(
  observed(
    z.strictObject({
      namespace: text,
      /** Such as "get, list secrets". */
      permission: text,
      /** Objects that it is limited to; empty when it is not. */
      names: texts,
      /** The role allows everything, so that this is one of many permissions. */
      isEverything: bool,
      bindingKind: text,
      bindingName: text,
      /** A JSON patch that takes the subject out of the binding. */
      removal: text,
      roleKind: text,
      roleName: text,
    }),
  ),
)

/** Row I2: everything a subject may do, also through groups that each subject of its kind belongs to. */
export const effectivePermissionsSchema = z.strictObject({
  grants: z.array(
    observed(
      z.strictObject({
        verbs: texts,
        apiGroups: texts,
        resources: texts,
        resourceNames: texts,
        nonResourceURLs: texts,
        /** "" for the whole cluster. */
        namespace: text,
        /** By Kubernetes' own binding and role, both unaltered. */
        isBuiltIn: bool,
        /** The group that the grant comes from; "" when it is made to the subject itself. */
        throughGroup: text,
      }),
    ),
  ),
})

/**
 * Row I2, CIS 5.1: what bindings beyond Kubernetes' own give to the subject itself (not to its groups, which are subjects of their
 * own), by what can be done with it. Where a list or a role could not be read, each list holds an unavailable element.
 */
export const riskyPermissionsSchema = z.strictObject({
  kind: text,
  name: text,
  /** Of a ServiceAccount, else "". */
  namespace: text,
  isShared: bool,
  /** The group that the API server lets do everything without asking RBAC. */
  isSystemMasters: bool,
  /** A binding beyond Kubernetes' own gives it everything in the whole cluster; what it may do is then no news. */
  mayDoEverything: bool,
  /** The subject's own bindings that give it something. */
  bindings: z.array(
    observed(
      z.strictObject({
        kind: text,
        name: text,
        /** "" for a ClusterRoleBinding. */
        namespace: text,
        /** A JSON patch that takes the subject out of the binding. */
        removal: text,
        roleKind: text,
        roleName: text,
        isBuiltIn: bool,
        /** The role's first rules in words, and how many there are besides. */
        permission: text,
      }),
    ),
  ),
  readsSecrets: permissions,
  createsPods: permissions,
  createsPersistentVolumes: permissions,
  nodesProxy: permissions,
  csrApproval: permissions,
  webhookConfiguration: permissions,
  tokenRequest: permissions,
  impersonates: permissions,
  bindsOrEscalates: permissions,
  wildcardRules: permissions,
  execsIntoPods: permissions,
  modifiesBindings: permissions,
  modifiesRoles: permissions,
  /** The verb `use`, which policies such as PodSecurityPolicy and SecurityContextConstraints ask for. */
  uses: permissions,
  /** Two steps: a right in a namespace that gives the rights of one of its ServiceAccounts, which reach further. */
  reachesServiceAccounts: z.array(
    observed(
      z.strictObject({
        namespace: text,
        /** First step, such as "create pods". */
        permission: text,
        account: text,
        /** What the ServiceAccount may do in the whole cluster, such as "get, list secrets". */
        gains: text,
        bindingKind: text,
        bindingName: text,
        /** The ClusterRoleBinding by which the ServiceAccount may, and the ClusterRole that it binds. */
        accountBinding: text,
        accountRole: text,
        /** A JSON patch that takes the ServiceAccount out of it. */
        accountRemoval: text,
      }),
    ),
  ),
})

/** CIS 5.1.5, 5.1.6: whether pods get a token of the ServiceAccount. The pod's setting wins over the ServiceAccount's. */
export const serviceAccountSchema = z.strictObject({
  name: text,
  namespace: text,
  exists: bool,
  /** "true", "false" or "unset", which means true. */
  automount: text,
  /** Any right beyond what every ServiceAccount has. */
  hasRights: observed(bool),
  /** Workloads that run under it; what cannot be told is an unavailable element. */
  workloads: z.array(
    observed(
      z.strictObject({
        name: text,
        kind: text,
        pods: int,
        /** The pod's own setting: "true", "false" or "unset". */
        automount: text,
        mountsToken: bool,
      }),
    ),
  ),
})
