// Facts of storage that leads to nodes. May not: know how they are derived.
import { z } from 'zod'
import { observed } from './fact.ts'

const text = z.string()
const bool = z.boolean()

/** Row F1: PersistentVolumes that are folders of nodes. */
export const hostVolumesSchema = z.strictObject({
  volumes: z.array(
    z.strictObject({
      name: text,
      /** hostPath or local. */
      type: text,
      path: text,
      /** critical: gives the node away when writable; sensitive: shows its secrets; other. */
      sensitivity: text,
      /** Available, Bound, Released, Failed; "" in files. */
      phase: text,
      /** Its access modes let nobody write. */
      isReadOnly: bool,
      /** "namespace/name" of the claim that it is bound to or kept for; "" for whoever claims it. */
      claim: text,
      /** That mount the claim, such as "StatefulSet shop/database". */
      workloads: observed(z.array(text)),
      /** One of them mounts it writable. */
      isWritable: observed(bool),
    }),
  ),
})
