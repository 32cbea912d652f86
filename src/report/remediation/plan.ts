// plan.md: what to do in which order, what each step is for, what it can break, how to see that it worked and how to undo it.
// May not: leave a failing finding out, or let a text from a cluster end a code fence or begin a heading, a link or HTML.
import type { Result, RuleResult } from '../../model/result.ts'
import { visibleText } from '../../util/visible-text.ts'
import { countNoun, formatCount } from '../text.ts'
import type { Remedy } from './gather.ts'
import { contentOf, targetsOf } from './namespace-script.ts'

interface Places {
  /** Node → its script. */
  readonly nodes: ReadonlyMap<string, string>
  /** Namespace → its folder. */
  readonly namespaces: ReadonlyMap<string, string>
}

/** Groups of units with the same steps, shown for a rule; what is beyond is counted. */
const groupsShown = 25
const unitsShown = 50

export function planPage(result: Result, remedies: readonly Remedy[], places: Places): string {
  const of = (kind: Remedy['way']['kind']) => remedies.filter(({ way }) => way.kind === kind)
  const parts = [
    head(result, remedies),
    overview(places, of('node'), of('object')),
    section('Changes on nodes', nodeIntroduction, of('node')),
    section('Changes of API objects', objectIntroduction, of('object')),
    section('Objects that something else manages', managedIntroduction, of('managed')),
    section('Changes that need a person', byHandIntroduction, of('by-hand')),
    rest(result),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const nodeIntroduction =
  'In this order, one node at a time: first workers, then control-plane nodes, each Ready again before the next. Each script does its changes in the order of this page.'
const objectIntroduction =
  'After the nodes. What is marked opt-in takes away something that a workload may stand on, or sets a value that nobody measured, and is left out unless the script is given `--opt-in`. Look at the differences first; where a workload does not become ready, put it back. Every change of a pod template replaces the pods.'
const managedIntroduction =
  'A patch of these would be undone at the next sync or upgrade, so none is made. What is shown is what the objects should hold in the end: change the chart’s values, the manifests in Git, or the resource of the operator.'
const byHandIntroduction =
  'No script does these: they need a decision, a file that must exist first, several machines at once, or they take rights away. The steps are for these very hosts and objects.'

function head({ cluster, reportId, evaluatedAt, tool, snapshot }: Result, remedies: readonly Remedy[]): string {
  const scripted = remedies.filter(({ way }) => way.kind === 'node' || way.kind === 'object').length
  return [
    `# Remediation plan for ${inline(cluster.name)}`,
    '',
    `Report ${inline(reportId)}, evaluated ${inline(evaluatedAt)} from the snapshot of ${inline(snapshot.startedAt)}, by ${inline(tool.name)} ${inline(tool.version)}.`,
    '',
    `${countNoun(remedies.length, 'failing finding', 'failing findings')}: ${formatCount(scripted)} can be changed by the scripts of this folder, ${formatCount(remedies.length - scripted)} need a person. Nothing here runs by itself, and no script changes anything without \`--apply\`.`,
  ].join('\n')
}

function overview({ nodes, namespaces }: Places, onNodes: readonly Remedy[], onObjects: readonly Remedy[]): string {
  const counts = new Map<string, number>()
  for (const { way } of [...onNodes, ...onObjects]) {
    const place = way.kind === 'node' ? `node ${way.node}` : way.kind === 'object' ? `namespace ${way.namespace}` : ''
    counts.set(place, (counts.get(place) ?? 0) + 1)
  }
  const nodeRows = [...nodes].map(
    ([node, file]) => `| ${inline(node)} | ${formatCount(counts.get(`node ${node}`) ?? 0)} | \`sh ${file}\` |`,
  )
  const namespaceRows = [...namespaces].map(
    ([name, folder]) =>
      `| ${inline(name)} | ${formatCount(counts.get(`namespace ${name}`) ?? 0)} | \`sh ${folder}/apply.sh\` |`,
  )
  const table = (title: string, rows: readonly string[]) => [
    `| ${title} | findings | dry run |`,
    '| --- | --- | --- |',
    ...rows,
  ]
  return [
    '## How to use this folder',
    '',
    '1. Read this page. Leave out what you do not want: scripts of nodes take `--skip <rule>`, those of namespaces `--only <Kind/name>`.',
    '2. Copy each script to its node and run it there as root: first as it is, which only shows the changes, then with `--apply`. It refuses to change a file that is not as the audit saw it.',
    '3. Run the scripts of the namespaces where kubectl reaches the cluster: first as they are, then with `--apply`.',
    '4. Audit again.',
    '',
    'To undo: the same script with `--rollback`. It puts back the copies that `--apply` made.',
    ...(nodeRows.length === 0 ? [] : ['', ...table('node', nodeRows)]),
    ...(namespaceRows.length === 0 ? [] : ['', ...table('namespace', namespaceRows)]),
  ].join('\n')
}

function section(title: string, introduction: string, remedies: readonly Remedy[]): string {
  if (remedies.length === 0) return ''
  const byRule = Map.groupBy(remedies, ({ rule }) => rule)
  const rules = [...byRule].map(([rule, ofRule], index) => ruleText(rule, ofRule, index + 1))
  return [`## ${title}`, introduction, ...rules].join('\n\n')
}

function ruleText(rule: RuleResult, remedies: readonly Remedy[], number: number): string {
  const after = rule.after ?? []
  const [first] = remedies
  const lines = [
    `### ${number}. ${inline(rule.problem)}`,
    `${rule.severity} · ${inline(rule.id)}${rule.optIn === true ? ' · opt-in' : ''} · closes ${countNoun(remedies.length, 'finding', 'findings')}`,
    `**Why:** ${inline(rule.rationale)}`,
    ...(rule.risk === undefined ? [] : [`**Risk:** ${inline(rule.risk)}`]),
    ...(after.length === 0 ? [] : [`**First:** ${after.map(inline).join(', ')}`]),
    ...(first?.way.kind === 'managed' ? managedText(remedies) : stepGroups(remedies)),
    ...(first?.finding.verify === undefined ? [] : ['**Verify:**', fence('sh', first.finding.verify)]),
    `**Undo:** ${rule.undo === undefined ? undoText(first) : inline(rule.undo)}`,
  ]
  return lines.join('\n\n')
}

function undoText(remedy: Remedy | undefined): string {
  switch (remedy?.way.kind) {
    case 'node':
      return '`--rollback` of the node’s script puts files, modes, owners and kernel parameters back as they were.'
    case 'object':
      return '`--rollback` of the namespace’s script puts the saved pod template back, or deletes what was created.'
    case 'managed':
      return 'Put the values back where they came from; the tool that manages the object brings them back.'
    case 'by-hand':
    case undefined:
      return 'Keep a copy of each file and object before the change, and put it back.'
  }
}

/** The units with the same steps are told once. */
function stepGroups(remedies: readonly Remedy[]): string[] {
  const groups = [...Map.groupBy(remedies, (remedy) => JSON.stringify([stepsOf(remedy.finding), noteOf(remedy)]))]
  const shown = groups.slice(0, groupsShown).flatMap(([, members]) => {
    const [first] = members
    return first === undefined ? [] : [unitsText(members), ...stepTexts(first)]
  })
  const left = groups.slice(groupsShown).reduce((sum, [, members]) => sum + members.length, 0)
  if (left === 0) return shown
  return [
    ...shown,
    `… and ${countNoun(left, 'more finding', 'more findings')} with steps of their own: see the scripts, the report and result.json.`,
  ]
}

function stepsOf({ remediation = [] }: Remedy['finding']): unknown {
  return remediation.map(({ text, file, content }) => [text, file, content])
}

function unitsText(members: readonly Remedy[]): string {
  const names = members.slice(0, unitsShown).map(({ finding }) => inline(finding.unit.name))
  const left = members.length - names.length
  const why = noteOf(members[0])
  return `**Where:** ${names.join(', ')}${left === 0 ? '' : ` and ${formatCount(left)} more`}.${why}`
}

function noteOf(remedy: Remedy | undefined): string {
  if (remedy?.way.kind === 'by-hand') return ` ${remedy.way.why}`
  return remedy?.way.kind === 'object' && remedy.way.isOptIn ? ' Opt-in: only with `--opt-in`.' : ''
}

function stepTexts({ finding, way }: Remedy): string[] {
  const evidence = finding.evidence
    .slice(0, 10)
    .map(({ observed, expected }) => `- seen: ${inline(observed)}; wanted: ${inline(expected)}`)
  const steps = (finding.remediation ?? []).flatMap(({ text, file, language = '', content, action }, index) => {
    const isScripted = (way.kind === 'node' || way.kind === 'object') && action !== undefined
    const mark = isScripted ? ' *(the script does this)*' : ''
    return [
      `${index + 1}\\. ${inline(text)}${file === undefined ? '' : ` — ${inline(file)}`}${mark}`,
      ...(content === undefined ? [] : [fence(language, content)]),
    ]
  })
  return [...(evidence.length === 0 ? [] : [evidence.join('\n')]), ...steps]
}

function managedText(remedies: readonly Remedy[]): string[] {
  const shown = remedies.slice(0, groupsShown).flatMap((remedy) => {
    if (remedy.way.kind !== 'managed') return []
    const [target] = targetsOf([remedy])
    return [
      `**${inline(remedy.finding.unit.name)}**, managed by ${inline(remedy.way.by)}`,
      ...(target === undefined ? stepTexts(remedy) : [fence('yaml', contentOf(target.changes))]),
    ]
  })
  const left = remedies.length - groupsShown
  return left > 0 ? [...shown, `… and ${countNoun(left, 'more', 'more')}: see the report and result.json.`] : shown
}

/** What is not a failure and still wants attention, and findings that the result left out. */
function rest({ rules }: Result): string {
  const cut = rules.filter(({ findings, findingsTotal }) => findingsTotal > findings.length)
  const open = rules.filter(({ outcome }) => outcome === 'unknown' || outcome === 'error' || outcome === 'manual')
  const lines = [
    ...(open.length === 0
      ? []
      : [
          `Not decided, so without a change here: ${open.map(({ id, outcome }) => `${inline(id)} (${outcome})`).join(', ')}.`,
        ]),
    ...(cut.length === 0
      ? []
      : [
          `The result holds only a part of the findings of ${cut.map(({ id }) => inline(id)).join(', ')}; raise --findings-cap for a plan of all.`,
        ]),
  ]
  return lines.length === 0 ? '' : ['## What this plan leaves open', ...lines].join('\n\n')
}

/** One line of Markdown that shows exactly this text. */
export function inline(text: string): string {
  return visibleText(text)
    .replaceAll(/\s+/g, ' ')
    .split(/(`[^`|]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[\\`*_[\]<>|#~&]/g, '\\$&')))
    .join('')
}

/** A code block that nothing inside can end. */
function fence(language: string, content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map(([run]) => run.length))
  const ticks = '`'.repeat(longest + 1)
  return `${ticks}${language}\n${visibleText(content).trimEnd()}\n${ticks}`
}
