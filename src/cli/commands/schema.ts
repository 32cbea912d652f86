// `schema`: the published JSON Schemas, generated from the model.
import { z } from 'zod'
import { configSchema } from '../../model/config.ts'
import { findingLineSchema } from '../../model/finding-line.ts'
import { manifestSchema } from '../../model/manifest.ts'
import { resultSchema } from '../../model/result.ts'
import { ruleSchema } from '../../model/rule.ts'
import { evidenceRecordSchema, snapshotHeaderSchema, snapshotTrailerSchema } from '../../model/snapshot.ts'
import { waiversFileSchema } from '../../model/waiver.ts'
import { exitCodes } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

const schemas: Readonly<Record<string, z.ZodType>> = {
  config: configSchema,
  result: resultSchema,
  rule: ruleSchema,
  waivers: waiversFileSchema,
  ndjson: findingLineSchema,
  manifest: manifestSchema,
  snapshot: z.union([snapshotHeaderSchema, evidenceRecordSchema, snapshotTrailerSchema]),
}

export const schemaNames = Object.keys(schemas)

/** The schema as JSON Schema 2020-12 text; undefined for an unknown name. */
export function schemaText(name: string): string | undefined {
  const schema = schemas[name]
  if (schema === undefined) return undefined
  return JSON.stringify({ $id: `urn:kube-assay:schema:${name}`, ...z.toJSONSchema(schema) }, null, 2)
}

export async function schema(name: string, terminal: Terminal): Promise<number> {
  terminal.print(schemaText(name) ?? '')
  return exitCodes.done
}
