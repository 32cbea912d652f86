// Opt-in: effective permissions against the real API server's own answer (SubjectAccessReview), for roles and bindings made by chance
// from a seed. Aggregated ClusterRoles are not among them, because no controller runs here that would fill in their rules.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { deriveFacts } from '../../src/derive/index.ts'
import { isUnavailable } from '../../src/model/fact.ts'
import type { FactValue } from '../../src/model/facts.ts'
import type { Unit } from '../../src/model/unit.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const seed = Number(process.env['SEED'] ?? 20_261_125)
const rbac = 'rbac.authorization.k8s.io'
const namespaces = ['red', 'blue', 'kube-system']
const kinds = ['User', 'Group', 'ServiceAccount'] as const

/** A small generator of numbers (mulberry32), so that a failure can be had again. */
let state = seed
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}
function pick<T>(list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}
const some = <T>(list: readonly T[], most: number) => [
  ...new Set(Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(list))),
]

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*', 'impersonate']
const moreVerbs = [...verbs, 'bind', 'escalate', 'use', 'approve']
const groups = ['', '', 'apps', 'batch', rbac, 'certificates.k8s.io', 'admissionregistration.k8s.io', '*']
const resources = [
  ...['secrets', 'pods', 'pods/exec', 'pods/attach', '*/exec', 'pods/*', '*', 'nodes', 'nodes/proxy', '*/proxy'],
  ...['serviceaccounts', 'serviceaccounts/token', '*/token', 'users', 'groups', 'persistentvolumes', 'deployments'],
  ...['jobs', 'cronjobs', 'roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'daemonsets'],
  ...['certificatesigningrequests/approval', '*/approval', 'signers', 'validatingwebhookconfigurations'],
  ...['mutatingwebhookconfigurations', 'pods/ephemeralcontainers', 'replicationcontrollers', 'configmaps'],
]

function randomRule(isCluster: boolean): object {
  if (isCluster && random() < 0.1)
    return { verbs: some(['get', 'post', '*'], 2), nonResourceURLs: some(['/metrics', '/logs/*', '*'], 2) }
  const names = random() < 0.2 ? { resourceNames: some(['one', 'two'], 2) } : {}
  return { verbs: some(moreVerbs, 3), apiGroups: some(groups, 2), resources: some(resources, 3), ...names }
}

const subjects = kinds.flatMap((kind) =>
  Array.from({ length: 8 }, (_, n) => ({
    kind,
    name: `${kind.toLowerCase()}-${n}`,
    ...(kind === 'ServiceAccount' ? { namespace: pick(['red', 'blue']) } : { apiGroup: rbac }),
  })),
)
type Subject = (typeof subjects)[number]

let cluster: ControlPlane
let folder: string
let units: readonly Unit[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-rbac-'))
  cluster = await startControlPlane(assets)
  const at = `/apis/${rbac}/v1`
  for (const name of ['red', 'blue']) await cluster.call('POST', '/api/v1/namespaces', { metadata: { name } })
  for (const { kind, name, ...rest } of subjects) {
    if (kind !== 'ServiceAccount' || !('namespace' in rest)) continue
    await cluster.call('POST', `/api/v1/namespaces/${rest.namespace}/serviceaccounts`, { metadata: { name } })
  }
  for (let n = 0; n < 40; n += 1) {
    const rules = (isCluster: boolean) =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => randomRule(isCluster))
    await cluster.call('POST', `${at}/clusterroles`, { metadata: { name: `c-${n}` }, rules: rules(true) })
    for (const namespace of namespaces) {
      await cluster.call('POST', `${at}/namespaces/${namespace}/roles`, {
        metadata: { name: `r-${n}` },
        rules: rules(false),
      })
    }
  }
  for (const [n, [name, requests]] of Object.entries(meaning).entries()) {
    const rules = requests.map(({ verbs: given, group, resource }) => ({
      verbs: [pick(given)],
      apiGroups: [group],
      resources: [resource],
    }))
    const signers = { verbs: ['approve'], apiGroups: ['certificates.k8s.io'], resources: ['signers'] }
    await cluster.call('POST', `${at}/clusterroles`, {
      metadata: { name: name.toLowerCase() },
      rules: name === 'csrApproval' ? [...rules, signers] : rules,
    })
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: name.toLowerCase() }
    const bound = { metadata: { name: `m-${n}` }, roleRef, subjects: some(subjects, 2).map(asWritten) }
    await cluster.call('POST', `${at}/clusterrolebindings`, bound)
    await cluster.call('POST', `${at}/namespaces/${pick(namespaces)}/rolebindings`, {
      ...bound,
      subjects: some(subjects, 2).map(asWritten),
    })
  }
  for (let n = 0; n < 120; n += 1) {
    const bound = (isCluster: boolean) => ({
      metadata: { name: `b-${n}` },
      roleRef: isCluster
        ? { apiGroup: rbac, kind: 'ClusterRole', name: `c-${Math.floor(random() * 42)}` }
        : {
            apiGroup: rbac,
            kind: pick(['Role', 'ClusterRole']),
            name: `${pick(['r', 'c'])}-${Math.floor(random() * 40)}`,
          },
      subjects: some(subjects, 2).map(asWritten),
    })
    if (n < 30) await cluster.call('POST', `${at}/clusterrolebindings`, bound(true))
    else await cluster.call('POST', `${at}/namespaces/${pick(namespaces)}/rolebindings`, bound(false))
  }
  const flags = ['--kubeconfig', cluster.kubeconfig, '--node-access', 'none', '--output', join(folder, 's.ndjson.zst')]
  const run = await runCli(['collect', ...flags])
  expect(run.code, run.stderr).toBe(0)
  units = deriveFacts(await loadSnapshot(join(folder, 's.ndjson.zst'))).units.subjects
})
afterAll(async () => {
  await cluster?.close()
  await rm(folder, { recursive: true, force: true })
})

