// The expression engine behind a small door: compiles CEL over the fact types and runs it over one unit's facts. The only file that
// knows the engine, and the place where its holes are closed: `matches` (a backtracking regular expression), untyped values,
// has() on paths that do not exist, comparison of whole objects (which would be quietly false), unbounded size.
// May not: let a library's error out, or turn a missing fact into a value.
import { Environment } from '@marcbachmann/cel-js'
import type { FactName } from '../model/facts.ts'
import { checkNames, checkTypes } from './expression-check.ts'
import { growthProblem } from './expression-growth.ts'
import { type FactType, factsFor, factTypes, typeName, typeNamed, unitType } from './fact-types.ts'
import {
  factClasses,
  type MissingFact,
  type ParametersType,
  takeMissing,
  UnavailableFactError,
  type UnitContext,
} from './fact-values.ts'
import { ruleFunctions } from './functions.ts'
import type { Interpolated, Scalar } from './quote.ts'

const maxLength = 2000
const limits = { maxAstNodes: 400, maxDepth: 40, maxListElements: 64, maxMapEntries: 0, maxCallArguments: 4 }

/** What an expression gave: a value, the facts without which it cannot tell, or why it failed. */
export type Attempt<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'missing'; readonly missing: readonly MissingFact[] }
  | { readonly kind: 'error'; readonly detail: string }

export interface Expression<T> {
  readonly source: string
  readonly attempt: (context: UnitContext) => Attempt<T>
}

/** Why an expression was refused, for the author of the rule. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
}

interface Wanted {
  bool: boolean
  string: string
  list: readonly unknown[]
  interpolated: Interpolated
}
const accepts: {
  readonly [W in keyof Wanted]: { is: (value: unknown) => value is Wanted[W]; type: (type: FactType) => boolean }
} = {
  bool: { is: (value) => typeof value === 'boolean', type: (type) => type.kind === 'bool' },
  string: { is: (value) => typeof value === 'string', type: (type) => type.kind === 'string' },
  list: { is: (value): value is readonly unknown[] => Array.isArray(value), type: (type) => type.kind === 'list' },
  interpolated: {
    is: (value): value is Interpolated => isScalar(value) || (Array.isArray(value) && value.every(isScalar)),
    type: (type) => isScalarType(type) || (type.kind === 'list' && isScalarType(type.element)),
  },
}
const wantedWords = {
  bool: 'true or false (bool)',
  string: 'a string',
  list: 'a list',
  interpolated: 'a string, number, bool or a list of them',
}

function isScalar(value: unknown): value is Scalar {
  return ['string', 'bigint', 'number', 'boolean'].includes(typeof value)
}
function isScalarType(type: FactType): boolean {
  return type.kind !== 'object' && type.kind !== 'list' && type.kind !== 'map'
}

let base: Environment | undefined
function baseEnvironment(): Environment {
  if (base !== undefined) return base
  base = new Environment({ limits })
  for (const [type, ctor] of factClasses) {
    const fields = Object.fromEntries([...type.fields].map(([name, field]) => [name, typeName(field.type)]))
    base.registerType(type.name, { ctor, fields })
  }
  for (const { signature, handler } of ruleFunctions) base.registerFunction(signature, handler, { async: false })
  return base
}

/** The names that the expressions of one rule may use, and a record of those they did use. */
export class Scope {
  readonly used: Set<string>
  readonly #environment: Environment
  readonly #variables: ReadonlyMap<string, FactType>

  readonly #params: ParametersType | undefined

  private constructor(variables: ReadonlyMap<string, FactType>, used: Set<string>, params: ParametersType | undefined) {
    this.used = used
    this.#params = params
    this.#variables = variables
    this.#environment = baseEnvironment().clone()
    if (params !== undefined) {
      const fields = Object.fromEntries([...params.type.fields].map(([name, field]) => [name, typeName(field.type)]))
      this.#environment.registerType(params.type.name, { ctor: params.ctor, fields })
    }
    for (const [name, type] of variables) this.#environment.registerVariable(name, typeName(type))
  }

