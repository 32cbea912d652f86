// A MicroK8s node as its snap leaves it: kubelite with its files of arguments, dqlite instead of etcd, the group microk8s on all of it.
// May not: be better or worse than the snap's defaults.
import { composeHost, type HostTree, type TreeEntry } from '../tree.ts'
import { type DistributionNode, kubeconfig, process, system, times, tls } from './parts.ts'

const data = '/var/snap/microk8s/8596'
const group = { uid: 0, gid: 998 }
const args = (content: string): TreeEntry => ({ content, mode: 0o660, owner: group })
const d = '${SNAP_DATA}'

const suites =
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_128_GCM_SHA256'
const apiSuites =
  'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA'

const apiServer = `--cert-dir=${d}/certs
--service-cluster-ip-range=10.152.183.0/24
--authorization-mode=AlwaysAllow
--service-account-key-file=${d}/certs/serviceaccount.key
--client-ca-file=${d}/certs/ca.crt
--tls-cert-file=${d}/certs/server.crt
--tls-private-key-file=${d}/certs/server.key
--tls-cipher-suites=${apiSuites}
--kubelet-client-certificate=${d}/certs/apiserver-kubelet-client.crt
--kubelet-client-key=${d}/certs/apiserver-kubelet-client.key
--secure-port=16443
--etcd-servers="unix://${d}/var/kubernetes/backend/kine.sock:12379"
--allow-privileged=true
--service-account-issuer='https://kubernetes.default.svc'
--service-account-signing-key-file=${d}/certs/serviceaccount.key
--event-ttl=5m
--profiling=false

# Enable the aggregation layer
--requestheader-client-ca-file=${d}/certs/front-proxy-ca.crt
--requestheader-allowed-names=front-proxy-client
--proxy-client-cert-file=${d}/certs/front-proxy-client.crt
--proxy-client-key-file=${d}/certs/front-proxy-client.key
#~Enable the aggregation layer
--enable-admission-plugins=EventRateLimit
--admission-control-config-file=${d}/args/admission-control-config-file.yaml
--kubelet-certificate-authority=${d}/certs/ca.crt
--kubelet-preferred-address-types=InternalIP,Hostname,InternalDNS,ExternalDNS,ExternalIP
`

const c = d.replace('DATA', 'COMMON')
const kubelet = `--kubeconfig=${d}/credentials/kubelet.config
--cert-dir=${d}/certs
--client-ca-file=${d}/certs/ca.crt
--anonymous-auth=false
--root-dir=${c}/var/lib/kubelet
--fail-swap-on=false
--eviction-hard="memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi"
--container-runtime-endpoint=${c}/run/containerd.sock
--containerd=${c}/run/containerd.sock
--node-labels="microk8s.io/cluster=true,node.kubernetes.io/microk8s-controlplane=microk8s-controlplane"
--authentication-token-webhook=true
--read-only-port=0
--tls-cipher-suites=${suites}
--serialize-image-pulls=false
--cluster-domain=cluster.local
--cluster-dns=10.152.183.10
`

const containerd = `version = 2
oom_score = 0

[metrics]
  address = "127.0.0.1:1338"

[plugins."io.containerd.grpc.v1.cri"]
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  enable_selinux = false
  sandbox_image = "registry.k8s.io/pause:3.10"

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/var/snap/microk8s/8596/opt/cni/bin"
    conf_dir = "/var/snap/microk8s/8596/args/cni-network"

  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/var/snap/microk8s/8596/args/certs.d"
`

