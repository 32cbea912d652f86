// OSCAL 1.2 assessment results: an observation for each finding and each rule, a finding for each control, a risk for what is accepted.
// The ids follow from cluster, rule and unit, so that runs can be compared; only the document's own id is new in each run.

import type { Outcome } from '../../model/outcome.ts'
import type { ControlResult, Result, RuleResult } from '../../model/result.ts'
import { formatCount, plainProse } from '../text.ts'
import { termsOf } from '../words.ts'
import { english } from './english.ts'
import {
  acceptedSentence,
  cutSentence,
  cutsOf,
  detailLines,
  type FindingRow,
  findingRows,
  headlineOf,
} from './findings.ts'
import type { Exporter } from './format.ts'
import { outcomeStates } from './states.ts'
import { joinLines, plainLine, plainText } from './text.ts'
import { nameUuid } from './uuid.ts'
import { Items, writeJson } from './write-json.ts'

const oscalVersion = '1.2.2'
const namespace = 'https://kube-assay.io/ns/oscal'
/** Of one control; each observation names its rule in any case. */
const observationsPerFinding = 100

interface Target {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly outcome: Outcome
  readonly rules: readonly string[]
}

export const exporter: Exporter = {
  fileName: () => 'oscal-assessment-results.json',
  *render(result) {
    const { reportId, evaluatedAt, cluster, snapshot, tool } = result
    const plan = nameUuid(reportId, 'plan')
    const targets = targetsOf(result)
    const accepted = [...findingRows(result)].some((row) => row.accepted !== undefined)
    yield* writeJson({
      'assessment-results': {
        uuid: nameUuid(reportId, 'assessment-results'),
        metadata: {
          title: plainLine(`Kubernetes audit of ${cluster.name}`, 500),
          'last-modified': evaluatedAt,
          version: plainLine(reportId, 200),
          'oscal-version': oscalVersion,
          props: [property('tool', `kube-assay ${tool.version}`), property('snapshot-sha256', snapshot.sha256)],
        },
        'import-ap': { href: `#${plan}` },
        results: [
          {
            uuid: nameUuid(reportId, 'result'),
            title: plainLine(`${cluster.name}, ${snapshot.startedAt}`, 500),
            description: descriptionOf(result),
            start: snapshot.startedAt,
            end: snapshot.finishedAt,
            props: scoreProperties(result),
            'local-definitions': { 'inventory-items': new Items(inventory(result)) },
            'reviewed-controls': reviewedControls(result, targets),
            ...(result.rules.length === 0 ? {} : { observations: new Items(observations(result)) }),
            ...(accepted ? { risks: new Items(risks(result)) } : {}),
            ...(targets.some(isTold) ? { findings: new Items(findings(result, targets)) } : {}),
          },
        ],
        'back-matter': {
          resources: [
            {
              uuid: plan,
              description: 'There is no assessment plan of its own: the catalogue of the tool is what was assessed.',
              props: [property('catalogue-digest', result.catalogue.digest)],
            },
          ],
        },
      },
    })
  },
}

function property(name: string, value: string) {
  return { name, ns: namespace, value: plainLine(value, 1_000) }
}

function scoreProperties({ score }: Result) {
  return [
    ...(score.lower === undefined ? [] : [property('score-lower', String(score.lower))]),
    ...(score.upper === undefined ? [] : [property('score-upper', String(score.upper))]),
    property('units-answered', String(score.answered)),
    property('units-expected', String(score.expected)),
  ]
}

function descriptionOf(result: Result): string {
  const cuts = cutsOf(result).slice(0, 200).map(cutSentence)
  const interrupted = result.snapshot.interrupted
    ? ['The collection was stopped early; what was not read is unknown.']
    : []
  return ['Configuration and host facts, read without changing anything.', ...interrupted, ...cuts].join('\n')
}

/** Controls of the benchmarks, and the rules that none of them names. */
function targetsOf(result: Result): Target[] {
  const named = new Set<string>()
  const controls = (result.benchmarks ?? []).flatMap(({ key, name, version, controls }) =>
    controls.map((control) => {
      for (const rule of control.rules) named.add(rule)
      return controlTarget(`${key}-${version}-${control.number}`, `${name} ${version}`, control)
    }),
  )
  return [...controls, ...result.rules.filter(({ id }) => !named.has(id)).map(ruleTarget)]
}

function controlTarget(id: string, benchmark: string, control: ControlResult): Target {
  const { number, subject, reason, question, rules } = control
  return {
    id: token(id),
    title: plainLine(`${benchmark} ${number}: ${subject}`, 500),
    description: plainText([reason, question].filter((text) => text !== undefined).join('\n') || subject, 2_000),
    // Left out of this run: told as excluded, as what does not apply.
    outcome: control.outcome ?? 'notApplicable',
    rules,
  }
}

function ruleTarget(rule: RuleResult): Target {
  const { id, title, description, outcome } = rule
  return {
    id: token(id),
    title: plainLine(title, 500),
    description: plainText(plainProse(description), 2_000),
    outcome,
    rules: [id],
  }
}

function isTold({ outcome }: Target): boolean {
  return outcomeStates[outcome].oscal !== undefined
}

/** An XML name without a colon. */
function token(text: string): string {
  const safe = plainLine(text, 200).replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
  return /^[\p{L}_]/u.test(safe) ? safe : `_${safe}`
}

