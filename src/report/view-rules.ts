// Rules as lines and blocks: where it was found, the evidence per unit, what stayed open, and the fix per group of units.
// May not: drop anything without a note. Units with the same evidence or the same fix are shown together, with their names.
import type { Finding, RuleResult } from '../model/result.ts'
import type { ShownRule } from './part-model.ts'
import { countNoun, formatCount, listNames } from './text.ts'
import { gapText } from './view-coverage.ts'
import { benchmarksOf, filterOf, groupFilterOf } from './view-filters.ts'
import type {
  EvidenceGroup,
  EvidenceLine,
  Fix,
  Link,
  OpenGroup,
  RuleBlock,
  RuleLine,
  ViewContext,
} from './view-model.ts'
import { factWords, type Mark, outcomeMarks, outcomeWords, severityMarks, shortReference, unitWords } from './words.ts'

/** Severity for a finding; else the outcome. */
export function ruleMark(rule: RuleResult): Mark {
  return rule.outcome === 'fail' ? severityMarks[rule.severity] : outcomeMarks[rule.outcome]
}

/** "2 of 6 nodes": units with one of the outcomes, of those the rule applies to; '' for a rule about the cluster as a whole. */
function shareOf(rule: ShownRule, outcomes: readonly Finding['outcome'][]): string {
  const { one, many } = unitWords[rule.each]
  const { notApplicable, ...applicable } = rule.counts
  const total = Object.values(applicable).reduce((sum, count) => sum + count, 0)
  const count = outcomes.reduce((sum, outcome) => sum + rule.counts[outcome], 0)
  if (rule.each === 'cluster' || (total === 0 && notApplicable === 0)) return ''
  if (rule.isPart) return countNoun(count, one, many)
  if (outcomes.includes('notApplicable')) return countNoun(notApplicable, one, many)
  return `${formatCount(count)} of ${countNoun(total, one, many)}`
}

function joined(word: string, share: string): string {
  return share === '' ? '' : `${word} ${share}`
}

/** Where a finding's problem is: "on 2 of 6 nodes"; '' for the cluster as a whole. */
export function placeOf(rule: RuleResult): string {
  const place = joined(unitWords[rule.each].on, shareOf(rule, ['fail']))
  const accepted = rule.waived?.fail ?? 0
  if (accepted === 0) return place
  return place === '' ? '(accepted)' : `${place}, ${formatCount(accepted)} accepted`
}

/** The units that nothing is known of: "for 2 of 6 nodes". */
export function openPlaceOf(rule: RuleResult): string {
  return joined('for', shareOf(rule, ['unknown', 'error']))
}

function notKnown(rule: RuleResult): string {
  return `not known ${openPlaceOf(rule)}`.trim()
}

export function ruleLine(context: ViewContext, rule: RuleResult, hasBlock: boolean): RuleLine {
  return {
    anchor: context.anchors.get(rule.id) ?? '',
    mark: ruleMark(rule),
    outcome: rule.outcome,
    severity: rule.severity,
    severityWord: severityMarks[rule.severity].word,
    ruleId: rule.id,
    references: rule.references.map(shortReference).join(' · '),
    title: titleOf(rule),
    where: lineWhere(rule),
    hasBlock,
    benchmarks: benchmarksOf(rule),
  }
}

/** What a line says of its rule in a column of its own. */
function lineWhere(rule: RuleResult): string {
  switch (rule.outcome) {
    case 'fail':
      return placeOf(rule) || 'in the cluster'
    case 'unknown':
    case 'error':
      return notKnown(rule)
    case 'manual':
      return joined('for', shareOf(rule, ['manual'])) || 'for the cluster'
    case 'pass':
      return joined('for', shareOf(rule, ['pass'])) || 'for the cluster'
    case 'notApplicable':
      return shareOf(rule, ['notApplicable']) || 'the cluster'
  }
}

/** What is where a rule fails; else what should be. */
function titleOf(rule: RuleResult): string {
  return (rule.outcome === 'fail' ? rule.problem : rule.title).replace(/\.\s*$/, '')
}

/** "The kubelet changes kernel parameters by itself on 2 of 6 nodes"; other titles say what should be, and then what is known of it. */
export function headingOf(rule: RuleResult): string {
  if (rule.outcome === 'fail') return `${titleOf(rule)} ${placeOf(rule)}`.trim()
  return `${titleOf(rule)}: ${statePhrase(rule)}`
}

