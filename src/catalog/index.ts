// The catalogue's door: loading, benchmarks, and what evaluate/ runs.
export {
  type BenchmarkChoice,
  benchmarkId,
  referencesOf,
  selectBenchmark,
  selectBenchmarks,
} from './benchmark.ts'
export type { CompiledCheck, CompiledRule, CompiledStep } from './compile.ts'
export type { BenchmarkPlan, PlannedControl } from './controls.ts'
export type { Framework } from './crosswalk.ts'
export type { Attempt } from './expression.ts'
export { factsFor } from './fact-types.ts'
export { distinctMissing, type MissingFact, UnitContext } from './fact-values.ts'
export { type Catalogue, CatalogueError, loadCatalogue } from './load.ts'
export { neededFamilies } from './needs.ts'
export { addPacks, loadPacks } from './pack.ts'
export { visibleText } from './quote.ts'
export { changeRules } from './rule-changes.ts'
export { checkSelection, leftOutRules, type RuleSelection, tagsOf } from './rule-filter.ts'
export type { Template } from './template.ts'
export { loadTranslation } from './translations.ts'
