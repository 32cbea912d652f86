// The third stage: a result into files. A PDF that fails takes neither HTML nor JSON with it.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../model/config.ts'
import { isExportFormat } from '../model/report-format.ts'
import type { Result } from '../model/result.ts'
import { loadExporter, renderJson, renderRemediation } from '../report/index.ts'
import { InputError } from '../util/input-error.ts'
import { removeAtExit } from '../util/remove-at-exit.ts'
import { writeWhole } from './output.ts'
import type { ReportRun } from './report-run.ts'
import { type DocumentOptions, writeDocuments } from './write-documents.ts'

type Format = NonNullable<Config['formats']>[number]

/** Writes the formats. Throws ExitError when the PDF could not be made, after the others are written. */
export async function writeReports(
  result: Result,
  folder: string,
  formats: readonly Format[],
  settings: Config,
  run: ReportRun,
): Promise<void> {
  const json = renderJson(result)
  const options: DocumentOptions = {
    ...(settings.classification === undefined ? {} : { classification: settings.classification }),
    ...(settings.paper === undefined ? {} : { paper: settings.paper }),
    ...(settings.splitBy === undefined ? {} : { splitBy: settings.splitBy }),
    resultDigest: createHash('sha256').update(json).digest('hex'),
  }
  if (formats.includes('json')) {
    const path = join(folder, 'result.json')
    await writeWhole(path, json)
    run.onWritten(path)
  }
  if (formats.includes('remediation')) await writeRemediation(result, join(folder, 'remediation'), run)
  const failed = await writeExports(result, folder, formats, settings, run)
  await writeDocuments(result, folder, formats, { options, editions: settings.editions ?? ['auditor'] }, run)
  if (failed !== undefined) throw failed
}

/** One file for each format. One that cannot tell this result takes no other with it; its error comes last. */
async function writeExports(
  result: Result,
  folder: string,
  formats: readonly Format[],
  { aws }: Config,
  { onWritten }: ReportRun,
): Promise<InputError | undefined> {
  const { account, region } = aws ?? {}
  const options = account === undefined || region === undefined ? {} : { aws: { account, region } }
  let failed: InputError | undefined
  for (const format of new Set(formats.filter(isExportFormat))) {
    const exporter = await loadExporter(format)
    const path = join(folder, exporter.fileName(result))
    try {
      await writeWhole(path, exporter.render(result, options))
      onWritten(path)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      failed ??= error
    }
  }
  return failed
}

/** The pack is made beside its place and then put there, so that no script of an earlier one stays in it. */
async function writeRemediation(result: Result, folder: string, { onWritten }: ReportRun): Promise<void> {
  const partial = `${folder}.${randomUUID()}.partial`
  const forget = removeAtExit(partial)
  try {
    for (const { path, content, isScript } of await renderRemediation(result)) {
      const file = join(partial, path)
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, content, { mode: isScript ? 0o700 : 0o600, flag: 'wx' })
    }
    await keepSaved(folder)
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  } finally {
    forget()
  }
  onWritten(join(folder, 'plan.md'))
}

/** A pack that was applied holds pod templates to go back to, and a folder without a plan is not ours: set aside, not removed. */
async function keepSaved(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  const saved = await Array.fromAsync(glob('namespaces/*/saved/*', { cwd: folder }))
  const plan = await readFile(join(folder, 'plan.md'), 'utf8').catch(() => '')
  if (saved.length === 0 && plan.startsWith('# Remediation plan for ')) {
    await rm(folder, { recursive: true })
    return
  }
  const { mtimeMs } = await stat(folder)
  await rename(folder, `${folder}.${Math.trunc(mtimeMs)}`)
}
