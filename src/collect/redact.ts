// Takes secrets out of what was read, before anything touches the disk: process arguments, environment and unit files.
// Configurations are in redact-configuration.ts. May not: change what is no secret, or move a line of a file.
import { isSecret, isSecretName, redacted, redactText, unquote } from './redact-names.ts'

/** What stands before the arguments, where it is kept apart (a container's `command` and `args`). */
type Preceding = readonly string[]

/** Arguments with secret values replaced by `<redacted>`. Same length and order as given. */
export function redactArguments(argv: readonly string[], preceding: Preceding = []): string[] {
  return redactWords(argv, preceding, 0)
}

const maxScriptDepth = 4
/** `sh -c`, `bash -ec`: the next argument is a script. */
const scriptFlag = /^-[A-Za-z]{0,5}c$/

function redactWords(argv: readonly string[], preceding: Preceding, depth: number): string[] {
  const program = programOf([...preceding, ...argv])
  let before = preceding.at(-1) ?? ''
  let awaiting: string | undefined
  return argv.map((argument) => {
    const pending = awaiting
    const isScript = scriptFlag.test(before) && /[\s;&|]/.test(argument) && depth < maxScriptDepth
    awaiting = undefined
    before = argument
    if (isScript) return redactScript(argument, depth + 1)
    const flag = /^(--?)([A-Za-z][\w.-]*)(?:(=)([\s\S]*))?$/.exec(argument)
    if (!flag) return pending === undefined ? redactPlain(argument) : redactFlagValue(pending, argument)
    const [, dashes = '', name = '', equals, value = ''] = flag
    if (equals !== undefined) return `${dashes}${name}=${redactFlagValue(name, value)}`
    const letter = dashes === '-' ? passwordLetters.get(program) : undefined
    if (letter !== undefined && name.length > 1 && name.startsWith(letter)) return `-${letter}${redacted}`
    // A name of its own, so that the value is a secret whatever the letter means elsewhere.
    awaiting = name === letter && !mayAsk.has(program) ? 'password' : name
    return argument
  })
}

/** Programs whose one-letter option takes a password, as `mysql -pSECRET`. */
const passwordLetters: ReadonlyMap<string, string> = new Map([
  ['mysql', 'p'],
  ['mysqladmin', 'p'],
  ['mysqldump', 'p'],
  ['mariadb', 'p'],
  ['mariadb-admin', 'p'],
  ['mariadb-dump', 'p'],
  ['mongosh', 'p'],
  ['mongo', 'p'],
  ['mongodump', 'p'],
  ['sshpass', 'p'],
  ['redis-cli', 'a'],
])
/** Of these, those that ask for the password where it does not follow at once: the next word is another argument. */
const mayAsk: ReadonlySet<string> = new Set([
  'mysql',
  'mysqladmin',
  'mysqldump',
  'mariadb',
  'mariadb-admin',
  'mariadb-dump',
])

/** The first word that is no assignment and no program that runs another, without its folder. */
function programOf(words: readonly string[]): string {
  const word = words.find((one) => !/^(?:[A-Za-z_]\w*=.*|sudo|env|exec|nohup|time)$/s.test(one)) ?? ''
  return word.slice(word.lastIndexOf('/') + 1)
}

