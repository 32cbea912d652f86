// Reports as Kubernetes objects, for both APIs that have the same shape: one for each namespace and one for what belongs to none,
// in parts that stay far below what etcd takes for one object (1.5 MiB).
// May not: be applied from here; the transport does it when asked.
import type { Outcome } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import { formatCount } from '../text.ts'
import { acceptedSentence, cutSentence, cutsOf, type FindingRow, findingRows, headlineOf } from './findings.ts'
import { acceptedStates, outcomeStates, severityStates } from './states.ts'
import { plainLine } from './text.ts'

export interface ReportApi {
  readonly apiVersion: 'openreports.io/v1alpha1' | 'wgpolicyk8s.io/v1alpha2'
  readonly cluster: { readonly kind: 'ClusterReport' | 'ClusterPolicyReport'; readonly plural: string }
  readonly namespaced: { readonly kind: 'Report' | 'PolicyReport'; readonly plural: string }
}

export const openReports: ReportApi = {
  apiVersion: 'openreports.io/v1alpha1',
  cluster: { kind: 'ClusterReport', plural: 'clusterreports' },
  namespaced: { kind: 'Report', plural: 'reports' },
}
export const policyReports: ReportApi = {
  apiVersion: 'wgpolicyk8s.io/v1alpha2',
  cluster: { kind: 'ClusterPolicyReport', plural: 'clusterpolicyreports' },
  namespaced: { kind: 'PolicyReport', plural: 'policyreports' },
}

/** Names ours among reports of other tools. */
export const managedBy = { key: 'app.kubernetes.io/managed-by', value: 'kube-assay' } as const

export interface ReportObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }
  readonly [key: string]: unknown
}

type State = 'pass' | 'fail' | 'warn' | 'error' | 'skip'
interface Entry {
  readonly result: State
  readonly [key: string]: unknown
}

const maxBytes = 512 * 1_024
const maxEntries = 1_000

export function* reportObjects(result: Result, api: ReportApi): Generator<ReportObject> {
  const byNamespace = Map.groupBy(findingRows(result), ({ finding }) => namespaceOf(finding.unit.namespace))
  const ofCluster = byNamespace.get('') ?? []
  byNamespace.delete('')
  const entries = [
    ...ofCluster.map((row) => entryOf(result, row)),
    ...cutsOf(result).map((cut) => {
      const message = cutSentence(cut)
      return ruleEntry(result, cut.rule, cut.outcome, message, { listed: String(cut.listed), total: String(cut.total) })
    }),
    ...result.rules
      .filter(({ outcome }) => outcome === 'pass' || outcome === 'notApplicable')
      .map((rule) => {
        const message = `${plainLine(rule.title, 400)} (${formatCount(rule.counts.pass)} pass, ${formatCount(rule.counts.notApplicable)} not applicable)`
        return ruleEntry(result, rule, rule.outcome, message, {})
      }),
  ]
  yield* partsOf(result, api, undefined, entries)
  for (const [namespace, rows] of [...byNamespace].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    yield* partsOf(
      result,
      api,
      namespace,
      rows.map((row) => entryOf(result, row)),
    )
  }
}

/** A name that no namespace can have (RFC 1123) belongs to none. */
function namespaceOf(name = ''): string {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? name : ''
}

function* partsOf(
  result: Result,
  api: ReportApi,
  namespace: string | undefined,
  entries: readonly Entry[],
): Generator<ReportObject> {
  let part: Entry[] = []
  let bytes = 0
  let number = 1
  for (const entry of entries) {
    const size = Buffer.byteLength(JSON.stringify(entry))
    if (part.length > 0 && (bytes + size > maxBytes || part.length === maxEntries)) {
      yield objectOf(result, api, namespace, number, part)
      number += 1
      part = []
      bytes = 0
    }
    part.push(entry)
    bytes += size
  }
  if (part.length > 0) yield objectOf(result, api, namespace, number, part)
}

function objectOf(
  result: Result,
  api: ReportApi,
  namespace: string | undefined,
  part: number,
  entries: readonly Entry[],
): ReportObject {
  const summary = { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 }
  for (const entry of entries) summary[entry.result] += 1
  return {
    apiVersion: api.apiVersion,
    kind: namespace === undefined ? api.cluster.kind : api.namespaced.kind,
    metadata: {
      name: `kube-assay-${part}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [managedBy.key]: managedBy.value },
      annotations: {
        'kube-assay.io/report-id': plainLine(result.reportId, 200),
        'kube-assay.io/cluster': plainLine(result.cluster.name, 200),
        'kube-assay.io/evaluated-at': result.evaluatedAt,
      },
    },
    // The older API knows the source of an entry only.
    ...(api === openReports ? { source: 'kube-assay' } : {}),
    ...(namespace === undefined ? {} : { scope: { apiVersion: 'v1', kind: 'Namespace', name: namespace } }),
    summary,
    results: entries,
  }
}

function entryOf(result: Result, row: FindingRow): Entry {
  const { rule, finding, outcome, object, fingerprint, accepted } = row
  const place = object.kind === 'Cluster' ? [] : [resourceOf(row)]
  return {
    ...ruleEntry(result, rule, outcome, headlineOf(row, 1_000), {
      unit: plainLine(finding.unit.id, 300),
      fingerprint,
      ...(accepted === undefined ? {} : { accepted: acceptedSentence(accepted) }),
    }),
    ...(accepted === undefined ? {} : { result: acceptedStates.policyReport }),
    ...(place.length === 0 ? {} : { resources: place }),
  }
}

function resourceOf({ object }: FindingRow) {
  return {
    ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
    kind: plainLine(object.kind, 100),
    ...(object.namespace === undefined ? {} : { namespace: plainLine(object.namespace, 253) }),
    name: plainLine(object.name, 300),
  }
}

function ruleEntry(
  result: Result,
  rule: RuleResult,
  outcome: Outcome,
  message: string,
  properties: Readonly<Record<string, string>>,
): Entry {
  const ms = Date.parse(result.evaluatedAt)
  return {
    policy: plainLine(rule.id, 200),
    rule: plainLine(rule.id, 200),
    source: 'kube-assay',
    category: plainLine(rule.references[0] ?? result.benchmark.name, 200),
    severity: severityStates[rule.severity].policyReport,
    result: outcomeStates[outcome].policyReport,
    scored: rule.assessment === 'automated',
    message,
    timestamp: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 },
    properties: { outcome, ...properties },
  }
}
