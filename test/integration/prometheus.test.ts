// Prometheus' own tool on what we write: metrics, alert rules with their unit tests, and the expressions of the dashboards.
import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { metricsAfterFailure } from '../../src/report/formats/metrics-file.ts'
import { exporter } from '../../src/report/formats/prometheus.ts'
import { startSimulatedCluster } from '../../src/simulator/cluster.ts'
import { runCli } from '../support/cli.ts'
import { dashboardExpressions, dashboardsFolder } from '../support/dashboards.ts'
import { hostileTexts, resultWith, shapes } from '../support/format-results.ts'

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined
if (!hasPromtool) {
  const message = 'SKIPPED: checks by promtool (apt-get install prometheus).'
  if (process.env['KUBE_ASSAY_REQUIRE_INTEGRATION'] === '1') throw new Error(message)
  console.warn(message)
}

function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, {
    input,
    encoding: 'utf8',
    cwd: join(dashboardsFolder, 'prometheus'),
  })
  return status === 0 && stderr === '' ? 'good' : `${stdout}${stderr}`
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.runIf(hasPromtool)('promtool', () => {
  const results = [
    ...Object.entries(shapes),
    ...Object.entries(hostileTexts).map(([name, text]) => [name, () => resultWith(text)] as const),
  ]
  test.each(results)('takes the metrics of: %s', (_, make) => {
    const text = [...exporter.render(make(), {})].join('')
    expect(promtool(['check', 'metrics'], text)).toBe('good')
    expect(promtool(['check', 'metrics'], metricsAfterFailure(text, make().cluster.name, new Date()))).toBe('good')
  })

  test('takes the alert rules and finds them to fire as their tests say', () => {
    expect(promtool(['check', 'rules', 'alerts.yaml'])).toBe('good')
    expect(promtool(['test', 'rules', 'alerts.test.yaml'])).toBe('good')
  })

  test('takes every expression of the dashboards', async () => {
    const rules = dashboardExpressions().map((expr, index) => ({
      record: `panel:expression:${index}`,
      expr: expr.replaceAll('$cluster', 'prod.*'),
    }))
    const file = join(folder, 'panels.yaml')
    await writeFile(file, stringify({ groups: [{ name: 'panels', rules }] }))
    expect(promtool(['check', 'rules', file])).toBe('good')
  })
})

describe('the metrics folder', { timeout: 120_000 }, () => {
  test('gets a file after a run, and is told of one that fails without losing the last success', async () => {
    const metrics = join(folder, 'textfile')
    await mkdir(metrics)
    const cluster = await startSimulatedCluster()
    const kubeconfig = join(folder, 'kubeconfig')
    await copyFile(cluster.kubeconfig, kubeconfig)
    const args = ['audit', '--kubeconfig', kubeconfig, '--cluster-name', 'sim', '--node-access', 'none']
    const output = ['--format', 'json', '--output', join(folder, 'out'), '--metrics-dir', metrics]
    let good = ''
    try {
      expect(await runCli([...args, ...output])).toMatchObject({ code: 0 })
      expect(await readdir(metrics)).toEqual(['kube-assay-sim.prom'])
      const path = join(metrics, 'kube-assay-sim.prom')
      good = await readFile(path, 'utf8')
      expect((await stat(path)).mode & 0o777).toBe(0o644)
      expect(good).toContain('kube_assay_last_run_success{cluster="sim"} 1\n')
    } finally {
      await cluster.close()
    }
    const failed = await runCli([...args, ...output])
    expect(failed.code).toBe(3)
    const after = await readFile(join(metrics, 'kube-assay-sim.prom'), 'utf8')
    expect(after).toContain('kube_assay_last_run_success{cluster="sim"} 0\n')
    const success = /kube_assay_last_success_timestamp_seconds\{cluster="sim"\} .*/
    expect(success.exec(after)?.[0]).toBe(success.exec(good)?.[0])
    const at = (text: string) => Number(/last_run_timestamp_seconds\{cluster="sim"\} (.*)/.exec(text)?.[1])
    expect(at(after)).toBeGreaterThan(at(good))
    expect(await readdir(metrics)).toEqual(['kube-assay-sim.prom'])
  })

  test('that is not there ends the run before it begins', async () => {
    const run = await runCli(['audit', '--manifests', folder, '--metrics-dir', join(folder, 'missing')])
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('missing: does not exist') })
  })
})