  /** A scope of `unit`, the facts in `needs`, and `params` where the rule has parameters. */
  static of(needs: readonly FactName[], params?: ParametersType): Scope {
    const variables = new Map<string, FactType>([['unit', unitType]])
    for (const name of needs) {
      const type = factTypes.get(name)
      if (type !== undefined) variables.set(name, type)
    }
    if (params !== undefined) variables.set('params', params.type)
    return new Scope(variables, new Set(), params)
  }

  /** The same with `item`, the element of a list that `forEach` walks. */
  withItem(element: FactType): Scope {
    return new Scope(new Map([...this.#variables, ['item', element]]), this.used, this.#params)
  }

  /** Compiles an expression that must give `wanted`. Throws ExpressionError. */
  compile<W extends keyof Wanted>(source: string, wanted: W): Expression<Wanted[W]> {
    return this.compileTyped(source, wanted).expression
  }

  /** As `compile`, with the static type. */
  compileTyped<W extends keyof Wanted>(
    source: string,
    wanted: W,
  ): { expression: Expression<Wanted[W]>; type: FactType } {
    if (source.length > maxLength) {
      throw new ExpressionError(`the expression is longer than ${maxLength} characters; derive a fact for it instead`)
    }
    const parsed = this.#parse(source)
    const early = checkNames(parsed.ast, this.#variables, this.used) ?? growthProblem(parsed.ast)
    if (early !== undefined) throw new ExpressionError(early)
    const checked = parsed.check()
    const late = checkTypes(parsed.ast, checked.valid)
    if (late !== undefined) throw new ExpressionError(late)
    if (!checked.valid)
      throw new ExpressionError(near(checked.error?.summary ?? 'wrong type', checked.error?.node, source))
    const type = typeNamed(checked.type ?? '')
    if (type === undefined || !accepts[wanted].type(type)) {
      throw new ExpressionError(`the expression gives ${checked.type}; wanted is ${wantedWords[wanted]}`)
    }
    return { expression: { source, attempt: (context) => attempt(parsed, context, accepts[wanted].is) }, type }
  }

  #parse(source: string): ReturnType<Environment['parse']> {
    try {
      return this.#environment.parse(source)
    } catch (error) {
      throw new ExpressionError(syntaxProblem(error, source))
    }
  }
}

/** What is wrong with `needs` of a rule of this unit kind, if anything. */
export function needsProblem(needs: readonly FactName[], each: Parameters<typeof factsFor>[0]): string | undefined {
  const allowed = factsFor(each)
  const foreign = needs.find((name) => !allowed.includes(name))
  if (foreign !== undefined) return `${foreign} is not a fact of ${each}; allowed are ${allowed.join(', ')}`
  const twice = needs.find((name, index) => needs.indexOf(name) !== index)
  return twice === undefined ? undefined : `${twice} is listed twice`
}

function attempt<T>(
  run: ReturnType<Environment['parse']>,
  context: UnitContext,
  is: (value: unknown) => value is T,
): Attempt<T> {
  takeMissing()
  try {
    const value: unknown = run(context)
    if (is(value)) return { kind: 'value', value }
    return { kind: 'error', detail: `the expression gave ${typeof value}` }
  } catch (error) {
    if (error instanceof UnavailableFactError) return { kind: 'missing', missing: takeMissing() }
    return { kind: 'error', detail: runProblem(error) }
  }
}

function runProblem(error: unknown): string {
  if (!(error instanceof Error)) return 'the engine failed'
  return 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message
}

function syntaxProblem(error: unknown, source: string): string {
  const node = error instanceof Error && 'node' in error ? error.node : undefined
  return near(runProblem(error), node, source)
}

function near(problem: string, node: unknown, source: string): string {
  if (typeof node !== 'object' || node === null) return problem
  const start = 'start' in node && typeof node.start === 'number' ? node.start : undefined
  if (start === undefined) return problem
  const end = 'end' in node && typeof node.end === 'number' ? node.end : start
  const part = source.slice(start, Math.max(end, start + 1)).slice(0, 80)
  return part.trim() === '' ? `${problem}, at the end` : `${problem}, at ${part}`
}
