// What people put into a namespace, and what controllers and the API server put there.
import { expect, it } from 'vitest'
import { namespaceContents } from '../../../../src/derive/namespaces/contents.ts'
import { buildEvidence, controller, forbidden, pod } from '../workloads/evidence-builder.ts'

const owner = { kind: 'ReplicaSet', name: 'web-1' }
const objects = {
  pods: [pod('web-1-a', 't', { namespace: 'default', owner }), pod('debug', 't', { namespace: 'default' })],
  deployments: [controller('Deployment', 'web', 't', { namespace: 'default' })],
  replicasets: [
    controller('ReplicaSet', 'web-1', 't', { namespace: 'default', owner: { kind: 'Deployment', name: 'web' } }),
  ],
  services: [
    { name: 'kubernetes', namespace: 'default', ports: [] },
    { name: 'web', namespace: 'default', ports: [] },
    { name: 'kubernetes', namespace: 'shop', ports: [] },
  ],
}

it('names what nobody else made', () => {
  const contentsOf = namespaceContents(buildEvidence({ objects }))
  expect(['default', 'shop', 'empty'].map(contentsOf)).toEqual([
    { name: 'default', objects: ['Deployment web', 'Pod debug', 'Service web'] },
    { name: 'shop', objects: ['Service kubernetes'] },
    { name: 'empty', objects: [] },
  ])
})

it('does not know with a list missing', () => {
  expect(namespaceContents(buildEvidence({ objects, gaps: { services: forbidden } }))('default')).toEqual(forbidden)
})
