// `evaluate`: a snapshot into a result, as JSON on stdout or in a file.
import { dirname } from 'node:path'
import { jsonPieces } from '../../report/index.ts'
import { InputError } from '../../util/input-error.ts'
import { evaluateSnapshot } from '../evaluate-snapshot.ts'
import { exitCodes } from '../exit.ts'
import { checkGates } from '../gates.ts'
import { readBaseline, readPast, withPast } from '../history.ts'
import { stopIfAsked } from '../interrupt.ts'
import { loadRules } from '../load-rules.ts'
import { loadSealer } from '../load-sealer.ts'
import { loadWaivers } from '../load-waivers.ts'
import { prepareFolder } from '../output.ts'
import { createRunFiles } from '../run-files.ts'
import { openFileWith } from '../sealed-input.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export async function evaluateCommand(
  snapshot: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = await readSettings(flags)
  const sealer = await loadSealer(settings)
  if (sealer !== undefined && flags.output === undefined)
    throw new InputError('--encrypt-to needs --output: what is printed is not encrypted.')
  const open = await openFileWith(settings)
  const given = await readBaseline(settings, open)
  const catalogue = await loadRules(settings)
  const waivers = await loadWaivers(settings)
  if (flags.output !== undefined) await prepareFolder(dirname(flags.output))
  const evaluated = await evaluateSnapshot(snapshot, catalogue, settings, new Date(), waivers, open)
  const past = settings.baseline === undefined ? undefined : await readPast(evaluated, settings, given, open, terminal)
  const result = past === undefined ? evaluated : withPast(evaluated, past, settings.findingsCap ?? 1000)
  stopIfAsked(signal, 'Nothing was written.')
  if (flags.output === undefined) for (const lines of jsonPieces(result)) terminal.print(lines.trimEnd())
  else await createRunFiles(sealer).write(flags.output, jsonPieces(result))
  checkGates(result, settings)
  return exitCodes.done
}
