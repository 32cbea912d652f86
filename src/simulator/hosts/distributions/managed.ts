// Workers of EKS (Amazon Linux 2023), GKE (Container-Optimized OS) and AKS (Ubuntu): their control plane is on no node.
// May not: be better or worse than the images.
import { composeHost, type HostTree } from '../tree.ts'
import { type DistributionNode, kubeconfig, process, system, times, tls } from './parts.ts'

const containerdConfig = (root = '/var/lib/containerd'): string => `version = 3
root = '${root}'
state = '/run/containerd'

[grpc]
address = '/run/containerd/containerd.sock'

[plugins.'io.containerd.cri.v1.images'.registry]
config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dir = '/opt/cni/bin'
conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = true
`
const containerd = (path: string) => process(700, 'containerd', [path])
const suites = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
]

const eksKubelet = {
  kind: 'KubeletConfiguration',
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  address: '0.0.0.0',
  authentication: {
    anonymous: { enabled: false },
    webhook: { cacheTTL: '2m0s', enabled: true },
    x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
  },
  authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
  cgroupDriver: 'systemd',
  cgroupRoot: '/',
  clusterDNS: ['10.100.0.10'],
  clusterDomain: 'cluster.local',
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
  featureGates: {
    DynamicResourceAllocation: true,
    MutableCSINodeAllocatableCount: true,
    RotateKubeletServerCertificate: true,
  },
  hairpinMode: 'hairpin-veth',
  kubeReserved: { cpu: '70m', 'ephemeral-storage': '1Gi', memory: '442Mi' },
  kubeReservedCgroup: '/runtime',
  logging: { verbosity: 2 },
  maxPods: 17,
  protectKernelDefaults: true,
  providerID: 'aws:///eu-central-1a/i-0a1b2c3d4e5f67890',
  readOnlyPort: 0,
  serializeImagePulls: false,
  serverTLSBootstrap: true,
  shutdownGracePeriod: '2m30s',
  shutdownGracePeriodCriticalPods: '30s',
  systemReservedCgroup: '/system',
  tlsCipherSuites: suites,
}
const eksFlags = [
  '--cloud-provider=external',
  '--config=/etc/kubernetes/kubelet/config.json',
  '--hostname-override=ip-192-0-2-61.eu-central-1.compute.internal',
  '--kubeconfig=/var/lib/kubelet/kubeconfig',
  '--node-ip=192.0.2.61',
  '--node-labels=eks.amazonaws.com/nodegroup=workers',
  '--runtime-cgroups=/runtime.slice/containerd.service',
]

export const eksHost: HostTree = composeHost(
  { hostname: 'ip-192-0-2-61.eu-central-1.compute.internal', ...times },
  system({
    id: 'amzn',
    versionId: '2023',
    name: 'Amazon Linux',
    kernel: '6.12.46-66.121.amzn2023.x86_64',
    timeDaemon: 'chronyd',
    isolation: { selinux: 'permissive', configured: 'permissive' },
  }),
  {
    files: {
      '/etc/systemd/system/kubelet.service':
        '[Unit]\nDescription=Kubernetes Kubelet\nAfter=containerd.service\n\n[Service]\nSlice=runtime.slice\nEnvironmentFile=/etc/eks/kubelet/environment\nExecStartPre=/sbin/iptables -P FORWARD ACCEPT -w 5\nExecStart=/usr/bin/kubelet $NODEADM_KUBELET_ARGS\nRestart=on-failure\nKillMode=process\n',
      '/etc/eks/kubelet/environment': `NODEADM_KUBELET_ARGS=${eksFlags.join(' ')}\n`,
      '/etc/kubernetes/kubelet/config.json': `${JSON.stringify(eksKubelet, null, 4)}\n`,
      '/etc/sysctl.d/99-amazon.conf': 'vm.overcommit_memory=1\nkernel.panic=10\nkernel.panic_on_oops=1\n',
      '/etc/containerd/config.toml': containerdConfig(),
      '/var/lib/kubelet/kubeconfig':
        'apiVersion: v1\nkind: Config\nclusters:\n- name: kubernetes\n  cluster:\n    certificate-authority: /etc/kubernetes/pki/ca.crt\n    server: https://ABCDEF.gr7.eu-central-1.eks.amazonaws.com\nusers:\n- name: kubelet\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: aws\n      args: [eks, get-token, --cluster-name, shop]\n',
      '/etc/cni/net.d/10-aws.conflist': { content: '{"name":"aws-cni","plugins":[]}\n', mode: 0o644 },
      ...tls('/etc/kubernetes/pki', 'ca.crt', { certificateMode: 0o644, keyMode: 0o600 }),
    },
    directories: ['/var/lib/containerd'],
    processes: [containerd('/usr/bin/containerd'), process(800, 'kubelet', ['/usr/bin/kubelet', ...eksFlags])],
  },
)

