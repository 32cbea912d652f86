// `render`: reports from a result file.
import { dirname } from 'node:path'
import { sealedSuffix } from '../../integrity/index.ts'
import { appliedFormat, applyReports } from '../apply-reports.ts'
import { exitCodes } from '../exit.ts'
import { loadSealer } from '../load-sealer.ts'
import { prepareFolder } from '../output.ts'
import { parseResult, readResultFile } from '../read-result.ts'
import { createRunFiles } from '../run-files.ts'
import { openFileWith } from '../sealed-input.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { writeReports } from '../write-reports.ts'

export async function render(path: string, flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags)
  const files = createRunFiles(await loadSealer(settings))
  const result = parseResult(path, await readResultFile(path, await openFileWith(settings)), terminal.warn)
  if (path.endsWith(sealedSuffix) && files.recipients === undefined)
    terminal.warn('note: the result is encrypted, and what is made of it is not; --encrypt-to would do it.')
  const folder = flags.output ?? dirname(path)
  await prepareFolder(folder)
  const formats = flags.format === undefined ? (['html', 'pdf'] as const) : (settings.formats ?? [])
  const applied = flags.apply === true ? appliedFormat(formats) : undefined
  try {
    await writeReports(result, folder, formats, settings, { terminal, signal, files, onWritten: terminal.print })
  } finally {
    await files.close()
  }
  if (applied !== undefined) await applyReports(result, applied, settings, terminal, signal)
  return exitCodes.done
}
