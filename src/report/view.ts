// Result → view model. Pure: the same result and limits give the same words.
// May not: judge. Verdicts, counts and the score are the result's; here they are put into order and into words.
import type { Result, RuleResult } from '../model/result.ts'
import { chaptersOf } from './chapters.ts'
import { benchmarksView } from './view-benchmarks.ts'
import { coverView } from './view-cover.ts'
import { coverageView } from './view-coverage.ts'
import { filtersOf } from './view-filters.ts'
import {
  findingsView,
  linesView,
  manualView,
  notApplicableSentence,
  passedSentence,
  unknownView,
} from './view-findings.ts'
import { appendixView, controlView, overviewView } from './view-frame.ts'
import { frameworksView } from './view-frameworks.ts'
import { matrixView, nodeGrid } from './view-matrix.ts'
import { methodView } from './view-method.ts'
import type { View, ViewContext, ViewOptions } from './view-model.ts'
import { nodesView } from './view-nodes.ts'
import { anchorsOf, blockRules, ofOutcome } from './view-order.ts'
import { ruleLine } from './view-rules.ts'
import { summaryView } from './view-summary.ts'
import { waiversView } from './view-waivers.ts'

/** Everything a report says about a result. */
export function buildView(result: Result, options: ViewOptions): View {
  const { limits, edition = 'auditor' } = options
  const context: ViewContext = {
    result,
    limits,
    dataFile: options.dataFile ?? 'result.json',
    anchors: anchorsOf(result.rules),
  }
  const failing = ofOutcome(result, ['fail'])
  const withBlock = edition === 'executive' ? new Set<string>() : blockRules(context)
  const line = (rule: RuleResult) => ruleLine(context, rule, withBlock.has(rule.id))
  const benchmark = `${result.benchmark.name} ${result.benchmark.version}`
  const grid = nodeGrid(context)
  const frameworks = frameworksView(context, withBlock)
  const waivers = waiversView(context)
  const empty = new Set([
    ...(frameworks.frameworks.length === 0 ? ['frameworks'] : []),
    ...(waivers.isThere ? [] : ['waivers']),
  ])
  return {
    title: `Kubernetes cluster audit: ${result.cluster.name}`,
    runningHead: `${result.cluster.name} · ${benchmark}`,
    classification: options.classification ?? '',
    reportId: result.reportId,
    chapters: chaptersOf(edition).filter(({ id }) => !empty.has(id)),
    cover: coverView(result),
    control: controlView(context, options.resultDigest ?? ''),
    summary: summaryView(result, failing, line),
    coverage: coverageView(context),
    findings: findingsView(context, failing, line),
    unknown: unknownView(context, line),
    manual: manualView(context),
    passed: linesView(context, 'pass', passedSentence, line),
    notApplicable: linesView(context, 'notApplicable', notApplicableSentence, line),
    overview: overviewView(context),
    benchmarks: benchmarksView(context, withBlock),
    frameworks,
    waivers,
    nodes: nodesView(context, grid, withBlock),
    matrix: matrixView(context, grid, withBlock),
    method: methodView(context),
    appendix: appendixView(context),
    filters: filtersOf(context),
  }
}
