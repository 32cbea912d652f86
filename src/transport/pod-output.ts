// Takes the probe's output out of a pod's log: numbered lines, of which none may be missing.
// May not: pass on what came after a gap, since nobody could tell what stood in it.
import type { UnavailableReason } from '../model/fact.ts'

export interface PodOutput {
  readonly stdout: Buffer
  /** Why this is not all of it. */
  readonly interrupted?: { readonly reason: UnavailableReason; readonly detail: string }
}

const space = 0x20
const newline = 0x0a

/** `log`: as the API gave it. The wrapper's own words ("kube-assay: no awk") become the reason. */
export function readPodLog(log: Buffer): PodOutput {
  const refused = /^kube-assay: no ([a-z]{1,20})\n/.exec(log.toString('latin1', 0, 64))?.[1]
  if (refused !== undefined) return nothing(refusal(refused))
  const chunks: Buffer[] = []
  let expected = 0
  for (let at = 0; at < log.length; ) {
    const end = log.indexOf(newline, at)
    if (end < 0) break
    const separator = log.indexOf(space, at)
    const number = separator < 0 || separator > end ? '' : log.toString('latin1', at, separator)
    if (number !== String(expected)) return missing(chunks, expected)
    const text = log.subarray(separator + 1, end + 1)
    if (text.length === 4 && text.toString('latin1') === 'end\n') return { stdout: Buffer.concat(chunks) }
    chunks.push(text)
    expected += 1
    at = end + 1
  }
  return { stdout: Buffer.concat(chunks), interrupted: cut }
}

const cut = { reason: 'connection-lost', detail: 'The pod’s log ended before the probe’s last line.' } as const

function refusal(what: string) {
  return what === 'host'
    ? ({
        reason: 'pod-failed',
        detail: 'The pod found no host below its mount: /proc or /sys of the node are not there.',
      } as const)
    : ({
        reason: 'unsupported',
        detail: `The pod’s image has no ${what}. Choose another with --pod-image.`,
      } as const)
}

function nothing(interrupted: NonNullable<PodOutput['interrupted']>): PodOutput {
  return { stdout: Buffer.alloc(0), interrupted }
}

function missing(chunks: readonly Buffer[], expected: number): PodOutput {
  const detail =
    expected === 0
      ? 'The pod’s log does not begin with the probe’s first line: the node may have rotated it away (containerLogMaxSize of the kubelet).'
      : `Lines are missing in the pod’s log after ${expected}: the node may have rotated them away (containerLogMaxSize of the kubelet).`
  return { stdout: Buffer.concat(chunks), interrupted: { reason: 'connection-lost', detail } }
}
