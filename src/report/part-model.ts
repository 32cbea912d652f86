// What of a result belongs to one owner. May not: know how owners are told.
import type { RuleResult } from '../model/result.ts'

/** A rule, or what of it belongs to one owner: then its counts are those of the owner's findings alone. */
export type ShownRule = RuleResult & { readonly isPart?: true }

export interface Part {
  /** Of the owner, for a file's name; not safe as one. */
  readonly name: string
  /** "Namespace shop". */
  readonly title: string
  /** Failing rules with this owner's findings only. */
  readonly rules: readonly ShownRule[]
  /** Rules of which the result keeps only the first findings, so that more of this owner may fail. */
  readonly cut: readonly string[]
}
