// The file of one cluster's metrics: its name, its lines, and what becomes of it when a run fails.
// May not: read or write it; the command line does.
import { hash } from 'node:crypto'
import { type MetricName, metricHelp } from './metric-names.ts'
import { plainLine } from './text.ts'

/** Other clusters never share it: a name that had to be changed carries a digest of the whole. */
export function metricsFileName(cluster: string): string {
  const safe = cluster.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-')
  const name = safe.replaceAll(/^[-.]+|[-.]+$/g, '').slice(0, 100)
  return `kube-assay-${name === cluster ? name : `${name}-${hash('sha256', cluster).slice(0, 8)}`}.prom`
}

export function metricLine(name: MetricName, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${labelValue(text)}"`)
  return `${name}{${pairs.join(',')}} ${value}\n`
}

function labelValue(text: string): string {
  return plainLine(text, 200, '').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

const runMetrics = ['kube_assay_last_run_timestamp_seconds', 'kube_assay_last_run_success'] as const

/**
 * The metrics after a run that gave no result: those of the last one that did, with the time of this run and success 0. The time of
 * the last success stays what it was. `before` is the file as it is, if there is one.
 */
export function metricsAfterFailure(before: string, cluster: string, at: Date): string {
  const isNew = (line: string) =>
    runMetrics.some(
      (name) => line.startsWith(`${name}{`) || line.startsWith(`# HELP ${name} `) || line.startsWith(`# TYPE ${name} `),
    )
  const kept = before.split('\n').filter((line) => line !== '' && line !== '# EOF' && !isNew(line))
  const values = { kube_assay_last_run_timestamp_seconds: at.getTime() / 1_000, kube_assay_last_run_success: 0 }
  const own = runMetrics.map(
    (name) =>
      `# HELP ${name} ${metricHelp[name]}\n# TYPE ${name} gauge\n${metricLine(name, { cluster }, values[name])}`,
  )
  return `${[...kept, ''].join('\n')}${own.join('')}# EOF\n`.replace(/^\n+/, '')
}

/** The metrics of an unfinished run, with the time of the last success of the file that they replace. */
export function keepLastSuccess(metrics: string, before: string): string {
  const name = 'kube_assay_last_success_timestamp_seconds'
  if (metrics.includes(`\n${name}{`)) return metrics
  const lines = before
    .split('\n')
    .filter(
      (line) => line.startsWith(`${name}{`) || line.startsWith(`# HELP ${name} `) || line.startsWith(`# TYPE ${name} `),
    )
  return lines.length === 0 ? metrics : metrics.replace(/# EOF\n$/, `${lines.join('\n')}\n# EOF\n`)
}
