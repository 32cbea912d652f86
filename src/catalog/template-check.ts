// Refuses, when a rule is loaded, every place in a command or file where a quoted value would not stay one value: inside quotes,
// after a backslash or dollar sign, in a here-document, in a part of a YAML scalar.
// May not: repair a template; its author does.
import { parse as parseToml } from 'smol-toml'
import { parseAllDocuments } from 'yaml'
import type { Language } from './quote.ts'
import type { TemplateParts } from './template.ts'

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

function shellProblem({ literals, expressions }: TemplateParts): string | undefined {
  if (expressions.length === 0) return undefined
  if (literals.some((literal) => literal.includes('<<'))) {
    return 'a here-document with {{ }} would hold the quotes too; use a step with file and its language'
  }
  if (literals.some((literal) => literal.includes('`'))) return 'backquotes change quoting inside them; use $( )'
  let state: ShellState = 'plain'
  let previous = '\n'
  for (const [index, literal] of literals.slice(0, -1).entries()) {
    state = shellStateAfter(literal, state, previous)
    previous = literal.at(-1) ?? 'x'
    const where = `{{ ${expressions[index]} }}`
    if (state === 'single' || state === 'double') return `${where} stands in quotes; leave them out, quoting is added`
    if (state === 'comment') return `${where} stands in a comment`
    if (previous === '\\' || previous === '$') return `${where} stands right after ${previous}`
    previous = 'x'
  }
  return undefined
}

function shellStateAfter(literal: string, start: ShellState, before: string): ShellState {
  let state = start
  let previous = before
  for (let at = 0; at < literal.length; at += 1) {
    const character = literal[at] ?? ''
    if (state === 'single') state = character === "'" ? 'plain' : state
    else if (state === 'comment') state = character === '\n' ? 'plain' : state
    else if (character === '\\') at += 1
    else if (state === 'double') state = character === '"' ? 'plain' : state
    else state = stateFromPlain(character, previous)
    previous = character
  }
  return state
}

function stateFromPlain(character: string, previous: string): ShellState {
  if (character === "'") return 'single'
  if (character === '"') return 'double'
  return character === '#' && /[\s;&|()]/.test(previous) ? 'comment' : 'plain'
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
