// The derived facts that rules see, per unit. The schemas type the derivations, declare the CEL variables and are checked
// against every field path a rule uses. `z.number().int()` is CEL's int, other numbers are double, absent is has() == false.
// May not: know how a fact is derived.
import { z } from 'zod'
import { observed, observedOptional } from './fact.ts'
import { certificatesSchema, controlPlaneFilesSchema, nodeFilesSchema } from './facts-files.ts'
import {
  bindingReferencesSchema,
  effectivePermissionsSchema,
  riskyPermissionsSchema,
  roleSchema,
  serviceAccountSchema,
} from './facts-rbac.ts'
import type { Family } from './objects.ts'

/** What a rule can be evaluated for. A roll-up over units gives the rule's outcome. */
export const unitKinds = ['cluster', 'nodes', 'workloads', 'namespaces', 'bindings', 'roles', 'subjects'] as const
export const unitKindSchema = z.enum(unitKinds)
export type UnitKind = z.infer<typeof unitKindSchema>

const text = z.string()
const bool = z.boolean()
const int = z.number().int()
const texts = z.array(text)

/** The API server's version, e.g. {gitVersion: "v1.36.2", major: 1, minor: 36}. */
export const clusterVersionSchema = z.strictObject({ gitVersion: text, major: int, minor: int })

/** Row B2: pods that run on some nodes only, because nodes differ in what they allow. */
export const unsafeSysctlSupportSchema = z.strictObject({
  allowing: z.array(z.strictObject({ node: text, patterns: texts, source: text })),
  refusing: texts,
  /** Nodes whose kubelet configuration is not known. */
  unknown: texts,
  /** Whether every node allows the same patterns; unavailable while a node of `unknown` could change the answer. */
  isUniform: observed(bool),
})

export const nodeSchema = z.strictObject({
  name: text,
  roles: texts,
  /** From the API's node status; the probe's own reading is in the other facts. */
  kubeletVersion: observed(text),
  kubeletMinor: observed(int),
  containerRuntimeVersion: observed(text),
  osImage: observed(text),
  kernelVersion: observed(text),
})

export const operatingSystemSchema = z.strictObject({
  id: observed(text),
  versionId: observed(text),
  name: observed(text),
  kernelRelease: observed(text),
  kernelMajor: observed(int),
  kernelMinor: observed(int),
  /** Lowest kernel that the kubelet of this node's version is validated on (kubeadm system-validators), and whether this one is. */
  kernelSupported: observed(bool),
  kernelWanted: observed(text),
  /** systemd, openrc, sysvinit, … */
  init: observed(text),
})

/** Rows A2, A4. `expected` is Kubernetes' own value (component-helpers/node/util/sysctl). */
export const kernelParametersSchema = z.strictObject({
  required: z.array(
    z.strictObject({
      name: text,
      expected: int,
      running: observed(int),
      /** Value that the next boot will set; absent value: no file sets it, the kernel's default returns. */
      persisted: observedOptional(int),
      /** The kernel's own default where no file sets it. */
      kernelDefault: int,
    }),
  ),
})

/**
 * Rows A1, B2, D1, C6, F2 and CIS 4.2: effective values, each with the layer that gave it. Rules choose the place of the fix by how
 * `source` begins: "--flag…" for the command line, "/path…" for the configuration file or a drop-in, "default…" when nothing sets it.
 */
export const kubeletConfigurationSchema = z.strictObject({
  /** Path of the --config file; value absent when there is none. */
  configurationFile: observedOptional(text),
  protectKernelDefaults: observed(bool),
  makeIPTablesUtilChains: observed(bool),
  allowedUnsafeSysctls: observed(texts),
  failSwapOn: observed(bool),
  swapBehavior: observed(text),
  failCgroupV1: observed(bool),
  cgroupDriver: observed(text),
  seccompDefault: observed(bool),
  readOnlyPort: observed(int),
  anonymousAuthentication: observed(bool),
  webhookAuthentication: observed(bool),
  authorizationMode: observed(text),
  clientCAFile: observed(text),
  streamingConnectionIdleTimeoutSeconds: observed(int),
  eventRecordQPS: observed(int),
  rotateCertificates: observed(bool),
  serverTLSBootstrap: observed(bool),
  tlsCertFile: observed(text),
  tlsPrivateKeyFile: observed(text),
  tlsCipherSuites: observed(texts),
  tlsMinVersion: observed(text),
  podPidsLimit: observed(int),
  hostnameOverride: observedOptional(text),
})

