// Objects of one cluster by resource, as they are gathered before they are served.
// May not: know what is served how; cluster.ts gives the lists to the API server.
import type { KubeObject } from './build.ts'
import { controllersOf, podOf, type Workload } from './workload.ts'

/** The lists of a cluster: plural resource name, kind, API version. */
export const resources = {
  namespaces: ['Namespace', 'v1'],
  nodes: ['Node', 'v1'],
  pods: ['Pod', 'v1'],
  replicationcontrollers: ['ReplicationController', 'v1'],
  serviceaccounts: ['ServiceAccount', 'v1'],
  limitranges: ['LimitRange', 'v1'],
  resourcequotas: ['ResourceQuota', 'v1'],
  secrets: ['Secret', 'v1'],
  services: ['Service', 'v1'],
  networkpolicies: ['NetworkPolicy', 'networking.k8s.io/v1'],
  deployments: ['Deployment', 'apps/v1'],
  replicasets: ['ReplicaSet', 'apps/v1'],
  statefulsets: ['StatefulSet', 'apps/v1'],
  daemonsets: ['DaemonSet', 'apps/v1'],
  jobs: ['Job', 'batch/v1'],
  cronjobs: ['CronJob', 'batch/v1'],
  clusterroles: ['ClusterRole', 'rbac.authorization.k8s.io/v1'],
  clusterrolebindings: ['ClusterRoleBinding', 'rbac.authorization.k8s.io/v1'],
  roles: ['Role', 'rbac.authorization.k8s.io/v1'],
  rolebindings: ['RoleBinding', 'rbac.authorization.k8s.io/v1'],
  persistentvolumes: ['PersistentVolume', 'v1'],
  persistentvolumeclaims: ['PersistentVolumeClaim', 'v1'],
  customresourcedefinitions: ['CustomResourceDefinition', 'apiextensions.k8s.io/v1'],
  validatingwebhookconfigurations: ['ValidatingWebhookConfiguration', 'admissionregistration.k8s.io/v1'],
  mutatingwebhookconfigurations: ['MutatingWebhookConfiguration', 'admissionregistration.k8s.io/v1'],
  validatingadmissionpolicies: ['ValidatingAdmissionPolicy', 'admissionregistration.k8s.io/v1'],
  validatingadmissionpolicybindings: ['ValidatingAdmissionPolicyBinding', 'admissionregistration.k8s.io/v1'],
  horizontalpodautoscalers: ['HorizontalPodAutoscaler', 'autoscaling/v2'],
  poddisruptionbudgets: ['PodDisruptionBudget', 'policy/v1'],
  ingresses: ['Ingress', 'networking.k8s.io/v1'],
  ingressclasses: ['IngressClass', 'networking.k8s.io/v1'],
  servicecidrs: ['ServiceCIDR', 'networking.k8s.io/v1'],
  flowschemas: ['FlowSchema', 'flowcontrol.apiserver.k8s.io/v1'],
  prioritylevelconfigurations: ['PriorityLevelConfiguration', 'flowcontrol.apiserver.k8s.io/v1'],
  priorityclasses: ['PriorityClass', 'scheduling.k8s.io/v1'],
  runtimeclasses: ['RuntimeClass', 'node.k8s.io/v1'],
  storageclasses: ['StorageClass', 'storage.k8s.io/v1'],
  csidrivers: ['CSIDriver', 'storage.k8s.io/v1'],
  volumeattributesclasses: ['VolumeAttributesClass', 'storage.k8s.io/v1'],
  deviceclasses: ['DeviceClass', 'resource.k8s.io/v1'],
  resourceclaimtemplates: ['ResourceClaimTemplate', 'resource.k8s.io/v1'],
  mutatingadmissionpolicies: ['MutatingAdmissionPolicy', 'admissionregistration.k8s.io/v1'],
  mutatingadmissionpolicybindings: ['MutatingAdmissionPolicyBinding', 'admissionregistration.k8s.io/v1'],
} as const satisfies Record<string, readonly [kind: string, apiVersion: string]>

export type Resource = keyof typeof resources
export type ClusterObjects = { readonly [R in Resource]?: readonly KubeObject[] }

export interface ObjectStore {
  add(resource: Resource, ...objects: readonly KubeObject[]): void
  /** Adds a workload's controllers and pods. */
  addWorkload(workload: Workload): void
  readonly objects: ClusterObjects
}

export function createObjectStore(): ObjectStore {
  const objects: { [R in Resource]?: KubeObject[] } = {}
  const add = (resource: Resource, more: readonly KubeObject[]) => {
    const list = objects[resource] ?? []
    list.push(...more)
    objects[resource] = list
  }
  return {
    objects,
    add: (resource, ...more) => add(resource, more),
    addWorkload(workload) {
      for (const { resource, object } of controllersOf(workload)) add(resource, [object])
      add(
        'pods',
        workload.nodes.map((_, position) => podOf(workload, position)),
      )
    },
  }
}
