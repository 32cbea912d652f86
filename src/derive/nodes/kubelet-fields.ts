// The fields of KubeletConfiguration v1beta1 with their types and defaults (Kubernetes 1.36), and where older minors differ.
// May not: read a file or decide precedence.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How Go declares a leaf. `optional`: a pointer, so that "unset" differs from zero. */
export interface LeafField {
  readonly kind:
    | 'bool'
    | 'int32'
    | 'int64'
    | 'number'
    | 'string'
    | 'duration'
    | 'timeOrDuration'
    | 'quantity'
    | 'strings'
    | 'ints'
    | 'stringMap'
    | 'boolMap'
    | 'listMap'
    | 'list'
    | 'object'
  readonly optional?: true
  /** Value when unset; for a leaf that is not optional also when zero. */
  readonly default?: Json
  /** The value that kubelets before a minor version have instead. */
  readonly before?: readonly { readonly minor: number; readonly default: Json }[]
  /** The default applies only while this gate is not switched off. */
  readonly gate?: string
  /** A relative path in the --config file is relative to that file. */
  readonly path?: true
}

export interface StructField {
  readonly fields: Readonly<Record<string, Field>>
}
export type Field = LeafField | StructField

export function isStruct(field: Field): field is StructField {
  return 'fields' in field
}

const leaf = (kind: LeafField['kind'], value?: Json): LeafField =>
  value === undefined ? { kind } : { kind, default: value }
const optional = (kind: LeafField['kind'], value?: Json): LeafField => ({ ...leaf(kind, value), optional: true })
const filePath = (value?: Json): LeafField => ({ ...leaf('string', value), path: true })
const changed = (field: LeafField, minor: number, value: Json): LeafField => ({
  ...field,
  before: [...(field.before ?? []), { minor, default: value }],
})
const struct = (fields: Readonly<Record<string, Field>>): StructField => ({ fields })

const output = struct({ splitStream: leaf('bool'), infoBufferSize: leaf('quantity') })

