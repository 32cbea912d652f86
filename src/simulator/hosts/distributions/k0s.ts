// A k0s controller that is a worker too, as its installer leaves it: k0s starts each component as a process of its own, with a user
// of its own. May not: be better or worse than what k0s writes.
import { composeHost, type HostTree } from '../tree.ts'
import { type DistributionNode, flags, kubeconfig, process, system, times, tls } from './parts.ts'

const data = '/var/lib/k0s'
const pki = `${data}/pki`
const suites =
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'
const apiUser = { uid: 996, gid: 0 }
const etcdUser = { uid: 997, gid: 0 }

const apiServer = flags({
  'advertise-address': '192.0.2.41',
  'allow-privileged': 'true',
  'anonymous-auth': 'false',
  'api-audiences': 'https://kubernetes.default.svc,system:konnectivity-server',
  'authorization-mode': 'Node,RBAC',
  'client-ca-file': `${pki}/ca.crt`,
  'egress-selector-config-file': `${data}/konnectivity.conf`,
  'enable-admission-plugins': 'NodeRestriction',
  'enable-bootstrap-token-auth': 'true',
  'kubelet-certificate-authority': `${pki}/ca.crt`,
  'kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
  'kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
  'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
  profiling: 'false',
  'proxy-client-cert-file': `${pki}/front-proxy-client.crt`,
  'proxy-client-key-file': `${pki}/front-proxy-client.key`,
  'requestheader-allowed-names': 'front-proxy-client',
  'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
  'secure-port': '6443',
  'service-account-issuer': 'https://kubernetes.default.svc',
  'service-account-key-file': `${pki}/sa.pub`,
  'service-account-signing-key-file': `${pki}/sa.key`,
  'service-cluster-ip-range': '10.96.0.0/12',
  'tls-cert-file': `${pki}/server.crt`,
  'tls-cipher-suites': suites,
  'tls-min-version': 'VersionTLS12',
  'tls-private-key-file': `${pki}/server.key`,
  v: '1',
  'etcd-servers': 'https://127.0.0.1:2379',
  'etcd-cafile': `${pki}/etcd/ca.crt`,
  'etcd-certfile': `${pki}/apiserver-etcd-client.crt`,
  'etcd-keyfile': `${pki}/apiserver-etcd-client.key`,
})

const controllerManager = flags({
  'allocate-node-cidrs': 'true',
  'authentication-kubeconfig': `${pki}/ccm.conf`,
  'authorization-kubeconfig': `${pki}/ccm.conf`,
  'bind-address': '127.0.0.1',
  'client-ca-file': `${pki}/ca.crt`,
  'cluster-cidr': '10.244.0.0/16',
  'cluster-name': 'k0s',
  'cluster-signing-cert-file': `${pki}/ca.crt`,
  'cluster-signing-key-file': `${pki}/ca.key`,
  controllers: '*,bootstrapsigner,tokencleaner',
  kubeconfig: `${pki}/ccm.conf`,
  'leader-elect': 'true',
  profiling: 'false',
  'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
  'root-ca-file': `${pki}/ca.crt`,
  'service-account-private-key-file': `${pki}/sa.key`,
  'service-cluster-ip-range': '10.96.0.0/12',
  'terminated-pod-gc-threshold': '12500',
  'use-service-account-credentials': 'true',
})

const scheduler = flags({
  'authentication-kubeconfig': `${pki}/scheduler.conf`,
  'authorization-kubeconfig': `${pki}/scheduler.conf`,
  'bind-address': '127.0.0.1',
  kubeconfig: `${pki}/scheduler.conf`,
  'leader-elect': 'true',
  profiling: 'false',
})

const etcd = flags({
  'advertise-client-urls': 'https://127.0.0.1:2379',
  'auth-token': `jwt,pub-key=${pki}/etcd/jwt.pub,priv-key=${pki}/etcd/jwt.key,sign-method=RS512,ttl=10m`,
  'cert-file': `${pki}/etcd/server.crt`,
  'cipher-suites': suites,
  'client-cert-auth': 'true',
  'data-dir': `${data}/etcd`,
  'enable-pprof': 'false',
  'initial-advertise-peer-urls': 'https://192.0.2.41:2380',
  'key-file': `${pki}/etcd/server.key`,
  'listen-client-urls': 'https://127.0.0.1:2379',
  'listen-peer-urls': 'https://192.0.2.41:2380',
  name: 'k0s-1',
  'peer-cert-file': `${pki}/etcd/peer.crt`,
  'peer-client-cert-auth': 'true',
  'peer-key-file': `${pki}/etcd/peer.key`,
  'peer-trusted-ca-file': `${pki}/etcd/ca.crt`,
  'tls-min-version': 'TLS1.2',
  'trusted-ca-file': `${pki}/etcd/ca.crt`,
})

const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous: {}
  webhook:
    cacheTTL: 0s
  x509:
    clientCAFile: /run/k0s/kubelet/ca.crt
