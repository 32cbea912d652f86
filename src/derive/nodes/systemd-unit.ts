// Reads a service's unit with its drop-ins as systemd merges them: which settings hold, and which file each one stands in.
// May not: know a service's own flags.
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'
import { isMasked, listDirectory, type PresentFile, readFile } from './host.ts'

/** Highest precedence first. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
] as const

export interface Setting {
  readonly value: string
  /** The file it stands in. */
  readonly file: string
}

export interface Unit {
  /** The unit's own file first, then its drop-ins in the order they are read. */
  readonly files: readonly string[]
  /** Assignments of a key in [Service] that still hold: an empty one takes back those before it. */
  readonly settings: (key: string) => readonly Setting[]
}

/** `undefined`: no folder has such a unit, or it is masked. */
export function readUnit(host: HostEvidence, name: string): Unit | undefined | Unavailable {
  const fragment = findFragment(host, name)
  if (fragment === undefined || isUnavailable(fragment) || isMasked(fragment)) {
    return isUnavailable(fragment) ? fragment : undefined
  }
  const dropIns = findDropIns(host, `${name}.d`)
  if (isUnavailable(dropIns)) return dropIns
  const files = [fragment, ...dropIns]
  const lines = files.flatMap(serviceLines)
  return {
    files: files.map((file) => file.path),
    settings: (key) => {
      const all = lines.filter((line) => line.key === key)
      const reset = all.findLastIndex((line) => line.value === '')
      return all.slice(reset + 1).map(({ value, file }) => ({ value, file }))
    },
  }
}

function findFragment(host: HostEvidence, name: string): PresentFile | undefined | Unavailable {
  for (const folder of unitFolders) {
    const file = readFile(host, `${folder}/${name}`)
    if (file !== undefined) return file
  }
  return undefined
}

/** Sorted by name over all folders; of two with one name that of the higher folder holds, and a masked one hides the other. */
function findDropIns(host: HostEvidence, folderName: string): readonly PresentFile[] | Unavailable {
  const byName = new Map<string, PresentFile>()
  for (const folder of unitFolders) {
    const entries = listDirectory(host, `${folder}/${folderName}`)
    if (isUnavailable(entries)) return entries
    for (const entry of entries ?? []) {
      if (!entry.endsWith('.conf') || byName.has(entry)) continue
      const file = readFile(host, `${folder}/${folderName}/${entry}`)
      if (isUnavailable(file)) return file
      if (file !== undefined) byName.set(entry, file)
    }
  }
  return [...byName]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, file]) => file)
    .filter((file) => !isMasked(file))
}

interface ServiceLine extends Setting {
  readonly key: string
}

function serviceLines(file: PresentFile): readonly ServiceLine[] {
  let section = ''
  const found: ServiceLine[] = []
  for (const line of logicalLines(file.content)) {
    const header = /^\[(.*)\]$/.exec(line)
    if (header) section = header[1] ?? ''
    const assignment = /^([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*)$/s.exec(line)
    if (assignment && section === 'Service') {
      found.push({ key: assignment[1] ?? '', value: (assignment[2] ?? '').trimEnd(), file: file.path })
    }
  }
  return found
}

/** Lines with their continuations joined by a blank; comments are left out, also between continued lines. */
function logicalLines(content: string): readonly string[] {
  const lines: string[] = []
  let pending = ''
  for (const raw of content.split(/\r?\n/)) {
    const line = raw.trim()
    if (line.startsWith('#') || line.startsWith(';')) continue
    if (raw.endsWith('\\')) {
      pending += `${raw.slice(0, -1).trimStart()} `
      continue
    }
    const whole = `${pending}${line}`.trim()
    pending = ''
    if (whole !== '') lines.push(whole)
  }
  return pending.trim() === '' ? lines : [...lines, pending.trim()]
}
