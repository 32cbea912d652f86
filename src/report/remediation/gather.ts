// What the remediation pack is about: for each failing finding whether a script, a patch or a person changes what it is about,
// and in which order rules go.
// May not: make a change that the finding's own steps do not hold.

import { severities } from '../../model/outcome.ts'
import type { Finding, Result, RuleResult } from '../../model/result.ts'
import { type HostChange, hostPlan, stages } from './actions.ts'
import { type ObjectChange, objectPlan } from './objects.ts'

export interface Remedy {
  readonly rule: RuleResult
  readonly finding: Finding
  readonly way:
    | { readonly kind: 'node'; readonly node: string; readonly changes: readonly HostChange[] }
    | {
        readonly kind: 'object'
        readonly namespace: string
        readonly change: ObjectChange
        /** Made only when asked for: it takes something away, or has no effect before such a change. */
        readonly isOptIn: boolean
      }
    | { readonly kind: 'managed'; readonly by: string; readonly change: ObjectChange | undefined }
    | { readonly kind: 'by-hand'; readonly why: string }
}

/** Every failing finding with the way to change it, in the order in which rules are to be followed. */
export function gatherRemedies(result: Result): Remedy[] {
  const failing = result.rules.filter(({ outcome }) => outcome === 'fail')
  const obstacles = obstaclesOf(failing)
  const optIns = optInsOf(failing)
  const remedies = new Map(failing.map((rule) => [rule.id, remediesOf(rule, obstacles, optIns)]))
  return inOrder(failing, remedies).flatMap(({ id }) => remedies.get(id) ?? [])
}

/** Node and action → the rule that stands in the way there. */
type Obstacles = ReadonlyMap<string, string>

function obstaclesOf(failing: readonly RuleResult[]): Obstacles {
  return new Map(
    failing.flatMap(({ id, blocks = [], findings }) =>
      findings
        .filter(({ outcome }) => outcome === 'fail')
        .flatMap(({ unit }) => blocks.map((action) => [`${action} ${unit.node ?? ''}`, id] as const)),
    ),
  )
}

/** "rule unit" of each failing finding whose change a script makes only when asked for. */
function optInsOf(failing: readonly RuleResult[]): ReadonlySet<string> {
  return new Set(
    failing
      .filter(({ optIn }) => optIn === true)
      .flatMap(({ id, findings }) => findings.filter(isFailure).map(({ unit }) => `${id} ${unit.id}`)),
  )
}

function isFailure({ outcome }: Finding): boolean {
  return outcome === 'fail'
}

function remediesOf(rule: RuleResult, obstacles: Obstacles, optIns: ReadonlySet<string>): Remedy[] {
  return rule.findings.filter(isFailure).map((finding) => {
    const isOptIn = [rule.id, ...(rule.after ?? [])].some((id) => optIns.has(`${id} ${finding.unit.id}`))
    return { rule, finding, way: wayOf(finding, isOptIn, obstacles) }
  })
}

function wayOf(finding: Finding, isOptIn: boolean, obstacles: Obstacles): Remedy['way'] {
  const { unit, remediation: steps = [] } = finding
  const object = objectPlan(finding)
  const managedBy = unit.owner?.managedBy
  if (managedBy !== undefined)
    return { kind: 'managed', by: managedBy, change: 'change' in object ? object.change : undefined }
  if ('change' in object) return { kind: 'object', namespace: unit.namespace ?? '', change: object.change, isOptIn }
  if (unit.kind !== 'nodes' || unit.node === undefined) return { kind: 'by-hand', why: object.byHand }
  const obstacle = steps.map(({ action }) => obstacles.get(`${action} ${unit.node}`)).find((id) => id !== undefined)
  if (obstacle !== undefined)
    return { kind: 'by-hand', why: `The rule ${obstacle} fails on this node and comes first.` }
  const host = hostPlan(steps)
  if ('byHand' in host) return { kind: 'by-hand', why: host.byHand }
  return { kind: 'node', node: unit.node, changes: host.changes }
}

/** By stage, then severity, then id; and whatever a rule's `after` names comes before it. */
function inOrder(rules: readonly RuleResult[], remedies: ReadonlyMap<string, readonly Remedy[]>): RuleResult[] {
  const rank = (rule: RuleResult) => {
    const ways = (remedies.get(rule.id) ?? []).map(({ way }) => way)
    const stage = Math.max(
      -1,
      ...ways.flatMap((way) => (way.kind === 'node' ? way.changes.map((change) => stages.indexOf(change.stage)) : [])),
    )
    const place = stage >= 0 ? stage : ways.some(({ kind }) => kind === 'object') ? stages.length : stages.length + 1
    return place * severities.length + severities.indexOf(rule.severity)
  }
  const sorted = rules.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
  const placed = new Map<string, RuleResult>()
  const place = (rule: RuleResult, waiting: ReadonlySet<string>): void => {
    if (placed.has(rule.id) || waiting.has(rule.id)) return
    for (const id of rule.after ?? []) {
      const before = sorted.find((other) => other.id === id)
      if (before !== undefined) place(before, new Set([...waiting, rule.id]))
    }
    placed.set(rule.id, rule)
  }
  for (const rule of sorted) place(rule, new Set())
  return [...placed.values()]
}
