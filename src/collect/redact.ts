// Takes secrets out of what was read, before anything touches the disk: process arguments, environment and unit files.
// Configurations are in redact-configuration.ts. May not: change what is no secret, or move a line of a file.
import { isSecret, isSecretName, redacted, redactText, unquote } from './redact-names.ts'

/** Arguments with secret values replaced by `<redacted>`. Same length and order as given. */
export function redactArguments(argv: readonly string[]): string[] {
  let awaiting: string | undefined
  return argv.map((argument) => {
    const pending = awaiting
    awaiting = undefined
    const flag = /^(--?)([A-Za-z][\w.-]*)(?:(=)([\s\S]*))?$/.exec(argument)
    if (!flag) return pending === undefined ? redactPlain(argument) : redactFlagValue(pending, argument)
    const [, dashes = '', name = '', equals, value = ''] = flag
    if (equals !== undefined) return `${dashes}${name}=${redactFlagValue(name, value)}`
    awaiting = name
    return argument
  })
}

function redactFlagValue(name: string, value: string): string {
  if (isHeaderFlag(name)) return redactHeaders(value)
  // etcd's --auth-token names a kind of token.
  if (name === 'auth-token' && /^(?:simple|jwt)(?:$|,)/.test(value)) return redactPairs(value)
  return isSecret(name, value) ? redacted : redactPlain(value)
}

function isHeaderFlag(name: string): boolean {
  return name === 'H' || (/(?:^|-)headers?$/.test(name) && !name.startsWith('requestheader'))
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

/** `name=a,joinKey=b` inside one argument. */
function redactPairs(text: string): string {
  const pairs = text.replace(
    /(^|[,;&?\s])([A-Za-z_][\w.-]*)=((?:(?!,[A-Za-z_][\w.-]*=)[^;&\s])*)/g,
    (whole: string, before: string, name: string, value: string) =>
      isSecretName(name) && isSecret(name, value) ? `${before}${name}=${redacted}` : whole,
  )
  return redactText(pairs)
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
