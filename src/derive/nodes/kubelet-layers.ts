// Builds the part of a kubelet's configuration that files give: built-in defaults < --config file < --config-dir drop-ins.
// May not: apply flags to fields, or throw for what a file holds.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { listDirectory, type PresentFile, readFile } from './host.ts'
import {
  decodeConfiguration,
  encodeConfiguration,
  type KubeletValues,
  kubeletLeaves,
  zeroValues,
} from './kubelet-decode.ts'
import { applyDefaults } from './kubelet-defaults.ts'
import { isObject, type JsonObject, mergePatch, own, readKubeletDocument } from './kubelet-document.ts'
import {
  defaultEvictionHard,
  isStruct,
  type Json,
  kubeletConfigurationFields,
  legacyDefaults,
  type StructField,
} from './kubelet-fields.ts'

/** What the kubelet would not start on. */
export interface Refusal {
  readonly refused: string
}

export interface LayerSources {
  readonly host: HostEvidence
  /** Of --config; absent when the flag is not given. */
  readonly configurationFile: string | undefined
  /** Of --config-dir. */
  readonly dropInFolder: string | undefined
  readonly minor: number | undefined
  /** "default of kubelet 1.34". */
  readonly defaultText: string
  /** How a file is named as a source. */
  readonly describe: (file: PresentFile) => string
  /** Called for every file that was read, in order of precedence, whether or not the kubelet takes it. */
  readonly onRead: (file: PresentFile) => void
}

export interface Layers {
  readonly values: KubeletValues
  /** Where each value came from. */
  readonly sources: ReadonlyMap<string, string>
  /** Leaves whose default depends on a kubelet version that is not known. */
  readonly undetermined: ReadonlySet<string>
}

interface Draft {
  values: KubeletValues
  sources: Map<string, string>
  undetermined: ReadonlySet<string>
}

export function readLayers(from: LayerSources): Layers | Refusal | Unavailable {
  const base = from.configurationFile === undefined ? withoutFile(from) : fromFile(from, from.configurationFile)
  if ('refused' in base || isUnavailable(base) || from.dropInFolder === undefined) return base
  return mergeDropIns(from, from.dropInFolder, base)
}

/** The insecure values that command lines without --config always had. */
function withoutFile(from: LayerSources): Draft {
  const draft: Draft = { values: zeroValues(), sources: new Map(), undetermined: new Set() }
  setDefaults(draft, from)
  for (const { path, value } of legacyDefaults) {
    draft.values.set(path, value)
    draft.sources.set(path, `${from.defaultText} without --config`)
  }
  return draft
}

