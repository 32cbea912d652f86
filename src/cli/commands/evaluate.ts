// `evaluate`: a snapshot into a result, as JSON on stdout or in a file.
import { dirname } from 'node:path'
import { jsonPieces } from '../../report/index.ts'
import { evaluateSnapshot } from '../evaluate-snapshot.ts'
import { exitCodes } from '../exit.ts'
import { checkGates } from '../gates.ts'
import { readBaseline, readPast, withPast } from '../history.ts'
import { stopIfAsked } from '../interrupt.ts'
import { loadRules } from '../load-rules.ts'
import { loadWaivers } from '../load-waivers.ts'
import { prepareFolder, writeWhole } from '../output.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

export async function evaluateCommand(
  snapshot: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const settings = await readSettings(flags)
  const catalogue = await loadRules(settings)
  const waivers = await loadWaivers(settings)
  const given = await readBaseline(settings)
  if (flags.output !== undefined) await prepareFolder(dirname(flags.output))
  const evaluated = await evaluateSnapshot(snapshot, catalogue, settings, new Date(), waivers)
  const past = settings.baseline === undefined ? undefined : await readPast(evaluated, settings, given, terminal)
  const result = past === undefined ? evaluated : withPast(evaluated, past, settings.findingsCap ?? 1000)
  stopIfAsked(signal, 'Nothing was written.')
  if (flags.output === undefined) for (const lines of jsonPieces(result)) terminal.print(lines.trimEnd())
  else await writeWhole(flags.output, jsonPieces(result))
  checkGates(result, settings)
  return exitCodes.done
}
