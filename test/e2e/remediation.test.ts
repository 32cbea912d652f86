// Opt-in: the remediation pack of a real cluster's workloads, applied by real kubectl to a real API server and audited again.
// No controller runs here, so the scripts' waiting for a rollout is answered for kubectl; every patch is the API server's own.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Result, resultSchema } from '../../src/model/result.ts'
import { gatherRemedies } from '../../src/report/remediation/gather.ts'
import { runCli } from '../support/cli.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const assets = process.env['KUBEBUILDER_ASSETS']
if (assets === undefined) throw new Error('Set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl.')

const recording = join(import.meta.dirname, '../../../shared/reference/recorded-cluster/responses.jsonl.gz')
const kubectl = join(assets, 'kubectl')
const isReady = existsSync(recording) && existsSync(kubectl)
if (!isReady) console.warn(`SKIPPED: needs the recorded cluster at ${recording} and kubectl at ${kubectl}`)

/** Lists that are put into the new cluster, in this order. Pods come from controllers, which do not run here. */
const loaded = [
  '/api/v1/namespaces',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/apis/networking.k8s.io/v1/networkpolicies',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/statefulsets',
  '/apis/apps/v1/daemonsets',
  '/apis/batch/v1/cronjobs',
]

interface Loaded {
  metadata: { name: string; namespace?: string; [field: string]: unknown }
  spec?: Record<string, unknown>
  status?: unknown
}

describe.skipIf(!isReady)('the remediation pack against a real API server', () => {
  const base = mkdtempSync(join(tmpdir(), 'kube-assay-e2e-pack-'))
  let cluster: ControlPlane
  let before: Map<string, unknown>
  let first: Result

  beforeAll(async () => {
    cluster = await startControlPlane(assets)
    for (const path of loaded) for (const object of recorded(path)) await create(path, object)
    writeFileSync(
      join(base, 'kubectl'),
      `#!/bin/sh\ncase " $* " in *" rollout status "*) exit 0 ;; esac\nexec '${kubectl}' "$@"\n`,
      { mode: 0o755 },
    )
    before = await templates()
    first = await audit('first')
  })
  afterAll(async () => {
    await cluster?.close()
    rmSync(base, { recursive: true, force: true })
  })

  async function create(path: string, { metadata, spec, status: _, ...rest }: Loaded): Promise<void> {
    const { name, namespace, labels, annotations } = metadata
    const list = namespace === undefined ? path : path.replace(/\/([^/]+)$/, `/namespaces/${namespace}/$1`)
    const { clusterIP: _ip, clusterIPs: _ips, ...kept } = spec ?? {}
    const body = {
      ...rest,
      metadata: { name, namespace, labels, annotations },
      ...(spec === undefined ? {} : { spec: kept }),
    }
    await cluster.call('POST', list, body).catch((error: unknown) => {
      // Namespaces and accounts that every cluster has.
      if (!String(error).includes(' 409 ')) throw error
    })
  }

  async function templates(): Promise<Map<string, unknown>> {
    const found = new Map<string, unknown>()
    for (const path of loaded.filter((one) => one.startsWith('/apis/'))) {
      const { items } = (await cluster.call('GET', path)) as { items: Loaded[] }
      for (const { metadata, spec } of items) found.set(`${path} ${metadata.namespace}/${metadata.name}`, spec)
    }
    return found
  }

  async function audit(name: string): Promise<Result> {
    const output = join(base, name)
    const flags = ['--kubeconfig', cluster.kubeconfig, '--node-access', 'none', '--format', 'json,remediation']
    const { code, stderr } = await runCli(['audit', ...flags, '--output', output])
    expect(code, stderr).toBe(0)
    return resultSchema.parse(JSON.parse(readFileSync(join(output, 'result.json'), 'utf8')))
  }

  function failing(result: Result): Set<string> {
    const failed = result.rules.flatMap(({ id, findings }) =>
      findings.filter(({ outcome }) => outcome === 'fail').map(({ unit }) => `${id} ${unit.id}`),
    )
    return new Set(failed)
  }

  const namespaces = () => readdirSync(join(base, 'first/remediation/namespaces')).sort()
  function runScripts(...flags: string[]): string[] {
    return namespaces().flatMap((namespace) => {
      const script = join(base, 'first/remediation/namespaces', namespace, 'apply.sh')
      const env = {
        PATH: process.env['PATH'],
        KUBECTL: join(base, 'kubectl'),
        KUBECONFIG: cluster.kubeconfig,
        HOME: base,
      }
      const { status, stderr } = spawnSync('/bin/sh', [script, ...flags], { encoding: 'utf8', env })
      return status === 0 ? [] : [`${namespace}: ${status} ${stderr}`]
    })
  }

  it('changes nothing unless asked', async () => {
    expect(runScripts()).toEqual([])
    expect(await templates()).toEqual(before)
  })

  it('closes what it claims to close, makes nothing else fail, and is taken back whole', async () => {
    expect(runScripts('--apply', '--opt-in')).toEqual([])
    const second = await audit('second')
    const [failedBefore, failsNow] = [failing(first), failing(second)]
    const claimed = gatherRemedies(first).flatMap(({ rule, finding, way }) =>
      way.kind === 'object' ? [`${rule.id} ${finding.unit.id}`] : [],
    )
    expect(claimed.length).toBeGreaterThan(60)
    expect(claimed.filter((finding) => failsNow.has(finding))).toEqual([])
    expect([...failsNow].filter((finding) => !failedBefore.has(finding))).toEqual([])
    expect(runScripts('--rollback')).toEqual([])
    expect(await templates()).toEqual(before)
  })
})

function recorded(path: string): Loaded[] {
  for (const line of gunzipSync(readFileSync(recording)).toString().trim().split('\n')) {
    const answer: { path: string; body: string | { items: Loaded[] } } = JSON.parse(line)
    if (answer.path.split('?')[0] !== path) continue
    return (typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.body).items
  }
  return []
}
