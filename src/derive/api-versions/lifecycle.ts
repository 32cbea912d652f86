// API versions of built-in kinds that Kubernetes has deprecated with a version of removal, by the family that lists the kind.
// From the APILifecycle functions of k8s.io/api (as of July 2026) and, for what was removed before they existed, Kubernetes'
// deprecated API migration guide. May not: hold alpha versions, which are off unless asked for and promise nothing.
import type { Family } from '../../model/objects.ts'

export interface OutdatedVersion {
  readonly apiVersion: string
  /** Minor versions of Kubernetes 1. */
  readonly deprecated: number
  readonly removed: number
}

export interface Lifecycle {
  readonly kind: string
  readonly versions: readonly OutdatedVersion[]
}

const v = (apiVersion: string, deprecated: number, removed: number): OutdatedVersion => ({
  apiVersion,
  deprecated,
  removed,
})
const of = (kind: string, ...versions: readonly OutdatedVersion[]): Lifecycle => ({ kind, versions })

const rbac = v('rbac.authorization.k8s.io/v1beta1', 17, 22)
const webhooks = v('admissionregistration.k8s.io/v1beta1', 16, 22)
const policies = v('admissionregistration.k8s.io/v1beta1', 31, 34)
const mutating = v('admissionregistration.k8s.io/v1beta1', 37, 40)
const resource = [v('resource.k8s.io/v1beta1', 35, 38), v('resource.k8s.io/v1beta2', 36, 39)]
const flowcontrol = [
  v('flowcontrol.apiserver.k8s.io/v1beta1', 23, 26),
  v('flowcontrol.apiserver.k8s.io/v1beta2', 26, 29),
  v('flowcontrol.apiserver.k8s.io/v1beta3', 29, 32),
]

export const lifecycles = {
  deployments: of('Deployment', v('extensions/v1beta1', 8, 16), v('apps/v1beta1', 8, 16), v('apps/v1beta2', 9, 16)),
  replicasets: of('ReplicaSet', v('extensions/v1beta1', 8, 16), v('apps/v1beta2', 9, 16)),
  daemonsets: of('DaemonSet', v('extensions/v1beta1', 8, 16), v('apps/v1beta2', 9, 16)),
  statefulsets: of('StatefulSet', v('apps/v1beta1', 8, 16), v('apps/v1beta2', 9, 16)),
  cronjobs: of('CronJob', v('batch/v1beta1', 21, 25)),
  networkpolicies: of('NetworkPolicy', v('extensions/v1beta1', 9, 16)),
  clusterroles: of('ClusterRole', rbac),
  roles: of('Role', rbac),
  clusterrolebindings: of('ClusterRoleBinding', rbac),
  rolebindings: of('RoleBinding', rbac),
  validatingwebhookconfigurations: of('ValidatingWebhookConfiguration', webhooks),
  mutatingwebhookconfigurations: of('MutatingWebhookConfiguration', webhooks),
  validatingadmissionpolicies: of('ValidatingAdmissionPolicy', policies),
  validatingadmissionpolicybindings: of('ValidatingAdmissionPolicyBinding', policies),
  mutatingadmissionpolicies: of('MutatingAdmissionPolicy', mutating),
  mutatingadmissionpolicybindings: of('MutatingAdmissionPolicyBinding', mutating),
  customresourcedefinitions: of('CustomResourceDefinition', v('apiextensions.k8s.io/v1beta1', 16, 22)),
  horizontalpodautoscalers: of(
    'HorizontalPodAutoscaler',
    v('autoscaling/v2beta1', 22, 25),
    v('autoscaling/v2beta2', 23, 26),
  ),
  poddisruptionbudgets: of('PodDisruptionBudget', v('policy/v1beta1', 21, 25)),
  ingresses: of('Ingress', v('extensions/v1beta1', 14, 22), v('networking.k8s.io/v1beta1', 19, 22)),
  ingressclasses: of('IngressClass', v('networking.k8s.io/v1beta1', 19, 22)),
  servicecidrs: of('ServiceCIDR', v('networking.k8s.io/v1beta1', 34, 37)),
  flowschemas: of('FlowSchema', ...flowcontrol),
  prioritylevelconfigurations: of('PriorityLevelConfiguration', ...flowcontrol),
  priorityclasses: of('PriorityClass', v('scheduling.k8s.io/v1beta1', 14, 22)),
  runtimeclasses: of('RuntimeClass', v('node.k8s.io/v1beta1', 22, 25)),
  storageclasses: of('StorageClass', v('storage.k8s.io/v1beta1', 19, 22)),
  csidrivers: of('CSIDriver', v('storage.k8s.io/v1beta1', 19, 22)),
  volumeattributesclasses: of('VolumeAttributesClass', v('storage.k8s.io/v1beta1', 34, 37)),
  deviceclasses: of('DeviceClass', ...resource),
  resourceclaimtemplates: of('ResourceClaimTemplate', ...resource),
} as const satisfies { readonly [F in Family]?: Lifecycle }

export type LifecycleFamily = keyof typeof lifecycles

/** The newest minor version whose removals the table knows for certain; what comes after may still be changed. */
export const newestMinor = 36
