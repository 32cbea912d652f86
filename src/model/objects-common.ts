// What objects of every family have in common. May not: know a family.
import { z } from 'zod'

export const strings = z.record(z.string(), z.string())
const owner = z.strictObject({ kind: z.string(), name: z.string(), uid: z.string().optional() })

export const meta = {
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  creationTimestamp: z.string().optional(),
  labels: strings.optional(),
  /** The annotation kube-assay.io/waive, at most 1,000 characters; of namespaces, nodes, controllers and pods without owner. */
  waive: z.string().optional(),
  /** The controlling owner reference. */
  owner: owner.optional(),
  /** Other API versions of its kind that clients wrote it with; absent where there is none. Left out by tools before they looked. */
  writtenAs: z
    .array(
      z.strictObject({
        apiVersion: z.string(),
        /** The field manager, "kubectl apply" or "manifest". */
        by: z.string(),
        /** When the field manager last wrote, ISO 8601. */
        at: z.string().optional(),
      }),
    )
    .optional(),
}

export const labelSelectorSchema = z.strictObject({
  matchLabels: strings.optional(),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
    .optional(),
})
