// The last page: what was read and how, what each outcome means, how the score is made, and the digests to check against.
// May not: compute the score; docs/scoring.md is its formula's home.
import { countNoun, formatCount, formatPeriod, formatTime } from './text.ts'
import { accessRows, triedRows } from './view-coverage.ts'
import type { LabelledValue, Method, ViewContext } from './view-model.ts'
import { type Mark, outcomeDefinitions, outcomeMarks } from './words.ts'

const findingMark: Mark = { kind: 'critical', word: 'Finding' }

export function methodView(context: ViewContext): Method {
  const { result } = context
  return {
    facts: methodFacts(context),
    outcomes: outcomeDefinitions.map(({ outcome, text }) => ({
      mark: outcome === 'fail' ? findingMark : outcomeMarks[outcome],
      text,
    })),
    score: scoreSentences(context),
    access: accessRows(context),
    tried: triedRows(context),
    digests: [
      { label: 'Report', value: '', code: result.reportId },
      { label: 'Evidence file', value: 'sha256', code: result.snapshot.sha256 },
      {
        label: 'Catalogue',
        value: `${result.catalogue.version}, ${formatCount(result.catalogue.rules)} rules, digest`,
        code: result.catalogue.digest,
      },
    ],
  }
}

/** Whose rules were used beside the built-in ones, and what the configuration changed; both decide what the verdicts mean. */
function ruleFacts({ catalogue, rules }: ViewContext['result']): LabelledValue[] {
  const packs = (catalogue.packs ?? []).map((pack) => ({
    label: 'Rule pack',
    value: `${pack.name}, ${countNoun(pack.rules, 'rule', 'rules')}, digest`,
    code: pack.digest,
  }))
  const changes = rules.flatMap((rule) => {
    const parts = [
      ...(rule.severityBefore === undefined ? [] : [`severity ${rule.severity} instead of ${rule.severityBefore}`]),
      ...(rule.parameters ?? [])
        .filter((one) => one.value !== one.default)
        .map((one) => `${one.name} ${one.value} instead of ${one.default}`),
    ]
    if (parts.length === 0) return []
    const why = rule.changeReason === undefined ? '' : `: ${rule.changeReason}`
    return [{ label: 'Changed rule', value: `${rule.id}, ${parts.join(', ')}${why}`, code: '' }]
  })
  return [...packs, ...changes]
}

function methodFacts(context: ViewContext): LabelledValue[] {
  const { result, dataFile } = context
  const { snapshot, cluster, tool, benchmark } = result
  const note = benchmark.note ? `; ${benchmark.note}` : ''
  return [
    { label: 'Source', value: '', code: cluster.source },
    {
      label: 'Collected',
      value: `${formatPeriod(snapshot.startedAt, snapshot.finishedAt)}, with ${snapshot.tool}`,
      code: '',
    },
    { label: 'Evaluated', value: `${formatTime(result.evaluatedAt)}, with ${tool.name} ${tool.version}`, code: '' },
    { label: 'Benchmark', value: `${benchmark.name} ${benchmark.version}${note}`, code: '' },
    ...ruleFacts(context.result),
    { label: 'Formats', value: `evidence ${snapshot.schemaVersion}, result ${result.schemaVersion}`, code: '' },
    { label: 'All data', value: 'every count and finding of this report comes from', code: dataFile },
  ]
}

function scoreSentences({ result }: ViewContext): string[] {
  const { score } = result
  const bounds =
    score.lower === undefined || score.upper === undefined
      ? 'Nothing applicable was assessed, so there is no score.'
      : `Lower bound ${score.lower}: every unknown counted as not passed. Upper bound ${score.upper}: every unknown counted as passed. The headline is the lower bound.`
  return [formulaText(score.formula), bounds]
}

/** The formula in words, for the one this version knows; any other is named only. */
function formulaText(formula: string): string {
  if (formula !== 'severity-weighted-mean/1') return `Formula ${formula}.`
  return `Formula ${formula}: the mean over applicable automated rules, weighted by severity (critical 10, high 5, medium 3, low 1, info 0). A rule counts with the share of its units that pass. Rules for a person and rules that do not apply weigh nothing.`
}
