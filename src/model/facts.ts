// The derived facts that rules see, per unit. The schemas type the derivations, declare the CEL variables and are checked
// against every field path a rule uses. `z.number().int()` is CEL's int, other numbers are double, absent is has() == false.
// May not: know how a fact is derived.
import { z } from 'zod'
import {
  bindingFamilies,
  type FactDefinition,
  host,
  onNode,
  versionedFamilies,
  workload,
  workloadFamilies,
} from './fact-definition.ts'
import {
  admissionWebhooksSchema,
  imageProvenanceSchema,
  podAdmissionSchema,
  podSecurityExemptionsSchema,
  secretStoresSchema,
} from './facts-admission.ts'
import { outdatedApiVersionsSchema } from './facts-api-versions.ts'
import {
  bootstrapTokensSchema,
  podSecurityPoliciesSchema,
  podSecurityPolicyRulesSchema,
  podSecurityPolicyUseSchema,
  userAuthenticationSchema,
} from './facts-authentication.ts'
import {
  apiServerSchema,
  componentFlagsSchema,
  controllerManagerSchema,
  etcdSchema,
  featureGatesSchema,
  kubeProxySettingsSchema,
  schedulerSchema,
  staticPodsSchema,
} from './facts-control-plane.ts'
import { distributionSchema, distributionsSchema } from './facts-distribution.ts'
import {
  apiServerNamesSchema,
  certificatesSchema,
  controlPlaneFilesSchema,
  kubeconfigsSchema,
  nodeFilesSchema,
} from './facts-files.ts'
import { hostHardeningSchema, listeningSocketsSchema, memoryKillsSchema } from './facts-host-security.ts'
import {
  namespaceContentsSchema,
  namespacePoliciesSchema,
  networkIsolationSchema,
  networkPluginSchema,
  roleBindingSchema,
} from './facts-namespace.ts'
import {
  cgroupsSchema,
  containerRuntimeSchema,
  hostIsolationSchema,
  kernelParametersSchema,
  kubeletConfigurationSchema,
  kubeletRunningSchema,
  kubeletServiceSchema,
  nodeSchema,
  operatingSystemSchema,
  podCgroupLevelsSchema,
  podCgroupsSchema,
  runtimeStorageSchema,
  supportStatusSchema,
  swapSchema,
  unsafeSysctlSupportSchema,
} from './facts-node.ts'
import {
  bindingReferencesSchema,
  effectivePermissionsSchema,
  riskyPermissionsSchema,
  roleSchema,
  serviceAccountSchema,
} from './facts-rbac.ts'
import {
  containerLogsSchema,
  insecurePullsSchema,
  kubeProxySchema,
  nodeRegistriesSchema,
  nodeStorageSchema,
  runtimeDaemonSchema,
  runtimeSocketsSchema,
} from './facts-runtime.ts'
import { hostVolumesSchema } from './facts-storage.ts'
import {
  containerResourcesSchema,
  containerSecuritySchema,
  deviceUseSchema,
  hostAccessSchema,
  imagesSchema,
  podSecuritySchema,
  podStatusesSchema,
  podSysctlsSchema,
  probesSchema,
  secretVariablesSchema,
  securityContextsSchema,
  sysctlWorkaroundsSchema,
  workloadSchema,
} from './facts-workload.ts'

export { type FactDefinition, type UnitKind, unitKindSchema, unitKinds } from './fact-definition.ts'

const text = z.string()
const int = z.number().int()

