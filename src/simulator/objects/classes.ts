// Objects of which only names and the API versions that wrote them matter: one kept up to date, and one whose chart nobody has
// touched since its API version was removed. May not: name a rule.
import { createdAt, type KubeObject, meta } from './build.ts'
import type { ObjectStore } from './store.ts'

export function addClasses(store: ObjectStore): void {
  store.add('storageclasses', {
    metadata: writtenBy('kubectl', 'storage.k8s.io/v1', meta('StorageClass', { name: 'standard' })),
    provisioner: 'ebs.csi.example.com',
  })
  store.add('horizontalpodautoscalers', {
    metadata: writtenBy(
      'helm',
      'autoscaling/v2beta2',
      meta('HorizontalPodAutoscaler', { name: 'search', namespace: 'legacy' }),
    ),
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'search' }, maxReplicas: 4 },
  })
}

function writtenBy(manager: string, apiVersion: string, metadata: KubeObject): KubeObject {
  return { ...metadata, managedFields: [{ manager, operation: 'Update', apiVersion, time: createdAt }] }
}
