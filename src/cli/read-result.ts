// A result file, checked against its schema.
import { readFile } from 'node:fs/promises'
import { type Result, resultSchema, resultSchemaVersion } from '../model/result.ts'
import { InputError } from '../util/input-error.ts'

/** The JSON of a file. Throws InputError where it is none. */
export async function readResultFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    throw new InputError(`${path} is not JSON. Give the result.json that kube-assay evaluate or audit wrote.`)
  }
}

/** Throws InputError on another format, or on something that is no result. */
export function parseResult(path: string, value: unknown): Result {
  const version =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? String(value.schemaVersion) : undefined
  if (version !== undefined && version.split('.')[0] !== resultSchemaVersion.split('.')[0]) {
    throw new InputError(
      `${path} has result format ${version}; this kube-assay reads ${resultSchemaVersion}. Evaluate the snapshot again.`,
    )
  }
  const parsed = resultSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new InputError(
    `${path} is not a result of kube-assay: ${issue?.path.join('.') || 'top level'}: ${issue?.message}.`,
  )
}
