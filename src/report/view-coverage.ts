// Coverage, said before any finding: what was read on each node and of each kind of object, and why the rest was not.
// May not: leave a gap unnamed. Nodes that look the same share a row in a large cluster; their number is always given.
import type { UnavailableReason } from '../model/fact.ts'
import type { Result } from '../model/result.ts'
import { countNoun, formatCount, formatShare, listNames } from './text.ts'
import type { Coverage, MarkCell, Row, ViewContext } from './view-model.ts'
import { reasonWords } from './words.ts'

/** Above it, heads stand upright. */
export const wideColumns = 8

type NodeCoverage = Result['coverage']['nodes'][number]
type Gap = { readonly reason: UnavailableReason; readonly detail: string }

export function coverageView({ result, limits }: ViewContext): Coverage {
  const { nodes, families, columns } = result.coverage
  const isGrouped = nodes.length > limits.nodeRows
  const groups = isGrouped ? groupNodes(nodes) : nodes.map((node) => [node])
  const shown = groups.slice(0, limits.nodeRows)
  const gaps = gapsOf(result, limits.names)
  const gapsShown = gaps.slice(0, limits.nodeRows)
  return {
    sentence: coverageSentence(result),
    columns: columns.map((column) => column.label),
    isDense: columns.length > wideColumns,
    nodes: shown.map((group) => nodeRow(group, limits.names, columns.length > limits.wordColumns)),
    nodesNote: nodesNote(nodes.length, groups.length, shown.flat().length, isGrouped),
    gaps: gapsShown,
    gapsNote:
      gapsShown.length < gaps.length
        ? `${formatCount(gapsShown.length)} of ${formatCount(gaps.length)} reasons shown, all in the result file`
        : '',
    families: families.map((family) => ({
      name: family.family,
      count: formatCount(family.count),
      source: family.source,
      state: family.unavailable
        ? { kind: 'unknown', word: family.count > 0 ? 'in part' : 'not read' }
        : { kind: 'pass', word: 'read' },
      why: family.unavailable ? gapText(family.unavailable) : '',
    })),
  }
}

function coverageSentence(result: Result): string {
  const { cluster, coverage, score } = result
  const cells = coverage.nodes.length * coverage.columns.length
  const missing = coverage.nodes.reduce((sum, node) => sum + node.facts.filter((fact) => fact !== null).length, 0)
  const whole = coverage.families.filter((family) => family.unavailable === undefined).length
  const parts = [
    `${formatCount(cluster.nodesReached)} of ${countNoun(cluster.nodes, 'node', 'nodes')} could be read`,
    `${formatCount(cells - missing)} of ${formatCount(cells)} node facts are known`,
    `${formatCount(whole)} of ${countNoun(coverage.families.length, 'list', 'lists')} of the API were read in full`,
  ]
  const answers = `${formatCount(score.answered)} of ${formatCount(score.expected)} answers rest on evidence (${formatShare(score.answered, score.expected)} %)`
  return `${parts.join(', ')}. ${answers}.`
}

function nodesNote(nodes: number, groups: number, shown: number, isGrouped: boolean): string {
  const grouped = isGrouped
    ? `${formatCount(nodes)} nodes in ${countNoun(groups, 'row', 'rows')}: nodes of the same role with the same coverage share one.`
    : ''
  const cut = shown < nodes ? `${formatCount(shown)} of ${formatCount(nodes)} nodes shown, all in the result file.` : ''
  return [grouped, cut].filter((text) => text !== '').join(' ')
}

function groupNodes(nodes: readonly NodeCoverage[]): NodeCoverage[][] {
  const pattern = (node: NodeCoverage) => JSON.stringify([node.roles, node.facts.map((fact) => fact?.reason ?? null)])
  return [...Map.groupBy(nodes, pattern).values()].sort((a, b) => b.length - a.length)
}

