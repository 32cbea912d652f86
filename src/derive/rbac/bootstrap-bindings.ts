// The bindings that Kubernetes (1.31–1.36; they did not change in between, some came later) and kubeadm create themselves.
// Recognised by their whole content: a subject more or less, or another role, makes a binding somebody's own.
import type { BindingObject } from '../../model/objects.ts'

const controllers = [
  'attachdetach-controller',
  'certificate-controller',
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'device-taint-eviction-controller',
  'disruption-controller',
  'endpoint-controller',
  'endpointslice-controller',
  'endpointslicemirroring-controller',
  'ephemeral-volume-controller',
  'expand-controller',
  'generic-garbage-collector',
  'horizontal-pod-autoscaler',
  'job-controller',
  'legacy-service-account-token-cleaner',
  'namespace-controller',
  'node-controller',
  'persistent-volume-binder',
  'pod-garbage-collector',
  'pv-protection-controller',
  'pvc-protection-controller',
  'replicaset-controller',
  'replication-controller',
  'resource-claim-controller',
  'resourcequota-controller',
  'root-ca-cert-publisher',
  'route-controller',
  'selinux-warning-controller',
  'service-account-controller',
  'service-ca-cert-publisher',
  'service-cidrs-controller',
  'service-controller',
  'statefulset-controller',
  'ttl-after-finished-controller',
  'ttl-controller',
  'validatingadmissionpolicy-status-controller',
  'volumeattributesclass-protection-controller',
] as const

const group = (name: string) => `Group//${name}`
const user = (name: string) => `User//${name}`
const account = (name: string) => `ServiceAccount/kube-system/${name}`
const joining = group('system:bootstrappers:kubeadm:default-node-token')
const nodes = group('system:nodes')
const requests = 'system:certificates.k8s.io:certificatesigningrequests'

/** Binding's name (the role is a ClusterRole of the same name where none is given), and its subjects. */
const clusterWide: readonly (readonly [name: string, subjects: readonly string[], role?: string])[] = [
  ['cluster-admin', [group('system:masters')]],
  ['system:basic-user', [group('system:authenticated')]],
  ['system:discovery', [group('system:authenticated')]],
  ['system:kube-controller-manager', [user('system:kube-controller-manager')]],
  ['system:kube-dns', [account('kube-dns')]],
  ['system:kube-scheduler', [user('system:kube-scheduler')]],
  ['system:monitoring', [group('system:monitoring')]],
  ['system:node', []],
  ['system:node-proxier', [user('system:kube-proxy')]],
  ['system:public-info-viewer', [group('system:authenticated'), group('system:unauthenticated')]],
  ['system:service-account-issuer-discovery', [group('system:serviceaccounts')]],
  ['system:volume-scheduler', [user('system:kube-scheduler')]],
  ...controllers.map((name) => [`system:controller:${name}`, [account(name)]] as const),
  // kubeadm
  ['kubeadm:cluster-admins', [group('kubeadm:cluster-admins')], 'cluster-admin'],
  ['kubeadm:get-nodes', [joining]],
  ['kubeadm:kubelet-bootstrap', [joining], 'system:node-bootstrapper'],
  ['kubeadm:node-autoapprove-bootstrap', [joining], `${requests}:nodeclient`],
  ['kubeadm:node-autoapprove-certificate-rotation', [nodes], `${requests}:selfnodeclient`],
  ['kubeadm:node-proxier', [account('kube-proxy')], 'system:node-proxier'],
]

/** Namespace, binding's name (the role is a Role of the same name where none is given), and its subjects. */
const inNamespaces: readonly (readonly [
  namespace: string,
  name: string,
  subjects: readonly string[],
  role?: string,
])[] = [
  ['kube-public', 'system:controller:bootstrap-signer', [account('bootstrap-signer')]],
  ['kube-system', 'system:controller:bootstrap-signer', [account('bootstrap-signer')]],
  ['kube-system', 'system:controller:cloud-provider', [account('cloud-provider')]],
  ['kube-system', 'system:controller:token-cleaner', [account('token-cleaner')]],
  [
    'kube-system',
    'system::extension-apiserver-authentication-reader',
    [user('system:kube-controller-manager'), user('system:kube-scheduler')],
    'extension-apiserver-authentication-reader',
  ],
  [
    'kube-system',
    'system::leader-locking-kube-controller-manager',
    [user('system:kube-controller-manager'), account('kube-controller-manager'), account('leader-election-controller')],
  ],
  ['kube-system', 'system::leader-locking-kube-scheduler', [user('system:kube-scheduler'), account('kube-scheduler')]],
  // kubeadm
  ['kube-public', 'kubeadm:bootstrap-signer-clusterinfo', [user('system:anonymous')]],
  ['kube-system', 'kubeadm:kubelet-config', [nodes, joining]],
  ['kube-system', 'kubeadm:nodes-kubeadm-config', [nodes, joining]],
  ['kube-system', 'kube-proxy', [joining]],
]

const known: ReadonlySet<string> = new Set([
  ...clusterWide.map(([name, subjects, role = name]) => fingerprint('', name, `ClusterRole/${role}`, subjects)),
  ...inNamespaces.map(([namespace, name, subjects, role = name]) =>
    fingerprint(namespace, name, `Role/${role}`, subjects),
  ),
])

/** Whether the binding is one of these, unaltered. `namespace` is "" for a ClusterRoleBinding. */
export function isBootstrapBinding(namespace: string, { name, roleRef, subjects }: BindingObject): boolean {
  const texts = subjects.map((subject) => `${subject.kind}/${subject.namespace ?? ''}/${subject.name}`)
  return known.has(fingerprint(namespace, name, `${roleRef.kind}/${roleRef.name}`, texts))
}

/** The order of subjects means nothing to Kubernetes. JSON keeps odd names apart. */
function fingerprint(namespace: string, name: string, role: string, subjects: readonly string[]): string {
  return JSON.stringify([namespace, name, role, subjects.toSorted()])
}
