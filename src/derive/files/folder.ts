// Lists folders with the mode of everything in them, as far as the probe went.
// May not: leave out what it could not see.
import { isUnavailable, type Unavailable } from '../../model/fact.ts'
import type { AuditedFile } from '../../model/facts-files.ts'
import type { HostEvidence } from '../../model/node-evidence.ts'
import { listDirectory } from '../nodes/host.ts'
import { auditNamedFile, statusOf } from './access.ts'

/** The entries of a folder, not those below; none where there is no folder. */
export function auditEntries(host: HostEvidence, folder: string, source: string): AuditedFile[] | Unavailable {
  const entries = listDirectory(host, folder)
  if (entries === undefined || isUnavailable(entries)) return entries ?? []
  return entries.map((entry) => auditNamedFile(host, `${folder}/${entry}`, source))
}

/** The folder itself and all below it. A folder that could not be listed stands in the list as one whose access is not known. */
export function auditTree(host: HostEvidence, folder: string, source: string): AuditedFile[] {
  const status = statusOf(host, folder)
  if (status === undefined) return []
  const own = auditNamedFile(host, folder, source)
  if (isUnavailable(status) || status.kind !== 'directory') return [own]
  const entries = listDirectory(host, folder)
  if (entries === undefined) return [own]
  if (isUnavailable(entries)) return [own, { path: `${folder}/*`, source, access: entries }]
  return [own, ...entries.flatMap((entry) => auditBelow(host, `${folder}/${entry}`, source))]
}

/** A link to a folder is followed for its mode, but not entered. */
function auditBelow(host: HostEvidence, path: string, source: string): AuditedFile[] {
  const status = statusOf(host, path)
  if (status === undefined || isUnavailable(status) || status.kind !== 'directory') {
    return [auditNamedFile(host, path, source)]
  }
  const isLink = status.resolved !== undefined && !Object.hasOwn(host.directories, path)
  return !isLink ? auditTree(host, path, source) : [auditNamedFile(host, path, source)]
}
