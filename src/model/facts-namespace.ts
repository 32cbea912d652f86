// Facts of namespaces, of what NetworkPolicies do for them, and of single bindings. May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

export const namespacePoliciesSchema = z.strictObject({
  name: text,
  pods: int,
  isSystem: bool,
  /** Those that bound CPU or memory of containers or pods. */
  limitRanges: texts,
  /** Those that cap CPU or memory of all pods. */
  resourceQuotas: texts,
  /** pod-security.kubernetes.io/enforce; "" when unset. */
  podSecurityEnforce: text,
})

/** CIS 5.6.4: what is in a namespace, without what controllers made and without the API server's own Service. */
export const namespaceContentsSchema = z.strictObject({
  name: text,
  /** Such as "Deployment cart". */
  objects: texts,
})

/** CIS 5.3.1: whether anything enforces NetworkPolicies. */
export const networkPluginSchema = z.strictObject({
  /** DaemonSets of network plug-ins that are known here. */
  daemonSets: texts,
  enforces: observed(bool),
})

/** CIS 5.3.2, row H1: what NetworkPolicies do for the pods of a namespace. Other kinds of policy are not looked at. */
export const networkIsolationSchema = z.strictObject({
  name: text,
  /** With pods that are not over yet. */
  workloads: z.array(
    z.strictObject({
      /** Such as "Deployment cart". */
      workload: text,
      hostNetwork: bool,
      /** Whether a policy of that direction selects all of the pods, enforced or not. */
      ingressIsolated: observed(bool),
      egressIsolated: observed(bool),
      /** TCP port 80 of 169.254.169.254, and of the other addresses that the nodes' cloud is known to answer at. */
      reachesMetadata: observed(bool),
    }),
  ),
  policies: z.array(
    z.strictObject({
      name: text,
      selectsNothing: observed(bool),
      /** Directions in which it lets everything through: ingress, egress. */
      opens: texts,
      /** A JSON patch that puts the own namespace, and DNS, in the place of what opens it; "[]" when nothing does. */
      narrowing: text,
    }),
  ),
})

/** Row I2, as far as a single binding tells. */
export const roleBindingSchema = z.strictObject({
  kind: text,
  name: text,
  namespace: text,
  roleKind: text,
  roleName: text,
  /** The role allows every verb on every resource of every group. False when the role does not exist. */
  grantsEverything: bool,
  /** Kubernetes' own bootstrap binding, unaltered. */
  isBuiltIn: bool,
  subjects: z.array(
    z.strictObject({
      kind: text,
      name: text,
      namespace: text,
      /** The `default` ServiceAccount, or a group that every pod or every caller belongs to. */
      isShared: bool,
      /** As which holders of a bootstrap token come. */
      isBootstrapToken: bool,
    }),
  ),
  /** A JSON patch that takes the subjects as which bootstrap tokens come out of the binding; "[]" when there are none. */
  tokenRemoval: text,
})
