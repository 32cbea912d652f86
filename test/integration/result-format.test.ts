// The contract of results as others meet it: published schemas, the stream of lines, and every jq and SQL example of the document.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findingLineSchema } from '../../src/model/finding-line.ts'
import { type Result, resultSchema } from '../../src/model/result.ts'
import { loadExporter } from '../../src/report/formats/index.ts'
import { renderJson } from '../../src/report/index.ts'
import { deployment, evaluateRaw, nodeObject } from '../support/raw-cluster.ts'

const hasJq = spawnSync('jq', ['--version']).status === 0
if (!hasJq && process.env['CI'] !== undefined) throw new Error('jq is needed here: apt-get install jq')

const rules = ['privileged-containers', 'root-containers', 'kubelet-anonymous-authentication']
let folder: string
let result: Result

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-format-'))
  const waiver = {
    rule: 'privileged-containers',
    match: { namespace: 'shop', name: 'cart' },
    owner: 'Shop',
    approver: 'CISO',
  }
  const waivers = {
    files: [],
    config: {},
    waivers: [
      { ...waiver, id: 'cart', reason: 'Old', created: '2026-11-01', expires: '2026-12-31', source: 'waivers.yaml:2' },
    ],
  }
  const nodes = [nodeObject('worker-1'), nodeObject('worker-2')]
  const before = { objects: { nodes, deployments: [deployment('db')] } }
  const now = { objects: { nodes, deployments: [deployment('db'), deployment('cart'), deployment('web', 'front')] } }
  result = resultSchema.parse(await evaluateRaw(now, rules, { waivers, findingsCap: 2 }))
  await writeFile(join(folder, 'result.json'), renderJson(result))
  await writeFile(join(folder, 'before.json'), renderJson(await evaluateRaw(before, rules)))
  await writeFile(join(folder, 'findings.ndjson'), await lines())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function lines(): Promise<string> {
  return [...(await loadExporter('ndjson')).render(result, {})].join('')
}

describe('the stream of lines', () => {
  it('has a line for each finding, by its schema, and one at the end that counts them', async () => {
    const all = (await lines())
      .trimEnd()
      .split('\n')
      .map((line) => findingLineSchema.parse(JSON.parse(line)))
    const findings = result.rules.flatMap((rule) => rule.findings.map((finding) => finding.fingerprint))
    expect(all.flatMap((line) => (line.kind === 'finding' ? [line.fingerprint] : [])).sort()).toEqual(findings.sort())
    const capped = result.rules.flatMap((rule) => [...(rule.capped?.fail ?? []), ...(rule.capped?.unknown ?? [])])
    expect(all.flatMap((line) => (line.kind === 'capped' ? [line.fingerprint] : [])).sort()).toEqual(capped.sort())
    expect(all.at(-1)).toMatchObject({ kind: 'end', findings: findings.length, capped: capped.length })
    expect(result.rules.reduce((sum, rule) => sum + rule.findingsTotal, 0)).toBe(findings.length + capped.length)
  })

  it('says of a finding who accepted it and which controls it is of', async () => {
    const all = (await lines())
      .trimEnd()
      .split('\n')
      .map((line) => findingLineSchema.parse(JSON.parse(line)))
    const cart = all.find(
      (line) => line.kind === 'finding' && line.unit.id === 'shop/Deployment/cart' && line.waiver !== null,
    )
    expect(cart).toMatchObject({
      kind: 'finding',
      rule: { id: 'privileged-containers' },
      severity: 'high',
      outcome: 'fail',
      waiver: { id: 'cart', owner: 'Shop', approver: 'CISO', reason: 'Old', expires: '2026-12-31' },
      controls: ['cis-kubernetes@1.24:5.2.2'],
      cluster: { name: 'prod', uid: 'cluster-1' },
    })
  })
})

const document = await readFile(join(import.meta.dirname, '../../docs/result-format.md'), 'utf8')
const blocks = [...document.matchAll(/```(jq|sql) ?(.*)\n([\s\S]*?)```/g)].map(
  ([, kind = '', file = '', text = '']) => ({
    kind,
    file,
    text,
  }),
)

function runJq(text: string, file: string): unknown[] {
  const [name = '', slurp] = file.split(' ')
  const flags = slurp === undefined ? ['-c'] : ['-c', '--slurp']
  const { status, stdout, stderr } = spawnSync('jq', [...flags, text, join(folder, name)], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function runSql(text: string): Promise<unknown[]> {
  const files = new Map<string, string>()
  for (const name of ['result.json', 'before.json']) files.set(name, await readFile(join(folder, name), 'utf8'))
  const database = new DatabaseSync(':memory:')
  // As the command line of SQLite has it.
  database.function('readfile', (name) => files.get(String(name)) ?? null)
  return database
    .prepare(text)
    .all()
    .map((row) => ({ ...row }))
}

/** What each example gives for the cluster above, in the order of the document. */
const jqAnswers: readonly unknown[][] = [
  [{ high: 3, medium: 3 }],
  [
    'high\tprivileged-containers\tDeployment front/web',
    'medium\troot-containers\tDeployment front/web',
    'medium\troot-containers\tDeployment shop/cart',
  ],
  [{ benchmark: 'CIS Kubernetes 1.24', failing: ['5.2.2', '5.2.7'] }],
  [[{ reason: 'not-collected', findings: 2 }]],
  [{ id: 'cart', owner: 'Shop', expires: '2026-12-31' }],
  [true],
]
const sqlAnswers: readonly unknown[][] = [
  [
    { rule: 'privileged-containers', severity: 'high', failing: 3 },
    { rule: 'root-containers', severity: 'medium', failing: 3 },
  ],
  [
    { namespace: 'front', findings: 2 },
    { namespace: 'shop', findings: 1 },
  ],
  [
    { rule: 'privileged-containers', unit: 'Deployment front/web', outcome: 'fail' },
    { rule: 'privileged-containers', unit: 'Deployment shop/cart', outcome: 'fail' },
    { rule: 'root-containers', unit: 'Deployment front/web', outcome: 'fail' },
    { rule: 'root-containers', unit: 'Deployment shop/cart', outcome: 'fail' },
  ],
]

const jq = blocks.filter(({ kind }) => kind === 'jq')
const sql = blocks.filter(({ kind }) => kind === 'sql')

it('has an answer for each example', () => {
  expect([jq.length, sql.length]).toEqual([jqAnswers.length, sqlAnswers.length])
})

it.runIf(hasJq).each(jq.map((one, index) => ({ ...one, answer: jqAnswers[index] })))(
  'jq: $text',
  ({ text, file, answer }) => {
    expect(runJq(text, file)).toEqual(answer)
  },
)

it.each(sql.map((one, index) => ({ ...one, answer: sqlAnswers[index] })))('sql: $text', async ({ text, answer }) => {
  expect(await runSql(text)).toEqual(answer)
})
