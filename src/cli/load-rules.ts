// The built-in catalogue.
import { type Catalogue, checkSelection, leftOutRules, loadCatalogue, selectBenchmarks } from '../catalog/index.ts'
import type { Config } from '../model/config.ts'
import { unavailable } from '../model/fact.ts'
import { rulesFolder, toolIdentity } from './paths.ts'

/**
 * Loads all built-in rules, and checks that the benchmarks and rules asked for exist. `audit` does it before collecting, so that
 * neither a defect in a rule nor a mistyped name can cost a collection.
 */
export async function loadRules(settings: SelectionSettings = {}): Promise<Catalogue> {
  const catalogue = await loadCatalogue(rulesFolder, toolIdentity().version)
  const nothing = unavailable('not-collected', 'Nothing was read yet.')
  const choices = selectBenchmarks(catalogue, benchmarksAsked(settings), { version: nothing })
  // Which numbers `auto` brings is only known with the cluster.
  if (benchmarksAsked(settings).includes('auto')) checkSelection(catalogue, settings)
  else leftOutRules(catalogue, choices, settings)
  return catalogue
}

export type SelectionSettings = Pick<Config, 'benchmark' | 'level' | 'include' | 'exclude' | 'tags'>

export function benchmarksAsked({ benchmark = 'auto' }: SelectionSettings): readonly string[] {
  return typeof benchmark === 'string' ? [benchmark] : benchmark
}
