// Opt-in: what findings on bindings, roles and network policies print as their change, run word for word by real kubectl against a real API server.
// Afterwards those findings are gone, what was not meant is as it was, and a change of yesterday's list is refused.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finding, resultSchema } from '../../src/model/result.ts'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl.')
const kubectl = join(assets, 'kubectl')
const isReady = existsSync(kubectl)
if (!isReady) console.warn(`SKIPPED: needs kubectl at ${kubectl}`)

const group = 'rbac.authorization.k8s.io'
const api = `/apis/${group}/v1`
const rules = [
  'allow-all-network-policies',
  'bootstrap-role-changes',
  'bootstrap-token-users',
  'dangling-bindings',
  'service-account-reach',
  'wildcard-roles',
]
const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'default' })
const user = (name: string) => ({ kind: 'User', name, apiGroup: group })
const binding = (name: string, role: string, subjects: object[]) => ({
  apiVersion: `${group}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
  subjects,
})
const role = (
  kind: 'ClusterRole' | 'Role',
  name: string,
  ...of: [verb: string, group: string, resource: string][]
) => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name },
  rules: of.map(([verb, apiGroup, resource]) => ({ verbs: [verb], apiGroups: [apiGroup], resources: [resource] })),
})
const inDefault = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'
interface Role {
  metadata: { name: string }
  rules: { verbs: string[] }[]
}

describe.skipIf(!isReady)('changes of access as findings print them', () => {
  let folder = ''
  let cluster: ControlPlane
  let original: Role
  let printed: readonly string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-access-'))
    await symlink(kubectl, join(folder, 'kubectl'))
    cluster = await startControlPlane(assets)
    original = (await cluster.call('GET', `${api}/clusterroles/system:discovery`)) as Role
    const altered = structuredClone(original)
    altered.rules[0]?.verbs.push('bind')
    altered.rules.unshift({ verbs: ['get'], apiGroups: [''], resources: ['secrets'] } as Role['rules'][number])
    await cluster.call('PUT', `${api}/clusterroles/system:discovery`, altered)
    await cluster.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'here' } })
    for (const one of [
      binding('gone', 'no-such-role', [user('jane')]),
      binding('partly', 'view', [account('lost'), user('jane'), account('here'), account('dead')]),
      binding('joiners', 'view', [user('jane'), { kind: 'Group', name: 'system:bootstrappers:own', apiGroup: group }]),
    ])
      await cluster.call('POST', `${api}/clusterrolebindings`, one)
    await cluster.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'operator' } })
    for (const one of [
      role('ClusterRole', 'opens-shells', ['create', '', 'pods/exec']),
      role('ClusterRole', 'everything-to-see', ['list', '*', '*'], ['get', '', 'pods'], ['*', 'apps', 'deployments']),
    ])
      await cluster.call('POST', `${api}/clusterroles`, one)
    for (const one of [
      binding('operator', 'opens-shells', [account('operator')]),
      binding('viewers', 'everything-to-see', [user('kim')]),
    ])
      await cluster.call('POST', `${api}/clusterrolebindings`, one)
    await cluster.call(
      'POST',
      `${inDefault}/roles`,
      role('Role', 'deploys', ['create', '', 'pods'], ['get', 'batch', '*']),
    )
    await cluster.call('POST', `${inDefault}/rolebindings`, {
      ...binding('deployers', 'deploys', [user('lee')]),
      kind: 'RoleBinding',
      roleRef: { apiGroup: group, kind: 'Role', name: 'deploys' },
    })
    await cluster.call('POST', policies, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'open' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
    })
    printed = await changes('before')
  })
  afterAll(async () => {
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function failing(name: string): Promise<Finding[]> {
    const output = join(folder, name)
    const flags = ['--kubeconfig', cluster.kubeconfig, '--node-access', 'none', '--format', 'json']
    const { code, stderr } = await runCli(['audit', ...flags, '--output', output])
    expect(code, stderr).toBe(0)
    const result = resultSchema.parse(JSON.parse(await readFile(join(output, 'result.json'), 'utf8')))
    return result.rules
      .filter(({ id }) => rules.includes(id))
      .flatMap(({ findings }) => findings.filter(({ outcome }) => outcome === 'fail'))
  }

  async function changes(name: string): Promise<string[]> {
    return (await failing(name)).flatMap(({ remediation = [] }) =>
      remediation.flatMap(({ language, content }) => (language === 'shell' && content !== undefined ? [content] : [])),
    )
  }

  const run = (script: string) =>
    spawnSync('sh', ['-euc', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}`, KUBECONFIG: cluster.kubeconfig },
    })

  it('end the findings and leave the rest as it was', async () => {
    expect(printed).toHaveLength(9)
    for (const script of printed) {
      const { status, stderr } = run(script)
      expect(status, `${script}\n${stderr}`).toBe(0)
    }
    expect(await failing('after')).toEqual([])
    const { items } = (await cluster.call('GET', `${api}/clusterrolebindings`)) as {
      items: { metadata: { name: string }; subjects?: { name: string }[] }[]
    }
    const subjectsOf = (name: string) =>
      items.find(({ metadata }) => metadata.name === name)?.subjects?.map((subject) => subject.name)
    expect([subjectsOf('gone'), subjectsOf('partly'), subjectsOf('joiners')]).toEqual([
      undefined,
      ['jane', 'here'],
      ['jane'],
    ])
    const { rules: left } = (await cluster.call('GET', `${api}/clusterroles/system:discovery`)) as Role
    const rights = (list: Role['rules']) => list.flatMap(({ verbs, ...rest }) => verbs.map((verb) => [verb, rest]))
    const paths = (list: Role['rules']) =>
      JSON.stringify(rights(list))
        .match(/"(get|bind)"|"\/[\w*/]*"/g)
        ?.sort()
    expect(new Set(paths(left))).toEqual(new Set(paths(original.rules)))
    const { rules: seen } = (await cluster.call('GET', `${api}/clusterroles/everything-to-see`)) as Role
    expect(seen.slice(1, 3)).toEqual([
      { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      {
        verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
        apiGroups: ['apps'],
        resources: ['deployments'],
      },
    ])
    expect(await cluster.call('GET', `${policies}/open`)).toMatchObject({
      spec: { policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [{ podSelector: {} }] }], egress: [{}, {}] },
    })
    expect(await cluster.call('GET', `${inDefault}/rolebindings/operator`)).toMatchObject({
      roleRef: { kind: 'ClusterRole', name: 'opens-shells' },
      subjects: [{ kind: 'ServiceAccount', name: 'operator' }],
    })
  })

  it('are refused where the object is no longer as it was read', () => {
    const patches = printed.filter((script) => script.includes(' patch '))
    expect(patches).toHaveLength(8)
    for (const script of patches) expect(run(script).status, script).not.toBe(0)
  })
})
