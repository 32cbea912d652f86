// The catalogue of a run: built-in rules, rule packs, and what the configuration changes of them.
import {
  addPacks,
  type Catalogue,
  changeRules,
  checkSelection,
  leftOutRules,
  loadCatalogue,
  selectBenchmarks,
} from '../catalog/index.ts'
import type { Config } from '../model/config.ts'
import { unavailable } from '../model/fact.ts'
import { nearest } from '../util/did-you-mean.ts'
import { InputError } from '../util/input-error.ts'
import { rulesFolder, toolIdentity } from './paths.ts'

/**
 * Loads all built-in rules, and checks that the benchmarks and rules asked for exist. `audit` does it before collecting, so that
 * neither a defect in a rule nor a mistyped name can cost a collection.
 */
export async function loadRules(settings: SelectionSettings & PackSettings = {}): Promise<RuleSet> {
  const builtIn = await loadCatalogue(rulesFolder, toolIdentity().version)
  const { rulePacks = [], rules = {} } = settings
  const { catalogue, off } = changeRules(rulePacks.length === 0 ? builtIn : await addPacks(builtIn, rulePacks), rules)
  const nothing = unavailable('not-collected', 'Nothing was read yet.')
  const choices = selectBenchmarks(catalogue, benchmarksAsked(settings), { version: nothing })
  frameworksAsked(catalogue, settings)
  // Which numbers `auto` brings is only known with the cluster.
  if (benchmarksAsked(settings).includes('auto')) checkSelection(catalogue, settings)
  else leftOutRules(catalogue, choices, settings)
  return { ...catalogue, off }
}

/** The catalogue of a run, and what the configuration switched off in it. */
export interface RuleSet extends Catalogue {
  readonly off: ReadonlyMap<string, string>
}

type PackSettings = Pick<Config, 'rulePacks' | 'rules'>

export type SelectionSettings = Pick<Config, 'benchmark' | 'frameworks' | 'level' | 'include' | 'exclude' | 'tags'>

export function benchmarksAsked({ benchmark = 'auto' }: SelectionSettings): readonly string[] {
  return typeof benchmark === 'string' ? [benchmark] : benchmark
}

/** Keys of the frameworks asked for. Throws InputError for one that does not exist. */
export function frameworksAsked(
  { frameworks }: Pick<Catalogue, 'frameworks'>,
  { frameworks: asked = [] }: SelectionSettings,
): string[] {
  const known = [...frameworks.keys()]
  for (const key of asked) {
    if (key === 'all' || frameworks.has(key)) continue
    throw new InputError(`There is no framework ${key}${nearest(key, known)}; known are ${known.join(', ')}, or all.`)
  }
  return asked.includes('all') ? known : known.filter((key) => asked.includes(key))
}