export const eksNode: DistributionNode = {
  kubeletVersion: 'v1.34.1-eks-113cf36',
  osImage: 'Amazon Linux 2023.9.20250929',
  kernelVersion: '6.12.46-66.121.amzn2023.x86_64',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: [],
  labels: { 'eks.amazonaws.com/nodegroup': 'workers' },
  providerID: 'aws:///eu-central-1a/i-0a1b2c3d4e5f67890',
}

const gkeKubelet = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: /etc/srv/kubernetes/pki/ca-certificates.crt
authorization:
  mode: Webhook
cgroupDriver: systemd
cgroupRoot: /
clusterDNS:
- 34.118.224.10
clusterDomain: cluster.local
enableDebuggingHandlers: true
evictionHard:
  memory.available: 100Mi
  nodefs.available: 10%
  nodefs.inodesFree: 5%
  pid.available: 10%
featureGates:
  RotateKubeletServerCertificate: true
kind: KubeletConfiguration
kubeReserved:
  cpu: 1060m
  ephemeral-storage: 41Gi
  memory: 1019Mi
readOnlyPort: 0
rotateCertificates: true
serverTLSBootstrap: true
staticPodPath: /etc/kubernetes/manifests
`

export const gkeHost: HostTree = composeHost(
  { hostname: 'gke-shop-default-pool-1a2b-c3d4', ...times },
  system({ id: 'cos', versionId: '121', name: 'Container-Optimized OS', kernel: '6.6.105+', timeDaemon: 'chronyd' }),
  {
    files: {
      '/etc/systemd/system/kubelet.service':
        '[Unit]\nDescription=Kubernetes kubelet\nRequires=network-online.target\n\n[Service]\nRestart=always\nEnvironmentFile=/etc/default/kubelet\nExecStart=/home/kubernetes/bin/kubelet $KUBELET_OPTS\nKillMode=process\n',
      '/etc/default/kubelet':
        'KUBELET_OPTS="--v=2 --cloud-provider=external --cert-dir=/var/lib/kubelet/pki/ --kubeconfig=/var/lib/kubelet/kubeconfig --max-pods=110 --volume-plugin-dir=/home/kubernetes/flexvolume --container-runtime-endpoint=unix:///run/containerd/containerd.sock --config=/home/kubernetes/kubelet-config.yaml"\n',
      '/home/kubernetes/kubelet-config.yaml': { content: gkeKubelet, mode: 0o644 },
      '/etc/containerd/config.toml': containerdConfig(),
      '/var/lib/kubelet/kubeconfig': kubeconfig(0o644),
      '/etc/cni/net.d/10-gke-ptp.conflist': { content: '{"name":"gke-pod-network","plugins":[]}\n', mode: 0o644 },
      '/etc/kubernetes/manifests/kube-proxy.manifest': { content: 'kind: Pod\n', mode: 0o644 },
      ...tls('/etc/srv/kubernetes/pki', 'ca-certificates.crt', { certificateMode: 0o644, keyMode: 0o600 }),
    },
    directories: ['/var/lib/containerd'],
    processes: [
      containerd('/usr/bin/containerd'),
      process(800, 'kubelet', [
        '/home/kubernetes/bin/kubelet',
        '--v=2',
        '--cloud-provider=external',
        '--cert-dir=/var/lib/kubelet/pki/',
        '--kubeconfig=/var/lib/kubelet/kubeconfig',
        '--max-pods=110',
        '--volume-plugin-dir=/home/kubernetes/flexvolume',
        '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
        '--config=/home/kubernetes/kubelet-config.yaml',
      ]),
      process(
        900,
        'kube-proxy',
        [
          'kube-proxy',
          '--master=https://192.0.2.70',
          '--kubeconfig=/var/lib/kube-proxy/kubeconfig',
          '--cluster-cidr=10.4.0.0/14',
        ],
        { isContained: true },
      ),
    ],
  },
)

export const gkeNode: DistributionNode = {
  kubeletVersion: 'v1.34.1-gke.1829001',
  osImage: 'Container-Optimized OS from Google',
  kernelVersion: '6.6.105+',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: [],
  labels: { 'cloud.google.com/gke-nodepool': 'default-pool' },
  providerID: 'gce://shop/europe-west3-a/gke-shop-default-pool-1a2b-c3d4',
}

const aksFlags = [
  '--address=0.0.0.0',
  '--anonymous-auth=false',
  '--authentication-token-webhook=true',
  '--authorization-mode=Webhook',
  '--cgroups-per-qos=true',
  '--client-ca-file=/etc/kubernetes/certs/ca.crt',
  '--cloud-config=',
  '--cloud-provider=external',
  '--cluster-dns=10.0.0.10',
  '--cluster-domain=cluster.local',
  '--container-log-max-size=50M',
  '--enforce-node-allocatable=pods',
  '--event-qps=0',
  '--eviction-hard=memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,pid.available<2000',
  '--image-gc-high-threshold=85',
  '--image-gc-low-threshold=80',
  '--kubeconfig=/var/lib/kubelet/kubeconfig',
  '--max-pods=30',
  '--node-status-update-frequency=10s',
  '--pod-manifest-path=/etc/kubernetes/manifests',
  '--pod-max-pids=-1',
  '--protect-kernel-defaults=true',
  '--read-only-port=0',
  '--rotate-certificates=true',
  '--rotate-server-certificates=true',
  '--streaming-connection-idle-timeout=4h',
  `--tls-cipher-suites=${suites.join(',')}`,
]
const aksLabels =
  'agentpool=system,kubernetes.azure.com/agentpool=system,kubernetes.azure.com/cluster=MC_shop,kubernetes.azure.com/mode=system'

export const aksHost: HostTree = composeHost(
  { hostname: 'aks-system-12345678-vmss000000', ...times },
  system({ id: 'ubuntu', versionId: '22.04', name: 'Ubuntu', kernel: '5.15.0-1096-azure', timeDaemon: 'chronyd' }),
  {
    files: {
      '/etc/systemd/system/kubelet.service': `[Unit]
