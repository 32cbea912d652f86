// The view model: everything a report says, as words and counts, in the order it is said. HTML and PDF print the same one.
// May not: hold HTML. Texts from clusters are raw here; makePrintable treats them all on the way to a template.
import type { Result } from '../model/result.ts'
import type { ViewLimits } from './limits.ts'
import type { BenchmarksSection, FrameworksSection } from './view-benchmarks-model.ts'
import type { Mark, MarkKind } from './words.ts'

export interface ViewOptions {
  readonly limits: ViewLimits
  /** Line in the page header, such as CONFIDENTIAL. */
  readonly classification?: string
  /** Name of the JSON beside the report, for "all in …"; default result.json. */
  readonly dataFile?: string
}

/** What every part of the view is made from. */
export interface ViewContext extends Required<Pick<ViewOptions, 'limits' | 'dataFile'>> {
  readonly result: Result
  readonly anchors: ReadonlyMap<string, string>
}

export interface LabelledValue {
  readonly label: string
  readonly value: string
  /** Identifiers and digests, set in the mono face after the value; '' for none. */
  readonly code: string
}

export interface Count extends Mark {
  readonly value: string
}

export interface Cover {
  readonly cluster: string
  readonly lead: string
  readonly rest: string
  /** Null when there is no score. Percent of the bar's width. */
  readonly bar: { readonly solid: number; readonly hatched: number } | null
  readonly scoreCaption: string
  readonly counts: readonly Count[]
  readonly facts: readonly LabelledValue[]
}

export interface Row {
  readonly head: string
  readonly cells: readonly string[]
}

export interface MarkCell {
  readonly kind: MarkKind
  readonly word: string
  /** The mark alone is shown; the word is for those who listen, and in the legend. */
  readonly isQuiet: boolean
}

export interface Coverage {
  readonly sentence: string
  readonly columns: readonly string[]
  readonly nodes: readonly { readonly name: string; readonly detail: string; readonly cells: readonly MarkCell[] }[]
  readonly nodesNote: string
  readonly gaps: readonly { readonly where: string; readonly what: string; readonly why: string }[]
  readonly gapsNote: string
  readonly families: readonly {
    readonly name: string
    readonly count: string
    readonly source: string
    readonly state: Mark
    readonly why: string
  }[]
}

export interface EvidenceGroup {
  readonly units: string
  /** At least one line. */
  readonly first: EvidenceLine
  readonly more: readonly EvidenceLine[]
  readonly rows: number
  readonly note: string
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
}

export interface EvidenceLine {
  readonly message: string
  readonly observed: string
  readonly expected: string
  readonly source: string
}

export interface OpenGroup {
  readonly units: string
  readonly reasons: readonly { readonly what: string; readonly why: string }[]
}

export interface Fix {
  readonly units: string
  readonly isOrdered: boolean
  /** Set when the steps name a node and stand for others too. */
  readonly note: string
  readonly steps: readonly {
    readonly number: number
    readonly text: string
    readonly file: string
    readonly content: string
  }[]
  readonly verify: string
}

export interface Link {
  readonly text: string
  /** http or https only. */
  readonly href: string
}

/** One rule with what was found. */
export interface RuleBlock {
  readonly anchor: string
  readonly mark: Mark
  readonly outcome: string
  readonly severity: string
  readonly ruleId: string
  readonly references: readonly string[]
  readonly title: string
  /** "on 2 of 6 nodes". */
  readonly where: string
  readonly heading: string
  /** What is, in one or two sentences that hold for all units; '' when each line of evidence says its own. */
  readonly found: string
  readonly hasMessages: boolean
  readonly why: string
  readonly about: string
  readonly evidence: readonly EvidenceGroup[]
  readonly evidenceNote: string
  readonly unitColumn: string
  readonly open: readonly OpenGroup[]
  readonly openNote: string
  readonly risk: string
  readonly fixes: readonly Fix[]
  readonly fixesNote: string
  readonly links: readonly Link[]
  readonly filter: RuleFilter
}

export interface RuleFilter {
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  /** False when not every unit is known here: the block is then never hidden by a node or namespace. */
  readonly isComplete: boolean
}

/** One rule on one line. */
export interface RuleLine {
  readonly anchor: string
  readonly mark: Mark
  readonly outcome: string
  readonly severity: string
  readonly severityWord: string
  readonly ruleId: string
  readonly references: string
  readonly title: string
  readonly where: string
  readonly hasBlock: boolean
}

export interface Findings {
  readonly sentence: string
  readonly index: readonly RuleLine[]
  readonly indexNote: string
  readonly groups: readonly { readonly mark: Mark; readonly heading: string; readonly blocks: readonly RuleBlock[] }[]
  readonly blocksNote: string
}

export interface BlockSection {
  readonly sentence: string
  readonly blocks: readonly RuleBlock[]
  readonly note: string
  /** Findings whose outcome is known for some units only. */
  readonly partly: readonly RuleLine[]
}

export interface LineSection {
  readonly sentence: string
  readonly lines: readonly RuleLine[]
  readonly note: string
}

export interface Matrix {
  readonly sentence: string
  readonly columns: readonly string[]
  /** What a lettered column stands for; empty when columns carry names. */
  readonly legend: readonly { readonly letter: string; readonly nodes: string }[]
  readonly columnsNote: string
  readonly rows: readonly {
    readonly anchor: string
    readonly hasBlock: boolean
    readonly title: string
    readonly mark: Mark
    readonly cells: readonly MarkCell[]
  }[]
  readonly rowsNote: string
  readonly marks: readonly Mark[]
}

export interface Method {
  readonly facts: readonly LabelledValue[]
  readonly outcomes: readonly { readonly mark: Mark; readonly text: string }[]
  readonly score: readonly string[]
  readonly access: readonly Row[]
  /** Ways to nodes that fell short, with the reason. */
  readonly tried: readonly Row[]
  readonly digests: readonly LabelledValue[]
}

export interface Summary {
  readonly columns: readonly string[]
  readonly rows: readonly { readonly mark: Mark; readonly cells: readonly string[] }[]
  readonly total: readonly string[]
  readonly pressing: readonly RuleLine[]
}

export interface Filters {
  readonly severities: readonly { readonly value: string; readonly mark: Mark }[]
  readonly outcomes: readonly { readonly value: string; readonly mark: Mark }[]
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  readonly note: string
}

export interface View {
  readonly title: string
  readonly runningHead: string
  readonly classification: string
  readonly reportId: string
  readonly cover: Cover
  readonly summary: Summary
  readonly coverage: Coverage
  readonly findings: Findings
  readonly unknown: BlockSection
  readonly manual: BlockSection
  readonly passed: LineSection
  readonly notApplicable: LineSection
  readonly benchmarks: BenchmarksSection
  readonly frameworks: FrameworksSection
  readonly matrix: Matrix
  readonly method: Method
  readonly filters: Filters
}
