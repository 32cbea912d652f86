// Access rules of the demo cluster: what Kubernetes and kubeadm create, what add-ons bring, and what the site granted too freely.
// May not: judge; a binding is here because clusters have such bindings.
import { z } from 'zod'
import { type KubeObject, meta, type Strings } from './build.ts'
import { bootstrapPolicy } from './rbac-bootstrap-data.ts'
import type { ObjectStore, Resource } from './store.ts'

const names = z.array(z.string())
const rule = z.strictObject({
  verbs: names,
  apiGroups: names.optional(),
  resources: names.optional(),
  resourceNames: names.optional(),
  nonResourceURLs: names.optional(),
})
const bootstrapSchema = z.strictObject({
  kind: z.enum(['ClusterRole', 'Role', 'ClusterRoleBinding', 'RoleBinding']),
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  aggregationRule: z
    .strictObject({ clusterRoleSelectors: z.array(z.strictObject({ matchLabels: z.record(z.string(), z.string()) })) })
    .optional(),
  rules: z.array(rule).optional(),
  role: z.tuple([z.string(), z.string()]).optional(),
  subjects: z.array(names).optional(),
})
type Bootstrap = z.infer<typeof bootstrapSchema>
type PolicyRule = z.infer<typeof rule>

const apiGroup = 'rbac.authorization.k8s.io'
const bootstrapLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const bootstrapAnnotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }
const listOf: Readonly<Record<Bootstrap['kind'], Resource>> = {
  ClusterRole: 'clusterroles',
  Role: 'roles',
  ClusterRoleBinding: 'clusterrolebindings',
  RoleBinding: 'rolebindings',
}

/** Everything the API server, its controllers and kubeadm put there. */
export function addBootstrapPolicy(store: ObjectStore): void {
  const entries = bootstrapPolicy
    .trim()
    .split('\n')
    .map((line) => bootstrapSchema.parse(JSON.parse(line)))
  const own = { labels: bootstrapLabels, annotations: bootstrapAnnotations }
  for (const entry of entries) store.add(listOf[entry.kind], expand(entry, entries, own))
  for (const entry of kubeadmPolicy) store.add(listOf[entry.kind], expand(entry, entries, { labels: {} }))
}

/** Add-ons and the site's own grants, with the ones an audit should find. */
export function addSitePolicy(store: ObjectStore): void {
  for (const entry of sitePolicy) store.add(listOf[entry.kind], expand(entry, [], { labels: {} }))
}

interface Origin {
  readonly labels: Strings
  readonly annotations?: Strings
}

function expand(entry: Bootstrap, all: readonly Bootstrap[], origin: Origin): KubeObject {
  const { kind, name, namespace, aggregationRule } = entry
  const metadata = meta(kind, {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...origin.labels, ...entry.labels },
    ...(origin.annotations === undefined ? {} : { annotations: origin.annotations }),
  })
  if (entry.role === undefined) {
    return {
      metadata,
      ...(aggregationRule === undefined ? {} : { aggregationRule }),
      rules: aggregationRule === undefined ? (entry.rules ?? null) : aggregate(entry, all),
    }
  }
  const [roleKind, roleName] = entry.role
  const subjects = (entry.subjects ?? []).map(subject)
  return {
    metadata,
    roleRef: { apiGroup, kind: roleKind, name: roleName },
    // The binding of system:node has none, and then the API leaves the key out.
    ...(subjects.length === 0 ? {} : { subjects }),
  }
}

function subject([kind = '', name = '', namespace]: readonly string[]): KubeObject {
  return namespace === undefined ? { apiGroup, kind, name } : { kind, name, namespace }
}

/** What the aggregation controller fills in: the rules of all selected roles, nested ones first resolved. */
function aggregate(entry: Bootstrap, all: readonly Bootstrap[]): readonly PolicyRule[] {
  const selectors = entry.aggregationRule?.clusterRoleSelectors ?? []
  const selected = all.filter(
    (role) =>
      role.kind === 'ClusterRole' &&
      role.name !== entry.name &&
      selectors.some(({ matchLabels }) =>
        Object.entries(matchLabels).every(([key, value]) => role.labels?.[key] === value),
      ),
  )
  return selected.flatMap((role) => (role.aggregationRule === undefined ? (role.rules ?? []) : aggregate(role, all)))
}

