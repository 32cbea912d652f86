// Rule packs of users, beside the built-in rules: same schema, other authors. What a pack can cost is bounded at every step, and no
// rule of it can take the place of another.
// May not: let a pack change a built-in rule; the configuration does that, and the report shows it.
import { basename, dirname, resolve } from 'node:path'
import { type Fixture, fixtureSchema } from '../model/rule.ts'
import { DeadlineError, withDeadline } from '../util/deadline.ts'
import { type Problem, YamlSource } from '../util/yaml-source.ts'
import type { CompiledRule } from './compile.ts'
import { withRules } from './controls.ts'
import { type Catalogue, CatalogueError, compileFiles, digestOf, type PackIdentity, type SourceFile } from './load.ts'
import { readPackFiles } from './pack-files.ts'

export interface Pack {
  readonly identity: PackIdentity
  readonly rules: readonly CompiledRule[]
  /** Cases by rule id, from its folder test/. */
  readonly fixtures: ReadonlyMap<string, Fixture>
}

/** Parsing, checking and compiling one pack. A pack of hundreds of rules takes under a second. */
const loadMilliseconds = 15_000

/** The catalogue with the rules of packs added. Throws CatalogueError with every problem of every pack. */
export async function addPacks(catalogue: Catalogue, folders: readonly string[]): Promise<Catalogue> {
  const packs = await loadPacks(folders, catalogue)
  const added = packs.flatMap((pack) => pack.rules)
  const rules = [...catalogue.rules, ...added]
  const plans = withRules(
    catalogue.plans,
    added.map(({ rule }) => rule),
  )
  rules.sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1))
  return { ...catalogue, rules, plans, packs: packs.map(({ identity }) => identity) }
}

/** Packs that can be used together: no two of one name, no rule id twice. Throws CatalogueError with every problem of every pack. */
export async function loadPacks(folders: readonly string[], catalogue: Catalogue): Promise<Pack[]> {
  const packs: Pack[] = []
  const problems: Problem[] = []
  const taken = new Map(catalogue.rules.map(({ rule: { id } }) => [id, 'a built-in rule']))
  for (const folder of folders) {
    try {
      const pack = await loadPack(folder, catalogue, taken)
      const twin = packs.find(({ identity }) => identity.name === pack.identity.name)
      if (twin !== undefined) {
        problems.push(problemOf(folder, `there are two packs named ${pack.identity.name}; rename the folder of one`))
      }
      for (const { rule } of pack.rules) taken.set(rule.id, `a rule of the pack ${pack.identity.name}`)
      packs.push(pack)
    } catch (error) {
      if (!(error instanceof CatalogueError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new CatalogueError(problems)
  return packs
}

/** One pack, checked as a whole. `taken`: ids it may not use, with whose they are. Throws CatalogueError. */
async function loadPack(folder: string, catalogue: Catalogue, taken: ReadonlyMap<string, string>): Promise<Pack> {
  const name = basename(resolve(folder))
  const { files, problems: refused } = await readPackFiles(folder)
  try {
    return withDeadline(loadMilliseconds, () => compilePack(name, files, refused, catalogue, taken))
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error
    throw new CatalogueError([problemOf(folder, `checking the pack took longer than ${loadMilliseconds / 1000} s`)])
  }
}

function compilePack(
  name: string,
  files: readonly SourceFile[],
  refused: readonly Problem[],
  catalogue: Catalogue,
  taken: ReadonlyMap<string, string>,
): Pack {
  const problems = [...refused]
  if (!/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name))
    problems.push(problemOf(name, 'the folder of a pack is named in lower case, with digits and hyphens'))
  const isCase = ({ path }: SourceFile) => path.startsWith('test/')
  const ruleFiles = files.filter((file) => !isCase(file))
  for (const { shown } of ruleFiles.filter(({ path }) => path.startsWith('benchmarks/')))
    problems.push(problemOf(shown, 'a pack holds rules only; benchmarks are built in'))
  if (ruleFiles.length === 0) problems.push(problemOf(name, 'holds no rules (<section>/<id>.yaml)'))
  const rules = compileFiles(
    ruleFiles.filter(({ path }) => !path.startsWith('benchmarks/')),
    catalogue.benchmarks,
    taken,
    problems,
  ).map((compiled) => ({ ...compiled, pack: name }))
  const fixtures = readCases(files.filter(isCase), problems)
  if (problems.length > 0) throw new CatalogueError(problems)
  return { identity: { name, digest: digestOf(files), rules: rules.length }, rules, fixtures }
}

function readCases(files: readonly SourceFile[], problems: Problem[]): Map<string, Fixture> {
  const fixtures = new Map<string, Fixture>()
  for (const file of files) {
    const source = new YamlSource(file.shown, file.text, fixtureSchema)
    const named = basename(file.path).replace(/\.ya?ml$/, '')
    if (source.value !== undefined && source.value.rule !== named)
      source.add(['rule'], `the cases are of ${source.value.rule}, but the file is named ${named}`)
    if (source.value !== undefined && dirname(file.path) === 'test')
      source.add([], 'cases lie in test/<section>/<id>.yaml')
    problems.push(...source.problems)
    if (source.value !== undefined) fixtures.set(source.value.rule, source.value)
  }
  return fixtures
}

function problemOf(file: string, message: string): Problem {
  return { file, line: 1, column: 1, message }
}
