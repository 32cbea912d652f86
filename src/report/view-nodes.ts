// The nodes one by one: what each is like, in what it differs from the others of its pool, and what was found on it.
// May not: call a difference a finding, or a node alike that was not read.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import type { NodeProfiles } from '../model/result-nodes.ts'
import { countNoun, formatCount, joinWords, listNames } from './text.ts'
import { wideColumns } from './view-coverage.ts'
import type { NodeGrid } from './view-matrix.ts'
import type { MarkCell, ViewContext } from './view-model.ts'
import type { HeatCell, NodePage, NodesSection, Pool } from './view-nodes-model.ts'
import { cutNote } from './view-order.ts'
import { type Mark, outcomeMarks, sectionWords, severityMarks } from './words.ts'

const shownOnLine = ['System', 'Kernel', 'Runtime', 'Kubelet version']

export function nodesView(context: ViewContext, grid: NodeGrid, withBlock: ReadonlySet<string>): NodesSection {
  const { nodes } = context.result
  const order = pageOrder(grid, nodes)
  const shown = order.slice(0, context.limits.nodePages)
  const odd = nodes?.nodes.filter(({ differs }) => differs.length > 0) ?? []
  return {
    sentence: sentenceOf(grid.nodes.length, nodes, odd.length),
    heat: heatOf(context, grid),
    pools: nodes === undefined ? [] : nodes.pools.map((_, index) => poolView(nodes, index, context.limits.names)),
    pages: shown.map((index) => nodePage(context, grid, index, withBlock)),
    pagesNote: pagesNote(shown.length, order.length, context.dataFile),
  }
}

function pagesNote(shown: number, all: number, dataFile: string): string {
  const note = cutNote(shown, all, 'nodes', dataFile)
  return note === '' ? '' : `${note}; those with findings or differences come first`
}

function sentenceOf(count: number, nodes: NodeProfiles | undefined, odd: number): string {
  if (count === 0) return 'No node is known to this report.'
  if (nodes === undefined)
    return `${countNoun(count, 'node', 'nodes')}. This result does not compare them; evaluate the snapshot again to have that.`
  const pools = `${countNoun(count, 'node', 'nodes')} in ${countNoun(nodes.pools.length, 'pool', 'pools')}`
  return odd === 0
    ? `${pools}. In what is known, no node differs from what most of its pool have.`
    : `${pools}; ${odd === 1 ? '1 differs' : `${formatCount(odd)} differ`} from what most of the pool have. A difference is no finding by itself.`
}

/** Nodes with findings or differences first, then as they come. */
function pageOrder({ nodes, cells }: NodeGrid, profiles: NodeProfiles | undefined): number[] {
  const differs = new Set(profiles?.nodes.filter((node) => node.differs.length > 0).map(({ node }) => node))
  const rank = (index: number) =>
    (differs.has(nodes[index] ?? '') ? 1 : 0) + (cells.some((row) => isFinding(row[index])) ? 2 : 0)
  return nodes.map((_, index) => index).sort((a, b) => (rank(b) > 0 ? 1 : 0) - (rank(a) > 0 ? 1 : 0) || a - b)
}

function isFinding(cell: MarkCell | undefined): boolean {
  return cell !== undefined && severities.some((severity) => severity === cell.kind)
}

function heatOf(context: ViewContext, { rules, nodes, cells }: NodeGrid): NodesSection['heat'] {
  const { limits, result } = context
  const sections = [...Map.groupBy(rules.keys(), (index) => rules[index]?.section ?? 'rules')].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const roles = new Map(result.coverage.nodes.map((node) => [node.node, node.roles.join(', ')]))
  const rows = nodes.map((name, node) => ({
    name,
    cells: sections.map(([, members]) => heatCell(members.flatMap((rule) => cells[rule]?.[node] ?? []))),
  }))
  const isGrouped = rows.length > limits.nodeRows
  const groups = isGrouped
    ? [...Map.groupBy(rows, (row) => JSON.stringify(row.cells)).values()].sort((a, b) => b.length - a.length)
    : rows.map((row) => [row])
  const shown = groups.slice(0, limits.nodeRows)
  const partial = rules.some((rule) => rule.findings.length < rule.findingsTotal)
  const notes = [
    isGrouped
      ? `${formatCount(nodes.length)} nodes in ${countNoun(groups.length, 'row', 'rows')}: those with the same counts share one.`
      : '',
    cutNote(shown.flat().length, nodes.length, 'nodes', context.dataFile),
    partial ? 'The result keeps only the first findings of some rules: the numbers are at least that high.' : '',
  ]
  return {
    columns: sections.map(([section]) => sectionWords(section)),
    isDense: sections.length > wideColumns,
    rows: shown.map((group) => {
      const names = group.map(({ name }) => name)
      const row = { detail: roles.get(names[0] ?? '') ?? '', cells: group[0]?.cells ?? [] }
      return names.length === 1
        ? { ...row, name: names[0] ?? '' }
        : { ...row, name: countNoun(names.length, 'node', 'nodes'), detail: listNames(names, limits.names) }
    }),
    marks: [
      ...new Map(shown.flatMap((group) => group[0]?.cells ?? []).map(({ kind }) => [kind, markOf(kind)])).values(),
    ],
    note: notes.filter((note) => note !== '').join(' '),
  }
}

function markOf(kind: HeatCell['kind']): Mark {
  if (kind in severityMarks) return { kind, word: `Finding, ${kind} at worst` }
  if (kind === 'pass') return { kind, word: 'No finding' }
  return Object.values(outcomeMarks).find((mark) => mark.kind === kind) ?? { kind, word: 'Not listed' }
}

