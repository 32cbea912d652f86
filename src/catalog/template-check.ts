// Refuses, when a rule is loaded, every place in a command or file where a quoted value would not stay one value: inside quotes,
// after a dollar sign, in a here-document, in a part of a YAML scalar.
// May not: repair a template; its author does.
import { parse as parseToml } from 'smol-toml'
import { parseAllDocuments } from 'yaml'
import type { Language } from './quote.ts'

/** Literal text and expressions in turn; the expressions are at the odd places. */
export interface TemplateParts {
  readonly literals: readonly string[]
  readonly expressions: readonly string[]
}

/** Why values would not be safe in this template, or undefined. */
export function placementProblem(parts: TemplateParts, language: Language): string | undefined {
  switch (language) {
    case 'shell':
      return shellProblem(parts)
    case 'yaml':
    case 'json':
    case 'toml':
      return dataProblem(parts, language)
    case 'text':
    case 'ini':
    case 'sysctl':
      return undefined
  }
}

type ShellState = 'plain' | 'single' | 'double' | 'comment'

/** What a shell template with values may not use: each changes quoting in a way that is not followed here. */
const untracked: readonly (readonly [string, string])[] = [
  ['<<', 'a here-document with {{ }} would hold the quotes too; use a step with file and its language'],
  ['`', 'backquotes change quoting inside them; use $( )'],
  ['${', '${ } changes quoting inside it; use a plain $variable'],
  [';;', 'case does not go with {{ }}; use if'],
]

function shellProblem({ literals, expressions }: TemplateParts): string | undefined {
  if (expressions.length === 0) return undefined
  const refused = untracked.find(([text]) => literals.some((literal) => literal.includes(text)))
  if (refused !== undefined) return refused[1]
  const reader = new ShellReader()
  for (const [index, literal] of literals.slice(0, -1).entries()) {
    reader.read(literal)
    const where = `{{ ${expressions[index]} }}`
    const state = reader.state
    if (state === 'single' || state === 'double') return `${where} stands in quotes; leave them out, quoting is added`
    if (state === 'comment') return `${where} stands in a comment`
    if (literal.endsWith('$')) return `${where} stands right after $`
    reader.read('value')
  }
  return undefined
}

/** Follows quotes, comments, subshells and command substitutions, which begin a quoting of their own, also inside double quotes. */
class ShellReader {
  readonly #outer: ShellState[] = []
  #previous = '\n'
  state: ShellState = 'plain'

  read(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at] ?? ''
      if (character === '\\' && (this.state === 'plain' || this.state === 'double')) at += 1
      else this.#step(character)
      this.#previous = character
    }
  }

  #step(character: string): void {
    switch (this.state) {
      case 'single':
        if (character === "'") this.state = 'plain'
        return
      case 'comment':
        if (character === '\n') this.state = 'plain'
        return
      case 'double':
        if (character === '"') this.state = 'plain'
        if (character === '(' && this.#previous === '$') this.#enter()
        return
      case 'plain':
        this.#stepPlain(character)
    }
  }

  #stepPlain(character: string): void {
    if (character === "'") this.state = 'single'
    else if (character === '"') this.state = 'double'
    else if (character === '#' && /[\s;&|()]/.test(this.#previous)) this.state = 'comment'
    else if (character === '(') this.#enter()
    else if (character === ')') this.state = this.#outer.pop() ?? 'plain'
  }

  #enter(): void {
    this.#outer.push(this.state)
    this.state = 'plain'
  }
}

/** Fills the template with marks and looks whether each mark comes back as a whole value of the parsed document. */
function dataProblem({ literals, expressions }: TemplateParts, language: 'yaml' | 'json' | 'toml'): string | undefined {
  const marks = expressions.map((_, index) => `value-${index}-of-a-template`)
  const filled = literals.map((literal, index) => {
    const mark = marks[index]
    return mark === undefined ? literal : `${literal}${JSON.stringify(mark)}`
  })
  let found: Set<string>
  try {
    found = wholeStrings(parseAs(filled.join(''), language))
  } catch (error) {
    return `the content is not valid ${language}: ${error instanceof Error ? error.message.split('\n')[0] : 'syntax error'}`
  }
  const loose = marks.findIndex((mark) => !found.has(mark))
  return loose === -1
    ? undefined
    : `{{ ${expressions[loose]} }} is not a whole value in the ${language}; leave out quotes around it, and join texts inside the braces`
}

function parseAs(text: string, language: 'yaml' | 'json' | 'toml'): unknown {
  if (language === 'json') return JSON.parse(text)
  if (language === 'toml') return parseToml(text)
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return undefined
  return documents.map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS({ maxAliasCount: 0 })
  })
}

function wholeStrings(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value === 'string') into.add(value)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      into.add(key)
      wholeStrings(part, into)
    }
  }
  return into
}
