// `probe --print`: exactly what a way sends to a node, so that its owner can read it first.
import { createNonce, renderForcedCommand, renderProbe } from '../../collect/probe/script.ts'
import { exitCodes } from '../exit.ts'
import { type Flags, readSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** `forced-command`: as a file for the node, for a login that may run nothing else. */
export type PrintedWay = 'ssh' | 'pod' | 'local' | 'forced-command'

export async function printProbe(way: PrintedWay, flags: Flags, terminal: Terminal): Promise<number> {
  const settings = await readSettings(flags)
  const script = renderProbe(createNonce())
  switch (way) {
    case 'ssh':
      terminal.print(script.trimEnd())
      return exitCodes.done
    case 'local': {
      const { localScript } = await import('../../transport/local.ts')
      terminal.print(localScript(script, settings.local?.hostRoot).trimEnd())
      return exitCodes.done
    }
    case 'pod': {
      const [{ stringify }, { podObjects }] = await Promise.all([import('yaml'), import('../../transport/pod.ts')])
      const documents = podObjects(settings.pod ?? {}, script).map((object) => stringify(object, { lineWidth: 0 }))
      terminal.print(documents.join('---\n').trimEnd())
      return exitCodes.done
    }
    case 'forced-command':
      terminal.print(renderForcedCommand().trimEnd())
      return exitCodes.done
    default:
      return way satisfies never
  }
}
