// Splits a command line into flags as spf13/pflag does for the Kubernetes components.
// May not: know a component's flags, or give a flag's value a type.

/** `bool` takes no separate value; `optional` neither, but may carry one after `=`. */
type FlagArity = 'bool' | 'optional' | 'value'

export interface FlagOccurrence {
  /** Without dashes, `_` written as `-`. */
  readonly name: string
  /** "true" for a bare boolean. */
  readonly value: string
  /** Position of the flag among the arguments. */
  readonly index: number
}

export interface CommandLine {
  readonly occurrences: readonly FlagOccurrence[]
  /** Arguments that belong to no flag, in order; everything after `--`. */
  readonly positional: readonly string[]
  /** What pflag would refuse, in words. */
  readonly errors: readonly string[]
}

export interface FlagSyntax {
  /** `undefined` for a flag that is not known. */
  readonly arity: (name: string) => FlagArity | undefined
  /** One-letter flags and the names they stand for. */
  readonly shorthands?: Readonly<Record<string, string>>
}

/** `arguments_` without the program's own name. */
export function parseCommandLine(arguments_: readonly string[], syntax: FlagSyntax): CommandLine {
  const occurrences: FlagOccurrence[] = []
  const positional: string[] = []
  const errors: string[] = []
  let index = 0
  while (index < arguments_.length) {
    const argument = arguments_[index] ?? ''
    if (argument === '--') {
      positional.push(...arguments_.slice(index + 1))
      break
    }
    if (!argument.startsWith('-') || argument === '-') {
      positional.push(argument)
      index += 1
      continue
    }
    const parsed = argument.startsWith('--')
      ? parseLong(arguments_, index, syntax)
      : parseShort(arguments_, index, syntax)
    if (typeof parsed === 'string') errors.push(parsed)
    else occurrences.push(...parsed.occurrences)
    index += typeof parsed === 'string' ? 1 : parsed.consumed
  }
  return { occurrences, positional, errors }
}

interface Parsed {
  readonly occurrences: readonly FlagOccurrence[]
  readonly consumed: number
}

function parseLong(arguments_: readonly string[], index: number, syntax: FlagSyntax): Parsed | string {
  const argument = arguments_[index] ?? ''
  const body = argument.slice(2)
  if (body.startsWith('-') || body.startsWith('=')) return `bad flag syntax: ${argument}`
  const equals = body.indexOf('=')
  const name = normalize(equals < 0 ? body : body.slice(0, equals))
  if (equals >= 0) return { occurrences: [{ name, value: body.slice(equals + 1), index }], consumed: 1 }
  return takeValue(name, arguments_, index, syntax)
}

/** `-v4`, `-v=4`, `-v 4`. Several letters in one argument do not occur in Kubernetes components, which have `-v` and `-h`. */
function parseShort(arguments_: readonly string[], index: number, syntax: FlagSyntax): Parsed | string {
  const argument = arguments_[index] ?? ''
  const letter = argument.slice(1, 2)
  const rest = argument.slice(2)
  const shorthands = syntax.shorthands ?? {}
  const name = Object.hasOwn(shorthands, letter) ? shorthands[letter] : undefined
  if (name === undefined) return `unknown shorthand flag: ${argument}`
  if (rest.startsWith('=') && rest.length > 1) {
    return { occurrences: [{ name, value: rest.slice(1), index }], consumed: 1 }
  }
  if (rest !== '') return { occurrences: [{ name, value: rest, index }], consumed: 1 }
  return takeValue(name, arguments_, index, syntax)
}

function takeValue(name: string, arguments_: readonly string[], index: number, syntax: FlagSyntax): Parsed | string {
  const next = arguments_[index + 1]
  const arity = syntax.arity(name) ?? guessArity(next)
  if (arity !== 'value') return { occurrences: [{ name, value: 'true', index }], consumed: 1 }
  if (next === undefined) return `flag needs an argument: --${name}`
  return { occurrences: [{ name, value: next, index }], consumed: 2 }
}

/** These components take no positional arguments, so a word that is not a flag belongs to the flag before it. */
function guessArity(next: string | undefined): FlagArity {
  return next === undefined || next.startsWith('-') ? 'bool' : 'value'
}

function normalize(name: string): string {
  return name.replaceAll('_', '-')
}
