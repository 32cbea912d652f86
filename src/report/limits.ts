// How much of a result one document shows. Whatever is left out is said beside the list, with the place that has all of it.
// May not: change what is counted; totals come from the result.
import type { Edition } from '../model/split.ts'
import type { TextLimits } from './text.ts'

export interface ViewLimits {
  /** Rules with a block of their own in a section; further ones are in the index only. */
  readonly blocks: number
  /** Lines of an index or of a plain list of rules. */
  readonly indexRows: number
  /** Groups of units with the same evidence, per finding. */
  readonly evidenceGroups: number
  /** Lines of evidence within one group. */
  readonly evidenceLines: number
  /** Groups of units with the same fix, per finding. */
  readonly fixes: number
  /** Names spelled out before "and 4,307 more". */
  readonly names: number
  /** Units of one group of evidence up to which all are named; of more, the first `names`. */
  readonly allNames: number
  /** Rows of the node × fact table; above it, nodes that look the same share a row. */
  readonly nodeRows: number
  /** Columns of the node × fact table up to which cells say the reason; above it only the mark, and the list below says why. */
  readonly wordColumns: number
  /** Columns of the rule × node table; above it, nodes that look the same share a column. */
  readonly nodeColumns: number
  /** Sections of the catalogue on the page for who decides; the others are listed with their numbers. */
  readonly sections: number
  /** Nodes with a place of their own; those with findings or differences first. */
  readonly nodePages: number
  /** Places that evidence was read from. */
  readonly evidenceRows: number
  /** Audits in the table under the trend's charts, the newest; the charts show all. */
  readonly trendRows: number
  /** Findings in the list of what changed since an earlier audit. */
  readonly changeRows: number
  /** Rules by which the score gains most. */
  readonly moverRows: number
  /** Accepted risks. */
  readonly waiverRows: number
  /** Benchmarks side by side. */
  readonly overviewRows: number
  /** Entries of the node and namespace filters. */
  readonly filterEntries: number
  /** Names per finding that the filters can match; beyond it the finding always stays visible. */
  readonly filterNames: number
  /** A title, name or reason in a list that must stay short. */
  readonly phrase: TextLimits
  readonly text: TextLimits
}

/** Paper shows the first fixes as examples of how; scripts are copied from the HTML or the JSON, not typed from a page. */
export const paperLimits: ViewLimits = {
  blocks: 120,
  indexRows: 300,
  evidenceGroups: 24,
  evidenceLines: 12,
  fixes: 1,
  names: 3,
  allNames: 24,
  nodeRows: 40,
  wordColumns: 10,
  nodeColumns: 10,
  sections: 11,
  nodePages: 30,
  evidenceRows: 60,
  trendRows: 10,
  changeRows: 40,
  moverRows: 8,
  waiverRows: 300,
  overviewRows: 60,
  filterEntries: 0,
  filterNames: 0,
  phrase: { characters: 2_000, lines: 60 },
  text: { characters: 2_000, lines: 60 },
}

export const screenLimits: ViewLimits = {
  blocks: 600,
  indexRows: 2_000,
  evidenceGroups: 60,
  evidenceLines: 40,
  fixes: 12,
  names: 6,
  allNames: 24,
  nodeRows: 150,
  wordColumns: 40,
  nodeColumns: 16,
  sections: 100,
  nodePages: 150,
  evidenceRows: 600,
  trendRows: 100,
  changeRows: 400,
  moverRows: 8,
  waiverRows: 2_000,
  overviewRows: 60,
  filterEntries: 400,
  filterNames: 400,
  phrase: { characters: 6_000, lines: 200 },
  text: { characters: 6_000, lines: 200 },
}

/** Pages that the edition for who decides may have. */
export const executivePages = 5

/** For who decides, from what usually fits to what fits whatever the result holds; the document is set again until it has few pages enough. */
const executiveSteps: readonly Partial<ViewLimits>[] = [
  { indexRows: 24, moverRows: 4, trendRows: 4, waiverRows: 6, overviewRows: 8, phrase: { characters: 240, lines: 3 } },
  { indexRows: 14, moverRows: 3, trendRows: 3, waiverRows: 3, overviewRows: 5, phrase: { characters: 160, lines: 2 } },
  {
    indexRows: 7,
    moverRows: 2,
    trendRows: 2,
    waiverRows: 2,
    overviewRows: 3,
    sections: 8,
    phrase: { characters: 100, lines: 1 },
    text: { characters: 400, lines: 3 },
  },
  {
    indexRows: 3,
    moverRows: 1,
    trendRows: 2,
    waiverRows: 1,
    overviewRows: 1,
    sections: 4,
    names: 1,
    nodeRows: 1,
    phrase: { characters: 60, lines: 1 },
    // No sentence of ours is longer.
    text: { characters: 270, lines: 2 },
  },
  {
    indexRows: 1,
    moverRows: 0,
    trendRows: 1,
    waiverRows: 0,
    overviewRows: 1,
    sections: 0,
    names: 1,
    nodeRows: 1,
    phrase: { characters: 24, lines: 1 },
    text: { characters: 270, lines: 2 },
  },
]
export const executiveTightest = executiveSteps.length - 1

/** A few pages for who decides; more of the fixes where fixes are what the document is for. `tightness` counts from 0. */
export function editionLimits(edition: Edition, tightness = 0): Partial<ViewLimits> {
  switch (edition) {
    case 'auditor':
      return {}
    case 'executive':
      return {
        nodeRows: 6 - tightness,
        blocks: 0,
        changeRows: 0,
        ...executiveSteps[Math.min(tightness, executiveTightest)],
      }
    case 'remediation':
      return { fixes: 8, blocks: 300 }
  }
}

/** Findings in the result above which a file that people open in a browser shows fewer of each rule. */
const manyFindings = 20_000

/** Findings above which paper shows fewer lines of each rule: nobody turns a thousand pages. */
const findingsForPaper = 5_000

export function paperLimitsFor(findings: number): ViewLimits {
  return findings <= findingsForPaper ? paperLimits : { ...paperLimits, evidenceGroups: 6, evidenceLines: 8 }
}

/** So that a browser opens the file at once whatever it is of; the notes beside the lists say what is left out. */
export function screenLimitsFor(findings: number): ViewLimits {
  return findings <= manyFindings
    ? screenLimits
    : { ...screenLimits, evidenceGroups: 20, evidenceLines: 12, fixes: 4, filterNames: 200 }
}
