// What the screen's filters offer, and what each rule and each group of units answers to them.
// May not: let a filter hide what it cannot know; a list that is not whole says so.
import { severities } from '../model/outcome.ts'
import type { Finding, Result, RuleResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import type { Filters, ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import type { EvidenceGroup, RuleFilter } from './view-rules-model.ts'
import { termsOf } from './words.ts'

/** Labels that name an owner, the likeliest first; a workload without one has its namespace's. */
const teamLabels = ['team', 'owner', 'app.kubernetes.io/team', 'app.kubernetes.io/part-of']

export function filtersOf(context: ViewContext): Filters {
  const { result, limits, lang } = context
  const { findingMark, outcomeMarks, severityMarks } = termsOf(lang)
  const units = result.rules.flatMap((rule) => rule.findings.map((finding) => finding.unit))
  const nodes = unique([...result.coverage.nodes.map((node) => node.node), ...units.flatMap((unit) => unit.node ?? [])])
  const namespaces = unique(units.flatMap((unit) => unit.namespace ?? [])).sort()
  const benchmarks = unique(result.rules.flatMap(benchmarksOf)).sort()
  const teams = unique(result.rules.flatMap((rule) => teamsOf(result, rule.findings))).sort()
  const used = new Set<string>(result.rules.map((rule) => rule.outcome))
  const most = limits.filterEntries
  const notes = [
    cutNote(context, most, nodes.length, 'nodes'),
    cutNote(context, most, namespaces.length, 'namespaces'),
    cutNote(context, most, teams.length, 'teams'),
  ]
  const outcomes = [
    { value: 'fail', mark: findingMark },
    ...(['unknown', 'error', 'manual', 'pass', 'notApplicable'] as const).map((value) => ({
      value,
      mark: outcomeMarks[value],
    })),
  ]
  return {
    words: scriptWords(lang),
    severities: severities.map((value) => ({ value, mark: severityMarks[value] })),
    outcomes: outcomes.filter(({ value }) => used.has(value)),
    benchmarks: benchmarks.slice(0, most),
    nodes: nodes.slice(0, most),
    namespaces: namespaces.slice(0, most),
    teams: teams.slice(0, most),
    note: notes.filter((note) => note !== '').join('; '),
  }
}

function scriptWords({ say }: Language): Filters['words'] {
  return {
    open: say('filters.open'),
    close: say('filters.close'),
    shown: say('filters.shown', { shown: '{shown}', all: '{all}' }),
    copy: say('filters.copy'),
    copied: say('filters.copied'),
    copyByHand: say('filters.copyByHand'),
    cut: (['text.cut', 'text.cutShort'] as const).map(
      (key) => say(key, { text: '', shown: '{', all: '' }).split('{', 1)[0] ?? '',
    ),
  }
}

export function filterOf({ result, limits }: ViewContext, rule: RuleResult): RuleFilter {
  const nodes = nodesOf(rule.findings)
  const namespaces = namespacesOf(rule.findings)
  const teams = teamsOf(result, rule.findings)
  const most = limits.filterNames
  const isWhole = rule.findings.length >= rule.findingsTotal
  return {
    benchmarks: benchmarksOf(rule),
    nodes: nodes.slice(0, most),
    namespaces: namespaces.slice(0, most),
    teams: teams.slice(0, most),
    isComplete: isWhole && [nodes, namespaces, teams].every((names) => names.length <= most),
  }
}

/** What a group of units answers, and the ids by which a link finds each of its units. */
export function groupFilterOf(
  { result, limits }: ViewContext,
  group: readonly Finding[],
): Pick<EvidenceGroup, 'nodes' | 'namespaces' | 'teams' | 'anchors' | 'link'> {
  const most = limits.filterNames
  const anchors = unique(group.flatMap(({ fingerprint }) => unitAnchor(fingerprint))).slice(0, most)
  return {
    nodes: nodesOf(group).slice(0, most),
    namespaces: namespacesOf(group).slice(0, most),
    teams: teamsOf(result, group).slice(0, most),
    anchors,
    link: anchors[0] ?? '',
  }
}

/** The same in every report of a cluster, as fingerprints are. */
function unitAnchor(fingerprint: string | undefined): string[] {
  return fingerprint !== undefined && /^[\w:-]{8,80}$/.test(fingerprint)
    ? [`unit-${fingerprint.replaceAll(':', '-')}`]
    : []
}

/** "CIS Kubernetes 1.24" of "CIS Kubernetes 1.24 · 4.2.6"; "Documents" of "Documents A1, A2". */
export function benchmarksOf(rule: RuleResult): string[] {
  return unique(
    rule.references.map(
      (reference) => reference.split(' · ')[0]?.replace(/\s+[A-Z]{1,2}-?\d[\w.]*(?:, .*)?$/, '') ?? '',
    ),
  )
}

const labelsByResult = new WeakMap<Result, ReadonlyMap<string, string>>()

function teamsByUnit(result: Result): ReadonlyMap<string, string> {
  const known = labelsByResult.get(result)
  if (known) return known
  const teams = new Map<string, string>()
  for (const { unit, labels } of result.labels ?? []) {
    const found = teamLabels.flatMap((name) => labels.filter((label) => label.startsWith(`${name}=`)))[0]
    if (found !== undefined) teams.set(unit, found.slice(found.indexOf('=') + 1))
  }
  labelsByResult.set(result, teams)
  return teams
}

function teamsOf(result: Result, findings: readonly Finding[]): string[] {
  const teams = teamsByUnit(result)
  return unique(
    findings.flatMap(({ unit }) => teams.get(unit.id) ?? teams.get(`namespace/${unit.namespace ?? unit.name}`) ?? []),
  )
}

const nodesOf = (findings: readonly Finding[]) => unique(findings.flatMap(({ unit }) => unit.node ?? []))
const namespacesOf = (findings: readonly Finding[]) => unique(findings.flatMap(({ unit }) => unit.namespace ?? []))

function unique(names: readonly string[]): string[] {
  return [...new Set(names)]
}
