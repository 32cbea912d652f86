// The kubelet of a kubeadm node: unit, drop-in, environment files, configuration and the running process.
// File texts follow the packages of pkgs.k8s.io and kubeadm 1.34, so that they parse as a real node's do.
import { secretMarker } from './secret-marker.ts'
import type { TreeEntry, TreePart } from './tree.ts'

export interface KubeletOptions {
  /** Content of /var/lib/kubelet/config.yaml beyond what kubeadm writes, as YAML lines; a key given here replaces kubeadm's. */
  readonly configuration?: readonly string[]
  /** kubeadm's cgroupDriver line; default systemd. */
  readonly cgroupDriver?: string
  readonly configurationMode?: number
  readonly configurationModifiedAt?: number
  /** Drop-ins of --config-dir by file name. */
  readonly dropIns?: Readonly<Record<string, string>>
  /** KUBELET_KUBEADM_ARGS in kubeadm-flags.env as it is now. */
  readonly kubeadmFlags: readonly string[]
  readonly kubeadmFlagsModifiedAt?: number
  /** KUBELET_EXTRA_ARGS in /etc/default/kubelet or /etc/sysconfig/kubelet. */
  readonly extraFlags?: readonly string[]
  /** What the process really runs with after the unit's own arguments, when the files were edited since. */
  readonly runningFlags?: readonly string[]
  readonly packaging: 'deb' | 'rpm'
  readonly criSocket: string
  readonly pid: number
  readonly startedAfterBoot: number
}

export const configDirectory = '/etc/kubernetes/kubelet.conf.d'

const unitArguments = [
  '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
  '--kubeconfig=/etc/kubernetes/kubelet.conf',
  '--config=/var/lib/kubelet/config.yaml',
]

export function kubelet(options: KubeletOptions): TreePart {
  const extra = options.extraFlags ?? []
  const overrides = options.packaging === 'deb' ? '/etc/default/kubelet' : '/etc/sysconfig/kubelet'
  const files: Record<string, TreeEntry> = {
    '/usr/lib/systemd/system/kubelet.service': kubeletUnit,
    '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': kubeadmDropIn(overrides),
    '/var/lib/kubelet/kubeadm-flags.env': {
      content: `KUBELET_KUBEADM_ARGS="${options.kubeadmFlags.join(' ')}"\n`,
      ...modified(options.kubeadmFlagsModifiedAt),
    },
    '/var/lib/kubelet/config.yaml': {
      content: kubeadmConfiguration(options),
      mode: options.configurationMode ?? 0o644,
      ...modified(options.configurationModifiedAt),
    },
    '/var/lib/kubelet/instance-config.yaml': `containerRuntimeEndpoint: "${options.criSocket}"\n`,
    [overrides]: `KUBELET_EXTRA_ARGS=${extra.join(' ')}\n`,
  }
  for (const [name, content] of Object.entries(options.dropIns ?? {})) files[`${configDirectory}/${name}`] = content
  const flags = options.runningFlags ?? [...options.kubeadmFlags, ...extra]
  return {
    files,
    processes: [
      {
        pid: options.pid,
        name: 'kubelet',
        executable: '/usr/bin/kubelet',
        arguments: ['/usr/bin/kubelet', ...unitArguments, ...flags],
        environment: {
          PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin',
          HTTPS_PROXY: `http://kubelet:${secretMarker}@proxy.shop.example:3128`,
        },
        startedAfterBoot: options.startedAfterBoot,
      },
    ],
  }
}

function modified(at: number | undefined): { modifiedAt?: number } {
  return at === undefined ? {} : { modifiedAt: at }
}

const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`

function kubeadmDropIn(overrides: string): string {
  return `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generate at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use
# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.
EnvironmentFile=-${overrides}
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`
}

/** What kubeadm writes on every node, with the site's own lines at the end. */
function kubeadmConfiguration(options: KubeletOptions): string {
  const own = options.configuration ?? []
  const lines = [
    'apiVersion: kubelet.config.k8s.io/v1beta1',
    'authentication:',
    '  anonymous:',
    '    enabled: false',
    '  webhook:',
    '    cacheTTL: 0s',
    '    enabled: true',
    '  x509:',
    '    clientCAFile: /etc/kubernetes/pki/ca.crt',
    'authorization:',
    '  mode: Webhook',
    '  webhook:',
    '    cacheAuthorizedTTL: 0s',
    '    cacheUnauthorizedTTL: 0s',
    `cgroupDriver: ${options.cgroupDriver ?? 'systemd'}`,
    'clusterDNS:',
    '- 10.96.0.10',
    'clusterDomain: cluster.local',
    `containerRuntimeEndpoint: ${options.criSocket}`,
    'cpuManagerReconcilePeriod: 0s',
    'crashLoopBackOff: {}',
    'evictionPressureTransitionPeriod: 0s',
    'fileCheckFrequency: 0s',
    'healthzBindAddress: 127.0.0.1',
    'healthzPort: 10248',
    'httpCheckFrequency: 0s',
    'imageMaximumGCAge: 0s',
    'imageMinimumGCAge: 0s',
    'kind: KubeletConfiguration',
    'logging:',
    '  flushFrequency: 0',
    '  options:',
    '    json:',
    '      infoBufferSize: "0"',
    '    text:',
    '      infoBufferSize: "0"',
    '  verbosity: 0',
    ...(own.some((line) => line.startsWith('memorySwap:')) ? [] : ['memorySwap: {}']),
    'nodeStatusReportFrequency: 0s',
    'nodeStatusUpdateFrequency: 0s',
    'rotateCertificates: true',
    'runtimeRequestTimeout: 0s',
    'shutdownGracePeriod: 0s',
    'shutdownGracePeriodCriticalPods: 0s',
    'staticPodPath: /etc/kubernetes/manifests',
    'streamingConnectionIdleTimeout: 0s',
    'syncFrequency: 0s',
    'volumeStatsAggPeriod: 0s',
    ...own,
  ]
  return `${lines.join('\n')}\n`
}
