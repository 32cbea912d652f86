// Takes secrets out of what was read, before anything touches the disk: process arguments, environment and unit files.
// Configurations are in redact-configuration.ts. May not: change what is no secret, or the shape of a file (its lines stay where they are).
import { isSecret, isSecretName, redacted, redactText } from './redact-names.ts'

/** Arguments with secret values replaced by `<redacted>`. Same length and order as given. */
export function redactArguments(argv: readonly string[]): string[] {
  let awaiting: string | undefined
  return argv.map((argument) => {
    const pending = awaiting
    awaiting = undefined
    if (pending !== undefined && !isFlag(argument)) return redactFlagValue(pending, argument)
    const flag = /^(--?)([A-Za-z][\w.-]*)(?:(=)([\s\S]*))?$/.exec(argument)
    if (!flag) return redactPairs(argument)
    const [, dashes = '', name = '', equals, value = ''] = flag
    if (equals === undefined) {
      awaiting = name
      return argument
    }
    return `${dashes}${name}=${redactFlagValue(name, value)}`
  })
}

function isFlag(argument: string): boolean {
  return /^--?[A-Za-z][\w.-]*(?:=|$)/.test(argument)
}

function redactFlagValue(name: string, value: string): string {
  if (isHeaderFlag(name)) return redactHeaders(value)
  // etcd's --auth-token names a token *kind*.
  if (name === 'auth-token' && /^(?:simple|jwt(?:,|$))/.test(value)) return value
  if (isSecret(name, value)) return redacted
  return redactPairs(value)
}

function isHeaderFlag(name: string): boolean {
  return /(?:^|-)headers?$/.test(name) && !name.startsWith('requestheader')
}

/** `Name:value,Name:value`, as --manifest-url-header takes it. */
function redactHeaders(value: string): string {
  return value.replace(/([^:,]+):\s*[^,]*/g, `$1:${redacted}`)
}

/** `NAME=value` and `name=a,joinKey=b` inside one argument. */
function redactPairs(text: string): string {
  const redactedPairs = text.replace(
    /(^|[,;&?\s])([A-Za-z_][\w.-]*)=([^,;&\s]*)/g,
    (whole: string, before: string, name: string, value: string) =>
      isSecretName(name) && isSecret(name, value) ? `${before}${name}=${redacted}` : whole,
  )
  return redactText(redactedPairs)
}
