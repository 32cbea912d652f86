// API objects of a cluster that exists as files only: the same families, as far as files can tell.
// May not: claim to know what only a running cluster knows, or drop a document without saying so.
import { type Unavailable, unavailable } from '../model/fact.ts'
import { type Family, families, familyNames } from '../model/objects.ts'
import { oneLine } from '../util/one-line.ts'
import type { ListOutcome, ObjectSource } from './contracts.ts'
import { findManifests, readManifest } from './manifest-files.ts'

export { ManifestPathError } from './manifest-files.ts'

export interface ManifestSummary {
  readonly files: number
  /** Objects that belong to a family. */
  readonly objects: number
  /** Documents of other kinds, by "apiVersion Kind" ("no kind" for documents that are no Kubernetes object). */
  readonly otherKinds: Readonly<Record<string, number>>
  /** Files that could not be read whole: "deploy/cart.yaml:12: …". */
  readonly problems: readonly string[]
}

export interface ManifestSource extends ObjectSource {
  readonly summary: ManifestSummary
}

type Entry = Record<string, unknown>

interface Content {
  readonly objects: Map<Family, Entry[]>
  readonly otherKinds: Map<string, number>
}

const clusterScoped: ReadonlySet<Family> = new Set<Family>([
  'namespaces',
  'nodes',
  'clusterroles',
  'clusterrolebindings',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'podsecuritypolicies',
  'persistentvolumes',
  'customresourcedefinitions',
  'ingressclasses',
  'servicecidrs',
  'flowschemas',
  'prioritylevelconfigurations',
  'priorityclasses',
  'runtimeclasses',
  'storageclasses',
  'csidrivers',
  'volumeattributesclasses',
  'deviceclasses',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

const kindNames: Readonly<Record<Family, string>> = {
  namespaces: 'Namespace',
  nodes: 'Node',
  pods: 'Pod',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  replicationcontrollers: 'ReplicationController',
  serviceaccounts: 'ServiceAccount',
  clusterroles: 'ClusterRole',
  roles: 'Role',
  clusterrolebindings: 'ClusterRoleBinding',
  rolebindings: 'RoleBinding',
  limitranges: 'LimitRange',
  resourcequotas: 'ResourceQuota',
  services: 'Service',
  networkpolicies: 'NetworkPolicy',
  secrets: 'Secret',
  bootstraptokens: 'Secret of a bootstrap token',
  validatingwebhookconfigurations: 'ValidatingWebhookConfiguration',
  mutatingwebhookconfigurations: 'MutatingWebhookConfiguration',
  validatingadmissionpolicies: 'ValidatingAdmissionPolicy',
  validatingadmissionpolicybindings: 'ValidatingAdmissionPolicyBinding',
  podsecuritypolicies: 'PodSecurityPolicy',
  persistentvolumes: 'PersistentVolume',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  customresourcedefinitions: 'CustomResourceDefinition',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  poddisruptionbudgets: 'PodDisruptionBudget',
  ingresses: 'Ingress',
  ingressclasses: 'IngressClass',
  servicecidrs: 'ServiceCIDR',
  flowschemas: 'FlowSchema',
  prioritylevelconfigurations: 'PriorityLevelConfiguration',
  priorityclasses: 'PriorityClass',
  runtimeclasses: 'RuntimeClass',
  storageclasses: 'StorageClass',
  csidrivers: 'CSIDriver',
  volumeattributesclasses: 'VolumeAttributesClass',
  deviceclasses: 'DeviceClass',
  resourceclaimtemplates: 'ResourceClaimTemplate',
  mutatingadmissionpolicies: 'MutatingAdmissionPolicy',
  mutatingadmissionpolicybindings: 'MutatingAdmissionPolicyBinding',
}
const familyOfKind = new Map(familyNames.map((family) => [`${families[family].apiGroup}/${kindNames[family]}`, family]))
// These lived in extensions/v1beta1 once; the fields read here have not changed since.
for (const family of ['deployments', 'replicasets', 'daemonsets', 'networkpolicies', 'ingresses'] as const) {
  familyOfKind.set(`extensions/${kindNames[family]}`, family)
}
familyOfKind.set('extensions/PodSecurityPolicy', 'podsecuritypolicies')

const maxListDepth = 8

/** Reads all files under the paths. Throws ManifestPathError for a path that is not there; bad files only make families incomplete. */
export async function openManifestSource(paths: readonly string[]): Promise<ManifestSource> {
  const files = await findManifests(paths)
  const content: Content = { objects: new Map(), otherKinds: new Map() }
  const problems: string[] = []
  for (const file of files) {
    const { documents, problem } = await readManifest(file)
    for (const document of documents) addDocument(document, content, {}, 0)
    if (problem !== undefined) problems.push(oneLine(problem, 300))
  }
  const summary: ManifestSummary = {
    files: files.length,
    objects: [...content.objects.values()].reduce((sum, list) => sum + list.length, 0),
    otherKinds: Object.fromEntries([...content.otherKinds].sort(([a], [b]) => (a < b ? -1 : 1))),
    problems,
  }
  return {
    source: { kind: 'manifests', paths: [...paths] },
    summary,
    describe: (family) => `${kindNames[family]} manifests in ${paths.join(', ')}`,
    async list(family, { onObject, onPage }, signal): Promise<ListOutcome> {
      for (const object of content.objects.get(family) ?? []) {
        if (signal.aborted)
          return { complete: false, ...unavailable('interrupted', 'Reading the manifests was stopped.') }
        onObject(object)
      }
      await onPage?.()
      const missing = incompleteness(family, content, summary)
      return missing === undefined ? { complete: true } : { complete: false, ...missing }
    },
    async get(path) {
      return unavailable('not-collected', `Manifests cannot answer GET ${path.split('?', 1)[0]}.`)
    },
    async close() {
      content.objects.clear()
    },
  }
}

interface Inherited {
  readonly apiVersion?: string
  readonly kind?: string
}

/** Files a document under its family; lists are taken apart, whatever kind they say they hold. */
function addDocument(document: unknown, content: Content, inherited: Inherited, depth: number): void {
  // Nothing between two `---` is nothing.
  if (document === null || document === undefined) return
  const other = isEntry(document) ? addObject(document, content, inherited, depth) : 'no kind'
  if (other === undefined) return
  const name = oneLine(other, 100)
  content.otherKinds.set(name, (content.otherKinds.get(name) ?? 0) + 1)
}

/** Returns the kind of an object that belongs to no family. */
function addObject(object: Entry, content: Content, inherited: Inherited, depth: number): string | undefined {
  const { kind = inherited.kind, apiVersion = inherited.apiVersion, items } = object
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return 'no kind'
  if (kind.endsWith('List') && (Array.isArray(items) || items === null)) {
    if (depth >= maxListDepth) return `${apiVersion} ${kind} nested too deep`
    const itemsInherit = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
    for (const item of items ?? []) addDocument(item, content, itemsInherit, depth + 1)
    return undefined
  }
  const family = familyOfKind.get(`${groupOf(apiVersion)}/${kind}`)
  if (family === undefined) return `${apiVersion} ${kind}`
  const list = content.objects.get(family) ?? []
  list.push(
    withNamespace(
      family,
      families[family].content === 'metadata' ? { apiVersion, metadata: object['metadata'] } : object,
    ),
  )
  content.objects.set(family, list)
  return undefined
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : ''
}

/** `kubectl apply` puts a namespaced object without a namespace into "default". */
function withNamespace(family: Family, object: Entry): Entry {
  const { metadata } = object
  if (clusterScoped.has(family) || !isEntry(metadata) || metadata['namespace']) return object
  return { ...object, metadata: { ...metadata, namespace: 'default' } }
}

/** What files cannot tell about a family. Kinds that people write into manifests are complete: the files are the cluster. */
function incompleteness(family: Family, content: Content, summary: ManifestSummary): Unavailable | undefined {
  const [problem] = summary.problems
  if (problem !== undefined) {
    const more =
      summary.problems.length > 1 ? ` ${summary.problems.length - 1} more files could not be read whole.` : ''
    return unavailable('malformed', `Manifests that could not be read may hold more: ${problem}${more}`)
  }
  if (family === 'nodes' && !content.objects.has('nodes')) {
    return unavailable(
      'not-collected',
      'Manifests hold no nodes: which machines there are, only a running cluster tells.',
    )
  }
  if (family === 'bootstraptokens') {
    return unavailable('not-collected', 'Which bootstrap tokens there are, only a running cluster tells.')
  }
  if (family === 'namespaces') return undeclaredNamespaces(content)
  return undefined
}

function undeclaredNamespaces(content: Content): Unavailable | undefined {
  const used = new Set<string>()
  for (const [family, objects] of content.objects) {
    if (clusterScoped.has(family)) continue
    for (const object of objects) {
      const namespace = isEntry(object['metadata']) ? object['metadata']['namespace'] : undefined
      if (typeof namespace === 'string') used.add(namespace)
    }
  }
  for (const object of content.objects.get('namespaces') ?? []) {
    const name = isEntry(object['metadata']) ? object['metadata']['name'] : undefined
    if (typeof name === 'string') used.delete(name)
  }
  if (used.size === 0) return undefined
  const names = oneLine([...used].sort().join(', '), 200)
  return unavailable('not-collected', `The manifests use namespaces that they do not define: ${names}.`)
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
