// The view model's part for the one page that a manager reads. May not: hold HTML.

import type { Phrase } from './phrase.ts'
import type { Arc, BarPart, Gauge } from './view-charts.ts'
import type { RuleLine } from './view-rules-model.ts'
import type { Mark } from './words.ts'

/** A rule by whose repair the score rises. */
export interface Mover {
  /** "+1.30". */
  readonly points: string
  /** Its severity. */
  readonly mark: Mark
  readonly title: string
  readonly titleLang: string
  /** '' where nothing in this document is about it alone. */
  readonly anchor: string
  /** "Finding on 2 of 6 nodes"; '' where it fails nowhere. */
  readonly found: string
  /** Null where all of it was assessed. */
  readonly open: Mark | null
  /** "for 2 of 6 nodes"; '' for the cluster as a whole. */
  readonly openWhere: string
}

export interface Summary {
  readonly lead: string
  readonly rest: string
  readonly gauge: Gauge | null
  readonly scoreCaption: string
  /** What the two ends of the gauge mean; '' where there is no score. */
  readonly interval: string
  /** Most points first; empty for results of older versions. */
  readonly movers: readonly Mover[]
  readonly moversNote: string
  /** "141 of 182 rules assessed", "98.9 % of the answers rest on evidence". */
  readonly basis: readonly string[]
  /** Rules by outcome: the ring and the table of its numbers. */
  readonly ring: readonly Arc[]
  readonly outcomes: readonly { readonly mark: Mark; readonly count: string; readonly share: string }[]
  /** Rules by severity and outcome. */
  readonly columns: readonly string[]
  readonly rows: readonly { readonly mark: Mark; readonly cells: readonly string[] }[]
  readonly total: readonly string[]
  /** Rules by section of the catalogue, with a bar of what fails and what is not known; empty for results of older versions. */
  readonly sections: readonly {
    readonly name: string
    readonly bar: readonly BarPart[]
    readonly cells: readonly string[]
  }[]
  readonly sectionColumns: readonly string[]
  /** Sections without a bar. */
  readonly sectionNote: string
  readonly sectionMarks: readonly Mark[]
  /** What changed since the audit that this one was held against; '' where it was held against none. */
  readonly changes: Phrase
  /** Accepted risks that end soon: "cni", "Ends on 2026-12-03, in 13 days.", "3 findings, owner Platform". */
  readonly ending: readonly { readonly id: string; readonly when: string; readonly covers: string }[]
  /** '' where no risk was accepted. */
  readonly endingNote: string
  readonly pressing: readonly (RuleLine & { readonly why: string; readonly whyLang: string })[]
}
