// Three nights of one simulated cluster, through the command line as a pipeline calls it, with changes between them: what the
// difference, the history, the gates and the folders say. Then `doctor` and `rbac` against it.
import { chmod, lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { comparisonSchema } from '../../src/model/comparison.ts'
import { resultSchema } from '../../src/model/result.ts'
import { type SimulatedCluster, startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { type CliRun, runCli } from '../support/cli.ts'

let cluster: SimulatedCluster
let folder: string
let config: string
/** What is deployed besides: privileged, so that it fails. */
let extra: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-history-'))
  cluster = await startSimulatedCluster({
    edit: (path, objects) => (path === '/apis/apps/v1/deployments' ? [...objects, ...extra.map(deployment)] : objects),
    api: { denied: ['list bindings', 'list networkpolicies', 'list secrets'] },
  })
  config = join(cluster.folder, 'kube-assay.yaml')
  await writeFile(config, JSON.stringify({ kubeconfig: cluster.kubeconfig, ssh: cluster.ssh, formats: ['json'] }))
}, 60_000)
afterAll(async () => {
  await cluster.close()
  await rm(folder, { recursive: true, force: true })
})

function deployment(name: string): object {
  const container = { name: 'c', image: 'registry.example/c:1', securityContext: { privileged: true } }
  return {
    metadata: { name, namespace: 'default', uid: `uid-${name}`, generation: 1 },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  }
}

const cli = (...args: string[]) => runCli(args, { cwd: folder })
const audit = async (...args: string[]): Promise<CliRun> => {
  const run = await cli('audit', '--config', config, ...args)
  // Folders are named by the second.
  await sleep(1100)
  return run
}
const runsOf = async () => (await readdir(join(folder, 'reports/demo'))).filter((name) => name !== 'latest')
const readResult = async (run: string) =>
  resultSchema.parse(JSON.parse(await readFile(join(folder, 'reports/demo', run, 'result.json'), 'utf8')))

