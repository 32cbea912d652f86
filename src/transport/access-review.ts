// Asks the API server what the audit's own user may do. The server answers and keeps nothing.
// May not: ask about anybody else.
import { type Unavailable, unavailable } from '../model/fact.ts'
import type { KubeRequest } from './kube.ts'
import { isRecord } from './kube-page.ts'

export type Right =
  | {
      readonly verb: string
      readonly group: string
      readonly resource: string
      readonly subresource?: string
      /** Absent: in all namespaces, or of no namespace. */
      readonly namespace?: string
    }
  | { readonly verb: string; readonly path: string }

const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

/** Whether the user has the right (SelfSubjectAccessReview); every authenticated user may ask by default. */
export async function mayI(request: KubeRequest, right: Right, signal: AbortSignal): Promise<boolean | Unavailable> {
  const spec = 'path' in right ? { nonResourceAttributes: { ...right } } : { resourceAttributes: { ...right } }
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
  const answer = await request(path, signal, { method: 'POST', body })
  if ('failure' in answer) return unavailable(answer.failure.reason, answer.failure.detail)
  const allowed = allowedOf(answer.body)
  return allowed ?? unavailable('malformed', 'The API server answered an access review without saying yes or no.')
}

function allowedOf(body: Buffer): boolean | undefined {
  try {
    const review: unknown = JSON.parse(body.toString('utf8'))
    const status = isRecord(review) ? review['status'] : undefined
    const allowed = isRecord(status) ? status['allowed'] : undefined
    return typeof allowed === 'boolean' ? allowed : undefined
  } catch {
    return undefined
  }
}
