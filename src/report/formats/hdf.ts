// MITRE's Heimdall Data Format (InSpec exec-json): a control for each rule, a result for each finding.
// Heimdall takes a control for passed as soon as one result passed and none failed, and for broken as soon as one is an error: what
// is unknown is an error where the rule is unknown, and skipped beside failures, which it would hide otherwise.
import type { Result, RuleResult } from '../../model/result.ts'
import { plainProse } from '../text.ts'
import { english } from './english.ts'
import {
  type Accepted,
  acceptedSentence,
  cutSentence,
  cutsOf,
  type FindingRow,
  findingOutcomes,
  fixText,
  referencesOf,
  rowsOf,
  unitLines,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { outcomeStates, severityStates } from './states.ts'
import { joinLines, plainLine, plainText, webLink } from './text.ts'
import { Items, writeJson } from './write-json.ts'

export const exporter: Exporter = {
  fileName: () => 'hdf.json',
  *render(result) {
    const { tool, cluster, snapshot, benchmark, catalogue } = result
    yield* writeJson({
      platform: {
        name: 'kube-assay',
        release: plainLine(tool.version, 100),
        target_id: plainLine(cluster.name, 300),
      },
      version: plainLine(tool.version, 100),
      statistics: { duration: Math.max(0, Date.parse(snapshot.finishedAt) - Date.parse(snapshot.startedAt)) / 1_000 },
      profiles: [
        {
          name: 'kube-assay',
          title: plainLine(`Audit of ${cluster.name} by ${benchmark.name} ${benchmark.version}`, 500),
          version: plainLine(catalogue.version, 100),
          sha256: plainLine(catalogue.digest, 100),
          supports: [],
          attributes: [],
          groups: [],
          status: 'loaded',
          controls: new Items(result.rules.map((rule) => controlOf(result, rule))),
        },
      ],
    })
  },
}

function controlOf(result: Result, rule: RuleResult): object {
  const rows = findingOutcomes.flatMap((outcome) => [...rowsOf(result, rule, outcome)])
  const accepted = acceptedForAll(rule, rows)
  const [example] = rows
  return {
    id: plainLine(rule.id, 255),
    title: plainLine(rule.title, 1_000),
    desc: plainText(plainProse(rule.description), 4_000),
    descriptions: [
      { label: 'rationale', data: plainText(plainProse(rule.rationale), 4_000) },
      ...(example === undefined ? [] : [{ label: 'fix', data: fixText(example, 8_000) }]),
    ],
    // Heimdall shows a control without impact as not applicable.
    impact: rule.outcome === 'notApplicable' ? 0 : severityStates[rule.severity].hdfImpact,
    refs: [{ url: webLink(rule.links) }].filter(({ url }) => url !== undefined),
    tags: {
      severity: rule.severity,
      outcome: rule.outcome,
      references: referencesOf(rule, 50),
      counts: rule.counts,
    },
    code: '',
    source_location: {},
    ...(accepted === undefined ? {} : { waiver_data: waiverOf(accepted) }),
    results: resultsOf(result, rule, rows),
  }
}

function resultsOf(result: Result, rule: RuleResult, rows: readonly FindingRow[]): object[] {
  const start_time = result.snapshot.startedAt
  const units = (count: number) => english.say(`units.${rule.each}`, { count })
  const passing =
    rule.counts.pass > 0 && (rule.outcome === 'pass' || rule.outcome === 'fail')
      ? [{ status: outcomeStates.pass.hdf, code_desc: `${units(rule.counts.pass)} pass`, start_time }]
      : []
  const cuts = cutsOf({ rules: [rule] }).map((cut) => {
    const status = statusOf(rule, cut.outcome)
    const message = cutSentence(cut)
    return { status, code_desc: `${units(cut.total - cut.listed)} more`, start_time, ...messageOf(status, message) }
  })
  const all = [...rows.map((row) => resultOf(rule, row, start_time)), ...cuts, ...passing]
  if (all.length > 0) return all
  const message =
    rule.counts.notApplicable > 0
      ? `not applicable to ${units(rule.counts.notApplicable)}`
      : `no ${english.say(`things.${rule.each}`)}`
  const status = outcomeStates[rule.outcome === 'pass' ? 'notApplicable' : rule.outcome].hdf
  return [{ status, code_desc: message, start_time, ...messageOf(status, message) }]
}

function resultOf(rule: RuleResult, row: FindingRow, start_time: string): object {
  const accepted = row.accepted === undefined ? [] : [acceptedSentence(row.accepted)]
  const status = statusOf(rule, row.outcome)
  return {
    status,
    code_desc: plainLine(`${row.outcome}: ${row.finding.unit.name}`, 500),
    start_time,
    ...messageOf(status, joinLines([...unitLines(row), ...accepted], 4_000)),
    resource: plainLine(row.object.kind, 100),
    resource_id: plainLine(row.finding.unit.id, 500),
  }
}

function statusOf(rule: RuleResult, outcome: FindingRow['outcome']) {
  const { hdf } = outcomeStates[outcome]
  return hdf === 'error' && rule.outcome === 'fail' ? 'skipped' : hdf
}

function messageOf(status: string, text: string): object {
  return status === 'skipped' ? { skip_message: text } : { message: text }
}

/** A waiver is of a whole control in this format: only where every finding is accepted and listed. */
function acceptedForAll(rule: RuleResult, rows: readonly FindingRow[]): Accepted | undefined {
  if (rows.length === 0 || rows.length < rule.findingsTotal) return undefined
  return rows.every(({ accepted }) => accepted !== undefined) ? rows[0]?.accepted : undefined
}

/** Not skipped: the control was assessed and keeps its outcome. */
function waiverOf(accepted: Accepted): object {
  return {
    justification: acceptedSentence(accepted),
    run: true,
    skipped_due_to_waiver: false,
    expiration_date: accepted.expires,
  }
}
