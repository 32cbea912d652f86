// SARIF 2.1.0 for code scanning. Within GitHub's limits: 25,000 results, 10 MB compressed, a location for every result.
// What could not be told has a result too: an alert whose result is missing would be closed there as fixed.
import { gzipSync } from 'node:zlib'
import type { Result, RuleResult } from '../../model/result.ts'
import { formatCount, plainProse } from '../text.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  type FindingRow,
  findingRows,
  findingsTotal,
  referencesOf,
  unitLines,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { outcomeStates, severityStates } from './states.ts'
import { joinLines, plainLine, plainText, webLink } from './text.ts'
import type { UnitObject } from './unit-object.ts'
import { Items, writeJson } from './write-json.ts'

const maxResults = 25_000
/** GitHub refuses files above 10,000,000 bytes after gzip; results in small groups compress less well than in one. */
const maxCompressed = 9_000_000
const groupSize = 250

export const exporter: Exporter = {
  fileName: () => 'findings.sarif',
  *render(result) {
    const ruleIndex = new Map(result.rules.map(({ id }, index) => [id, index]))
    const descriptors = result.rules.map(descriptorOf)
    const room = maxCompressed - gzipSync(JSON.stringify(descriptors)).length
    const results = resultsWithin(result, ruleIndex, room)
    const notes = notesOf(result, results.length)
    yield* writeJson({
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'kube-assay',
              version: plainLine(result.tool.version, 100),
              rules: new Items(descriptors),
            },
          },
          // A run replaces the one before of the same category, which the id up to its last slash is.
          automationDetails: { id: `kube-assay/${pathPart(result.cluster.name)}/` },
          invocations: [
            {
              executionSuccessful: !result.snapshot.interrupted,
              startTimeUtc: result.snapshot.startedAt,
              endTimeUtc: result.snapshot.finishedAt,
              ...(notes.length === 0
                ? {}
                : { toolExecutionNotifications: notes.map((text) => ({ level: 'warning', message: { text } })) }),
            },
          ],
          properties: {
            reportId: plainLine(result.reportId, 200),
            resultsListed: results.length,
            findingsTotal: findingsTotal(result),
            score: result.score,
          },
          results: new Items(results),
        },
      ],
    })
  },
}

function descriptorOf(rule: RuleResult) {
  const link = webLink(rule.links)
  const { sarifLevel, securitySeverity } = severityStates[rule.severity]
  return {
    id: plainLine(rule.id, 255),
    shortDescription: { text: plainLine(rule.title, 1_000) },
    fullDescription: { text: plainText(plainProse(rule.description), 1_000) || plainLine(rule.title, 1_000) },
    help: { text: helpText(rule) },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: sarifLevel },
    properties: {
      tags: ['security', rule.each, ...referencesOf(rule, 8)],
      'security-severity': securitySeverity,
      outcome: rule.outcome,
      counts: rule.counts,
    },
  }
}

function helpText({ rationale, risk, references, links }: RuleResult): string {
  const parts = [plainProse(rationale), plainProse(risk ?? ''), references.join('; '), links.join('\n')]
  return (
    parts
      .map((part) => plainText(part, 2_000))
      .join('\n\n')
      .trim() || '-'
  )
}

/** The most pressing results that GitHub takes. */
function resultsWithin(result: Result, ruleIndex: ReadonlyMap<string, number>, room: number): object[] {
  const kept: object[] = []
  let group: object[] = []
  let used = 0
  for (const row of findingRows(result)) {
    if (kept.length + group.length === maxResults) break
    group.push(resultOf(result, row, ruleIndex.get(row.rule.id) ?? 0))
    if (group.length < groupSize) continue
    used += gzipSync(JSON.stringify(group)).length
    if (used > room) return kept
    kept.push(...group)
    group = []
  }
  return used + gzipSync(JSON.stringify(group)).length > room ? kept : [...kept, ...group]
}

function resultOf(result: Result, row: FindingRow, ruleIndex: number): object {
  const { rule, finding, outcome, object, fingerprint, accepted } = row
  const kind = outcomeStates[outcome].sarif
  const fullName = [object.apiVersion, object.kind, object.namespace, object.name]
  return {
    ruleId: plainLine(rule.id, 255),
    ruleIndex,
    kind,
    level: kind === 'fail' ? severityStates[rule.severity].sarifLevel : 'none',
    message: { text: messageOf(row) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(result, object) },
          region: { startLine: 1 },
        },
        logicalLocations: [
          {
            fullyQualifiedName: plainLine(fullName.filter((part) => part !== undefined).join('/'), 500),
            kind: 'resource',
          },
        ],
      },
    ],
    partialFingerprints: { 'kubeAssay/v1': fingerprint, primaryLocationLineHash: fingerprint },
    ...(accepted === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: acceptedSentence(accepted) }] }),
    properties: { outcome, unit: plainLine(finding.unit.id, 500) },
  }
}

/** Square brackets with a target would be a link in the message. */
function messageOf(row: FindingRow): string {
  const problem = row.outcome === 'fail' ? row.rule.problem : `Not answered (${row.outcome}): ${row.rule.title}`
  const text = joinLines([`${plainLine(problem, 300)}.`, ...unitLines(row)], 1_000)
  return text.replaceAll('](', '] (')
}

/** A path that stays the same between runs: <cluster>/<namespace>/<Kind>/<name>.yaml. No such file needs to exist. */
function uriOf({ cluster }: Result, { namespace, kind, name }: UnitObject): string {
  const parts = [cluster.name, ...(namespace === undefined ? [] : [namespace]), kind, `${name}.yaml`]
  return parts.map(pathPart).join('/')
}

/** One segment: percent-encoded, never empty, "." or "..". */
function pathPart(text: string): string {
  const encoded = encodeURIComponent(plainLine(text, 200)).replaceAll(/[!'()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  })
  return encoded.replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length))
}

function notesOf(result: Result, listed: number): string[] {
  const cuts = cutsOf(result)
  const total = findingsTotal(result)
  return [
    ...(listed < total
      ? [`${formatCount(listed)} of ${formatCount(total)} findings are in this file, the most pressing first.`]
      : []),
    ...cuts.slice(0, 100).map(cutSentence),
    ...(result.snapshot.interrupted ? ['The collection was stopped early; what was not read is unknown.'] : []),
    ...result.coverage.families
      .filter(({ unavailable }) => unavailable !== undefined)
      .slice(0, 100)
      .map(({ family, unavailable }) => plainLine(`Not read: ${family}: ${unavailable?.detail}`, 500)),
  ]
}
