// The kubelet's command-line flags: type, and the KubeletConfiguration field that a flag sets.
// May not: read anything or decide precedence.
import type { FlagSyntax } from './flags.ts'

export type KubeletFlagType =
  | 'bool'
  | 'int32'
  | 'int64'
  | 'string'
  | 'ip'
  | 'duration'
  | 'quantity'
  /** CSV; the first occurrence replaces what was there, further ones append. */
  | 'strings'
  /** k=v,k=v; the first occurrence replaces, further ones merge. */
  | 'stringMap'
  /** k=v,k=v as labels take it: one without a value is empty. */
  | 'labels'
  /** One k=v an occurrence, commas kept. */
  | 'stringMapNoSplit'
  /** k<v,k<v. */
  | 'thresholdMap'
  /** k:v,k:v with repeated keys. */
  | 'headerMap'
  | 'boolMap'
  | 'taints'
  | 'memoryReservations'
  | 'vmodule'

export interface KubeletFlag {
  readonly type: KubeletFlagType
  /** Path of the field; absent for a flag that sets none. */
  readonly path?: string
}

/** flag=field. */
const fieldFlags: readonly (readonly [KubeletFlagType, string])[] = [
  [
    'bool',
    `enable-server=enableServer fail-swap-on=failSwapOn fail-cgroupv1=failCgroupV1
    anonymous-auth=authentication.anonymous.enabled authentication-token-webhook=authentication.webhook.enabled
    rotate-server-certificates=serverTLSBootstrap rotate-certificates=rotateCertificates
    enable-debugging-handlers=enableDebuggingHandlers contention-profiling=enableContentionProfiling
    cgroups-per-qos=cgroupsPerQOS runonce=runOnce cpu-cfs-quota=cpuCFSQuota
    enable-controller-attach-detach=enableControllerAttachDetach make-iptables-util-chains=makeIPTablesUtilChains
    kernel-memcg-notification=kernelMemcgNotification local-storage-capacity-isolation=localStorageCapacityIsolation
    serialize-image-pulls=serializeImagePulls protect-kernel-defaults=protectKernelDefaults register-node=registerNode
    log-text-split-stream=logging.options.text.splitStream log-json-split-stream=logging.options.json.splitStream`,
  ],
  [
    'int32',
    `port=port read-only-port=readOnlyPort registry-qps=registryPullQPS registry-burst=registryBurst
    event-qps=eventRecordQPS event-burst=eventBurst healthz-port=healthzPort oom-score-adj=oomScoreAdj
    image-gc-high-threshold=imageGCHighThresholdPercent image-gc-low-threshold=imageGCLowThresholdPercent
    max-pods=maxPods container-log-max-files=containerLogMaxFiles node-status-max-images=nodeStatusMaxImages
    kube-api-qps=kubeAPIQPS kube-api-burst=kubeAPIBurst eviction-max-pod-grace-period=evictionMaxPodGracePeriod
    pods-per-core=podsPerCore iptables-masquerade-bit=iptablesMasqueradeBit iptables-drop-bit=iptablesDropBit`,
  ],
  ['int64', 'pod-max-pids=podPidsLimit max-open-files=maxOpenFiles v=logging.verbosity'],
  [
    'string',
    `pod-manifest-path=staticPodPath manifest-url=staticPodURL container-runtime-endpoint=containerRuntimeEndpoint
    image-service-endpoint=imageServiceEndpoint client-ca-file=authentication.x509.clientCAFile
    authorization-mode=authorization.mode tls-cert-file=tlsCertFile tls-private-key-file=tlsPrivateKeyFile
    tls-min-version=tlsMinVersion cluster-domain=clusterDomain volume-plugin-dir=volumePluginDir
    kubelet-cgroups=kubeletCgroups system-cgroups=systemCgroups provider-id=providerID cgroup-driver=cgroupDriver
    cgroup-root=cgroupRoot cpu-manager-policy=cpuManagerPolicy topology-manager-policy=topologyManagerPolicy
    topology-manager-scope=topologyManagerScope hairpin-mode=hairpinMode pod-cidr=podCIDR resolv-conf=resolvConf
    container-log-max-size=containerLogMaxSize kube-api-content-type=contentType reserved-cpus=reservedSystemCPUs
    system-reserved-cgroup=systemReservedCgroup kube-reserved-cgroup=kubeReservedCgroup
    memory-manager-policy=memoryManagerPolicy logging-format=logging.format`,
  ],
  ['ip', 'address=address healthz-bind-address=healthzBindAddress'],
  [
    'duration',
    `sync-frequency=syncFrequency file-check-frequency=fileCheckFrequency
    http-check-frequency=httpCheckFrequency authentication-token-webhook-cache-ttl=authentication.webhook.cacheTTL
    authorization-webhook-cache-authorized-ttl=authorization.webhook.cacheAuthorizedTTL
    authorization-webhook-cache-unauthorized-ttl=authorization.webhook.cacheUnauthorizedTTL
    streaming-connection-idle-timeout=streamingConnectionIdleTimeout
    node-status-update-frequency=nodeStatusUpdateFrequency minimum-image-ttl-duration=imageMinimumGCAge
    volume-stats-agg-period=volumeStatsAggPeriod cpu-manager-reconcile-period=cpuManagerReconcilePeriod
    runtime-request-timeout=runtimeRequestTimeout cpu-cfs-quota-period=cpuCFSQuotaPeriod
    eviction-pressure-transition-period=evictionPressureTransitionPeriod log-flush-frequency=logging.flushFrequency`,
  ],
  [
    'quantity',
    `log-text-info-buffer-size=logging.options.text.infoBufferSize
    log-json-info-buffer-size=logging.options.json.infoBufferSize`,
  ],
  [
    'strings',
    `tls-cipher-suites=tlsCipherSuites cluster-dns=clusterDNS allowed-unsafe-sysctls=allowedUnsafeSysctls
    enforce-node-allocatable=enforceNodeAllocatable`,
  ],
  [
    'stringMap',
    `qos-reserved=qosReserved eviction-soft-grace-period=evictionSoftGracePeriod
    eviction-minimum-reclaim=evictionMinimumReclaim topology-manager-policy-options=topologyManagerPolicyOptions
    system-reserved=systemReserved kube-reserved=kubeReserved`,
  ],
  ['stringMapNoSplit', 'cpu-manager-policy-options=cpuManagerPolicyOptions'],
  ['thresholdMap', 'eviction-hard=evictionHard eviction-soft=evictionSoft'],
  ['headerMap', 'manifest-url-header=staticPodURLHeader'],
  ['boolMap', 'feature-gates=featureGates'],
  ['taints', 'register-with-taints=registerWithTaints'],
  ['memoryReservations', 'reserved-memory=reservedMemory'],
  ['vmodule', 'vmodule=logging.vmodule'],
]

