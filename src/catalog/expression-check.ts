// What an expression may say, beyond being well typed: which names, functions and sizes, and that every field path exists — also
// inside has(), which the engine itself does not check. Works on the syntax tree, once before and once after the engine's type check.
import type { ASTNode } from '@marcbachmann/cel-js'
import { factNames } from '../model/facts.ts'
import { nearest } from '../util/did-you-mean.ts'
import { type FactType, objectTypes, typeNamed } from './fact-types.ts'
import { allowedFunctions, compilePattern, comprehensions, ruleFunctions } from './functions.ts'

const maxNesting = 3
const ownFunctions = new Set(ruleFunctions.map(({ signature }) => signature.slice(0, signature.indexOf('('))))

/** Checks names, functions and nesting. Gives the problem in words, or undefined; adds the variables read to `used`. */
export function checkNames(
  ast: ASTNode,
  variables: ReadonlyMap<string, FactType>,
  used: Set<string>,
  bound: readonly string[] = [],
): string | undefined {
  const each = (nodes: readonly ASTNode[], names = bound) =>
    firstOf(nodes, (one) => checkNames(one, variables, used, names))
  switch (ast.op) {
    case 'value':
      return undefined
    case 'id':
      if (bound.includes(ast.args)) return undefined
      if (!variables.has(ast.args)) return unknownName(ast.args, variables)
      used.add(ast.args)
      return undefined
    case 'call':
      return callProblem(ast.args[0], ast.args[1]) ?? each(ast.args[1])
    case 'rcall': {
      const [name, receiver, args] = ast.args
      if (!comprehensions.has(name)) return functionProblem(name) ?? each([receiver, ...args])
      const [variable, ...rest] = args
      if (variable?.op !== 'id') return `${name}() needs a name for the element, such as ${name}(x, …)`
      if (bound.includes(variable.args) || variables.has(variable.args) || isFact(variable.args)) {
        return `${name}(${variable.args}, …) hides another ${variable.args}; use another name`
      }
      if (bound.length >= maxNesting) return `more than ${maxNesting} nested loops; derive a fact for it instead`
      return each([receiver]) ?? each(rest, [...bound, variable.args])
    }
    default:
      return operandsOf(ast) === undefined ? `${ast.op} is not available here` : each(operandsOf(ast) ?? [])
  }
}

/** Checks field paths, comparisons and that every part has a static type. `complete`: the engine's own check passed. */
export function checkTypes(ast: ASTNode, complete: boolean): string | undefined {
  const each = (nodes: readonly ASTNode[]) => firstOf(nodes, (one) => checkTypes(one, complete))
  if (ast.op === 'call' && ast.args[0] === 'has') {
    const [path] = ast.args[1]
    return path === undefined ? 'has() needs a field' : hasProblem(path)
  }
  if (ast.op === 'call') return each(ast.args[1]) ?? untyped(ast, complete)
  if (ast.op === 'rcall') {
    const [name, receiver, args] = ast.args
    return each([receiver, ...(comprehensions.has(name) ? args.slice(1) : args)]) ?? untyped(ast, complete)
  }
  const below = each(operandsOf(ast) ?? []) ?? untyped(ast, complete)
  if (below !== undefined) return below
  if (ast.op === '.') return fieldProblem(staticType(ast.args[0]), ast.args[1])
  if (ast.op === '[]' && staticType(ast.args[0])?.kind === 'object')
    return 'write a field with a dot, not with brackets'
  if (ast.op === '==' || ast.op === '!=' || ast.op === 'in') {
    // The engine compares such objects by identity, which is quietly false; and comparing would skip what is unavailable in them.
    const whole = ast.args.map(staticType).find((type) => type !== undefined && holdsObject(type))
    if (whole !== undefined) return `${ast.op} cannot compare whole objects; compare their fields`
  }
  return undefined
}

function operandsOf(ast: ASTNode): readonly ASTNode[] | undefined {
  switch (ast.op) {
    case 'value':
    case 'id':
      return []
    case '.':
      return [ast.args[0]]
    case 'list':
      return ast.args
    case '!_':
    case '-_':
      return [ast.args]
    case '.?':
    case '[?]':
    case 'map':
    case 'call':
    case 'rcall':
      return undefined
    default:
      return ast.args
  }
}

