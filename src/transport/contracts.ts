// What collectors may ask of the outside world. Implementations: kube.ts and manifests.ts (objects); ssh.ts, pod.ts and
// local.ts (nodes).
// May not: name a library's types or pass on a library's raw error.
import type { Unavailable, UnavailableReason } from '../model/fact.ts'
import type { Family } from '../model/objects.ts'
import type { SnapshotHeader } from '../model/snapshot.ts'

/** How a list ended. Objects given to `onObject` before a failure are kept by the caller. */
export type ListOutcome = { readonly complete: true } | ({ readonly complete: false } & Unavailable)

export interface ListHandlers {
  readonly onObject: (raw: unknown) => void
  /** The list begins anew (410 Gone): the caller drops what it got. */
  readonly onRestart: () => void
  /** Awaited after each page, so that a slow disk slows the list down instead of filling memory. */
  readonly onPage?: () => Promise<void>
}

/** A place API objects come from. */
export interface ObjectSource {
  readonly source: SnapshotHeader['source']
  /** For people, per family: "GET /api/v1/pods" or the files. */
  describe(family: Family): string
  /**
   * Gives every object of a family to `onObject`, page by page, never holding more than a page.
   * `onRestart` is called when the list begins anew (410 Gone): the caller drops what it got.
   */
  list(family: Family, handlers: ListHandlers, signal: AbortSignal): Promise<ListOutcome>
  /** GET of one path, as JSON (`/version`). */
  get(path: string, signal: AbortSignal): Promise<{ readonly body: unknown } | Unavailable>
  /** GET of one path, as text of a bounded size (`/flagz`). Absent where there is no server. */
  getText?(path: string, accept: string, signal: AbortSignal): Promise<{ readonly text: string } | Unavailable>
  close(): Promise<void>
}

export interface NodeTarget {
  readonly node: string
  /** Candidates in order of preference: InternalIP, Hostname, name; or the one from the override map. */
  readonly addresses: readonly string[]
  readonly port?: number
  readonly user?: string
  /** Of the node's group, instead of those of the audit. */
  readonly identityFiles?: readonly string[]
  readonly jump?: string
  readonly sudo?: 'auto' | 'never'
  /** Why SSH is not to be tried: the node's system lets nobody in. */
  readonly noSsh?: string
  /** What the node's kubelet reports; the host must say the same. */
  readonly bootID?: string
}

export interface ProbeLimits {
  /** Whole budget of one node, connection included. */
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  /** Upper bound of standard output. */
  readonly maxBytes: number
}

/** One probe run. Output that broke off is kept, with the reason: what arrived is evidence, the rest is unavailable. */
export type ProbeOutput =
  | {
      readonly stdout: Uint8Array
      readonly address: string
      readonly user: string
      readonly durationMs: number
      /** Set when the run ended before the probe did. */
      readonly interrupted?: { readonly reason: UnavailableReason; readonly detail: string }
    }
  | Unavailable

/** A way to run the probe on a node, once per node. Never throws for what a node does. */
export interface NodeAccess {
  readonly transport: string
  runProbe(target: NodeTarget, script: string, limits: ProbeLimits, signal: AbortSignal): Promise<ProbeOutput>
  close(): Promise<void>
}
