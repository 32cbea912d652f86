// A YAML file with the places of its parts, so that every problem is told as file:line:column, what is wrong, and
// what is allowed. Collects problems; never throws for what a file says.
import { isMap, isPair, LineCounter, type ParsedNode, parseDocument } from 'yaml'
import { z } from 'zod'
import { nearest } from './did-you-mean.ts'

/** Something wrong in a file, ready to be shown. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

export type Path = readonly (string | number)[]

export class YamlSource<T> {
  readonly file: string
  readonly problems: Problem[] = []
  /** The content, when it satisfies the schema. */
  readonly value: T | undefined
  readonly #lines = new LineCounter()
  readonly #document: ReturnType<typeof parseDocument<ParsedNode>>

  constructor(file: string, text: string, schema: z.ZodType<T>) {
    this.file = file
    this.#document = this.#parse(text)
    for (const error of [...this.#document.errors, ...this.#document.warnings]) {
      this.#addAt(error.pos[0], error.message.split('\n')[0] ?? 'syntax error')
    }
    if (this.problems.length > 0) return
    const parsed = schema.safeParse(this.#toJs())
    if (parsed.success) this.value = parsed.data
    else for (const issue of parsed.error.issues) this.#addIssue(issue, schema)
  }

  /** The parser calls itself for each level, and a file of brackets alone would end the process's stack. */
  #parse(text: string): ReturnType<typeof parseDocument<ParsedNode>> {
    try {
      return parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#addAt(0, 'is nested too deeply')
      return parseDocument('')
    }
  }

  /** Adds a problem at the deepest part of `path` that the file has. */
  add(path: Path, message: string): void {
    this.#addAt(this.#offset(path), path.length === 0 ? message : `${pathText(path)}: ${message}`)
  }

  /** Line of the deepest part of `path` that the file has; from 1. */
  lineOf(path: Path): number {
    return Math.max(this.#lines.linePos(this.#offset(path)).line, 1)
  }

  #toJs(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 20 })
    } catch (error) {
      this.#addAt(0, error instanceof Error ? error.message : 'cannot be read')
      return undefined
    }
  }

  #addIssue(issue: z.core.$ZodIssue, schema: z.ZodType<T>): void {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
    if (issue.code === 'unrecognized_keys') {
      const allowed = keysAt(schema, path)
      for (const key of issue.keys) {
        const message = `unknown key ${key}${nearest(key, allowed)}; allowed: ${allowed.join(', ')}`
        this.#addAt(this.#keyOffset(path, key), path.length === 0 ? message : `${pathText(path)}: ${message}`)
      }
      return
    }
    if (issue.code === 'invalid_value') {
      const given: unknown = this.#document.getIn(path)
      const allowed = issue.values.map(String)
      if (given === null || given === '') {
        this.add(path, `is empty; write one of ${allowed.join(', ')}`)
        return
      }
      this.add(
        path,
        `${String(given)} is not allowed${nearest(String(given), allowed)}; allowed: ${allowed.join(', ')}`,
      )
      return
    }
    if (issue.code === 'too_small' && issue.minimum === 1) {
      this.add(path, issue.origin === 'array' ? 'is empty; list at least one' : 'is empty; write it')
      return
    }
    const isEmpty = issue.code === 'invalid_format' && this.#document.getIn(path) === ''
    this.add(path, isEmpty ? 'is empty; write it' : issue.message)
  }

  #addAt(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset)
    this.problems.push({ file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), message })
  }

  #offset(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true)
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
        return Number(node.range[0])
      }
    }
    return this.#document.contents?.range[0] ?? 0
  }

  #keyOffset(path: Path, key: string): number {
    const map: unknown = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true)
    const pair = isMap<ParsedNode>(map)
      ? map.items.find((item) => isPair(item) && item.key.toString() === key)
      : undefined
    return pair?.key.range?.[0] ?? this.#offset(path)
  }
}

function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('')
}

/** The keys that the schema allows for the object at `path`. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path)
  const [first, ...rest] = path
  if (first === undefined) return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest)
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest)
  const below = schema instanceof z.ZodObject ? schema.shape[first] : undefined
  return below === undefined ? [] : keysAt(below, rest)
}
