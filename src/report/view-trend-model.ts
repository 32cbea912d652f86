// The view model's part for earlier audits: their scores, what failed in them, and what changed. May not: hold HTML.

import type { Phrase } from './phrase.ts'
import type { ColumnPart, PlotPoint, Segment } from './view-charts.ts'
import type { Mark } from './words.ts'

/** Score with its bounds, and coverage. */
export interface ScorePlot {
  /** What the picture shows, for those who listen. */
  readonly label: string
  /** Values at the axis, from above. */
  readonly axis: readonly string[]
  readonly points: readonly (PlotPoint & {
    /** From the upper bound down to the lower one. */
    readonly top: number
    readonly height: number
    readonly isComparable: boolean
  })[]
  readonly lines: readonly Segment[]
  readonly coverage: readonly Segment[]
}

/** Failing rules by severity, and those that could not be answered. */
export interface CountPlot {
  readonly label: string
  readonly axis: readonly string[]
  readonly columns: readonly ColumnPart[]
  readonly marks: readonly Mark[]
}

export interface TrendSection {
  readonly sentence: string
  /** Why some audits stand beside this one and not on its line; '' where all do. */
  readonly comparability: string
  /** Null where there is no earlier audit: one point is no line. */
  readonly score: ScorePlot | null
  readonly counts: CountPlot | null
  /** Days of the first and the last audit. */
  readonly from: string
  readonly to: string
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly time: string
    readonly reportId: string
    readonly score: string
    readonly cells: readonly string[]
    /** "this audit", "the same questions", "other benchmarks". */
    readonly comparable: string
  }[]
  readonly rowsNote: string
  /** What changed since the audit that this one was held against; '' where it was held against none. */
  readonly changesSentence: Phrase
  readonly changes: readonly {
    readonly change: string
    readonly mark: Mark
    readonly title: string
    readonly titleLang: string
    /** '' where the rule has no place in this document. */
    readonly anchor: string
    readonly unit: string
    readonly why: string
  }[]
  readonly changesNote: string
}
