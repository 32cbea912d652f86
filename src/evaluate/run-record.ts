// What later audits need to know of one: a projection of its result.
// May not: leave out a failing unit, or shorten a list.
import type { RunRecord } from '../model/comparison.ts'
import { runRecordVersion } from '../model/comparison.ts'
import type { Result, RuleResult } from '../model/result.ts'

/** The record of a result. Results of format 1.0 have no fingerprints; their record says so. */
export function runRecordOf(result: Result): RunRecord {
  const { cluster, catalogue, score, snapshot, summary, coverage } = result
  const { formula, lower, upper, coverage: share, answered, expected } = score
  return {
    kind: 'kube-assay/run',
    schemaVersion: runRecordVersion,
    reportId: result.reportId,
    tool: `${result.tool.name} ${result.tool.version}`,
    evaluatedAt: result.evaluatedAt,
    interrupted: snapshot.interrupted,
    cluster: {
      name: cluster.name,
      ...(cluster.uid !== undefined && { uid: cluster.uid }),
      ...(cluster.version !== undefined && { version: cluster.version }),
      source: cluster.source,
    },
    catalogue: { version: catalogue.version, digest: catalogue.digest },
    benchmarks: benchmarksOf(result),
    hasFingerprints: result.rules.every(({ findings }) =>
      findings.every(({ fingerprint }) => fingerprint !== undefined),
    ),
    score: {
      formula,
      ...(lower !== undefined && { lower }),
      ...(upper !== undefined && { upper }),
      coverage: share,
      answered,
      expected,
    },
    failing: { ...summary.failingBySeverity },
    outcomes: { ...summary.rules },
    excluded: (result.excluded ?? []).map(({ rule, reason }) => ({ rule, reason })),
    nodes: cluster.nodes,
    unread: coverage.nodes.filter(({ access }) => access === undefined).map(({ node }) => node),
    unlisted: coverage.families.filter(({ unavailable }) => unavailable !== undefined).map(({ family }) => family),
    ...(result.units !== undefined && { units: result.units }),
    rules: result.rules.map(ruleRecord),
  }
}

function benchmarksOf({ benchmarks, benchmark }: Result): string[] {
  return benchmarks?.map(({ key, version }) => `${key}@${version}`) ?? [`${benchmark.name}@${benchmark.version}`]
}

function ruleRecord(rule: RuleResult): RunRecord['rules'][number] {
  const { id, severity, each, outcome, definition, findings, capped = {} } = rule
  const failing = findings.filter((finding) => finding.outcome === 'fail')
  const over = new Set(capped.fail)
  const waived = [
    ...failing.flatMap(({ waiver, fingerprint }) => (waiver === undefined ? [] : (fingerprint ?? []))),
    ...(rule.cappedWaived ?? []).filter((fingerprint) => over.has(fingerprint)),
  ]
  const others = findings.filter((finding) => finding.outcome !== 'fail')
  return {
    id,
    severity,
    each,
    outcome,
    ...(definition !== undefined && { definition }),
    // The finding that stands for a missing list has the list's name in brackets in the place of a unit.
    ...(findings.some(({ unit }) => unit.id.startsWith('(')) && { isPartial: true as const }),
    fail: failing.map(({ fingerprint = '', unit }) => ({ fingerprint, id: unit.id, name: unit.name })),
    ...(capped.fail !== undefined && { capped: capped.fail }),
    unassessed: [
      ...others.flatMap(({ fingerprint }) => fingerprint ?? []),
      ...(capped.unknown ?? []),
      ...(capped.error ?? []),
      ...(capped.manual ?? []),
    ],
    ...(waived.length > 0 && { waived }),
  }
}
