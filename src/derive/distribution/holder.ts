// What a process that runs components inside itself tells of them.
// May not: know which processes do.
import type { Observed, Unavailable } from '../../model/fact.ts'
import type { HostEvidence, ProcessEvidence } from '../../model/node-evidence.ts'
import type { ComponentName } from '../control-plane/components.ts'

export type EmbeddedName = ComponentName | 'kubelet' | 'kube-proxy'

export interface Embedded {
  /** The process that holds it. */
  readonly process: ProcessEvidence
  /** As the component was given them, its own name first. */
  readonly arguments: readonly string[]
  /** Where a flag came from: "kubelet-arg in /etc/rancher/k3s/config.yaml", "set by k3s 1.33". */
  readonly origin: (flag: string) => string
  /** Flags whose value depends on what was not seen, and why. */
  readonly undetermined: ReadonlyMap<string, Unavailable>
  /** Files of settings that changed after the process started. */
  readonly changed: readonly string[]
}

/** `undefined`: the process that would hold it was seen, and does not run it; `why` tells. */
export interface Holder {
  readonly process: ProcessEvidence
  readonly component: (name: EmbeddedName) => Embedded | { readonly absent: string } | Unavailable
}

export interface HolderInput {
  readonly host: HostEvidence
  readonly node: string
  readonly minor: Observed<number>
  /** The arguments that k3s tells the API it was started with. */
  readonly nodeArguments: readonly string[] | undefined
}
