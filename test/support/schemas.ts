// The official schemas of other tools' formats, read where the checkout's neighbours keep them. Without them the tests are skipped,
// and say so. KUBE_ASSAY_SCHEMAS names another folder.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import draft04 from 'ajv-draft-04'
import formats from 'ajv-formats'
import { validateXML } from 'xmllint-wasm'

export const schemasFolder =
  process.env['KUBE_ASSAY_SCHEMAS'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'schemas')

/** Whether they are there. */
export const hasSchemas = existsSync(schemasFolder)
if (!hasSchemas)
  console.warn(`SKIPPED: the schemas of other tools' formats are not in ${schemasFolder}; set KUBE_ASSAY_SCHEMAS.`)

const options = { strict: false, allErrors: false, unicodeRegExp: true }
const cache = new Map<string, ValidateFunction>()

function validator(path: string, isDraft04 = false): ValidateFunction {
  const known = cache.get(path)
  if (known !== undefined) return known
  const ajv = isDraft04 ? new draft04.default(options) : new Ajv(options)
  formats.default(ajv)
  const made = ajv.compile(JSON.parse(readFileSync(join(schemasFolder, path), 'utf8')))
  cache.set(path, made)
  return made
}

/** The first problem of a document by a schema; undefined where there is none. */
export function problemOf(path: string, document: unknown, isDraft04 = false): string | undefined {
  const validate = validator(path, isDraft04)
  if (validate(document)) return undefined
  const [error] = validate.errors ?? []
  return `${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`
}

/** The first problem of an XML text by a schema; undefined where there is none. */
export async function xmlProblemOf(path: string, text: string): Promise<string | undefined> {
  const schema = { fileName: 'schema.xsd', contents: readFileSync(join(schemasFolder, path), 'utf8') }
  const { valid, errors } = await validateXML({
    xml: { fileName: 'file.xml', contents: text },
    schema: schema.contents,
  })
  return valid ? undefined : (errors[0]?.message ?? 'not valid')
}
