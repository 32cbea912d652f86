// An RKE2 server as its installer leaves it: static pods, and a kubelet with arguments of its own.
// May not: be better or worse than what RKE2 writes.
import { secretMarker } from '../secret-marker.ts'
import { composeHost, type HostTree, type TreeEntry } from '../tree.ts'
import { type DistributionNode, flags, kubeconfig, process, system, times, tls } from './parts.ts'

const data = '/var/lib/rancher/rke2'
const keys = `${data}/server/tls`
const cred = `${data}/server/cred`

const apiServer = [
  '--admission-control-config-file=/etc/rancher/rke2/rke2-pss.yaml',
  ...flags({
    'allow-privileged': 'true',
    'anonymous-auth': 'false',
    'api-audiences': 'https://kubernetes.default.svc.cluster.local,rke2',
    'authorization-mode': 'Node,RBAC',
    'bind-address': '0.0.0.0',
    'cert-dir': `${keys}/temporary-certs`,
    'client-ca-file': `${keys}/client-ca.crt`,
    'egress-selector-config-file': `${data}/server/etc/egress-selector-config.yaml`,
    'enable-admission-plugins': 'NodeRestriction',
    'enable-aggregator-routing': 'true',
    'enable-bootstrap-token-auth': 'true',
    'encryption-provider-config': `${cred}/encryption-config.json`,
    'encryption-provider-config-automatic-reload': 'true',
    'etcd-cafile': `${keys}/etcd/server-ca.crt`,
    'etcd-certfile': `${keys}/etcd/client.crt`,
    'etcd-keyfile': `${keys}/etcd/client.key`,
    'etcd-servers': 'https://127.0.0.1:2379',
    'kubelet-certificate-authority': `${keys}/server-ca.crt`,
    'kubelet-client-certificate': `${keys}/client-kube-apiserver.crt`,
    'kubelet-client-key': `${keys}/client-kube-apiserver.key`,
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    profiling: 'false',
    'proxy-client-cert-file': `${keys}/client-auth-proxy.crt`,
    'proxy-client-key-file': `${keys}/client-auth-proxy.key`,
    'requestheader-allowed-names': 'system:auth-proxy',
    'requestheader-client-ca-file': `${keys}/request-header-ca.crt`,
    'secure-port': '6443',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': `${keys}/service.key`,
    'service-account-signing-key-file': `${keys}/service.current.key`,
    'service-cluster-ip-range': '10.43.0.0/16',
    'storage-backend': 'etcd3',
    'tls-cert-file': `${keys}/serving-kube-apiserver.crt`,
    'tls-private-key-file': `${keys}/serving-kube-apiserver.key`,
  }),
]

const controllerManager = [
  '--permit-port-sharing=true',
  '--flex-volume-plugin-dir=/var/lib/kubelet/volumeplugins',
  '--terminated-pod-gc-threshold=1000',
  ...flags({
    'allocate-node-cidrs': 'true',
    'authentication-kubeconfig': `${cred}/controller.kubeconfig`,
    'authorization-kubeconfig': `${cred}/controller.kubeconfig`,
    'bind-address': '127.0.0.1',
    'cluster-cidr': '10.42.0.0/16',
    'cluster-signing-kube-apiserver-client-cert-file': `${keys}/client-ca.nochain.crt`,
    'cluster-signing-kube-apiserver-client-key-file': `${keys}/client-ca.key`,
    controllers: '*,tokencleaner,-service,-route,-cloud-node-lifecycle',
    kubeconfig: `${cred}/controller.kubeconfig`,
    profiling: 'false',
    'root-ca-file': `${keys}/server-ca.crt`,
    'secure-port': '10257',
    'service-account-private-key-file': `${keys}/service.current.key`,
    'tls-cert-file': `${keys}/kube-controller-manager/kube-controller-manager.crt`,
    'tls-private-key-file': `${keys}/kube-controller-manager/kube-controller-manager.key`,
    'use-service-account-credentials': 'true',
  }),
]

const scheduler = [
  '--permit-port-sharing=true',
  ...flags({
    'authentication-kubeconfig': `${cred}/scheduler.kubeconfig`,
    'authorization-kubeconfig': `${cred}/scheduler.kubeconfig`,
    'bind-address': '127.0.0.1',
    kubeconfig: `${cred}/scheduler.kubeconfig`,
    profiling: 'false',
    'secure-port': '10259',
    'tls-cert-file': `${keys}/kube-scheduler/kube-scheduler.crt`,
    'tls-private-key-file': `${keys}/kube-scheduler/kube-scheduler.key`,
  }),
]

