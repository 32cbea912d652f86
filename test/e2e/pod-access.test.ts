// Opt-in: the way `pod` against a real kube-apiserver: what it takes, what it refuses, and that nothing stays behind. No kubelet runs
// here, so that no pod starts: the reason of each node is the point. `KUBEBUILDER_ASSETS=<folder> npm run test:e2e`.
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isUnavailable } from '../../src/model/fact.ts'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type Controllers, getObject, listObjects, type Stored, startControllers } from './controllers.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const ours = 'labelSelector=app.kubernetes.io%2Fmanaged-by%3Dkube-assay'
let cluster: ControlPlane
let folder: string
let controllers: Controllers | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-pods-'))
  cluster = await startControlPlane(assets, { serviceAccounts: true })
  for (const name of ['worker-1', 'worker-2']) await putNode(name)
})
afterAll(async () => {
  await cluster?.close()
  await rm(folder, { recursive: true, force: true })
})
afterEach(() => controllers?.stop())

it('is taken by validation and Pod Security, says why no pod started, and leaves nothing', async () => {
  controllers = startControllers(cluster)
  const seen: Stored[] = []
  const run = await audit('silent', ['--pod-timeout', '10'], {
    whenPods: async (pods) => {
      seen.push(...pods)
    },
  })
  expect(run.stderr).not.toContain('internal error')
  expect(run.code).toBe(0)
  expect(await reasons('silent')).toEqual({
    'worker-1': [
      'timeout: The pod did not start within 10 s: the node’s kubelet has not taken it, and the node is not Ready (KubeletNotReady).',
    ],
    'worker-2': ['timeout: The pod did not start within 10 s: the node’s kubelet has not taken it.'],
  })
  // As the API server stored it: nothing that it does not know was dropped, nothing added that gives more rights.
  expect(seen[0]?.spec).toMatchObject({
    hostNetwork: true,
    automountServiceAccountToken: false,
    tolerations: [{ operator: 'Exists' }],
    activeDeadlineSeconds: 10,
    containers: [
      {
        securityContext: {
          privileged: false,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_CHROOT', 'SYS_PTRACE'] },
          appArmorProfile: { type: 'Unconfined' },
        },
        volumeMounts: [{ name: 'host', readOnly: true, recursiveReadOnly: 'IfPossible' }, { name: 'script' }],
      },
    ],
  })
  expect(seen[0]?.spec).not.toHaveProperty('hostPID')
  expect(seen[0]?.spec).not.toHaveProperty('hostIPC')
  expect(seen[0]?.spec?.['volumes']).toHaveLength(2)
  expect(await left()).toEqual([])
})

it('waits for the ServiceAccount of its new namespace', async () => {
  controllers = startControllers(cluster, 3000)
  await audit('slow-account', ['--pod-timeout', '10', '--nodes', 'worker-2'])
  expect((await reasons('slow-account'))['worker-2']?.[0]).toMatch(/^timeout: The pod did not start within 10 s/)
  expect(await left()).toEqual([])
})

it('says which Pod Security level refused its pod, in a namespace that stays', async () => {
  controllers = startControllers(cluster)
  await makeNamespace('strict', 'restricted')
  const args = ['--pod-namespace', 'strict', '--pod-timeout', '10', '--nodes', 'worker-2']
  await audit('strict', args)
  const [reason] = (await reasons('strict'))['worker-2'] ?? []
  expect(reason).toMatch(
    /^forbidden: .*violates PodSecurity "restricted:latest".*pod-security\.kubernetes\.io\/enforce=privileged/,
  )
  expect(await left()).toEqual([])
  await cluster.call('GET', '/api/v1/namespaces/strict')
})

it('needs no more rights than the documentation gives, and names the one that is missing', async () => {
  controllers = startControllers(cluster)
  await makeNamespace('kube-assay', 'privileged')
  const kubeconfig = await limited('kube-assay')
  const args = ['--pod-timeout', '10', '--nodes', 'worker-2']
  const run = await audit('least', [...args, '--pod-namespace', 'kube-assay'], { kubeconfig })
  expect((await reasons('least'))['worker-2']?.[0]).toMatch(/^timeout: The pod did not start within 10 s/)
  expect(run.stderr).not.toMatch(/could not be|Remove it by hand/)
  await audit('more', args, { kubeconfig })
  expect((await reasons('more'))['worker-2']?.[0]).toMatch(
    /^forbidden: .*cannot create resource "namespaces".*docs\/node-access\.md has the rights/,
  )
  expect(await left()).toEqual([])
})

it('leaves nothing when it is interrupted', async () => {
  controllers = startControllers(cluster)
  const run = await audit('interrupted', ['--pod-timeout', '60'], {
    whenPods: async (_pods, child) => {
      child.kill('SIGINT')
    },
  })
  expect(run.code).toBe(130)
  expect((await reasons('interrupted'))['worker-1']?.[0]).toMatch(/^interrupted: /)
  expect(await left()).toEqual([])
})

it('removes what a killed run left once no run can need it, and not before', async () => {
  controllers = startControllers(cluster)
  await audit('killed', ['--pod-timeout', '60'], {
    whenPods: async (_pods, child) => {
      child.kill('SIGKILL')
    },
  })
  const [leftover = ''] = (await left()).filter((name) => name.startsWith('namespaces/'))
  expect(leftover).toMatch(/^namespaces\/kube-assay-[0-9a-f]{8}$/)
  await audit('too-early', ['--pod-timeout', '10'])
  expect(await left()).toContain(leftover)
  const path = `/api/v1/${leftover}`
  const namespace = await getObject(cluster, path)
  const { metadata } = namespace
  const annotations = { ...metadata.annotations, 'kube-assay.io/expires': '2020-01-01T00:00:00.000Z' }
  await cluster.call('PUT', path, { ...namespace, metadata: { ...metadata, annotations } })
  const run = await audit('later', ['--pod-timeout', '10'])
  expect(run.stderr).toContain(`Removed namespaces that an earlier run had left: ${metadata.name}`)
  expect(await left()).toEqual([])
})

