// Reads a shell script as far as needed to know which simple commands it holds: words with quotes removed, and redirections.
// Text of a cluster goes in: linear time, bounded nesting, never an error. May not: run, expand or guess a variable.

export interface Redirection {
  readonly operator: string
  readonly target: string
}
export interface ShellCommand {
  readonly words: readonly string[]
  readonly redirections: readonly Redirection[]
}

const maxDepth = 8
const redacted = '<redacted>'
const operatorPattern = /(?:&>>|&>|>>|>\||>&|<>|<<<|<<-|<<|<&|>|<)/y

/** Every simple command of a script in the order it is written, those in $(…), `…` and (…) included. */
export function parseShellScript(script: string, depth = 0): readonly ShellCommand[] {
  return depth > maxDepth ? [] : new Parser(script, depth).parse()
}

class Parser {
  readonly #text: string
  readonly #depth: number
  readonly #commands: ShellCommand[] = []
  #position = 0
  /** Undefined between words; an empty string is a word too (''). */
  #word: string | undefined
  #words: string[] = []
  #redirections: Redirection[] = []
  #operator: string | undefined
  #hereDocuments: string[] = []

  constructor(text: string, depth: number) {
    this.#text = text
    this.#depth = depth
  }

  parse(): readonly ShellCommand[] {
    while (this.#position < this.#text.length) this.#step(this.#text.charAt(this.#position))
    this.#endCommand()
    return this.#commands
  }

  #step(character: string): void {
    switch (character) {
      case ' ':
      case '\t':
      case '\r':
        this.#position++
        this.#endWord()
        break
      case '\n':
        this.#endLine()
        break
      case ';':
      case '|':
      case '(':
      case ')':
        this.#position++
        this.#endCommand()
        break
      case '&':
        if (this.#text.charAt(this.#position + 1) === '>') this.#redirect()
        else this.#skipOperator()
        break
      case '<':
        // What the collector puts in place of a secret is part of a word.
        if (this.#text.startsWith(redacted, this.#position)) this.#append(redacted)
        else this.#redirect()
        break
      case '>':
        this.#redirect()
        break
      case '#':
        if (this.#word === undefined) this.#skipComment()
        else this.#append(character)
        break
      default:
        this.#wordPart(character)
    }
  }

  #wordPart(character: string): void {
    switch (character) {
      case "'":
        this.#singleQuoted()
        break
      case '"':
        this.#doubleQuoted()
        break
      case '\\':
        this.#escaped()
        break
      case '`':
        this.#backquoted()
        break
      case '$':
        this.#dollar()
        break
      default:
        this.#append(character)
    }
  }

  #append(text: string, length = text.length): void {
    this.#word = (this.#word ?? '') + text
    this.#position += length
  }

  #skipOperator(): void {
    this.#position++
    this.#endCommand()
  }

  #skipComment(): void {
    this.#position = this.#indexOrEnd('\n', this.#position)
  }

  #escaped(): void {
    const next = this.#text.charAt(this.#position + 1)
    if (next === '\n') this.#position += 2
    else this.#append(next, 2)
  }

  #singleQuoted(): void {
    const end = this.#indexOrEnd("'", this.#position + 1)
    this.#append(this.#text.slice(this.#position + 1, end), end + 1 - this.#position)
  }

  #doubleQuoted(): void {
    this.#append('', 1)
    while (this.#position < this.#text.length) {
      const character = this.#text.charAt(this.#position)
      if (character === '"') {
        this.#position++
        return
      }
      if (character === '\\') this.#escapedInQuotes()
      else if (character === '`') this.#backquoted()
      else if (character === '$') this.#dollar()
      else this.#append(character)
    }
  }

  #escapedInQuotes(): void {
    const next = this.#text.charAt(this.#position + 1)
    if ('$`"\\'.includes(next) || next === '\n') this.#escaped()
    else this.#append('\\')
  }

  #backquoted(): void {
    let end = this.#position + 1
    while (end < this.#text.length && this.#text.charAt(end) !== '`') end += this.#text.charAt(end) === '\\' ? 2 : 1
    this.#nested(this.#text.slice(this.#position + 1, end))
    this.#append('$(…)', Math.min(end + 1, this.#text.length) - this.#position)
  }

  /** `$(command)`, `$((arithmetic))` and `${name}` may hold blanks and quotes; `$name` needs no care. */
  #dollar(): void {
    const next = this.#text.charAt(this.#position + 1)
    if (next === '(') this.#substitution()
    else if (next === '{') {
      const end = this.#indexOrEnd('}', this.#position)
      this.#append(this.#text.slice(this.#position, end + 1), end + 1 - this.#position)
    } else this.#append('$')
  }

  #substitution(): void {
    const end = this.#closing(this.#position + 2)
    const inner = this.#text.slice(this.#position + 2, end)
    if (!inner.startsWith('(')) this.#nested(inner)
    this.#append('$(…)', end + 1 - this.#position)
  }

  #nested(script: string): void {
    this.#commands.push(...parseShellScript(script, this.#depth + 1))
  }

  /** Index of the parenthesis that closes the one before `start`, or the end of the text. */
  #closing(start: number): number {
    let open = 1
    let index = start
    while (index < this.#text.length) {
      const character = this.#text.charAt(index)
      if (character === '(') open++
      else if (character === ')') open--
      if (open === 0) return index
      if (character === "'") index = this.#indexOrEnd("'", index + 1)
      else if (character === '\\') index++
      index++
    }
    return this.#text.length
  }

  #redirect(): void {
    // `2>` names a descriptor, not a word.
    if (this.#word !== undefined && /^\d$/.test(this.#word)) this.#word = undefined
    this.#endWord()
    operatorPattern.lastIndex = this.#position
    this.#operator = operatorPattern.exec(this.#text)?.[0] ?? '>'
    this.#position += this.#operator.length
  }

  #endWord(): void {
    if (this.#word === undefined) return
    if (this.#operator === undefined) this.#words.push(this.#word)
    else if (this.#operator === '<<' || this.#operator === '<<-') this.#hereDocuments.push(this.#word)
    else this.#redirections.push({ operator: this.#operator, target: this.#word })
    this.#operator = undefined
    this.#word = undefined
  }

  #endCommand(): void {
    this.#endWord()
    this.#operator = undefined
    if (this.#words.length > 0 || this.#redirections.length > 0) {
      this.#commands.push({ words: this.#words, redirections: this.#redirections })
    }
    this.#words = []
    this.#redirections = []
  }

  /** The lines of here-documents that began on the line just ended are data, not commands. */
  #endLine(): void {
    this.#endCommand()
    this.#position++
    for (const delimiter of this.#hereDocuments) {
      let line: string
      do {
        const end = this.#indexOrEnd('\n', this.#position)
        line = this.#text.slice(this.#position, end)
        this.#position = end + 1
      } while (line.trim() !== delimiter && this.#position < this.#text.length)
    }
    this.#hereDocuments = []
  }

  #indexOrEnd(text: string, from: number): number {
    const index = this.#text.indexOf(text, from)
    return index === -1 ? this.#text.length : index
  }
}