/** Keyed by JSON name, in the order of the Go type. */
export const kubeletConfigurationFields: StructField = struct({
  enableServer: optional('bool', true),
  staticPodPath: filePath(),
  podLogsDir: filePath('/var/log/pods'),
  syncFrequency: leaf('duration', '1m0s'),
  fileCheckFrequency: leaf('duration', '20s'),
  httpCheckFrequency: leaf('duration', '20s'),
  staticPodURL: leaf('string'),
  staticPodURLHeader: leaf('listMap'),
  address: leaf('string', '0.0.0.0'),
  port: leaf('int32', 10250),
  readOnlyPort: leaf('int32'),
  volumePluginDir: filePath('/usr/libexec/kubernetes/kubelet-plugins/volume/exec/'),
  providerID: leaf('string'),
  tlsCertFile: filePath(),
  tlsPrivateKeyFile: filePath(),
  tlsCipherSuites: leaf('strings'),
  tlsCurvePreferences: leaf('ints'),
  tlsMinVersion: leaf('string'),
  rotateCertificates: leaf('bool'),
  serverTLSBootstrap: leaf('bool'),
  authentication: struct({
    x509: struct({ clientCAFile: filePath() }),
    webhook: struct({ enabled: optional('bool', true), cacheTTL: leaf('duration', '2m0s') }),
    anonymous: struct({ enabled: optional('bool', false) }),
  }),
  authorization: struct({
    mode: leaf('string', 'Webhook'),
    webhook: struct({
      cacheAuthorizedTTL: leaf('duration', '5m0s'),
      cacheUnauthorizedTTL: leaf('duration', '30s'),
    }),
  }),
  registryPullQPS: optional('int32', 5),
  registryBurst: leaf('int32', 10),
  imagePullCredentialsVerificationPolicy: {
    ...leaf('string', 'NeverVerifyPreloadedImages'),
    gate: 'KubeletEnsureSecretPulledImages',
    before: [{ minor: 35, default: '' }],
  },
  preloadedImagesVerificationAllowlist: leaf('strings'),
  eventRecordQPS: changed(optional('int32', 50), 27, 5),
  eventBurst: changed(leaf('int32', 100), 27, 10),
  enableDebuggingHandlers: optional('bool', true),
  enableContentionProfiling: leaf('bool'),
  healthzPort: optional('int32', 10248),
  healthzBindAddress: leaf('string', '127.0.0.1'),
  oomScoreAdj: optional('int32', -999),
  clusterDomain: leaf('string'),
  clusterDNS: leaf('strings'),
  streamingConnectionIdleTimeout: leaf('duration', '4h0m0s'),
  nodeStatusUpdateFrequency: leaf('duration', '10s'),
  // Follows an explicit nodeStatusUpdateFrequency: see applyDefaults.
  nodeStatusReportFrequency: leaf('duration', '5m0s'),
  nodeLeaseDurationSeconds: leaf('int32', 40),
  imageMinimumGCAge: leaf('duration', '2m0s'),
  imageMaximumGCAge: leaf('duration'),
  imageGCHighThresholdPercent: optional('int32', 85),
  imageGCLowThresholdPercent: optional('int32', 80),
  volumeStatsAggPeriod: leaf('duration', '1m0s'),
  kubeletCgroups: leaf('string'),
  systemCgroups: leaf('string'),
  cgroupRoot: leaf('string'),
  cgroupsPerQOS: optional('bool', true),
  cgroupDriver: leaf('string', 'cgroupfs'),
  singleProcessOOMKill: optional('bool'),
  cpuManagerPolicy: leaf('string', 'none'),
  cpuManagerPolicyOptions: leaf('stringMap'),
  cpuManagerReconcilePeriod: leaf('duration', '10s'),
  memoryManagerPolicy: leaf('string', 'None'),
  topologyManagerPolicy: leaf('string', 'none'),
  topologyManagerScope: leaf('string', 'container'),
  topologyManagerPolicyOptions: leaf('stringMap'),
  qosReserved: leaf('stringMap'),
  runtimeRequestTimeout: leaf('duration', '2m0s'),
  hairpinMode: leaf('string', 'promiscuous-bridge'),
  maxPods: leaf('int32', 110),
  podCIDR: leaf('string'),
  podPidsLimit: optional('int64', -1),
  resolvConf: { ...optional('string', '/etc/resolv.conf'), path: true },
  runOnce: leaf('bool'),
  cpuCFSQuota: optional('bool', true),
  cpuCFSQuotaPeriod: optional('duration', '100ms'),
  nodeStatusMaxImages: optional('int32', 50),
  maxOpenFiles: leaf('int64', 1_000_000),
  contentType: leaf('string', 'application/vnd.kubernetes.protobuf'),
  kubeAPIQPS: changed(optional('int32', 50), 27, 5),
  kubeAPIBurst: changed(leaf('int32', 100), 27, 10),
  // Unset, it follows maxParallelImagePulls: see applyDefaults.
  serializeImagePulls: optional('bool', true),
  maxParallelImagePulls: optional('int32'),
  evictionHard: leaf('stringMap'),
  evictionSoft: leaf('stringMap'),
  evictionSoftGracePeriod: leaf('stringMap'),
  evictionPressureTransitionPeriod: leaf('duration', '5m0s'),
  evictionMaxPodGracePeriod: leaf('int32'),
  evictionMinimumReclaim: leaf('stringMap'),
  mergeDefaultEvictionSettings: optional('bool', false),
  podsPerCore: leaf('int32'),
  enableControllerAttachDetach: optional('bool', true),
  protectKernelDefaults: leaf('bool'),
  makeIPTablesUtilChains: optional('bool', true),
  iptablesMasqueradeBit: optional('int32', 14),
  iptablesDropBit: optional('int32', 15),
  featureGates: leaf('boolMap'),
  failSwapOn: optional('bool', true),
  memorySwap: struct({ swapBehavior: leaf('string') }),
  containerLogMaxSize: leaf('string', '10Mi'),
  containerLogMaxFiles: optional('int32', 5),
  containerLogMaxWorkers: optional('int32', 1),
  containerLogMonitorInterval: optional('duration', '10s'),
  configMapAndSecretChangeDetectionStrategy: leaf('string', 'Watch'),
  systemReserved: leaf('stringMap'),
  kubeReserved: leaf('stringMap'),
  reservedSystemCPUs: leaf('string'),
  showHiddenMetricsForVersion: leaf('string'),
  systemReservedCgroup: leaf('string'),
  kubeReservedCgroup: leaf('string'),
  enforceNodeAllocatable: leaf('strings', ['pods']),
  allowedUnsafeSysctls: leaf('strings'),
  kernelMemcgNotification: leaf('bool'),
  logging: struct({
    format: leaf('string', 'text'),
    flushFrequency: leaf('timeOrDuration', '5s'),
    verbosity: leaf('int64'),
    vmodule: leaf('list'),
    options: struct({ text: output, json: output }),
  }),
  enableSystemLogHandler: optional('bool', true),
  enableSystemLogQuery: optional('bool', false),
  shutdownGracePeriod: leaf('duration'),
  shutdownGracePeriodCriticalPods: leaf('duration'),
  shutdownGracePeriodByPodPriority: leaf('list'),
  reservedMemory: leaf('list'),
  enableProfilingHandler: optional('bool', true),
  enableDebugFlagsHandler: optional('bool', true),
  seccompDefault: optional('bool', false),
  memoryThrottlingFactor: changed(optional('number', 0.9), 27, 0.8),
  memoryReservationPolicy: leaf('string', 'None'),
  registerWithTaints: leaf('list'),
  registerNode: optional('bool', true),
  tracing: leaf('object'),
  localStorageCapacityIsolation: optional('bool', true),
  containerRuntimeEndpoint: leaf('string', 'unix:///run/containerd/containerd.sock'),
  imageServiceEndpoint: leaf('string'),
  // The field exists since 1.31; a kubelet before it starts on cgroup v1 whatever is written.
  failCgroupV1: changed(optional('bool', true), 35, false),
  crashLoopBackOff: struct({
    maxContainerRestartPeriod: {
      ...optional('duration', '5m0s'),
      gate: 'KubeletCrashLoopBackOffMax',
      before: [{ minor: 35, default: null }],
    },
  }),
  userNamespaces: leaf('object'),
})

