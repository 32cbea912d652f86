// Opt-in: `doctor` and `rbac` against a real API server: the printed role is enough, what is taken from it is named, what is more is told.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const rbac = '/apis/rbac.authorization.k8s.io/v1'
let cluster: ControlPlane
let folder = ''
const roleSchema = z.looseObject({ rules: z.array(z.looseObject({ resources: z.array(z.string()).optional() })) })

beforeAll(async () => {
  cluster = await startControlPlane(assets)
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-doctor-'))
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'audit' } })
}, 180_000)
afterAll(async () => {
  await cluster.close()
  await rm(folder, { recursive: true, force: true })
})

/** A kubeconfig of a new ServiceAccount with these rules in the whole cluster. */
async function userWith(name: string, rules: readonly unknown[]): Promise<string> {
  await cluster.call('POST', '/api/v1/namespaces/audit/serviceaccounts', { metadata: { name } })
  await cluster.call('POST', `${rbac}/clusterroles`, { metadata: { name }, rules })
  await cluster.call('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: 'audit' }],
  })
  const answer = await cluster.call('POST', `/api/v1/namespaces/audit/serviceaccounts/${name}/token`, { spec: {} })
  const { token } = z.looseObject({ status: z.looseObject({ token: z.string() }) }).parse(answer).status
  const config = z.looseObject({ users: z.unknown() }).parse(JSON.parse(await readFile(cluster.kubeconfig, 'utf8')))
  const path = join(folder, name)
  await writeFile(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
  return path
}

async function printedRules(...flags: string[]): Promise<z.infer<typeof roleSchema>['rules']> {
  const { stdout } = await runCli(['rbac', ...flags])
  const [role] = parseAllDocuments(stdout).map((document): unknown => document.toJS())
  return roleSchema.parse(role).rules
}

const checksSchema = z.object({
  checks: z.array(z.object({ id: z.string(), state: z.string(), detail: z.string() })),
})

async function rightsOf(kubeconfig: string, ...flags: string[]) {
  const args = ['doctor', '--kubeconfig', kubeconfig, '--node-access', 'none', '--format', 'json', ...flags]
  const { stdout } = await runCli(args)
  return checksSchema.parse(JSON.parse(stdout)).checks.filter(({ id }) => id.includes('rights'))
}

it('has enough with the role that rbac prints, and nothing more than that', async () => {
  const checks = await rightsOf(await userWith('least', await printedRules()))
  expect(checks.map(({ id, state }) => `${id} ${state}`)).toEqual(['rights ok', 'optional-rights warned'])
  expect(checks[1]?.detail).toBe('list secrets in kube-system is missing; the rules about it answer unknown.')
}, 120_000)

it('names what is missing from it', async () => {
  const rules = await printedRules()
  const few = rules.map((rule) => ({
    ...rule,
    resources: rule.resources?.filter((name) => name !== 'networkpolicies'),
  }))
  const without = few.filter(({ resources }) => resources === undefined || resources.length > 0)
  const [rights] = await rightsOf(await userWith('few', without), '--no-bootstrap-tokens')
  expect(rights).toMatchObject({ state: 'failed' })
  expect(rights?.detail).toMatch(/^1 of \d+ are missing: list networkpolicies\.networking\.k8s\.io\./)
}, 120_000)

it('does not count rights to one object, or in one namespace, for rights to all', async () => {
  const rules = await printedRules()
  const named = rules.map((rule) => (rule.resources?.includes('pods') ? { ...rule, resourceNames: ['one'] } : rule))
  const kubeconfig = await userWith('named', named)
  await cluster.call('POST', `${rbac}/namespaces/audit/rolebindings`, {
    metadata: { name: 'named' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'least' },
    subjects: [{ kind: 'ServiceAccount', name: 'named', namespace: 'audit' }],
  })
  const [rights] = await rightsOf(kubeconfig, '--no-bootstrap-tokens')
  expect(rights).toMatchObject({ state: 'failed', detail: expect.stringContaining('list pods') })
}, 120_000)

it('tells what is more than an audit needs', async () => {
  const more = [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'patch'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
  ]
  const checks = await rightsOf(await userWith('more', [...(await printedRules()), ...more]))
  expect(checks.map(({ id, state }) => `${id} ${state}`)).toEqual(['rights ok', 'excess-rights warned'])
  expect(checks[1]?.detail).toBe('The user also may create pods/exec, get/list secrets, patch deployments.apps.')
  const admin = await rightsOf(cluster.kubeconfig)
  expect(admin.at(-1)).toMatchObject({ id: 'excess-rights', detail: 'The user has every right in the cluster.' })
}, 120_000)

it('asks for the ways too, with the namespace that pods are made in', async () => {
  const flags = ['--node-access', 'pod', '--pod-namespace', 'audit', '--kubelet-configz']
  const kubeconfig = await userWith('ways', await printedRules(...flags))
  const { stdout } = await runCli([
    'doctor',
    '--kubeconfig',
    kubeconfig,
    ...flags,
    '--no-bootstrap-tokens',
    '--format',
    'json',
  ])
  const rights = checksSchema.parse(JSON.parse(stdout)).checks.find(({ id }) => id === 'rights')
  // The Role of the namespace was not applied: only what stands in the ClusterRole is there.
  expect(rights).toMatchObject({
    state: 'failed',
    detail: expect.stringMatching(/^8 of \d+ are missing: create pods in audit, /),
  })
}, 120_000)
