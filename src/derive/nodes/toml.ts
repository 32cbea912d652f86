// Reads TOML of container runtimes. May not: throw for what a host holds, or know a runtime's keys.
import { parse, type TomlTable, type TomlValue } from 'smol-toml'
import { type Unavailable, unavailable } from '../../model/fact.ts'
import type { PresentFile } from './host.ts'
import { short } from './kubelet-document.ts'

export function readToml(file: PresentFile): TomlTable | Unavailable {
  try {
    return parse(file.content, { maxDepth: 100 })
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    return unavailable('malformed', `${file.path} is not TOML: ${short(message)}`)
  }
}

export function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** The value at a path of keys. */
export function tomlAt(table: TomlTable, ...keys: readonly string[]): TomlValue | undefined {
  let value: TomlValue | undefined = table
  for (const key of keys) {
    if (!isTable(value) || !Object.hasOwn(value, key)) return undefined
    value = value[key]
  }
  return value
}

export function textAt(table: TomlTable, ...keys: readonly string[]): string | undefined {
  const value = tomlAt(table, ...keys)
  return typeof value === 'string' && value !== '' ? value : undefined
}
