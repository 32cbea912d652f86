// A control-plane node of OpenShift 4 on Red Hat CoreOS: static pods that take their settings from files of a revision, CRI-O.
// May not: be better or worse than what the operators write.
import { composeHost, type HostTree, type TreeEntry } from '../tree.ts'
import { type DistributionNode, flags, kubeconfig, process, system, times, tls } from './parts.ts'

const resources = '/etc/kubernetes/static-pod-resources'
const certs = '/etc/kubernetes/static-pod-certs'
const config = `${resources}/configmaps/config/config.yaml`
const suites =
  'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'

/** The merged configuration, as the operator writes it: JSON, lists of arguments by flag. */
const apiServerConfig = {
  kind: 'KubeAPIServerConfig',
  apiVersion: 'kubecontrolplane.config.openshift.io/v1',
  apiServerArguments: {
    'allow-privileged': ['true'],
    'anonymous-auth': ['true'],
    'api-audiences': ['https://kubernetes.default.svc'],
    'audit-log-format': ['json'],
    'audit-log-maxbackup': ['10'],
    'audit-log-maxsize': ['200'],
    'audit-log-path': ['/var/log/kube-apiserver/audit.log'],
    'audit-policy-file': [`${resources}/configmaps/kube-apiserver-audit-policies/policy.yaml`],
    'authorization-mode': ['Scope', 'SystemMasters', 'RBAC', 'Node'],
    'client-ca-file': [`${certs}/configmaps/client-ca/ca-bundle.crt`],
    'enable-admission-plugins': [
      'CertificateApproval',
      'NamespaceLifecycle',
      'NodeRestriction',
      'ServiceAccount',
      'security.openshift.io/SecurityContextConstraint',
    ],
    'etcd-cafile': [`${resources}/configmaps/etcd-serving-ca/ca-bundle.crt`],
    'etcd-certfile': [`${resources}/secrets/etcd-client/tls.crt`],
    'etcd-keyfile': [`${resources}/secrets/etcd-client/tls.key`],
    'etcd-servers': ['https://192.0.2.51:2379', 'https://localhost:2379'],
    'kubelet-certificate-authority': [`${resources}/configmaps/kubelet-serving-ca/ca-bundle.crt`],
    'kubelet-client-certificate': [`${certs}/secrets/kubelet-client/tls.crt`],
    'kubelet-client-key': [`${certs}/secrets/kubelet-client/tls.key`],
    'min-request-timeout': ['3600'],
    'proxy-client-cert-file': [`${certs}/secrets/aggregator-client/tls.crt`],
    'proxy-client-key-file': [`${certs}/secrets/aggregator-client/tls.key`],
    'requestheader-client-ca-file': [`${certs}/configmaps/aggregator-client-ca/ca-bundle.crt`],
    'service-account-issuer': ['https://kubernetes.default.svc'],
    'service-account-lookup': ['true'],
    'service-account-signing-key-file': [`${certs}/secrets/bound-service-account-signing-key/service-account.key`],
    'tls-cert-file': [`${certs}/secrets/service-network-serving-certkey/tls.crt`],
    'tls-private-key-file': [`${certs}/secrets/service-network-serving-certkey/tls.key`],
  },
  serviceAccountPublicKeyFiles: [
    `${resources}/configmaps/sa-token-signing-certs`,
    `${resources}/configmaps/bound-sa-token-signing-certs`,
  ],
  servicesSubnet: '172.30.0.0/16',
  servingInfo: {
    bindAddress: '0.0.0.0:6443',
    bindNetwork: 'tcp4',
    cipherSuites: suites.split(','),
    minTLSVersion: 'VersionTLS12',
  },
}

const controllerManagerConfig = {
  kind: 'KubeControllerManagerConfig',
  apiVersion: 'kubecontrolplane.config.openshift.io/v1',
  extendedArguments: {
    'allocate-node-cidrs': ['false'],
    'cert-dir': ['/var/run/kubernetes'],
    'cluster-signing-cert-file': [`${certs}/secrets/csr-signer/tls.crt`],
    'cluster-signing-key-file': [`${certs}/secrets/csr-signer/tls.key`],
    controllers: ['*', '-ttl', '-bootstrapsigner', '-tokencleaner'],
    'feature-gates': ['RotateKubeletServerCertificate=true'],
    'kube-api-burst': ['300'],
    'kube-api-qps': ['150'],
    'root-ca-file': [`${resources}/configmaps/serviceaccount-ca/ca-bundle.crt`],
    'secure-port': ['10257'],
    'service-account-private-key-file': [`${resources}/secrets/service-account-private-key/service-account.key`],
    'use-service-account-credentials': ['true'],
  },
}