const etcdConfig = `client-transport-security:
  cert-file: ${keys}/etcd/server-client.crt
  client-cert-auth: true
  key-file: ${keys}/etcd/server-client.key
  trusted-ca-file: ${keys}/etcd/server-ca.crt
data-dir: ${data}/server/db/etcd
initial-advertise-peer-urls: https://192.0.2.31:2380
listen-client-urls: https://127.0.0.1:2379,https://192.0.2.31:2379
listen-metrics-urls: http://127.0.0.1:2381
listen-peer-urls: https://127.0.0.1:2380,https://192.0.2.31:2380
name: rke2-1-51c3
peer-transport-security:
  cert-file: ${keys}/etcd/peer-server-client.crt
  client-cert-auth: true
  key-file: ${keys}/etcd/peer-server-client.key
  trusted-ca-file: ${keys}/etcd/peer-ca.crt
`

const kubeletDefaults = `address: 0.0.0.0
allowedUnsafeSysctls: [net.ipv4.ip_forward, net.ipv6.conf.all.forwarding]
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous: {enabled: false}
  webhook:
    cacheTTL: 2m0s
    enabled: true
  x509:
    clientCAFile: ${data}/agent/client-ca.crt
authorization:
  mode: Webhook
  webhook: {cacheAuthorizedTTL: 5m0s, cacheUnauthorizedTTL: 30s}
cgroupDriver: systemd
clusterDNS: [10.43.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/k3s/containerd/containerd.sock
evictionHard: {imagefs.available: 5%, nodefs.available: 5%}
evictionMinimumReclaim: {imagefs.available: 10%, nodefs.available: 10%}
failSwapOn: false
healthzBindAddress: 127.0.0.1
kind: KubeletConfiguration
serializeImagePulls: false
staticPodPath: ${data}/agent/pod-manifests
streamingConnectionIdleTimeout: 4h0m0s
tlsCertFile: ${data}/agent/serving-kubelet.crt
tlsPrivateKeyFile: ${data}/agent/serving-kubelet.key
`

/** Files and folders are mounted where they are. */
function manifest(name: string, args: readonly string[], paths: readonly string[], image: string): TreeEntry {
  const lines = [
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    `  labels: {component: ${name}, tier: control-plane}`,
    `  name: ${name}`,
    '  namespace: kube-system',
    'spec:',
    '  containers:',
    '  - args:',
    ...args.map((argument) => `    - ${argument}`),
    '    command:',
    `    - ${name}`,
    `    image: ${image}`,
    `    name: ${name}`,
    '    volumeMounts:',
    ...paths.flatMap((path, index) => [`    - mountPath: ${path}`, `      name: dir${index}`]),
    '  hostNetwork: true',
    '  volumes:',
    ...paths.flatMap((path, index) => ['  - hostPath:', `      path: ${path}`, `    name: dir${index}`]),
    '',
  ]
  return { content: lines.join('\n'), mode: 0o644 }
}

const image = 'index.docker.io/rancher/hardened-kubernetes:v1.34.1-rke2r1-build20250910'
const etcdImage = 'index.docker.io/rancher/hardened-etcd:v3.6.4-k3s3-build20250908'
const pods = `${data}/agent/pod-manifests`
const modes = { certificateMode: 0o644, keyMode: 0o600 }

