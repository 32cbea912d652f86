// Reads a YAML document against a schema and says exactly where it is wrong: file:line:column, what, and what is allowed.
import { type Document, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { InputError } from './input-error.ts'

/** Aliases beyond this are an expansion attack, not a configuration. */
const maxAliasCount = 100

/** Parses `text` of `file`. Throws InputError that lists every problem, one a line. */
export function parseYamlFile<S extends z.ZodType>(file: string, text: string, schema: S): z.infer<S> {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `${position(file, lineCounter, error.pos[0])}: ${error.message.split('\n')[0]}`,
    )
    throw new InputError(problems.join('\n'))
  }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount })
  } catch (error) {
    throw new InputError(`${file}: ${error instanceof Error ? error.message : 'cannot be read'}.`)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    const path = issue.path.map(String)
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const offset = offsetOf(document, unknown === undefined ? path : [...path, unknown])
    const where = path.length === 0 ? '' : `${path.join('.')}: `
    return `${position(file, lineCounter, offset)}: ${where}${issue.message}`
  })
  throw new InputError(problems.join('\n'))
}

function position(file: string, lineCounter: LineCounter, offset: number | undefined): string {
  if (offset === undefined) return file
  const { line, col } = lineCounter.linePos(offset)
  return `${file}:${line}:${col}`
}

/** Offset of the deepest part of `path` that is in the document. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0])
  }
  return undefined
}
