// Scope and method: what was read, as whom, from when to when; what each outcome means; how the score is made.
// May not: compute the score; docs/scoring.md is its formula's home.
import { countNoun, formatCount, formatPeriod, formatTime } from './text.ts'
import { accessRows, triedRows } from './view-coverage.ts'
import type { LabelledValue, Method, ViewContext } from './view-model.ts'
import { findingMark, outcomeDefinitions, outcomeMarks } from './words.ts'

export function methodView(context: ViewContext): Method {
  return {
    facts: methodFacts(context),
    outcomes: outcomeDefinitions.map(({ outcome, text }) => ({
      mark: outcome === 'fail' ? findingMark : outcomeMarks[outcome],
      text,
    })),
    score: scoreSentences(context),
    access: accessRows(context),
    tried: triedRows(context),
  }
}

function methodFacts(context: ViewContext): LabelledValue[] {
  const { result, dataFile } = context
  const { snapshot, cluster, tool, benchmark } = result
  const note = benchmark.note ? `; ${benchmark.note}` : ''
  return [
    { label: 'Source', value: '', code: cluster.source },
    {
      label: 'Collected',
      value: `${formatPeriod(snapshot.startedAt, snapshot.finishedAt)}${tookWords(snapshot)}, with ${snapshot.tool}`,
      code: '',
    },
    { label: 'Evaluated', value: `${formatTime(result.evaluatedAt)}, with ${tool.name} ${tool.version}`, code: '' },
    { label: 'Benchmark', value: `${benchmark.name} ${benchmark.version}${note}`, code: '' },
    { label: 'Scope', value: scopeWords(result), code: '' },
    { label: 'Formats', value: `evidence ${snapshot.schemaVersion}, result ${result.schemaVersion}`, code: '' },
    { label: 'All data', value: 'every count and finding of this report comes from', code: dataFile },
  ]
}

/** ", 73 s"; nothing where the times are none. */
function tookWords({ startedAt, finishedAt }: ViewContext['result']['snapshot']): string {
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000
  if (!Number.isFinite(seconds) || seconds < 0) return ''
  return seconds < 120 ? `, ${Math.max(1, Math.round(seconds))} s` : `, ${formatCount(Math.round(seconds / 60))} min`
}

function scopeWords({ cluster, excluded = [], rules }: ViewContext['result']): string {
  const parts = [
    countNoun(cluster.nodes, 'node', 'nodes'),
    countNoun(cluster.namespaces, 'namespace', 'namespaces'),
    countNoun(cluster.workloads, 'workload', 'workloads'),
    countNoun(rules.length, 'rule', 'rules'),
    ...(excluded.length > 0 ? [`${countNoun(excluded.length, 'rule', 'rules')} left out (see the appendix)`] : []),
  ]
  return parts.join(', ')
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
