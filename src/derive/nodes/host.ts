// Looks things up in one host's evidence. A key that is not there is never an empty file: the probe did not ask, or broke off.
// May not: interpret content.
import { isUnavailable, type Unavailable, unavailable } from '../../model/fact.ts'
import type { CommandEvidence, FileEvidence, HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import { compareText } from '../family-gap.ts'

export interface PresentFile {
  readonly path: string
  readonly content: string
  /** Where the path really is. */
  readonly resolved: string | undefined
  /** Seconds since the epoch. */
  readonly modifiedAt: number | undefined
  /** The content was not UTF-8. */
  readonly lossy: boolean
}

/** `undefined`: seen not to exist. */
export type FileLookup = PresentFile | undefined | Unavailable

/** Why a key is missing: the run broke off before it, or the probe did not read it. */
function missing(host: HostEvidence, what: string): Unavailable {
  if (host.incomplete) return unavailable(host.incomplete.reason, `${what} was not read: ${host.incomplete.detail}`)
  if (host.run.installedProbe?.isCurrent === false) {
    return unavailable(
      'not-collected',
      `${what} was not read: the probe installed on this node is not the one of this kube-assay. Install it anew (kube-assay probe --print --way forced-command).`,
    )
  }
  return unavailable('not-collected', `${what} was not read by the probe.`)
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** A whole file, its absence, or why it could not be read. A file of which only the head was kept counts as not read. */
export function readFile(host: HostEvidence, path: string): FileLookup {
  const evidence: FileEvidence | undefined = own(host.files, path)
  if (evidence === undefined) return missing(host, path)
  if (isUnavailable(evidence)) return evidence
  if ('absent' in evidence) return undefined
  if (evidence.truncatedFrom !== undefined) {
    return unavailable('too-large', `${path} has ${evidence.truncatedFrom} bytes, more than is read.`)
  }
  return {
    path: path.replaceAll(/\/{2,}/g, '/'),
    content: evidence.content,
    resolved: evidence.resolved,
    modifiedAt: evidence.stat?.modifiedAt,
    lossy: evidence.lossy === true,
  }
}

/** Entries of a directory, sorted; `undefined` when it does not exist. */
export function listDirectory(host: HostEvidence, path: string): readonly string[] | undefined | Unavailable {
  const evidence = own(host.directories, path)
  if (evidence === undefined) return missing(host, path)
  if (isUnavailable(evidence)) return evidence
  if ('absent' in evidence) return undefined
  return [...evidence.entries].sort(compareText)
}

/** Where a directory really is; `undefined` when it does not exist. */
export function resolveDirectory(host: HostEvidence, path: string): string | undefined | Unavailable {
  const evidence = own(host.directories, path)
  if (evidence === undefined) return missing(host, path)
  if (isUnavailable(evidence)) return evidence
  return 'absent' in evidence ? undefined : (evidence.resolved ?? path)
}

/** Output of a command that ended with 0. */
export function commandOutput(host: HostEvidence, command: string): string | Unavailable {
  const evidence: CommandEvidence | undefined = own(host.commands, command)
  if (evidence === undefined) return missing(host, `The output of "${command}"`)
  if (isUnavailable(evidence)) return evidence
  if ('absent' in evidence) return unavailable('unsupported', `${command.split(' ')[0]} is not installed.`)
  if (evidence.exitCode !== 0) {
    return unavailable('unsupported', `"${command}" ended with exit code ${evidence.exitCode}.`)
  }
  return evidence.output
}

export interface Listing {
  readonly rows: readonly string[]
  readonly isTruncated: boolean
}

/** A listing of the probe; `undefined` when the host has no such thing. */
export function readListing(host: HostEvidence, name: string): Listing | undefined | Unavailable {
  const evidence = own(host.listings ?? {}, name)
  if (evidence === undefined) return missing(host, `The list of ${name}`)
  if (isUnavailable(evidence)) return evidence
  if ('absent' in evidence) return undefined
  return { rows: evidence.rows, isTruncated: evidence.isTruncated === true }
}

/** Processes of that name (/proc/<pid>/comm), by pid. */
export function findProcesses(host: HostEvidence, name: string): readonly ProcessEvidence[] | Unavailable {
  if (isUnavailable(host.processes)) return host.processes
  const found = host.processes.filter((process) => process.name === name)
  if (found.length === 0 && host.incomplete) return missing(host, 'The process list')
  return found.sort((a, b) => a.pid - b.pid)
}

/** Whether the path is a way of saying "nothing here" (a link to /dev/null masks the file of that name elsewhere). */
export function isMasked(file: PresentFile): boolean {
  return file.resolved === '/dev/null'
}

/** Two seconds: start times are computed from the boot time, which wanders with the clock. */
const clockTolerance = 2

/** Whether a file was written after a process started, so that the process need not have read it. Not told: no. */
export function isWrittenAfter(file: PresentFile, process: Pick<ProcessEvidence, 'startedAt'> | undefined): boolean {
  const startedAt = process?.startedAt
  return startedAt !== undefined && file.modifiedAt !== undefined && file.modifiedAt > startedAt + clockTolerance
}
