// OpenSSH's known_hosts: which keys a host may show. Follows sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT".
// May not: accept a key that no file names. Writing a new host is the only write this project makes outside its output.
import { createHash, createHmac } from 'node:crypto'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

interface Entry {
  readonly marker?: 'revoked' | 'cert-authority'
  readonly patterns: readonly string[]
  readonly type: string
  /** Base64, as in the file. */
  readonly key: string
  readonly source: string
}

/** A key the host showed: its type as the key itself says, and the raw blob. */
export interface HostKey {
  readonly type: string
  readonly blob: Buffer
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  /** No key of this type is known; `others` are the types that are. */
  | { readonly kind: 'unknown'; readonly others: readonly string[]; readonly hasAuthority: boolean }
  | { readonly kind: 'changed'; readonly known: readonly string[]; readonly source: string }
  | { readonly kind: 'revoked'; readonly source: string }

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/** The name under which known_hosts knows a host: `[host]:port` unless the port is 22. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
}

export class KnownHosts {
  readonly #writable: string | undefined
  /** Entries whose patterns are plain names, by name. The rest is searched. */
  readonly #byName = new Map<string, Entry[]>()
  readonly #searched: Entry[] = []
  readonly #found = new Map<string, Entry[]>()

  /**
   * Reads the files that exist. `onNote` hears of lines that are no entries, and of files that cannot be read.
   * New hosts go to `writable`; without one they cannot be accepted.
   */
  constructor(files: readonly string[], onNote: (note: string) => void, writable?: string) {
    this.#writable = writable
    for (const file of files) {
      const text = readText(file, onNote)
      if (text === undefined) continue
      for (const [index, line] of text.split('\n').entries()) {
        const parsed = parseLine(line, `${file}:${index + 1}`)
        if (parsed === 'malformed') onNote(`${file}:${index + 1} is not a known_hosts entry and was skipped.`)
        else if (parsed !== 'empty') this.#add(parsed)
      }
    }
  }

  /** Key types known for a name, in the files' order: what to ask the server for first. */
  keyTypes(name: string): string[] {
    return [...new Set(this.#entries(name).flatMap((entry) => (entry.marker ? [] : [entry.type])))]
  }

  /**
   * Judges a key. As OpenSSH does, a host on another port than 22 may also be known by its bare name, which can only
   * confirm it.
   */
  check(host: string, port: number, key: HostKey, alias?: string): HostKeyVerdict {
    const name = alias?.toLowerCase() ?? knownHostsName(host, port)
    const encoded = key.blob.toString('base64')
    const entries = this.#entries(name)
    const bare = alias === undefined && port !== 22 ? this.#entries(host.toLowerCase()) : []
    const revoked = [...entries, ...bare].find((entry) => entry.marker === 'revoked' && entry.key === encoded)
    if (revoked) return { kind: 'revoked', source: revoked.source }
    const plain = entries.filter((entry) => entry.marker === undefined)
    if (plain.some((entry) => entry.key === encoded)) return { kind: 'known' }
    const sameType = plain.filter((entry) => entry.type === key.type)
    if (sameType[0]) return { kind: 'changed', known: sameType.map(fingerprintOf), source: sameType[0].source }
    if (plain.length === 0 && bare.some((entry) => entry.marker === undefined && entry.key === encoded)) {
      return { kind: 'known' }
    }
    const hasAuthority = entries.some((entry) => entry.marker === 'cert-authority')
    return { kind: 'unknown', others: [...new Set(plain.map((entry) => entry.type))], hasAuthority }
  }

  /** Remembers a host never seen before, in one appended line. Throws where that cannot be written. */
  accept(name: string, key: HostKey): void {
    const file = this.#writable
    if (file === undefined) throw new Error('There is no known_hosts file to write to.')
    const encoded = key.blob.toString('base64')
    appendLine(file, `${name} ${key.type} ${encoded}\n`)
    this.#found.delete(name)
    this.#add({ patterns: [name], type: key.type, key: encoded, source: file })
  }

  #add(entry: Entry): void {
    if (entry.patterns.some((pattern) => /[*?!|]/.test(pattern))) {
      this.#searched.push(entry)
      return
    }
    for (const pattern of entry.patterns) {
      const list = this.#byName.get(pattern.toLowerCase())
      if (list) list.push(entry)
      else this.#byName.set(pattern.toLowerCase(), [entry])
    }
  }

  #entries(name: string): Entry[] {
    const known = this.#found.get(name)
    if (known) return known
    const found = [...(this.#byName.get(name) ?? []), ...this.#searched.filter((entry) => matches(entry, name))]
    this.#found.set(name, found)
    return found
  }
}

function fingerprintOf(entry: Entry): string {
  return fingerprint(Buffer.from(entry.key, 'base64'))
}

function readText(file: string, onNote: (note: string) => void): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code !== 'ENOENT') onNote(`${file} could not be read (${code || 'error'}): the hosts it names are unknown.`)
    return undefined
  }
}

function parseLine(line: string, source: string): Entry | 'empty' | 'malformed' {
  const trimmed = line.trim()
  if (trimmed === '' || trimmed.startsWith('#')) return 'empty'
  const words = trimmed.split(/\s+/)
  const marker = words[0]?.startsWith('@') ? words.shift()?.slice(1) : undefined
  const [hosts, type, key] = words
  if (hosts === undefined || type === undefined || key === undefined) return 'malformed'
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return 'malformed'
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || !keyNames(key, type)) return 'malformed'
  return { ...(marker === undefined ? {} : { marker }), patterns: hosts.split(','), type, key, source }
}

/** A key blob begins with the length and name of its type. */
function keyNames(key: string, type: string): boolean {
  const blob = Buffer.from(key, 'base64')
  return blob.length > 4 + type.length && blob.toString('latin1', 4, 4 + blob.readUInt32BE(0)) === type
}

function matches(entry: Entry, name: string): boolean {
  let matched = false
  for (const pattern of entry.patterns) {
    if (pattern.startsWith('|')) {
      if (matchesHash(pattern, name)) matched = true
    } else if (pattern.startsWith('!')) {
      if (matchesGlob(pattern.slice(1), name)) return false
    } else if (matchesGlob(pattern, name)) {
      matched = true
    }
  }
  return matched
}

function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = pattern.split('|')
  if (version !== '1') return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/** `*` any run, `?` any one character; no backtracking beyond the last star. */
export function matchesGlob(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase()
  const given = name.toLowerCase()
  let p = 0
  let n = 0
  let star = -1
  let resume = 0
  while (n < given.length) {
    if (wanted[p] === '*') {
      star = p
      resume = n
      p += 1
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[n])) {
      p += 1
      n += 1
    } else if (star >= 0) {
      p = star + 1
      resume += 1
      n = resume
    } else {
      return false
    }
  }
  while (wanted[p] === '*') p += 1
  return p === wanted.length
}

/** One write in append mode: entries of two audits at once do not mix. */
function appendLine(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const handle = openSync(file, 'a+', 0o600)
  try {
    const { size } = fstatSync(handle)
    const last = Buffer.alloc(1)
    if (size > 0) readSync(handle, last, 0, 1, size - 1)
    writeSync(handle, size > 0 && last[0] !== 0x0a ? `\n${line}` : line)
  } finally {
    closeSync(handle)
  }
}