/** Row E4: what the running kubelet was started with against what its unit, drop-ins and environment files say now. */
export const kubeletServiceSchema = z.strictObject({
  pid: int,
  unitFiles: texts,
  environmentFiles: texts,
  differences: z.array(z.strictObject({ flag: text, configured: text, running: text, source: text })),
  /** Configuration files changed after the process started (path, change time against start time), edited but not restarted. */
  changedSinceStart: texts,
})

/** Row D1. */
export const swapSchema = z.strictObject({
  active: observed(z.array(z.strictObject({ device: text, kind: text, sizeKiB: int }))),
  /** What brings swap back at the next boot: fstab lines, systemd swap units, zram generators. */
  persistent: observed(z.array(z.strictObject({ device: text, source: text }))),
})

/** Rows C5, C6. */
export const cgroupsSchema = z.strictObject({
  /** "v1", "v2" or "hybrid". */
  version: observed(text),
  controllers: observed(texts),
  /** Of those the kubelet needs, the ones that are not there. */
  missingControllers: observed(texts),
  initDriver: observed(text),
  kubeletDriver: observed(text),
  runtimeDriver: observed(text),
})

export const containerRuntimeSchema = z.strictObject({
  /** containerd, cri-o, docker. */
  name: observed(text),
  version: observed(text),
  configurationFiles: texts,
  rootDirectory: observed(text),
})

/** Row E1: the file system under the runtime's root directory. */
export const runtimeStorageSchema = z.strictObject({
  path: text,
  mountPoint: observed(text),
  device: observed(text),
  fileSystem: observed(text),
  mountOptions: observed(texts),
  /** Whether directory entries carry their type (XFS ftype=1; always on ext4 and btrfs). */
  dType: observed(bool),
})

/** Row F2. */
export const hostIsolationSchema = z.strictObject({
  /** "enforcing", "permissive" or "disabled". */
  selinux: observed(text),
  /** SELINUX= of /etc/selinux/config, which the next boot uses. */
  selinuxConfigured: observedOptional(text),
  appArmor: observed(bool),
  seccomp: observed(bool),
})

/** What each component of the control plane tells of itself. Where `runs` is false, all other values are `not-running`. */
const component = {
  runs: observed(bool),
  /** Such as "1.34.2", by the tag of its image; else what the API server says of itself. */
  version: observed(text),
  /** The manifest of its static pod on this node; value absent: no manifest there starts it. */
  manifest: observedOptional(text),
}

/**
 * CIS 1.2, 3.2 and row I1: effective settings of the API server on this node. Files are paths as the process sees them, "" where none
 * is set. `source` begins with "--flag of pid …" (or "of mirror pod …"), "/path…" for a structured file, or "default of …".
 */
