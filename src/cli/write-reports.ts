// The third stage: a result into files. A PDF that fails takes neither HTML nor JSON with it.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { loadTranslation } from '../catalog/index.ts'
import type { Config } from '../model/config.ts'
import { isExportFormat } from '../model/report-format.ts'
import type { Result } from '../model/result.ts'
import { jsonPieces, loadExporter, renderRemediation } from '../report/index.ts'
import { InputError } from '../util/input-error.ts'
import { rulesFolder } from './paths.ts'
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
  if (formats.includes('json')) {
    run.onWritten(await run.files.write(join(folder, 'result.json'), hashedPieces(result)))
  }
  const options: DocumentOptions = {
    ...(settings.classification === undefined ? {} : { classification: settings.classification }),
    ...(settings.document === undefined ? {} : { people: settings.document }),
    ...(settings.paper === undefined ? {} : { paper: settings.paper }),
    ...(settings.splitBy === undefined ? {} : { splitBy: settings.splitBy }),
    ...(await languageOptions(settings, formats)),
    ...dataFiles(result, formats, run),
  }
  if (formats.includes('remediation')) await writeRemediation(result, join(folder, 'remediation'), run)
  const failed = await writeExports(result, folder, formats, settings, run)
  await writeDocuments(result, folder, formats, { options, editions: settings.editions ?? ['auditor'] }, run)
  if (failed !== undefined) throw failed
}

/** The files that a document says hold the rest: what this run writes beside it, or what it was made from; and their digest. */
function dataFiles(
  result: Result,
  formats: readonly Format[],
  { resultFile }: ReportRun,
): Pick<DocumentOptions, 'resultDigest' | 'dataFile' | 'findingsFile'> {
  const isWritten = formats.includes('json')
  return {
    dataFile: isWritten ? 'result.json' : (resultFile?.name ?? 'result.json (--format json)'),
    // A digest is of use where its file is.
    resultDigest: isWritten ? resultDigest(result) : (resultFile?.sha256 ?? ''),
    // A reader opens a table sooner than a JSON.
    ...(formats.includes('csv') && { findingsFile: 'findings.csv' }),
  }
}

const digests = new WeakMap<Result, string>()

/** SHA-256 of the result as its file has it; reports and manifest name it. */
export function resultDigest(result: Result): string {
  const known = digests.get(result)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  for (const piece of jsonPieces(result)) hash.update(piece)
  const digest = hash.digest('hex')
  digests.set(result, digest)
  return digest
}

/** The result as its file has it; once all of it was taken, its digest is known without another pass. */
function* hashedPieces(result: Result): Generator<string> {
  const hash = createHash('sha256')
  for (const piece of jsonPieces(result)) {
    hash.update(piece)
    yield piece
  }
  digests.set(result, hash.digest('hex'))
}

/** The language of the documents for people, and what of the rules is translated into it. */
async function languageOptions(
  { lang = 'en' }: Config,
  formats: readonly Format[],
): Promise<Pick<DocumentOptions, 'lang' | 'translation'>> {
  if (lang === 'en' || !(formats.includes('html') || formats.includes('pdf'))) return {}
  return { lang, translation: await loadTranslation(rulesFolder, lang) }
}

/** One file for each format. One that cannot tell this result takes no other with it; its error comes last. */
async function writeExports(
  result: Result,
  folder: string,
  formats: readonly Format[],
  { aws }: Config,
  { files, onWritten }: ReportRun,
): Promise<InputError | undefined> {
  const { account, region } = aws ?? {}
  const options = account === undefined || region === undefined ? {} : { aws: { account, region } }
  let failed: InputError | undefined
  for (const format of new Set(formats.filter(isExportFormat))) {
    const exporter = await loadExporter(format)
    const path = join(folder, exporter.fileName(result))
    try {
      onWritten(await files.write(path, exporter.render(result, options)))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      failed ??= error
    }
  }
  return failed
}

async function writeRemediation(result: Result, folder: string, { files, onWritten }: ReportRun): Promise<void> {
  const pack = await renderRemediation(result)
  const makeWay = () => keepSaved(folder)
  onWritten(await files.writeFolder(folder, { entries: pack, first: 'plan.md', makeWay }))
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
