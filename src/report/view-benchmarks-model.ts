// The view model's part for benchmarks: every control as words. May not: hold HTML.
import type { Phrase } from './phrase.ts'
import type { Mark } from './words.ts'

export interface BenchmarkView {
  readonly anchor: string
  readonly title: string
  readonly sentence: string
  readonly scoreLine: string
  readonly note: string
  readonly source: Phrase
  readonly hasLevels: boolean
  readonly controls: readonly ControlLine[]
  readonly controlsNote: string
}

export interface ControlLine {
  readonly number: string
  /** "L1", or ''. */
  readonly level: string
  readonly subject: string
  readonly mark: Mark
  /** "3 of 6 nodes" as units: "2 of 6". */
  readonly units: string
  readonly rules: readonly RuleReference[]
  readonly why: string
  /** What else is to be known of the control. */
  readonly note: string
  readonly evidence: readonly RuleReference[]
}

export interface RuleReference {
  readonly id: string
  /** The rule pack that it comes from, in brackets; '' for a built-in rule. */
  readonly from: string
  /** '' where the report has no place for it. */
  readonly anchor: string
  readonly outcome: string
}

export interface BenchmarksSection {
  readonly sentence: string
  readonly benchmarks: readonly BenchmarkView[]
  readonly excluded: readonly { readonly reason: string; readonly rules: string }[]
}

export interface FrameworksSection {
  readonly sentence: string
  readonly frameworks: readonly FrameworkView[]
}

export interface FrameworkView {
  readonly anchor: string
  readonly title: string
  readonly sentence: string
  readonly source: Phrase
  readonly requirements: readonly RequirementLine[]
  readonly note: string
}

export interface RequirementLine {
  readonly id: string
  readonly subject: string
  readonly mark: Mark
  /** How many rules say something about it, by strength. */
  readonly mapped: string
  /** Why none does. */
  readonly why: string
  readonly failing: readonly { readonly id: string; readonly anchor: string; readonly strength: string }[]
  readonly more: string
}
