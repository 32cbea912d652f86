// How an API server encrypts what it writes to etcd: the entries of its EncryptionConfiguration and which provider writes Secrets.
// May not: see a key. The names of providers are all that is left of the file.
import { isUnavailable, type Observed, unavailable } from '../../model/fact.ts'
import { isObject, type JsonObject, own, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'
import { child, encryptionKind, map, objects, readDocument, texts } from './documents.ts'
import type { Settings } from './settings.ts'

const providers: readonly string[] = ['aesgcm', 'aescbc', 'secretbox', 'kms', 'identity']

export interface EncryptionEntry {
  readonly resources: string[]
  readonly providers: string[]
}

export interface Encryption {
  readonly file: Observed<string>
  readonly entries: Observed<EncryptionEntry[]>
  readonly secretsProvider: Observed<string>
}

export function readEncryption(settings: Settings): Encryption {
  const file = settings.text('encryption-provider-config')
  const entries = map(file, (path, source): Observed<EncryptionEntry[]> => {
    if (path === '') return { value: [], source }
    return readEntries(settings, path)
  })
  const secretsProvider = map(entries, (list, source): Observed<string> => {
    const holder = list.find((entry) => entry.resources.some(coversSecrets))
    return { value: holder?.providers[0] ?? 'identity', source }
  })
  return { file, entries, secretsProvider }
}

/** Names with their group, "*." for the core group, "*.*" for everything. */
function coversSecrets(resource: string): boolean {
  return ['secrets', 'secrets.', '*.', '*.*'].includes(resource)
}

function readEntries(settings: Settings, path: string): Observed<EncryptionEntry[]> {
  const isReloaded = settings.bool('encryption-provider-config-automatic-reload', false)
  const kind = { ...encryptionKind, isReloaded: !isUnavailable(isReloaded) && isReloaded.value }
  const read = readDocument(settings.running, path, kind)
  if (isUnavailable(read)) return read
  if (holdsUnknownField(read.document)) {
    return unavailable('malformed', `${short(path)} has a field that the API server does not know, and refuses.`)
  }
  const entries = objects(read.document, 'resources')?.map(toEntry)
  if (entries === undefined || entries.length === 0 || entries.includes(undefined)) {
    return unavailable('malformed', `${short(path)} is no configuration that the API server would start with.`)
  }
  return { value: entries.filter((entry) => entry !== undefined), source: read.source }
}

/** Each provider is a mapping with one key: its name. */
function toEntry(entry: JsonObject): EncryptionEntry | undefined {
  const list = objects(entry, 'providers')
  const resources = texts(entry, 'resources')
  if (list === undefined || list.length === 0 || resources.length === 0) return undefined
  const names = list.map((provider) => Object.keys(provider))
  if (names.some(([name = '', ...others]) => others.length > 0 || !providers.includes(name))) return undefined
  if (!list.every(hasKnownPluginVersion)) return undefined
  return { resources, providers: names.flat() }
}

/** Of a kms provider's protocol; v1 where none is named. */
function hasKnownPluginVersion(provider: JsonObject): boolean {
  const kms = child(provider, 'kms')
  return kms === undefined || ['v1', 'v2'].some((version) => (own(kms, 'apiVersion') ?? 'v1') === version)
}

/** The collector keeps the names of known fields only, because another may be a key in the wrong place. */
function holdsUnknownField(value: Json): boolean {
  if (isList(value)) return value.some(holdsUnknownField)
  return (
    isObject(value) && Object.entries(value).some(([key, below]) => key === '<redacted>' || holdsUnknownField(below))
  )
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