/** ServiceAccounts are also named as users; both are one subject. */
function asWritten(subject: Subject): object {
  if (!('namespace' in subject) || random() < 0.7) return subject
  return { apiGroup: rbac, kind: 'User', name: `system:serviceaccount:${subject.namespace}:${subject.name}` }
}

function factsOf(subject: Subject): Unit['facts'] {
  const place = 'namespace' in subject ? `${subject.namespace}/` : ''
  return units.find(({ identity }) => identity.id === `${place}${subject.kind}/${subject.name}`)?.facts ?? {}
}
function permissionsOf(subject: Subject, capability: Listed) {
  const { riskyPermissions: fact } = factsOf(subject)
  return fact === undefined || isUnavailable(fact) ? [] : fact[capability]
}
function grantsOf(subject: Subject) {
  const { effectivePermissions: fact } = factsOf(subject)
  return fact === undefined || isUnavailable(fact) ? [] : fact.grants
}

interface Request {
  readonly verb: string
  readonly group?: string
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly path?: string
}

const caches = new Map<string, Promise<boolean>>()
/** The API server's own answer for the subject without the groups that every caller has. */
function isAllowed(subject: Subject, request: Request): Promise<boolean> {
  const key = JSON.stringify([subject, request])
  const known = caches.get(key) ?? ask(subject, request)
  caches.set(key, known)
  return known
}

async function ask(
  subject: Subject,
  { verb, group = '', resource = '', namespace = '', name = '', path }: Request,
): Promise<boolean> {
  const [plural, subresource = ''] = resource.split('/')
  const who =
    'namespace' in subject
      ? { user: `system:serviceaccount:${subject.namespace}:${subject.name}` }
      : subject.kind === 'Group'
        ? { user: 'nobody', groups: [subject.name] }
        : { user: subject.name }
  const what =
    path === undefined
      ? { resourceAttributes: { verb, group, resource: plural, subresource, namespace, name } }
      : { nonResourceAttributes: { verb, path } }
  const answer = await cluster.call('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { ...who, ...what },
  })
  const { status } = answer as { status: { allowed: boolean } }
  return status.allowed
}

type Capability =
  | 'readsSecrets'
  | 'createsPods'
  | 'nodesProxy'
  | 'csrApproval'
  | 'webhookConfiguration'
  | 'tokenRequest'
type Listed =
  | Capability
  | 'createsPersistentVolumes'
  | 'modifiesBindings'
  | 'modifiesRoles'
  | 'execsIntoPods'
  | 'impersonates'
const change = ['create', 'update', 'patch']
/** What each list of permissions stands for: any of these requests. Written from the API, not from the code under test. */
const meaning: Readonly<
  Record<Listed, readonly { verbs: readonly string[]; group: string; resource: string; isCluster?: true }[]>
> = {
  readsSecrets: [{ verbs: ['get', 'list', 'watch'], group: '', resource: 'secrets' }],
  createsPods: [
    { verbs: ['create'], group: '', resource: 'pods' },
    { verbs: change, group: '', resource: 'replicationcontrollers' },
    ...['deployments', 'daemonsets', 'statefulsets', 'replicasets'].map((resource) => ({
      verbs: change,
      group: 'apps',
      resource,
    })),
    { verbs: ['create'], group: 'batch', resource: 'jobs' },
    { verbs: change, group: 'batch', resource: 'cronjobs' },
  ],
  nodesProxy: [
    { verbs: ['get', 'create', 'update', 'patch', 'delete'], group: '', resource: 'nodes/proxy', isCluster: true },
  ],
  csrApproval: [
    {
      verbs: ['update', 'patch'],
      group: 'certificates.k8s.io',
      resource: 'certificatesigningrequests/approval',
      isCluster: true,
    },
  ],
  webhookConfiguration: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].map((resource) => ({
    verbs: [...change, 'delete', 'deletecollection'],
    group: 'admissionregistration.k8s.io',
    resource,
    isCluster: true as const,
  })),
  tokenRequest: [{ verbs: ['create'], group: '', resource: 'serviceaccounts/token' }],
  createsPersistentVolumes: [{ verbs: ['create'], group: '', resource: 'persistentvolumes', isCluster: true }],
  modifiesBindings: [
    { verbs: change, group: rbac, resource: 'rolebindings' },
    { verbs: change, group: rbac, resource: 'clusterrolebindings', isCluster: true },
  ],
  modifiesRoles: [
    { verbs: change, group: rbac, resource: 'roles' },
    { verbs: change, group: rbac, resource: 'clusterroles', isCluster: true },
  ],
  execsIntoPods: [
    { verbs: ['create'], group: '', resource: 'pods/exec' },
    { verbs: ['create'], group: '', resource: 'pods/attach' },
    { verbs: ['update', 'patch'], group: '', resource: 'pods/ephemeralcontainers' },
  ],
  impersonates: [
    { verbs: ['impersonate'], group: '', resource: 'users', isCluster: true },
    { verbs: ['impersonate'], group: '', resource: 'groups', isCluster: true },
    { verbs: ['impersonate'], group: '', resource: 'serviceaccounts' },
  ],
}