export const apiServerSchema = z.strictObject({
  ...component,
  anonymousAuthentication: observed(bool),
  /** Paths that anonymous requests are let in for; empty: all of them, where anonymous authentication is on. */
  anonymousPaths: observed(texts),
  tokenAuthFile: observed(text),
  /** Node, RBAC, Webhook, ABAC, AlwaysAllow, AlwaysDeny, in the order in which they are asked. */
  authorizationModes: observed(texts),
  /** Defaults of the version + enabled − disabled, sorted. */
  admissionPlugins: observed(texts),
  /** As the flags name them, for the change that keeps the others. */
  enabledAdmissionPlugins: observed(texts),
  disabledAdmissionPlugins: observed(texts),
  /** Plug-ins that the file of --admission-control-config-file configures. */
  configuredAdmissionPlugins: observed(texts),
  profiling: observed(bool),
  auditPolicyFile: observed(text),
  auditLogPath: observed(text),
  auditWebhookConfigFile: observed(text),
  /** Days. */
  auditLogMaxAge: observed(int),
  auditLogMaxBackup: observed(int),
  /** Megabytes. */
  auditLogMaxSize: observed(int),
  /** What the policy records of telling requests by an ordinary user: None, Metadata, Request, RequestResponse. */
  auditLevels: observed(z.array(z.strictObject({ request: text, level: text, wanted: text, isEnough: bool }))),
  requestTimeoutSeconds: observed(int),
  serviceAccountLookup: observed(bool),
  serviceAccountKeyFiles: observed(texts),
  serviceAccountExtendTokenExpiration: observed(bool),
  kubeletClientCertificate: observed(text),
  kubeletClientKey: observed(text),
  kubeletCertificateAuthority: observed(text),
  etcdCertFile: observed(text),
  etcdKeyFile: observed(text),
  etcdCAFile: observed(text),
  clientCAFile: observed(text),
  tlsCertFile: observed(text),
  tlsPrivateKeyFile: observed(text),
  tlsCipherSuites: observed(texts),
  tlsMinVersion: observed(text),
  encryptionConfigFile: observed(text),
  /** Entries of the file in order; the first provider writes, and the first entry that names a resource holds for it. */
  encryptionEntries: observed(z.array(z.strictObject({ resources: texts, providers: texts }))),
  /** The provider that writes Secrets to etcd; "identity" is none. */
  secretsProvider: observed(text),
})

/** CIS 1.3. */
export const controllerManagerSchema = z.strictObject({
  ...component,
  terminatedPodGCThreshold: observed(int),
  profiling: observed(bool),
  useServiceAccountCredentials: observed(bool),
  serviceAccountPrivateKeyFile: observed(text),
  rootCAFile: observed(text),
  /** The feature gate RotateKubeletServerCertificate. */
  rotateKubeletServerCertificate: observed(bool),
  bindAddress: observed(text),
})

/** CIS 1.4. */
export const schedulerSchema = z.strictObject({
  ...component,
  configurationFile: observed(text),
  profiling: observed(bool),
  bindAddress: observed(text),
})

/** CIS 2: from the configuration file alone where there is one, else flags above ETCD_* variables. */
export const etcdSchema = z.strictObject({
  ...component,
  configurationFile: observed(text),
  certFile: observed(text),
  keyFile: observed(text),
  clientCertAuth: observed(bool),
  autoTLS: observed(bool),
  trustedCAFile: observed(text),
  peerCertFile: observed(text),
  peerKeyFile: observed(text),
  peerClientCertAuth: observed(bool),
  peerAutoTLS: observed(bool),
  peerTrustedCAFile: observed(text),
  listenClientURLs: observed(texts),
  listenPeerURLs: observed(texts),
  /** Whether it trusts the certificate authority that signs the clients of the API server on this node. */
  trustsClusterCA: observed(bool),
})

/** Static pods of the control plane: what their manifests, their processes and the API say of their arguments. */
export const staticPodsSchema = z.strictObject({
  folder: text,
  components: texts,
  differences: z.array(z.strictObject({ component: text, flag: text, configured: text, running: text, source: text })),
})

const outdatedFlags = z.array(
  z.strictObject({
    component: text,
    flag: text,
    /** Such as "deprecated since 1.27, gone in 1.35". */
    status: text,
    /** What takes its place. */
    advice: text,
    source: text,
  }),
)

/** Row F3: flags in use that the running version, or a later one, has deprecated or removed. */
export const componentFlagsSchema = z.strictObject({
  kubelet: observed(outdatedFlags),
  controlPlane: observed(outdatedFlags),
})

export const workloadSchema = z.strictObject({
  namespace: text,
  kind: text,
  name: text,
  pods: int,
  nodes: int,
  /** A static pod's mirror: owned by a node, changed by a file there. */
  isStaticPod: bool,
  /** Helm, an operator or a GitOps tool that would undo a patch; "" for none. */
  managedBy: text,
  /** Where the pod's spec stands in the owner: "spec", "spec.template.spec", "spec.jobTemplate.spec.template.spec"; "" for other kinds. */
  podSpecPath: text,
})