const schedulerConfig = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: ${resources}/configmaps/scheduler-kubeconfig/kubeconfig}
leaderElection: {leaderElect: true, leaseDuration: 137s, renewDeadline: 107s, retryPeriod: 26s}
`

interface Pod {
  readonly name: string
  /** Of its folders; the pod's name where nothing else is said. */
  readonly folder?: string
  readonly revision: number
  readonly script: string
}

/** One line of JSON, whatever the file's name says. */
function manifest({ name, folder = name, revision, script }: Pod): TreeEntry {
  const volume = (at: string, path: string) => ({ name: at, hostPath: { path } })
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: `openshift-${name}`, labels: { app: name, revision: String(revision) } },
    spec: {
      hostNetwork: true,
      containers: [
        {
          name,
          image: 'quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:0a1b',
          command: ['/bin/bash', '-ec'],
          args: [script],
          volumeMounts: [
            { name: 'resource-dir', mountPath: resources },
            { name: 'cert-dir', mountPath: certs },
            { name: 'audit-dir', mountPath: '/var/log/kube-apiserver' },
            { name: 'data-dir', mountPath: '/var/lib/etcd' },
          ],
        },
      ],
      volumes: [
        volume('resource-dir', `${resources}/${folder}-pod-${revision}`),
        volume('cert-dir', `${resources}/${folder}-certs`),
        volume('audit-dir', '/var/log/kube-apiserver'),
        volume('data-dir', '/var/lib/etcd'),
      ],
    },
  }
  return { content: JSON.stringify(pod), mode: 0o600 }
}

const hostIp = '${HOST_IP}'
const etcdFlags = flags({
  logger: 'zap',
  'log-level': 'info',
  'snapshot-count': '10000',
  'initial-advertise-peer-urls': 'https://192.0.2.51:2380',
  'cert-file': `${certs}/secrets/etcd-all-certs/etcd-serving-master-0.crt`,
  'key-file': `${certs}/secrets/etcd-all-certs/etcd-serving-master-0.key`,
  'trusted-ca-file': `${certs}/configmaps/etcd-all-bundles/server-ca-bundle.crt`,
  'client-cert-auth': 'true',
  'peer-cert-file': `${certs}/secrets/etcd-all-certs/etcd-peer-master-0.crt`,
  'peer-key-file': `${certs}/secrets/etcd-all-certs/etcd-peer-master-0.key`,
  'peer-trusted-ca-file': `${certs}/configmaps/etcd-all-bundles/server-ca-bundle.crt`,
  'peer-client-cert-auth': 'true',
  'advertise-client-urls': 'https://192.0.2.51:2379',
  'listen-client-urls': 'https://0.0.0.0:2379,unixs://192.0.2.51:0',
  'listen-peer-urls': 'https://0.0.0.0:2380',
  metrics: 'extensive',
})

const kubeletConfig = `kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  x509:
    clientCAFile: /etc/kubernetes/kubelet-ca.crt
  anonymous:
    enabled: false
cgroupDriver: systemd
cgroupRoot: /
clusterDNS:
  - 172.30.0.10
clusterDomain: cluster.local
containerLogMaxSize: 50Mi
enableSystemLogQuery: true
failSwapOn: true
maxPods: 250
kubeAPIQPS: 50
kubeAPIBurst: 100
podPidsLimit: 4096
protectKernelDefaults: true
rotateCertificates: true
serializeImagePulls: false
staticPodPath: /etc/kubernetes/manifests
memorySwap:
  swapBehavior: NoSwap
systemCgroups: /system.slice
nodeStatusUpdateFrequency: 10s
nodeStatusReportFrequency: 5m
serverTLSBootstrap: true
tlsMinVersion: VersionTLS12
tlsCipherSuites:
${suites
  .split(',')
  .map((suite) => `  - ${suite}\n`)
  .join('')}`

const crio = `[crio]
internal_wipe = true
internal_repair = true

[crio.api]
stream_address = "127.0.0.1"
stream_port = "0"