function firstOf(nodes: readonly ASTNode[], check: (node: ASTNode) => string | undefined): string | undefined {
  for (const node of nodes) {
    const problem = check(node)
    if (problem !== undefined) return problem
  }
  return undefined
}

function callProblem(name: string, args: readonly ASTNode[]): string | undefined {
  if (name === 'has') return args[0]?.op === '.' ? undefined : 'has() takes a field, such as has(x.value)'
  if (name !== 're2Matches') return functionProblem(name)
  const pattern = args[1]
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return 'the pattern of re2Matches must be a literal'
  try {
    compilePattern(pattern.args)
    return undefined
  } catch (error) {
    return `re2Matches: ${error instanceof Error ? error.message : 'wrong pattern'}`
  }
}

function functionProblem(name: string): string | undefined {
  if (allowedFunctions.has(name) || ownFunctions.has(name)) return undefined
  if (name === 'matches')
    return 'matches() is refused, because a pattern could take forever; use re2Matches(text, "pattern")'
  const known = [...allowedFunctions, ...ownFunctions, ...comprehensions, 'has']
  return `there is no function ${name}()${nearest(name, known)}`
}

function isFact(name: string): boolean {
  return factNames.some((fact) => fact === name)
}

function unknownName(name: string, variables: ReadonlyMap<string, FactType>): string {
  if (isFact(name)) return `${name} is not among this rule's needs`
  if (name === 'item') return 'item is known only where forEach gives a list'
  return `there is nothing named ${name}${nearest(name, [...variables.keys()])}; known here: ${[...variables.keys()].join(', ')}`
}

/** The type that the engine found for a node, undefined when it did not get that far. */
function staticType(ast: ASTNode): FactType | undefined {
  return typeNamed(engineTypeName(ast) ?? '')
}

/** Not part of the engine's published types; when it is not there the rule is refused, not let through. */
function engineTypeName(ast: ASTNode): string | undefined {
  const type: unknown = Reflect.get(ast, 'checkedType')
  if (typeof type !== 'object' || type === null || !('name' in type)) return undefined
  return typeof type.name === 'string' ? type.name : undefined
}

function untyped(ast: ASTNode, complete: boolean): string | undefined {
  if (!complete) return undefined
  const name = engineTypeName(ast)
  if (name === undefined) return 'the type of a part cannot be told'
  return /\bdyn\b/.test(name) ? 'the type of a part cannot be told; avoid mixed or untyped values' : undefined
}

function holdsObject(type: FactType): boolean {
  if (type.kind === 'list') return holdsObject(type.element)
  return type.kind === 'map' ? holdsObject(type.value) : type.kind === 'object'
}

function fieldProblem(owner: FactType | undefined, field: string): string | undefined {
  if (owner?.kind !== 'object') return undefined
  if (objectTypes.get(owner.name)?.fields.has(field)) return undefined
  const fields = [...owner.fields.keys()]
  return `${owner.name} has no field ${field}${nearest(field, fields)}; it has ${fields.join(', ')}`
}

function hasProblem(path: ASTNode): string | undefined {
  const names: string[] = []
  let node = path
  while (node.op === '.') {
    names.unshift(node.args[1])
    node = node.args[0]
  }
  let owner = node.op === 'id' ? staticType(node) : undefined
  if (owner === undefined) return 'has() takes a plain path, such as has(item.persisted.value)'
  for (const [index, name] of names.entries()) {
    if (owner.kind !== 'object') return `has(): ${names.slice(0, index).join('.')} has no fields`
    const problem = fieldProblem(owner, name)
    if (problem !== undefined) return problem
    const field: { type: FactType; optional: boolean } | undefined = owner.fields.get(name)
    if (field === undefined) return `has(): ${name} does not exist`
    if (index === names.length - 1 && !field.optional) {
      return `has(): ${owner.name}.${name} is always there; a value nobody observed makes the outcome unknown by itself`
    }
    owner = field.type
  }
  return undefined
}
