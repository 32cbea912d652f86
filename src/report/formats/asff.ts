// AWS Security Finding Format 2018-10-08, one batch of BatchImportFindings a line: at most 100 findings and far below 6 MB.
// Fields are cut to AWS' lengths; each cut says so.
import type { Outcome } from '../../model/outcome.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import { InputError } from '../../util/input-error.ts'
import { formatCount } from '../text.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  type FindingRow,
  findingRows,
  fixText,
  referencesOf,
  unitLines,
} from './findings.ts'
import type { Exporter, FormatOptions } from './format.ts'
import { acceptedStates, outcomeStates, severityStates } from './states.ts'
import { joinLines, plainLine, plainText, webLink } from './text.ts'

type Account = NonNullable<FormatOptions['aws']>
const batchSize = 100

export const exporter: Exporter = {
  fileName: () => 'asff.ndjson',
  render(result, { aws }) {
    if (aws === undefined) {
      throw new InputError(
        'The format asff needs --aws-account and --aws-region: every finding names where it is imported.',
      )
    }
    return batches(result, aws)
  },
}

function* batches(result: Result, aws: Account): Generator<string> {
  let batch: object[] = []
  for (const finding of findings(result, aws)) {
    batch.push(finding)
    if (batch.length < batchSize) continue
    yield `${JSON.stringify(batch)}\n`
    batch = []
  }
  if (batch.length > 0) yield `${JSON.stringify(batch)}\n`
}

function* findings(result: Result, aws: Account): Generator<object> {
  for (const row of findingRows(result)) yield unitFinding(result, row, aws)
  for (const cut of cutsOf(result)) {
    yield ruleFinding(result, cut.rule, cut.outcome, aws, { id: `cut/${cut.outcome}`, text: cutSentence(cut) })
  }
  for (const rule of result.rules) {
    if (rule.outcome !== 'pass' && rule.outcome !== 'notApplicable') continue
    const { pass, notApplicable } = rule.counts
    const text = `${rule.title}. ${formatCount(pass)} pass, ${formatCount(notApplicable)} not applicable.`
    yield ruleFinding(result, rule, rule.outcome, aws, { id: 'all', text })
  }
}

function unitFinding(result: Result, row: FindingRow, aws: Account): object {
  const { rule, finding, outcome, fingerprint, object, accepted } = row
  const fix = fixText(row, 512)
  const link = webLink(rule.links)
  return {
    ...common(result, rule, outcome, aws),
    Id: plainLine(`kube-assay/${result.cluster.uid ?? result.cluster.name}/${fingerprint}`, 512),
    Description: joinLines(unitLines(row), 1_024),
    Resources: [
      resource(result, aws, finding.unit.id, {
        Kind: object.kind,
        Name: object.name,
        ...(object.namespace === undefined ? {} : { Namespace: object.namespace }),
      }),
    ],
    ...(fix === ''
      ? {}
      : { Remediation: { Recommendation: { Text: fix, ...(link === undefined ? {} : { Url: link }) } } }),
    Workflow: { Status: accepted === undefined ? 'NEW' : acceptedStates.asff.workflow },
    ...(accepted === undefined
      ? {}
      : {
          Note: {
            Text: plainLine(acceptedSentence(accepted), 512),
            UpdatedBy: plainLine(accepted.approver ?? accepted.owner, 512),
            UpdatedAt: result.evaluatedAt,
          },
        }),
  }
}

function ruleFinding(
  result: Result,
  rule: RuleResult,
  outcome: Outcome,
  aws: Account,
  told: { readonly id: string; readonly text: string },
): object {
  const { cluster } = result
  return {
    ...common(result, rule, outcome, aws),
    Id: plainLine(`kube-assay/${cluster.uid ?? cluster.name}/${rule.id}/${told.id}`, 512),
    Description: plainText(told.text, 1_024),
    Resources: [resource(result, aws, 'cluster', { Kind: 'Cluster', Name: cluster.name })],
    Workflow: { Status: 'NEW' },
  }
}

function common(result: Result, rule: RuleResult, outcome: Outcome, aws: Account): object {
  const { benchmark, cluster, reportId, evaluatedAt, tool } = result
  const requirements = referencesOf(rule, 32, 64)
  const label = severityStates[rule.severity].asff
  return {
    SchemaVersion: '2018-10-08',
    ProductArn: `arn:${partition(aws)}:securityhub:${aws.region}:${aws.account}:product/${aws.account}/default`,
    ProductName: 'kube-assay',
    CompanyName: 'kube-assay',
    GeneratorId: plainLine(`kube-assay/${rule.id}`, 512),
    AwsAccountId: aws.account,
    Region: aws.region,
    Types: [
      plainLine(
        `Software and Configuration Checks/Industry and Regulatory Standards/${benchmark.name.replaceAll('/', ' ')}`,
        200,
      ),
    ],
    CreatedAt: evaluatedAt,
    UpdatedAt: evaluatedAt,
    // What does not fail weighs nothing there: a pass of a critical rule is no critical finding.
    Severity: { Label: outcome === 'fail' ? label : 'INFORMATIONAL', Original: rule.severity },
    Title: plainLine(`${rule.id}: ${outcome === 'fail' ? rule.problem : rule.title}`, 256),
    Compliance: {
      Status: outcomeStates[outcome].asff,
      ...(requirements.length === 0 ? {} : { RelatedRequirements: requirements }),
    },
    ProductFields: {
      Outcome: outcome,
      Cluster: plainLine(cluster.name, 1_024),
      ReportId: plainLine(reportId, 1_024),
      Benchmark: plainLine(`${benchmark.name} ${benchmark.version}`, 1_024),
      ToolVersion: plainLine(tool.version, 1_024),
    },
    RecordState: 'ACTIVE',
  }
}

function resource({ cluster }: Result, aws: Account, unit: string, details: Readonly<Record<string, string>>): object {
  const other = Object.entries({ ...details, Cluster: cluster.name })
  return {
    Type: 'Other',
    Id: plainLine(`${cluster.uid ?? cluster.name}/${unit}`, 512),
    Partition: partition(aws),
    Region: aws.region,
    Details: { Other: Object.fromEntries(other.map(([key, value]) => [key, plainLine(value, 1_024)])) },
  }
}

function partition({ region }: Account): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
