// What a component of Kubernetes says of its own settings when asked over the API: the kubelet's /configz, the API server's /flagz.
// May not: hold a secret; values are redacted before they become evidence.
import { z } from 'zod'
import { unavailableSchema } from './fact.ts'

export const componentEvidenceSchema = z.strictObject({
  component: z.enum(['kubelet', 'kube-apiserver']),
  endpoint: z.enum(['configz', 'flagz']),
  /** Whose kubelet; left out for the API server, which does not say on which node it runs. */
  node: z.string().optional(),
  /** "GET /api/v1/nodes/worker-1/proxy/configz". */
  source: z.string(),
  observedAt: z.string(),
  answer: z.union([
    /** configz: the `kubeletconfig` object, whole. flagz: every flag as the component prints it, defaults too. */
    z.strictObject({ values: z.record(z.string(), z.json()) }),
    unavailableSchema,
  ]),
})
export type ComponentEvidence = z.infer<typeof componentEvidenceSchema>
