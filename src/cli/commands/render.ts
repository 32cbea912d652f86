// `render`: reports from a result file.
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { resultSchema, resultSchemaVersion } from '../../model/result.ts'
import { InputError } from '../../util/input-error.ts'
import { appliedFormat, applyReports } from '../apply-reports.ts'
import { exitCodes } from '../exit.ts'
import { prepareFolder } from '../output.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { writeReports } from '../write-reports.ts'

export async function render(path: string, flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags)
  const result = parseResult(path, await readFile(path, 'utf8'))
  const folder = flags.output ?? dirname(path)
  await prepareFolder(folder)
  const formats = flags.format === undefined ? (['html', 'pdf'] as const) : (settings.formats ?? [])
  const applied = flags.apply === true ? appliedFormat(formats) : undefined
  await writeReports(result, folder, formats, settings, { terminal, signal, onWritten: terminal.print })
  if (applied !== undefined) await applyReports(result, applied, settings, terminal, signal)
  return exitCodes.done
}

function parseResult(path: string, text: string) {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InputError(`${path} is not JSON. Give the result.json that kube-assay evaluate or audit wrote.`)
  }
  const version =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? String(value.schemaVersion) : undefined
  if (version !== undefined && version.split('.')[0] !== resultSchemaVersion.split('.')[0]) {
    throw new InputError(
      `${path} has result format ${version}; this kube-assay reads ${resultSchemaVersion}. Evaluate the snapshot again.`,
    )
  }
  const parsed = resultSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new InputError(
    `${path} is not a result of kube-assay: ${issue?.path.join('.') || 'top level'}: ${issue?.message}.`,
  )
}
