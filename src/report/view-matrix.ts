// Rules about nodes against nodes: one mark per pair. Nodes with the same marks share a column in a large cluster.
// May not: guess. The result lists findings only, so a node without one has passed or is not concerned; where the counts
// do not tell which, the mark says so.
import { severities } from '../model/outcome.ts'
import type { RuleResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import type { MarkCell, Matrix, ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import { ruleMark } from './view-rules.ts'
import { type Mark, termsOf } from './words.ts'

const noFinding = ({ say }: Language): Mark => ({ kind: 'open', word: say('mark.noFindingEither') })
const notListed = ({ say }: Language): Mark => ({ kind: 'open', word: say('mark.notListedFirst') })

/** Characters of all column heads together that fit beside the rules' titles. */
const headCharacters = 66

/** Rules about nodes, the nodes, and the mark of each pair. */
export interface NodeGrid {
  readonly rules: readonly RuleResult[]
  readonly nodes: readonly string[]
  /** By rule, then by node. */
  readonly cells: readonly (readonly MarkCell[])[]
}

export function nodeGrid(context: ViewContext): NodeGrid {
  const rules = context.result.rules.filter((rule) => rule.each === 'nodes').sort(byUrgency)
  const nodes = nodeNames(context)
  return { rules, nodes, cells: rules.map((rule) => cellsOf(rule, nodes, context.lang)) }
}

export function matrixView(context: ViewContext, grid: NodeGrid, withBlock: ReadonlySet<string>): Matrix {
  const { limits, lang } = context
  const { rules, nodes, cells: rowsOf } = grid
  const groups = columnGroups(nodes, rowsOf, limits.nodeColumns)
  const shown = groups.slice(0, limits.nodeColumns)
  const shownRules = rules.slice(0, limits.indexRows)
  const isNamed = groups.length === nodes.length && nodes.join('').length <= headCharacters
  const named = shown.map((group) => group.map((index) => nodes[index] ?? ''))
  const rows = shownRules.map((rule, row) => {
    const title = context.texts.of(rule, rule.title)
    return {
      anchor: context.anchors.get(rule.id) ?? '',
      hasBlock: withBlock.has(rule.id),
      title: title.text,
      titleLang: title.lang,
      mark: ruleMark(rule, lang),
      cells: shown.map((group): MarkCell => rowsOf[row]?.[group[0] ?? 0] ?? quiet(noFinding(lang))),
    }
  })
  return {
    sentence: matrixSentence(rules.length, nodes.length, lang),
    columns: isNamed ? named.map(([name = '']) => name) : shown.map((_, index) => letter(index)),
    legend: isNamed
      ? []
      : named.map((names, index) => ({ letter: letter(index), nodes: legendOf(names, limits.names, lang) })),
    columnsNote: cutNote(context, named.flat().length, nodes.length, 'nodes'),
    rows,
    rowsNote: cutNote(context, shownRules.length, rules.length, 'rules'),
    marks: usedMarks(rows.flatMap((row) => row.cells)),
  }
}

function matrixSentence(rules: number, nodes: number, { say }: Language): string {
  if (rules === 0 || nodes === 0) return say('matrix.none')
  return say('matrix.sentence', {
    rules: say('count.rules', { count: rules }),
    nodes: say('count.nodes', { count: nodes }),
  })
}

function byUrgency(a: RuleResult, b: RuleResult): number {
  const urgency = (rule: RuleResult) =>
    rule.outcome === 'fail' ? severities.indexOf(rule.severity) : severities.length
  return urgency(a) - urgency(b) || (a.id < b.id ? -1 : 1)
}

function nodeNames({ result }: ViewContext): string[] {
  const covered = result.coverage.nodes.map((node) => node.node)
  const found = result.rules.filter((rule) => rule.each === 'nodes').flatMap((rule) => rule.findings.map(nodeOf))
  return [...new Set([...covered, ...found])]
}

function nodeOf({ unit }: RuleResult['findings'][number]): string {
  return unit.node ?? unit.name
}

function cellsOf(rule: RuleResult, nodes: readonly string[], lang: Language): MarkCell[] {
  const listed = new Map(rule.findings.map((item) => [nodeOf(item), item.outcome]))
  const rest = restOf(rule, lang)
  return nodes.map((node) => {
    const outcome = listed.get(node)
    if (outcome === undefined) return rest
    return quiet(outcome === 'fail' ? findingMark(rule, lang) : termsOf(lang).outcomeMarks[outcome])
  })
}

function findingMark({ severity }: RuleResult, { say }: Language): Mark {
  return { kind: severity, word: say('mark.findingOf', { severity: say(`severity.${severity}.inside`) }) }
}

/** What is known of the nodes of a rule that no finding names. */
function restOf(rule: RuleResult, lang: Language): MarkCell {
  const { outcomeMarks } = termsOf(lang)
  if (rule.findings.length < rule.findingsTotal) return quiet(notListed(lang))
  if (rule.counts.notApplicable === 0) return quiet(rule.counts.pass > 0 ? outcomeMarks.pass : noFinding(lang))
  return quiet(rule.counts.pass === 0 ? outcomeMarks.notApplicable : noFinding(lang))
}

function quiet({ kind, word }: Mark): MarkCell {
  return { kind, word, isQuiet: true }
}

/** Indexes of nodes per column: one each while they fit, else by equal marks, largest first. */
function columnGroups(nodes: readonly string[], rows: readonly (readonly MarkCell[])[], limit: number): number[][] {
  const indexes = nodes.map((_, index) => index)
  if (nodes.length <= limit) return indexes.map((index) => [index])
  const marks = (index: number) => rows.map((row) => row[index]?.word ?? '').join('\n')
  return [...Map.groupBy(indexes, marks).values()].sort((a, b) => b.length - a.length)
}

function legendOf(names: readonly string[], limit: number, lang: Language): string {
  const listed = lang.names(names, limit)
  if (names.length === 1) return listed
  return lang.say('matrix.legend', { nodes: lang.say('count.nodes', { count: names.length }), names: listed })
}

function letter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `${letter(Math.floor(index / 26) - 1)}${letter(index % 26)}`
}

function usedMarks(cells: readonly MarkCell[]): Mark[] {
  return [...new Map(cells.map(({ kind, word }) => [word, { kind, word }])).values()]
}
