// The nodes one by one: what each is like, in what it differs from the others of its pool, and what was found on it.
// May not: call a difference a finding, or a node alike that was not read.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import type { NodeProfiles } from '../model/result-nodes.ts'
import type { Language } from './lang/language.ts'
import { cutText } from './text.ts'
import { columnLimits, wideColumns } from './view-coverage.ts'
import type { NodeGrid } from './view-matrix.ts'
import type { MarkCell, ViewContext } from './view-model.ts'
import type { HeatCell, NodePage, NodesSection, Pool } from './view-nodes-model.ts'
import { cutNote } from './view-order.ts'
import { type Mark, sectionWords, termsOf } from './words.ts'

const shownOnLine = ['System', 'Kernel', 'Runtime', 'Kubelet version']

export function nodesView(context: ViewContext, grid: NodeGrid, withBlock: ReadonlySet<string>): NodesSection {
  const { lang } = context
  const { nodes } = context.result
  const order = pageOrder(grid, nodes)
  const shown = order.slice(0, context.limits.nodePages)
  const odd = nodes?.nodes.filter(({ differs }) => differs.length > 0) ?? []
  return {
    sentence: sentenceOf(grid.nodes.length, nodes, odd.length, lang),
    heat: heatOf(context, grid),
    pools: nodes === undefined ? [] : nodes.pools.map((_, index) => poolView(nodes, index, context.limits.names, lang)),
    pages: shown.map((index) => nodePage(context, grid, index, withBlock)),
    pagesNote: pagesNote(context, shown.length, order.length),
  }
}

function pagesNote(context: ViewContext, shown: number, all: number): string {
  const note = cutNote(context, shown, all, 'nodes')
  return note === '' ? '' : context.lang.say('nodes.pagesNote', { note })
}

function sentenceOf(count: number, profiles: NodeProfiles | undefined, odd: number, { say }: Language): string {
  if (count === 0) return say('nodes.none')
  const all = say('count.nodes', { count })
  if (profiles === undefined) return say('nodes.notCompared', { nodes: all })
  const nodes = say('nodes.inPools', { nodes: all, pools: say('count.pools', { count: profiles.pools.length }) })
  return odd === 0 ? say('nodes.alike', { nodes }) : say('nodes.differ', { nodes, count: odd })
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
  const { limits, result, lang } = context
  const { say } = lang
  const sections = [...Map.groupBy(rules.keys(), (index) => rules[index]?.section ?? 'rules')].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const roles = new Map(result.coverage.nodes.map((node) => [node.node, node.roles.join(', ')]))
  const rows = nodes.map((name, node) => ({
    name,
    cells: sections.map(([, members]) =>
      heatCell(
        members.flatMap((rule) => cells[rule]?.[node] ?? []),
        lang,
      ),
    ),
  }))
  const isGrouped = rows.length > limits.nodeRows
  const groups = isGrouped
    ? [...Map.groupBy(rows, (row) => JSON.stringify(row.cells)).values()].sort((a, b) => b.length - a.length)
    : rows.map((row) => [row])
  const shown = groups.slice(0, limits.nodeRows)
  const partial = rules.some((rule) => rule.findings.length < rule.findingsTotal)
  const notes = [
    isGrouped
      ? say('nodes.heatGrouped', { nodes: nodes.length, rows: say('count.rows', { count: groups.length }) })
      : '',
    cutNote(context, shown.flat().length, nodes.length, 'nodes'),
    partial ? say('nodes.heatPartial') : '',
  ]
  return {
    columns: sections.map(([section]) => cutText(sectionWords(section, lang), columnLimits, lang)),
    isDense: sections.length > wideColumns,
    rows: shown.map((group) => {
      const names = group.map(({ name }) => name)
      const row = { detail: roles.get(names[0] ?? '') ?? '', cells: group[0]?.cells ?? [] }
      return names.length === 1
        ? { ...row, name: names[0] ?? '' }
        : { ...row, name: say('count.nodes', { count: names.length }), detail: lang.names(names, limits.names) }
    }),
    marks: [
      ...new Map(
        shown.flatMap((group) => group[0]?.cells ?? []).map(({ kind }) => [kind, markOf(kind, lang)]),
      ).values(),
    ],
    note: lang.sentences(notes),
  }
}

function markOf(kind: HeatCell['kind'], lang: Language): Mark {
  const { say } = lang
  const worst = severities.find((severity) => severity === kind)
  if (worst !== undefined)
    return { kind, word: say('mark.findingAtWorst', { severity: say(`severity.${worst}.inside`) }) }
  if (kind === 'pass') return { kind, word: say('mark.noFinding') }
  const outcome = Object.values(termsOf(lang).outcomeMarks).find((mark) => mark.kind === kind)
  return outcome ?? { kind, word: say('mark.notListed') }
}