function nodeRow(group: readonly NodeCoverage[], names: number, isQuiet: boolean): Coverage['nodes'][number] {
  const [first] = group
  const facts = first?.facts ?? []
  const cells = facts.map((fact) => factCell(fact, isQuiet))
  const roles = first?.roles.join(', ') ?? ''
  const listed = listNames(
    group.map((node) => node.node),
    names,
  )
  if (group.length === 1) return { name: listed, detail: roles, cells }
  const detail = roles === '' ? listed : `${roles}: ${listed}`
  return { name: countNoun(group.length, 'node', 'nodes'), detail, cells }
}

function factCell(fact: Gap | null, isQuiet: boolean): MarkCell {
  if (fact === null) return { kind: 'pass', word: 'read', isQuiet: true }
  return { kind: 'unknown', word: reasonWords[fact.reason].short, isQuiet }
}

/** Each distinct reason once, with the nodes and facts it took away, most far-reaching first. */
function gapsOf({ coverage }: Result, names: number): { where: string; what: string; why: string; size: number }[] {
  const found = new Map<string, { nodes: Set<string>; facts: Set<string>; why: string }>()
  for (const node of coverage.nodes) {
    node.facts.forEach((fact, index) => {
      if (fact === null) return
      const key = JSON.stringify([fact.reason, fact.detail])
      const gap = found.get(key) ?? { nodes: new Set(), facts: new Set(), why: gapText(fact) }
      gap.nodes.add(node.node)
      gap.facts.add(coverage.columns[index]?.label ?? '')
      found.set(key, gap)
    })
  }
  return [...found.values()]
    .map(({ nodes, facts, why }) => ({
      where: listNames([...nodes], names),
      what: facts.size === coverage.columns.length ? 'everything' : [...facts].join(', '),
      why,
      size: nodes.size,
    }))
    .sort((a, b) => b.size - a.size)
}

/** "sudo refused: sudo -n was refused for user audit". */
export function gapText(gap: Gap): string {
  const { long } = reasonWords[gap.reason]
  return gap.detail === '' ? long : `${long}: ${gap.detail}`
}

/** How nodes were read, nodes of the same way together. */
export function accessRows({ result, limits }: ViewContext): Row[] {
  const read = result.coverage.nodes.filter((node) => node.access !== undefined)
  const way = ({ access }: NodeCoverage) => JSON.stringify([access?.transport, access?.user, access?.privilege])
  const groups = [...Map.groupBy(read, way).values()].sort((a, b) => b.length - a.length)
  return groups.slice(0, limits.nodeRows).map((group) => {
    const { transport = '', user, privilege = '' } = group[0]?.access ?? {}
    const times = group.map((node) => node.access?.durationMs ?? 0)
    const bytes = group.reduce((sum, node) => sum + (node.access?.bytes ?? 0), 0)
    return {
      head:
        group.length > limits.names + 1
          ? countNoun(group.length, 'node', 'nodes')
          : group.map((node) => node.node).join(', '),
      cells: [
        transport,
        user ?? 'not known',
        privilegeWords(privilege),
        timeRange(times),
        `${formatCount(Math.ceil(bytes / 1024))} KiB`,
      ],
    }
  })
}

/** Ways that fell short before another read the node, or as the only ones: nodes with the same words together. */
export function triedRows({ result, limits }: ViewContext): Row[] {
  const tried = result.coverage.nodes.flatMap((node) => (node.tried ?? []).map((way) => ({ node: node.node, ...way })))
  const groups = Map.groupBy(tried, ({ way, reason, detail }) => JSON.stringify([way, reason, detail]))
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .slice(0, limits.nodeRows)
    .map((group) => {
      const [{ way, reason, detail } = { way: '', reason: 'not-collected' as const, detail: '' }] = group
      const names = group.map(({ node }) => node)
      return { head: listNames(names, limits.names), cells: [way, gapText({ reason, detail })] }
    })
}

function privilegeWords(privilege: string): string {
  if (privilege === 'sudo') return 'sudo -n'
  return privilege === 'user' ? 'none: files that need root are unknown' : privilege
}

function timeRange(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const [least = 0, most = least] = [sorted[0], sorted.at(-1)]
  return least === most ? `${formatCount(least)} ms` : `${formatCount(least)}–${formatCount(most)} ms`
}
