// Reads the text of a kubelet configuration file or drop-in as the kubelet's YAML and JSON readers do, up to a plain object.
// May not: know the configuration's fields. Never throws, whatever the text.
import { Composer, type Document, isScalar, Parser, visit } from 'yaml'
import type { Json } from './kubelet-fields.ts'

export type JsonObject = { readonly [key: string]: Json }
export type DocumentResult = { readonly document: JsonObject } | { readonly refused: string }

/** Aliases beyond this are an expansion attack, not a configuration. */
const maxAliasCount = 100

/** Deeper than any configuration; recursion stays bounded. */
const maxDepth = 100

export interface ReadOptions {
  /** Drop-ins are read strictly: a repeated key stops the kubelet. In the --config file the last one wins. */
  readonly uniqueKeys: boolean
}

export function readKubeletDocument(text: string, options: ReadOptions): DocumentResult {
  return readKindDocument(text, options, checkKind)
}

/** As `readKubeletDocument`, for other kinds of configuration: `check` says why it is not the kind wanted. */
export function readKindDocument(
  text: string,
  options: ReadOptions,
  check: (document: JsonObject) => string | undefined,
): DocumentResult {
  if (text === '') return { refused: 'the file is empty' }
  // Parser and conversion throw on hostile text (depth, aliases); whatever it is, the kubelet would not start on it either.
  try {
    return readDocument(text, options, check)
  } catch (error) {
    return { refused: `not YAML: ${error instanceof Error ? short(error.message) : 'cannot be read'}` }
  }
}

function readDocument(
  text: string,
  { uniqueKeys }: ReadOptions,
  check: (document: JsonObject) => string | undefined,
): DocumentResult {
  const json = text.trimStart().startsWith('{') ? parseJson(text) : undefined
  const first = json === undefined || uniqueKeys ? firstDocument(text) : undefined
  const repeated = uniqueKeys && first !== undefined ? findRepeatedKey(first) : undefined
  if (repeated !== undefined) return { refused: `the key "${short(repeated)}" stands twice in one mapping` }
  const problem = json === undefined ? first?.errors[0] : undefined
  if (problem) return { refused: `not YAML: ${short(problem.message.split('\n')[0] ?? '')}` }
  const value: unknown = json === undefined ? (first?.toJS({ maxAliasCount }) ?? null) : json.value
  if (!isJson(value, maxDepth)) return { refused: 'not YAML that has a JSON form' }
  if (!isObject(value)) return { refused: "Object 'Kind' is missing: the file is not a mapping" }
  const wrongKind = check(value)
  return wrongKind === undefined ? { document: value } : { refused: wrongKind }
}

function checkKind(document: JsonObject): string | undefined {
  const kind = own(document, 'kind')
  const apiVersion = own(document, 'apiVersion')
  if (typeof kind !== 'string' || kind === '') return "Object 'Kind' is missing"
  if (apiVersion !== 'kubelet.config.k8s.io/v1beta1' || kind !== 'KubeletConfiguration') {
    const version = typeof apiVersion === 'string' ? apiVersion : ''
    return `no kind "${short(kind)}" is registered for version "${short(version)}" (kubelet.config.k8s.io/v1beta1 KubeletConfiguration is wanted)`
  }
  return undefined
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return { value }
  } catch {
    return undefined
  }
}

/** The kubelet reads the first document and ignores further ones. */
function firstDocument(text: string): Document | undefined {
  const composer = new Composer({
    // The kubelet's library resolves YAML 1.1 ("yes" is true), but neither sexagesimal numbers nor dates.
    version: '1.1',
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isTime(tag.tag, tag.format)),
    // The library compares every key with every other; findRepeatedKey does not.
    uniqueKeys: false,
  })
  const [first] = composer.compose(new Parser().parse(text))
  return first
}

function findRepeatedKey(document: Document): string | undefined {
  let repeated: string | undefined
  visit(document, {
    Map: (_position, map) => {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : undefined
        if (name === undefined) continue
        if (seen.has(name)) {
          repeated = name
          return visit.BREAK
        }
        seen.add(name)
      }
      return undefined
    },
  })
  return repeated
}

function isTime(tag: string, format: string | undefined): boolean {
  return format === 'TIME' || tag.endsWith(':timestamp')
}

function isJson(value: unknown, depth: number): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (depth === 0 || typeof value !== 'object') return false
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth - 1))
  return (
    Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every((item) => isJson(item, depth - 1))
  )
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A key of the object itself, whatever its name. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** RFC 7386: objects merge key by key, null removes, everything else replaces. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const merged = new Map<string, Json>(target !== undefined && isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

/** Text of a host inside one of our sentences: bounded. */
export function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