export const rke2Host: HostTree = composeHost(
  { hostname: 'rke2-1', ...times },
  system({
    id: 'sles',
    versionId: '15.7',
    name: 'SUSE Linux Enterprise Server',
    kernel: '6.4.0-150700.53.19-default',
    timeDaemon: 'chronyd',
  }),
  {
    files: {
      '/usr/local/lib/systemd/system/rke2-server.service':
        '[Unit]\nDescription=Rancher Kubernetes Engine v2 (server)\n\n[Service]\nType=notify\nEnvironmentFile=-/etc/default/%N\nExecStart=/usr/local/bin/rke2 server\nKillMode=process\nDelegate=yes\n',
      '/etc/rancher/rke2/config.yaml': { content: `token: ${secretMarker}\ntls-san: [rke2.example]\n`, mode: 0o600 },
      '/etc/rancher/rke2/rke2.yaml': kubeconfig(),
      '/etc/rancher/rke2/rke2-pss.yaml': {
        content: `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1beta1
    kind: PodSecurityConfiguration
    defaults: {enforce: privileged, enforce-version: latest}
    exemptions: {usernames: [], runtimeClasses: [], namespaces: []}
`,
        mode: 0o600,
      },
      [`${pods}/kube-apiserver.yaml`]: manifest(
        'kube-apiserver',
        apiServer,
        ['/etc/ssl/certs', `${data}/server`, '/etc/rancher/rke2/rke2-pss.yaml'],
        image,
      ),
      [`${pods}/kube-controller-manager.yaml`]: manifest(
        'kube-controller-manager',
        controllerManager,
        [keys, cred],
        image,
      ),
      [`${pods}/kube-scheduler.yaml`]: manifest('kube-scheduler', scheduler, [keys, cred], image),
      [`${pods}/etcd.yaml`]: manifest(
        'etcd',
        [`--config-file=${data}/server/db/etcd/config`],
        [`${data}/server/db/etcd`, `${keys}/etcd`],
        etcdImage,
      ),
      [`${data}/server/db/etcd/config`]: { content: etcdConfig, mode: 0o600 },
      [`${cred}/encryption-config.json`]: {
        content: `{"kind":"EncryptionConfiguration","apiVersion":"apiserver.config.k8s.io/v1","resources":[{"resources":["secrets"],"providers":[{"aescbc":{"keys":[{"name":"aescbckey","secret":"${Buffer.from(secretMarker).toString('base64')}"}]}},{"identity":{}}]}]}`,
        mode: 0o600,
      },
      [`${data}/agent/etc/kubelet.conf.d/00-rke2-defaults.conf`]: { content: kubeletDefaults, mode: 0o600 },
      [`${data}/agent/etc/containerd/config.toml`]: {
        content: `version = 3\nroot = "${data}/agent/containerd"\nstate = "/run/k3s/containerd"\n\n[grpc]\n  address = "/run/k3s/containerd/containerd.sock"\n\n[plugins.'io.containerd.cri.v1.runtime'.cni]\n  bin_dir = "/opt/cni/bin"\n  conf_dir = "/etc/cni/net.d"\n\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`,
        mode: 0o600,
      },
      '/etc/cni/net.d/10-canal.conflist': { content: '{"name":"k8s-pod-network","plugins":[]}\n', mode: 0o600 },
      [`${data}/agent/kubelet.kubeconfig`]: kubeconfig(),
      [`${data}/agent/kubeproxy.kubeconfig`]: kubeconfig(),
      ...Object.fromEntries(
        ['admin', 'supervisor', 'controller', 'scheduler'].map((name) => [`${cred}/${name}.kubeconfig`, kubeconfig()]),
      ),
      ...tls(`${data}/agent`, 'client-ca.crt server-ca.crt serving-kubelet client-kubelet', {
        certificateMode: 0o600,
        keyMode: 0o600,
      }),
      ...tls(
        keys,
        'client-admin client-auth-proxy client-ca client-ca.nochain.crt client-kube-apiserver request-header-ca server-ca serving-kube-apiserver service.key service.current.key kube-controller-manager/kube-controller-manager kube-scheduler/kube-scheduler',
        modes,
      ),
      ...tls(`${keys}/etcd`, 'server-ca peer-ca client server-client peer-server-client', modes),
    },
    directories: [`${data}/agent/containerd`],
    folders: {
      [pods]: { mode: 0o700 },
      [keys]: { mode: 0o700 },
      [`${data}/server/db/etcd`]: { mode: 0o700 },
    },
    processes: [
      process(700, 'rke2', ['/usr/local/bin/rke2 server'], { executable: '/usr/local/bin/rke2' }),
      process(760, 'containerd', ['containerd', '-c', `${data}/agent/etc/containerd/config.toml`], {
        executable: `${data}/data/v1.34.1-rke2r1-7e1a/bin/containerd`,
      }),
      process(
        800,
        'kubelet',
        [
          'kubelet',
          '--volume-plugin-dir=/var/lib/kubelet/volumeplugins',
          '--file-check-frequency=5s',
          '--sync-frequency=30s',
          '--cloud-provider=external',
          `--config-dir=${data}/agent/etc/kubelet.conf.d`,
          '--hostname-override=rke2-1',
          `--kubeconfig=${data}/agent/kubelet.kubeconfig`,
          '--node-ip=192.0.2.31',
          '--node-labels=',
          '--read-only-port=0',
        ],
        { executable: `${data}/data/v1.34.1-rke2r1-7e1a/bin/kubelet` },
      ),
      process(900, 'etcd', ['etcd', `--config-file=${data}/server/db/etcd/config`], { isContained: true }),
      process(940, 'kube-apiserver', ['kube-apiserver', ...apiServer], { isContained: true }),
      process(980, 'kube-controller-manager', ['kube-controller-manager', ...controllerManager], { isContained: true }),
      process(990, 'kube-scheduler', ['kube-scheduler', ...scheduler], { isContained: true }),
    ],
  },
)

export const rke2Node: DistributionNode = {
  kubeletVersion: 'v1.34.1+rke2r1',
  osImage: 'SUSE Linux Enterprise Server 15 SP7',
  kernelVersion: '6.4.0-150700.53.19-default',
  containerRuntimeVersion: 'containerd://2.1.4-k3s2',
  roles: ['control-plane', 'etcd'],
  labels: { 'node.kubernetes.io/instance-type': 'rke2' },
}