/** The API server's version, e.g. {gitVersion: "v1.36.2", major: 1, minor: 36}. */
export const clusterVersionSchema = z.strictObject({ gitVersion: text, major: int, minor: int })

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
  distributions: host('Distributions', distributionsSchema, 'cluster'),
  node: { each: 'nodes', schema: nodeSchema, label: 'Node status', families: ['nodes'], host: false },
  distribution: host('Distribution', distributionSchema),
  operatingSystem: host('System', operatingSystemSchema),
  kernelParameters: host('Kernel', kernelParametersSchema),
  kubeletConfiguration: host('Kubelet', kubeletConfigurationSchema),
  kubeletRunning: host('Running kubelet', kubeletRunningSchema),
  kubeletService: host('Kubelet unit', kubeletServiceSchema),
  swap: host('Swap', swapSchema),
  cgroups: host('cgroups', cgroupsSchema),
  podCgroups: onNode('Pod cgroups', podCgroupsSchema),
  podCgroupLevels: onNode('Pod cgroup levels', podCgroupLevelsSchema),
  containerRuntime: host('Runtime', containerRuntimeSchema),
  runtimeStorage: host('Storage', runtimeStorageSchema),
  nodeRegistries: host('Registries', nodeRegistriesSchema),
  runtimeDaemon: host('Runtime daemon', runtimeDaemonSchema),
  runtimeSockets: host('Runtime sockets', runtimeSocketsSchema),
  kubeProxy: host('kube-proxy', kubeProxySchema),
  containerLogs: host('Container logs', containerLogsSchema),
  nodeStorage: onNode('File systems', nodeStorageSchema),
  hostIsolation: host('Isolation', hostIsolationSchema),
  hostHardening: host('Hardening', hostHardeningSchema),
  listeningSockets: host('Sockets', listeningSocketsSchema),
  memoryKills: host('Memory kills', memoryKillsSchema),
  supportStatus: host('Support', supportStatusSchema),
  controlPlaneFiles: host('Control-plane files', controlPlaneFilesSchema),
  nodeFiles: host('Node files', nodeFilesSchema),
  certificates: host('Certificates', certificatesSchema),
  kubeconfigs: host('Kubeconfigs', kubeconfigsSchema),
  apiServerNames: onNode('API server names', apiServerNamesSchema),
  apiServer: onNode('API server', apiServerSchema),
  controllerManager: onNode('Controllers', controllerManagerSchema),
  scheduler: onNode('Scheduler', schedulerSchema),
  etcd: onNode('etcd', etcdSchema),
  staticPods: onNode('Static pods', staticPodsSchema),
  componentFlags: onNode('Flags', componentFlagsSchema),
  featureGates: onNode('Feature gates', featureGatesSchema),
  kubeProxySettings: onNode('kube-proxy settings', kubeProxySettingsSchema),
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
  securityContexts: workload('Security contexts', securityContextsSchema),
  deviceUse: workload('Devices', deviceUseSchema),
  insecurePulls: {
    each: 'workloads',
    schema: insecurePullsSchema,
    label: 'Insecure pulls',
    families: [...workloadFamilies, 'nodes'],
    host: true,
  },
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
  podAdmission: {
    each: 'namespaces',
    schema: podAdmissionSchema,
    label: 'Pod admission',
    families: [
      'namespaces',
      'nodes',
      'pods',
      'validatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ],
    host: true,
  },
  podSecurityExemptions: {
    each: 'cluster',
    schema: podSecurityExemptionsSchema,
    label: 'Pod Security exemptions',
    families: ['nodes', 'pods'],
    host: true,
  },
  podSecurityPolicies: {
    each: 'cluster',
    schema: podSecurityPoliciesSchema,
    label: 'Pod policies',
    families: ['nodes', 'pods', 'podsecuritypolicies'],
    host: true,
  },
  imageProvenance: {
    each: 'cluster',
    schema: imageProvenanceSchema,
    label: 'Image provenance',
    families: [
      'nodes',
      'pods',
      'validatingwebhookconfigurations',
      'mutatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ],
    host: true,
  },
  secretStores: {
    each: 'cluster',
    schema: secretStoresSchema,
    label: 'Secret stores',
    families: ['customresourcedefinitions', ...workloadFamilies, 'nodes'],
    host: true,
  },
  bootstrapTokens: {
    each: 'cluster',
    schema: bootstrapTokensSchema,
    label: 'Bootstrap tokens',
    families: ['bootstraptokens'],
    host: false,
  },
  userAuthentication: {
    each: 'cluster',
    schema: userAuthenticationSchema,
    label: 'User authentication',
    families: ['nodes', 'pods'],
    host: true,
  },
  hostVolumes: {
    each: 'cluster',
    schema: hostVolumesSchema,
    label: 'Volumes on nodes',
    families: ['persistentvolumes', 'persistentvolumeclaims', ...workloadFamilies],
    host: false,
  },
  outdatedApiVersions: {
    each: 'cluster',
    schema: outdatedApiVersionsSchema,
    label: 'API versions',
    families: versionedFamilies,
    host: false,
  },
  podSecurityPolicyUse: {
    each: 'subjects',
    schema: podSecurityPolicyUseSchema,
    label: 'Pod policies',
    families: [...bindingFamilies, 'podsecuritypolicies'],
    host: false,
  },
  podSecurityPolicyRules: {
    each: 'roles',
    schema: podSecurityPolicyRulesSchema,
    label: 'Pod policies',
    families: bindingFamilies,
    host: false,
  },
  admissionWebhooks: {
    each: 'cluster',
    schema: admissionWebhooksSchema,
    label: 'Webhooks',
    families: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'services', 'namespaces'],
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
  role: {
    each: 'roles',
    schema: roleSchema,
    label: 'Roles',
    families: [...bindingFamilies, 'customresourcedefinitions'],
    host: false,
  },
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
