// What the demo's kubelets and API server would say of themselves: /configz as a kubelet of Kubernetes 1.34 prints it, and /flagz.
// May not: derive the answers from the hosts' files; a kubelet that was not restarted says something else.
import { controlPlaneCommands } from './control-plane.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type Configuration = Readonly<Record<string, Json>>

/** Defaults of Kubernetes 1.34 with what kubeadm writes, empty fields left out as Go does. */
const kubeadmKubelet: Configuration = {
  enableServer: true,
  staticPodPath: '/etc/kubernetes/manifests',
  podLogsDir: '/var/log/pods',
  syncFrequency: '1m0s',
  fileCheckFrequency: '20s',
  httpCheckFrequency: '20s',
  address: '0.0.0.0',
  port: 10250,
  volumePluginDir: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec/',
  tlsCertFile: '/var/lib/kubelet/pki/kubelet.crt',
  tlsPrivateKeyFile: '/var/lib/kubelet/pki/kubelet.key',
  rotateCertificates: true,
  authentication: {
    x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    webhook: { enabled: true, cacheTTL: '2m0s' },
    anonymous: { enabled: false },
  },
  authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
  registryPullQPS: 5,
  registryBurst: 10,
  eventRecordQPS: 50,
  eventBurst: 100,
  enableDebuggingHandlers: true,
  healthzPort: 10248,
  healthzBindAddress: '127.0.0.1',
  oomScoreAdj: -999,
  clusterDomain: 'cluster.local',
  clusterDNS: ['10.96.0.10'],
  streamingConnectionIdleTimeout: '4h0m0s',
  nodeStatusUpdateFrequency: '10s',
  nodeStatusReportFrequency: '5m0s',
  nodeLeaseDurationSeconds: 40,
  imageMinimumGCAge: '2m0s',
  imageMaximumGCAge: '0s',
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  volumeStatsAggPeriod: '1m0s',
  cgroupsPerQOS: true,
  cgroupDriver: 'systemd',
  cpuManagerPolicy: 'none',
  cpuManagerReconcilePeriod: '10s',
  memoryManagerPolicy: 'None',
  topologyManagerPolicy: 'none',
  topologyManagerScope: 'container',
  runtimeRequestTimeout: '2m0s',
  hairpinMode: 'promiscuous-bridge',
  maxPods: 110,
  podPidsLimit: -1,
  resolvConf: '/etc/resolv.conf',
  cpuCFSQuota: true,
  cpuCFSQuotaPeriod: '100ms',
  nodeStatusMaxImages: 50,
  maxOpenFiles: 1_000_000,
  contentType: 'application/vnd.kubernetes.protobuf',
  kubeAPIQPS: 50,
  kubeAPIBurst: 100,
  serializeImagePulls: true,
  evictionHard: {
    'imagefs.available': '15%',
    'imagefs.inodesFree': '5%',
    'memory.available': '100Mi',
    'nodefs.available': '10%',
    'nodefs.inodesFree': '5%',
  },
  evictionPressureTransitionPeriod: '5m0s',
  mergeDefaultEvictionSettings: false,
  enableControllerAttachDetach: true,
  makeIPTablesUtilChains: true,
  iptablesMasqueradeBit: 14,
  iptablesDropBit: 15,
  failSwapOn: true,
  memorySwap: {},
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  containerLogMaxWorkers: 1,
  containerLogMonitorInterval: '10s',
  configMapAndSecretChangeDetectionStrategy: 'Watch',
  enforceNodeAllocatable: ['pods'],
  logging: {
    format: 'text',
    flushFrequency: '5s',
    verbosity: 0,
    options: { text: { infoBufferSize: '0' }, json: { infoBufferSize: '0' } },
  },
  enableSystemLogHandler: true,
  enableSystemLogQuery: false,
  shutdownGracePeriod: '0s',
  shutdownGracePeriodCriticalPods: '0s',
  enableProfilingHandler: true,
  enableDebugFlagsHandler: true,
  seccompDefault: false,
  memoryThrottlingFactor: 0.9,
  registerNode: true,
  localStorageCapacityIsolation: true,
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  failCgroupV1: false,
}

/** Where each differs. cp-3 was edited after its kubelet had started, and runs as kubeadm made it. */
const differences: Readonly<Record<string, Configuration>> = {
  'cp-1': { protectKernelDefaults: true, seccompDefault: true, podPidsLimit: 4096 },
  'cp-2': { protectKernelDefaults: true, seccompDefault: true, podPidsLimit: 4096, tlsMinVersion: 'VersionTLS13' },
  'cp-3': {},
  'worker-1': { containerRuntimeEndpoint: 'unix:///var/run/crio/crio.sock' },
  'worker-2': {
    containerRuntimeEndpoint: 'unix:///run/cri-dockerd.sock',
    allowedUnsafeSysctls: ['net.*', 'kernel.msg*'],
    failSwapOn: false,
    protectKernelDefaults: true,
  },
  'worker-3': {},
}

/** Bodies by path. `hasFlagz`: the gate ComponentFlagz, off by default before 1.36, is on. */
export function demoComponentBodies(hasFlagz = false): Record<string, object> {
  const bodies: Record<string, object> = {}
  for (const [node, own] of Object.entries(differences)) {
    bodies[`/api/v1/nodes/${node}/proxy/configz`] = { kubeletconfig: { ...kubeadmKubelet, ...own } }
  }
  if (!hasFlagz) return bodies
  bodies['/flagz'] = flagz('cp-3', '127.0.10.3')
  for (const node of Object.keys(differences)) bodies[`/api/v1/nodes/${node}/proxy/flagz`] = kubeletFlagz
  return bodies
}

/** The few flags that set no field of the configuration. */
const kubeletFlagz = {
  kind: 'Flagz',
  apiVersion: 'config.k8s.io/v1beta1',
  metadata: { name: 'kubelet' },
  flags: {
    config: '/var/lib/kubelet/config.yaml',
    'hostname-override': '',
    kubeconfig: '/etc/kubernetes/kubelet.conf',
    'seccomp-default': 'false',
  },
}

/** Of the API server that happened to answer. Lists stand in brackets, as pflag prints them. */
function flagz(node: string, address: string): object {
  const lists = new Set([
    'authorization-mode',
    'enable-admission-plugins',
    'etcd-servers',
    'kubelet-preferred-address-types',
    'requestheader-allowed-names',
    'requestheader-extra-headers-prefix',
    'requestheader-group-headers',
    'requestheader-username-headers',
    'service-account-issuer',
    'service-account-key-file',
    'tls-cipher-suites',
  ])
  const flags: Record<string, string> = {
    'anonymous-auth': 'true',
    'audit-log-path': '',
    'audit-policy-file': '',
    'audit-log-maxage': '0',
    'audit-log-maxbackup': '0',
    'audit-log-maxsize': '0',
    'authentication-config': '',
    'authorization-config': '',
    'encryption-provider-config': '',
    'feature-gates': 'ComponentFlagz=true',
    profiling: 'true',
    'request-timeout': '1m0s',
    'tls-cipher-suites': '[]',
    'token-auth-file': '',
  }
  for (const argument of controlPlaneCommands(node, address).apiServer.command.slice(1)) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(argument) ?? []
    flags[name] = lists.has(name) ? `[${value}]` : value
  }
  return { kind: 'Flagz', apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'apiserver' }, flags }
}
