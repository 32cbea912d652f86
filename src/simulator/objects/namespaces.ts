// Namespaces of the demo cluster and what is set up in them: ServiceAccounts, limits, quotas.
import { type KubeObject, meta, type Strings } from './build.ts'
import type { ObjectStore } from './store.ts'

interface NamespaceInput {
  readonly name: string
  readonly labels?: Strings
  /** Beside `default`, which every namespace has. */
  readonly serviceAccounts?: readonly string[]
  readonly createdAt?: string
}

const clusterBorn = '2026-03-02T08:55:00Z'

const inputs: readonly NamespaceInput[] = [
  { name: 'default', createdAt: clusterBorn },
  {
    name: 'kube-system',
    createdAt: clusterBorn,
    serviceAccounts: [
      'attachdetach-controller',
      'bootstrap-signer',
      'certificate-controller',
      'clusterrole-aggregation-controller',
      'coredns',
      'cronjob-controller',
      'daemon-set-controller',
      'deployment-controller',
      'disruption-controller',
      'endpoint-controller',
      'endpointslice-controller',
      'ephemeral-volume-controller',
      'generic-garbage-collector',
      'job-controller',
      'kube-proxy',
      'namespace-controller',
      'node-controller',
      'persistent-volume-binder',
      'pod-garbage-collector',
      'pv-protection-controller',
      'pvc-protection-controller',
      'replicaset-controller',
      'replication-controller',
      'resourcequota-controller',
      'root-ca-cert-publisher',
      'service-account-controller',
      'statefulset-controller',
      'token-cleaner',
      'ttl-after-finished-controller',
      'ttl-controller',
    ],
  },
  { name: 'kube-public', createdAt: clusterBorn },
  { name: 'kube-node-lease', createdAt: clusterBorn },
  {
    name: 'kube-flannel',
    labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
    serviceAccounts: ['flannel'],
  },
  {
    name: 'monitoring',
    labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
    serviceAccounts: ['prometheus'],
  },
  {
    name: 'shop',
    labels: {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.34',
    },
    serviceAccounts: ['cart'],
  },
  { name: 'platform' },
  { name: 'legacy' },
  { name: 'ci' },
]

/** Those that a cluster is born with. */
export function addFirstNamespaces(store: ObjectStore): void {
  addThose(
    store,
    inputs.filter(({ createdAt }) => createdAt === clusterBorn),
  )
}

export function addNamespaces(store: ObjectStore): void {
  addThose(store, inputs)
  store.add('limitranges', shopLimits)
  store.add('resourcequotas', shopQuota)
}

function addThose(store: ObjectStore, namespaces: readonly NamespaceInput[]): void {
  for (const { name, labels, serviceAccounts = [], createdAt } of namespaces) {
    store.add('namespaces', namespaceObject(name, labels, createdAt))
    store.add(
      'serviceaccounts',
      ...['default', ...serviceAccounts].map((account) => serviceAccountObject(name, account)),
    )
  }
}

export function namespaceObject(name: string, labels: Strings = {}, creationTimestamp?: string): KubeObject {
  return {
    metadata: meta('Namespace', {
      name,
      labels: { 'kubernetes.io/metadata.name': name, ...labels },
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    }),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }
}

export function serviceAccountObject(namespace: string, name: string): KubeObject {
  const isShut = namespace === 'shop' && name === 'default'
  return {
    metadata: meta('ServiceAccount', { name, namespace }),
    ...(isShut ? { automountServiceAccountToken: false } : {}),
  }
}

const shopLimits: KubeObject = {
  metadata: meta('LimitRange', { name: 'defaults', namespace: 'shop' }),
  spec: {
    limits: [
      {
        type: 'Container',
        default: { cpu: '500m', memory: '256Mi' },
        defaultRequest: { cpu: '100m', memory: '128Mi' },
        max: { cpu: '4', memory: '8Gi' },
      },
    ],
  },
}

const shopQuota: KubeObject = {
  metadata: meta('ResourceQuota', { name: 'compute', namespace: 'shop' }),
  spec: { hard: { 'requests.cpu': '20', 'requests.memory': '40Gi', 'limits.memory': '64Gi', pods: '60' } },
  status: {
    hard: { 'requests.cpu': '20', 'requests.memory': '40Gi', 'limits.memory': '64Gi', pods: '60' },
    used: { 'requests.cpu': '2600m', 'requests.memory': '4864Mi', 'limits.memory': '5632Mi', pods: '8' },
  },
}
