// The result as JSON: the same bytes for the same result, whatever order its keys were made in.
// May not: leave out or shorten anything; other documents refer to this one for what they cut.
import { type Result, resultSchema } from '../model/result.ts'

/** Keys in the order of the published schema, two spaces, newline at the end. Throws on a result its own schema refuses. */
export function renderJson(result: Result): string {
  return `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`
}
