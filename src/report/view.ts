// Result → view model. Pure: the same result and limits give the same words.
// May not: judge. Verdicts, counts and the score are the result's; here they are put into order and into words.
import { type Outcome, severities } from '../model/outcome.ts'
import type { Result, RuleResult } from '../model/result.ts'
import { countNoun, formatCount } from './text.ts'
import { benchmarksView } from './view-benchmarks.ts'
import { coverView, summaryView } from './view-cover.ts'
import { coverageView } from './view-coverage.ts'
import { frameworksView } from './view-frameworks.ts'
import { matrixView } from './view-matrix.ts'
import { methodView } from './view-method.ts'
import type {
  BlockSection,
  Filters,
  Findings,
  LineSection,
  RuleLine,
  View,
  ViewContext,
  ViewOptions,
} from './view-model.ts'
import { openPlaceOf, placeOf, ruleBlock, ruleLine } from './view-rules.ts'
import { outcomeMarks, severityMarks } from './words.ts'

/** Everything a report says about a result. */
export function buildView(result: Result, options: ViewOptions): View {
  const { limits } = options
  const context: ViewContext = {
    result,
    limits,
    dataFile: options.dataFile ?? 'result.json',
    anchors: anchorsOf(result.rules),
  }
  const failing = ofOutcome(result, ['fail'])
  const withBlock = blockRules(context)
  const line = (rule: RuleResult) => ruleLine(context, rule, withBlock.has(rule.id))
  const benchmark = `${result.benchmark.name} ${result.benchmark.version}`
  return {
    title: `Kubernetes cluster audit: ${result.cluster.name}`,
    runningHead: `${result.cluster.name} · ${benchmark}`,
    classification: options.classification ?? '',
    reportId: result.reportId,
    cover: coverView(result),
    summary: summaryView(
      result,
      failing.slice(0, 5).map((rule) => ({ ...line(rule), where: placeOf(rule) })),
    ),
    coverage: coverageView(context),
    findings: findingsView(context, failing, line),
    unknown: unknownView(context, line),
    manual: manualView(context),
    passed: linesView(context, 'pass', passedSentence, line),
    notApplicable: linesView(context, 'notApplicable', notApplicableSentence, line),
    benchmarks: benchmarksView(context, withBlock),
    frameworks: frameworksView(context, withBlock),
    matrix: matrixView(context, withBlock),
    method: methodView(context),
    filters: filtersOf(context),
  }
}

/** Rules of some outcomes: severe first, then those with more units, then by id. */
function ofOutcome(result: Result, wanted: readonly Outcome[]): RuleResult[] {
  const size = (rule: RuleResult) => wanted.reduce((sum, outcome) => sum + rule.counts[outcome], 0)
  return result.rules
    .filter((rule) => wanted.includes(rule.outcome))
    .sort(
      (a, b) =>
        severities.indexOf(a.severity) - severities.indexOf(b.severity) || size(b) - size(a) || (a.id < b.id ? -1 : 1),
    )
}

/** Ids for links, safe in a URL and unique whatever a rule is called. */
function anchorsOf(rules: readonly RuleResult[]): Map<string, string> {
  const used = new Set<string>()
  const anchors = new Map<string, string>()
  for (const rule of rules) {
    const base = `finding-${rule.id
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 80)}`
    let anchor = base
    for (let count = 2; used.has(anchor); count += 1) anchor = `${base}-${count}`
    used.add(anchor)
    anchors.set(rule.id, anchor)
  }
  return anchors
}

function blockRules({ result, limits }: ViewContext): Set<string> {
  const sections = [ofOutcome(result, ['fail']), ofOutcome(result, ['unknown', 'error']), ofOutcome(result, ['manual'])]
  return new Set(sections.flatMap((rules) => rules.slice(0, limits.blocks)).map((rule) => rule.id))
}

type ToLine = (rule: RuleResult) => RuleLine

function findingsView(context: ViewContext, failing: readonly RuleResult[], line: ToLine): Findings {
  const { limits, dataFile } = context
  const shown = failing.slice(0, limits.blocks)
  const groups = severities.flatMap((severity) => {
    const blocks = shown.filter((rule) => rule.severity === severity).map((rule) => ruleBlock(context, rule))
    const mark = severityMarks[severity]
    return blocks.length === 0 ? [] : [{ mark, heading: `${mark.word} findings`, blocks }]
  })
  const index = failing.slice(0, limits.indexRows).map(line)
  return {
    sentence: findingsSentence(context.result, failing),
    index,
    indexNote: cutNote(index.length, failing.length, 'findings', dataFile),
    groups,
    blocksNote: cutNote(shown.length, failing.length, 'findings in full', dataFile),
  }
}

