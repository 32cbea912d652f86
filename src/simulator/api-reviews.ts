// Answers SelfSubjectAccessReview as a server does whose only rights that are missing are those it was told.
import { isObject } from './api-provider.ts'

export const accessReviewPath = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'

/** The review as it is answered. `denied` holds "list secrets", "get pods/log" or "get /flagz". */
export function reviewAccess(text: string, denied: readonly string[]): string {
  const review: unknown = JSON.parse(text)
  const spec = isObject(review) && isObject(review['spec']) ? review['spec'] : {}
  const asked = questionOf(spec)
  return JSON.stringify({ ...(isObject(review) ? review : {}), status: { allowed: !denied.includes(asked) } })
}

function questionOf(spec: Record<string, unknown>): string {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec
  if (isObject(path)) return `${String(path['verb'])} ${String(path['path'])}`
  if (!isObject(resource)) return ''
  const sub = resource['subresource'] === undefined ? '' : `/${String(resource['subresource'])}`
  return `${String(resource['verb'])} ${String(resource['resource'])}${sub}`
}