export const microk8sHost: HostTree = composeHost(
  { hostname: 'microk8s-1', ...times },
  system({ id: 'ubuntu', versionId: '24.04', name: 'Ubuntu', kernel: '6.8.0-87-generic', accounts: { microk8s: 998 } }),
  {
    files: {
      '/var/snap/microk8s/current': { link: '8596' },
      [`${data}/args/kube-apiserver`]: args(apiServer),
      [`${data}/args/kube-controller-manager`]: args(
        `--kubeconfig=${d}/credentials/controller.config\n--service-account-private-key-file=${d}/certs/serviceaccount.key\n--root-ca-file=${d}/certs/ca.crt\n--cluster-signing-cert-file=${d}/certs/ca.crt\n--cluster-signing-key-file=${d}/certs/ca.key\n--use-service-account-credentials\n--leader-elect-lease-duration=60s\n--leader-elect-renew-deadline=30s\n--profiling=false\n`,
      ),
      [`${data}/args/kube-scheduler`]: args(
        `--kubeconfig=${d}/credentials/scheduler.config\n--leader-elect-lease-duration=60s\n--leader-elect-renew-deadline=30s\n--profiling=false\n`,
      ),
      [`${data}/args/kubelet`]: args(kubelet),
      [`${data}/args/kube-proxy`]: args(
        `--kubeconfig=${d}/credentials/proxy.config\n--cluster-cidr=10.1.0.0/16\n--healthz-bind-address=127.0.0.1\n--profiling=false\n`,
      ),
      [`${data}/args/k8s-dqlite`]: args(
        `--storage-dir=${d}/var/kubernetes/backend/\n--listen=unix://${d}/var/kubernetes/backend/kine.sock:12379\n`,
      ),
      [`${data}/args/admission-control-config-file.yaml`]: args(
        'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n  - name: EventRateLimit\n    path: eventconfig.yaml\n',
      ),
      [`${data}/args/containerd.toml`]: args(containerd),
      [`${data}/args/cni-network/cni.conf`]: args('{}\n'),
      ...Object.fromEntries(
        ['client', 'controller', 'kubelet', 'proxy', 'scheduler'].map((name) => [
          `${data}/credentials/${name}.config`,
          kubeconfig(0o660, group),
        ]),
      ),
      ...tls(
        `${data}/certs`,
        'ca server apiserver-kubelet-client front-proxy-ca front-proxy-client kubelet serviceaccount.key',
        {
          certificateMode: 0o660,
          keyMode: 0o660,
          owner: group,
        },
      ),
      '/etc/systemd/system/snap.microk8s.daemon-kubelite.service':
        '[Unit]\nDescription=Service for snap application microk8s.daemon-kubelite\n\n[Service]\nExecStart=/usr/bin/snap run microk8s.daemon-kubelite\nRestart=always\n',
    },
    directories: ['/var/snap/microk8s/common/var/lib/containerd'],
    folders: { [`${data}/certs`]: { mode: 0o770, owner: group }, [`${data}/args`]: { mode: 0o770, owner: group } },
    processes: [
      process(
        700,
        'kubelite',
        [
          '/snap/microk8s/8596/kubelite',
          ...['scheduler', 'controller-manager', 'proxy', 'kubelet', 'apiserver'].map(
            (name) => `--${name}-args-file=${data}/args/${name === 'kubelet' ? name : `kube-${name}`}`,
          ),
          `--kubeconfig-file=${data}/credentials/client.config`,
          '--start-control-plane=true',
        ],
        { environment: { SNAP_DATA: data } },
      ),
      process(660, 'k8s-dqlite', [
        '/snap/microk8s/8596/bin/k8s-dqlite',
        `--storage-dir=${data}/var/kubernetes/backend/`,
      ]),
      process(640, 'containerd', [
        '/snap/microk8s/8596/bin/containerd',
        '--config',
        `${data}/args/containerd.toml`,
        '--root',
        '/var/snap/microk8s/common/var/lib/containerd',
        '--state',
        '/var/snap/microk8s/common/run/containerd',
        '--address',
        '/var/snap/microk8s/common/run/containerd.sock',
      ]),
    ],
  },
)

export const microk8sNode: DistributionNode = {
  kubeletVersion: 'v1.34.1',
  osImage: 'Ubuntu 24.04.3 LTS',
  kernelVersion: '6.8.0-87-generic',
  containerRuntimeVersion: 'containerd://1.7.28',
  roles: [],
  labels: { 'microk8s.io/cluster': 'true', 'node.kubernetes.io/microk8s-controlplane': 'microk8s-controlplane' },
}
