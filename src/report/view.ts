// Result → view model. Pure: the same result and limits give the same words.
// May not: judge. Verdicts, counts and the score are the result's; here they are put into order and into words.
import type { Result, RuleResult } from '../model/result.ts'
import { chaptersOf } from './chapters.ts'
import { languageOf } from './lang/language.ts'
import { editionLimits } from './limits.ts'
import { partsOf } from './parts/owners.ts'
import { ownerGroups, partCover } from './parts/view.ts'
import { RuleTexts } from './rule-texts.ts'
import { benchmarksView } from './view-benchmarks.ts'
import { boundsOf } from './view-bounds.ts'
import { coverView } from './view-cover.ts'
import { coverageView } from './view-coverage.ts'
import { filtersOf } from './view-filters.ts'
import { findingsView, linesView, manualView, unknownView } from './view-findings.ts'
import { appendixView, controlView, overviewView } from './view-frame.ts'
import { frameworksView } from './view-frameworks.ts'
import { matrixView, nodeGrid } from './view-matrix.ts'
import { methodView } from './view-method.ts'
import type { View, ViewContext, ViewOptions } from './view-model.ts'
import { nodesView } from './view-nodes.ts'
import { anchorsOf, blockRules, ofOutcome } from './view-order.ts'
import { ruleLine } from './view-rules.ts'
import { summaryView } from './view-summary.ts'
import { trendView } from './view-trend.ts'
import { waiversView } from './view-waivers.ts'

/** Everything a report says about a result. */
export function buildView(result: Result, options: ViewOptions): View {
  const { part, edition = part === undefined ? 'auditor' : 'remediation' } = options
  const limits = { ...options.limits, ...editionLimits(edition, options.tightness) }
  const lang = languageOf(options.lang ?? 'en')
  const dataFile = options.dataFile ?? 'result.json'
  const context: ViewContext = {
    result,
    limits,
    lang,
    texts: new RuleTexts(options.translation, lang),
    dataFile,
    findingsFile: options.findingsFile ?? dataFile,
    anchors: anchorsOf(result.rules),
  }
  const failing = ofOutcome(result, ['fail'])
  const withBlock = blockRules(context)
  const line = (rule: RuleResult) => ruleLine(context, rule, withBlock.has(rule.id))
  const benchmark = `${result.benchmark.name} ${result.benchmark.version}`
  const grid = nodeGrid(context)
  const frameworks = frameworksView(context, withBlock)
  const waivers = waiversView(context)
  const trend = trendView(context, withBlock)
  const empty = new Set([
    ...(frameworks.frameworks.length === 0 ? ['frameworks'] : []),
    ...(waivers.isThere ? [] : ['waivers']),
    ...(edition === 'executive' && trend.score === null ? ['trend'] : []),
  ])
  const groups =
    edition === 'remediation'
      ? ownerGroups(context, part === undefined ? partsOf(result, options.splitBy ?? 'namespace', lang.code) : [part])
      : []
  const hasPage = (id: string) => id === 'trend' && trend.score !== null && edition === 'auditor'
  const findings = findingsView(context, failing, line)
  const cover = coverView(context)
  return {
    title:
      part === undefined
        ? lang.say('title.whole', { cluster: result.cluster.name })
        : lang.say('title.part', { cluster: result.cluster.name, part: part.title }),
    runningHead: `${result.cluster.name} · ${part?.title ?? benchmark}`,
    classification: options.classification ?? '',
    reportId: result.reportId,
    chapters: chaptersOf(edition, lang, groups)
      .filter(({ id }) => !empty.has(id))
      .map((chapter) => (hasPage(chapter.id) ? { ...chapter, startsPage: true } : chapter)),
    hasContents: edition !== 'executive' && part === undefined,
    cover: part === undefined ? cover : partCover(part, cover, context),
    control: controlView(context, options.resultDigest ?? '', options.people),
    summary: summaryView(context, failing, line, withBlock),
    coverage: coverageView(context),
    trend,
    findings,
    unknown: unknownView(context, line),
    manual: manualView(context),
    passed: linesView(context, 'pass', line),
    notApplicable: linesView(context, 'notApplicable', line),
    overview: overviewView(context),
    benchmarks: benchmarksView(context, withBlock),
    frameworks,
    waivers,
    nodes: nodesView(context, grid, withBlock),
    matrix: matrixView(context, grid, withBlock),
    method: methodView(context, edition === 'auditor'),
    appendix: appendixView(context),
    filters: filtersOf(context),
    bounds: boundsOf(context, edition === 'remediation' ? groups : findings.groups),
  }
}
