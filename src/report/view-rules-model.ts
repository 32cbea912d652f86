// The view model's part for rules: one with its evidence and fixes, or on one line. May not: hold HTML.
import type { Phrase } from './phrase.ts'
import type { Mark } from './words.ts'

export interface LabelledValue {
  readonly label: string
  readonly value: string
  /** Identifiers and digests, set in the mono face after the value; '' for none. */
  readonly code: string
  /** Of a value that is English in a report of another language. */
  readonly lang?: 'en'
}

/** Lines that want the same, or few lines that each say what they want. */
export interface EvidenceTable {
  /** At least one. */
  readonly groups: readonly EvidenceGroup[]
  readonly unitColumn: string
  /** All names stand above their lines: there is no column for them. */
  readonly unitsAbove: boolean
  readonly columns: number
  /** Lines under their units' names begin in the column of the names, because each says what it wants too. */
  readonly span: boolean
  /** What every line wants; '' where each says its own. */
  readonly wanted: string
  /** Where every line was read from; '' where each says its own, or there is only one. */
  readonly from: string
}

export interface EvidenceGroup {
  readonly units: string
  /** Names too long for a column: they stand above their lines. */
  readonly isAbove: boolean
  /** At least one line. */
  readonly first: EvidenceLine
  readonly more: readonly EvidenceLine[]
  readonly rows: number
  readonly note: string
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  readonly teams: readonly string[]
  /** Ids of its units, by which a link finds them. */
  readonly anchors: readonly string[]
  /** The first of them; '' for none. */
  readonly link: string
}

export interface EvidenceLine {
  readonly message: string
  readonly observed: string
  readonly expected: string
  readonly source: string
}

export interface OpenGroup {
  readonly units: string
  readonly reasons: readonly { readonly what: Phrase; readonly why: Phrase }[]
}

export interface Fix {
  readonly units: string
  /** Too many names for a label: they have a line of their own. */
  readonly isForMany: boolean
  readonly isOrdered: boolean
  /** Set when the steps name a node and stand for others too. */
  readonly note: string
  readonly steps: readonly {
    readonly number: number
    readonly text: Phrase
    readonly file: string
    readonly content: string
    /** High and narrow, so that on paper it stands beside the text. */
    readonly isBeside: boolean
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
  /** Language of the title where it is not the report's, else ''; so for the texts below. */
  readonly titleLang: string
  /** "on 2 of 6 nodes". */
  readonly where: string
  readonly heading: string
  /** What is, in one or two sentences that hold for all units; '' when each line of evidence says its own. */
  readonly found: string
  readonly hasMessages: boolean
  readonly why: string
  readonly whyLang: string
  readonly about: string
  readonly aboutLang: string
  readonly evidence: readonly EvidenceTable[]
  readonly evidenceNote: string
  /** When the evidence was read; '' where that is not known. */
  readonly readAt: string
  /** Findings that stand in its evidence, in groups of the same. */
  readonly shownFindings: number
  readonly unitColumn: string
  readonly open: readonly OpenGroup[]
  readonly openNote: string
  readonly risk: string
  readonly riskLang: string
  readonly fixes: readonly Fix[]
  readonly fixesNote: string
  readonly links: readonly Link[]
  readonly filter: RuleFilter
}

export interface RuleFilter {
  readonly benchmarks: readonly string[]
  readonly nodes: readonly string[]
  readonly namespaces: readonly string[]
  readonly teams: readonly string[]
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
  readonly titleLang: string
  readonly where: string
  readonly hasBlock: boolean
  readonly benchmarks: readonly string[]
}
