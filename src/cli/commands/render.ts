// `render`: reports from a result file.
import { dirname } from 'node:path'
import { appliedFormat, applyReports } from '../apply-reports.ts'
import { exitCodes } from '../exit.ts'
import { prepareFolder } from '../output.ts'
import { parseResult, readResultFile } from '../read-result.ts'
import { createRunFiles } from '../run-files.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { writeReports } from '../write-reports.ts'

export async function render(path: string, flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags)
  const result = parseResult(path, await readResultFile(path), terminal.warn)
  const folder = flags.output ?? dirname(path)
  await prepareFolder(folder)
  const formats = flags.format === undefined ? (['html', 'pdf'] as const) : (settings.formats ?? [])
  const applied = flags.apply === true ? appliedFormat(formats) : undefined
  await writeReports(result, folder, formats, settings, {
    terminal,
    signal,
    files: createRunFiles(),
    onWritten: terminal.print,
  })
  if (applied !== undefined) await applyReports(result, applied, settings, terminal, signal)
  return exitCodes.done
}