/** Rows B1, B5. */
export const podSysctlsSchema = z.strictObject({
  requested: z.array(
    z.strictObject({
      name: text,
      value: text,
      /** safe: allowed by default in the cluster's version; unsafe: namespaced, needs allowedUnsafeSysctls; node: not namespaced. */
      category: text,
      /** Why it cannot work with the pod's host namespaces, or "". */
      conflict: text,
      reason: text,
    }),
  ),
})

/** Row B3: containers that set sysctls themselves. */
export const sysctlWorkaroundsSchema = z.strictObject({
  containers: z.array(
    z.strictObject({ name: text, kind: text, command: text, privileged: bool, changesNode: bool, parameters: texts }),
  ),
})

/** Row C1. Quantities as written; "" when unset. */
export const containerResourcesSchema = z.strictObject({
  containers: z.array(
    z.strictObject({
      name: text,
      kind: text,
      cpuRequest: text,
      cpuLimit: text,
      /** After Kubernetes' rule that a limit without a request is the request. */
      memoryRequest: text,
      memoryLimit: text,
      /** Such as "memory limit"; init containers that run to completion are not asked. */
      missing: texts,
      /** Such as "memory request 2Gi exceeds limit 1Gi" or an unusual unit ("100m" bytes of memory). */
      invalid: texts,
    }),
  ),
  /** Computed as the API server does. */
  qosClass: text,
  /** Distinct status.qosClass of the pods; empty when the workload has none. */
  observedQosClasses: texts,
})

export const hostAccessSchema = z.strictObject({
  hostNetwork: bool,
  hostPID: bool,
  hostIPC: bool,
  privilegedContainers: z.array(z.strictObject({ name: text, kind: text })),
  hostPaths: z.array(
    z.strictObject({
      volume: text,
      path: text,
      /** critical: gives the node away when writable; sensitive: shows its secrets; other. */
      sensitivity: text,
      writable: bool,
      containers: texts,
    }),
  ),
})

/**
 * What the containers' security contexts come to, whatever the cluster's version: a container's own setting, else its pod's.
 * For rules about one setting; `podSecurity` has the verdict of Kubernetes' standards.
 */
export const containerSecuritySchema = z.strictObject({
  /** spec.os.name: "linux", "windows", or "" where the pod does not say. */
  os: text,
  containers: z.array(
    z.strictObject({
      name: text,
      /** container, init or ephemeral. */
      kind: text,
      privileged: bool,
      /** "true", "false" or "not set", which allows it too. */
      allowPrivilegeEscalation: text,
      /** Why it is or may be root, such as "runAsUser: 0"; "" when it cannot be. */
      rootCause: text,
      /** As written. */
      addedCapabilities: texts,
      droppedCapabilities: texts,
      dropsAllCapabilities: bool,
      /** Not dropped, or added again; the runtime's default set is taken to have it. */
      hasNetRaw: bool,
      /** RuntimeDefault, Localhost, Unconfined, or "" where neither container nor pod say. */
      seccompProfile: text,
      /** A Windows container that runs on the node itself. */
      hostProcess: bool,
    }),
  ),
  /** Ports of the node; with hostNetwork the API server makes every port one. */
  hostPorts: z.array(
    z.strictObject({ container: text, kind: text, hostPort: int, containerPort: int, protocol: text }),
  ),
})

