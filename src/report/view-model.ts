// The view model: everything a report says, as words and counts, in the order it is said. HTML and PDF print the same one.
// May not: hold HTML. Texts from clusters are raw here; makePrintable treats them all on the way to a template.

import type { LanguageCode } from '../model/language.ts'
import type { Result } from '../model/result.ts'
import type { Edition } from '../model/split.ts'
import type { Translation } from '../model/translation.ts'
import type { Language } from './lang/language.ts'
import type { ViewLimits } from './limits.ts'
import type { Part } from './part-model.ts'
import type { Phrase } from './phrase.ts'
import type { RuleTexts } from './rule-texts.ts'
import type { BenchmarksSection, FrameworksSection } from './view-benchmarks-model.ts'
import type { Gauge } from './view-charts.ts'
import type { Appendix, Chapter, DocumentControl, Overview } from './view-frame-model.ts'
import type { NodesSection } from './view-nodes-model.ts'
import type { LabelledValue, RuleBlock, RuleLine } from './view-rules-model.ts'
import type { Summary } from './view-summary-model.ts'
import type { TrendSection } from './view-trend-model.ts'
import type { WaiversSection } from './view-waivers-model.ts'
import type { Mark, MarkKind } from './words.ts'

export type {
  EvidenceGroup,
  EvidenceLine,
  EvidenceTable,
  Fix,
  LabelledValue,
  Link,
  OpenGroup,
  RuleBlock,
  RuleLine,
} from './view-rules-model.ts'

/** Who made the report, for whom, and who gets it. */
export interface People {
  readonly preparedBy?: string | undefined
  readonly preparedFor?: string | undefined
  readonly distribution?: readonly string[] | undefined
}

export interface ViewOptions {
  readonly limits: ViewLimits
  /** Of the words around what was found; default English. */
  readonly lang?: LanguageCode
  /** Of the rules, into that language. */
  readonly translation?: Translation
  /** Line in the page header, such as CONFIDENTIAL. */
  readonly classification?: string
  /** For document control. */
  readonly people?: People
  /** Name of the JSON beside the report, for "all in …"; default result.json. */
  readonly dataFile?: string
  /** Where people find all findings, such as findings.csv; default the JSON. */
  readonly findingsFile?: string
  /** For whom: auditor (everything, the default), executive (a few pages) or remediation (what fails). */
  readonly edition?: Edition
  /** By whom the edition for remediation is grouped; default namespace. */
  readonly splitBy?: string
  /** The document is this owner's alone. */
  readonly part?: Part
  /** How much less than usual the edition for who decides shows, so that it fits its pages; default 0. */
  readonly tightness?: number
  /** SHA-256 of the JSON beside the report, hex; left out where there is none. */
  readonly resultDigest?: string
}

/** What every part of the view is made from. */
export interface ViewContext extends Required<Pick<ViewOptions, 'limits' | 'dataFile' | 'findingsFile'>> {
  readonly result: Result
  readonly lang: Language
  readonly texts: RuleTexts
  readonly anchors: ReadonlyMap<string, string>
}

export interface Count extends Mark {
  readonly value: string
}

export interface Cover {
  readonly cluster: string
  readonly isLong: boolean
  readonly lead: string
  readonly rest: string
  /** Null when there is no score. Percent of the bar's width. */
  readonly bar: Gauge | null
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
  /** Many columns: their heads stand upright. */
  readonly isDense: boolean
  readonly nodes: readonly { readonly name: string; readonly detail: string; readonly cells: readonly MarkCell[] }[]
  readonly nodesNote: string
  readonly gaps: readonly { readonly where: string; readonly what: string; readonly why: Phrase }[]
  readonly gapsNote: string
  readonly families: readonly {
    readonly name: string
    readonly count: string
    readonly source: string
    readonly state: Mark
    readonly why: Phrase
  }[]
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
  /** The same by what kept it from being told, for paper; empty where rules need a person. */
  readonly causes: readonly OpenCause[]
  /** Findings whose outcome is known for some units only. */
  readonly partly: readonly RuleLine[]
  readonly partlyNote: string
}

/** What could not be told of the same units for the same reason. */
export interface OpenCause {
  readonly units: string
  readonly why: Phrase
  readonly rules: readonly {
    readonly mark: Mark
    readonly title: string
    readonly titleLang: string
    readonly ruleId: string
    /** Set on its first row. */
    readonly anchor: string
    readonly what: Phrase
    /** How many of its units are listed, on its first row; '' for all. */
    readonly note: string
  }[]
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
    readonly titleLang: string
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
  /** How much of the rules' texts is in the report's language; '' in English. */
  readonly language: string
  readonly access: readonly Row[]
  readonly accessNote: string
  /** Ways to nodes that fell short, with the reason. */
  readonly tried: readonly { readonly nodes: string; readonly way: string; readonly why: Phrase }[]
  readonly triedNote: string
}

export interface Filters {
  /** What the script says, by what it says it of. */
  readonly words: Readonly<Record<string, string | readonly string[]>>
  readonly severities: readonly { readonly value: string; readonly mark: Mark }[]
  readonly outcomes: readonly { readonly value: string; readonly mark: Mark }[]
  readonly benchmarks: readonly string[]
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  /** By label of workload, node or namespace; empty when nothing carries one. */
  readonly teams: readonly string[]
  readonly note: string
}

export interface View {
  readonly title: string
  readonly runningHead: string
  readonly classification: string
  readonly reportId: string
  /** In the order of the document. */
  readonly chapters: readonly Chapter[]
  /** A document of a few pages has none. */
  readonly hasContents: boolean
  readonly cover: Cover
  readonly control: DocumentControl
  readonly summary: Summary
  readonly coverage: Coverage
  readonly trend: TrendSection
  readonly findings: Findings
  readonly unknown: BlockSection
  readonly manual: BlockSection
  readonly passed: LineSection
  readonly notApplicable: LineSection
  readonly overview: Overview
  readonly benchmarks: BenchmarksSection
  readonly frameworks: FrameworksSection
  readonly waivers: WaiversSection
  readonly nodes: NodesSection
  readonly matrix: Matrix
  readonly method: Method
  readonly appendix: Appendix
  readonly filters: Filters
  /** How much of the result is in this document: "1,200 of 100,000 findings are shown with their evidence, …". */
  readonly bounds: string
}