[crio.runtime]
selinux = true
conmon_cgroup = "pod"
default_runtime = "crun"
cgroup_manager = "systemd"

[crio.runtime.runtimes.crun]
runtime_root = "/run/crun"

[crio.network]
network_dir = "/etc/kubernetes/cni/net.d/"
plugin_dirs = ["/var/lib/cni/bin"]
`

const modes = { certificateMode: 0o600, keyMode: 0o600 }
const api = `${resources}/kube-apiserver-certs`
const own = (pid: number, argv: readonly string[], environment: Record<string, string> = {}) =>
  process(pid, argv[0] ?? '', argv, { isContained: true, environment })

const kubeletArguments = [
  '/usr/bin/kubelet',
  '--config=/etc/kubernetes/kubelet.conf',
  '--config-dir=/etc/openshift/kubelet.conf.d',
  '--bootstrap-kubeconfig=/etc/kubernetes/kubeconfig',
  '--kubeconfig=/var/lib/kubelet/kubeconfig',
  '--container-runtime-endpoint=/var/run/crio/crio.sock',
  '--runtime-cgroups=/system.slice/crio.service',
  '--node-labels=node-role.kubernetes.io/control-plane,node-role.kubernetes.io/master,node.openshift.io/os_id=rhcos',
  '--node-ip=192.0.2.51',
  '--minimum-container-ttl-duration=6m0s',
  '--cloud-provider=external',
  '--volume-plugin-dir=/etc/kubernetes/kubelet-plugins/volume/exec',
  '--hostname-override=',
  '--register-with-taints=node-role.kubernetes.io/master=:NoSchedule',
  '--v=2',
]

export const openshiftHost: HostTree = composeHost(
  { hostname: 'master-0', ...times },
  system({
    id: 'rhcos',
    versionId: '9.6.20251013-1',
    name: 'Red Hat Enterprise Linux CoreOS',
    kernel: '5.14.0-570.52.1.el9_6.x86_64',
    timeDaemon: 'chronyd',
    isolation: { selinux: 'enforcing', configured: 'enforcing' },
  }),
  {
    files: {
      '/etc/systemd/system/kubelet.service': `[Unit]
Description=Kubernetes Kubelet
Requires=crio.service kubelet-dependencies.target

[Service]
Type=notify
Environment="KUBELET_NODE_IP=0.0.0.0"
EnvironmentFile=/etc/os-release
EnvironmentFile=-/etc/kubernetes/kubelet-workaround
EnvironmentFile=-/etc/kubernetes/kubelet-env
ExecStart=/usr/local/bin/kubenswrapper \\
    ${kubeletArguments.join(' \\\n      ')}
