// API objects as the snapshot keeps them: projected from the raw page, one schema per family.
// `families` is the single list of what is read from the API server; the minimum ClusterRole is made from it.
import { z } from 'zod'
import {
  admissionPolicyBindingObjectSchema,
  admissionPolicyObjectSchema,
  persistentVolumeClaimObjectSchema,
  persistentVolumeObjectSchema,
  podSecurityPolicyObjectSchema,
  webhookConfigurationObjectSchema,
} from './objects-admission.ts'
import { labelSelectorSchema, meta, strings } from './objects-common.ts'

export const namespaceObjectSchema = z.strictObject(meta)

export const nodeObjectSchema = z.strictObject({
  ...meta,
  roles: z.array(z.string()),
  unschedulable: z.boolean().optional(),
  taints: z.array(z.strictObject({ key: z.string(), value: z.string().optional(), effect: z.string() })).optional(),
  addresses: z.array(z.strictObject({ type: z.string(), address: z.string() })),
  /** Kubernetes quantities as text: cpu, memory, swap, pods. */
  capacity: strings.optional(),
  ready: z.boolean().optional(),
  providerID: z.string().optional(),
  /** Digest of machineID and systemUUID: tells a machine from the one that replaced it under the same name. */
  machine: z.string().optional(),
  /** What k3s says it was started with (annotation k3s.io/node-args), secrets redacted. */
  nodeArguments: z.array(z.string()).optional(),
  nodeInfo: z.strictObject({
    kubeletVersion: z.string().optional(),
    kernelVersion: z.string().optional(),
    osImage: z.string().optional(),
    operatingSystem: z.string().optional(),
    architecture: z.string().optional(),
    containerRuntimeVersion: z.string().optional(),
    bootID: z.string().optional(),
  }),
})

const resources = z.strictObject({ requests: strings.optional(), limits: strings.optional() })

const containerStatus = z.strictObject({
  name: z.string(),
  /** First 12 characters of the container's id, without the runtime's name; only of containers that run. */
  id: z.string().optional(),
  /** What the kubelet says is in force, only where it is not what the spec asks (a resize on its way). */
  resources: resources.optional(),
  restartCount: z.number().int().optional(),
  /** Reasons of the current and last termination or waiting state, such as OOMKilled, Error, CrashLoopBackOff. */
  waiting: z.string().optional(),
  terminated: z
    .strictObject({
      reason: z.string().optional(),
      exitCode: z.number().int().optional(),
      finishedAt: z.string().optional(),
    })
    .optional(),
  lastTerminated: z
    .strictObject({
      reason: z.string().optional(),
      exitCode: z.number().int().optional(),
      finishedAt: z.string().optional(),
    })
    .optional(),
})

/** `labels` are only those a controller stamps on the single pod (pod-template-hash, pod-index …); the others are in the template. */
export const podObjectSchema = z.strictObject({
  ...meta,
  /** Digest of the pod's template; the template itself is a record of its own, written once. */
  template: z.string(),
  nodeName: z.string().optional(),
  /** Of a pod without an owner: what its name was generated from. */
  generateName: z.string().optional(),
  isMirror: z.boolean().optional(),
  /** Of a static pod's mirror: the uid under which its node knows the pod. */
  configHash: z.string().optional(),
  phase: z.string().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  qosClass: z.string().optional(),
  containerStatuses: z.array(containerStatus).optional(),
})

/** Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob, ReplicationController: an owner with a pod template. */
export const controllerObjectSchema = z.strictObject({
  ...meta,
  kind: z.string(),
  /** Of a Job or ReplicaSet without an owner: what its name was generated from. */
  generateName: z.string().optional(),
  replicas: z.number().int().optional(),
  template: z.string(),
  /** Set when a tool says that it manages the object (Helm, an operator, a GitOps controller). */
  managedBy: z.string().optional(),
})

export const serviceAccountObjectSchema = z.strictObject({
  ...meta,
  automountServiceAccountToken: z.boolean().optional(),
})

const policyRule = z.strictObject({
  verbs: z.array(z.string()),
  apiGroups: z.array(z.string()).optional(),
  resources: z.array(z.string()).optional(),
  resourceNames: z.array(z.string()).optional(),
  nonResourceURLs: z.array(z.string()).optional(),
})
export const roleObjectSchema = z.strictObject({
  ...meta,
  /** `rbac.authorization.kubernetes.io/autoupdate`. */
  autoupdate: z.boolean().optional(),
  rules: z.array(policyRule),
  /** Label selectors of an aggregated ClusterRole (`matchLabels` only is by far the common case; expressions are kept as given). */
  aggregationSelectors: z
    .array(z.strictObject({ matchLabels: strings.optional(), matchExpressions: z.array(z.unknown()).optional() }))
    .optional(),
})
export const bindingObjectSchema = z.strictObject({
  ...meta,
  autoupdate: z.boolean().optional(),
  roleRef: z.strictObject({ kind: z.string(), name: z.string() }),
  subjects: z.array(z.strictObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() })),
})

