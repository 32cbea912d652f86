// Gives the kubelet's command-line flags their values, by the rules of each flag's type, repetition included.
// May not: know about files or defaults.
import type { FlagOccurrence } from './flags.ts'
import { formatGoDuration, parseGoBool, parseGoDuration, parseGoInt } from './go-values.ts'
import type { Json } from './kubelet-fields.ts'
import type { KubeletFlagType } from './kubelet-flags.ts'

/** `undefined`: the kubelet refuses the text. */
type Value = Json | undefined

/** The value that all occurrences of one flag give together: the last one for scalars, the sum for lists and maps. */
export function flagValue(type: KubeletFlagType, occurrences: readonly FlagOccurrence[]): Value {
  const texts = occurrences.map((occurrence) => occurrence.value)
  switch (type) {
    case 'strings':
      return concatenate(texts.map(parseCsv))
    case 'stringMap':
      return mergePairs(texts.flatMap(splitCommas), '=')
    case 'labels':
      return mergePairs(
        texts.flatMap(splitCommas).map((label) => (label.includes('=') ? label : `${label}=`)),
        '=',
      )
    case 'stringMapNoSplit':
      return mergePairs(texts, '=')
    case 'thresholdMap':
      return mergePairs(texts.flatMap(splitCommas), '<')
    case 'headerMap':
      return mergeHeaders(texts.flatMap(splitCommas))
    case 'boolMap':
      return mergeBools(texts.flatMap(splitCommas))
    case 'memoryReservations':
      return concatenate(texts.map(parseMemoryReservations))
    case 'bool':
    case 'int32':
    case 'int64':
    case 'string':
    case 'ip':
    case 'duration':
    case 'quantity':
    case 'taints':
    case 'vmodule':
      return lastScalar(type, texts)
  }
}

type ScalarType = Exclude<
  KubeletFlagType,
  | 'strings'
  | 'stringMap'
  | 'labels'
  | 'stringMapNoSplit'
  | 'thresholdMap'
  | 'headerMap'
  | 'boolMap'
  | 'memoryReservations'
>

/** Every occurrence is parsed, so a bad one is refused even when a later one is good. */
function lastScalar(type: ScalarType, texts: readonly string[]): Value {
  const values = texts.map((text) => parseScalar(type, text))
  return values.includes(undefined) ? undefined : values.at(-1)
}

function parseScalar(type: ScalarType, text: string): Value {
  switch (type) {
    case 'bool':
      return parseGoBool(text)
    case 'int32':
      return parseGoInt(text, 32)
    case 'int64':
      return parseGoInt(text, 64)
    case 'duration': {
      const nanoseconds = parseGoDuration(text)
      return nanoseconds === undefined ? undefined : formatGoDuration(nanoseconds)
    }
    case 'ip':
      return text === '' || /^[0-9a-fA-F:.]+$/.test(text) ? text : undefined
    case 'string':
    case 'quantity':
      return text
    case 'taints':
      return text === '' ? null : text.split(',')
    case 'vmodule':
      return text === '' ? [] : text.split(',')
  }
}

function splitCommas(text: string): readonly string[] {
  return text.split(',').filter((part) => part !== '')
}

function concatenate(lists: readonly (readonly Json[] | undefined)[]): Value {
  return lists.some((list) => list === undefined) ? undefined : lists.flatMap((list) => list ?? [])
}

/** One line of encoding/csv: fields may be quoted, a quote is doubled inside. */
export function parseCsv(text: string): readonly string[] | undefined {
  if (text === '') return []
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|$)/y
  let more = true
  while (more) {
    const match = field.exec(text)
    if (!match) return undefined
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    more = match[3] === ','
  }
  return fields
}

function pair(text: string, separator: string): readonly [string, string] | undefined {
  const at = text.indexOf(separator)
  return at < 0 ? undefined : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

function mergePairs(parts: readonly string[], separator: string): Value {
  const pairs = parts.map((part) => pair(part, separator))
  return pairs.includes(undefined) ? undefined : Object.fromEntries(pairs.filter((entry) => entry !== undefined))
}

function mergeBools(parts: readonly string[]): Value {
  const merged = new Map<string, boolean>()
  for (const part of parts) {
    const [name, text] = pair(part, '=') ?? []
    const value = text === undefined ? undefined : parseGoBool(text)
    if (name === undefined || value === undefined) return undefined
    merged.set(name, value)
  }
  return Object.fromEntries(merged)
}

function mergeHeaders(parts: readonly string[]): Value {
  const merged = new Map<string, string[]>()
  for (const part of parts) {
    const entry = pair(part, ':')
    if (entry === undefined) return undefined
    merged.set(entry[0], [...(merged.get(entry[0]) ?? []), entry[1]])
  }
  return Object.fromEntries(merged)
}

/** 0:memory=1Gi,hugepages-2Mi=4Mi;1:memory=2Gi */
function parseMemoryReservations(text: string): readonly Json[] | undefined {
  if (text === '') return []
  const reservations = text.split(';').map((part): Json | undefined => {
    const match = /^(\d+):([^:]+)$/.exec(part)
    const limits = match ? mergePairs((match[2] ?? '').split(','), '=') : undefined
    return match && limits !== undefined ? { numaNode: Number(match[1]), limits } : undefined
  })
  return reservations.every((reservation) => reservation !== undefined) ? reservations : undefined
}
