// OCSF 1.8 compliance findings (class 2003): an array with one event a line. Times are in milliseconds.
// An event for each finding, and one for each rule that passes or does not apply as a whole.
import type { Outcome } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import { formatCount, plainProse } from '../text.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  detailLines,
  type FindingRow,
  findingRows,
  fixText,
  headlineOf,
  referencesOf,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { acceptedStates, outcomeStates, severityStates } from './states.ts'
import { plainLine, plainText, webLink } from './text.ts'
import { nameUuid } from './uuid.ts'
import { Items, writeJson } from './write-json.ts'

export const exporter: Exporter = {
  fileName: () => 'ocsf.json',
  render: (result) => writeJson(new Items(events(result))),
}

function* events(result: Result): Generator<object> {
  for (const row of findingRows(result)) yield findingEvent(result, row)
  for (const cut of cutsOf(result)) {
    const message = cutSentence(cut)
    yield event(result, cut.rule, cut.outcome, {
      uid: `cut:${cut.rule.id}:${cut.outcome}`,
      message,
      details: [message],
    })
  }
  for (const rule of result.rules) {
    if (rule.outcome !== 'pass' && rule.outcome !== 'notApplicable') continue
    const details = Object.entries(rule.counts)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${outcome}: ${formatCount(count)}`)
    yield event(result, rule, rule.outcome, { uid: `rule:${rule.id}`, message: plainLine(rule.title, 500), details })
  }
}

interface Told {
  /** Of the finding, stable between runs. */
  readonly uid: string
  readonly message: string
  readonly details: readonly string[]
  readonly status?: { readonly id: number; readonly name: string; readonly detail?: string }
  readonly resource?: object
  readonly fix?: string
  readonly unmapped?: object
}

function findingEvent(result: Result, row: FindingRow): object {
  const { rule, finding, outcome, fingerprint, object, accepted } = row
  return event(result, rule, outcome, {
    uid: fingerprint,
    message: headlineOf(row),
    details: detailLines(row).slice(0, 200),
    ...(accepted === undefined
      ? {}
      : {
          status: {
            id: acceptedStates.ocsf.statusId,
            name: acceptedStates.ocsf.status,
            detail: acceptedSentence(accepted),
          },
        }),
    resource: {
      uid: plainLine(finding.unit.id, 500),
      name: plainLine(object.name, 500),
      type: plainLine(object.kind, 100),
      ...(object.namespace === undefined ? {} : { namespace: plainLine(object.namespace, 300) }),
      ...(object.apiVersion === undefined ? {} : { version: object.apiVersion }),
    },
    fix: fixText(row, 4_000),
    unmapped: finding.unit.pods === undefined ? {} : { pods: finding.unit.pods },
  })
}

function event(result: Result, rule: RuleResult, outcome: Outcome, told: Told): object {
  const { cluster, reportId, tool, evaluatedAt, benchmark } = result
  const time = Date.parse(evaluatedAt)
  const severity = severityStates[rule.severity].ocsf
  const compliance = outcomeStates[outcome].ocsf
  const status = told.status ?? { id: 1, name: 'New' }
  const link = webLink(rule.links)
  const requirements = referencesOf(rule, 50)
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    type_uid: 200301,
    type_name: 'Compliance Finding: Create',
    time,
    severity_id: severity.id,
    severity: severity.name,
    status_id: status.id,
    status: status.name,
    ...('detail' in status && status.detail !== undefined ? { status_detail: status.detail } : {}),
    message: told.message,
    metadata: {
      version: '1.8.0',
      product: {
        name: 'kube-assay',
        vendor_name: 'kube-assay',
        uid: 'kube-assay',
        version: plainLine(tool.version, 100),
      },
      event_code: plainLine(rule.id, 200),
      correlation_uid: plainLine(reportId, 200),
      uid: nameUuid(reportId, told.uid),
    },
    finding_info: {
      uid: plainLine(told.uid, 200),
      title: plainLine(rule.title, 500),
      desc: plainText(plainProse(rule.description), 2_000),
      created_time: time,
    },
    compliance: {
      standards: [plainLine(`${benchmark.name} ${benchmark.version}`, 200)],
      ...(requirements.length === 0 ? {} : { requirements }),
      control: plainLine(rule.id, 200),
      status_id: compliance.id,
      status: compliance.name,
      status_code: outcome,
      ...(told.details.length === 0 ? {} : { status_details: told.details }),
      checks: [
        {
          uid: plainLine(rule.id, 200),
          name: plainLine(rule.title, 500),
          version: plainLine(result.catalogue.version, 100),
          status_id: compliance.id,
          status: compliance.name,
        },
      ],
    },
    resources: [
      told.resource ?? {
        uid: plainLine(cluster.uid ?? cluster.name, 300),
        name: plainLine(cluster.name, 300),
        type: 'Cluster',
      },
    ],
    ...(told.fix === undefined || told.fix === ''
      ? {}
      : { remediation: { desc: told.fix, ...(link === undefined ? {} : { references: [link] }) } }),
    unmapped: { cluster: plainLine(cluster.name, 300), cluster_uid: cluster.uid ?? '', ...told.unmapped },
  }
}