/** The Pod Security Standards' verdict on the template, by the checks of the cluster's version. */
export const podSecuritySchema = z.strictObject({
  /** Version of the standards, "1.36". */
  version: text,
  /** Why it is not the cluster's version, or "". */
  note: text,
  /** Level baseline is met when none has level "baseline"; level restricted, when none is left but overridden ones. */
  violations: z.array(
    z.strictObject({
      /** Kubernetes' id of the check, such as "hostNamespaces". */
      check: text,
      /** baseline or restricted. */
      level: text,
      /** At level restricted a stricter check takes the place of this one. */
      isOverridden: bool,
      /** "" where the pod itself has it. */
      container: text,
      /** container, init or ephemeral; "" where the pod itself has it. */
      kind: text,
      /** Below the pod: "spec.containers[app].securityContext.privileged". */
      path: text,
      /** "not set" for what is missing. */
      value: text,
      wanted: text,
      message: text,
    }),
  ),
})

/** Rows G1, G2: probes as the application gets them, Kubernetes' defaults filled in; where Istio rewrote one, its original. */
export const probesSchema = z.strictObject({
  /** Pods that go on until somebody stops them, so not those of Jobs. */
  isLongRunning: bool,
  /** Services that select the pods. */
  services: observed(texts),
  /** Istio's sidecar: "container", "init" (native), or "" where the pods have none. */
  sidecar: text,
  /** Annotation sidecar.istio.io/rewriteAppHTTPProbers, or "". */
  rewriting: text,
  probes: z.array(
    z.strictObject({
      container: text,
      /** container or init. */
      containerKind: text,
      /** liveness, readiness or startup. */
      kind: text,
      /** Its field in the container. */
      field: text,
      /** Such as "httpGet /healthz port 8080". */
      target: observed(text),
      initialDelaySeconds: int,
      periodSeconds: int,
      timeoutSeconds: int,
      successThreshold: int,
      failureThreshold: int,
      /** The sidecar makes it in the kubelet's place. */
      isRewritten: bool,
      /** It reaches the sidecar, which accepts every connection. */
      isBlind: observed(bool),
      problems: texts,
      source: text,
    }),
  ),
  /** Containers with both liveness and readiness. */
  shared: z.array(
    z.strictObject({
      container: text,
      containerKind: text,
      target: observed(text),
      /** period × failure threshold: how long it has to fail. */
      livenessSeconds: int,
      readinessSeconds: int,
      readinessPeriodSeconds: int,
      readinessFailureThreshold: int,
      /** The same request, and liveness gives up no later than readiness. */
      isIdentical: observed(bool),
    }),
  ),
  /** liveness or readiness that a container behind Services does not have. */
  missing: observed(
    z.array(
      z.strictObject({
        container: text,
        kind: text,
        services: texts,
        /** Of the container, that a Service sends to; 0 where no number is known. */
        port: int,
      }),
    ),
  ),
})

/** Row I4. */
export const imagesSchema = z.strictObject({
  images: z.array(
    z.strictObject({
      container: text,
      /** container, init or ephemeral. */
      kind: text,
      /** As written. */
      reference: text,
      /** "" where the node decides which registry is asked. */
      registry: text,
      repository: text,
      tag: text,
      digest: text,
      /** Why the same reference can be another image tomorrow, such as "tag latest"; "" with a digest or a version. */
      movingTag: text,
      isPreRelease: bool,
      /** With the registry that containerd and Docker take where none is named. */
      qualified: text,
    }),
  ),
})

/** CIS 5.4.1: Secrets by container that reads them from its environment. */
export const secretVariablesSchema = z.strictObject({
  secrets: z.array(
    z.strictObject({
      container: text,
      /** container, init or ephemeral. */
      kind: text,
      secret: text,
      /** Variables that take one key each. */
      variables: texts,
      /** envFrom: every key is a variable. */
      isWhole: bool,
    }),
  ),
})

/** Rows B2, C3: what happened to the workload's pods. */
export const podStatusesSchema = z.strictObject({
  rejected: z.array(z.strictObject({ pod: text, node: text, reason: text, message: text })),
  oomKilled: z.array(
    z.strictObject({ pod: text, node: text, container: text, restarts: int, at: text, memoryLimit: text }),
  ),
})

export const namespacePoliciesSchema = z.strictObject({
  name: text,
  pods: int,
  isSystem: bool,
  limitRanges: texts,
  resourceQuotas: texts,
  /** pod-security.kubernetes.io/enforce; "" when unset. */
  podSecurityEnforce: text,
})

