// All findings as CSV (RFC 4180), a row each with its whole evidence, for spreadsheets and GRC imports.
// A cell that a spreadsheet would run as a formula gets an apostrophe in front; numbers are our own and need none.
import type { Result } from '../../model/result.ts'
import { plainProse } from '../text.ts'
import { english } from './english.ts'
import { type Cut, cutSentence, cutsOf, type FindingRow, findingRows } from './findings.ts'
import type { Exporter } from './format.ts'
import { plainText } from './text.ts'

/** Excel keeps 32,767 characters of a cell and drops the rest of the row's text into the next ones. */
const maxCell = 32_000

const columns = [
  'cluster',
  'cluster_uid',
  'report_id',
  'evaluated_at',
  'rule',
  'severity',
  'assessment',
  'outcome',
  'title',
  'unit_kind',
  'unit_id',
  'unit_name',
  'node',
  'namespace',
  'pods',
  'message',
  'observed',
  'expected',
  'source',
  'not_known',
  'remediation',
  'verify',
  'references',
  'fingerprint',
  'accepted_until',
  'accepted_by',
  'accepted_reason',
  'accepted_ticket',
] as const
type Column = (typeof columns)[number]
type Row = { readonly [C in Column]?: string | number }

export const exporter: Exporter = {
  fileName: () => 'findings.csv',
  *render(result) {
    yield `${columns.join(',')}\r\n`
    for (const row of findingRows(result)) yield line({ ...runCells(result), ...findingCells(row) })
    for (const cut of cutsOf(result)) yield line({ ...runCells(result), ...cutCells(cut) })
  },
}

function runCells({ cluster, reportId, evaluatedAt }: Result): Row {
  return {
    cluster: cluster.name,
    cluster_uid: cluster.uid ?? '',
    report_id: reportId,
    evaluated_at: evaluatedAt,
  }
}

function findingCells({ rule, finding, outcome, fingerprint, accepted }: FindingRow): Row {
  const { unit, evidence, missing = [], remediation = [], verify = '' } = finding
  const lines = (key: 'message' | 'observed' | 'expected' | 'source') => evidence.map((item) => item[key]).join('\n')
  return {
    rule: rule.id,
    severity: rule.severity,
    assessment: rule.assessment,
    outcome,
    title: rule.title,
    unit_kind: unit.kind,
    unit_id: unit.id,
    unit_name: unit.name,
    node: unit.node ?? '',
    namespace: unit.namespace ?? '',
    pods: unit.pods ?? '',
    message: lines('message'),
    observed: lines('observed'),
    expected: lines('expected'),
    source: lines('source'),
    not_known: missing
      .map(({ fact, reason, detail }) => `${fact}: ${english.say(`reason.${reason}`)}: ${detail}`)
      .join('\n'),
    remediation: remediation
      .map(({ text, file, content }) =>
        [plainProse(text), ...(file === undefined ? [] : [file]), content ?? ''].join('\n').trim(),
      )
      .join('\n'),
    verify,
    references: rule.references.join('; '),
    fingerprint,
    accepted_until: accepted?.expires ?? '',
    accepted_by: [accepted?.owner, accepted?.approver].filter((name) => name !== undefined).join(', '),
    accepted_reason: accepted?.reason ?? '',
    accepted_ticket: accepted?.ticket ?? '',
  }
}

/** Findings that the result counts and does not list have no row of their own; this one says so. */
function cutCells(cut: Cut): Row {
  const { rule, outcome } = cut
  return {
    rule: rule.id,
    severity: rule.severity,
    assessment: rule.assessment,
    outcome,
    title: rule.title,
    unit_kind: rule.each,
    unit_name: '(not listed)',
    message: cutSentence(cut),
    references: rule.references.join('; '),
  }
}

function line(row: Row): string {
  return `${columns.map((column) => cell(row[column] ?? '')).join(',')}\r\n`
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = guard(plainText(value, maxCell))
  return /[",\n\r\t;]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

/**
 * OWASP's list, also after spaces and on every further line, because some readers split there. A tab at the start is dropped by
 * some readers and uncovers what follows it. https://owasp.org/www-community/attacks/CSV_Injection
 */
function guard(text: string): string {
  return text.replaceAll(/^(?=[^\S\n]*[=+\-@\t|%＝＋－＠])/gmu, "'")
}
