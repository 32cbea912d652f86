// The evidence of a finding: each distinct line once, with the names of all units that it is of.
// May not: drop a line without a note, or put a place for a name where the names do not stand beside it.
import type { Finding, RuleResult } from '../model/result.ts'
import { type EvidenceTemplate, evidenceTemplate } from './evidence-template.ts'
import type { Language } from './lang/language.ts'
import type { ViewLimits } from './limits.ts'
import { groupFilterOf } from './view-filters.ts'
import type { EvidenceGroup, EvidenceLine, EvidenceTable, RuleBlock, ViewContext } from './view-model.ts'
import { shownNote } from './view-order.ts'

type EvidencePart = Pick<RuleBlock, 'evidence' | 'evidenceNote' | 'shownFindings'>

/** One line as it stands in the report, and who has it: each unit with what the line calls by another name there. */
interface Row {
  readonly line: EvidenceLine
  readonly members: readonly Member[]
}

interface Member {
  readonly finding: Finding
  /** "runner" where the line says ‹container›; none where it says the same of all. */
  readonly values: readonly string[]
}

export function evidenceOf(
  context: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
  total: number,
): EvidencePart {
  const tables = splitRows(rowsOf(findings, context.lang)).map(groupRows)
  const placed = new Set<Finding>()
  let room = context.limits.evidenceGroups
  const evidence = tables.flatMap((groups): EvidenceTable[] => {
    const shown = groups.slice(0, room)
    room -= shown.length
    return shown.length === 0 ? [] : [tableOf(context, rule, shown, placed)]
  })
  const hidden = tables.flat().slice(context.limits.evidenceGroups)
  const whole = findings.length - partlyShown(hidden, findings).size
  return {
    evidence,
    evidenceNote: noteOf(context, rule, findings, total, tables.flat()),
    shownFindings: whole,
  }
}

/** What is not shown: units of which nothing is, and lines of those of which something is. */
function noteOf(
  context: ViewContext,
  rule: RuleResult,
  findings: readonly Finding[],
  total: number,
  groups: readonly (readonly Row[])[],
): string {
  const { lang, limits, findingsFile } = context
  const findingsOf = (rows: readonly Row[]) => rows.flatMap(({ members }) => members.map(({ finding }) => finding))
  const shown = groups.slice(0, limits.evidenceGroups).flat()
  const units = new Set(findingsOf(shown))
  const cut = groups.slice(limits.evidenceGroups).flat()
  const left = cut.filter((row) => findingsOf([row]).some((finding) => units.has(finding))).length
  const lines = { shown: shown.length, all: shown.length + left, file: findingsFile }
  const notes = [
    shownNote(context, units.size, total, findings.length, rule.each),
    left > 0 ? lang.say('cut.lines', lines) : '',
  ]
  return notes.filter((note) => note !== '').join('; ')
}

function tableOf(
  context: ViewContext,
  rule: RuleResult,
  shown: readonly (readonly Row[])[],
  placed: Set<Finding>,
): EvidenceTable {
  const { limits, lang } = context
  const lines = shown.flatMap((rows) => rows.slice(0, limits.evidenceLines).map(({ line }) => line))
  const wanted = sameInAll(lines.map(({ expected }) => expected))
  const from = lines.length > 1 ? sameInAll(lines.map(({ source }) => source)) : ''
  const groups = shown.map((rows) => groupOf(context, rows, placed))
  const unitsAbove = groups.every(({ isAbove }) => isAbove)
  return {
    groups,
    unitColumn: lang.say(`unitColumn.${rule.each}`),
    unitsAbove,
    columns: 1 + (unitsAbove ? 0 : 1) + (wanted === '' ? 1 : 0) + (from === '' ? 1 : 0),
    span: !unitsAbove && wanted === '',
    wanted,
    from,
  }
}

function groupOf(context: ViewContext, rows: readonly Row[], placed: Set<Finding>): EvidenceGroup {
  const { limits, findingsFile, lang } = context
  const [first = { line: emptyLine, members: [] }, ...more] = rows.slice(0, limits.evidenceLines)
  const left = rows.length - 1 - more.length
  const units = unitNames(first.members, limits, lang)
  const findings = first.members.map(({ finding }) => finding)
  // An id stands once in a document, with the first lines of its unit.
  const fresh = findings.filter((finding) => !placed.has(finding))
  for (const finding of fresh) placed.add(finding)
  const { anchors, link } = groupFilterOf(context, fresh)
  return {
    units,
    isAbove: units.length > unitCharacters || more.length > besideLines,
    first: first.line,
    more: more.map(({ line }) => line),
    rows: 1 + more.length,
    note: left > 0 ? lang.say('cut.moreLines', { left, all: rows.length, file: findingsFile }) : '',
    ...groupFilterOf(context, findings),
    anchors,
    link,
  }
}

/** A table for each thing that is wanted where many lines want the same, so that it is said once. */
function splitRows(rows: readonly Row[]): Row[][] {
  const wants = [...Map.groupBy(rows, ({ line }) => line.expected).values()]
  return wants.length * 2 <= rows.length ? wants : [[...rows]]
}

