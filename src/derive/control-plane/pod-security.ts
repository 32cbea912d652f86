// What the API server's Pod Security admission does where a namespace says nothing, and whom it leaves out.
// Inline in AdmissionConfiguration, or in a file of its own that it names.
// May not: take a file that could not be read for one that changes nothing.
import { posix } from 'node:path'
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { type JsonObject, own, short } from '../nodes/kubelet-document.ts'
import { admissionKind, child, type DocumentKind, map, objects, readDocument, texts } from './documents.ts'
import type { Settings } from './settings.ts'

type ApiServer = FactValue<'apiServer'>
type Defaults = ApiServer['podSecurityDefaults']
type Exemptions = ApiServer['podSecurityExemptions']

const podSecurityKind: DocumentKind = {
  kinds: ['PodSecurityConfiguration'],
  group: /^pod-security\.admission\.config\.k8s\.io\/v1(?:alpha1|beta1)?$/,
  isReloaded: false,
}

const levels: ReadonlySet<string> = new Set(['privileged', 'baseline', 'restricted'])

export interface PodSecuritySettings {
  readonly defaults: Defaults
  readonly exemptions: Exemptions
}

/** As Kubernetes' own code fills them in: privileged and latest, nobody exempt. */
export function readPodSecurity(settings: Settings): PodSecuritySettings {
  const found = pluginConfiguration(settings, 'PodSecurity', podSecurityKind)
  if (isUnavailable(found)) return { defaults: found, exemptions: found }
  const { document, source } = found
  const defaults = child(document, 'defaults') ?? {}
  const exemptions = child(document, 'exemptions') ?? {}
  const text = (key: string, otherwise: string) => {
    const value = own(defaults, key)
    return typeof value === 'string' && value !== '' ? value : otherwise
  }
  const written = ['enforce', 'audit', 'warn'].map((mode) => text(mode, 'privileged'))
  const wrong = written.find((level) => !levels.has(level))
  if (wrong !== undefined) {
    const detail = `${short(source)} has the level "${short(wrong)}", which the API server would refuse.`
    const broken = unavailable('malformed', detail)
    return { defaults: broken, exemptions: broken }
  }
  return {
    defaults: {
      value: {
        enforce: text('enforce', 'privileged'),
        enforceVersion: text('enforce-version', 'latest'),
        audit: text('audit', 'privileged'),
        auditVersion: text('audit-version', 'latest'),
        warn: text('warn', 'privileged'),
        warnVersion: text('warn-version', 'latest'),
      },
      source,
    },
    exemptions: {
      value: {
        usernames: texts(exemptions, 'usernames'),
        namespaces: texts(exemptions, 'namespaces'),
        runtimeClasses: texts(exemptions, 'runtimeClasses'),
      },
      source,
    },
  }
}

interface Found {
  readonly document: JsonObject
  readonly source: string
}

/** An empty document where no file configures the plug-in. */
export function pluginConfiguration(settings: Settings, name: string, kind: DocumentKind): Found | Unavailable {
  const file = settings.text('admission-control-config-file')
  if (isUnavailable(file)) return file
  if (file.value === '') return { document: {}, source: file.source }
  const read = readDocument(settings.running, file.value, admissionKind)
  if (isUnavailable(read)) return read
  const plugin = objects(read.document, 'plugins')?.find((one) => own(one, 'name') === name)
  if (plugin === undefined) return { document: {}, source: `${read.source}: no plug-in ${name}` }
  const inline = child(plugin, 'configuration')
  if (inline !== undefined) return { document: inline, source: read.source }
  const path = own(plugin, 'path')
  if (typeof path !== 'string' || path === '') return { document: {}, source: read.source }
  return readDocument(settings.running, posix.resolve(posix.dirname(file.value), path), kind)
}

const imagePolicyKind: DocumentKind = {
  kinds: ['ImagePolicyWebhookConfiguration', 'ImageReviewConfiguration'],
  group: /^imagepolicy\.k8s\.io\/v1alpha1$/,
  isReloaded: false,
}

/** CIS 5.5.1: whether images are let in while the image policy's backend does not answer. Value absent: it is not configured. */
export function readImagePolicy(settings: Settings): ApiServer['imagePolicyDefaultAllow'] {
  const found = pluginConfiguration(settings, 'ImagePolicyWebhook', imagePolicyKind)
  if (isUnavailable(found)) return found
  const policy = child(found.document, 'imagePolicy')
  if (policy === undefined) return { source: found.source }
  const allow = own(policy, 'defaultAllow') ?? false
  if (typeof allow === 'boolean') return { value: allow, source: found.source }
  return unavailable('malformed', `imagePolicy.defaultAllow of ${short(found.source)} is neither true nor false.`)
}

/** CIS 3.1: ways besides client certificates and ServiceAccount tokens by which people can be known, such as "OIDC https://…". */
export function readUserAuthenticators(settings: Settings, kind: DocumentKind): Observed<string[]> {
  // Not the headers of a proxy: the aggregation layer sets them for itself, and whether people come that way is not to be told.
  const flags: readonly (readonly [string, string])[] = [
    ['oidc-issuer-url', 'OpenID Connect'],
    ['authentication-token-webhook-config-file', 'token webhook'],
  ]
  const found: string[] = []
  for (const [flag, words] of flags) {
    const value = settings.text(flag)
    if (isUnavailable(value)) return value
    if (value.value !== '') found.push(`${words} (${settings.flagSource(flag)})`)
  }
  return map(settings.text('authentication-config'), (path, source): Observed<string[]> => {
    if (path === '') return { value: found, source }
    const read = readDocument(settings.running, path, kind)
    if (isUnavailable(read)) return read
    const issuers = objects(read.document, 'jwt')
    if (issuers === undefined) return unavailable('malformed', `${short(path)} has no list of issuers.`)
    return { value: [...found, ...issuers.map(() => `OpenID Connect (jwt of ${path})`)], source: read.source }
  })
}
