// The parameters of a rule: values that are a site's policy, declared with a default, read in expressions as `params.name`, and
// changed in the configuration.
// May not: accept a value of another type or outside its bounds.
import type { Parameter, ParameterValue } from '../model/rule.ts'
import type { FactType, ObjectType } from './fact-types.ts'

const types: { readonly [T in Parameter['type']]: FactType } = {
  int: { kind: 'int' },
  double: { kind: 'double' },
  string: { kind: 'string' },
  bool: { kind: 'bool' },
  strings: { kind: 'list', element: { kind: 'string' } },
}

/** The type of `params` of one rule. */
export function parametersType(ruleId: string, parameters: Readonly<Record<string, Parameter>>): ObjectType {
  const fields = Object.entries(parameters).map(
    ([name, { type }]) => [name, { type: types[type], optional: false }] as const,
  )
  return { kind: 'object', name: `params_${ruleId.replaceAll('-', '_')}`, fields: new Map(fields) }
}

/** What is wrong with a value for a parameter, or undefined. */
export function valueProblem({ type, minimum, maximum }: Parameter, value: unknown): string | undefined {
  switch (type) {
    case 'int':
      return Number.isSafeInteger(value) ? boundProblem(Number(value), minimum, maximum) : 'must be a whole number'
    case 'double':
      return Number.isFinite(value) ? boundProblem(Number(value), minimum, maximum) : 'must be a number'
    case 'string':
      return typeof value === 'string' ? undefined : 'must be a text'
    case 'bool':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'strings':
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? undefined
        : 'must be a list of texts'
  }
}

function boundProblem(value: number, minimum = -Infinity, maximum = Infinity): string | undefined {
  if (value < minimum) return `must be at least ${minimum}`
  return value > maximum ? `must be at most ${maximum}` : undefined
}

/** The values as the expression engine wants them: whole numbers as bigint. */
export function engineValues(
  parameters: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, ParameterValue>>,
): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(parameters).map(([name, parameter]) => {
      const value = Object.hasOwn(given, name) ? given[name] : parameter.default
      return [name, parameter.type === 'int' && typeof value === 'number' ? BigInt(value) : value]
    }),
  )
}
