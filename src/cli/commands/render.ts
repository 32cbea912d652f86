// `render`: reports from a result file.
import { createHash, type Hash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { sealedSuffix } from '../../integrity/index.ts'
import { appliedFormat, applyReports } from '../apply-reports.ts'
import { exitCodes } from '../exit.ts'
import { loadSealer } from '../load-sealer.ts'
import { prepareFolder } from '../output.ts'
import { parseResult, readResultFile } from '../read-result.ts'
import { createRunFiles } from '../run-files.ts'
import { type OpenFile, openFileWith } from '../sealed-input.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { writeReports } from '../write-reports.ts'

export async function render(path: string, flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags)
  const files = createRunFiles(await loadSealer(settings))
  const digest = createHash('sha256')
  const open = hashing(await openFileWith(settings), digest)
  const result = parseResult(path, await readResultFile(path, open), terminal.warn)
  if (path.endsWith(sealedSuffix) && files.recipients === undefined)
    terminal.warn('note: the result is encrypted, and what is made of it is not; --encrypt-to would do it.')
  const folder = flags.output ?? dirname(path)
  await prepareFolder(folder)
  const formats = flags.format === undefined ? (['html', 'pdf'] as const) : (settings.formats ?? [])
  const applied = flags.apply === true ? appliedFormat(formats) : undefined
  try {
    const resultFile = { name: basename(path, sealedSuffix), sha256: digest.digest('hex') }
    const run = { terminal, signal, files, resultFile, onWritten: terminal.print }
    await writeReports(result, folder, formats, settings, run)
  } finally {
    await files.close()
  }
  if (applied !== undefined) await applyReports(result, applied, settings, terminal, signal)
  return exitCodes.done
}

function hashing(open: OpenFile, hash: Hash): OpenFile {
  return async function* (path) {
    for await (const chunk of open(path)) {
      hash.update(chunk)
      yield chunk
    }
  }
}
