// Which names hold secrets, and what a secret looks like wherever it stands. Shared by the redaction of arguments,
// environment files and configurations. May not: guess that an unknown value is harmless because it is short.

/** What stands where a secret was. */
export const redacted = '<redacted>'

// k3s' datastore-endpoint is a database's address with its password.
const secretSuffix = /(?:token|password|passwd|passphrase|pwd|secret|apikey|credential|joinkey|datastore-endpoint)s?$/
const secretWord = /(?:^|-)(?:pass|(?:api|access|secret|join|shared|account)-?key)s?$/
const privateKeyWord = /(?:^|-)(?:private|signing|encryption|auth|client|server|tls)-?key$/
const keyWord = /(?:^|-)key$/
const publicKey = /(?:^|-)(?:public|pub|host)-?key$/

/** `joinKey`, `JOIN_KEY` and `join.key` are one name. */
function normalizeName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[_.\s]+/g, '-')
}

/** A name whose value is a secret whatever it looks like: `--token`, `AWS_SECRET_ACCESS_KEY`, `identitytoken`. */
export function isSecretName(name: string): boolean {
  const normalized = normalizeName(name)
  return secretSuffix.test(normalized) || secretWord.test(normalized)
}

/** A name whose value is a secret unless it is a path: `--kubelet-client-key`. */
export function isKeyName(name: string): boolean {
  const normalized = normalizeName(name)
  return keyWord.test(normalized) && !publicKey.test(normalized)
}

/** A key in a configuration: a secret unless it is a path. A bare `key` is most often a taint's or a label's. */
export function isPrivateKeyName(name: string): boolean {
  return privateKeyWord.test(normalizeName(name))
}

/** Values that cannot be a secret: nothing, a switch, or a variable that is expanded elsewhere. */
export function isHarmless(value: string): boolean {
  return value === '' || value === redacted || /^(?:true|false|null|\$\{?\w+\}?)$/i.test(value)
}

/** An absolute or relative path, or a bare file name with the extension of a key or certificate. */
export function isPath(value: string): boolean {
  return (
    /^(?:~|\.{0,2})\/[\w.@%+ -]+(?:\/[\w.@%+ -]*)*$/.test(value) ||
    /^[\w.-]+\.(?:pem|key|crt|cert|cer|p12|json|ya?ml|conf)$/i.test(value)
  )
}

/** Whether the value of a flag or variable has to go. */
export function isSecret(name: string, value: string): boolean {
  const bare = unquote(value)
  if (isHarmless(bare)) return false
  if (isSecretName(name)) return true
  return isKeyName(name) && !isPath(bare)
}

/** Without the quotes around it. */
export function unquote(text: string): string {
  const quote = text[0]
  return text.length > 1 && (quote === '"' || quote === "'") && text.endsWith(quote) ? text.slice(1, -1) : text
}

// Each pattern is linear in the text: a host may send anything. Hence the look-behinds: a run is entered at its start only.
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:(?!-----BEGIN)[\s\S])*?-----END [A-Z0-9 ]*PRIVATE KEY-----/g, redacted],
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]|\\[nr])*/g, redacted],
  // JSON Web Tokens.
  [/(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g, redacted],
  // user:password@ in URLs (a password may hold an @), and a token alone before the @ of a web address.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/@:'"<]*:)[^\s/'"]+@/gi, `$1${redacted}@`],
  [/\b(https?:\/\/)[^\s/@:'"<]+@/gi, `$1${redacted}@`],
  // user:password@ without a scheme, as database drivers take it; `name:tag@sha256:…` is an image.
  [/(?<![\w./:@-])([\w.+-]{1,64}:)[^\s/@:'"]{1,256}@(?!sha\d+:)(?=[\w[])/g, `$1${redacted}@`],
  [/\b([Bb]earer|[Bb]asic|BEARER|BASIC)([ \t]+)(?=[^\s]*[0-9A-Z=._])[\w.~+/=-]{8,}/g, `$1$2${redacted}`],
  // AWS, GitHub, GitLab, Slack and Google keys by their prefixes.
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, redacted],
  [
    /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35})/g,
    redacted,
  ],
  // k3s node tokens, kubeadm bootstrap tokens (with a digit, so that file names stay).
  [/\bK10[0-9a-f]{40,}::[^\s"']+/g, redacted],
  [/(?<![\w./-])[a-z0-9]{6}\.(?=[a-z]*\d)[a-z0-9]{16}(?![\w./-])/g, redacted],
]
const encodedPem = /LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}/g

/** Replaces what is recognizably a credential in any text: private keys, tokens, passwords in URLs. */
export function redactText(text: string): string {
  let result = text
  for (const [pattern, replacement] of patterns) result = result.replace(pattern, replacement)
  return result.replace(encodedPem, (found) =>
    Buffer.from(found.slice(0, 64), 'base64').toString('latin1').includes('PRIVATE KEY') ? redacted : found,
  )
}
