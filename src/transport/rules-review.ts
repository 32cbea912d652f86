// Asks the API server for all that the audit's own user may do in a namespace (SelfSubjectRulesReview). The server answers and keeps nothing.
// May not: take a rule that is not listed for a right that is not there: authorizers besides RBAC need not list theirs.
import { z } from 'zod'
import { type Unavailable, unavailable } from '../model/fact.ts'
import type { Right } from './access-review.ts'
import type { KubeRequest } from './kube.ts'

const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
const texts = z.array(z.string()).nullish()

const resourceRuleSchema = z.looseObject({
  verbs: z.array(z.string()),
  apiGroups: texts,
  resources: texts,
  resourceNames: texts,
})
const pathRuleSchema = z.looseObject({ verbs: z.array(z.string()), nonResourceURLs: texts })
const reviewSchema = z.looseObject({
  status: z.looseObject({
    incomplete: z.boolean().optional(),
    resourceRules: z.array(resourceRuleSchema).nullish(),
    nonResourceRules: z.array(pathRuleSchema).nullish(),
  }),
})

export interface ResourceRule {
  readonly verbs: readonly string[]
  readonly groups: readonly string[]
  readonly resources: readonly string[]
  /** Empty: all names. */
  readonly names: readonly string[]
}

export interface GrantedRules {
  readonly resources: readonly ResourceRule[]
  readonly paths: readonly { readonly verbs: readonly string[]; readonly paths: readonly string[] }[]
  /** Whether the server says that there may be more. */
  readonly isIncomplete: boolean
}

/** A namespace that cannot be: what is granted there is granted everywhere. */
export const everywhere = 'kube-assay.no-such-namespace'

export async function readRules(
  request: KubeRequest,
  namespace: string,
  signal: AbortSignal,
): Promise<GrantedRules | Unavailable> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } }
  const answer = await request(path, signal, { method: 'POST', body })
  if ('failure' in answer) return unavailable(answer.failure.reason, answer.failure.detail)
  const status = statusOf(answer.body)
  if (status === undefined) return unavailable('malformed', 'The API server answered a rules review without rules.')
  return {
    isIncomplete: status.incomplete ?? false,
    resources: (status.resourceRules ?? []).map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs,
      groups: apiGroups ?? [],
      resources: resources ?? [],
      names: resourceNames ?? [],
    })),
    paths: (status.nonResourceRules ?? []).map(({ verbs, nonResourceURLs }) => ({
      verbs,
      paths: nonResourceURLs ?? [],
    })),
  }
}

function statusOf(body: Buffer): z.infer<typeof reviewSchema>['status'] | undefined {
  try {
    return reviewSchema.safeParse(JSON.parse(body.toString('utf8'))).data?.status
  } catch {
    return undefined
  }
}

/** Whether the rules grant the right for every name. The server's own matching: kubernetes pkg/apis/rbac/v1/evaluation_helpers.go. */
export function grants({ resources, paths }: GrantedRules, right: Right): boolean {
  if ('path' in right)
    return paths.some((rule) => has(rule.verbs, right.verb) && rule.paths.some((one) => matchesPath(one, right.path)))
  return resources.some(
    (rule) =>
      rule.names.length === 0 &&
      has(rule.verbs, right.verb) &&
      has(rule.groups, right.group) &&
      rule.resources.some((one) => matchesResource(one, right)),
  )
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted)
}

function matchesPath(rule: string, path: string): boolean {
  return rule === '*' || rule === path || (rule.endsWith('*') && path.startsWith(rule.replace(/\*+$/, '')))
}

function matchesResource(rule: string, { resource, subresource }: Exclude<Right, { path: string }>): boolean {
  if (rule === '*') return true
  if (subresource === undefined) return rule === resource
  return rule === `${resource}/${subresource}` || rule === `*/${subresource}`
}
