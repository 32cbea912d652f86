// The waivers of a run, read and checked before anything is collected.
// May not: drop one that is wrong; a file that cannot be read as a whole ends the run.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { WaiversInput } from '../evaluate/index.ts'
import type { Config } from '../model/config.ts'
import { waiversFileSchema } from '../model/waiver.ts'
import { InputError } from '../util/input-error.ts'
import { type Problem, YamlSource } from '../util/yaml-source.ts'

/** Undefined where the settings say nothing of waivers. Throws InputError with every problem as file:line:column. */
export async function loadWaivers({ waivers: config }: Pick<Config, 'waivers'>): Promise<WaiversInput | undefined> {
  if (config === undefined) return undefined
  const files: WaiversInput['files'] = []
  const waivers: WaiversInput['waivers'][number][] = []
  const problems: Problem[] = []
  const places = new Map<string, string>()
  for (const path of config.files ?? []) {
    const bytes = await readFile(path)
    files.push({ path, sha256: createHash('sha256').update(bytes).digest('hex') })
    const source = new YamlSource(path, bytes.toString('utf8'), waiversFileSchema)
    for (const [index, waiver] of (source.value?.waivers ?? []).entries()) {
      const place = `${path}:${source.lineOf(['waivers', index])}`
      const other = places.get(waiver.id)
      if (other !== undefined) source.add(['waivers', index, 'id'], `${waiver.id} is also the id of ${other}`)
      places.set(waiver.id, place)
      waivers.push({ ...waiver, source: place })
    }
    problems.push(...source.problems)
  }
  if (problems.length > 0)
    throw new InputError(
      problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    )
  return { files, waivers, config }
}