function heatCell(cells: readonly MarkCell[], { say, number }: Language): HeatCell {
  const worst = severities.find((severity) => cells.some((cell) => cell.kind === severity))
  if (worst !== undefined) {
    const count = cells.filter(isFinding).length
    return {
      kind: worst,
      word: say('nodes.heatFindings', { count, severity: say(`severity.${worst}.inside`) }),
      count: number(count),
    }
  }
  const open = (['error', 'unknown', 'manual'] as const).find((kind) => cells.some((cell) => cell.kind === kind))
  if (open !== undefined) {
    const count = cells.filter((cell) => cell.kind === open).length
    return {
      kind: open,
      word: say('nodes.heatOpen', { count, outcome: say(`outcome.${open}.inside`) }),
      count: number(count),
    }
  }
  if (cells.every((cell) => cell.kind === 'notApplicable'))
    return { kind: 'notApplicable', word: say('outcome.notApplicable'), count: '' }
  return cells.some((cell) => cell.kind === 'open' && cell.word === say('mark.notListedFirst'))
    ? { kind: 'open', word: say('mark.notListed'), count: '' }
    : { kind: 'pass', word: say('mark.noFinding'), count: '' }
}

function poolView({ columns, pools, nodes }: NodeProfiles, index: number, names: number, lang: Language): Pool {
  const { say, term } = lang
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
        nodes: lang.names(
          group.map(({ node }) => node),
          names,
        ),
      }))
    const words =
      usual === null
        ? say('nodes.noMajority')
        : say('nodes.usual', { value: usual.value, nodes: usual.nodes, known: usual.known })
    return [{ setting: term(label), usual: words, others }]
  })
  const unread = members.filter(({ values }) => values.includes(null)).length
  const told = {
    settings: columns.length,
    unread: unread === 0 ? '' : say('nodes.poolUnread', { nodes: say('count.nodes', { count: unread }) }),
    by: term(pool?.by ?? ''),
  }
  return {
    title: say('nodes.poolTitle', {
      pool: term(pool?.name ?? ''),
      nodes: say('count.nodes', { count: pool?.nodes ?? 0 }),
    }),
    sentence:
      rows.length === 0 ? say('nodes.poolAlike', told) : say('nodes.poolDiffers', { ...told, differing: rows.length }),
    rows,
  }
}

function nodePage(
  context: ViewContext,
  { rules, nodes, cells }: NodeGrid,
  index: number,
  withBlock: ReadonlySet<string>,
): NodePage {
  const { result, limits, lang } = context
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
    access: accessWords(coverage?.access, lang),
    missing: missingWords(coverage, result, lang),
    differences: differencesOf(result.nodes, name, lang),
    findings: shown.map((rule) => {
      const title = context.texts.of(rule, rule.problem)
      return {
        mark: termsOf(lang).severityMarks[rule.severity],
        title: title.text,
        titleLang: title.lang,
        anchor: context.anchors.get(rule.id) ?? '',
        hasBlock: withBlock.has(rule.id),
      }
    }),
    findingsNote: cutNote(context, shown.length, failing.length, 'findings'),
  }
}

function profileWords(nodes: NodeProfiles | undefined, name: string): string[] {
  const values = nodes?.nodes.find(({ node }) => node === name)?.values ?? []
  const columns = nodes?.columns ?? []
  return shownOnLine.map((label) => values[columns.findIndex((column) => column.label === label)] ?? '')
}

function accessWords(access: Result['coverage']['nodes'][number]['access'], { say }: Language): string {
  if (access === undefined) return say('nodes.notRead')
  const { transport, user, privilege, durationMs } = access
  const told = { transport, privilege, number: durationMs }
  return user === undefined ? say('nodes.access', told) : say('nodes.accessAs', { ...told, user })
}

function missingWords(
  coverage: Result['coverage']['nodes'][number] | undefined,
  { coverage: { columns } }: Result,
  { say, term, list }: Language,
): string {
  const missing =
    coverage?.facts.flatMap((fact, index) => (fact === null ? [] : term(columns[index]?.label ?? ''))) ?? []
  if (missing.length === 0) return ''
  return missing.length === columns.length ? say('nodes.nothingKnown') : say('nodes.missing', { facts: list(missing) })
}

function differencesOf(
  nodes: NodeProfiles | undefined,
  name: string,
  { say, term }: Language,
): NodePage['differences'] {
  const node = nodes?.nodes.find((one) => one.node === name)
  if (nodes === undefined || node === undefined) return []
  return node.differs.map((column) => {
    const usual = nodes.pools[node.pool]?.usual[column]
    return {
      setting: term(nodes.columns[column]?.label ?? ''),
      value: node.values[column] ?? '',
      usual: usual ? say('nodes.usual', { value: usual.value, nodes: usual.nodes, known: usual.known }) : '',
    }
  })
}
