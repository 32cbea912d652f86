// Opt-in: reports written into a real kube-apiserver with the official CRDs. `KUBEBUILDER_ASSETS=<folder> npm run test:e2e`.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Result } from '../../src/model/result.ts'
import { runCli } from '../support/cli.ts'
import { hostileTexts, resultWith } from '../support/format-results.ts'
import { demoResult } from '../support/sample-results.ts'
import { schemasFolder } from '../support/schemas.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.')

const kinds = {
  openreports: {
    crds: ['openreports/openreports.io_reports.yaml', 'openreports/openreports.io_clusterreports.yaml'],
    lists: ['/apis/openreports.io/v1alpha1/reports', '/apis/openreports.io/v1alpha1/clusterreports'],
  },
  policyreport: {
    crds: [
      'wgpolicy/wgpolicyk8s.io_v1alpha2_policyreports.yaml',
      'wgpolicy/wgpolicyk8s.io_v1alpha2_clusterpolicyreports.yaml',
    ],
    lists: ['/apis/wgpolicyk8s.io/v1alpha2/policyreports', '/apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports'],
  },
} as const

const listSchema = z.object({
  items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }) })),
})

let cluster: ControlPlane
let folder = ''
let uid = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-e2e-reports-'))
  cluster = await startControlPlane(assets)
  const made = z.object({ metadata: z.object({ uid: z.string() }) })
  for (const name of ['shop', 'legacy', 'monitoring', 'platform', 'ci']) {
    await cluster.call('POST', '/api/v1/namespaces', { metadata: { name } })
  }
  uid = made.parse(await cluster.call('GET', '/api/v1/namespaces/kube-system')).metadata.uid
})
afterAll(async () => {
  await cluster?.close()
  await rm(folder, { recursive: true, force: true })
})

async function apply(result: Result, format: string) {
  const file = join(folder, 'result.json')
  await writeFile(file, JSON.stringify(result))
  return runCli(['render', file, '--format', format, '--apply', '--kubeconfig', cluster.kubeconfig])
}
const own = (result: Result, id = uid): Result => ({ ...result, cluster: { ...result.cluster, uid: id } })

describe.each(Object.entries(kinds))('%s', (format, { crds, lists }) => {
  const stored = async () => {
    const answers = await Promise.all(lists.map((path) => cluster.call('GET', path)))
    const items = answers.flatMap((answer) => listSchema.parse(answer).items)
    return items.map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`).toSorted()
  }

  test('without the CRDs nothing is written, and the message says what to look for', async () => {
    const run = await apply(own(demoResult()), format)
    expect(run.code).toBe(4)
    expect(run.stderr).toMatch(/no report was written: PATCH .* Is \S+ installed there\?/)
  })

  test('are taken by the API server, replaced by the next ones, and leave others alone', async () => {
    for (const path of crds) {
      const crd = parse(await readFile(join(schemasFolder, path), 'utf8'))
      await cluster.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
    }
    const served = async () =>
      (
        await Promise.all(
          lists.map((path) =>
            cluster.call('GET', path).then(
              () => true,
              () => false,
            ),
          ),
        )
      ).every(Boolean)
    for (let tries = 0; tries < 100 && !(await served()); tries += 1) await setTimeout(100)
    const [reports = '', clusterReports = ''] = lists
    const api = reports.split('/').slice(2, 4).join('/')
    const namespaced = reports.replace(/\/(\w+)$/, '/namespaces/shop/$1')
    const kind = format === 'openreports' ? 'Report' : 'PolicyReport'
    await cluster.call('POST', namespaced, { apiVersion: api, kind, metadata: { name: 'of-another-tool' } })

    const first = await apply(own(demoResult()), format)
    expect(first).toMatchObject({ code: 0 })
    const before = await stored()
    expect(before).toContain('/kube-assay-1')
    expect(before).toContain('shop/kube-assay-1')
    expect(before).toContain('legacy/kube-assay-1')

    const fewer = demoResult().rules.map((rule) => ({
      ...rule,
      findings: rule.findings.filter(({ unit }) => unit.namespace !== 'legacy'),
    }))
    const second = await apply(own({ ...demoResult(), rules: fewer }), format)
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('removed 1 old one') })
    expect(await stored()).toEqual(before.filter((name) => name !== 'legacy/kube-assay-1'))
    expect(await stored()).toContain('shop/of-another-tool')
    expect(JSON.stringify(await cluster.call('GET', clusterReports))).toContain('"manager":"kube-assay"')
  })

  test('a result of another cluster is refused before anything is written', async () => {
    const before = await stored()
    const run = await apply(own(demoResult(), 'another'), format)
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('the context reaches another') })
    expect(await stored()).toEqual(before)
  })

  test.each(Object.entries(hostileTexts))('the API server takes what is hostile: %s', async (_, text) => {
    const run = await apply(own(resultWith(text)), format)
    expect(run).toMatchObject({ code: 0 })
  })
})
