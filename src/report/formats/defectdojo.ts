// DefectDojo's Generic Findings Import. A key that its parser does not know makes the whole import fail.
// What could not be told is a finding of severity Info under review: a reimport closes what is missing.
import type { Result } from '../../model/result.ts'
import { formatCount, plainProse } from '../text.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  type FindingRow,
  findingRows,
  findingsTotal,
  fixText,
  referencesOf,
  unitLines,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { outcomeStates, severityStates } from './states.ts'
import { joinLines, plainLine, plainText } from './text.ts'
import { Items, writeJson } from './write-json.ts'

export const exporter: Exporter = {
  fileName: () => 'defectdojo.json',
  render: (result) =>
    writeJson({
      name: plainLine(`kube-assay ${result.cluster.name}`, 200),
      // Names the test type: all runs of the tool are of one.
      type: 'kube-assay',
      version: plainLine(result.tool.version, 100),
      description: plainText(
        [
          `${result.reportId}: ${formatCount(findingsTotal(result))} findings in all.`,
          ...cutsOf(result).slice(0, 100).map(cutSentence),
        ].join('\n'),
        10_000,
      ),
      static_tool: true,
      findings: new Items(findings(result)),
    }),
}

function* findings(result: Result): Generator<object> {
  for (const row of findingRows(result))
    if (outcomeStates[row.outcome].defectDojo !== 'none') yield findingOf(result, row)
}

function findingOf({ cluster, evaluatedAt }: Result, row: FindingRow): object {
  const { rule, finding, outcome, fingerprint, accepted, object } = row
  const isFinding = outcomeStates[outcome].defectDojo === 'finding'
  const place = [object.namespace, object.kind, object.name].filter((part) => part !== undefined).join('/')
  const notes = accepted === undefined ? [] : [acceptedSentence(accepted)]
  return {
    title: plainLine(`${isFinding ? rule.problem : `Not answered: ${rule.title}`}: ${finding.unit.name}`, 500),
    severity: isFinding ? severityStates[rule.severity].defectDojo : 'Info',
    description: joinLines(
      [`Outcome: ${outcome}`, ...unitLines(row), ...notes, plainText(plainProse(rule.description), 2_000)].map(
        indented,
      ),
      10_000,
    ),
    date: evaluatedAt.slice(0, 10),
    mitigation: indented(fixText(row, 8_000) || '-'),
    impact: indented(plainText(plainProse(rule.rationale), 4_000) || '-'),
    references: indented(joinLines([...referencesOf(rule, 50, 200), ...rule.links], 4_000) || '-'),
    ...(isFinding
      ? {}
      : { severity_justification: `The rule's severity is ${rule.severity}; nothing was found yet: ${outcome}.` }),
    vuln_id_from_tool: plainLine(rule.id, 200),
    unique_id_from_tool: fingerprint,
    component_name: plainLine(place, 200),
    service: plainLine(cluster.name, 200),
    static_finding: true,
    dynamic_finding: false,
    active: accepted === undefined,
    verified: outcome === 'fail',
    under_review: !isFinding,
    risk_accepted: accepted !== undefined,
    tags: ['kube-assay', rule.each, outcome],
  }
}

/** These fields are Markdown there: an indented block has no markup, links or pictures. */
function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
