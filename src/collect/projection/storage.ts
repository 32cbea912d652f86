// PersistentVolumes and their claims: where the data lies and who has it bound.
// May not: keep what a storage driver is told (addresses, Secret references, attributes).
import type { FamilyObjects } from '../../model/objects.ts'
import { metadataOf, projectMeta } from './metadata.ts'
import { child, isRaw, type Problems, present, type Raw, text, texts } from './read.ts'

const none: Raw = {}

/** Fields of a PersistentVolume's spec that are no volume source. */
const otherFields: ReadonlySet<string> = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
])

export function projectPersistentVolume(raw: Raw, problems: Problems): FamilyObjects['persistentvolumes'] {
  const spec = child(raw, 'spec', problems) ?? none
  const type = Object.keys(spec)
    .filter((key) => !otherFields.has(key) && isRaw(spec[key]))
    .sort()[0]
  const source = type === undefined ? none : (child(spec, type, problems) ?? none)
  const isOnNode = type === 'hostPath' || type === 'local'
  const claim = child(spec, 'claimRef', problems)
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    type: type ?? '',
    path: isOnNode ? text(source, 'path', problems) : undefined,
    csiDriver: type === 'csi' ? text(source, 'driver', problems) : undefined,
    accessModes: texts(spec, 'accessModes', problems),
    storageClassName: text(spec, 'storageClassName', problems) || undefined,
    phase: text(child(raw, 'status', problems) ?? none, 'phase', problems),
    claim:
      claim === undefined
        ? undefined
        : { namespace: text(claim, 'namespace', problems) ?? '', name: text(claim, 'name', problems) ?? '' },
  })
}

export function projectPersistentVolumeClaim(raw: Raw, problems: Problems): FamilyObjects['persistentvolumeclaims'] {
  const spec = child(raw, 'spec', problems) ?? none
  return present({
    ...projectMeta(metadataOf(raw, problems), problems),
    volumeName: text(spec, 'volumeName', problems) || undefined,
    storageClassName: text(spec, 'storageClassName', problems) || undefined,
    phase: text(child(raw, 'status', problems) ?? none, 'phase', problems),
  })
}