/** Flags of today's kubelet, and of older ones still seen in the field, that set no field of KubeletConfiguration. */
const otherFlags: readonly (readonly [KubeletFlagType, string])[] = [
  [
    'bool',
    `seccomp-default exit-on-lock-contention experimental-allocatable-ignore-eviction help enable-load-reader
    storage-driver-secure log-cadvisor-usage
    logtostderr alsologtostderr add-dir-header one-output skip-headers skip-log-headers
    allow-privileged keep-terminated-pod-volumes register-schedulable enable-cadvisor-json-endpoints
    docker-disable-shared-pid docker-only docker-tls redirect-container-streaming containerized enable-custom-metrics
    experimental-check-node-capabilities-before-mount experimental-fail-swap-on experimental-kernel-memcg-notification
    really-crash-for-testing require-kubeconfig configure-cbr0 reconcile-cidr babysit-daemons
    windows-service experimental-logging-sanitization`,
  ],
  [
    'string',
    `config config-dir kubeconfig bootstrap-kubeconfig hostname-override node-ip cert-dir cloud-provider root-dir
    runtime-cgroups lock-file experimental-mounter-path image-credential-provider-bin-dir
    image-credential-provider-config application-metrics-count-limit boot-id-file container-hints containerd
    containerd-namespace event-storage-age-limit event-storage-event-limit global-housekeeping-interval
    machine-id-file storage-driver-db storage-driver-host storage-driver-password storage-driver-table
    storage-driver-user log-backtrace-at log-dir log-file log-file-max-size stderrthreshold
    network-plugin cni-conf-dir cni-bin-dir cni-cache-dir network-plugin-mtu network-plugin-dir
    pod-infra-container-image container-runtime docker-endpoint image-pull-progress-deadline cadvisor-port
    dynamic-config-dir non-masquerade-cidr cloud-config azure-container-registry-config api-servers
    experimental-bootstrap-kubeconfig experimental-dockershim-root-directory master-service-namespace
    seccomp-profile-root docker docker-root docker-run rkt-path rkt-api-endpoint`,
  ],
  [
    'duration',
    `housekeeping-interval max-housekeeping-interval minimum-container-ttl-duration
    storage-driver-buffer-duration`,
  ],
  ['int32', 'maximum-dead-containers maximum-dead-containers-per-container'],
  ['labels', 'node-labels'],
]

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

function table(): ReadonlyMap<string, KubeletFlag> {
  const flags = new Map<string, KubeletFlag>()
  for (const [type, text] of otherFlags) for (const name of words(text)) flags.set(name, { type })
  for (const [type, text] of fieldFlags) {
    for (const entry of words(text)) {
      const [name = '', path = ''] = entry.split('=')
      flags.set(name, { type, path })
    }
  }
  return flags
}

/** By name, without dashes. */
export const kubeletFlags = table()

/** How the kubelet splits its command line. `--version` alone has an optional value. */
export const kubeletFlagSyntax: FlagSyntax = {
  arity: (name) => {
    if (name === 'version') return 'optional'
    const flag = kubeletFlags.get(name)
    if (flag === undefined) return undefined
    return flag.type === 'bool' ? 'bool' : 'value'
  },
  shorthands: { v: 'v', h: 'help' },
}