authorization:
  webhook:
    cacheAuthorizedTTL: 0s
    cacheUnauthorizedTTL: 0s
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/k0s/containerd.sock
eventRecordQPS: 0
failSwapOn: false
kind: KubeletConfiguration
logging: {flushFrequency: 0, verbosity: 0}
memorySwap: {}
resolvConf: /run/systemd/resolve/resolv.conf
rotateCertificates: true
serverTLSBootstrap: true
streamingConnectionIdleTimeout: 0s
tlsCipherSuites: [${suites.split(',').join(', ')}]
tlsMinVersion: VersionTLS12
`

const bin = (name: string): string => `${data}/bin/${name}`
const own = (pid: number, name: string, args: readonly string[]) => process(pid, name, [bin(name), ...args])
const secure = { certificateMode: 0o644, keyMode: 0o640 }

export const k0sHost: HostTree = composeHost(
  { hostname: 'k0s-1', ...times },
  system({
    id: 'rocky',
    versionId: '9.6',
    name: 'Rocky Linux',
    kernel: '5.14.0-570.25.1.el9_6.x86_64',
    timeDaemon: 'chronyd',
    fileSystem: 'ext4',
    isolation: { selinux: 'enforcing', configured: 'enforcing' },
    accounts: { 'kube-apiserver': 996, etcd: 997, 'kube-scheduler': 995 },
  }),
  {
    files: {
      '/etc/systemd/system/k0scontroller.service':
        '[Unit]\nDescription=k0s - Zero Friction Kubernetes\n\n[Service]\nExecStart=/usr/local/bin/k0s controller --enable-worker=true --no-taints=true\nRestart=always\nDelegate=yes\nKillMode=process\n',
      '/run/k0s/kubelet/config.yaml': { content: kubeletConfig, mode: 0o600 },
      '/etc/k0s/containerd.toml': `version = 3\nimports = ["/run/k0s/containerd-cri.toml"]\n`,
      '/run/k0s/containerd-cri.toml': `version = 3\n\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\n  sandbox = "registry.k8s.io/pause:3.10.1"\n\n[plugins.'io.containerd.cri.v1.runtime'.cni]\n  bin_dirs = ["/opt/cni/bin"]\n  conf_dir = "/etc/cni/net.d"\n\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]\n  runtime_type = "io.containerd.runc.v2"\n\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n`,
      '/etc/cni/net.d/10-kuberouter.conflist': { content: '{"name":"k8s","plugins":[]}\n', mode: 0o644 },
      [`${pki}/admin.conf`]: kubeconfig(0o600),
      [`${pki}/ccm.conf`]: kubeconfig(0o640, apiUser),
      [`${pki}/scheduler.conf`]: kubeconfig(0o640, { uid: 995, gid: 0 }),
      [`${data}/kubelet.conf`]: kubeconfig(0o600),
      ...tls(pki, 'ca front-proxy-ca front-proxy-client apiserver-kubelet-client apiserver-etcd-client server sa.key', {
        ...secure,
        owner: apiUser,
      }),
      [`${pki}/sa.pub`]: {
        content: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n',
        mode: 0o644,
        owner: apiUser,
      },
      ...tls(`${pki}/etcd`, 'ca server peer', { ...secure, owner: etcdUser }),
      ...tls('/run/k0s/kubelet', 'ca.crt', secure),
    },
    directories: [`${data}/containerd`],
    folders: {
      [pki]: { mode: 0o751 },
      [`${data}/etcd`]: { mode: 0o700, owner: etcdUser },
    },
    processes: [
      process(600, 'k0s', ['/usr/local/bin/k0s', 'controller', '--enable-worker=true', '--no-taints=true']),
      own(640, 'etcd', etcd),
      own(680, 'kube-apiserver', apiServer),
      own(720, 'kube-scheduler', scheduler),
      own(740, 'kube-controller-manager', controllerManager),
      own(760, 'containerd', [
        `--root=${data}/containerd`,
        '--state=/run/k0s/containerd',
        '--address=/run/k0s/containerd.sock',
        '--log-level=info',
        '--config=/etc/k0s/containerd.toml',
      ]),
      own(800, 'kubelet', [
        `--cert-dir=${data}/kubelet/pki`,
        '--config=/run/k0s/kubelet/config.yaml',
        '--containerd=/run/k0s/containerd.sock',
        '--hostname-override=k0s-1',
        `--kubeconfig=${data}/kubelet.conf`,
        '--node-labels=node.k0sproject.io/role=control-plane',
        `--root-dir=${data}/kubelet`,
        '--runtime-cgroups=/system.slice/containerd.service',
        '--v=1',
      ]),
    ],
  },
)

export const k0sNode: DistributionNode = {
  kubeletVersion: 'v1.34.1+k0s',
  osImage: 'Rocky Linux 9.6 (Blue Onyx)',
  kernelVersion: '5.14.0-570.25.1.el9_6.x86_64',
  containerRuntimeVersion: 'containerd://2.1.4',
  roles: ['control-plane'],
  labels: { 'node.k0sproject.io/role': 'control-plane' },
}
