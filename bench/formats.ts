// Every export format over 100,000 findings, each in a process of its own: time, bytes and peak memory over the result's own.
// node bench/formats.ts [findings]
import { spawnSync } from 'node:child_process'
import { type ExportFormat, exportFormats } from '../src/model/report-format.ts'
import type { Finding } from '../src/model/result.ts'
import { loadExporter } from '../src/report/formats/index.ts'
import { result, rule, workloadUnit } from '../test/support/result-builder.ts'

const [size = '100000', format] = process.argv.slice(2)
const perRule = 1_000

if (isFormat(format)) await measure(format, Number(size))
else {
  process.stdout.write(`${size} findings\nformat        seconds       MB   MB of memory more than the result\n`)
  for (const name of exportFormats) {
    const { stdout, stderr } = spawnSync(process.execPath, [import.meta.filename, size, name], { encoding: 'utf8' })
    process.stdout.write(stdout === '' ? `${name.padEnd(12)} ${stderr.trim().split('\n').at(-1)}\n` : stdout)
  }
}

function isFormat(name: string | undefined): name is ExportFormat {
  return exportFormats.some((one) => one === name)
}

async function measure(name: ExportFormat, findings: number): Promise<void> {
  const made = resultOf(findings)
  const exporter = await loadExporter(name)
  const before = process.resourceUsage().maxRSS
  const start = performance.now()
  let bytes = 0
  for (const piece of exporter.render(made, { aws: { account: '123456789012', region: 'eu-central-1' } })) {
    bytes += Buffer.byteLength(piece)
  }
  const seconds = (performance.now() - start) / 1_000
  const memory = (process.resourceUsage().maxRSS - before) / 1_024
  const cells = [seconds.toFixed(1).padStart(8), (bytes / 1e6).toFixed(1).padStart(8), memory.toFixed(0).padStart(8)]
  process.stdout.write(`${name.padEnd(12)} ${cells.join(' ')}\n`)
}

function resultOf(count: number) {
  const rules = Array.from({ length: Math.ceil(count / perRule) }, (_, index) =>
    rule({
      id: `rule-${index}`,
      title: `Rule number ${index} holds`,
      severity: 'high',
      each: 'workloads',
      references: [`CIS Kubernetes 1.24 · 5.2.${index}`],
      findings: Array.from({ length: Math.min(perRule, count - index * perRule) }, (_, unit) => findingOf(unit)),
    }),
  )
  const score = { formula: 'x', coverage: 1, answered: count, expected: count }
  const noCounts = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }
  const controls = rules.map(({ id }, index) => ({
    number: `5.2.${index}`,
    subject: id,
    rules: [id],
    state: 'evaluated' as const,
    outcome: 'fail' as const,
    counts: { ...noCounts, fail: perRule },
  }))
  const summary = { controls: count, evaluated: count, manual: 0, notEvaluated: 0, excluded: 0, outcomes: noCounts }
  const benchmark = { key: 'cis-kubernetes', name: 'CIS Kubernetes', version: '1.24', controls, summary, score }
  return { ...result({ rules }), benchmarks: [benchmark] }
}

function findingOf(unit: number): Finding {
  const place = `team-${unit % 50}/Deployment app-${unit}`
  return {
    unit: workloadUnit(`team-${unit % 50}`, 'Deployment', `app-${unit}`, 3),
    outcome: 'fail',
    evidence: [
      {
        message: 'A container may take all memory of its node',
        observed: 'container app: no memory limit',
        expected: 'a memory limit',
        source: `${place}: spec.template.spec.containers[0].resources`,
      },
    ],
    remediation: [
      {
        text: 'Set a limit above the peak that the container was seen to use.',
        language: 'yaml',
        content: 'resources:\n  requests: { memory: 256Mi }\n  limits: { memory: 512Mi }',
      },
    ],
    verify: `kubectl get deployment app-${unit}`,
  }
}
