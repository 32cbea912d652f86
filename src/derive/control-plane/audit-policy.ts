// What an audit policy records of the requests that matter most, CIS 3.2.2: the first rule that matches gives the level.
// May not: judge requests of system users, for which policies rightly record less.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import { type JsonObject, own, short } from '../nodes/kubelet-document.ts'
import { auditPolicyKind, map, objects, readDocument, texts } from './documents.ts'
import type { Settings } from './settings.ts'

const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
type Level = (typeof levels)[number]

interface TellingRequest {
  readonly verb: string
  readonly group: string
  readonly resource: string
  /** Bodies hold secrets, so that more than this is too much. */
  readonly most?: Level
}

export interface AuditLevel {
  readonly request: string
  readonly level: string
  readonly wanted: string
  readonly isEnough: boolean
}

const requests: readonly TellingRequest[] = [
  { verb: 'get', group: '', resource: 'secrets', most: 'Metadata' },
  { verb: 'update', group: '', resource: 'secrets', most: 'Metadata' },
  { verb: 'update', group: '', resource: 'configmaps', most: 'Metadata' },
  { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews', most: 'Metadata' },
  { verb: 'create', group: '', resource: 'pods' },
  { verb: 'update', group: 'apps', resource: 'deployments' },
  { verb: 'create', group: '', resource: 'pods/exec' },
  { verb: 'create', group: '', resource: 'pods/portforward' },
  { verb: 'create', group: '', resource: 'pods/proxy' },
  { verb: 'create', group: '', resource: 'services/proxy' },
]

/** For a user that no rule names, in a namespace that no rule names. Nothing is recorded without a policy. */
export function readAuditLevels(settings: Settings): Observed<AuditLevel[]> {
  return map(settings.text('audit-policy-file'), (path, source): Observed<AuditLevel[]> => {
    if (path === '') return { value: requests.map((request) => describe(request, 'None')), source }
    const read = readDocument(settings.running, path, auditPolicyKind)
    if (isUnavailable(read)) return read
    const rules = objects(read.document, 'rules')
    if (rules === undefined || rules.some((rule) => levelOf(rule) === undefined)) {
      return unavailable('malformed', `${short(path)} is no audit policy that the API server would start with.`)
    }
    const value = requests.map((request) => {
      const first = rules.find((rule) => matches(rule, request))
      return describe(request, (first && levelOf(first)) ?? 'None')
    })
    return { value, source: read.source }
  })
}

function levelOf(rule: JsonObject): Level | undefined {
  return levels.find((level) => level === own(rule, 'level'))
}

function matches(rule: JsonObject, { verb, group, resource }: TellingRequest): boolean {
  // A rule for some users or namespaces says nothing of the others.
  if (['users', 'userGroups', 'namespaces'].some((key) => texts(rule, key).length > 0)) return false
  const verbs = texts(rule, 'verbs')
  if (verbs.length > 0 && !verbs.includes(verb) && !verbs.includes('*')) return false
  const resources = objects(rule, 'resources') ?? []
  if (resources.length === 0) return texts(rule, 'nonResourceURLs').length === 0
  return resources.some((entry) => {
    if (texts(entry, 'resourceNames').length > 0 || (own(entry, 'group') ?? '') !== group) return false
    const names = texts(entry, 'resources')
    return names.length === 0 || names.some((name) => coversResource(name, resource))
  })
}

/** "pods" is the pods themselves, "pods/*" their subresources, "*" everything, a star before the slash any resource. */
function coversResource(name: string, resource: string): boolean {
  if (name === '*' || name === resource) return true
  const [wanted, wantedSub] = name.split('/')
  const [base, sub] = resource.split('/')
  if (sub === undefined || wantedSub === undefined) return false
  return (wanted === '*' && wantedSub === sub) || (wanted === base && wantedSub === '*')
}

function describe({ verb, group, resource, most }: TellingRequest, level: Level): AuditLevel {
  const name = `${verb} ${resource}${group === '' ? '' : `.${group}`}`
  const isTooMuch = most !== undefined && levels.indexOf(level) > levels.indexOf(most)
  return { request: name, level, wanted: most ?? 'Metadata or more', isEnough: level !== 'None' && !isTooMuch }
}
