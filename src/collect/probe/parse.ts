// Turns the probe's output into evidence of one host, with secrets taken out. Whatever arrives, it does not throw:
// what is missing or broken is said to be so. May not: interpret content; that is derive's.
import { type Fact, type Unavailable, type UnavailableReason, unavailable } from '../../model/fact.ts'
import type { CommandEvidence, DirectoryEvidence, FileEvidence, HostEvidence } from '../../model/node-evidence.ts'
import { redactText } from '../redact-names.ts'
import { decodeText, redactFile, unread } from './content.ts'
import { type Frame, fieldText, readFrames } from './frames.ts'
import { keep } from './keep.ts'
import { type ListingReading, takeListing } from './listings.ts'
import { type PathReading, takeCertificates, takePath } from './paths.ts'
import { type ProcessReading, processesOf, takeBoot, takeProcess, takeProcessesEnd, takeVariable } from './processes.ts'
import { probeDigest } from './script.ts'
import { type NamedStat, readStats } from './stats.ts'

/** Some ten times what the largest node gives. */
const recordsLimit = 50_000

/** What the transport knows of the run. */
export interface ProbeRun {
  readonly transport: string
  readonly address?: string
  readonly user?: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
  /** Set when the transport saw the run break off. */
  readonly interrupted?: { readonly reason: UnavailableReason; readonly detail: string }
}

interface Reading extends PathReading, ListingReading, ProcessReading {
  readonly root: string
  readonly files: Map<string, FileEvidence>
  readonly directories: Map<string, DirectoryEvidence>
  readonly commands: Map<string, CommandEvidence>
  complete: boolean
}

/**
 * Evidence of the host. Unavailable when not even the probe's header arrived. `incomplete` is set when its last record
 * did not: keys that are missing then were not read, keys that are there are whole.
 */
export function parseProbe(bytes: Uint8Array, nonce: string, run: ProbeRun): Fact<HostEvidence> {
  const frames = readFrames(bytes, nonce, recordsLimit)
  const header = frames.find((frame) => frame.kind === 'H')
  if (!header) return notStarted(bytes, run)
  const [version = '', euid = '', sudo = 'none', encoding = 'base64', root] = header.fields
  const reading: Reading = {
    encoding,
    root: fieldText(root, encoding) ?? '',
    isSudoDenied: sudo === 'denied',
    user: run.user ?? 'the login',
    files: new Map(),
    directories: new Map(),
    commands: new Map(),
    paths: new Map(),
    statuses: new Map(),
    certificates: new Map(),
    listings: new Map(),
    processes: [],
    complete: false,
  }
  const mine = frames.slice(frames.indexOf(header) + 1)
  for (const frame of mine) if (!reading.complete) take(frame, reading)

  const broken =
    frames.length >= recordsLimit ? tooMany : mine.some(({ kind }) => kind === 'H') ? twoHeaders : undefined
  const incomplete = reading.complete && !broken ? undefined : whyIncomplete(run, frames.length, broken)
  return {
    run: {
      transport: run.transport,
      ...(run.address === undefined ? {} : { address: run.address }),
      ...(run.user === undefined ? {} : { user: run.user }),
      privilege: euid !== '0' ? 'user' : sudo === 'used' ? 'sudo' : 'root',
      startedAt: run.startedAt,
      durationMs: Math.round(run.durationMs),
      bytes: bytes.byteLength,
      probeVersion: version,
      ...installedProbe(frames),
    },
    files: Object.fromEntries(reading.files),
    directories: Object.fromEntries(reading.directories),
    statuses: Object.fromEntries(reading.statuses),
    certificates: Object.fromEntries(reading.certificates),
    listings: Object.fromEntries(reading.listings),
    processes: processesOf(reading, incomplete),
    commands: Object.fromEntries(reading.commands),
    ...(incomplete ? { incomplete } : {}),
  }
}

