// Facts of how nodes and people become known to the API server, and of what PodSecurityPolicy left behind.
// May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** Row I3: Secrets of the type of bootstrap tokens, by their metadata. When one ends is not known. */
export const bootstrapTokensSchema = z.strictObject({
  tokens: z.array(
    observed(
      z.strictObject({
        name: text,
        createdAt: text,
        /** Whole hours up to when the audit began. */
        ageHours: int,
        /** In words, "3 hours" or "12 days". */
        age: text,
      }),
    ),
  ),
})

/** CIS 3.1.1. */
export const userAuthenticationSchema = z.strictObject({
  /** Ways besides client certificates and tokens of ServiceAccounts, on any API server. */
  authenticators: observed(texts),
  /** People can show nothing but a client certificate. */
  onlyByCertificate: observed(bool),
})

/** Row B4. Empty from 1.25 on, where `served` is false. */
export const podSecurityPoliciesSchema = z.strictObject({
  served: observed(bool),
  /** The admission plug-in PodSecurityPolicy is in effect on every API server. */
  plugin: observed(bool),
  policies: z.array(
    z.strictObject({
      name: text,
      /** What it lets a pod do to its node, such as "privileged, unsafe sysctls net.*"; "" for nothing of that kind. */
      allows: text,
    }),
  ),
})

/** Row B4, of one subject. What could not be read is an unavailable element. */
export const podSecurityPolicyUseSchema = z.strictObject({
  kind: text,
  name: text,
  namespace: text,
  isShared: bool,
  served: observed(bool),
  uses: z.array(
    observed(
      z.strictObject({
        policy: text,
        allows: text,
        /** "" for the whole cluster. */
        namespace: text,
        bindingKind: text,
        bindingName: text,
        /** A JSON patch that takes the subject out of the binding. */
        removal: text,
        roleKind: text,
        roleName: text,
      }),
    ),
  ),
})

/** Row B4, of one role. */
export const podSecurityPolicyRulesSchema = z.strictObject({
  served: observed(bool),
  rules: z.array(z.strictObject({ rule: text, permission: text })),
})
