// How the demo's control plane was started, node by node: kubeadm 1.34's own arguments, and what the site added on two of three.
// Hosts and mirror pods both stand on it. May not: know what a rule wants.

const pki = '/etc/kubernetes/pki'

export interface ComponentCommand {
  /** Program and arguments. */
  readonly command: readonly string[]
  /** Beside those that kubeadm mounts. */
  readonly mounts: readonly { readonly name: string; readonly mountPath: string; readonly hostPath: string }[]
}

export interface ControlPlaneCommands {
  readonly etcd: ComponentCommand
  readonly apiServer: ComponentCommand
  readonly controllerManager: ComponentCommand
  readonly scheduler: ComponentCommand
}

/** Where the hardened nodes keep the files that their API server names. Only the audit policy lies elsewhere on the host. */
export const siteFolders = {
  audit: { name: 'audit', mountPath: '/etc/kubernetes/audit', hostPath: '/srv/kubernetes/audit' },
  auditLog: { name: 'audit-log', mountPath: '/var/log/kubernetes', hostPath: '/var/log/kubernetes' },
  authentication: { name: 'auth', mountPath: '/etc/kubernetes/auth', hostPath: '/etc/kubernetes/auth' },
  encryption: { name: 'enc', mountPath: '/etc/kubernetes/enc', hostPath: '/etc/kubernetes/enc' },
} as const

const auditFlags = [
  `--audit-log-maxage=30`,
  `--audit-log-maxbackup=10`,
  `--audit-log-maxsize=100`,
  `--audit-log-path=${siteFolders.auditLog.mountPath}/audit.log`,
  `--audit-policy-file=${siteFolders.audit.mountPath}/policy.yaml`,
]
const suites = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
]

/** cp-1 and cp-2 were hardened; cp-3 was left as kubeadm made it. */
export function controlPlaneCommands(node: string, address: string): ControlPlaneCommands {
  const isHardened = node !== 'cp-3'
  return {
    etcd: { command: ['etcd', ...etcdFlags(node, address)], mounts: [] },
    apiServer: {
      command: ['kube-apiserver', ...apiServerFlags(address, isHardened)],
      mounts: isHardened ? Object.values(siteFolders) : [],
    },
    controllerManager: { command: ['kube-controller-manager', ...controllerManagerFlags(isHardened)], mounts: [] },
    scheduler: { command: ['kube-scheduler', ...schedulerFlags(isHardened)], mounts: [] },
  }
}

/** What somebody wrote into the manifest of cp-3's API server, and what the kubelet there has not taken up. */
export function editedManifest(node: string, command: readonly string[]): readonly string[] {
  return node === 'cp-3' ? [...command, ...auditFlags] : command
}

function etcdFlags(node: string, address: string): readonly string[] {
  return [
    `--advertise-client-urls=https://${address}:2379`,
    `--cert-file=${pki}/etcd/server.crt`,
    '--client-cert-auth=true',
    '--data-dir=/var/lib/etcd',
    '--feature-gates=InitialCorruptCheck=true',
    `--initial-advertise-peer-urls=https://${address}:2380`,
    `--initial-cluster=${node}=https://${address}:2380`,
    `--key-file=${pki}/etcd/server.key`,
    `--listen-client-urls=https://127.0.0.1:2379,https://${address}:2379`,
    '--listen-metrics-urls=http://127.0.0.1:2381',
    `--listen-peer-urls=https://${address}:2380`,
    `--name=${node}`,
    `--peer-cert-file=${pki}/etcd/peer.crt`,
    '--peer-client-cert-auth=true',
    `--peer-key-file=${pki}/etcd/peer.key`,
    `--peer-trusted-ca-file=${pki}/etcd/ca.crt`,
    '--snapshot-count=10000',
    `--trusted-ca-file=${pki}/etcd/ca.crt`,
    '--watch-progress-notify-interval=5s',
  ]
}

function apiServerFlags(address: string, isHardened: boolean): readonly string[] {
  const site = isHardened
    ? [
        ...auditFlags,
        `--authentication-config=${siteFolders.authentication.mountPath}/authentication.yaml`,
        `--encryption-provider-config=${siteFolders.encryption.mountPath}/enc.yaml`,
        '--profiling=false',
        `--tls-cipher-suites=${suites.join(',')}`,
      ]
    : []
  return [
    `--advertise-address=${address}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    `--client-ca-file=${pki}/ca.crt`,
    '--enable-admission-plugins=NodeRestriction',
    '--enable-bootstrap-token-auth=true',
    `--etcd-cafile=${pki}/etcd/ca.crt`,
    `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
    `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
    '--etcd-servers=https://127.0.0.1:2379',
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    `--proxy-client-cert-file=${pki}/front-proxy-client.crt`,
    `--proxy-client-key-file=${pki}/front-proxy-client.key`,
    '--requestheader-allowed-names=front-proxy-client',
    `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    '--secure-port=6443',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    '--service-cluster-ip-range=10.96.0.0/12',
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    ...site,
  ]
}

function controllerManagerFlags(isHardened: boolean): readonly string[] {
  const configuration = '/etc/kubernetes/controller-manager.conf'
  return [
    '--allocate-node-cidrs=true',
    `--authentication-kubeconfig=${configuration}`,
    `--authorization-kubeconfig=${configuration}`,
    '--bind-address=127.0.0.1',
    `--client-ca-file=${pki}/ca.crt`,
    '--cluster-cidr=10.244.0.0/16',
    '--cluster-name=kubernetes',
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
    '--controllers=*,bootstrapsigner,tokencleaner',
    `--kubeconfig=${configuration}`,
    '--leader-elect=true',
    `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    `--root-ca-file=${pki}/ca.crt`,
    `--service-account-private-key-file=${pki}/sa.key`,
    '--service-cluster-ip-range=10.96.0.0/12',
    '--use-service-account-credentials=true',
    ...(isHardened ? ['--profiling=false'] : []),
  ]
}

function schedulerFlags(isHardened: boolean): readonly string[] {
  const configuration = '/etc/kubernetes/scheduler.conf'
  return [
    `--authentication-kubeconfig=${configuration}`,
    `--authorization-kubeconfig=${configuration}`,
    '--bind-address=127.0.0.1',
    `--kubeconfig=${configuration}`,
    '--leader-elect=true',
    ...(isHardened ? ['--profiling=false'] : []),
  ]
}
