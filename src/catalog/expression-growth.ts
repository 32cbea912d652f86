// How many times an expression can repeat what it reads. Within every limit of length and nesting, a few loops in a row could
// double a text until the process ends for want of memory, which no deadline prevents.
// May not: run an expression; the bound holds for every value.
import type { ASTNode } from '@marcbachmann/cel-js'
import { comprehensions } from './functions.ts'

/** Built-in rules need 13 at most. A list and what is made of its items are two expressions, so both together reach its square. */
const maxGrowth = 50

/** Why the expression is refused, if it is. */
export function growthProblem(ast: ASTNode): string | undefined {
  const growth = new Growth()
  growth.of(ast, new Map())
  return growth.most > maxGrowth
    ? `repeats what it reads up to ${growth.most > 1e6 ? 'millions of' : growth.most} times (at most ${maxGrowth}); derive a fact for it instead`
    : undefined
}

class Growth {
  /** The largest of any part. */
  most = 1

  /** Of texts and lists the number of pieces, each as long as something that was read; of everything else 1. */
  of(ast: ASTNode, bound: ReadonlyMap<string, number>): number {
    const size = this.#sizeOf(ast, bound)
    this.most = Math.max(this.most, size)
    return size
  }

  #sizeOf(ast: ASTNode, bound: ReadonlyMap<string, number>): number {
    const each = (nodes: readonly ASTNode[]) => nodes.map((node) => this.of(node, bound))
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
    switch (ast.op) {
      case 'value':
        return 1
      case 'id':
        return bound.get(ast.args) ?? 1
      case '.':
        return this.of(ast.args[0], bound)
      case '[]':
        return Math.max(...each(ast.args))
      case '+':
      case 'list':
        return Math.max(1, sum(each(ast.args)))
      case '?:':
        return Math.max(...each(ast.args))
      case '!_':
      case '-_':
        this.of(ast.args, bound)
        return 1
      case 'call':
        return Math.max(1, sum(each(ast.args[1])))
      case 'rcall':
        return this.#callOn(ast.args, bound)
      case '.?':
      case '[?]':
      case 'map':
        return Number.POSITIVE_INFINITY
      default:
        each(ast.args)
        return 1
    }
  }

  #callOn(
    [name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]],
    bound: ReadonlyMap<string, number>,
  ): number {
    const size = this.of(receiver, bound)
    if (!comprehensions.has(name)) {
      const others = args.map((node) => this.of(node, bound))
      return name === 'join' ? size * (1 + Math.max(0, ...others)) : size
    }
    const [variable, ...bodies] = args
    const inner = new Map(bound)
    if (variable?.op === 'id') inner.set(variable.args, 1)
    const made = Math.max(1, ...bodies.map((body) => this.of(body, inner)))
    this.most = Math.max(this.most, size * made)
    return name === 'map' ? size * made : name === 'filter' ? size : 1
  }
}