function heatCell(cells: readonly MarkCell[]): HeatCell {
  const worst = severities.find((severity) => cells.some((cell) => cell.kind === severity))
  if (worst !== undefined) {
    const count = cells.filter(isFinding).length
    return {
      kind: worst,
      word: `${countNoun(count, 'finding', 'findings')}, ${worst} at worst`,
      count: formatCount(count),
    }
  }
  const open = (['error', 'unknown', 'manual'] as const).find((kind) => cells.some((cell) => cell.kind === kind))
  if (open !== undefined) {
    const count = cells.filter((cell) => cell.kind === open).length
    return {
      kind: open,
      word: `${countNoun(count, 'rule', 'rules')} ${outcomeMarks[open].word.toLowerCase()}`,
      count: formatCount(count),
    }
  }
  if (cells.every((cell) => cell.kind === 'notApplicable'))
    return { kind: 'notApplicable', word: 'Not applicable', count: '' }
  return cells.some((cell) => cell.kind === 'open' && cell.word.startsWith('Not listed'))
    ? { kind: 'open', word: 'Not listed', count: '' }
    : { kind: 'pass', word: 'No finding', count: '' }
}

function poolView({ columns, pools, nodes }: NodeProfiles, index: number, names: number): Pool {
  const pool = pools[index]
  const members = nodes.filter((node) => node.pool === index)
  const rows = columns.flatMap(({ label }, column) => {
    const usual = pool?.usual[column] ?? null
    const groups = Map.groupBy(members, ({ values }) => values[column] ?? null)
    const known = [...groups].filter(([value]) => value !== null)
    if (known.length < 2) return []
    const others = known
      .filter(([value]) => value !== usual?.value)
      .map(([value, group]) => ({
        value: value ?? '',
        nodes: listNames(
          group.map(({ node }) => node),
          names,
        ),
      }))
    const words =
      usual === null
        ? 'no value has the majority'
        : `${usual.value}  (${formatCount(usual.nodes)} of ${formatCount(usual.known)})`
    return [{ setting: label, usual: words, others }]
  })
  const unread = members.filter(({ values }) => values.includes(null)).length
  const read = unread === 0 ? '' : ` Of ${countNoun(unread, 'node', 'nodes')} not every setting is known.`
  const size = countNoun(pool?.nodes ?? 0, 'node', 'nodes')
  return {
    title: `${pool?.name ?? ''}: ${size}`,
    sentence: `${rows.length === 0 ? `Alike in all ${formatCount(columns.length)} settings compared, as far as they are known.` : `Not alike in ${formatCount(rows.length)} of ${formatCount(columns.length)} settings compared.`}${read} Told by ${pool?.by ?? ''}.`,
    rows,
  }
}

function nodePage(
  context: ViewContext,
  { rules, nodes, cells }: NodeGrid,
  index: number,
  withBlock: ReadonlySet<string>,
): NodePage {
  const { result, limits, dataFile } = context
  const name = nodes[index] ?? ''
  const coverage = result.coverage.nodes.find(({ node }) => node === name)
  const failing = rules.filter((_, rule) => isFinding(cells[rule]?.[index]))
  const shown = failing.slice(0, limits.indexRows)
  return {
    anchor: `node-${index + 1}`,
    name,
    line: [coverage?.roles.join(', ') ?? '', ...profileWords(result.nodes, name)]
      .filter((word) => word !== '')
      .join('  ·  '),
    access: accessWords(coverage?.access),
    missing: missingWords(coverage, result),
    differences: differencesOf(result.nodes, name),
    findings: shown.map((rule) => ({
      mark: severityMarks[rule.severity],
      title: rule.problem,
      anchor: context.anchors.get(rule.id) ?? '',
      hasBlock: withBlock.has(rule.id),
    })),
    findingsNote: cutNote(shown.length, failing.length, 'findings', dataFile),
  }
}

function profileWords(nodes: NodeProfiles | undefined, name: string): string[] {
  const values = nodes?.nodes.find(({ node }) => node === name)?.values ?? []
  const columns = nodes?.columns ?? []
  return shownOnLine.map((label) => values[columns.findIndex((column) => column.label === label)] ?? '')
}

function accessWords(access: Result['coverage']['nodes'][number]['access']): string {
  if (access === undefined) return 'Not read.'
  const { transport, user, privilege, durationMs } = access
  return `Read over ${transport}${user === undefined ? '' : ` as ${user}`}, privilege ${privilege}, in ${formatCount(durationMs)} ms.`
}

function missingWords(
  coverage: Result['coverage']['nodes'][number] | undefined,
  { coverage: { columns } }: Result,
): string {
  const missing = coverage?.facts.flatMap((fact, index) => (fact === null ? [] : (columns[index]?.label ?? ''))) ?? []
  if (missing.length === 0) return ''
  return missing.length === columns.length ? 'Nothing of it is known.' : `Not known: ${joinWords(missing)}.`
}

function differencesOf(nodes: NodeProfiles | undefined, name: string): NodePage['differences'] {
  const node = nodes?.nodes.find((one) => one.node === name)
  if (nodes === undefined || node === undefined) return []
  return node.differs.map((column) => {
    const usual = nodes.pools[node.pool]?.usual[column]
    return {
      setting: nodes.columns[column]?.label ?? '',
      value: node.values[column] ?? '',
      usual: usual ? `${usual.value}  (${formatCount(usual.nodes)} of ${formatCount(usual.known)})` : '',
    }
  })
}
