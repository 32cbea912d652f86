// Which value the next boot gives a kernel parameter: sysctl.d as systemd merges it, and /etc/sysctl.conf where something reads it.
// May not: count /run, which is empty at boot.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { isGlob, matchesGlob } from './glob.ts'
import { listDirectory, type PresentFile, readFile } from './host.ts'

/** Highest precedence first: of two files with one name, that of the higher folder holds. */
const folders = ['/etc/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d']
const volatileFolder = '/run/sysctl.d'
const legacyFile = '/etc/sysctl.conf'

export interface PersistedSetting {
  /** Absent: nothing sets it. */
  readonly value?: string
  readonly source: string
}

interface Assignment {
  /** With "/" between the parts. */
  readonly key: string
  /** Absent: the key is taken out of what patterns set. */
  readonly value?: string
  readonly source: string
}

/** One host's files, read once for all parameters. */
export class PersistedSysctls {
  readonly #layers: readonly (readonly Assignment[] | Unavailable)[]
  readonly #legacy: LegacyFile
  readonly #volatile: readonly Assignment[]

  constructor(host: HostEvidence, init: Observed<string>) {
    this.#layers = readLayers(host, folders)
    this.#legacy = readLegacyFile(host, init)
    this.#volatile = readLayers(host, [volatileFolder]).flatMap((layer) => (isUnavailable(layer) ? [] : layer))
  }

  /** `name` with dots. */
  find(name: string): PersistedSetting | Unavailable {
    const key = name.replaceAll('.', '/')
    const found = this.#findInFolders(key)
    const legacy = this.#findInLegacyFile(key)
    if (legacy === undefined) return found
    if (this.#legacy.isRead === true || isUnavailable(legacy)) return legacy
    if (!isUnavailable(found) && found.value === legacy.value) return found
    return unavailable(
      'unsupported',
      `${legacy.source} sets ${name}, but whether this host reads that file at boot is not known.`,
    )
  }

  #findInFolders(key: string): PersistedSetting | Unavailable {
    let explicit: PersistedSetting | Unavailable | undefined
    let byPattern: PersistedSetting | undefined
    for (const layer of this.#layers) {
      // A file nobody could read may set the parameter; only a later file's own word is above it.
      if (isUnavailable(layer)) explicit = layer
      else {
        const own = layer.findLast((assignment) => assignment.key === key)
        if (own) explicit = own
        byPattern = layer.findLast(({ key: pattern }) => isGlob(pattern) && matchesGlob(pattern, key)) ?? byPattern
      }
    }
    if (explicit !== undefined && (isUnavailable(explicit) || explicit.value !== undefined)) return explicit
    // A bare "-key" keeps patterns away from the key.
    if (explicit === undefined && byPattern !== undefined) return byPattern
    return { source: this.#absence(key) }
  }

  #findInLegacyFile(key: string): PersistedSetting | Unavailable | undefined {
    const { assignments, isRead } = this.#legacy
    if (isRead === false) return undefined
    if (isUnavailable(assignments)) return assignments
    return assignments.findLast((assignment) => assignment.key === key && assignment.value !== undefined)
  }

  #absence(key: string): string {
    const lost = this.#volatile.findLast((assignment) => assignment.key === key && assignment.value !== undefined)
    const note = lost ? `; ${lost.source} does, but ${volatileFolder} is empty at boot` : ''
    const places = [...folders.slice(0, 3), ...(this.#legacy.isRead === false ? [] : [legacyFile])]
    return `nothing in ${places.join(', ')} sets it${note}`
  }
}

interface LegacyFile {
  readonly assignments: readonly Assignment[] | Unavailable
  /** systemd ignores it, other inits read it last; undefined when the init is not known. */
  readonly isRead: boolean | undefined
}

function readLegacyFile(host: HostEvidence, init: Observed<string>): LegacyFile {
  const isRead = isUnavailable(init) ? undefined : init.value !== 'systemd'
  const file = readFile(host, legacyFile)
  if (isUnavailable(file)) return { assignments: file, isRead }
  return { assignments: file === undefined ? [] : readAssignments(file), isRead }
}

/** One layer a file, in the order they are read: by name over all folders. */
function readLayers(host: HostEvidence, from: readonly string[]): readonly (readonly Assignment[] | Unavailable)[] {
  const byName = new Map<string, readonly Assignment[] | Unavailable>()
  for (const folder of from) {
    const entries = listDirectory(host, folder)
    // Nothing is known of the order of files that could not be listed: they may all be the last word.
    if (isUnavailable(entries)) return [entries]
    for (const entry of entries ?? []) {
      if (!entry.endsWith('.conf') || byName.has(entry)) continue
      const file = readFile(host, `${folder}/${entry}`)
      if (file === undefined) continue
      // A link to /dev/null reads as empty, which is how it hides the file of that name below it.
      byName.set(entry, isUnavailable(file) ? file : readAssignments(file))
    }
  }
  return [...byName].sort(([a], [b]) => compareText(a, b)).map(([, layer]) => layer)
}

function readAssignments(file: PresentFile): readonly Assignment[] {
  return file.content.split('\n').flatMap((raw, index) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) return []
    const isPrefixed = line.startsWith('-')
    const text = isPrefixed ? line.slice(1) : line
    const at = text.indexOf('=')
    if (at < 0 && !isPrefixed) return []
    const key = normalizeKey((at < 0 ? text : text.slice(0, at)).trim())
    return [{ key, ...(at < 0 ? {} : { value: text.slice(at + 1).trim() }), source: describe(file, index + 1) }]
  })
}

/** The fix goes where the text is, which a link may have elsewhere. */
function describe(file: PresentFile, line: number): string {
  if (file.resolved === undefined || file.resolved.startsWith('/usr/lib/')) return `${file.path}:${line}`
  return `${file.resolved}:${line} (through ${file.path})`
}

/** The first separator decides: with a dot first, dots separate and slashes belong to names; with a slash first as it stands. */
function normalizeKey(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  const swapped = first === '.' ? key.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : key
  return swapped
    .replaceAll(/\/+/g, '/')
    .replace(/^\//, '')
    .replace(/^proc\/sys\//, '')
}
