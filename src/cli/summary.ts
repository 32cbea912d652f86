// The closing words of an audit in a terminal: verdict, score, what fails, what was not seen, where the reports are.
import { severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { headingOf } from '../report/index.ts'
import { visibleText } from '../util/visible-text.ts'
import { changedText } from './comparison-text.ts'
import { waiverLines } from './summary-waivers.ts'
import type { Terminal } from './terminal.ts'
import { wrap } from './wrap.ts'

const shownRules = 10
const shownGaps = 8
const shownFacts = 8

/** About thirty lines that fit 80 columns. */
export function summarise(
  result: Result,
  files: readonly string[],
  terminal: Pick<Terminal, 'style' | 'columns'>,
): string {
  const blocks = [
    heading(result, terminal),
    failing(result, terminal),
    waiverLines(result, terminal),
    gaps(result, terminal),
    files.map((file) => `  ${file}`),
  ]
  return `\n${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function heading(result: Result, { style, columns }: Pick<Terminal, 'style' | 'columns'>): string[] {
  const { cluster, score, summary } = result
  const version = cluster.version === undefined ? 'version unknown' : `Kubernetes ${visibleText(cluster.version)}`
  const counts = severities
    .filter((severity) => summary.failingBySeverity[severity] > 0)
    .map((severity) => style(severity, `${summary.failingBySeverity[severity]} ${severity}`))
  const { pass, unknown, error, notApplicable } = summary.rules
  return [
    `${style('bold', visibleText(cluster.name))}  ${version}, ${cluster.nodesReached} of ${cluster.nodes} nodes read`,
    '',
    `  Score     ${scoreText(score)}`,
    `  Failing   ${counts.length === 0 ? 'none' : counts.join(', ')}`,
    `  Others    ${style('pass', `${pass} passed`)}, ${style('unknown', `${unknown + error} unknown`)}, ${notApplicable} not applicable`,
    `  Coverage  ${coverageText(score)}`,
    ...changedLine(result, columns),
    ...waysLine(result),
  ]
}

function changedLine({ comparison }: Result, columns: number): string[] {
  if (comparison === undefined) return []
  const indent = ' '.repeat(12)
  return [`  Changed   ${wrap(changedText(comparison), columns, indent).trimStart()}`]
}

/** How many nodes each way read, where more than one had to be tried. */
function waysLine({ coverage: { nodes } }: Result): string[] {
  if (nodes.every(({ tried }) => tried === undefined)) return []
  const read = nodes.flatMap(({ access, tried }) => (access === undefined ? [] : [{ access, tried }]))
  const ways = [
    ...Map.groupBy(read, ({ access, tried = [] }) =>
      [access.transport, ...tried.filter(({ way }) => way !== access.transport).map(({ way }) => way)].join(' after '),
    ),
  ].map(([way, group]) => `${group.length} by ${way}`)
  return ways.length === 0 ? [] : [`  Nodes     ${visibleText(ways.join(', '))}; reasons in the reports`]
}

function coverageText({ coverage, answered, expected, unlisted }: Result['score']): string {
  const share = `${Math.floor(coverage * 1000) / 10} % (${answered} of ${expected} answers`
  if (unlisted === undefined) return `${share})`
  return `at most ${share}; not all ${unlisted.map(({ kind }) => kind).join(', ')} are known)`
}

function scoreText(score: Result['score']): string {
  if (score.lower === undefined || score.upper === undefined) return 'none: nothing applicable could be assessed'
  if (score.lower === score.upper) return `${score.lower} of 100`
  return `${score.lower} of 100; at best ${score.upper}, the difference was not assessed`
}

function failing(result: Result, { style, columns }: Pick<Terminal, 'style' | 'columns'>): string[] {
  const failed = result.rules
    .filter((rule) => rule.outcome === 'fail')
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || (a.id < b.id ? -1 : 1))
  if (failed.length === 0) return []
  const indent = ' '.repeat(11)
  const lines = failed.slice(0, shownRules).map((rule) => {
    const title = wrap(visibleText(headingOf(rule)), columns, indent).trimStart()
    return `  ${style(rule.severity, rule.severity.padEnd(indent.length - 2))}${title}`
  })
  const more = failed.length - shownRules
  return [...lines, ...(more > 0 ? [style('dim', `  … ${more} more failing rules in the reports`)] : [])]
}

/** What was not assessed, lists by reason and nodes by what they lack; wrapped, so that nothing runs out of the window. */
function gaps(result: Result, { style, columns }: Pick<Terminal, 'style' | 'columns'>): string[] {
  const { families, nodes } = result.coverage
  const lists = families.flatMap(({ family, unavailable }) =>
    unavailable === undefined ? [] : [{ family, ...unavailable }],
  )
  const byReason = [...Map.groupBy(lists, ({ reason }) => reason)].map(
    ([reason, group]) => `Lists, ${reason}: ${group.map(({ family }) => family).join(', ')}. ${group[0]?.detail ?? ''}`,
  )
  const hosts = nodes.flatMap((node) => {
    const gap = nodeGap(result, node)
    return gap === undefined ? [] : [{ node: node.node, gap }]
  })
  const byGap = [...Map.groupBy(hosts, ({ gap }) => gap)].map(([gap, group]) => {
    const names = group.slice(0, 3).map(({ node }) => node)
    return `${names.join(', ')}${group.length > names.length ? ` and ${group.length - names.length} more` : ''}: ${gap}`
  })
  const all = [...byReason, ...byGap]
  if (all.length === 0) return []
  const more = all.length - shownGaps
  return [
    style('unknown', '  Not assessed'),
    ...all.slice(0, shownGaps).map((line) => wrap(visibleText(line), columns, '    ')),
    ...(more > 0 ? [style('dim', `    … ${more} more in the reports`)] : []),
  ]
}

/** "Kubelet, Runtime: sudo -n was refused"; undefined when all is known. */
function nodeGap({ coverage }: Result, { facts }: Result['coverage']['nodes'][number]): string | undefined {
  const missing = facts.flatMap((fact, index) =>
    fact === null ? [] : [{ fact, label: coverage.columns[index]?.label ?? '' }],
  )
  const [first] = [...Map.groupBy(missing, ({ fact }) => fact.detail).values()].sort(byReach)
  const [gap] = first ?? []
  if (first === undefined || gap === undefined) return undefined
  const others = missing.length - first.length
  const more = others === 0 ? '' : ` ${others} more for other reasons.`
  return `${whatIs(first, facts.length)}: ${gap.fact.detail.replace(/\.?$/, '.')}${more}`
}

type Missing = readonly { readonly fact: { readonly reason: string }; readonly label: string }[]

/** What took away the most first; what was not asked for is the least of reasons. */
function byReach(a: Missing, b: Missing): number {
  const isAsked = (group: Missing): number => (group[0]?.fact.reason === 'not-collected' ? 0 : 1)
  return isAsked(b) - isAsked(a) || b.length - a.length
}

function whatIs(group: Missing, all: number): string {
  if (group.length === all) return 'everything'
  return group.length > shownFacts ? `${group.length} of ${all} facts` : group.map(({ label }) => label).join(', ')
}
