// The page beside the parts of a split report: every owner with what fails there and the files that say it.
// May not: leave an owner out; this list is where all of them are.

import type { LanguageCode } from '../../model/language.ts'
import { severities } from '../../model/outcome.ts'
import type { Result } from '../../model/result.ts'
import { fillTemplate, readAsset } from '../assets.ts'
import { fontsFor } from '../fonts.ts'
import { type Language, languageOf } from '../lang/language.ts'
import { screenLimits } from '../limits.ts'
import { assemblePage } from '../page.ts'
import type { Part } from '../part-model.ts'
import { makePrintable } from '../text.ts'
import { termsOf } from '../words.ts'

/** Bytes of fonts beyond Latin. */
const fontBudget = 500_000

export interface IndexedPart {
  readonly part: Part
  /** File names beside the index, made by us. */
  readonly files: readonly string[]
}

export interface PartIndexOptions {
  readonly lang?: LanguageCode
  readonly classification?: string
  /** "namespace". */
  readonly splitBy: string
}

export function renderPartIndex(result: Result, parts: readonly IndexedPart[], options: PartIndexOptions): string {
  const { classification = '', splitBy } = options
  const lang = languageOf(options.lang ?? 'en')
  const owner = lang.term(splitBy)
  const used = severities.filter((severity) => parts.some(({ part }) => countOf(part, severity) > 0))
  const view = {
    classification,
    cluster: result.cluster.name,
    owner,
    reportId: result.reportId,
    sentence: sentenceOf(result, parts, lang),
    marks: used.map((severity) => termsOf(lang).severityMarks[severity]),
    rows: parts.map(({ part, files }) => ({
      title: part.title,
      counts: used.map((severity) => zeroAsDash(countOf(part, severity), lang)),
      isCut: part.cut.length > 0,
      files,
    })),
    isCut: parts.some(({ part }) => part.cut.length > 0),
  }
  const body = fillTemplate('parts', makePrintable(view, screenLimits.text, lang), lang)
  return assemblePage({
    title: lang.say('title.index', { cluster: result.cluster.name, owner }),
    lang: lang.code,
    body,
    style: [
      fontsFor(body, lang.code, fontBudget).faces,
      readAsset('report.css'),
      readAsset('screen.css'),
      readAsset('print.css'),
    ].join('\n'),
    headScript: readAsset('theme.js'),
    bodyClass: 'screen',
  })
}

function countOf({ rules }: Part, severity: (typeof severities)[number]): number {
  return rules.filter((rule) => rule.severity === severity).length
}

function sentenceOf({ summary }: Result, parts: readonly IndexedPart[], { say }: Language): string {
  if (parts.length === 0) return say('parts.none')
  return say('parts.sentence', {
    findings: say('count.findings', { count: summary.rules.fail }),
    owners: say('count.owners', { count: parts.length }),
  })
}

function zeroAsDash(count: number, { number }: Language): string {
  return count === 0 ? '–' : number(count)
}
