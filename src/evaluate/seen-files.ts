// What the audit saw of the files that remediation steps name, so that a change is only made to the file it was meant for.
// May not: give a digest of content that was redacted, cut or rewritten; that would be no file's.
import { createHash } from 'node:crypto'
import type { Evidence } from '../model/evidence.ts'
import { isUnavailable } from '../model/fact.ts'
import type { FileEvidence, HostEvidence } from '../model/node-evidence.ts'
import type { Finding } from '../model/result.ts'

type Seen = NonNullable<NonNullable<Finding['remediation']>[number]['seen']>

/** Adds `seen` to the steps of a node's finding that have an action on a file. */
export function withSeenFiles(evidence: Evidence): (finding: Finding) => Finding {
  const hosts = new Map(evidence.nodes.map(({ node, host }) => [node, host]))
  return (finding) => {
    const { node, kind } = finding.unit
    const host = kind === 'nodes' && node !== undefined ? hosts.get(node) : undefined
    if (host === undefined || isUnavailable(host) || finding.remediation === undefined) return finding
    const remediation = finding.remediation.map((step) => {
      const seen = step.action === undefined || step.file === undefined ? undefined : seenOf(host, step.file)
      return seen === undefined ? step : { ...step, seen }
    })
    return { ...finding, remediation }
  }
}

function seenOf({ files, directories, statuses }: HostEvidence, path: string): Seen | undefined {
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (file !== undefined && !isUnavailable(file)) return ofFile(file)
  const status = statuses !== undefined && Object.hasOwn(statuses, path) ? statuses[path] : undefined
  if (status !== undefined && 'stat' in status) return { modifiedAt: status.stat.modifiedAt }
  // A folder that was listed, and the file not among its entries.
  const folder = path.slice(0, path.lastIndexOf('/'))
  const listing = Object.hasOwn(directories, folder) ? directories[folder] : undefined
  if (listing === undefined || !('entries' in listing)) return undefined
  return listing.entries.includes(path.slice(folder.length + 1)) ? undefined : { absent: true }
}

function ofFile(file: Exclude<FileEvidence, { unavailable: unknown }>): Seen | undefined {
  if ('absent' in file) return { absent: true }
  const { content, truncatedFrom, lossy, stat } = file
  // The manifests of pods are projected, and secrets replaced, before they are kept.
  const isRewritten = content.includes('<redacted>') || /^\s*(?:"kind"|kind)\s*:\s*"?Pod\b/m.test(content)
  const isWhole = truncatedFrom === undefined && lossy !== true && !isRewritten
  const seen = {
    ...(isWhole && { sha256: createHash('sha256').update(content).digest('hex') }),
    ...(stat !== undefined && { modifiedAt: stat.modifiedAt }),
  }
  return Object.keys(seen).length === 0 ? undefined : seen
}
