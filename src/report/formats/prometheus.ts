// Metrics in Prometheus' text format for the textfile collector; the same bytes are valid OpenMetrics. One file for each cluster.
// Labels are bounded by catalogue and benchmarks: never a unit, a node or a namespace. No timestamps: the collector refuses them.
import { type Outcome, outcomes, severities } from '../../model/outcome.ts'
import type { Result } from '../../model/result.ts'
import { waiverIssueKinds, waiverStates } from '../../model/waiver.ts'
import { findingOutcomes } from './findings.ts'
import type { Exporter } from './format.ts'
import { type MetricName, metricHelp } from './metric-names.ts'
import { metricLine, metricsFileName } from './metrics-file.ts'

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
type Samples = { readonly [M in MetricName]?: readonly Sample[] }

export const exporter: Exporter = {
  fileName: ({ cluster }) => metricsFileName(cluster.name),
  *render(result) {
    const all: Samples = {
      ...scores(result),
      ...tallies(result),
      ...benchmarks(result),
      ...waivers(result),
      ...run(result),
    }
    for (const name of metricNames) {
      const samples = all[name] ?? []
      if (samples.length === 0) continue
      yield `# HELP ${name} ${metricHelp[name]}\n# TYPE ${name} gauge\n`
      for (const { labels, value } of samples)
        yield metricLine(name, { cluster: result.cluster.name, ...labels }, value)
    }
    yield '# EOF\n'
  },
}

const metricNames = Object.keys(metricHelp).filter((name): name is MetricName => Object.hasOwn(metricHelp, name))
const one = (value: number): readonly Sample[] => [{ labels: {}, value }]

function bounds(score: { readonly lower?: number | undefined; readonly upper?: number | undefined }): Sample[] {
  return (['lower', 'upper'] as const).flatMap((bound) => {
    const value = score[bound]
    return value === undefined ? [] : [{ labels: { bound }, value: share(value) }]
  })
}

/** 83.1 → 0.831, without the digits that a division adds. */
function share(percent: number): number {
  return Math.round(percent * 10) / 1_000
}

function scores({ score, tool, catalogue, cluster, benchmark }: Result): Samples {
  return {
    kube_assay_build_info: [{ labels: { version: tool.version, catalogue: catalogue.version }, value: 1 }],
    kube_assay_cluster_info: [
      {
        labels: {
          uid: cluster.uid ?? '',
          kubernetes_version: cluster.version ?? '',
          benchmark: `${benchmark.name} ${benchmark.version}`,
        },
        value: 1,
      },
    ],
    kube_assay_score_ratio: bounds(score),
    kube_assay_coverage_ratio: one(score.coverage),
  }
}

/** Zeros too: an alert on a new critical finding needs the zero before it. */
function tallies(result: Result): Samples {
  const { rules } = result
  const bySeverity = severities.map((severity) => ({
    severity,
    own: rules.filter((rule) => rule.severity === severity),
  }))
  return {
    kube_assay_rules: bySeverity.flatMap(({ severity, own }) =>
      outcomes.map((outcome) => ({
        labels: { severity, outcome: labelOf(outcome) },
        value: own.filter((rule) => rule.outcome === outcome).length,
      })),
    ),
    kube_assay_findings: bySeverity.flatMap(({ severity, own }) =>
      findingOutcomes.map((outcome) => ({
        labels: { severity, outcome },
        value: own.reduce((sum, { counts }) => sum + counts[outcome], 0),
      })),
    ),
    kube_assay_rule_findings: rules.flatMap(({ id, severity, counts }) => [
      { labels: { rule: id, severity, outcome: 'fail' }, value: counts.fail },
      { labels: { rule: id, severity, outcome: 'unknown' }, value: counts.unknown + counts.error },
    ]),
    kube_assay_accepted_findings: bySeverity.flatMap(({ severity, own }) =>
      findingOutcomes.map((outcome) => ({
        labels: { severity, outcome },
        value: own.reduce((sum, { waived }) => sum + (waived?.[outcome] ?? 0), 0),
      })),
    ),
  }
}

function benchmarks({ benchmarks: all = [] }: Result): Samples {
  const named = all.map((benchmark) => ({ label: `${benchmark.key}-${benchmark.version}`, ...benchmark }))
  return {
    kube_assay_benchmark_score_ratio: named.flatMap(({ label, score }) =>
      bounds(score).map(({ labels, value }) => ({ labels: { benchmark: label, ...labels }, value })),
    ),
    kube_assay_benchmark_controls: named.flatMap(({ label, controls }) => [
      ...outcomes.map((outcome) => ({
        labels: { benchmark: label, outcome: labelOf(outcome) },
        value: controls.filter((control) => control.outcome === outcome).length,
      })),
      {
        labels: { benchmark: label, outcome: 'excluded' },
        value: controls.filter((control) => control.outcome === undefined).length,
      },
    ]),
  }
}

/** Zeros where the run has none, so that a dashboard can tell none from not told. */
function waivers({ waivers: own }: Result): Samples {
  const list = own?.list ?? []
  const ends = list.filter(({ state }) => state === 'active').map(({ expires }) => endOfDay(expires))
  return {
    kube_assay_waivers: waiverStates.map((state) => ({
      labels: { state },
      value: list.filter((waiver) => waiver.state === state).length,
    })),
    kube_assay_waiver_issues: waiverIssueKinds.map((issue) => ({
      labels: { issue },
      value: (own?.issues ?? []).filter(({ id }) => id === issue).length,
    })),
    kube_assay_waiver_expiry_timestamp_seconds: ends.length === 0 ? [] : one(Math.min(...ends)),
  }
}

/** A waiver counts on its last day, in UTC. */
function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1_000 + 86_400
}

/** When the evidence was read, so that an old result made into metrics today does not look fresh. */
function run({ cluster, coverage, snapshot }: Result): Samples {
  const [start, end] = [Date.parse(snapshot.startedAt) / 1_000, Date.parse(snapshot.finishedAt) / 1_000]
  return {
    kube_assay_nodes: [
      { labels: { state: 'read' }, value: cluster.nodesReached },
      { labels: { state: 'not_read' }, value: cluster.nodes - cluster.nodesReached },
    ],
    kube_assay_lists_not_read: one(coverage.families.filter(({ unavailable }) => unavailable !== undefined).length),
    kube_assay_collection_duration_seconds: one(Math.max(0, Math.round((end - start) * 1_000) / 1_000)),
    kube_assay_last_run_timestamp_seconds: one(end),
    kube_assay_last_run_success: one(snapshot.interrupted ? 0 : 1),
    ...(snapshot.interrupted ? {} : { kube_assay_last_success_timestamp_seconds: one(end) }),
  }
}

function labelOf(outcome: Outcome): string {
  return outcome === 'notApplicable' ? 'not_applicable' : outcome
}