Restart=always
`,
      '/etc/kubernetes/kubelet.conf': { content: kubeletConfig, mode: 0o644 },
      '/etc/openshift/kubelet.conf.d/.keep': '',
      '/var/lib/kubelet/kubeconfig': kubeconfig(0o600),
      [`${resources}/kube-controller-manager-pod-7/configmaps/controller-manager-kubeconfig/kubeconfig`]: kubeconfig(),
      [`${resources}/kube-scheduler-pod-6/configmaps/scheduler-kubeconfig/kubeconfig`]: kubeconfig(),
      ...tls(
        `${resources}/kube-controller-manager-pod-7`,
        'configmaps/serviceaccount-ca/ca-bundle.crt secrets/service-account-private-key/service-account.key',
        modes,
      ),
      ...tls(`${resources}/kube-controller-manager-certs`, 'secrets/csr-signer/tls', modes),
      '/etc/crio/crio.conf.d/00-default': crio,
      '/etc/crio/crio.conf.d/00-default.conf': crio,
      '/etc/kubernetes/cni/net.d/00-multus.conf': {
        content: '{"name":"multus-cni-network","type":"multus-shim"}\n',
        mode: 0o600,
      },
      ...tls('/etc/kubernetes', 'kubelet-ca.crt', { certificateMode: 0o644, keyMode: 0o600 }),
      '/etc/kubernetes/manifests/kube-apiserver-pod.yaml': manifest({
        name: 'kube-apiserver',
        revision: 12,
        script: `exec watch-termination --graceful-termination-duration=135s -- hyperkube kube-apiserver --openshift-config=${config} --advertise-address=${hostIp} -v=2 --permit-address-sharing\n`,
      }),
      '/etc/kubernetes/manifests/kube-controller-manager-pod.yaml': manifest({
        name: 'kube-controller-manager',
        revision: 7,
        script: `exec hyperkube kube-controller-manager --openshift-config=${config} --kubeconfig=${resources}/configmaps/controller-manager-kubeconfig/kubeconfig -v=2\n`,
      }),
      '/etc/kubernetes/manifests/kube-scheduler-pod.yaml': manifest({
        name: 'openshift-kube-scheduler',
        folder: 'kube-scheduler',
        revision: 6,
        script: `exec hyperkube kube-scheduler --config=${config} --cert-dir=/var/run/kubernetes -v=2\n`,
      }),
      '/etc/kubernetes/manifests/etcd-pod.yaml': manifest({
        name: 'etcd',
        revision: 8,
        script: `exec ionice -c2 -n0 etcd ${etcdFlags.join(' ')}\n`,
      }),
      [`${resources}/kube-apiserver-pod-12/configmaps/config/config.yaml`]: {
        content: JSON.stringify(apiServerConfig),
        mode: 0o600,
      },
      [`${resources}/kube-apiserver-pod-12/configmaps/kube-apiserver-audit-policies/policy.yaml`]: {
        content:
          'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n',
        mode: 0o600,
      },
      [`${resources}/kube-controller-manager-pod-7/configmaps/config/config.yaml`]: {
        content: JSON.stringify(controllerManagerConfig),
        mode: 0o600,
      },
      [`${resources}/kube-scheduler-pod-6/configmaps/config/config.yaml`]: { content: schedulerConfig, mode: 0o600 },
      ...tls(`${resources}/kube-apiserver-pod-12`, 'configmaps/kubelet-serving-ca/ca-bundle.crt', modes),
      ...tls(
        `${resources}/kube-apiserver-pod-12`,
        'configmaps/etcd-serving-ca/ca-bundle.crt secrets/etcd-client/tls',
        modes,
      ),
      ...tls(
        api,
        'configmaps/client-ca/ca-bundle.crt configmaps/aggregator-client-ca/ca-bundle.crt secrets/kubelet-client/tls secrets/aggregator-client/tls secrets/service-network-serving-certkey/tls secrets/bound-service-account-signing-key/service-account.key',
        modes,
      ),
      ...tls(
        `${resources}/etcd-certs`,
        'configmaps/etcd-all-bundles/server-ca-bundle.crt secrets/etcd-all-certs/etcd-serving-master-0 secrets/etcd-all-certs/etcd-peer-master-0',
        modes,
      ),
      [`${api}/secrets/node-kubeconfigs/localhost.kubeconfig`]: kubeconfig(),
      [`${api}/secrets/node-kubeconfigs/lb-ext.kubeconfig`]: kubeconfig(),
    },
    directories: ['/var/lib/containers/storage'],
    folders: { '/var/lib/etcd': { mode: 0o700 } },
    commands: { crio: "printf 'crio version 1.34.1\\n'\n" },
    processes: [
      process(700, 'crio', ['/usr/bin/crio']),
      process(800, 'kubelet', kubeletArguments),
      own(900, ['etcd', ...etcdFlags], { ETCD_DATA_DIR: '/var/lib/etcd', ETCD_QUOTA_BACKEND_BYTES: '8589934592' }),
      own(940, [
        'kube-apiserver',
        `--openshift-config=${config}`,
        '--advertise-address=192.0.2.51',
        '-v=2',
        '--permit-address-sharing',
      ]),
      own(960, [
        'kube-controller-manager',
        `--openshift-config=${config}`,
        `--kubeconfig=${resources}/configmaps/controller-manager-kubeconfig/kubeconfig`,
        '-v=2',
      ]),
      own(980, ['kube-scheduler', `--config=${config}`, '--cert-dir=/var/run/kubernetes', '-v=2']),
    ],
  },
)

export const openshiftNode: DistributionNode = {
  kubeletVersion: 'v1.34.1',
  osImage: 'Red Hat Enterprise Linux CoreOS 9.6.20251013-1 (Plow)',
  kernelVersion: '5.14.0-570.52.1.el9_6.x86_64',
  containerRuntimeVersion: 'cri-o://1.34.1-2.rhaos4.21',
  roles: ['control-plane', 'master'],
  labels: { 'node.openshift.io/os_id': 'rhcos' },
}
