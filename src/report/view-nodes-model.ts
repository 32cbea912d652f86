// The view model's part for nodes as such. May not: hold HTML.
import type { Mark, MarkKind } from './words.ts'

export interface HeatCell {
  readonly kind: MarkKind
  /** "2 findings, high at worst". */
  readonly word: string
  /** Failing rules; '' where none fails. */
  readonly count: string
}

export interface NodesSection {
  readonly sentence: string
  readonly heat: {
    readonly columns: readonly string[]
    readonly isDense: boolean
    readonly rows: readonly { readonly name: string; readonly detail: string; readonly cells: readonly HeatCell[] }[]
    readonly marks: readonly Mark[]
    readonly note: string
  }
  readonly pools: readonly Pool[]
  readonly pages: readonly NodePage[]
  readonly pagesNote: string
}

export interface Pool {
  readonly title: string
  readonly sentence: string
  /** Settings in which its nodes are not alike. */
  readonly rows: readonly { readonly setting: string; readonly usual: string; readonly others: readonly Other[] }[]
}

export interface Other {
  readonly value: string
  readonly nodes: string
}

export interface NodePage {
  readonly anchor: string
  readonly name: string
  /** "control-plane · Ubuntu 24.04.3 LTS · 6.8.0-87-generic". */
  readonly line: string
  readonly access: string
  readonly missing: string
  readonly differences: readonly { readonly setting: string; readonly value: string; readonly usual: string }[]
  readonly findings: readonly {
    readonly mark: Mark
    readonly title: string
    readonly titleLang: string
    readonly anchor: string
    readonly hasBlock: boolean
  }[]
  readonly findingsNote: string
}
