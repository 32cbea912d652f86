// Opt-in: a real kube-apiserver and etcd. `KUBEBUILDER_ASSETS=<folder> npm run test:e2e`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadSnapshot } from '../../src/snapshot/index.ts'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const accountCount = 1_150
let cluster: ControlPlane
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-reports-'))
  cluster = await startControlPlane(assets)
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
  for (let index = 0; index < accountCount; index += 50) {
    const names = Array.from({ length: Math.min(50, accountCount - index) }, (_, offset) => `robot-${index + offset}`)
    await Promise.all(
      names.map((name) => cluster.call('POST', '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name } })),
    )
  }
  await cluster.call('POST', '/api/v1/namespaces/shop/secrets', {
    metadata: { name: 'till' },
    stringData: { pin: 'never-to-be-read-4711' },
  })
  await cluster.call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'everyone' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
  })
  await cluster.call('POST', '/api/v1/namespaces/shop/pods', {
    metadata: { name: 'box' },
    spec: {
      hostNetwork: true,
      containers: [
        {
          name: 'box',
          image: 'box',
          securityContext: { privileged: true },
          env: [{ name: 'KEY', value: 'never-to-be-read-4712' }],
        },
      ],
    },
  })
})
afterAll(async () => {
  await cluster?.close()
  await rm(folder, { recursive: true, force: true })
})

it('audits a real API server over several pages, without Secret data or environment values', async () => {
  const run = await runCli([
    'audit',
    '--kubeconfig',
    cluster.kubeconfig,
    '--node-access',
    'none',
    '--format',
    'html,json',
    '--output',
    folder,
  ])
  expect(run.stderr).not.toContain('internal error')
  expect(run.code).toBe(0)
  const evidence = await loadSnapshot(join(folder, 'snapshot.ndjson.zst'))
  const names = new Set(evidence.families.serviceaccounts.objects.map((object) => `${object.namespace}/${object.name}`))
  expect([...names].filter((name) => name.startsWith('shop/robot-'))).toHaveLength(accountCount)
  for (const [family, { status }] of Object.entries(evidence.families))
    expect(status?.unavailable, family).toBeUndefined()
  expect(evidence.header.cluster.version).toMatch(/^v1\.\d+\./)
  // No rule needs Secrets, so they are not even listed: whoever may list them may read them.
  expect(evidence.families.secrets).toEqual({ objects: [] })
  expect(JSON.stringify(evidence.families) + JSON.stringify([...evidence.templates.values()])).not.toContain(
    'never-to-be-read',
  )
})

it('finds what is wrong there, and nothing in what Kubernetes itself put there', async () => {
  const run = await runCli(['evaluate', join(folder, 'snapshot.ndjson.zst')])
  const result: { rules: { id: string; outcome: string; findings: { outcome: string; unit: { id: string } }[] }[] } =
    JSON.parse(run.stdout)
  const failing = (id: string) =>
    result.rules
      .find((rule) => rule.id === id)
      ?.findings.filter((finding) => finding.outcome === 'fail')
      .map((finding) => finding.unit.id)
  expect(failing('privileged-containers')).toEqual(['shop/Pod/box'])
  expect(failing('host-network')).toEqual(['shop/Pod/box'])
  expect(failing('shared-subject-cluster-admin')?.map((id) => id.split('/').at(-1))).toEqual(['everyone'])
  expect(failing('cluster-admin-bindings')?.map((id) => id.split('/').at(-1))).not.toContain('cluster-admin')
})

it('says which list was forbidden, and calls what depends on it unknown', async () => {
  const token = await limitedKubeconfig()
  const run = await runCli([
    'audit',
    '--kubeconfig',
    token,
    '--node-access',
    'none',
    '--format',
    'json',
    '--output',
    join(folder, 'limited'),
  ])
  expect(run.code).toBe(0)
  expect(run.stdout.replaceAll(/\s+/g, ' ')).toMatch(/Lists, forbidden: nodes, .*clusterrolebindings/)
  const { families } = await loadSnapshot(join(folder, 'limited', 'snapshot.ndjson.zst'))
  expect(families.clusterrolebindings.status?.unavailable?.reason).toBe('forbidden')
  expect(families.namespaces.status?.unavailable).toBeUndefined()
})

/** A kubeconfig for ServiceAccount shop/robot-0, which may list namespaces and pods only. */
async function limitedKubeconfig(): Promise<string> {
  const { writeFile, readFile } = await import('node:fs/promises')
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  await cluster.call('POST', `${rbac}/clusterroles`, {
    metadata: { name: 'few' },
    rules: [{ apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['list', 'get'] }],
  })
  await cluster.call('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: 'few' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'few' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot-0', namespace: 'shop' }],
  })
  const answer = await cluster.call('POST', '/api/v1/namespaces/shop/serviceaccounts/robot-0/token', { spec: {} })
  const token =
    answer instanceof Object && 'status' in answer && answer.status instanceof Object && 'token' in answer.status
      ? answer.status.token
      : ''
  const config: { users: unknown[] } = JSON.parse(await readFile(cluster.kubeconfig, 'utf8'))
  config.users = [{ name: 'admin', user: { token } }]
  const path = join(folder, 'limited-kubeconfig')
  await writeFile(path, JSON.stringify(config), { mode: 0o600 })
  return path
}
