// Decodes a configuration document into the leaves of KubeletConfiguration, and encodes leaves for a merge, as Go's encoding/json
// does with the v1beta1 type. May not: apply a default.
import { formatGoDuration, isGoInt, parseGoDuration } from './go-values.ts'
import { isObject, type JsonObject, own, short } from './kubelet-document.ts'
import {
  type Field,
  isStruct,
  type Json,
  kubeletConfigurationFields,
  type LeafField,
  type StructField,
  zeroOf,
} from './kubelet-fields.ts'

/** Values by leaf path, such as "authentication.anonymous.enabled". Every leaf has an entry; durations as Go prints them. */
export type KubeletValues = Map<string, Json>

function collectLeaves(struct: StructField, prefix: string): readonly (readonly [string, LeafField])[] {
  return Object.entries(struct.fields).flatMap(([name, field]) =>
    isStruct(field) ? collectLeaves(field, `${prefix}${name}.`) : [[`${prefix}${name}`, field] as const],
  )
}

/** All leaves with their paths. */
export const kubeletLeaves: ReadonlyMap<string, LeafField> = new Map(collectLeaves(kubeletConfigurationFields, ''))

export function zeroValues(): KubeletValues {
  return new Map([...kubeletLeaves].map(([path, field]) => [path, zeroOf(field)]))
}

export interface Decoded {
  readonly values: KubeletValues
  /** Leaves that the document names with a value. */
  readonly present: readonly string[]
}

/** Thrown and caught within this file only. */
class Mismatch extends Error {}

/**
 * `anyCase`: the merged result of drop-ins is read by Go's standard decoder, which takes a field's name in any case;
 * the --config file's reader does not. Unknown fields are ignored by both.
 */
export function decodeConfiguration(document: JsonObject, anyCase: boolean): Decoded | { readonly refused: string } {
  const values = zeroValues()
  const present: string[] = []
  try {
    decodeStruct(kubeletConfigurationFields, document, '', { values, present, anyCase })
  } catch (error) {
    if (error instanceof Mismatch) return { refused: error.message }
    throw error
  }
  return { values, present }
}

interface Context {
  readonly values: KubeletValues
  readonly present: string[]
  readonly anyCase: boolean
}

function decodeStruct(struct: StructField, document: JsonObject, prefix: string, context: Context): void {
  // Go writes the merged document with sorted keys, so of two spellings of a field the later in that order wins.
  const keys = context.anyCase ? Object.keys(document).sort() : Object.keys(document)
  for (const key of keys) {
    const name = fieldName(struct, key, context.anyCase)
    const field = name === undefined ? undefined : struct.fields[name]
    const value = own(document, key)
    if (field !== undefined && value !== undefined) decodeField(field, value, `${prefix}${name}`, context)
  }
}

function fieldName(struct: StructField, key: string, anyCase: boolean): string | undefined {
  if (Object.hasOwn(struct.fields, key)) return key
  if (!anyCase) return undefined
  const lower = key.toLowerCase()
  return Object.keys(struct.fields).find((name) => name.toLowerCase() === lower)
}

function decodeField(field: Field, value: Json, path: string, context: Context): void {
  if (isStruct(field)) {
    if (value === null) return
    if (!isObject(value)) throw mismatch(path, value, 'an object')
    decodeStruct(field, value, `${path}.`, context)
    return
  }
  // Go leaves a value alone on null, except that a duration reads its own text and finds none.
  if (value === null) {
    if (field.kind === 'duration' && !field.optional) throw new Mismatch(`${path}: invalid duration ""`)
    return
  }
  context.values.set(path, decodeLeaf(field, value, path))
  context.present.push(path)
}

interface Check {
  readonly accepts: (value: Json) => boolean
  readonly wanted: string
}

const isNumber = (value: Json): value is number => typeof value === 'number'
const isText = (value: Json): boolean => typeof value === 'string'
const isListOf = (test: (item: Json) => boolean) => (value: Json) => Array.isArray(value) && value.every(test)
const isMapOf = (test: (item: Json) => boolean) => (value: Json) => isObject(value) && Object.values(value).every(test)

/** Kinds whose JSON value is kept as it is. */
const checks: Readonly<Record<Exclude<LeafField['kind'], 'duration' | 'timeOrDuration' | 'quantity'>, Check>> = {
  bool: { accepts: (value) => typeof value === 'boolean', wanted: 'a boolean' },
  int32: { accepts: (value) => isNumber(value) && isGoInt(value, 32), wanted: 'a number of type int32' },
  int64: { accepts: (value) => isNumber(value) && isGoInt(value, 64), wanted: 'a number of type int64' },
  number: { accepts: isNumber, wanted: 'a number' },
  string: { accepts: isText, wanted: 'text' },
  strings: { accepts: isListOf(isText), wanted: 'a list of texts' },
  ints: { accepts: isListOf(isNumber), wanted: 'a list of numbers' },
  list: { accepts: Array.isArray, wanted: 'a list' },
  stringMap: { accepts: isMapOf(isText), wanted: 'a map of texts' },
  boolMap: { accepts: isMapOf((item) => typeof item === 'boolean'), wanted: 'a map of booleans' },
  listMap: { accepts: isMapOf(isListOf(isText)), wanted: 'a map of lists' },
  object: { accepts: isObject, wanted: 'an object' },
}

function decodeLeaf(field: LeafField, value: Json, path: string): Json {
  switch (field.kind) {
    case 'duration':
      return decodeDuration(path, value)
    case 'timeOrDuration':
      return isNumber(value) ? formatGoDuration(value) : decodeDuration(path, value)
    case 'quantity':
      if (!isText(value) && !isNumber(value)) throw mismatch(path, value, 'a quantity')
      return String(value)
    default: {
      const { accepts, wanted } = checks[field.kind]
      if (!accepts(value)) throw mismatch(path, value, wanted)
      return value
    }
  }
}

function decodeDuration(path: string, value: Json): Json {
  if (typeof value !== 'string') throw mismatch(path, value, 'a duration')
  const nanoseconds = parseGoDuration(value)
  if (nanoseconds === undefined) throw new Mismatch(`${path}: invalid duration "${short(value)}"`)
  return formatGoDuration(nanoseconds)
}

function mismatch(path: string, value: Json, wanted: string): Mismatch {
  return new Mismatch(`${path} is ${short(JSON.stringify(value))}, and ${wanted} is wanted`)
}

/** The values as a document, zero and empty ones left out where the Go type says omitempty. */
export function encodeConfiguration(values: KubeletValues): JsonObject {
  return encodeStruct(kubeletConfigurationFields, '', values)
}

function encodeStruct(struct: StructField, prefix: string, values: KubeletValues): JsonObject {
  const entries = Object.entries(struct.fields).flatMap(([name, field]): [string, Json][] => {
    if (isStruct(field)) return [[name, encodeStruct(field, `${prefix}${name}.`, values)]]
    const value = values.get(`${prefix}${name}`) ?? null
    return isOmitted(field, value) ? [] : [[name, value]]
  })
  return Object.fromEntries(entries)
}

function isOmitted(field: LeafField, value: Json): boolean {
  if (value === null) return true
  if (field.optional || field.kind === 'duration' || field.kind === 'timeOrDuration') return false
  if (Array.isArray(value)) return value.length === 0
  if (isObject(value)) return Object.keys(value).length === 0
  return value === zeroOf(field)
}
