// Reads the cases under test/rules and makes units of them. A case gives only what matters to it: an observed value that it leaves
// out was not collected.
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expandFixture } from '../../../src/evaluate/fixture-facts.ts'
import { type Fixture, fixtureSchema } from '../../../src/model/rule.ts'
import { YamlSource } from '../../../src/util/yaml-source.ts'

export { type CaseUnits, unitsOfCase } from '../../../src/evaluate/fixture-units.ts'

export const root = join(import.meta.dirname, '..', '..', '..')
export const rulesFolder = join(root, 'rules')
const fixturesFolder = join(root, 'test', 'rules')

export type Case = Fixture['cases'][number]
export interface FixtureFile {
  /** "kubelet/protect-kernel-defaults". */
  readonly path: string
  readonly problems: readonly string[]
  readonly fixture: Fixture | undefined
}

export function readFixtures(): FixtureFile[] {
  const paths = globSync('**/*.yaml', { cwd: fixturesFolder }).sort()
  return paths.map((path) => {
    const source = new YamlSource(`test/rules/${path}`, readFileSync(join(fixturesFolder, path), 'utf8'), fixtureSchema)
    const problems = source.problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`)
    const name = join(dirname(path), basename(path, '.yaml'))
    if (source.value === undefined) return { path: name, problems, fixture: undefined }
    return { path: name, problems, fixture: { ...source.value, cases: expandFixture(source.value) } }
  })
}