/** Thresholds of a kubelet that has a --config file which sets none. */
export const defaultEvictionHard: Readonly<Record<string, string>> = {
  'imagefs.available': '15%',
  'imagefs.inodesFree': '5%',
  'memory.available': '100Mi',
  'nodefs.available': '10%',
  'nodefs.inodesFree': '5%',
}

/** What a kubelet without --config has instead of the defaults above: the insecure values of old command lines. */
export const legacyDefaults: readonly { readonly path: string; readonly value: Json }[] = [
  { path: 'authentication.anonymous.enabled', value: true },
  { path: 'authentication.webhook.enabled', value: false },
  { path: 'authorization.mode', value: 'AlwaysAllow' },
  { path: 'readOnlyPort', value: 10255 },
]

/** Default of a leaf for a minor version; `undefined` when the version is not known and the default depends on it. */
export function defaultFor(field: LeafField, minor: number | undefined): Json | undefined {
  if (minor === undefined) return field.before ? undefined : (field.default ?? zeroOf(field))
  const older = field.before?.find((entry) => minor < entry.minor)
  return older ? older.default : (field.default ?? zeroOf(field))
}

/** What Go has where nothing was written. */
export function zeroOf(field: LeafField): Json {
  if (field.optional) return null
  switch (field.kind) {
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'number':
      return 0
    case 'string':
      return ''
    case 'duration':
    case 'timeOrDuration':
      return '0s'
    case 'quantity':
      return '0'
    case 'strings':
    case 'ints':
    case 'stringMap':
    case 'boolMap':
    case 'listMap':
    case 'list':
    case 'object':
      return null
  }
}