// Blanks, then what ends a simple command or redirects, then words with their quotes, then whatever is left (an unclosed quote).
const scriptToken =
  /(?:[ \t\r]|\\\r?\n)+|[;&|()\n<>`]+|(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[^\r\n]|[^\s\\;&|()<>`"'])+|[\s\S]/g

/**
 * A shell script: each simple command as arguments, then the text as a whole. Whatever separates commands stays where it is, and
 * quotes stay in pairs: what a script does must be as visible as before.
 */
function redactScript(script: string, depth: number): string {
  const tokens = script.match(scriptToken) ?? []
  let command: number[] = []
  const finish = (): void => {
    const words = command.map((index) => bareWord(tokens[index] ?? ''))
    const clean = redactWords(
      words.map(({ bare }) => bare),
      [],
      depth,
    )
    command.forEach((index, at) => {
      const [word, after] = [words[at], clean[at]]
      if (word !== undefined && after !== undefined && after !== word.bare) tokens[index] = word.quote(after)
    })
    command = []
  }
  tokens.forEach((token, index) => {
    if (/^[;&|()\n<>`]/.test(token)) finish()
    else if (!/^(?:\s|\\\r?\n)/.test(token)) command.push(index)
  })
  finish()
  return redactLabelled(redactText(tokens.join('')))
}

/** A word of a script without its quotes, and how to put them back: around all of it, or behind `name=`. */
function bareWord(word: string): { readonly bare: string; readonly quote: (text: string) => string } {
  const [opening = '', name = '', mark = ''] = /^([^"'=\s]*=)?(["'])/.exec(word) ?? []
  const value = word.slice(opening.length, -1)
  const isWhole = opening !== '' && word.length > opening.length && word.endsWith(mark)
  if (!isWhole || value.replaceAll(/\\[\s\S]/g, '').includes(mark)) return { bare: word, quote: (text) => text }
  return {
    bare: `${name}${value}`,
    quote: (text) =>
      text.startsWith(name) ? `${name}${mark}${text.slice(name.length)}${mark}` : `${mark}${text}${mark}`,
  }
}

function redactFlagValue(name: string, value: string): string {
  if (isHeaderFlag(name) && isHeader(value)) return redactHeaders(value)
  // etcd's --auth-token names a kind of token.
  if (name === 'auth-token' && /^(?:simple|jwt)(?:$|,)/.test(value)) return redactPairs(value)
  // The kind of k3s' database is no secret, and says how it is reached.
  if (name === 'datastore-endpoint') return `${/^[a-z][a-z0-9+.-]{0,20}:\/\//.exec(value)?.[0] ?? ''}${redacted}`
  if (isSecret(name, value)) return redacted
  if (userFlags.has(name)) return redactPlain(value).replace(/^([^:\s]+):(?!\d+$)\S+$/, `$1:${redacted}`)
  return redactPlain(value)
}

/** `curl -u name:password`; two numbers are a user and a group. */
const userFlags: ReadonlySet<string> = new Set(['u', 'U', 'user', 'proxy-user'])

function isHeaderFlag(name: string): boolean {
  return name === 'H' || (/(?:^|-)headers?$/.test(name) && !name.startsWith('requestheader'))
}

/** Not `-H fd://`, `-H unix:///run/docker.sock` and `-H host`, which name where to listen or whom to ask. */
function isHeader(value: string): boolean {
  return value.includes(':') && !/^[a-z][a-z0-9+.-]*:\/\//i.test(value)
}

/** `Name:value,Name:value`, as --manifest-url-header takes it. */
function redactHeaders(value: string): string {
  return value
    .split(',')
    .map((header) => {
      const colon = header.indexOf(':')
      return colon < 0 ? redacted : `${header.slice(0, colon)}:${redacted}`
    })
    .join(',')
}

/** An argument that is no flag, or a flag's value: an assignment, a list of them, or any text. */
function redactPlain(text: string): string {
  const assignment = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text)
  if (assignment) {
    const [, name = '', value = ''] = assignment
    if (isSecretName(name) && isSecret(name, value)) return `${name}=${redacted}`
  }
  return redactPairs(text)
}

/** A sentence or message of unknown origin. */
export function redactMessage(text: string): string {
  return redactPairs(text)
}

/** `name=a,joinKey=b` inside one argument. */
function redactPairs(text: string): string {
  const pairs = text.replace(
    /(^|[,;&?\s])([A-Za-z_][\w.-]*)=((?:(?!,[A-Za-z_][\w.-]*=)[^;&\s])*)/g,
    (whole: string, before: string, name: string, value: string) =>
      isSecretName(name) && isSecret(name, value) ? `${before}${name}=${redacted}` : whole,
  )
  return redactLabelled(redactText(pairs))
}

/** `password: x` and `"token":"x"`, as YAML and JSON inside an argument have it. Kinds of objects are no labels of secrets. */
function redactLabelled(text: string): string {
  return text.replace(
    /(?<![\w.-])(["']?)([A-Za-z_][\w.-]*)\1([ \t]*:[ \t]*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,;{}[\]"'&|()]+)/g,
    (whole: string, mark: string, name: string, colon: string, value: string) => {
      if (!isSecretName(name) || /^(?:secret|credential)s?$/i.test(name) || !isSecret(name, value)) return whole
      const quote = /^["']/.exec(value)?.[0] ?? ''
      return `${mark}${name}${mark}${colon}${quote}${redacted}${quote}`
    },
  )
}

/** A command line as it stands in a unit or a variable: words, quotes, continuation lines. White space stays as it is. */
export function redactCommandLine(text: string): string {
  const parts = text.match(/(?:\s|\\\r?\n)+|(?:"(?:\\[\s\S]|[^"\\])*"|'[^']*'|\\[^\r\n]|[^\s\\])+|\\/g) ?? []
  const words = parts.filter(isWord)
  const clean = redactArguments(words.map(unquote))
  let next = 0
  const result = parts.map((part) => {
    if (!isWord(part)) return part
    const word = clean[next]
    next += 1
    if (word === undefined || word === unquote(part)) return part
    return unquote(part) === part ? word : `${part[0]}${word}${part[0]}`
  })
  return result.join('')
}

/** A file that holds a program's arguments, one a line, as MicroK8s keeps them. */
export function redactArgumentsFile(text: string): string {
  return redactText(text.replaceAll(/^[^\n]+$/gm, (line) => redactCommandLine(line)))
}

function isWord(part: string): boolean {
  return /^[^\s\\]|^\\[^\s]/.test(part)
}

const environmentLine =
  /^([ \t]*(?:[#;][ \t]*)?(?:export[ \t]+)?)([A-Za-z_]\w*)([ \t]*=[ \t]*)("(?:\\[\s\S]|[^"\\])*"[^\n]*|'[^']*'[^\n]*|(?:\\\r?\n|[^\n])*)/gm

/** A systemd or shell environment file: the values of secret names go, flags within other values are looked at one by one. */
export function redactEnvironmentFile(text: string): string {
  const lines = text.replace(
    environmentLine,
    (_whole: string, before: string, name: string, equals: string, value: string) =>
      `${before}${name}${equals}${redactVariable(name, value)}`,
  )
  return redactText(lines)
}

function redactVariable(name: string, value: string): string {
  const trimmed = value.trimEnd()
  const inner = unquote(trimmed)
  const isQuoted = inner !== trimmed
  const clean = isSecret(name, inner) ? redacted : redactCommandLine(inner)
  if (clean === inner) return value
  return `${isQuoted ? `${trimmed[0]}${clean}${trimmed[0]}` : clean}${value.slice(trimmed.length)}`
}

const unitLine = /^([ \t]*(?:[#;][ \t]*)?)([A-Za-z]\w*)([ \t]*=[ \t]*)((?:\\\r?\n|[^\n])*)/gm

/** A systemd unit or drop-in: command lines, `Environment=` and inline credentials. */
export function redactUnitFile(text: string): string {
  const lines = text.replace(unitLine, (whole: string, before: string, key: string, equals: string, value: string) => {
    if (key === 'SetCredential') return `${before}${key}${equals}${value.replace(/:[\s\S]*/, `:${redacted}`)}`
    if (key === 'Environment' || key.startsWith('Exec')) return `${before}${key}${equals}${redactCommandLine(value)}`
    return whole
  })
  return redactText(lines)
}
