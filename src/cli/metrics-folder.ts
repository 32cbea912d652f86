// Metrics in the folder of node_exporter's textfile collector: written after every run, so that a failed one shows too.
// May not: fail a run that has its result; the caller decides what an error here means.
import { access, constants, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '../model/result.ts'
import { writeWhole } from './output.ts'

/** Another user reads it. */
const readable = 0o644

/** Rejects when the folder is not there or cannot be written: before a run, not after it. */
export async function checkMetricsFolder(folder: string): Promise<void> {
  await access(folder, constants.W_OK)
}

/** Resolves to the path of the file. */
export async function writeMetrics(result: Result, folder: string): Promise<string> {
  const { exporter } = await import('../report/formats/prometheus.ts')
  const { keepLastSuccess } = await import('../report/formats/metrics-file.ts')
  const path = join(folder, exporter.fileName(result))
  const metrics = [...exporter.render(result, {})].join('')
  await writeWhole(path, keepLastSuccess(metrics, await before(path)), readable)
  return path
}

/** Keeps the numbers of the last result; says when this run was, and that it gave none. */
export async function writeFailedRun(cluster: string, folder: string, at: Date): Promise<void> {
  const { metricsAfterFailure, metricsFileName } = await import('../report/formats/metrics-file.ts')
  const path = join(folder, metricsFileName(cluster))
  await writeWhole(path, metricsAfterFailure(await before(path), cluster, at), readable)
}

function before(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
