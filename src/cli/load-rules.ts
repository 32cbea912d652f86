// The built-in catalogue.
import { type Catalogue, loadCatalogue, selectBenchmark } from '../catalog/index.ts'
import type { Config } from '../model/config.ts'
import { unavailable } from '../model/fact.ts'
import { rulesFolder, toolIdentity } from './paths.ts'

/**
 * Loads all built-in rules, and checks that the benchmark asked for is one. `audit` does it before collecting, so that neither
 * a defect in a rule nor a mistyped version can cost a collection.
 */
export async function loadRules({ benchmark = 'auto' }: Pick<Config, 'benchmark'> = {}): Promise<Catalogue> {
  const catalogue = await loadCatalogue(rulesFolder, toolIdentity().version)
  selectBenchmark(catalogue, benchmark, unavailable('not-collected', 'Nothing was read yet.'))
  return catalogue
}
