// The page beside the parts of a split report: every owner with what fails there and the files that say it.
// May not: leave an owner out; this list is where all of them are.
import { severities } from '../../model/outcome.ts'
import type { Result } from '../../model/result.ts'
import { fillTemplate, readAsset } from '../assets.ts'
import { fontsFor } from '../fonts.ts'
import { screenLimits } from '../limits.ts'
import { assemblePage } from '../page.ts'
import type { Part } from '../part-model.ts'
import { countNoun, formatCount, makePrintable } from '../text.ts'
import { severityMarks } from '../words.ts'

/** Bytes of fonts beyond Latin. */
const fontBudget = 500_000

export interface IndexedPart {
  readonly part: Part
  /** File names beside the index, made by us. */
  readonly files: readonly string[]
}

export interface PartIndexOptions {
  readonly classification?: string
  /** "namespace". */
  readonly splitBy: string
}

export function renderPartIndex(result: Result, parts: readonly IndexedPart[], options: PartIndexOptions): string {
  const { classification = '', splitBy } = options
  const used = severities.filter((severity) => parts.some(({ part }) => countOf(part, severity) > 0))
  const view = {
    classification,
    cluster: result.cluster.name,
    splitBy,
    reportId: result.reportId,
    sentence: sentenceOf(result, parts),
    marks: used.map((severity) => severityMarks[severity]),
    rows: parts.map(({ part, files }) => ({
      title: part.title,
      counts: used.map((severity) => zeroAsDash(countOf(part, severity))),
      isCut: part.cut.length > 0,
      files,
    })),
    isCut: parts.some(({ part }) => part.cut.length > 0),
  }
  const body = fillTemplate('parts', makePrintable(view, screenLimits.text))
  return assemblePage({
    title: `Kubernetes cluster audit: ${result.cluster.name}, by ${splitBy}`,
    body,
    style: [
      fontsFor(body, fontBudget).faces,
      readAsset('report.css'),
      readAsset('screen.css'),
      readAsset('print.css'),
    ].join('\n'),
    bodyClass: 'screen',
  })
}

function countOf({ rules }: Part, severity: (typeof severities)[number]): number {
  return rules.filter((rule) => rule.severity === severity).length
}

function sentenceOf({ summary }: Result, parts: readonly IndexedPart[]): string {
  if (parts.length === 0) return 'No rule fails, so there is nothing to hand out.'
  return `${countNoun(summary.rules.fail, 'finding', 'findings')} for ${countNoun(parts.length, 'owner', 'owners')}. A finding stands in the file of each owner that has a part in it.`
}

function zeroAsDash(count: number): string {
  return count === 0 ? '–' : formatCount(count)
}
