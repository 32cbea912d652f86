// Text with {{ CEL }} in it: messages, commands and files of a rule. Each value is quoted for the language it lands in, and a place
// where quoting could not protect it is refused when the rule is loaded.
// May not: write part of a text when a value of it is missing.
import { type Attempt, type Expression, ExpressionError, type Scope } from './expression.ts'
import type { UnitContext } from './fact-values.ts'
import { type Interpolated, type Language, quote, UnsafeValueError } from './quote.ts'
import { placementProblem, type TemplateParts } from './template-check.ts'

export interface Template {
  readonly source: string
  readonly render: (context: UnitContext) => Attempt<string>
}

/** Compiles a template. Throws ExpressionError. A `part` was checked for its language together with the rest of its text. */
export function compileTemplate(
  source: string,
  language: Language,
  scope: Scope,
  extent: 'whole' | 'part' = 'whole',
): Template {
  const parts = splitTemplate(source)
  const problem = extent === 'whole' ? placementProblem(parts, language) : undefined
  if (problem !== undefined) throw new ExpressionError(problem)
  const expressions = parts.expressions.map((expression) => scope.compile(expression, 'interpolated'))
  const startsWord = parts.literals.map((literal) => /(^|[\s;&|(<>])$/.test(literal))
  return {
    source,
    render: (context) =>
      render(parts.literals, expressions, (value, at) => quote(value, language, startsWord[at] ?? true), context),
  }
}

function render(
  literals: readonly string[],
  expressions: readonly Expression<Interpolated>[],
  write: (value: Interpolated, at: number) => string,
  context: UnitContext,
): Attempt<string> {
  let text = literals[0] ?? ''
  for (const [at, expression] of expressions.entries()) {
    const got = expression.attempt(context)
    if (got.kind !== 'value') return got
    try {
      text += write(got.value, at)
    } catch (error) {
      if (error instanceof UnsafeValueError) return { kind: 'error', detail: error.message }
      throw error
    }
    text += literals[at + 1] ?? ''
  }
  return { kind: 'value', value: text }
}

/** Splits at {{ }}; a brace pair inside a string of the expression does not end it, and \{{ is two literal braces. */
export function splitTemplate(source: string): TemplateParts {
  const literals: string[] = []
  const expressions: string[] = []
  let literal = ''
  let at = 0
  while (at < source.length) {
    if (source.startsWith('\\{{', at)) {
      literal += '{{'
      at += 3
    } else if (source.startsWith('{{', at)) {
      const end = endOfExpression(source, at + 2)
      if (end === undefined) throw new ExpressionError(`{{ without }}, at ${source.slice(at, at + 40)}`)
      literals.push(literal)
      expressions.push(source.slice(at + 2, end).trim())
      literal = ''
      at = end + 2
    } else {
      literal += source[at]
      at += 1
    }
  }
  literals.push(literal)
  return { literals, expressions }
}

function endOfExpression(source: string, start: number): number | undefined {
  let quoteCharacter: string | undefined
  for (let at = start; at < source.length; at += 1) {
    const character = source[at]
    if (quoteCharacter !== undefined) {
      if (character === '\\') at += 1
      else if (character === quoteCharacter) quoteCharacter = undefined
    } else if (character === '"' || character === "'") quoteCharacter = character
    else if (source.startsWith('}}', at)) return at
  }
  return undefined
}