function statePhrase(rule: RuleResult): string {
  switch (rule.outcome) {
    case 'unknown':
    case 'error':
      return notKnown(rule)
    case 'manual':
      return ['to be judged', joined('for', shareOf(rule, ['manual']))].join(' ').trim()
    case 'fail':
    case 'pass':
      return outcomeWords[rule.outcome].toLowerCase()
    case 'notApplicable':
      return 'not applicable'
  }
}

/** What was found, in the rule's own words, where few sentences say it for all units; '' where each line needs its own. */
function foundOf(findings: readonly Finding[]): string {
  const messages = new Set(findings.flatMap((finding) => finding.evidence.map((line) => line.message)))
  messages.delete('')
  if (messages.size === 0 || messages.size > 2) return ''
  return [...messages].map((message) => (/[.!?]$/.test(message) ? message : `${message}.`)).join(' ')
}

export function ruleBlock(context: ViewContext, rule: RuleResult): RuleBlock {
  const told = rule.outcome === 'fail' ? 'fail' : 'manual'
  const findings = rule.findings.filter((finding) => finding.outcome === told)
  const open = rule.findings.filter((finding) => finding.outcome === 'unknown' || finding.outcome === 'error')
  const line = ruleLine(context, rule, true)
  const found = foundOf(findings)
  return {
    anchor: line.anchor,
    mark: line.mark,
    outcome: rule.outcome,
    severity: rule.severity,
    ruleId: rule.id,
    references: rule.references.map(shortReference),
    title: line.title,
    where: line.where,
    heading: headingOf(rule),
    found,
    hasMessages: found === '',
    why: rule.rationale,
    about: rule.description,
    unitColumn: capitalize(unitWords[rule.each].one),
    ...evidenceOf(context, rule, findings, rule.counts[told]),
    ...openOf(context, rule, open),
    risk: rule.risk ?? '',
    ...fixesOf(context, rule, findings, rule.counts[told]),
    links: rule.links.flatMap(safeLink),
    filter: filterOf(context, rule),
  }
}

