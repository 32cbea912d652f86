// The functions that rules may call, beyond operators and macros. A closed list: what is not here is refused when a rule is loaded.
// May not: look at a clock, at the host, or keep state that a result could depend on.
import { RE2JS } from 're2js'
import { visibleText } from './quote.ts'

export interface RuleFunction {
  readonly signature: string
  readonly description: string
  readonly handler: (...values: never[]) => unknown
}

/** Functions and methods of the language itself that are safe and have a static type. */
export const allowedFunctions: ReadonlySet<string> = new Set([
  'size',
  'string',
  'int',
  'double',
  'startsWith',
  'endsWith',
  'contains',
  'lowerAscii',
  'upperAscii',
  'trim',
  'indexOf',
  'lastIndexOf',
  'substring',
  'split',
  'join',
])
export const comprehensions: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

const maxPatternLength = 500
const patterns = new Map<string, RE2JS>()

/** Compiles a pattern of re2Matches; throws with the reason when it is not RE2 syntax or too long. */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > maxPatternLength) throw new Error(`the pattern is longer than ${maxPatternLength} characters`)
  const known = patterns.get(pattern)
  if (known !== undefined) return known
  const compiled = RE2JS.compile(pattern)
  patterns.set(pattern, compiled)
  return compiled
}

export const ruleFunctions: readonly RuleFunction[] = [
  {
    signature: 're2Matches(string, string): bool',
    description:
      'Whether the pattern, written as a literal in RE2 syntax, matches anywhere in the text; linear in its length. `matches` is refused.',
    handler: (text: string, pattern: string) => compilePattern(pattern).matcher(text).find(),
  },
  {
    signature: 'quoteList(list<string>): string',
    description:
      'The texts in double quotes, separated by commas: "a", "b". For messages; content is quoted by its language.',
    handler: (texts: readonly string[]) => texts.map((text) => `"${visibleText(text)}"`).join(', '),
  },
  {
    signature: 'jsonString(string): string',
    description: 'The text as a JSON string, quotes included: for patches that a command takes as an argument.',
    handler: (text: string) => JSON.stringify(text.toWellFormed()),
  },
  {
    signature: 'jsonAt(string, string): string',
    description:
      'A JSON text below the keys of a path: jsonAt("spec.template", "{}") is {"spec":{"template":{}}}. For patches of one place.',
    handler: (path: string, json: string) =>
      path
        .split('.')
        .filter((key) => key !== '')
        .reduceRight((below, key) => `{${JSON.stringify(key.toWellFormed())}:${below}}`, json),
  },
  {
    signature: 'distinct(list<string>): list<string>',
    description: 'The texts without repetitions, in order of first appearance.',
    handler: (texts: readonly string[]) => [...new Set(texts)],
  },
  {
    signature: 'plural(int, string, string): string',
    description: 'A count with its noun: plural(1, "pod", "pods") is "1 pod", plural(2, "pod", "pods") is "2 pods".',
    handler: (count: bigint, one: string, many: string) => `${count} ${count === 1n ? one : many}`,
  },
]