/** CIS 5.6.4: what is in a namespace, without what controllers made and without the API server's own Service. */
export const namespaceContentsSchema = z.strictObject({
  name: text,
  /** Such as "Deployment cart". */
  objects: texts,
})

/** CIS 5.3.1: whether anything enforces NetworkPolicies. */
export const networkPluginSchema = z.strictObject({
  /** DaemonSets of network plug-ins that are known here. */
  daemonSets: texts,
  enforces: observed(bool),
})

/** CIS 5.3.2, row H1: what NetworkPolicies do for the pods of a namespace. Other kinds of policy are not looked at. */
export const networkIsolationSchema = z.strictObject({
  name: text,
  /** With pods that are not over yet. */
  workloads: z.array(
    z.strictObject({
      /** Such as "Deployment cart". */
      workload: text,
      hostNetwork: bool,
      /** Whether a policy of that direction selects all of the pods, enforced or not. */
      ingressIsolated: observed(bool),
      egressIsolated: observed(bool),
      /** 169.254.169.254, TCP port 80. */
      reachesMetadata: observed(bool),
    }),
  ),
  policies: z.array(
    z.strictObject({
      name: text,
      selectsNothing: observed(bool),
      /** Directions in which it lets everything through: ingress, egress. */
      opens: texts,
    }),
  ),
})

/** Row I2, as far as a single binding tells. */
export const roleBindingSchema = z.strictObject({
  kind: text,
  name: text,
  namespace: text,
  roleKind: text,
  roleName: text,
  /** The role allows every verb on every resource of every group. False when the role does not exist. */
  grantsEverything: bool,
  /** Kubernetes' own bootstrap binding, unaltered. */
  isBuiltIn: bool,
  subjects: z.array(
    z.strictObject({
      kind: text,
      name: text,
      namespace: text,
      /** The `default` ServiceAccount, or a group that every pod or every caller belongs to. */
      isShared: bool,
    }),
  ),
})

export interface FactDefinition {
  readonly each: UnitKind
  readonly schema: z.ZodObject
  /** Column head of the coverage matrix, for people. */
  readonly label: string
  /** API families the derivation reads; the minimum ClusterRole comes from here. */
  readonly families: readonly Family[]
  /** Whether the node probe is needed. */
  readonly host: boolean
}

const workloadFamilies = [
  'pods',
  'deployments',
  'replicasets',
  'statefulsets',
  'daemonsets',
  'jobs',
  'cronjobs',
  'replicationcontrollers',
] as const satisfies readonly Family[]

const bindingFamilies = [
  'clusterrolebindings',
  'rolebindings',
  'clusterroles',
  'roles',
] as const satisfies readonly Family[]

// Generic, so that FactValue keeps each schema's type.
function host<S extends z.ZodObject>(label: string, schema: S, each: UnitKind = 'nodes') {
  return { each, schema, label, families: ['nodes'], host: true } as const satisfies FactDefinition
}
// The API's mirror pods tell the arguments where the host does not.
function onNode<S extends z.ZodObject>(label: string, schema: S) {
  return { each: 'nodes', schema, label, families: ['nodes', 'pods'], host: true } as const satisfies FactDefinition
}
function workload<S extends z.ZodObject>(label: string, schema: S) {
  return { each: 'workloads', schema, label, families: workloadFamilies, host: false } as const satisfies FactDefinition
}

