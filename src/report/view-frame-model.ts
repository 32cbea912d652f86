// The view model's parts around the findings: document control, benchmarks side by side, appendices, and the list of chapters. May not: hold HTML.
import type { Gauge } from './view-charts.ts'
import type { LabelledValue, RuleBlock, RuleLine } from './view-rules-model.ts'

export interface Chapter {
  /** Its link target. */
  readonly id: string
  readonly title: string
  /** In the contents. */
  readonly longTitle: string
  /** Name of its template. */
  readonly partial: string
  /** Begins a page; others follow on. */
  readonly startsPage: boolean
  /** The filters of the screen act on it. */
  readonly isFiltered: boolean
  /** The filters stand before it. */
  readonly isFirstFiltered: boolean
  /** Of a chapter that is one owner's. */
  readonly group?: OwnerGroup
}

/** What one owner has to do. */
export interface OwnerGroup {
  readonly id: string
  readonly title: string
  readonly sentence: string
  readonly index: readonly RuleLine[]
  readonly indexNote: string
  readonly blocks: readonly RuleBlock[]
  readonly blocksNote: string
}

export interface DocumentControl {
  readonly facts: readonly LabelledValue[]
  readonly verify: readonly { readonly text: string; readonly command: string }[]
}

/** Benchmarks side by side. */
export interface Overview {
  readonly rowsNote: string
  readonly columns: readonly string[]
  readonly rows: readonly {
    readonly name: string
    readonly anchor: string
    readonly gauge: Gauge | null
    readonly score: string
    readonly cells: readonly string[]
  }[]
}

export interface Appendix {
  readonly inventory: readonly LabelledValue[]
  readonly configuration: readonly LabelledValue[]
  readonly glossary: readonly { readonly term: string; readonly text: string }[]
  readonly evidence: readonly { readonly source: string; readonly rules: string; readonly count: string }[]
  readonly evidenceNote: string
}