export const limitRangeObjectSchema = z.strictObject({
  ...meta,
  limits: z.array(
    z.strictObject({
      type: z.string(),
      default: strings.optional(),
      defaultRequest: strings.optional(),
      max: strings.optional(),
      min: strings.optional(),
    }),
  ),
})
/** `isScoped`: it counts some pods only; absent where it counts all, and in snapshots of older versions. */
export const resourceQuotaObjectSchema = z.strictObject({
  ...meta,
  hard: strings,
  isScoped: z.literal(true).optional(),
})
/** `targetPort` is kept as text, a number or a port's name; absent, it is `port`. No selector: nothing is selected. */
export const serviceObjectSchema = z.strictObject({
  ...meta,
  type: z.string().optional(),
  selector: strings.optional(),
  ports: z.array(
    z.strictObject({
      name: z.string().optional(),
      protocol: z.string().optional(),
      port: z.number().int().optional(),
      targetPort: z.string().optional(),
    }),
  ),
})

const networkPeer = z.strictObject({
  podSelector: labelSelectorSchema.optional(),
  namespaceSelector: labelSelectorSchema.optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
})
/** An absent list of peers or ports is every peer or port. */
const networkRule = z.strictObject({
  peers: z.array(networkPeer).optional(),
  ports: z
    .array(
      z.strictObject({
        protocol: z.string().optional(),
        port: z.string().optional(),
        endPort: z.number().int().optional(),
      }),
    )
    .optional(),
})
/** `policyTypes` as given; absent: Ingress, and Egress where there are egress rules. */
export const networkPolicyObjectSchema = z.strictObject({
  ...meta,
  podSelector: labelSelectorSchema,
  policyTypes: z.array(z.string()).optional(),
  ingress: z.array(networkRule).optional(),
  egress: z.array(networkRule).optional(),
})
export const secretMetadataSchema = z.strictObject(meta)
/** The name is "<plural>.<group>"; what the definition says is not kept. */
const definitionMetadataSchema = z.strictObject(meta)

interface FamilyDefinition<S extends z.ZodType = z.ZodType> {
  /** Path of the list below the API server's root. */
  readonly path: string
  readonly apiGroup: string
  /** Group and version that are asked for. */
  readonly apiVersion: string
  readonly resource: string
  /** `metadata`: ask for PartialObjectMetadata, so that contents never travel. */
  readonly content: 'full' | 'metadata'
  readonly schema: S
  /** Narrows the list on the server, so that nothing else is even named. */
  readonly query?: string
  /** The only namespace that is asked. Whoever may not list there, such as by the minimum ClusterRole, leaves it unknown. */
  readonly namespace?: string
  /** A server need not know the resource; that it does not is then the answer that there are no objects. */
  readonly isOptional?: true
  /** Last minor version that has the resource; later servers are not asked. */
  readonly lastMinor?: number
}

type FamilyOptions = Pick<FamilyDefinition, 'query' | 'namespace' | 'isOptional' | 'lastMinor'> & {
  readonly content?: FamilyDefinition['content']
}

function family<S extends z.ZodType>(
  apiGroup: string,
  version: string,
  resource: string,
  schema: S,
  { content = 'full', ...options }: FamilyOptions = {},
): FamilyDefinition<S> {
  const apiVersion = apiGroup === '' ? version : `${apiGroup}/${version}`
  const root = apiGroup === '' ? `/api/${version}` : `/apis/${apiVersion}`
  const within = options.namespace === undefined ? '' : `/namespaces/${options.namespace}`
  return { path: `${root}${within}/${resource}`, apiGroup, apiVersion, resource, content, schema, ...options }
}

/** Metadata and nothing else. */
function named(apiGroup: string, version: string, resource: string, options: FamilyOptions = {}) {
  return family(apiGroup, version, resource, definitionMetadataSchema, { content: 'metadata', ...options })
}

const rbac = 'rbac.authorization.k8s.io'
const admission = 'admissionregistration.k8s.io'

