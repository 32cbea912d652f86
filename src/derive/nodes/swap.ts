// The swap fact, row D1: what swaps now, and what brings swap back at the next boot.
// May not: say whether swap is allowed.
import { isUnavailable, type Observed, type Unavailable, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { isMasked, listDirectory, type PresentFile, readFile } from './host.ts'
import { unescapeOctal } from './mounts.ts'

type Swap = FactValue<'swap'>
type ActiveSwap = { device: string; kind: string; sizeKiB: number }[]
type PersistentSwap = { device: string; source: string }[]

export function deriveSwap(host: HostEvidence): Swap {
  return { active: readActive(host), persistent: readPersistent(host) }
}

const swapsFile = '/proc/swaps'

/** As the kubelet looks: every line after the header is swap; no file, no swap. */
function readActive(host: HostEvidence): Observed<ActiveSwap> {
  const file = readFile(host, swapsFile)
  if (isUnavailable(file)) return file
  if (file === undefined) return { value: [], source: `${swapsFile} (does not exist: the kernel has no swap)` }
  const lines = file.content.trim().split('\n')
  if (!lines[0]?.startsWith('Filename')) {
    return unavailable('malformed', `${swapsFile} does not begin with the kernel's header.`)
  }
  const areas = lines.slice(1).map((line) => {
    const [device = '', kind = '', size = 'none'] = line.trim().split(/\s+/)
    return { device: unescapeOctal(device), kind, sizeKiB: Number(size) }
  })
  return areas.every((area) => Number.isSafeInteger(area.sizeKiB))
    ? { value: areas, source: swapsFile }
    : unavailable('malformed', `A line of ${swapsFile} has no size.`)
}

/** Highest precedence first. Units of the generator come from fstab, which is read itself, or from the partition table. */
const unitFolders = ['/etc/systemd/system', '/run/systemd/generator', '/usr/lib/systemd/system']
const zramFiles = ['/etc/systemd/zram-generator.conf', '/usr/lib/systemd/zram-generator.conf']

function readPersistent(host: HostEvidence): Observed<PersistentSwap> {
  const units = readUnits(host)
  if (isUnavailable(units)) return units
  const fstab = readFstab(host, units.masked)
  if (isUnavailable(fstab)) return fstab
  const zram = readZram(host)
  if (isUnavailable(zram)) return zram
  return {
    value: [...fstab, ...units.found, ...zram],
    source: `/etc/fstab, swap units of systemd, ${zramFiles[0]}`,
  }
}

interface SwapUnits {
  readonly found: PersistentSwap
  /** Names of units that are linked to /dev/null, so that systemd does not start them. */
  readonly masked: ReadonlySet<string>
}

function readUnits(host: HostEvidence): SwapUnits | Unavailable {
  const files = new Map<string, PresentFile>()
  for (const folder of unitFolders) {
    const entries = listDirectory(host, folder)
    if (isUnavailable(entries)) return entries
    for (const entry of entries ?? []) {
      if (!entry.endsWith('.swap') || files.has(entry)) continue
      const file = readFile(host, `${folder}/${entry}`)
      if (isUnavailable(file)) return file
      if (file !== undefined) files.set(entry, file)
    }
  }
  const masked = new Set([...files].filter(([, file]) => isMasked(file)).map(([name]) => name))
  const found = [...files].flatMap(([name, file]) => (masked.has(name) ? [] : readUnit(file)))
  return { found, masked }
}

function readUnit(file: PresentFile): PersistentSwap {
  if (/^SourcePath\s*=\s*\/etc\/fstab\s*$/m.test(file.content)) return []
  return file.content.split('\n').flatMap((line, index) => {
    const device = /^What\s*=\s*(.*)$/.exec(line.trim())?.[1]
    return device ? [{ device, source: `${file.path}:${index + 1}` }] : []
  })
}

function readFstab(host: HostEvidence, masked: ReadonlySet<string>): PersistentSwap | Unavailable {
  const file = readFile(host, '/etc/fstab')
  if (isUnavailable(file)) return file
  return (file?.content ?? '').split('\n').flatMap((line, index) => {
    const [device = '#', , kind, options = ''] = line.trim().split(/\s+/)
    if (device.startsWith('#') || kind !== 'swap' || options.split(',').includes('noauto')) return []
    const name = unescapeOctal(device)
    return masked.has(unitName(name)) ? [] : [{ device: name, source: `/etc/fstab:${index + 1}` }]
  })
}

const tagFolders: Readonly<Record<string, string>> = {
  UUID: 'by-uuid',
  LABEL: 'by-label',
  PARTUUID: 'by-partuuid',
  PARTLABEL: 'by-partlabel',
}

/** systemd's name for the swap unit of a device: the path with "-" for "/", everything unusual as \xNN. */
function unitName(device: string): string {
  const [, tag = '', value = ''] = /^([A-Z]+)=(.*)$/.exec(device) ?? []
  const folder = Object.hasOwn(tagFolders, tag) ? tagFolders[tag] : undefined
  const path = folder === undefined ? device : `/dev/disk/${folder}/${value.replaceAll('"', '')}`
  const parts = path.split('/').filter((part) => part !== '')
  return `${parts.map(escapePart).join('-')}.swap`
}

function escapePart(part: string): string {
  const escaped = part.replaceAll(/[^A-Za-z0-9:_.]/g, (character) => {
    return [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  return escaped.replace(/^\./, '\\x2e')
}

/** The file of the higher folder replaces the other. A section with a mount point or another file system is no swap. */
function readZram(host: HostEvidence): PersistentSwap | Unavailable {
  for (const path of zramFiles) {
    const file = readFile(host, path)
    if (isUnavailable(file)) return file
    if (file !== undefined) return isMasked(file) ? [] : readZramSections(file)
  }
  return []
}

function readZramSections(file: PresentFile): PersistentSwap {
  const found: { device: string; source: string; isSwap: boolean }[] = []
  for (const [index, raw] of file.content.split('\n').entries()) {
    const line = raw.trim()
    const section = /^\[(zram\d+)\]$/.exec(line)?.[1]
    if (section !== undefined)
      found.push({ device: `/dev/${section}`, source: `${file.path}:${index + 1}`, isSwap: true })
    const [, key = '', value = ''] = /^([a-z-]+)\s*=\s*(.*)$/.exec(line) ?? []
    const current = found.at(-1)
    const isOther =
      key === 'mount-point' || (key === 'fs-type' && value !== 'swap') || (key === 'zram-size' && value === '0')
    if (current && isOther) current.isSwap = false
  }
  return found.filter((area) => area.isSwap).map(({ device, source }) => ({ device, source }))
}
