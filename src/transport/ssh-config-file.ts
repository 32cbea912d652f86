// What the user's OpenSSH client configuration says about a host. Commands it names are never run.
// May not: connect, or read keys.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { parse } from 'ssh-config'
import { matchesGlob } from './ssh-known-hosts.ts'

/** Settings of one host as written there, tokens not yet expanded. */
export interface HostSettings {
  readonly hostName?: string
  readonly user?: string
  readonly port?: number
  readonly identityFiles: readonly string[]
  readonly identitiesOnly: boolean
  readonly certificateFiles: readonly string[]
  /** Socket, `none` or `SSH_AUTH_SOCK`. */
  readonly identityAgent?: string
  readonly proxyJump?: string
  readonly hasProxyCommand: boolean
  readonly knownHostsFiles?: readonly string[]
  readonly hostKeyAlias?: string
  /** A Host line names this host and not just any. */
  readonly isNamed: boolean
}

export interface SshConfigFile {
  settings(host: string, user?: string): HostSettings
}

const includeDepth = 8

/** Reads the file and what it includes. A file that does not exist is an empty one; whether that is an error is the caller's. */
export function readSshConfig(file: string, home: string, onNote: (note: string) => void): SshConfigFile {
  const text = readWithIncludes(file, home, 0, onNote)
  if (/^[ \t]*Match\b.*\bexec\b/im.test(text)) onNote(`${file}: "Match exec" blocks are skipped; no command is run.`)
  // The parser would look names up with nslookup.
  const lines = text.replace(/^[ \t]*CanonicalizeHostname\b.*$/gim, '')
  const config = parse(lines)
  const named = namedHosts(config)
  return {
    settings(host, user) {
      const computed = config.compute(user === undefined ? { Host: host } : { Host: host, User: user }, {
        ignoreCase: true,
        matchExec: false,
      })
      return { ...toSettings(computed), isNamed: named.has(host) }
    },
  }
}

/** The names that Host lines spell out. */
function namedHosts(config: ReturnType<typeof parse>): Set<string> {
  const names = new Set<string>()
  for (const line of config) {
    if (!('param' in line) || !/^host$/i.test(line.param)) continue
    const values = typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val)
    for (const name of values) if (!/[*?!]/.test(name)) names.add(name)
  }
  return names
}

function toSettings(computed: Record<string, string | string[]>): Omit<HostSettings, 'isNamed'> {
  const one = (key: string): string | undefined => {
    const value = computed[key]
    return Array.isArray(value) ? value[0] : value
  }
  const all = (key: string): string[] | undefined => {
    const value = computed[key]
    if (value === undefined) return undefined
    return Array.isArray(value) ? value : value.split(/\s+/)
  }
  const port = Number(one('port'))
  const proxyCommand = one('proxycommand')
  const knownHostsFiles = all('userknownhostsfile')
  return {
    ...present('hostName', one('hostname')),
    ...present('user', one('user')),
    ...(Number.isInteger(port) && port > 0 && port < 65_536 ? { port } : {}),
    ...present('identityAgent', one('identityagent')),
    ...present('proxyJump', one('proxyjump')),
    ...present('hostKeyAlias', one('hostkeyalias')),
    ...(knownHostsFiles === undefined ? {} : { knownHostsFiles }),
    identityFiles: [computed['identityfile'] ?? []].flat(),
    certificateFiles: [computed['certificatefile'] ?? []].flat(),
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    hasProxyCommand: proxyCommand !== undefined && proxyCommand.toLowerCase() !== 'none',
  }
}

function present<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  const result: { [P in K]?: string } = {}
  if (value !== undefined) result[key] = value
  return result
}

function readWithIncludes(file: string, home: string, depth: number, onNote: (note: string) => void): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error'
    if (code !== 'ENOENT') onNote(`${file} could not be read (${code}).`)
    return ''
  }
  return text.replace(/^[ \t]*Include[ \t=]+(.+?)[ \t]*$/gim, (_line, names: string) => {
    if (depth >= includeDepth) {
      onNote(`${file}: includes nest too deeply; "${names}" was left out.`)
      return ''
    }
    const files = names.split(/\s+/).flatMap((name) => expandInclude(name.replaceAll('"', ''), home))
    return files.map((included) => readWithIncludes(included, home, depth + 1, onNote)).join('\n')
  })
}

/** `~`, paths relative to ~/.ssh, and wildcards in the last part. */
function expandInclude(name: string, home: string): string[] {
  const path = expandHome(name, home)
  const absolute = isAbsolute(path) ? path : join(home, '.ssh', path)
  if (!/[*?]/.test(basename(absolute))) return [absolute]
  try {
    return readdirSync(dirname(absolute))
      .filter((entry) => matchesGlob(basename(absolute), entry))
      .sort()
      .map((entry) => join(dirname(absolute), entry))
  } catch {
    // As in OpenSSH, an include that matches nothing is none.
    return []
  }
}

export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? home + path.slice(1) : path
}

/** %h host, %n name given, %p port, %r remote user, %u local user, %d home, %%; others stay. */
export function expandTokens(
  text: string,
  tokens: {
    readonly h: string
    readonly n: string
    readonly p: string
    readonly r: string
    readonly u: string
    readonly d: string
  },
): string {
  const values: Readonly<Record<string, string>> = { ...tokens, '%': '%' }
  return text.replace(/%([A-Za-z%])/g, (whole, token: string) => values[token] ?? whole)
}
