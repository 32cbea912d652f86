// The cover: verdict, score interval, counts, and the facts an auditor checks first.
// May not: compute a score or an outcome; both come from the result.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { countNoun, formatCount, formatPeriod, formatShare, formatTime } from './text.ts'
import { verdictOf } from './verdict.ts'
import { gaugeOf } from './view-charts.ts'
import type { Count, Cover, LabelledValue } from './view-model.ts'
import { changeCounts } from './view-trend.ts'
import { reasonWords, severityMarks } from './words.ts'

export function coverView(result: Result): Cover {
  const { lead, rest } = verdictOf(result)
  return {
    cluster: result.cluster.name,
    lead,
    rest,
    bar: gaugeOf(result.score),
    scoreCaption: scoreCaption(result),
    counts: countsOf(result),
    facts: coverFacts(result),
  }
}

/** "score 71, at best 76.2 · hatched: not assessed". */
export function scoreCaption({ score }: Result): string {
  if (score.lower === undefined || score.upper === undefined) return 'no score: nothing applicable was assessed'
  if (score.lower === score.upper) return `score ${score.lower}`
  return `score ${score.lower}, at best ${score.upper}  ·  hatched: not assessed`
}

function countsOf({ summary }: Result): Count[] {
  const { rules, failingBySeverity } = summary
  const always = new Set(['critical', 'high', 'medium', 'low'])
  const found = severities
    .filter((severity) => always.has(severity) || failingBySeverity[severity] > 0)
    .map((severity) => ({
      value: formatCount(failingBySeverity[severity]),
      kind: severityMarks[severity].kind,
      word: severity,
    }))
  const others: Count[] = [{ value: formatCount(rules.unknown), kind: 'unknown', word: 'unknown' }]
  if (rules.error > 0) others.push({ value: formatCount(rules.error), kind: 'error', word: 'error' })
  if (rules.manual > 0) others.push({ value: formatCount(rules.manual), kind: 'manual', word: 'for a person' })
  return [...found, ...others, { value: formatCount(rules.pass), kind: 'pass', word: 'passed' }]
}

function coverFacts(result: Result): LabelledValue[] {
  const { cluster, benchmark, snapshot, score } = result
  const note = benchmark.note ? `; ${benchmark.note}` : ''
  const answers = `${formatCount(score.answered)} of ${formatCount(score.expected)} answers (${formatShare(score.answered, score.expected)} %)`
  const missing = score.expected - score.answered
  return [
    { label: 'Cluster', value: cluster.name, code: cluster.uid ? `uid ${cluster.uid}` : 'uid not known' },
    { label: 'Version', value: cluster.version ?? 'not known', code: '' },
    { label: 'Benchmark', value: `${benchmark.name} ${benchmark.version}${note}`, code: '' },
    { label: 'Nodes', value: nodesFact(result), code: '' },
    { label: 'Objects', value: objectsFact(result), code: '' },
    { label: 'Collected', value: collectedFact(snapshot), code: '' },
    {
      label: 'Answered',
      value: missing > 0 ? `${answers}; ${formatCount(missing)} missing, counted as not passed` : answers,
      code: '',
    },
    ...sinceFact(result),
    { label: 'Report', value: '', code: result.reportId },
    { label: 'Evidence', value: '', code: `sha256 ${snapshot.sha256}` },
  ]
}

/** What changed, where this audit was held against an earlier one; the summary says the rest. */
function sinceFact({ comparison }: Result): LabelledValue[] {
  if (comparison === undefined) return []
  const { baseline, comparable } = comparison
  const what = comparable === 'no' ? 'not comparable' : changeCounts(comparison)
  const part = comparable === 'partly' ? ', in part comparable' : ''
  return [{ label: 'Since last audit', value: `${what}${part}; of ${formatTime(baseline.evaluatedAt)}`, code: '' }]
}

function collectedFact(snapshot: Result['snapshot']): string {
  const period = formatPeriod(snapshot.startedAt, snapshot.finishedAt)
  return snapshot.interrupted ? `${period}, stopped early` : period
}

function nodesFact({ cluster, coverage }: Result): string {
  const gap = coverage.families.find((family) => family.family === 'nodes')?.unavailable
  const reached = `${formatCount(cluster.nodesReached)} of ${countNoun(cluster.nodes, 'node', 'nodes')} read`
  return gap ? `${reached}; the list of nodes is not complete: ${reasonWords[gap.reason].long}` : reached
}

function objectsFact({ cluster, coverage }: Result): string {
  const gaps = coverage.families.filter((family) => family.unavailable !== undefined).length
  const seen = [
    countNoun(cluster.namespaces, 'namespace', 'namespaces'),
    countNoun(cluster.workloads, 'workload', 'workloads'),
    countNoun(cluster.pods, 'pod', 'pods'),
  ].join(', ')
  return gaps === 0 ? seen : `${seen}; ${countNoun(gaps, 'list', 'lists')} not read in full`
}
