// Reads the structured files that an API server or scheduler names, up to their fields.
// May not: take for granted what the component would refuse; a file it would not start on tells nothing of what runs.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import { isObject, type JsonObject, own, readKindDocument, short } from '../nodes/kubelet-document.ts'
import type { Json } from '../nodes/kubelet-fields.ts'
import type { Running } from './running.ts'

export interface ComponentDocument {
  readonly document: JsonObject
  /** Path as the component names it, with a note where it was changed since. */
  readonly source: string
}

export interface DocumentKind {
  readonly kinds: readonly string[]
  readonly group: RegExp
  /** Read again while the component runs, so that a later change holds. */
  readonly isReloaded: boolean
}

export const authorizationKind: DocumentKind = {
  kinds: ['AuthorizationConfiguration'],
  group: /^apiserver\.config\.k8s\.io\/v1(?:alpha1|beta1)?$/,
  isReloaded: true,
}
export const authenticationKind: DocumentKind = {
  kinds: ['AuthenticationConfiguration'],
  group: /^apiserver\.config\.k8s\.io\/v1(?:alpha1|beta1)?$/,
  isReloaded: true,
}
export const encryptionKind: DocumentKind = {
  kinds: ['EncryptionConfiguration', 'EncryptionConfig'],
  group: /^(?:apiserver\.config\.k8s\.io\/v1|v1)$/,
  isReloaded: false,
}
export const admissionKind: DocumentKind = {
  kinds: ['AdmissionConfiguration'],
  group: /^(?:apiserver\.config\.k8s\.io|apiserver\.k8s\.io)\/v1(?:alpha1|beta1)?$/,
  isReloaded: false,
}
export const auditPolicyKind: DocumentKind = { kinds: ['Policy'], group: /^audit\.k8s\.io\/v1$/, isReloaded: false }
export const schedulerKind: DocumentKind = {
  kinds: ['KubeSchedulerConfiguration'],
  group: /^kubescheduler\.config\.k8s\.io\/v1(?:beta[123])?$/,
  isReloaded: false,
}

/** The document at a path that the component names. */
export function readDocument(running: Running, path: string, wanted: DocumentKind): ComponentDocument | Unavailable {
  const text = readText(running, path)
  if (isUnavailable(text)) return text
  const read = readKindDocument(text.content, { uniqueKeys: false }, (document) => checkKind(document, wanted))
  if ('refused' in read) {
    const why = `${path}: ${short(read.refused)}, so that what ${running.name} runs with is not what the file says.`
    return unavailable('malformed', why)
  }
  const isStale = text.isEdited && !wanted.isReloaded
  return { document: read.document, source: isStale ? `${path} (edited after ${running.name} started)` : path }
}

/** etcd's file has no kind. `data-dir` of it, where a component names one. */
export function readPlainDocument(running: Running, path: string): ComponentDocument | Unavailable {
  const text = readText(running, path)
  if (isUnavailable(text)) return text
  const read = readKindDocument(text.content, { uniqueKeys: false }, () => undefined)
  if ('refused' in read) return unavailable('malformed', `${path}: ${short(read.refused)}.`)
  return { document: read.document, source: text.isEdited ? `${path} (edited after ${running.name} started)` : path }
}

function readText(
  running: Running,
  path: string,
): { readonly content: string; readonly isEdited: boolean } | Unavailable {
  const file = running.file(path)
  if (isUnavailable(file)) return unavailable(file.unavailable.reason, `${path}: ${file.unavailable.detail}`)
  if (file === undefined) {
    return unavailable('not-found', `${path}, which ${running.place} names, does not exist on the host any more.`)
  }
  return file
}

function checkKind(document: JsonObject, { kinds, group }: DocumentKind): string | undefined {
  const kind = own(document, 'kind')
  const version = own(document, 'apiVersion')
  if (typeof kind === 'string' && kinds.includes(kind) && typeof version === 'string' && group.test(version)) {
    return undefined
  }
  return `not a ${kinds[0]} of a version that is known`
}

export function child(object: JsonObject, key: string): JsonObject | undefined {
  const value = own(object, key)
  return value !== undefined && isObject(value) ? value : undefined
}

/** `undefined` for what is no list of mappings. An absent list is empty. */
export function objects(object: JsonObject, key: string): readonly JsonObject[] | undefined {
  const value = own(object, key) ?? null
  if (value === null) return []
  if (!isList(value) || !value.every((item) => isObject(item))) return undefined
  return value.filter((item) => isObject(item))
}

export function texts(object: JsonObject, key: string): string[] {
  const value = own(object, key) ?? null
  return isList(value) ? value.filter((item) => typeof item === 'string') : []
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Passes a reason on, or makes a value of what was read. */
export function map<A, B>(observed: Observed<A>, change: (value: A, source: string) => Observed<B>): Observed<B> {
  return isUnavailable(observed) ? observed : change(observed.value, observed.source)
}
