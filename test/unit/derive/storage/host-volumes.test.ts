import { expect, it } from 'vitest'
import { deriveHostVolumes } from '../../../../src/derive/storage/host-volumes.ts'
import { isUnavailable } from '../../../../src/model/fact.ts'
import {
  buildEvidence,
  container,
  controller,
  type EvidenceParts,
  forbidden,
  pod,
  spec,
} from '../workloads/evidence-builder.ts'

const volume = {
  name: 'pv',
  type: 'hostPath',
  path: '/data/',
  phase: 'Bound',
  claim: { namespace: 'shop', name: 'data-db-0' },
}
const claim = { name: 'data-db-0', namespace: 'shop', volumeName: 'pv' }
const mounted = (readOnly?: boolean, claimName = 'data-db-*') => ({
  id: 't',
  spec: spec({
    containers: [
      container({ volumeMounts: [{ name: 'data', mountPath: '/d', ...(readOnly === undefined ? {} : { readOnly }) }] }),
    ],
    volumes: [{ name: 'data', type: 'persistentVolumeClaim', claimName }],
  }),
})
const database = (parts: EvidenceParts = {}): EvidenceParts => ({
  templates: [mounted()],
  ...parts,
  objects: {
    persistentvolumes: [volume],
    persistentvolumeclaims: [claim],
    statefulsets: [controller('StatefulSet', 'db', 't')],
    pods: [pod('db-0', 't', { owner: { kind: 'StatefulSet', name: 'db' } })],
    ...parts.objects,
  },
})

/** "path sensitivity, claim: workloads, writable". */
function volumes(parts: EvidenceParts): unknown {
  const fact = deriveHostVolumes(buildEvidence(parts))
  if (isUnavailable(fact)) return fact.unavailable.reason
  return fact.volumes.map(({ path, sensitivity, claim: of, workloads, isWritable }) => {
    const who = isUnavailable(workloads) ? workloads.unavailable.reason : workloads.value.join(' ')
    return `${path} ${sensitivity}, ${of}: ${who}, ${isUnavailable(isWritable) ? 'unknown' : isWritable.value}`
  })
}

it.each<[string, EvidenceParts, unknown]>([
  ['a StatefulSet’s claim', database(), ['/data other, shop/data-db-0: StatefulSet shop/db, true']],
  [
    'mounted read-only',
    database({ templates: [mounted(true)] }),
    ['/data other, shop/data-db-0: StatefulSet shop/db, false'],
  ],
  [
    'mounted by its full name',
    database({ templates: [mounted(false, 'data-db-0')] }),
    ['/data other, shop/data-db-0: StatefulSet shop/db, true'],
  ],
  [
    'a claim that has another volume',
    database({ objects: { persistentvolumeclaims: [{ ...claim, volumeName: 'other' }] } }),
    ['/data other, shop/data-db-0: , false'],
  ],
  [
    'free to claim, and the node itself',
    { objects: { persistentvolumes: [{ name: 'pv', type: 'local', path: '/var/lib/kubelet/..' }] } },
    ['/var/lib critical, : , false'],
  ],
  ['volumes elsewhere', { objects: { persistentvolumes: [{ name: 'pv', type: 'csi', csiDriver: 'd' }] } }, []],
  [
    'claims forbidden',
    database({ gaps: { persistentvolumeclaims: forbidden } }),
    ['/data other, shop/data-db-0: forbidden, unknown'],
  ],
  ['volumes forbidden', { gaps: { persistentvolumes: forbidden } }, 'forbidden'],
])('%s', (_, parts, expected) => {
  expect(volumes(parts)).toEqual(expected)
})