function findingsSentence(result: Result, failing: readonly RuleResult[]): string {
  if (failing.length > 0) {
    const units = result.summary.units.fail
    return `${countNoun(failing.length, 'rule does', 'rules do')} not hold, on ${formatCount(units)} ${units === 1 ? 'unit' : 'units'} in all (a unit is a node, a workload, a namespace, a binding or the cluster). Severe first.`
  }
  const open = result.summary.rules.unknown + result.summary.rules.error
  return open > 0
    ? `No finding in what could be read. ${countNoun(open, 'rule', 'rules')} could not be answered.`
    : 'No finding.'
}

function cutNote(shown: number, total: number, many: string, dataFile: string): string {
  return shown < total ? `${formatCount(shown)} of ${formatCount(total)} ${many} shown, all in ${dataFile}` : ''
}

function unknownView(context: ViewContext, line: ToLine): BlockSection {
  const { result, limits, dataFile } = context
  const rules = ofOutcome(result, ['unknown', 'error'])
  const partly = ofOutcome(result, ['fail']).filter((rule) => rule.counts.unknown + rule.counts.error > 0)
  const shown = rules.slice(0, limits.blocks)
  return {
    sentence: unknownSentence(rules.length, partly.length),
    blocks: shown.map((rule) => ruleBlock(context, rule)),
    note: cutNote(shown.length, rules.length, 'rules', dataFile),
    partly: partly.slice(0, limits.indexRows).map((rule) => ({ ...line(rule), where: openPlaceOf(rule) })),
  }
}

function unknownSentence(rules: number, partly: number): string {
  if (rules + partly === 0) return 'Every rule could be answered.'
  const whole = rules > 0 ? `${countNoun(rules, 'rule', 'rules')} could not be answered for lack of evidence.` : ''
  const part = partly > 0 ? `${countNoun(partly, 'finding is', 'findings are')} known for some units only.` : ''
  return [whole, part, 'This is not a pass: the score counts it as open.'].filter((text) => text !== '').join(' ')
}

function manualView(context: ViewContext): BlockSection {
  const rules = ofOutcome(context.result, ['manual'])
  const shown = rules.slice(0, context.limits.blocks)
  return {
    sentence:
      rules.length === 0
        ? 'No rule of this run needs a person.'
        : `${countNoun(rules.length, 'rule needs', 'rules need')} a person to judge. They weigh nothing in the score.`,
    blocks: shown.map((rule) => ruleBlock(context, rule)),
    note: cutNote(shown.length, rules.length, 'rules', context.dataFile),
    partly: [],
  }
}

function linesView(
  context: ViewContext,
  outcome: 'pass' | 'notApplicable',
  sentence: (count: number) => string,
  line: ToLine,
): LineSection {
  const rules = ofOutcome(context.result, [outcome])
  const lines = rules.slice(0, context.limits.indexRows).map(line)
  return {
    sentence: sentence(rules.length),
    lines,
    note: cutNote(lines.length, rules.length, 'rules', context.dataFile),
  }
}

function passedSentence(count: number): string {
  if (count === 0) return 'No rule passed on every unit it applies to.'
  return `${countNoun(count, 'rule was', 'rules were')} assessed and found to hold wherever they apply.`
}

function notApplicableSentence(count: number): string {
  return count === 0 ? 'Every rule applies.' : `${countNoun(count, 'rule does', 'rules do')} not apply here.`
}

function filtersOf({ result, limits, dataFile }: ViewContext): Filters {
  const units = result.rules.flatMap((rule) => rule.findings.map((finding) => finding.unit))
  const nodes = [
    ...new Set([...result.coverage.nodes.map((node) => node.node), ...units.flatMap((unit) => unit.node ?? [])]),
  ]
  const namespaces = [...new Set(units.flatMap((unit) => unit.namespace ?? []))].sort()
  const used = new Set(result.rules.map((rule) => rule.outcome))
  const notes = [
    cutNote(limits.filterEntries, nodes.length, 'nodes', dataFile),
    cutNote(limits.filterEntries, namespaces.length, 'namespaces', dataFile),
  ]
  const outcomes = [
    { value: 'fail', mark: { kind: 'critical' as const, word: 'Finding' } },
    ...(['unknown', 'error', 'manual', 'pass', 'notApplicable'] as const).map((value) => ({
      value,
      mark: outcomeMarks[value],
    })),
  ]
  return {
    severities: severities.map((value) => ({ value, mark: severityMarks[value] })),
    outcomes: outcomes.filter(({ value }) => [...used].some((outcome) => outcome === value)),
    nodes: nodes.slice(0, limits.filterEntries),
    namespaces: namespaces.slice(0, limits.filterEntries),
    note: notes.filter((note) => note !== '').join('; '),
  }
}