function fromFile(from: LayerSources, path: string): Draft | Refusal | Unavailable {
  const file = readFile(from.host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return { refused: `${path} does not exist` }
  from.onRead(file)
  if (file.lossy) return { refused: `${path} is not UTF-8` }
  const read = readKubeletDocument(file.content, { uniqueKeys: false })
  if ('refused' in read) return { refused: `${path}: ${read.refused}` }
  const decoded = decodeConfiguration(read.document, false)
  if ('refused' in decoded) return { refused: `${path}: ${decoded.refused}` }
  const source = from.describe(file)
  const draft: Draft = {
    values: decoded.values,
    sources: new Map(decoded.present.map((leaf) => [leaf, source])),
    undetermined: new Set(),
  }
  setDefaults(draft, from)
  resolvePaths(draft.values, path)
  setEvictionThresholds(draft, from)
  return draft
}

function mergeDropIns(from: LayerSources, folder: string, draft: Draft): Draft | Refusal | Unavailable {
  const entries = listDirectory(from.host, folder)
  if (isUnavailable(entries)) return entries
  if (entries === undefined) return { refused: `the drop-in folder ${folder} does not exist` }
  const sources = new Map(draft.sources)
  let document: JsonObject = encodeConfiguration(draft.values)
  for (const entry of inWalkOrder(entries)) {
    const dropIn = readDropIn(from, `${folder}/${entry}`)
    if ('refused' in dropIn || isUnavailable(dropIn)) return dropIn
    recordSources(kubeletConfigurationFields, dropIn.document, '', from.describe(dropIn.file), sources)
    const merged = mergePatch(document, dropIn.document)
    if (isObject(merged)) document = merged
  }
  const decoded = decodeConfiguration(document, true)
  if ('refused' in decoded) return { refused: `the drop-ins in ${folder}: ${decoded.refused}` }
  const result: Draft = { values: decoded.values, sources, undetermined: new Set() }
  setDefaults(result, from)
  return result
}

function readDropIn(
  from: LayerSources,
  path: string,
): { readonly file: PresentFile; readonly document: JsonObject } | Refusal | Unavailable {
  const file = readFile(from.host, path)
  if (isUnavailable(file)) return file
  if (file === undefined) return unavailable('not-found', `${path} was listed, but was gone when it was read.`)
  from.onRead(file)
  if (file.lossy) return { refused: `${path} is not UTF-8` }
  const read = readKubeletDocument(file.content, { uniqueKeys: true })
  return 'refused' in read ? { refused: `${path}: ${read.refused}` } : { file, document: read.document }
}

/** Only names that end in ".conf"; a folder stands where its own name sorts, its files follow. */
function inWalkOrder(entries: readonly string[]): readonly string[] {
  return entries.filter((entry) => entry.endsWith('.conf')).sort((a, b) => comparePaths(a.split('/'), b.split('/')))
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  if (at < 0) return a.length - b.length
  return compareText(a[at] ?? '', b[at] ?? '')
}

function recordSources(
  struct: StructField,
  patch: JsonObject,
  prefix: string,
  source: string,
  sources: Map<string, string>,
): void {
  for (const key of Object.keys(patch)) {
    const name = Object.keys(struct.fields).find((field) => field.toLowerCase() === key.toLowerCase())
    const field = name === undefined ? undefined : struct.fields[name]
    const value = own(patch, key)
    if (field === undefined || value === undefined) continue
    const path = `${prefix}${name}`
    if (value === null) forget(path, sources)
    else if (!isStruct(field)) sources.set(path, mapSource(value, sources.get(path), source))
    else if (isObject(value)) recordSources(field, value, `${path}.`, source, sources)
  }
}

/** A map merges key by key, so every file that gave keys is named. */
function mapSource(value: Json, earlier: string | undefined, source: string): string {
  return isObject(value) && earlier?.startsWith('/') ? `${earlier}, ${source}` : source
}

function forget(path: string, sources: Map<string, string>): void {
  for (const key of [...sources.keys()]) if (key === path || key.startsWith(`${path}.`)) sources.delete(key)
}

function setDefaults(draft: Draft, from: LayerSources): void {
  const written = new Map(draft.values)
  const { defaulted, undetermined } = applyDefaults(draft.values, from.minor)
  draft.undetermined = undetermined
  for (const path of defaulted) {
    const earlier = draft.sources.get(path)
    const isOverruled = earlier?.startsWith('/') === true && draft.values.get(path) !== written.get(path)
    if (isOverruled) {
      const text = JSON.stringify(written.get(path)).replaceAll('"', '')
      draft.sources.set(path, `${from.defaultText} (${text === '' ? 'empty' : text} in ${earlier} counts as unset)`)
    } else if (earlier === undefined) draft.sources.set(path, from.defaultText)
  }
  for (const path of kubeletLeaves.keys()) if (!draft.sources.has(path)) draft.sources.set(path, from.defaultText)
}

/** Thresholds come only with a --config file, and before the drop-ins. */
function setEvictionThresholds(draft: Draft, from: LayerSources): void {
  const written = draft.values.get('evictionHard') ?? null
  if (written === null) {
    draft.values.set('evictionHard', defaultEvictionHard)
    draft.sources.set('evictionHard', from.defaultText)
  } else if (isObject(written) && draft.values.get('mergeDefaultEvictionSettings') === true) {
    draft.values.set('evictionHard', { ...defaultEvictionHard, ...written })
  }
}

function resolvePaths(values: KubeletValues, file: string): void {
  const folder = file.replace(/\/[^/]*$/, '')
  for (const [path, field] of kubeletLeaves) {
    const value = values.get(path)
    if (field.path && typeof value === 'string' && value !== '' && !value.startsWith('/')) {
      values.set(path, joinPath(folder, value))
    }
  }
}

/** path.Join: "." and ".." resolved. */
function joinPath(folder: string, relative: string): string {
  const parts: string[] = []
  for (const part of `${folder}/${relative}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