/** Of a copy that a forced command runs. */
function installedProbe(frames: readonly Frame[]): Pick<HostEvidence['run'], 'installedProbe'> {
  const digest = frames.find(({ kind }) => kind === 'I')?.fields[0]
  if (digest === undefined) return {}
  return {
    installedProbe: {
      digest: /^[0-9a-f]{64}$/.test(digest) ? digest : 'malformed',
      isCurrent: digest === probeDigest(),
    },
  }
}

function notStarted(bytes: Uint8Array, run: ProbeRun): Unavailable {
  if (run.interrupted) return unavailable(run.interrupted.reason, run.interrupted.detail)
  return bytes.byteLength === 0
    ? unavailable(
        'malformed',
        'The node ran the command but the probe printed nothing: is /bin/sh there, and may a forced command use sudo?',
      )
    : unavailable('malformed', 'The node answered, but not with the probe’s output: does the login start a shell?')
}

interface Break {
  readonly reason: UnavailableReason
  readonly detail: string
}
const tooMany: Break = { reason: 'too-large', detail: 'The answer holds more records than a probe makes.' }
const twoHeaders: Break = { reason: 'malformed', detail: 'The answer holds a second beginning.' }

function whyIncomplete(run: ProbeRun, records: number, broken: Break | undefined): Break {
  const { reason, detail } = broken ??
    run.interrupted ?? {
      reason: 'connection-lost' as const,
      detail: 'The probe’s output ended before its last record.',
    }
  return { reason, detail: `${detail} ${records} records arrived whole.` }
}

function take(frame: Frame, reading: Reading): void {
  switch (frame.kind) {
    case 'B':
      takeBoot(frame, reading)
      return
    case 'T':
      takeValue(frame, reading)
      return
    case 'F':
      takeFile(frame, reading)
      return
    case 'D':
      takeDirectory(frame, reading)
      return
    case 'P':
      takeProcess(frame, reading)
      return
    case 'V':
      takeVariable(frame, reading)
      return
    case 'Q':
      takeProcessesEnd(frame, reading)
      return
    case 'C':
      takeCommand(frame, reading)
      return
    case 'A':
      put(frame, reading, { absent: true })
      return
    case 'X':
      put(frame, reading, unread(frame.fields[2] ?? '', reading))
      return
    case 'S':
      takeStats(frame, reading)
      return
    case 'M':
      takePath(frame, reading)
      return
    case 'K':
      takeCertificates(frame, reading)
      return
    case 'L':
      takeListing(frame, reading)
      return
    case 'Z':
      for (const path of reading.paths.keys()) {
        if (!reading.statuses.has(path)) reading.statuses.set(path, unavailable('unsupported', 'stat gave no answer.'))
      }
      reading.complete = true
      return
    default:
  }
}

function takeValue(frame: Frame, reading: Reading): void {
  const path = fieldText(frame.fields[0], reading.encoding)
  const text = fieldText(frame.fields[1], reading.encoding)
  if (path !== undefined && text !== undefined) keep(reading.files, path, { content: `${text}\n` })
}

function takeFile(frame: Frame, reading: Reading): void {
  const [kind = '', pathField, resolvedField, limitField] = frame.fields
  const path = fieldText(pathField, reading.encoding)
  if (path === undefined) return
  if (!frame.body) {
    keep(reading.files, path, unavailable('malformed', 'The probe’s record of this file does not decode.'))
    return
  }
  const limit = Number(limitField)
  const isTruncated = frame.body.byteLength > limit
  const { text, lossy } = decodeText(isTruncated ? frame.body.subarray(0, limit) : frame.body, isTruncated)
  const resolved = fieldText(resolvedField, reading.encoding)
  const content = redactFile(kind, path, text)
  if (content === undefined) {
    keep(
      reading.files,
      path,
      unavailable('malformed', 'It does not parse, and is kept only as far as it holds no secrets.'),
    )
    return
  }
  keep(reading.files, path, {
    content,
    ...(resolved ? { resolved } : {}),
    ...(isTruncated ? { truncatedFrom: frame.body.byteLength } : {}),
    ...(lossy ? { lossy } : {}),
  })
}

