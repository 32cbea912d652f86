// Where the installed package keeps its data, whether it runs from src/ or from dist/.
// May not: load a library; every start of the command line passes here.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const rulesFolder = join(packageRoot, 'rules')

/** Name and version of this tool, from package.json. */
export function toolIdentity(): { name: string; version: string } {
  const content: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  if (typeof content === 'object' && content !== null && 'name' in content && 'version' in content) {
    return { name: String(content.name), version: String(content.version) }
  }
  throw new Error(`${packageRoot}/package.json names no version: the installation is damaged.`)
}
