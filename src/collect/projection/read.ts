// Reads single fields out of objects nobody has checked. A field of the wrong type is noted, never guessed at.
// May not: throw, or keep a reference to the raw object.

export type Raw = Readonly<Record<string, unknown>>

/** Where fields of the wrong type of one object are noted. The first one is what people are told. */
export class Problems {
  first: string | undefined
  note(field: string): void {
    this.first ??= field
  }
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** A nested object; absent and null are both absent, as the API server treats them. */
export function child(raw: Raw, key: string, problems: Problems): Raw | undefined {
  const value = raw[key]
  if (isRaw(value)) return value
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

export function text(raw: Raw, key: string, problems: Problems): string | undefined {
  const value = raw[key]
  if (typeof value === 'string') return value
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

export function bool(raw: Raw, key: string, problems: Problems): boolean | undefined {
  const value = raw[key]
  if (typeof value === 'boolean') return value
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

export function int(raw: Raw, key: string, problems: Problems): number | undefined {
  const value = raw[key]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

/** IntOrString, kept as text. */
export function numberOrText(raw: Raw, key: string, problems: Problems): string | undefined {
  const value = asQuantity(raw[key])
  if (value === undefined && !isAbsent(raw[key])) problems.note(key)
  return value
}

/** Objects of an array. */
export function list(raw: Raw, key: string, problems: Problems): readonly Raw[] | undefined {
  const value = raw[key]
  if (Array.isArray(value) && value.every(isRaw)) return value
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

export function texts(raw: Raw, key: string, problems: Problems): string[] | undefined {
  const value = raw[key]
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return [...value]
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

export function ints(raw: Raw, key: string, problems: Problems): number[] | undefined {
  const value = raw[key]
  if (Array.isArray(value) && value.every((item): item is number => Number.isSafeInteger(item))) return [...value]
  if (!isAbsent(value)) problems.note(key)
  return undefined
}

type Keep = (name: string) => boolean

/** A map of texts, keys sorted so that equal maps give equal JSON. `keep` narrows it; an empty map is absent. */
export function textMap(raw: Raw, key: string, problems: Problems, keep?: Keep): Record<string, string> | undefined {
  return readMap(child(raw, key, problems), { key, problems, keep, read: asText })
}

/** A map of quantities ("cpu": "100m", or 1 as manifests write it), as texts. */
export function quantities(raw: Raw, key: string, problems: Problems, keep?: Keep): Record<string, string> | undefined {
  return readMap(child(raw, key, problems), { key, problems, keep, read: asQuantity })
}

interface MapReading {
  readonly key: string
  readonly problems: Problems
  readonly keep: Keep | undefined
  readonly read: (value: unknown) => string | undefined
}

function readMap(map: Raw | undefined, { key, problems, keep, read }: MapReading): Record<string, string> | undefined {
  if (map === undefined) return undefined
  const entries: [string, string][] = []
  for (const name of Object.keys(map).sort()) {
    if (keep !== undefined && !keep(name)) continue
    const value = read(map[name])
    if (value === undefined) problems.note(`${key}.${name}`)
    else entries.push([name, value])
  }
  // fromEntries, not assignment: a key named __proto__ stays a key.
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function asQuantity(value: unknown): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : asText(value)
}

/** `{a: string | undefined}` without the undefined: `{a?: string}`. */
export type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** A copy without absent fields. */
export function present<T extends object>(fields: T): Present<T>
export function present(fields: Raw): Raw {
  const result: Record<string, unknown> = {}
  for (const key in fields) if (fields[key] !== undefined) result[key] = fields[key]
  return result
}

/**
 * As `present` to the type checker, without the copy: absent fields stay as undefined, which JSON leaves out. For what ends up
 * in a template, of which 150,000 are made and a few thousand kept.
 */
export function sparse<T extends object>(fields: T): Present<T>
export function sparse(fields: Raw): Raw {
  return fields
}

/** As `sparse`, and undefined when nothing is left, so that `{}` and absent are one. */
export function compact<T extends object>(fields: T): Present<T> | undefined {
  for (const key in fields) if (fields[key] !== undefined) return sparse(fields)
  return undefined
}

/** A deep copy without absent fields: what reading its JSON back would give. */
export function withoutAbsent<T extends object>(value: T): T
export function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent)
  if (!isRaw(value)) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries.map(([key, field]) => [key, withoutAbsentField(field)]))
}

function withoutAbsentField(field: unknown): unknown {
  return typeof field === 'object' && field !== null ? withoutAbsent(field) : field
}
