// A snapshot in memory: what derive/ works on.
import type { ComponentEvidence } from './component-evidence.ts'
import type { NodeEvidence } from './node-evidence.ts'
import type { Family, FamilyObjects } from './objects.ts'
import type { PodTemplate } from './pod.ts'
import type { FamilyStatus, SnapshotHeader, SnapshotTrailer } from './snapshot.ts'

export interface FamilyEvidence<F extends Family> {
  readonly objects: readonly FamilyObjects[F][]
  /** Absent: the family was not asked for (a snapshot of an older tool, or a narrowed audit). */
  readonly status?: FamilyStatus
}

export interface Evidence {
  readonly header: SnapshotHeader
  readonly trailer: SnapshotTrailer
  readonly families: { readonly [F in Family]: FamilyEvidence<F> }
  readonly templates: ReadonlyMap<string, PodTemplate>
  /** Sorted by node name. */
  readonly nodes: readonly NodeEvidence[]
  /** Absent: no component was asked. */
  readonly components?: readonly ComponentEvidence[]
}
