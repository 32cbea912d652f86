// Takes secrets out of configuration files: TOML, YAML and JSON in one pass over the text, so that comments, order, lines
// and files that do not parse are dealt with alike. What parsed before parses after. May not: need the file to be valid.
import { isHarmless, isPath, isPrivateKeyName, isSecretName, redacted, redactText, unquote } from './redact-names.ts'

const quoted = `"${redacted}"`

/** Secrets of a registry, proxy or webhook that stand under names of their own there. */
const configurationSecrets = /^(?:auth|username|basic-?auth|_auth)$/i
const headerNames = /^(?:staticpodurlheader|manifesturlheader|http-?headers?|headers?)$/i

export function redactConfiguration(path: string, text: string): string {
  return redactText(path === '/etc/fstab' ? redactMountOptions(text) : redactKeys(redactHeaderTables(text)))
}

/** cifs, ceph and sshfs take passwords as mount options; `credentials=` names a file. */
function redactMountOptions(text: string): string {
  return text.replace(/([\s,])(pass(?:word|wd)?2?|secret)=[^\s,]*/gi, `$1$2=${redacted}`)
}

/** TOML tables of HTTP headers: every value goes, whatever its name. */
function redactHeaderTables(text: string): string {
  return text.replace(
    /^([ \t]*\[[^\]\n]*\b[Hh]eaders?["']?[ \t]*\][^\n]*\n)((?:(?![ \t]*\[)[^\n]*(?:\n|$))*)/gm,
    (_whole: string, head: string, body: string) => head + redactAllValues(body),
  )
}

/** Every string and bare word that is not a key. */
function redactAllValues(block: string): string {
  return block.replace(
    /("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"'{}[\],:=]+)(\s*[:=])?/g,
    (whole: string, _value: string, separator: string | undefined) => (separator === undefined ? quoted : whole),
  )
}

// A quote behind a backslash begins no key; to try it would cost a scan to the end each time.
const keyPattern = /(?<![\w.\\-])("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\.?[A-Za-z_][\w.-]*)[ \t]*([=:])[ \t]*/g

function redactKeys(text: string): string {
  const pattern = new RegExp(keyPattern)
  let result = ''
  let done = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const name = lastSegment(unquote(match[1] ?? ''))
    const isHeader = headerNames.test(name)
    const isKey = isPrivateKeyName(name)
    if (!isHeader && !isKey && !isSecretName(name) && !configurationSecrets.test(name)) {
      // What looked like a quoted key may be a string with keys in it.
      pattern.lastIndex = match.index + (match[1]?.length ?? 1)
      continue
    }
    const place = { text, start: match.index, value: pattern.lastIndex, isColon: match[2] === ':', isHeader, isKey }
    const found = valueAt(place, match[1] ?? '')
    if (!found) continue
    result += text.slice(done, found.from) + found.replacement
    done = found.to
    pattern.lastIndex = found.to
  }
  return result + text.slice(done)
}

/** `registry.configs."x".auth.password` is a password. */
function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

interface Place {
  readonly text: string
  /** Where the key begins, and where its value may. */
  readonly start: number
  readonly value: number
  readonly isColon: boolean
  readonly isHeader: boolean
  /** A path may stand here, and stays. */
  readonly isKey: boolean
}
interface Replacement {
  readonly from: number
  readonly to: number
  readonly replacement: string
}

function valueAt(place: Place, key: string): Replacement | undefined {
  const { text, value: from } = place
  const rest = text.slice(from, from + 3)
  if (rest === '"""' || rest === "'''") {
    const end = text.indexOf(rest, from + 3)
    return { from, to: end < 0 ? text.length : end + 3, replacement: quoted }
  }
  switch (text[from]) {
    case '"':
    case "'":
      return stringAt(place)
    case '{':
    case '[':
      return groupAt(place)
    case '|':
    case '>':
      return place.isColon ? blockAt(place) : undefined
    case '\n':
    case '\r':
    case '#':
    case undefined:
      return place.isColon ? blockAt(place) : undefined
    default:
      return bareAt(place, key)
  }
}

function stringAt({ text, value: from, isKey }: Place): Replacement | undefined {
  const pattern = text[from] === '"' ? /"(?:[^"\\\n]|\\.)*("|(?=\n)|$)/y : /'(?:[^'\n]|'')*('|(?=\n)|$)/y
  pattern.lastIndex = from
  const found = pattern.exec(text)
  if (!found || isHarmless(unquote(found[0])) || (isKey && isPath(unquote(found[0])))) return undefined
  return { from, to: from + found[0].length, replacement: quoted }
}

/** An inline table or list: of headers and of secrets everything goes; other keys within are seen later. */
function groupAt({ text, value: from, isHeader }: Place): Replacement | undefined {
  if (text[from] === '{' && !isHeader) return undefined
  const tokens = /"(?:[^"\\]|\\.)*"|'[^'\n]*'|[[\]{}]/g
  tokens.lastIndex = from
  let depth = 0
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '[' || token[0] === '{') depth += 1
    if (token[0] === ']' || token[0] === '}') depth -= 1
    if (depth === 0) {
      const group = text.slice(from, tokens.lastIndex)
      return { from, to: tokens.lastIndex, replacement: redactAllValues(group) }
    }
  }
  return { from, to: text.length, replacement: redactAllValues(text.slice(from)) }
}

