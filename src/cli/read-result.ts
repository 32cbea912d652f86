// A result file of any version that this tool can read: older majors by their upgraders, newer minors without what is not known here.
// May not: guess at a newer major, or drop a key without saying so.
import type { z } from 'zod'
import { type Result, resultSchema, resultSchemaVersion } from '../model/result.ts'
import { InputError } from '../util/input-error.ts'
import { visibleText } from '../util/visible-text.ts'
import { type OpenFile, readText } from './sealed-input.ts'

type Json = Readonly<Record<string, unknown>>

/** From one major to the next, on the parsed JSON. A major that is left behind gets an entry; there has been one major so far. */
export type Upgraders = ReadonlyMap<number, (old: Json) => Json>
const upgraders: Upgraders = new Map()

const current = parseVersion(resultSchemaVersion) ?? { major: 1, minor: 0 }

/** The JSON of a file. Throws InputError where it is none. */
export async function readResultFile(path: string, open: OpenFile): Promise<unknown> {
  const text = await readText(path, open)
  try {
    return JSON.parse(text)
  } catch {
    throw new InputError(`${visibleText(path)} is not JSON. Give the result.json that evaluate or audit wrote.`)
  }
}

/** Throws InputError for what is no result, or one of a newer major. `warn` gets a line where something was left out. */
export function parseResult(
  path: string,
  given: unknown,
  warn: (line: string) => void = () => undefined,
  known: Upgraders = upgraders,
): Result {
  const shown = visibleText(path)
  const value: Json = typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : {}
  const written = typeof value['schemaVersion'] === 'string' ? value['schemaVersion'] : ''
  const version = parseVersion(written)
  if (value['kind'] !== 'kube-assay/result' || version === undefined)
    throw new InputError(`${shown} is not a result of kube-assay. Give the result.json that evaluate or audit wrote.`)
  if (version.major > current.major)
    throw new InputError(
      `${shown} has result format ${written}; this kube-assay reads up to ${current.major}.x. Read it with a newer kube-assay, or evaluate its snapshot again.`,
    )
  const upgraded = upgrade(shown, value, version.major, known)
  const isNewer = version.major === current.major && version.minor > current.minor
  return check(shown, upgraded, isNewer ? written : undefined, warn)
}

function parseVersion(text: string): { major: number; minor: number } | undefined {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(text) ?? []
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) }
}

function upgrade(shown: string, value: Json, from: number, known: Upgraders): Json {
  let upgraded = value
  for (let major = from; major < current.major; major += 1) {
    const step = known.get(major)
    if (step === undefined)
      throw new InputError(
        `${shown} has result format ${major}.x, which is no longer read. Evaluate its snapshot again.`,
      )
    upgraded = step(upgraded)
  }
  return upgraded
}

function check(shown: string, value: Json, newer: string | undefined, warn: (line: string) => void): Result {
  const parsed = resultSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const unknown = newer === undefined ? [] : unknownKeys(parsed.error.issues)
  if (unknown.length === 0) throw notResult(shown, parsed.error)
  for (const { path, key } of unknown) removeKey(value, path, key)
  const again = resultSchema.safeParse(value)
  if (!again.success) throw notResult(shown, again.error)
  const names = [...new Set(unknown.map(({ key }) => visibleText(key)))].sort()
  warn(
    `note: ${shown} has result format ${newer}, newer than ${resultSchemaVersion}; left out what is not known here: ${names.slice(0, 10).join(', ')}`,
  )
  return again.data
}

function unknownKeys(issues: readonly z.core.$ZodIssue[]): { path: readonly PropertyKey[]; key: string }[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ path: issue.path, key })) : [],
  )
}

function removeKey(value: unknown, path: readonly PropertyKey[], key: string): void {
  let at = value
  for (const part of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined
  if (typeof at === 'object' && at !== null) Reflect.deleteProperty(at, key)
}

function notResult(shown: string, { issues }: z.ZodError): InputError {
  const [issue] = issues
  return new InputError(
    `${shown} is not a result of kube-assay: ${visibleText(issue?.path.join('.') || 'top level')}: ${issue?.message}.`,
  )
}