const read = ['get', 'list', 'watch']
const joiners = ['Group', 'system:bootstrappers:kubeadm:default-node-token']

const kubeadmPolicy: readonly Bootstrap[] = [
  {
    kind: 'ClusterRole',
    name: 'kubeadm:get-nodes',
    rules: [{ verbs: ['get'], apiGroups: [''], resources: ['nodes'] }],
  },
  clusterBinding('kubeadm:cluster-admins', 'cluster-admin', ['Group', 'kubeadm:cluster-admins']),
  clusterBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', joiners),
  clusterBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiners),
  clusterBinding(
    'kubeadm:node-autoapprove-bootstrap',
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    joiners,
  ),
  clusterBinding(
    'kubeadm:node-autoapprove-certificate-rotation',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    ['Group', 'system:nodes'],
  ),
  clusterBinding('kubeadm:node-proxier', 'system:node-proxier', ['ServiceAccount', 'kube-proxy', 'kube-system']),
  ...['kubeadm:kubelet-config', 'kubeadm:nodes-kubeadm-config', 'kube-proxy'].flatMap((name) => configMapReader(name)),
]

function clusterBinding(name: string, role: string, ...subjects: string[][]): Bootstrap {
  return { kind: 'ClusterRoleBinding', name, role: ['ClusterRole', role], subjects }
}

function configMapReader(name: string): readonly Bootstrap[] {
  const resourceNames = [name.replace(/^kubeadm:(nodes-)?/, '')]
  return [
    {
      kind: 'Role',
      name,
      namespace: 'kube-system',
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames }],
    },
    {
      kind: 'RoleBinding',
      name,
      namespace: 'kube-system',
      role: ['Role', name],
      subjects: [...(name === 'kube-proxy' ? [] : [['Group', 'system:nodes']]), joiners],
    },
  ]
}

const sitePolicy: readonly Bootstrap[] = [
  {
    kind: 'ClusterRole',
    name: 'system:coredns',
    rules: [
      { verbs: ['list', 'watch'], apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'] },
      { verbs: ['list', 'watch'], apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
    ],
  },
  clusterBinding('system:coredns', 'system:coredns', ['ServiceAccount', 'coredns', 'kube-system']),
  {
    kind: 'ClusterRole',
    name: 'flannel',
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      { verbs: read, apiGroups: [''], resources: ['nodes'] },
      { verbs: ['patch'], apiGroups: [''], resources: ['nodes/status'] },
    ],
  },
  clusterBinding('flannel', 'flannel', ['ServiceAccount', 'flannel', 'kube-flannel']),
  {
    kind: 'ClusterRole',
    name: 'prometheus',
    rules: [
      { verbs: read, apiGroups: [''], resources: ['nodes', 'nodes/metrics', 'services', 'endpoints', 'pods'] },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ],
  },
  clusterBinding('prometheus', 'prometheus', ['ServiceAccount', 'prometheus', 'monitoring']),
  // The pipeline was in a hurry: every pod of the namespace that names no account is now cluster-admin.
  clusterBinding('ci-deploy-admin', 'cluster-admin', ['ServiceAccount', 'default', 'ci']),
  clusterBinding('ops-break-glass', 'cluster-admin', ['User', 'alex@shop.example'], ['Group', 'shop:operators']),
  clusterBinding('everybody-may-view', 'view', ['Group', 'system:serviceaccounts']),
  {
    kind: 'RoleBinding',
    name: 'legacy-admin',
    namespace: 'legacy',
    role: ['ClusterRole', 'cluster-admin'],
    subjects: [['ServiceAccount', 'default', 'legacy']],
  },
  {
    kind: 'Role',
    name: 'leader-election',
    namespace: 'shop',
    rules: [{ verbs: ['get', 'create', 'update'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] }],
  },
  {
    kind: 'RoleBinding',
    name: 'leader-election',
    namespace: 'shop',
    role: ['Role', 'leader-election'],
    subjects: [['ServiceAccount', 'cart', 'shop']],
  },
]
