// Looks into values of unknown shape, as JSON and YAML parsers give them. May not: throw, or see inherited keys.

export type PlainRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A key of the record itself, whatever its name. */
export function ownValue(record: PlainRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** Entries whose values are records; none where the value is no record itself. */
export function entriesOf(value: unknown): [string, PlainRecord][] {
  return Object.entries(isRecord(value) ? value : {}).flatMap(([key, entry]) => (isRecord(entry) ? [[key, entry]] : []))
}

/** The texts of a list; none where it is no list. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
