// Where the installed package keeps its data, whether it runs from src/ or from dist/.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const rulesFolder = join(packageRoot, 'rules')

/** Name and version of this tool, from package.json. */
export function toolIdentity(): { name: string; version: string } {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8')
  return z.object({ name: z.string(), version: z.string() }).parse(JSON.parse(text))
}