function takeDirectory(frame: Frame, reading: Reading): void {
  const path = fieldText(frame.fields[0], reading.encoding)
  if (path === undefined) return
  const resolved = fieldText(frame.fields[1], reading.encoding)
  const entries: string[] = []
  for (const field of frame.entries) {
    const name = fieldText(field, reading.encoding)
    if (name === undefined) {
      keep(reading.directories, path, unavailable('malformed', 'The probe’s record of this folder does not decode.'))
      return
    }
    entries.push(name)
  }
  keepFolder(reading, path, { entries, ...(resolved ? { resolved } : {}) })
}

/** A folder whose place alone was wanted is told without its entries. */
function keepFolder({ directories }: Reading, path: string, evidence: { entries: string[] }): void {
  const known = directories.get(path)
  const isPlace = known !== undefined && 'entries' in known && known.entries.length === 0
  if (isPlace) directories.set(path, evidence)
  else if (known === undefined || evidence.entries.length > 0) keep(directories, path, evidence)
}

function takeCommand(frame: Frame, reading: Reading): void {
  const command = fieldText(frame.fields[0], reading.encoding)
  if (command === undefined) return
  const text = frame.body?.toString('utf8')
  const end = text === undefined ? null : /\n(\d{1,3})$/.exec(text)
  if (text === undefined || !end) {
    const broken = frame.body && frame.body.byteLength >= 16_384
    keep(
      reading.commands,
      command,
      broken
        ? unavailable('too-large', 'The command printed more than 16 KiB.')
        : unavailable('malformed', 'The probe’s record of this command does not decode.'),
    )
    return
  }
  const exitCode = Number(end[1])
  const output = redactText(text.slice(0, end.index))
  // 124 by GNU timeout, 143 by busybox.
  const timedOut = exitCode === 124 || exitCode === 143
  keep(
    reading.commands,
    command,
    timedOut ? unavailable('timeout', 'The command did not end within 10 seconds.') : { exitCode, output },
  )
}

function put(frame: Frame, reading: Reading, evidence: { absent: true } | Unavailable): void {
  const key = fieldText(frame.fields[1], reading.encoding)
  if (key === undefined) return
  switch (frame.fields[0]) {
    case 'F':
      keep(reading.files, key, evidence)
      return
    case 'D':
      keep(reading.directories, key, evidence)
      return
    case 'C':
      keep(reading.commands, key, evidence)
      return
    case 'M':
      reading.statuses.set(key, evidence)
      return
    case 'K':
      keep(reading.certificates, key, evidence)
      return
    case 'L':
      keep(reading.listings, key, evidence)
      return
    default:
  }
}

/** The record of all stats names files as they were opened: below the root, links followed. One of a single path names that. */
function takeStats(frame: Frame, reading: Reading): void {
  const stats = readStats(frame.body?.toString('utf8') ?? '', reading.root)
  const only = fieldText(frame.fields[0], reading.encoding)
  if (only !== undefined) {
    const stat = stats.get('')
    if (stat) setStatus(only, stat, reading)
    return
  }
  const find = (path: string, resolved: string | undefined): NamedStat | undefined =>
    stats.get(path) ?? (resolved === undefined ? undefined : stats.get(resolved))
  for (const [path, { resolved }] of reading.paths) {
    const found = find(path, resolved)
    if (found) setStatus(path, found, reading)
  }
  for (const [path, file] of reading.files) {
    if (!('content' in file)) continue
    const found = find(path, file.resolved)
    if (!found) continue
    const truncatedFrom =
      file.truncatedFrom === undefined ? {} : { truncatedFrom: Math.max(found.size, file.truncatedFrom) }
    reading.files.set(path, { ...file, ...truncatedFrom, stat: found.stat })
  }
}

function setStatus(path: string, { stat, acl }: NamedStat, reading: Reading): void {
  const named = reading.paths.get(path)
  if (named) reading.statuses.set(path, { ...named, stat, ...(acl === undefined ? {} : { acl }) })
}