/** A bare value ends with the line where the key began it (YAML), else with the next comma or bracket. */
function bareAt({ text, start, value: from, isColon, isKey }: Place, key: string): Replacement | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const isBlockStyle = isColon && !key.startsWith('"') && /^[\s#-]*$/.test(text.slice(lineStart, start))
  const pattern = isBlockStyle ? /[^\n]*?(?=[ \t]+#|[ \t]*\r?(?:\n|$))/y : /[^\s,}\]"'#]+/y
  pattern.lastIndex = from
  const found = pattern.exec(text)?.[0] ?? ''
  if (isHarmless(found) || (isKey && isPath(found))) return undefined
  return { from, to: from + found.length, replacement: quoted }
}

/** YAML: a block scalar, or the deeper lines under a key without a value. Keys of a mapping there are seen later, headers go. */
function blockAt({ text, start, value: from, isHeader }: Place): Replacement | undefined {
  const lineEnd = text.indexOf('\n', from)
  if (lineEnd < 0) return undefined
  const isScalar = text[from] === '|' || text[from] === '>'
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const indent = indentation(text.slice(lineStart))
  const lines: string[] = []
  let to = lineEnd + 1
  while (to < text.length) {
    const next = text.indexOf('\n', to)
    const line = text.slice(to, next < 0 ? text.length : next)
    const isItem = !isScalar && indentation(line) === indent && /^\s*-(?:\s|$)/.test(line)
    if (line.trim() !== '' && indentation(line) <= indent && !isItem) break
    lines.push(line)
    to = next < 0 ? text.length : next + 1
  }
  if (lines.length === 0) return undefined
  const end = text.endsWith('\n', to) ? '\n' : ''
  if (isScalar) {
    const kept = lines.map((line) => (line.trim() === '' ? line : `${line.slice(0, indentation(line))}${redacted}`))
    return { from: lineEnd + 1, to, replacement: kept.join('\n') + end }
  }
  const clean = lines.map((line) => redactLine(line, isHeader))
  return clean.join('\n') === lines.join('\n')
    ? undefined
    : { from: lineEnd + 1, to, replacement: clean.join('\n') + end }
}

function indentation(line: string): number {
  return /^[ \t]*/.exec(line)?.[0].length ?? 0
}

function redactLine(line: string, isHeader: boolean): string {
  const [, before = '', rest = ''] = /^(\s*(?:-[ \t]+)*)(.*)$/.exec(line) ?? []
  if (rest === '' || rest === '-' || rest.startsWith('#')) return line
  const pair = /^("[^"]*"|'[^']*'|[^\s:]+)(:)(?:(\s+)(.*))?$/.exec(rest)
  if (!pair) return `${before}${quoted}`
  const [, key = '', , space, value] = pair
  return isHeader && space !== undefined && value ? `${before}${key}:${space}${quoted}` : line
}