/** Everything the collector lists. The key is the family's name in snapshot, coverage and rules' reasons. */
export const families = {
  namespaces: family('', 'v1', 'namespaces', namespaceObjectSchema),
  nodes: family('', 'v1', 'nodes', nodeObjectSchema),
  pods: family('', 'v1', 'pods', podObjectSchema),
  deployments: family('apps', 'v1', 'deployments', controllerObjectSchema),
  replicasets: family('apps', 'v1', 'replicasets', controllerObjectSchema),
  statefulsets: family('apps', 'v1', 'statefulsets', controllerObjectSchema),
  daemonsets: family('apps', 'v1', 'daemonsets', controllerObjectSchema),
  jobs: family('batch', 'v1', 'jobs', controllerObjectSchema),
  cronjobs: family('batch', 'v1', 'cronjobs', controllerObjectSchema),
  replicationcontrollers: family('', 'v1', 'replicationcontrollers', controllerObjectSchema),
  serviceaccounts: family('', 'v1', 'serviceaccounts', serviceAccountObjectSchema),
  clusterroles: family(rbac, 'v1', 'clusterroles', roleObjectSchema),
  roles: family(rbac, 'v1', 'roles', roleObjectSchema),
  clusterrolebindings: family(rbac, 'v1', 'clusterrolebindings', bindingObjectSchema),
  rolebindings: family(rbac, 'v1', 'rolebindings', bindingObjectSchema),
  limitranges: family('', 'v1', 'limitranges', limitRangeObjectSchema),
  resourcequotas: family('', 'v1', 'resourcequotas', resourceQuotaObjectSchema),
  services: family('', 'v1', 'services', serviceObjectSchema),
  networkpolicies: family('networking.k8s.io', 'v1', 'networkpolicies', networkPolicyObjectSchema),
  secrets: family('', 'v1', 'secrets', secretMetadataSchema, { content: 'metadata' }),
  /** Row I3. RBAC cannot limit a list of Secrets to metadata or to a type, so it is asked for in this namespace alone. */
  bootstraptokens: family('', 'v1', 'secrets', secretMetadataSchema, {
    content: 'metadata',
    namespace: 'kube-system',
    query: 'fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken',
  }),
  validatingwebhookconfigurations: family(
    admission,
    'v1',
    'validatingwebhookconfigurations',
    webhookConfigurationObjectSchema,
  ),
  mutatingwebhookconfigurations: family(
    admission,
    'v1',
    'mutatingwebhookconfigurations',
    webhookConfigurationObjectSchema,
  ),
  validatingadmissionpolicies: family(admission, 'v1', 'validatingadmissionpolicies', admissionPolicyObjectSchema, {
    isOptional: true,
  }),
  validatingadmissionpolicybindings: family(
    admission,
    'v1',
    'validatingadmissionpolicybindings',
    admissionPolicyBindingObjectSchema,
    { isOptional: true },
  ),
  podsecuritypolicies: family('policy', 'v1beta1', 'podsecuritypolicies', podSecurityPolicyObjectSchema, {
    isOptional: true,
    lastMinor: 24,
  }),
  persistentvolumes: family('', 'v1', 'persistentvolumes', persistentVolumeObjectSchema),
  persistentvolumeclaims: family('', 'v1', 'persistentvolumeclaims', persistentVolumeClaimObjectSchema),
  customresourcedefinitions: family(
    'apiextensions.k8s.io',
    'v1',
    'customresourcedefinitions',
    definitionMetadataSchema,
    { content: 'metadata' },
  ),
  // Of these only names and the API versions that they were written with are kept (src/derive/objects/).
  horizontalpodautoscalers: named('autoscaling', 'v2', 'horizontalpodautoscalers'),
  poddisruptionbudgets: named('policy', 'v1', 'poddisruptionbudgets'),
  ingresses: named('networking.k8s.io', 'v1', 'ingresses'),
  ingressclasses: named('networking.k8s.io', 'v1', 'ingressclasses'),
  servicecidrs: named('networking.k8s.io', 'v1', 'servicecidrs', { isOptional: true }),
  flowschemas: named('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas'),
  prioritylevelconfigurations: named('flowcontrol.apiserver.k8s.io', 'v1', 'prioritylevelconfigurations'),
  priorityclasses: named('scheduling.k8s.io', 'v1', 'priorityclasses'),
  runtimeclasses: named('node.k8s.io', 'v1', 'runtimeclasses'),
  storageclasses: named('storage.k8s.io', 'v1', 'storageclasses'),
  csidrivers: named('storage.k8s.io', 'v1', 'csidrivers'),
  volumeattributesclasses: named('storage.k8s.io', 'v1', 'volumeattributesclasses', { isOptional: true }),
  deviceclasses: named('resource.k8s.io', 'v1', 'deviceclasses', { isOptional: true }),
  resourceclaimtemplates: named('resource.k8s.io', 'v1', 'resourceclaimtemplates', { isOptional: true }),
  mutatingadmissionpolicies: named('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicies', {
    isOptional: true,
  }),
  mutatingadmissionpolicybindings: named('admissionregistration.k8s.io', 'v1', 'mutatingadmissionpolicybindings', {
    isOptional: true,
  }),
} as const satisfies Record<string, FamilyDefinition>

export type Family = keyof typeof families
export const familyNames = Object.keys(families) as Family[]

/** The projected object of each family. */
export type FamilyObjects = { [F in Family]: z.infer<(typeof families)[F]['schema']> }
export type NamespaceObject = FamilyObjects['namespaces']
export type NodeObject = FamilyObjects['nodes']
export type PodObject = FamilyObjects['pods']
export type ControllerObject = z.infer<typeof controllerObjectSchema>
export type ServiceObject = FamilyObjects['services']
export type NetworkPolicyObject = FamilyObjects['networkpolicies']
export type LabelSelector = z.infer<typeof labelSelectorSchema>
export type RoleObject = z.infer<typeof roleObjectSchema>
export type BindingObject = z.infer<typeof bindingObjectSchema>
