// `probe --print`: exactly what a node's shell is sent, so that its owner can read it first.
import { createNonce, renderProbe } from '../../collect/probe/script.ts'
import { exitCodes } from '../exit.ts'
import type { Terminal } from '../terminal.ts'

export async function printProbe(terminal: Terminal): Promise<number> {
  terminal.print(renderProbe(createNonce()).trimEnd())
  return exitCodes.done
}