Description=Kubelet
ConditionPathExists=/opt/bin/kubelet

[Service]
Restart=always
EnvironmentFile=/etc/default/kubelet
ExecStart=/opt/bin/kubelet \\
        --enable-server \\
        --node-labels="\${KUBELET_NODE_LABELS}" \\
        --v=2 \\
        --volume-plugin-dir=/etc/kubernetes/volumeplugins \\
        $KUBELET_CONTAINERD_FLAGS \\
        $KUBELET_FLAGS
`,
      '/etc/default/kubelet': `KUBELET_NODE_LABELS=${aksLabels}\nKUBELET_CONTAINERD_FLAGS="--runtime-request-timeout=15m --container-runtime-endpoint=unix:///run/containerd/containerd.sock"\nKUBELET_FLAGS="${aksFlags.join(' ')}"\n`,
      '/etc/containerd/config.toml': containerdConfig(),
      '/var/lib/kubelet/kubeconfig': kubeconfig(0o600),
      '/etc/cni/net.d/10-azure.conflist': { content: '{"name":"azure","plugins":[]}\n', mode: 0o600 },
      '/etc/sysctl.d/60-CIS.conf': 'vm.overcommit_memory = 1\nkernel.panic = 10\nkernel.panic_on_oops = 1\n',
      ...tls('/etc/kubernetes/certs', 'ca.crt', { certificateMode: 0o600, keyMode: 0o600 }),
    },
    directories: ['/var/lib/containerd', '/etc/kubernetes/manifests'],
    processes: [
      containerd('/usr/bin/containerd'),
      process(800, 'kubelet', [
        '/opt/bin/kubelet',
        '--enable-server',
        `--node-labels=${aksLabels}`,
        '--v=2',
        '--volume-plugin-dir=/etc/kubernetes/volumeplugins',
        '--runtime-request-timeout=15m',
        '--container-runtime-endpoint=unix:///run/containerd/containerd.sock',
        ...aksFlags,
      ]),
    ],
  },
)

export const aksNode: DistributionNode = {
  kubeletVersion: 'v1.34.1',
  osImage: 'Ubuntu 22.04.5 LTS',
  kernelVersion: '5.15.0-1096-azure',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: [],
  labels: { 'kubernetes.azure.com/cluster': 'MC_shop', 'kubernetes.azure.com/mode': 'system' },
  providerID:
    'azure:///subscriptions/0/resourceGroups/mc_shop/providers/Microsoft.Compute/virtualMachineScaleSets/aks-system/virtualMachines/0',
}
