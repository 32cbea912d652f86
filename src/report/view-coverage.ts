// Coverage, said before any finding: what was read on each node and of each kind of object, and why the rest was not.
// May not: leave a gap unnamed. Nodes that look the same share a row in a large cluster; their number is always given.
import type { UnavailableReason } from '../model/fact.ts'
import type { Result } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { englishIn, type Phrase, phraseOf } from './phrase.ts'
import { cutText, shareOf } from './text.ts'
import type { Coverage, MarkCell, Method, Row, ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'

/** Above it, heads stand upright. */
export const wideColumns = 8

/** The head of a column stays on one line. */
export const columnLimits = { characters: 60, lines: 1 }

type NodeCoverage = Result['coverage']['nodes'][number]
type Gap = { readonly reason: UnavailableReason; readonly detail: string }

export function coverageView({ result, limits, lang }: ViewContext): Coverage {
  const { say, number, term } = lang
  const { nodes, families, columns } = result.coverage
  const isGrouped = nodes.length > limits.nodeRows
  const groups = isGrouped ? groupNodes(nodes) : nodes.map((node) => [node])
  const shown = groups.slice(0, limits.nodeRows)
  const gaps = gapsOf(result, limits.names, lang)
  const gapsShown = gaps.slice(0, limits.nodeRows)
  return {
    sentence: coverageSentence(result, lang),
    columns: columns.map((column) => cutText(term(column.label), columnLimits, lang)),
    isDense: columns.length > wideColumns,
    nodes: shown.map((group) => nodeRow(group, limits.names, columns.length > limits.wordColumns, lang)),
    nodesNote: nodesNote(nodes.length, groups.length, shown.flat().length, isGrouped, lang),
    gaps: gapsShown,
    gapsNote:
      gapsShown.length < gaps.length
        ? say('cut.resultShown', { shown: gapsShown.length, all: gaps.length, things: say('things.reasons') })
        : '',
    families: families.map((family) => ({
      name: family.family,
      count: number(family.count),
      source: family.source,
      state: family.unavailable
        ? { kind: 'unknown', word: family.count > 0 ? say('coverage.partly') : say('coverage.unread') }
        : { kind: 'pass', word: say('coverage.isRead') },
      why: family.unavailable ? gapPhrase(family.unavailable, lang) : [],
    })),
  }
}

function coverageSentence(result: Result, lang: Language): string {
  const { say } = lang
  const { cluster, coverage, score } = result
  const cells = coverage.nodes.length * coverage.columns.length
  const missing = coverage.nodes.reduce((sum, node) => sum + node.facts.filter((fact) => fact !== null).length, 0)
  const whole = coverage.families.filter((family) => family.unavailable === undefined).length
  return say('coverage.sentence', {
    nodes: say('share.nodes', { part: cluster.nodesReached, count: cluster.nodes }),
    known: cells - missing,
    facts: cells,
    lists: say('coverage.listsOf', { part: whole, count: coverage.families.length }),
    answers: answersWords(score, lang),
  })
}

/** "2,886 of 2,915 answers rest on evidence (99 %)". */
export function answersWords({ answered, expected }: Result['score'], lang: Language): string {
  return lang.say('summary.answers', { answered, expected, percent: shareOf(answered, expected, lang) })
}

function nodesNote(
  nodes: number,
  groups: number,
  shown: number,
  isGrouped: boolean,
  { say, sentences }: Language,
): string {
  const grouped = isGrouped ? say('coverage.grouped', { nodes, rows: say('count.rows', { count: groups }) }) : ''
  const note = say('cut.resultShown', { shown, all: nodes, things: say('things.nodes') })
  const cut = shown < nodes ? say('verdict.sentence', { parts: note }) : ''
  return sentences([grouped, cut])
}

function groupNodes(nodes: readonly NodeCoverage[]): NodeCoverage[][] {
  const pattern = (node: NodeCoverage) => JSON.stringify([node.roles, node.facts.map((fact) => fact?.reason ?? null)])
  return [...Map.groupBy(nodes, pattern).values()].sort((a, b) => b.length - a.length)
}

function nodeRow(
  group: readonly NodeCoverage[],
  names: number,
  isQuiet: boolean,
  lang: Language,
): Coverage['nodes'][number] {
  const [first] = group
  const facts = first?.facts ?? []
  const cells = facts.map((fact) => factCell(fact, isQuiet, lang))
  const roles = first?.roles.join(', ') ?? ''
  const listed = lang.names(
    group.map((node) => node.node),
    names,
  )
  if (group.length === 1) return { name: listed, detail: roles, cells }
  const detail = roles === '' ? listed : lang.say('coverage.roleNodes', { roles, names: listed })
  return { name: lang.say('count.nodes', { count: group.length }), detail, cells }
}

function factCell(fact: Gap | null, isQuiet: boolean, { say }: Language): MarkCell {
  if (fact === null) return { kind: 'pass', word: say('coverage.isRead'), isQuiet: true }
  return { kind: 'unknown', word: say(`reason.${fact.reason}.short`), isQuiet }
}

/** Each distinct reason once, with the nodes and facts it took away, most far-reaching first. */
function gapsOf(
  { coverage }: Result,
  names: number,
  lang: Language,
): { where: string; what: string; why: Phrase; size: number }[] {
  const found = new Map<string, { nodes: Set<string>; facts: Set<string>; why: Phrase }>()
  for (const node of coverage.nodes) {
    node.facts.forEach((fact, index) => {
      if (fact === null) return
      const key = JSON.stringify([fact.reason, fact.detail])
      const gap = found.get(key) ?? { nodes: new Set(), facts: new Set(), why: gapPhrase(fact, lang) }
      gap.nodes.add(node.node)
      gap.facts.add(lang.term(coverage.columns[index]?.label ?? ''))
      found.set(key, gap)
    })
  }
  return [...found.values()]
    .map(({ nodes, facts, why }) => ({
      where: lang.names([...nodes], names),
      what: facts.size === coverage.columns.length ? lang.say('coverage.everything') : lang.parts([...facts]),
      why,
      size: nodes.size,
    }))
    .sort((a, b) => b.size - a.size)
}

/** "sudo refused: sudo -n was refused for user audit". */
export function gapPhrase({ reason, detail }: Gap, lang: Language): Phrase {
  const words = lang.say(`reason.${reason}`)
  const told = { reason: words, detail: englishIn(detail, lang) }
  return phraseOf(detail === '' ? words : lang.say('reason.detailed', told))
}

/** How nodes were read, nodes of the same way together. */
export function accessRows(context: ViewContext): { rows: Row[]; note: string } {
  const { result, limits, lang } = context
  const { say } = lang
  const read = result.coverage.nodes.filter((node) => node.access !== undefined)
  const way = ({ access }: NodeCoverage) => JSON.stringify([access?.transport, access?.user, access?.privilege])
  const groups = [...Map.groupBy(read, way).values()].sort((a, b) => b.length - a.length)
  const shown = groups.slice(0, limits.nodeRows)
  const rows = shown.map((group) => {
    const { transport = '', user, privilege = '' } = group[0]?.access ?? {}
    const times = group.map((node) => node.access?.durationMs ?? 0)
    const bytes = group.reduce((sum, node) => sum + (node.access?.bytes ?? 0), 0)
    return {
      head:
        group.length > limits.names + 1
          ? say('count.nodes', { count: group.length })
          : group.map((node) => node.node).join(', '),
      cells: [
        transport,
        user ?? say('notKnown'),
        privilegeWords(privilege, lang),
        timeRange(times, lang),
        say('method.kibibytes', { number: Math.ceil(bytes / 1024) }),
      ],
    }
  })
  return { rows, note: cutNote(context, shown.length, groups.length, 'access') }
}

/** Ways that fell short before another read the node, or as the only ones: nodes with the same words together. */
export function triedRows(context: ViewContext): { rows: Method['tried'][number][]; note: string } {
  const { result, limits, lang } = context
  const tried = result.coverage.nodes.flatMap((node) => (node.tried ?? []).map((way) => ({ node: node.node, ...way })))
  const groups = Map.groupBy(tried, ({ way, reason, detail }) => JSON.stringify([way, reason, detail]))
  const sorted = [...groups.values()].sort((a, b) => b.length - a.length)
  const rows = sorted.slice(0, limits.nodeRows).map((group) => {
    const [{ way, reason, detail } = { way: '', reason: 'not-collected' as const, detail: '' }] = group
    const names = group.map(({ node }) => node)
    return { nodes: lang.names(names, limits.names), way, why: gapPhrase({ reason, detail }, lang) }
  })
  return { rows, note: cutNote(context, rows.length, sorted.length, 'reasons') }
}

function privilegeWords(privilege: string, { say }: Language): string {
  if (privilege === 'sudo') return 'sudo -n'
  return privilege === 'user' ? say('method.noPrivilege') : privilege
}

function timeRange(milliseconds: readonly number[], { say }: Language): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const [from = 0, to = from] = [sorted[0], sorted.at(-1)]
  return from === to ? say('method.milliseconds', { from }) : say('method.millisecondsRange', { from, to })
}