function capitalize(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

function groupFindings(findings: readonly Finding[], key: (finding: Finding) => unknown): Finding[][] {
  const groups = [...Map.groupBy(findings, (finding) => JSON.stringify(key(finding) ?? null)).values()]
  return groups.sort((a, b) => b.length - a.length)
}

function unitNames(findings: readonly Finding[], limit: number): string {
  const names = findings.map(({ unit }) => {
    return unit.pods === undefined || unit.pods < 2 ? unit.name : `${unit.name} (${formatCount(unit.pods)} pods)`
  })
  return listNames(names, limit)
}

function evidenceOf(
  context: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
  total: number,
): Pick<RuleBlock, 'evidence' | 'unitsAbove' | 'wanted' | 'evidenceNote'> {
  const { limits, dataFile } = context
  const groups = groupFindings(
    findings.filter((finding) => finding.evidence.length > 0),
    unnamedEvidence,
  )
  const shown = groups.slice(0, limits.evidenceGroups)
  const wanted = wantedByAll(findings)
  const evidence = shown.map((group): EvidenceGroup => {
    const lines = (group.length > 1 ? group.map(unnamedEvidence)[0] : group[0]?.evidence) ?? []
    const [first = emptyLine, ...more] = lines.slice(0, limits.evidenceLines)
    const left = lines.length - 1 - more.length
    return {
      units: unitNames(group, limits.names),
      first,
      more,
      rows: 1 + more.length,
      note: left > 0 ? `and ${formatCount(left)} more of ${formatCount(lines.length)} lines, all in ${dataFile}` : '',
      ...groupFilterOf(context, group),
    }
  })
  const note = shownNote(shown.flat().length, total, findings.length, unitWords[rule.each].many, dataFile)
  return {
    evidence,
    unitsAbove: evidence.some(({ units }) => units.length > unitCharacters),
    wanted,
    evidenceNote: note,
  }
}

/** What all lines want, to be said once; '' where they differ. */
function wantedByAll(findings: readonly Finding[]): string {
  const [first = '', ...others] = new Set(findings.flatMap(({ evidence }) => evidence.map(({ expected }) => expected)))
  return others.length === 0 && first.length <= 90 ? first : ''
}

/** Evidence that differs in nothing but the unit's own name is shown once, with ‹node› or ‹workload› in its place. */
function unnamedEvidence({ unit, evidence }: Finding): Finding['evidence'] {
  const name = unit.node ?? unit.name
  if (name.length < 3) return evidence
  const place = `‹${unitWords[unit.kind].one}›`
  const unnamed = (text: string) => replaceName(text, name, place)
  return evidence.map(({ message, observed, expected, source }) => ({
    message: unnamed(message),
    observed: unnamed(observed),
    expected: unnamed(expected),
    source: unnamed(source),
  }))
}

/** Whole names only: "node-1" is no part of "node-10". */
function replaceName(text: string, name: string, place: string): string {
  const isPart = (character: string | undefined) => character !== undefined && /[\w.-]/.test(character)
  const pieces = text.split(name)
  return pieces.slice(1).reduce((made, piece) => {
    const isWhole = !isPart(made.at(-1)) && !/^[\w-]|^\.\w/.test(piece)
    return `${made}${isWhole ? place : name}${piece}`
  }, pieces[0] ?? '')
}

/** What fits beside the evidence. */
const unitCharacters = 24

const emptyLine: EvidenceLine = { message: '', observed: '', expected: '', source: '' }

function openOf(
  { limits, dataFile }: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
): Pick<RuleBlock, 'open' | 'openNote'> {
  const groups = groupFindings(findings, (finding) => [finding.outcome, finding.missing ?? finding.evidence])
  const shown = groups.slice(0, limits.evidenceGroups)
  const open = shown.map((group): OpenGroup => {
    const reasons = group[0] ? reasonsOf(group[0]) : []
    const cut = reasons.slice(0, limits.evidenceLines)
    const left = reasons.length - cut.length
    const rest = left > 0 ? [{ what: '', why: `and ${formatCount(left)} more, all in ${dataFile}` }] : []
    return { units: unitNames(group, limits.names), reasons: [...cut, ...rest] }
  })
  const total = rule.counts.unknown + rule.counts.error
  return { open, openNote: shownNote(shown.flat().length, total, findings.length, unitWords[rule.each].many, dataFile) }
}

function reasonsOf(finding: Finding): { what: string; why: string }[] {
  const missing = finding.missing ?? []
  const reasons = missing.map((gap) => ({ what: factWords(gap.fact), why: gapText(gap) }))
  const notes = finding.evidence.map((line) => ({
    what: finding.outcome === 'error' ? 'Rule' : line.observed,
    why: line.message === '' ? line.source : line.message,
  }))
  const all = missing.length > 0 ? reasons : notes
  return all.length > 0 ? all : [{ what: outcomeWords[finding.outcome], why: 'the result gives no reason' }]
}

function fixesOf(
  { limits, dataFile }: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
  total: number,
): Pick<RuleBlock, 'fixes' | 'fixesNote'> {
  const fixable = findings.filter((finding) => (finding.remediation?.length ?? 0) > 0 || finding.verify !== undefined)
  if (fixable.length === 0) return { fixes: [], fixesNote: '' }
  const groups = groupFindings(fixable, fixKey)
  const shown = groups.slice(0, limits.fixes)
  const fixes = shown.map((group) => fixOf(group, rule, limits.names))
  const note = shownNote(shown.flat().length, total, findings.length, unitWords[rule.each].many, dataFile)
  return { fixes, fixesNote: note === '' ? '' : `Fixes: ${note}` }
}

/** Nodes whose steps differ in nothing but the node's own name share a fix. */
function fixKey({ unit, remediation, verify }: Finding): string {
  const text = JSON.stringify([remediation, verify])
  return unit.node === undefined || unit.node.length < 3 ? text : text.replaceAll(quoted(unit.node), quoted('\u0000'))
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function fixOf(group: readonly Finding[], rule: RuleResult, names: number): Fix {
  const { unit, remediation = [], verify = '' } = group[0] ?? {}
  const text = JSON.stringify([remediation, verify])
  const isOwn = group.some((finding) => JSON.stringify([finding.remediation ?? [], finding.verify ?? '']) !== text)
  return {
    units: rule.each === 'cluster' ? '' : unitNames(group, names),
    isOrdered: remediation.length > 1,
    note: isOwn ? `Written for ${unit?.name ?? ''}; the others put their own name in its place.` : '',
    steps: remediation.map((step, index) => ({
      number: index + 1,
      text: step.text,
      file: step.file ?? '',
      content: step.content ?? '',
    })),
    verify,
  }
}

/** "12 of 4,310 nodes shown, all in result.json", and honest where the result itself keeps only the first. */
export function shownNote(shown: number, total: number, kept: number, many: string, dataFile: string): string {
  if (shown >= total) return ''
  const head = `${formatCount(shown)} of ${formatCount(total)} ${many} shown`
  return kept >= total ? `${head}, all in ${dataFile}` : `${head}; ${dataFile} holds the first ${formatCount(kept)}`
}

function safeLink(text: string): Link[] {
  if (text.length > 1000 || !URL.canParse(text)) return []
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? [{ text, href: url.href }] : []
}