describe('three nights', () => {
  const nights: { run: CliRun; name: string }[] = []
  const night = async (...args: string[]) => {
    const run = await audit('--baseline', 'latest', '--fail-on-new', 'high', ...args)
    nights.push({ run, name: (await runsOf()).at(-1) ?? '' })
    return run
  }
  const kubeletFile = () => join(cluster.roots.get('worker-1') ?? '', 'var/lib/kubelet/config.yaml')

  it('passes nothing as known on the first: all of it is new', async () => {
    const { code, stderr } = await night()
    expect(stderr).toContain('note: no earlier run in reports/demo; nothing to compare with.')
    expect(stderr).toMatch(/exit 1: \d+ failing at or above --fail-on-new high, all of them new without a baseline: /)
    expect(code).toBe(1)
  }, 120_000)

  it('fails on the second for what is new, and says what', async () => {
    extra = ['sidecar']
    await chmod(kubeletFile(), 0o666)
    const { code, stderr, stdout } = await night()
    expect(stderr).toMatch(/exit 1: \d+ new at or above --fail-on-new high since 20\d\d-.*privileged-containers/)
    expect(code).toBe(1)
    expect(stdout).toMatch(/Changed {3}\d+ new, \d+ as before/)
    const { comparison, trend, rules } = await readResult(nights[1]?.name ?? '')
    expect(comparison?.comparable).toBe('yes')
    expect(comparison?.counts.fixed).toBe(0)
    expect(trend).toHaveLength(2)
    const found = rules.find(({ id }) => id === 'privileged-containers')?.findings ?? []
    const change = (id: string) => found.find(({ unit }) => unit.id === id)?.change
    expect(change('default/Deployment/sidecar')).toBe('new')
    expect(new Set(found.filter(({ unit }) => !unit.id.includes('sidecar')).map((one) => one.change))).toEqual(
      new Set(['persisting']),
    )
  }, 120_000)

  it('passes on the third: one fixed, one renamed, one node lost and none of it called fixed', async () => {
    extra = []
    await chmod(kubeletFile(), 0o600)
    await cluster.nodes.get('worker-2')?.close()
    const { code, stderr } = await night('--quiet')
    expect([code, stderr]).toEqual([0, ''])
    const { comparison } = await readResult(nights[2]?.name ?? '')
    expect(comparison?.comparable).toBe('partly')
    expect(comparison?.differences.map(({ aspect }) => aspect)).toEqual(['coverage'])
    const changes = comparison?.changes ?? []
    const of = (unit: string) => changes.filter((one) => one.unit?.id === unit)
    expect(new Set(of('default/Deployment/sidecar').map(({ change, because }) => `${change} ${because}`))).toEqual(
      new Set(['fixed gone']),
    )
    expect(of('node/worker-1').map(({ change, because }) => `${change} ${because}`)).toEqual(
      of('node/worker-1').map(() => 'fixed passes'),
    )
    expect(of('node/worker-1').length).toBeGreaterThan(0)
    expect(of('node/worker-2').length).toBeGreaterThan(0)
    expect(new Set(of('node/worker-2').map(({ change }) => change))).toEqual(new Set(['noLongerAssessed']))
    expect(comparison?.counts.new).toBe(0)
  }, 120_000)

  it('tells the differences of any two, for people, programs and comments', async () => {
    const [first, second, third] = nights.map(({ name }) => join('reports/demo', name))
    const table = await cli('diff', second ?? '', 'reports/demo/latest')
    expect(table.code).toBe(0)
    expect(table.stdout).toMatch(/Partly comparable[\s\S]*No longer assessed \(\d+\)[\s\S]*Fixed \(\d+\)/)
    for (const line of table.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    const json = await cli('diff', first ?? '', second ?? '', '--format', 'json')
    const { counts, changes } = comparisonSchema.parse(JSON.parse(json.stdout))
    expect(changes.filter(({ change }) => change === 'persisting')).toHaveLength(counts.persisting)
    const markdown = await cli('diff', `${third}/result.json`, `${third}/run.json`, '--format', 'markdown')
    expect(markdown.stdout).toMatch(/^### demo: [\s\S]*Units: 0 new, \d+ as before/)
  }, 60_000)

  it('shows them in one table with a line of scores', async () => {
    const { stdout, code } = await cli('history')
    expect(code).toBe(0)
    const lines = stdout.split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    expect(lines.filter((line) => /^20\d\d-/.test(line))).toHaveLength(3)
    expect(stdout).toMatch(/^Score {2}[▁▂▃▄▅▆▇█]{3} {2}lowest [\d.]+, highest [\d.]+$/m)
    expect((await cli('history', 'demi')).stderr).toContain('There are: demo.')
  }, 60_000)

  it('keeps the latest and the baseline when old ones go', async () => {
    const link = join(folder, 'reports/demo/latest')
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readlink(link)).toBe(nights[2]?.name)
    const first = join(folder, 'reports/demo', nights[0]?.name ?? '')
    const { stderr } = await audit('--baseline', first, '--keep', '2', '--quiet')
    expect(stderr).toContain(`Removed 1 old: reports/demo/${nights[1]?.name}`)
    const left = await runsOf()
    expect(left).toHaveLength(3)
    expect(left[0]).toBe(nights[0]?.name)
  }, 120_000)
})

const checksSchema = z.object({
  ok: z.boolean(),
  checks: z.array(z.object({ id: z.string(), state: z.string(), detail: z.string(), fix: z.string().optional() })),
})

describe('doctor', () => {
  it('names rights that are missing and nodes that let nobody in as root, each with what mends it', async () => {
    const { code, stdout } = await cli('doctor', '--config', config, '--format', 'json')
    const { ok, checks } = checksSchema.parse(JSON.parse(stdout))
    const of = (id: string) => checks.find((check) => check.id === id)
    expect([code, ok]).toEqual([3, false])
    expect(of('server')?.state).toBe('ok')
    expect(of('clock')?.state).toBe('ok')
    expect(of('rights')?.detail).toContain('list networkpolicies.networking.k8s.io')
    expect(of('rights')?.fix).toContain('kube-assay rbac')
    expect(of('optional-rights')?.detail).toContain('list secrets in kube-system')
    // Closed in the third night.
    expect(of('ssh')?.detail).toContain('worker-2')
    expect(of('ssh-root')?.detail).toContain('worker-3')
    expect(of('ssh-root')?.fix).toContain('NOPASSWD')
    expect(checks.filter(({ state, fix }) => state === 'failed' && fix === undefined)).toEqual([])
  }, 90_000)

  it('fits a terminal, and ends with 3 where nobody answers', async () => {
    await writeFile(
      join(folder, 'nobody'),
      (await readFile(cluster.kubeconfig, 'utf8')).replace(/https:\/\/127\.0\.0\.1:\d+/, 'https://127.0.0.1:1'),
    )
    const { code, stdout } = await cli('doctor', '--kubeconfig', join(folder, 'nobody'))
    expect(code).toBe(3)
    expect(stdout).toMatch(/✗ API server[\s\S]*1 to mend\./)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  }, 60_000)
})

describe('rbac', () => {
  it('grants the lists of the chosen rules, what the ways need, and binds it', async () => {
    const args = ['--include', 'privileged-containers', '--node-access', 'ssh,pod', '--kubelet-configz']
    const { stdout } = await cli('rbac', ...args, '--subject', 'ServiceAccount:audit/nightly')
    const [role, binding, ...others] = parseAllDocuments(stdout).map((document): unknown => document.toJS())
    expect(others).toEqual([])
    const { rules } = z
      .object({ rules: z.array(z.object({ resources: z.array(z.string()).optional(), verbs: z.array(z.string()) })) })
      .parse(role)
    const verbsOn = (name: string) =>
      rules.filter((rule) => rule.resources?.includes(name)).flatMap(({ verbs }) => verbs)
    expect(verbsOn('deployments')).toEqual(['list'])
    expect(verbsOn('networkpolicies')).toEqual([])
    expect(verbsOn('nodes/proxy')).toEqual(['get'])
    expect(verbsOn('pods/log')).toEqual(['get'])
    expect(verbsOn('secrets')).toEqual([])
    expect(binding).toMatchObject({
      kind: 'ClusterRoleBinding',
      subjects: [{ kind: 'ServiceAccount', name: 'nightly', namespace: 'audit' }],
    })
  })

  it('refuses a subject that RBAC would not know', async () => {
    const { code, stderr } = await cli('rbac', '--subject', 'alice')
    expect(code).toBe(2)
    expect(stderr).toContain('--subject alice: expected User:<name>')
  })
})