/** Findings of which something is not shown: lines of their own beyond the limit, or none at all. */
function partlyShown(hidden: readonly (readonly Row[])[], findings: readonly Finding[]): Set<Finding> {
  const cut = hidden.flatMap((rows) => rows.flatMap(({ members }) => members.map(({ finding }) => finding)))
  return new Set([...cut, ...findings.filter(({ evidence }) => evidence.length === 0)])
}

interface Entry {
  readonly finding: Finding
  readonly template: EvidenceTemplate
}

function rowsOf(findings: readonly Finding[], lang: Language): Row[] {
  const entries = findings.flatMap((finding) =>
    finding.evidence.map((line) => ({ finding, template: evidenceTemplate(finding.unit, line, lang) })),
  )
  const alike = Map.groupBy(entries, ({ template }) => JSON.stringify(template.variants.at(-1)))
  return [...alike.values()].map(rowOf)
}

/** Said as exactly as it is the same for all of them. */
function rowOf(entries: readonly Entry[]): Row {
  const variants = entries[0]?.template.variants ?? []
  const same = variants.findIndex((_, index) => {
    return new Set(entries.map(({ template }) => JSON.stringify(template.variants[index]))).size === 1
  })
  const withValues = same === variants.length - 1
  const units = Map.groupBy(entries, ({ finding }) => finding)
  const members = [...units].map(([finding, own]) => ({
    finding,
    values: withValues ? [...new Set(own.map(({ template }) => template.value))] : [],
  }))
  return { line: variants[same] ?? emptyLine, members }
}

/** Lines of the same units together; those that most units have first, the rest as they come. */
function groupRows(rows: readonly Row[]): Row[][] {
  const ids = new Map<Finding, number>()
  const idOf = (finding: Finding) => {
    const id = ids.get(finding) ?? ids.size
    ids.set(finding, id)
    return id
  }
  const key = ({ members }: Row) => JSON.stringify(members.map(({ finding, values }) => [idOf(finding), values]))
  const groups = [...Map.groupBy(rows, key).values()]
  return groups.sort((a, b) => (b[0]?.members.length ?? 0) - (a[0]?.members.length ?? 0))
}

/** What all lines have, to be said once; '' where they differ. */
function sameInAll(texts: readonly string[]): string {
  const [first = '', ...others] = new Set(texts)
  return others.length === 0 && first.length <= 160 ? first : ''
}

/** Units with their pods; those under a waiver say so, so that what is decided is told from what is open within one finding. */
export function unitName({ unit: { name, pods = 0 }, waiver }: Finding, lang: Language, values = ''): string {
  const named = values === '' ? name : `${name} [${values}]`
  const unit = pods < 2 ? named : lang.say('rule.pods', { workload: named, count: pods })
  return waiver === undefined ? unit : lang.say('rule.accepted', { unit, day: waiver.expires, waiver: waiver.id })
}

/** All of them while they are few. */
export function namesOfUnits(findings: readonly Finding[], limits: ViewLimits, lang: Language): string {
  return unitNames(
    findings.map((finding) => ({ finding, values: [] })),
    limits,
    lang,
  )
}

function unitNames(members: readonly Member[], { names, allNames }: ViewLimits, lang: Language): string {
  const told = members.map(({ finding, values }) => ({ finding, values: values.join(', ') }))
  if (members.length <= allNames) return ofKinds(onNodes(told, lang), members[0]?.finding.unit.kind)
  return lang.names(
    told.map((one) => unitName(one.finding, lang, one.values)),
    names,
  )
}

/** "Deployment ci/runner, legacy/search; DaemonSet platform/log-agent": workloads and namespaces begin with what they are. */
function ofKinds(names: readonly string[], kind: Finding['unit']['kind'] | undefined): string {
  if (names.length < 3 || (kind !== 'workloads' && kind !== 'namespaces')) return names.join(', ')
  const kinds = Map.groupBy(names, (name) => name.slice(0, name.indexOf(' ') + 1))
  return [...kinds]
    .map(([word, of]) => of.map((name, index) => (index === 0 ? name : name.slice(word.length))).join(', '))
    .join('; ')
}

/** Static pods of one name as one: "StaticPod kube-system/etcd on cp-1, cp-2, cp-3". */
function onNodes(told: readonly { readonly finding: Finding; readonly values: string }[], lang: Language): string[] {
  const base = ({ unit, waiver }: Finding) =>
    waiver === undefined && unit.node !== undefined && unit.name.endsWith(` on ${unit.node}`)
      ? unit.name.slice(0, -unit.node.length)
      : undefined
  const groups = Map.groupBy(told, ({ finding, values }, index) => {
    const name = base(finding)
    return name === undefined || (finding.unit.pods ?? 0) > 1 ? index : JSON.stringify([name, values])
  })
  return [...groups.values()].map((group) => {
    const [first, ...others] = group
    if (first === undefined) return ''
    const name = base(first.finding)
    if (name === undefined || others.length === 0) return unitName(first.finding, lang, first.values)
    const nodes = `${name}${group.map(({ finding }) => finding.unit.node).join(', ')}`
    return first.values === '' ? nodes : `${nodes} [${first.values}]`
  })
}

/** What fits beside the evidence in two or three lines. */
const unitCharacters = 44

/** A browser keeps the lines beside a name on one page. */
const besideLines = 3

const emptyLine: EvidenceLine = { message: '', observed: '', expected: '', source: '' }
