// Every metric there is, with what it means; dashboards and alert rules are tested against this list.
// Names follow https://prometheus.io/docs/practices/naming/: base units, shares as ratios from 0 to 1.

export const metricHelp = {
  kube_assay_build_info: 'Version of kube-assay and of its catalogue; always 1.',
  kube_assay_cluster_info: 'Kubernetes version and first benchmark of the last successful run; always 1.',
  kube_assay_score_ratio: 'Score, 0 to 1. bound="lower" counts every unknown as failed, bound="upper" as passed.',
  kube_assay_coverage_ratio: 'Answered units over expected ones, 0 to 1.',
  kube_assay_rules: 'Rules by severity and outcome.',
  kube_assay_findings: 'Units that do not pass, over all rules, by severity and outcome; accepted ones are among them.',
  kube_assay_rule_findings:
    'Units of one rule that fail, or that could not be answered (outcome="unknown", errors included).',
  kube_assay_accepted_findings: 'Of these findings, those that a waiver accepts, by severity and outcome.',
  kube_assay_waivers: 'Waivers by state; ended and refused ones accept nothing.',
  kube_assay_waiver_issues: 'What is wrong with waivers, by kind of issue.',
  kube_assay_waiver_expiry_timestamp_seconds: 'When the next waiver in force ends.',
  kube_assay_benchmark_score_ratio: 'Score over the evaluated controls of a benchmark, 0 to 1, by bound.',
  kube_assay_benchmark_controls: 'Controls of a benchmark by outcome; outcome="excluded" was left out of the run.',
  kube_assay_nodes: 'Nodes by whether their host could be read.',
  kube_assay_lists_not_read: 'Lists of API objects that are missing or partial.',
  kube_assay_collection_duration_seconds: 'Time that the collection of the last successful run took.',
  kube_assay_last_run_timestamp_seconds: 'When the last run ended, failed ones included.',
  kube_assay_last_run_success: 'Whether the last run gave a whole result: 1 or 0. Findings are no failure of a run.',
  kube_assay_last_success_timestamp_seconds: 'When the last run that gave a whole result ended.',
} as const
export type MetricName = keyof typeof metricHelp
