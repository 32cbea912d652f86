// Row F1: PersistentVolumes that are folders of nodes, the claims bound to them and the workloads that mount those claims.
// May not: take a claim for bound by its name alone; volume and claim have to name each other.
import type { Evidence } from '../../model/evidence.ts'
import type { Fact, Observed } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import type { FamilyObjects } from '../../model/objects.ts'
import type { PodSpec } from '../../model/pod.ts'
import { compareText, familyGap } from '../family-gap.ts'
import { hostPathSensitivity, normalizeHostPath } from '../workloads/host-paths.ts'
import { groupByOwner } from '../workloads/owners.ts'
import { variantsOf } from '../workloads/variants.ts'

type Volumes = FactValue<'hostVolumes'>
type Volume = Volumes['volumes'][number]
type Claims = ReadonlyMap<string, FamilyObjects['persistentvolumeclaims']>

interface Mount {
  readonly workload: string
  readonly isWritable: boolean
}

export function deriveHostVolumes(evidence: Evidence): Fact<Volumes> {
  const gap = familyGap(evidence, 'persistentvolumes')
  if (gap !== undefined) return gap
  const onNodes = evidence.families.persistentvolumes.objects.filter(({ path }) => path !== undefined)
  const claims: Claims = new Map(
    evidence.families.persistentvolumeclaims.objects.map((claim) => [`${claim.namespace ?? ''}/${claim.name}`, claim]),
  )
  const mounts = onNodes.length === 0 ? new Map<string, Mount[]>() : mountsByClaim(evidence)
  return {
    volumes: onNodes
      .map((volume) => describe(volume, claims, mounts, evidence))
      .sort((a, b) => compareText(a.name, b.name)),
  }
}

function describe(
  { name, type, path = '', claim, phase = '', accessModes = [] }: FamilyObjects['persistentvolumes'],
  claims: Claims,
  mounts: ReadonlyMap<string, readonly Mount[]>,
  evidence: Evidence,
): Volume {
  const normal = normalizeHostPath(path)
  const claimed = claim === undefined ? '' : `${claim.namespace}/${claim.name}`
  const found = claims.get(claimed)
  const isBound = found?.volumeName === name
  const used = isBound ? mountsOf(claimed, mounts) : []
  const gap = familyGap(evidence, 'persistentvolumeclaims', 'pods')
  const source = `PersistentVolume ${name}`
  const workloads: Observed<string[]> = gap ?? { value: [...new Set(used.map(({ workload }) => workload))], source }
  const isWritable: Observed<boolean> = gap ?? { value: used.some((mount) => mount.isWritable), source }
  return {
    name,
    type,
    path: normal,
    sensitivity: hostPathSensitivity(normal),
    phase,
    isReadOnly: accessModes.length > 0 && accessModes.every((mode) => mode === 'ReadOnlyMany'),
    claim: claimed,
    workloads,
    isWritable,
  }
}

/** The claims of a StatefulSet's pods stand in its template with `*` for the number. */
function mountsOf(claim: string, mounts: ReadonlyMap<string, readonly Mount[]>): readonly Mount[] {
  return [...(mounts.get(claim) ?? []), ...(mounts.get(claim.replace(/-\d+$/, '-*')) ?? [])]
}

/** By "namespace/claim". */
function mountsByClaim(evidence: Evidence): Map<string, Mount[]> {
  const found = new Map<string, Mount[]>()
  for (const group of groupByOwner(evidence).values()) {
    for (const { label, templateId } of variantsOf(group, evidence.templates)) {
      const spec = evidence.templates.get(templateId)?.spec
      for (const { name, claimName } of spec?.volumes ?? []) {
        if (spec === undefined || claimName === undefined) continue
        const key = `${group.namespace}/${claimName}`
        const workload = `${group.kind} ${group.namespace}/${group.name}${label}`
        found.set(key, [...(found.get(key) ?? []), { workload, isWritable: isMountedWritable(spec, name) }])
      }
    }
  }
  return found
}

function isMountedWritable({ containers }: PodSpec, volume: string): boolean {
  return containers.some(({ volumeMounts = [] }) =>
    volumeMounts.some((mount) => mount.name === volume && mount.readOnly !== true),
  )
}
