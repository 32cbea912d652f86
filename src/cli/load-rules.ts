// The built-in catalogue.
import { type Catalogue, loadCatalogue } from '../catalog/index.ts'
import { rulesFolder, toolIdentity } from './paths.ts'

/** Loads all built-in rules. `audit` does it before collecting, so that a defect in a rule cannot cost a collection. */
export function loadRules(): Promise<Catalogue> {
  return loadCatalogue(rulesFolder, toolIdentity().version)
}