const approveSigner: Request = { verb: 'approve', group: 'certificates.k8s.io', resource: 'signers' }

it.each(Object.keys(meaning) as Listed[])('agrees with the API server on who has %s, and where', async (capability) => {
  const [claimed, allowed]: [string[], string[]] = [[], []]
  for (const subject of subjects) {
    const permissions = permissionsOf(subject, capability)
    for (const namespace of ['', ...namespaces]) {
      const label = `${subject.kind} ${subject.name} in "${namespace}"`
      const isClaimed = permissions.some(
        (one) => !isUnavailable(one) && one.value.names.length === 0 && ['', namespace].includes(one.value.namespace),
      )
      if (isClaimed) claimed.push(label)
      const requests = meaning[capability].flatMap(({ verbs: wanted, group, resource, isCluster }) =>
        wanted.map((verb) => ({ verb, group, resource, namespace: isCluster ? '' : namespace })),
      )
      const answers = await Promise.all(requests.map((request) => isAllowed(subject, request)))
      // The admission plug-in CertificateApproval asks for a signer besides.
      const needsSigner = capability === 'csrApproval'
      const hasSigner = !needsSigner || (await isAllowed(subject, approveSigner))
      if (answers.includes(true) && hasSigner) allowed.push(label)
    }
  }
  expect(claimed).toEqual(allowed)
  expect(allowed.length, 'the seed gives somebody the right').toBeGreaterThan(0)
  expect(allowed.length, 'the seed leaves somebody without it').toBeLessThan(subjects.length * 4)
})

it('agrees with the API server on requests made by chance', async () => {
  const wrong: string[] = []
  let allowedCount = 0
  for (let n = 0; n < 4_000; n += 1) {
    const subject = pick(subjects)
    const isPath = random() < 0.05
    const request: Request = isPath
      ? { verb: pick(['get', 'post', 'delete']), path: pick(['/metrics', '/logs/a/b', '/healthz']) }
      : {
          verb: pick(moreVerbs.filter((verb) => verb !== '*')),
          group: pick(groups.filter((group) => group !== '*')),
          resource: pick(resources.filter((resource) => !resource.includes('*'))),
          namespace: pick(['', ...namespaces]),
          name: pick(['', 'one', 'two', 'three']),
        }
    const isAnswered = await isAllowed(subject, request)
    const grants = grantsOf(subject)
    const isGranted = grants.some(
      (grant) => !isUnavailable(grant) && grant.value.throughGroup === '' && covers(grant.value, request),
    )
    if (isAnswered) allowedCount += 1
    if (isAnswered !== isGranted)
      wrong.push(`${subject.kind} ${subject.name} ${JSON.stringify(request)}: API server ${isAnswered}`)
  }
  expect(wrong).toEqual([])
  expect(allowedCount).toBeGreaterThan(100)
})

type Grant = Exclude<FactValue<'effectivePermissions'>['grants'][number], { unavailable: unknown }>['value']
/** Whether one grant covers a request, by the rules of RBAC's authorizer (plugin/pkg/auth/authorizer/rbac). */
function covers(grant: Grant, { verb, group = '', resource = '', namespace = '', name = '', path }: Request): boolean {
  if (!grant.verbs.includes('*') && !grant.verbs.includes(verb)) return false
  if (path !== undefined) {
    if (grant.namespace !== '') return false
    return grant.nonResourceURLs.some(
      (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
    )
  }
  if (grant.namespace !== '' && grant.namespace !== namespace) return false
  const subresource = resource.split('/')[1]
  const entries = ['*', resource, ...(subresource === undefined ? [] : [`*/${subresource}`])]
  return (
    (grant.apiGroups.includes('*') || grant.apiGroups.includes(group)) &&
    entries.some((entry) => grant.resources.includes(entry)) &&
    (grant.resourceNames.length === 0 || grant.resourceNames.includes(name))
  )
}
