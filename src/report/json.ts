// The result as JSON: the same bytes for the same result, whatever order its keys were made in.
// May not: leave out or shorten anything; other documents refer to this one for what they cut.
import { type Result, resultSchema, ruleResultSchema } from '../model/result.ts'

/** Keys in the order of the published schema, two spaces, newline at the end. Throws on a result its own schema refuses. */
export function renderJson(result: Result): string {
  return [...jsonPieces(result)].join('')
}

/**
 * The same in pieces of whole lines, one for each rule, so that neither the text nor a checked copy of a large cluster's result is in
 * memory at once. Throws as `renderJson`, for a rule when it is reached.
 */
export function* jsonPieces({ rules, ...rest }: Result): Generator<string> {
  const entries = Object.entries(resultSchema.parse({ ...rest, rules: [] }))
  yield '{\n'
  for (const [index, [key, value]] of entries.entries()) {
    const end = index === entries.length - 1 ? '\n' : ',\n'
    if (key !== 'rules' || rules.length === 0) yield `  ${JSON.stringify(key)}: ${indented(value, 1)}${end}`
    else {
      yield `  "rules": [\n`
      yield* rulePieces(rules)
      yield `  ]${end}`
    }
  }
  yield '}\n'
}

function* rulePieces(rules: Result['rules']): Generator<string> {
  for (const [index, rule] of rules.entries()) {
    const end = index === rules.length - 1 ? '\n' : ',\n'
    yield `    ${indented(ruleResultSchema.parse(rule), 2)}${end}`
  }
}

/** A line break inside a JSON string is written out, so each one that is left ends a line of the layout. */
function indented(value: unknown, depth: number): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`)
}
