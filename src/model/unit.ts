// The things rules are evaluated for, with their derived facts. derive/ makes them, evaluate/ reads them.
import type { Fact, Unavailable } from './fact.ts'
import type { FactName, FactValue, UnitKind } from './facts.ts'
import type { Family } from './objects.ts'

export interface UnitIdentity {
  readonly kind: UnitKind
  /** Stable across runs, independent of pod hashes and order: "cluster", "node/worker-1", "shop/Deployment/cart", … */
  readonly id: string
  /** What the unit is from one audit to the next, where the id alone would not do; see docs/result-format.md. */
  readonly lasting?: string
  /** Of workloads, nodes and namespaces, for waivers that select by them. */
  readonly labels?: Readonly<Record<string, string>>
  /** The annotation by which the object asks to have findings of its own waived. */
  readonly waive?: string
  /** For people: "worker-1", "Deployment shop/cart". */
  readonly name: string
  readonly node?: string
  /** Of nodes: the systemd unit that runs the kubelet, and files and folders where its arguments stand. Absent: Kubernetes' own. */
  readonly kubeletUnit?: string
  readonly kubeletPlaces?: readonly string[]
  /** Of nodes: the unit that runs containerd, where it is not containerd's own. */
  readonly containerdUnit?: string
  readonly namespace?: string
  /** Pods this unit stands for, so that counts can be given for workloads. */
  readonly pods?: number
  /** A few pod names, sorted, for evidence. */
  readonly podNames?: readonly string[]
  /** Of workloads: the object to change, and who would undo a change of it. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly managedBy?: string }
}

export type UnitFacts = { readonly [N in FactName]?: Fact<FactValue<N>> }

export interface Unit {
  readonly identity: UnitIdentity
  readonly facts: UnitFacts
}

/** All of one audit's facts, ready for the catalogue. */
export interface FactSet {
  readonly cluster: Unit
  /** Units by kind, sorted by id. `cluster` holds the one cluster unit. */
  readonly units: { readonly [K in UnitKind]: readonly Unit[] }
  /** Why units of a kind may be missing: the list that would name them was forbidden or broke off. */
  readonly missingUnits: { readonly [K in UnitKind]?: Unavailable & { readonly family: Family } }
}