it('tells a namespace that was deleted while nodes were read', async () => {
  controllers = startControllers(cluster)
  await audit('deleted', ['--pod-timeout', '60'], {
    whenPods: async ([pod]) => {
      await cluster.call('DELETE', `/api/v1/namespaces/${pod?.metadata.namespace}`)
    },
  })
  expect((await reasons('deleted'))['worker-1']).toEqual([
    'pod-failed: The namespace of the pods was deleted while the node was read.',
  ])
  expect(await left()).toEqual([])
})

/** Objects of ours, wherever: "pods/<namespace>/<name>". */
async function left(): Promise<string[]> {
  await settle()
  const kinds = ['namespaces', 'configmaps', 'pods']
  const found = await Promise.all(kinds.map((kind) => listObjects(cluster, `/api/v1/${kind}?${ours}`)))
  return found.flatMap((objects, index) =>
    objects.map(({ metadata }) =>
      [kinds[index], ...(metadata.namespace === undefined ? [] : [metadata.namespace]), metadata.name].join('/'),
    ),
  )
}

/** Until the controller has ended the namespaces that are being deleted. */
async function settle(): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const namespaces = await listObjects(cluster, '/api/v1/namespaces')
    if (namespaces.every(({ metadata }) => metadata.deletionTimestamp === undefined)) return
    await pause(200)
  }
}

interface AuditOptions {
  readonly kubeconfig?: string
  /** Once, when pods of the run are there. */
  readonly whenPods?: (pods: readonly Stored[], child: ChildProcess) => Promise<void>
}

async function audit(name: string, args: readonly string[], { kubeconfig, whenPods }: AuditOptions = {}) {
  const output = join(folder, name)
  let watching: Promise<void> | undefined
  const common = ['--kubeconfig', kubeconfig ?? cluster.kubeconfig, '--node-access', 'pod', '--format', 'json']
  const run = await runCli(['audit', ...common, '--output', output, ...args], {
    onStart: (child) => {
      if (whenPods !== undefined) watching = watch(child, whenPods)
    },
  })
  await watching
  return run
}

async function watch(child: ChildProcess, whenPods: NonNullable<AuditOptions['whenPods']>): Promise<void> {
  const before = new Set((await listObjects(cluster, `/api/v1/pods?${ours}`)).map(({ metadata }) => metadata.uid))
  while (child.exitCode === null && child.signalCode === null) {
    const pods = (await listObjects(cluster, `/api/v1/pods?${ours}`)).filter(
      ({ metadata }) => !before.has(metadata.uid),
    )
    if (pods.length > 0) return whenPods(pods, child)
    await pause(50)
  }
}

/** By node, each reason once. */
async function reasons(name: string): Promise<Record<string, readonly string[]>> {
  const { nodes } = await loadSnapshot(join(folder, name, 'snapshot.ndjson.zst'))
  return Object.fromEntries(
    nodes.map(({ node, host }) => [
      node,
      isUnavailable(host) ? [`${host.unavailable.reason}: ${host.unavailable.detail}`] : ['read'],
    ]),
  )
}

async function putNode(name: string): Promise<void> {
  await cluster.call('POST', '/api/v1/nodes', { metadata: { name } })
  if (name !== 'worker-1') return
  const status = { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] }
  await cluster.call('PUT', `/api/v1/nodes/${name}/status`, { metadata: { name }, status })
}

async function makeNamespace(name: string, level: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': level }
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name, labels } })
  await pause(600)
}

/** A kubeconfig with the Role of docs/node-access.md in that namespace, and the lists of the audit. */
async function limited(namespace: string): Promise<string> {
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  const account = { kind: 'ServiceAccount', name: 'auditor', namespace }
  await cluster.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'auditor' } })
  const role = parseRole()
  await cluster.call('POST', `${rbac}/namespaces/${namespace}/roles`, role)
  await cluster.call('POST', `${rbac}/namespaces/${namespace}/rolebindings`, {
    metadata: { name: 'auditor' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.metadata.name },
    subjects: [account],
  })
  const lists = parse(readFileSync(new URL('../../docs/cluster-role.yaml', import.meta.url), 'utf8'))
  await cluster.call('POST', `${rbac}/clusterroles`, lists)
  await cluster.call('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'auditor' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: lists.metadata.name },
    subjects: [account],
  })
  const answer = await cluster.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/auditor/token`, {
    spec: {},
  })
  const token =
    answer instanceof Object && 'status' in answer && answer.status instanceof Object && 'token' in answer.status
      ? answer.status.token
      : ''
  const config: { users: unknown[] } = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8'))
  config.users = [{ name: 'admin', user: { token } }]
  const path = join(folder, `kubeconfig-${namespace}`)
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

/** The Role as the documentation prints it. */
function parseRole(): { readonly metadata: { readonly name: string } } {
  const text = readFileSync(new URL('../../docs/node-access.md', import.meta.url), 'utf8')
  const block = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, yaml = '']) => yaml)
    .find((yaml) => /^kind: Role$/m.test(yaml))
  return parse((block ?? '').split('---\n')[1] ?? '')
}