/** Every fact a rule may name in `needs`. Facts of the unit `cluster` are visible to rules of any unit. */
export const facts = {
  clusterVersion: { each: 'cluster', schema: clusterVersionSchema, label: 'Version', families: [], host: false },
  networkPlugin: {
    each: 'cluster',
    schema: networkPluginSchema,
    label: 'Network plug-in',
    families: ['daemonsets'],
    host: false,
  },
  unsafeSysctlSupport: host('Unsafe sysctls', unsafeSysctlSupportSchema, 'cluster'),
  node: { each: 'nodes', schema: nodeSchema, label: 'Node status', families: ['nodes'], host: false },
  operatingSystem: host('System', operatingSystemSchema),
  kernelParameters: host('Kernel', kernelParametersSchema),
  kubeletConfiguration: host('Kubelet', kubeletConfigurationSchema),
  kubeletService: host('Kubelet unit', kubeletServiceSchema),
  swap: host('Swap', swapSchema),
  cgroups: host('cgroups', cgroupsSchema),
  containerRuntime: host('Runtime', containerRuntimeSchema),
  runtimeStorage: host('Storage', runtimeStorageSchema),
  hostIsolation: host('Isolation', hostIsolationSchema),
  controlPlaneFiles: host('Control-plane files', controlPlaneFilesSchema),
  nodeFiles: host('Node files', nodeFilesSchema),
  certificates: host('Certificates', certificatesSchema),
  apiServer: onNode('API server', apiServerSchema),
  controllerManager: onNode('Controllers', controllerManagerSchema),
  scheduler: onNode('Scheduler', schedulerSchema),
  etcd: onNode('etcd', etcdSchema),
  staticPods: onNode('Static pods', staticPodsSchema),
  componentFlags: onNode('Flags', componentFlagsSchema),
  workload: workload('Workload', workloadSchema),
  podSysctls: workload('Pod sysctls', podSysctlsSchema),
  sysctlWorkarounds: workload('Sysctl containers', sysctlWorkaroundsSchema),
  containerResources: workload('Resources', containerResourcesSchema),
  hostAccess: workload('Host access', hostAccessSchema),
  containerSecurity: workload('Container security', containerSecuritySchema),
  podSecurity: workload('Pod Security', podSecuritySchema),
  podStatuses: workload('Pod status', podStatusesSchema),
  images: workload('Images', imagesSchema),
  secretVariables: workload('Secret variables', secretVariablesSchema),
  probes: {
    each: 'workloads',
    schema: probesSchema,
    label: 'Probes',
    families: [...workloadFamilies, 'services'],
    host: false,
  },
  namespacePolicies: {
    each: 'namespaces',
    schema: namespacePoliciesSchema,
    label: 'Namespace policies',
    families: ['namespaces', 'pods', 'limitranges', 'resourcequotas'],
    host: false,
  },
  namespaceContents: {
    each: 'namespaces',
    schema: namespaceContentsSchema,
    label: 'Namespace contents',
    families: ['namespaces', ...workloadFamilies, 'services'],
    host: false,
  },
  networkIsolation: {
    each: 'namespaces',
    schema: networkIsolationSchema,
    label: 'Network policies',
    families: ['namespaces', ...workloadFamilies, 'networkpolicies'],
    host: false,
  },
  roleBinding: {
    each: 'bindings',
    schema: roleBindingSchema,
    label: 'Bindings',
    families: bindingFamilies,
    host: false,
  },
  bindingReferences: {
    each: 'bindings',
    schema: bindingReferencesSchema,
    label: 'Binding references',
    families: [...bindingFamilies, 'serviceaccounts'],
    host: false,
  },
  role: { each: 'roles', schema: roleSchema, label: 'Roles', families: bindingFamilies, host: false },
  effectivePermissions: {
    each: 'subjects',
    schema: effectivePermissionsSchema,
    label: 'Permissions',
    families: bindingFamilies,
    host: false,
  },
  riskyPermissions: {
    each: 'subjects',
    schema: riskyPermissionsSchema,
    label: 'Permissions',
    families: [...bindingFamilies, 'serviceaccounts'],
    host: false,
  },
  serviceAccount: {
    each: 'subjects',
    schema: serviceAccountSchema,
    label: 'ServiceAccount',
    families: [...bindingFamilies, 'serviceaccounts', ...workloadFamilies],
    host: false,
  },
} as const satisfies Record<string, FactDefinition>

export type FactName = keyof typeof facts
export const factNames = Object.keys(facts) as FactName[]
export type FactValue<N extends FactName> = z.infer<(typeof facts)[N]['schema']>