function reviewedControls(result: Result, targets: readonly Target[]) {
  const ids = (wanted: boolean) => {
    const all = targets.filter((target) => isTold(target) === wanted).map(({ id }) => id)
    return [...new Set(all)].map((id) => ({ 'control-id': id }))
  }
  const [included, excluded] = [ids(true), ids(false)]
  return {
    description: plainText(`Catalogue ${result.catalogue.version}, digest ${result.catalogue.digest}.`, 500),
    'control-selections': [
      {
        ...(included.length === 0 ? { 'include-all': {} } : { 'include-controls': included }),
        ...(excluded.length === 0
          ? {}
          : {
              'exclude-controls': excluded,
              remarks:
                'Excluded: controls that do not apply to this cluster, and those that this run was asked to leave out.',
            }),
      },
    ],
  }
}

function unitUuid({ cluster }: Result, kind: string, id: string): string {
  return nameUuid(cluster.uid ?? cluster.name, 'unit', kind, id)
}

function* inventory(result: Result): Generator<object> {
  const { cluster } = result
  yield {
    uuid: unitUuid(result, 'cluster', 'cluster'),
    description: plainText(
      `Cluster ${cluster.name}${cluster.version === undefined ? '' : `, ${cluster.version}`}`,
      500,
    ),
  }
  const seen = new Set(['cluster cluster'])
  for (const { finding, object } of findingRows(result)) {
    const { kind, id, name } = finding.unit
    if (seen.has(`${kind} ${id}`)) continue
    seen.add(`${kind} ${id}`)
    yield {
      uuid: unitUuid(result, kind, id),
      description: plainText(name, 500),
      props: [property('unit', id), property('kind', object.kind)],
    }
  }
}

function subjectOf(result: Result, kind: string, id: string, title: string) {
  return { 'subject-uuid': unitUuid(result, kind, id), type: 'inventory-item', title: plainLine(title, 300) }
}

/** First each rule as a whole, with its counts, then its findings one by one. */
function* observations(result: Result): Generator<object> {
  const { cluster, snapshot } = result
  for (const rule of result.rules) {
    const counts = Object.entries(rule.counts).filter(([, count]) => count > 0)
    yield {
      uuid: nameUuid(result.reportId, 'rule', rule.id),
      title: plainLine(rule.title, 500),
      description: plainText(
        `${plainProse(rule.description)}\n${counts.map(([outcome, count]) => `${outcome}: ${formatCount(count)}`).join(', ')}`,
        4_000,
      ),
      props: [property('rule', rule.id), property('outcome', rule.outcome), property('severity', rule.severity)],
      methods: ['TEST'],
      subjects: [subjectOf(result, 'cluster', 'cluster', cluster.name)],
      collected: snapshot.finishedAt,
    }
  }
  for (const row of findingRows(result)) yield observationOf(result, row)
}

function observationUuid({ reportId }: Result, { fingerprint }: FindingRow): string {
  return nameUuid(reportId, 'finding', fingerprint)
}

function observationOf(result: Result, row: FindingRow): object {
  const { rule, finding, outcome, fingerprint } = row
  const evidence = joinLines(detailLines(row), 4_000)
  return {
    uuid: observationUuid(result, row),
    title: plainLine(`${rule.id}: ${finding.unit.name}`, 500),
    description: headlineOf(row),
    props: [
      property('rule', rule.id),
      property('outcome', outcome),
      property('severity', rule.severity),
      property('fingerprint', fingerprint),
    ],
    methods: ['TEST'],
    subjects: [subjectOf(result, finding.unit.kind, finding.unit.id, finding.unit.name)],
    collected: result.snapshot.finishedAt,
    ...(evidence === '' ? {} : { 'relevant-evidence': [{ description: evidence }] }),
  }
}

function riskUuid({ reportId }: Result, fingerprint: string): string {
  return nameUuid(reportId, 'risk', fingerprint)
}

function* risks(result: Result): Generator<object> {
  for (const row of findingRows(result)) {
    if (row.accepted === undefined) continue
    const { expires, reason } = row.accepted
    const deadline = /^\d{4}-\d\d-\d\d$/.test(expires) ? `${expires}T23:59:59Z` : expires
    yield {
      uuid: riskUuid(result, row.fingerprint),
      title: plainLine(`${row.rule.id}: ${row.finding.unit.name}`, 500),
      description: acceptedSentence(row.accepted),
      statement: plainText(reason, 2_000) || '-',
      status: 'deviation-approved',
      deadline,
      'related-observations': [{ 'observation-uuid': observationUuid(result, row) }],
    }
  }
}

function* findings(result: Result, targets: readonly Target[]): Generator<object> {
  const rows = Map.groupBy(findingRows(result), ({ rule }) => rule.id)
  for (const target of targets) {
    const status = outcomeStates[target.outcome].oscal
    if (status === undefined) continue
    const own = target.rules.flatMap((id) => rows.get(id) ?? [])
    const kept = own.slice(0, observationsPerFinding)
    const risked = own.filter(({ accepted }) => accepted !== undefined)
    const related = [
      ...target.rules
        .filter((id) => result.rules.some((rule) => rule.id === id))
        .map((id) => nameUuid(result.reportId, 'rule', id)),
      ...kept.map((row) => observationUuid(result, row)),
    ]
    yield {
      uuid: nameUuid(result.reportId, 'control', target.id),
      title: target.title,
      description: target.description,
      target: {
        type: 'objective-id',
        'target-id': target.id,
        status: { ...status, remarks: `${target.outcome}: ${termsOf(english).outcomeWords[target.outcome]}` },
      },
      ...(related.length === 0
        ? {}
        : { 'related-observations': related.map((uuid) => ({ 'observation-uuid': uuid })) }),
      ...(risked.length === 0
        ? {}
        : {
            'related-risks': risked.map(({ fingerprint }) => ({ 'risk-uuid': riskUuid(result, fingerprint) })),
          }),
      ...(kept.length < own.length
        ? { remarks: `${formatCount(kept.length)} of ${formatCount(own.length)} observations are linked here.` }
        : {}),
    }
  }
}
