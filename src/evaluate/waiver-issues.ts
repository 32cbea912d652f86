// What is wrong with a waiver, in words: findings of their own, which weigh nothing in the score.
// May not: call a waiver idle where the run could not see what it is about.
import type { Catalogue } from '../catalog/index.ts'
import type { WaiverIssue } from '../model/waiver.ts'
import { nearest } from '../util/did-you-mean.ts'
import { type ClusterIdentity, fingerprintOf } from './fingerprint.ts'
import { daysBetween, type Entry } from './waiver-entry.ts'

export interface Limits {
  /** YYYY-MM-DD. */
  readonly today: string
  readonly maxDays: number
  readonly warnDays: number
  readonly maxUnits: number
}

interface Seen {
  /** Rules some of whose units could not be listed. */
  readonly open: ReadonlySet<string>
  readonly catalogue: Catalogue
  readonly cluster: ClusterIdentity
}

type Words = Pick<WaiverIssue, 'id' | 'severity' | 'message' | 'remedy'>

export function issuesOf(entry: Entry, limits: Limits, seen: Seen): WaiverIssue[] {
  if (entry.result.state === 'elsewhere') return []
  const words = [
    ...timeIssues(entry, limits),
    ...retiredIssues(entry, seen),
    ...useIssues(entry, seen),
    ...breadthIssues(entry, limits, seen),
  ]
  const unit = { kind: 'cluster', id: `waiver/${entry.result.id}` } as const
  return words.map((one) => ({
    ...one,
    waiver: entry.result.id,
    fingerprint: fingerprintOf(seen.cluster, one.id, unit),
  }))
}

function timeIssues({ result, missed }: Entry, { today, maxDays, warnDays }: Limits): Words[] {
  const { created, expires } = result
  const back =
    missed === 0
      ? 'It covered nothing that is found now.'
      : `${missed} ${missed === 1 ? 'finding' : 'findings'} that it would cover count again.`
  if (expires < today)
    return [
      {
        id: 'waiver-expired',
        severity: missed === 0 ? 'low' : 'medium',
        message: `Ended on ${expires}. ${back}`,
        remedy: 'Fix what it covered, or have the risk accepted anew; then take the old waiver out.',
      },
    ]
  const issues: Words[] = []
  if (created !== undefined && created > today)
    issues.push({
      id: 'waiver-not-started',
      severity: 'low',
      message: `Is said to be created on ${created}, which is yet to come; until then it does not count.`,
      remedy: 'Correct the day.',
    })
  const length = daysBetween(created ?? today, expires)
  if (length > maxDays)
    issues.push({
      id: 'waiver-too-long',
      severity: 'medium',
      message: `Lasts ${length} days, longer than the ${maxDays} that are allowed; it does not count.`,
      remedy: 'Choose an earlier last day, and have the risk looked at again then.',
    })
  const left = daysBetween(today, expires)
  if (left <= warnDays)
    issues.push({
      id: 'waiver-expiring',
      severity: 'low',
      message:
        left === 0 ? `Ends today, ${expires}.` : `Ends on ${expires}, in ${left} ${left === 1 ? 'day' : 'days'}.`,
      remedy: 'Fix what it covers, or have the risk accepted anew before then.',
    })
  return issues
}

function retiredIssues({ result }: Entry, { catalogue }: Seen): Words[] {
  return (catalogue.retired ?? [])
    .filter(({ id }) => result.rules.includes(id))
    .map(({ id, since, reason, successors = [] }) => ({
      id: 'waiver-retired-rule',
      severity: 'low',
      message: `Names the rule ${id}, which is no more since ${since}: ${reason}`,
      remedy:
        successors.length === 0
          ? 'Take it out.'
          : `Have the risk accepted for what takes its place: ${successors.join(', ')}. Findings of those have other fingerprints.`,
    }))
}

function useIssues(entry: Entry, { open, catalogue }: Seen): Words[] {
  const { result, rules, hasLeftOut, isAbout, shadowed, selector } = entry
  if (result.state !== 'active') return []
  if (rules.size === 0) {
    // Left out by choice, or told as retired already.
    if (hasLeftOut || catalogue.retired?.some(({ id }) => result.rules.includes(id))) return []
    const ids = catalogue.rules.map(({ rule }) => rule.id)
    const [only] = result.rules
    const hint = only === undefined || only.includes('*') ? '' : nearest(only, ids)
    const message = `No rule is named by ${[...result.rules, ...result.controls].join(', ')}${hint}.`
    return [neverMatching(message, 'Correct it, or take it out; kube-assay rules list shows every rule.')]
  }
  const { fail, unknown, error, manual } = result.waived
  if (fail + unknown + error + manual > 0) return []
  // What could not be listed may be what it is about.
  const canTell = !hasLeftOut && ![...rules].some((rule) => open.has(rule))
  if (!isAbout) return canTell ? [neverMatching(`No unit of its rules is selected by: ${selector.inWords}.`)] : []
  if (shadowed > 0)
    return [
      unused(`Its ${shadowed} ${shadowed === 1 ? 'finding falls' : 'findings fall'} under another waiver before it.`),
    ]
  return canTell
    ? [unused(`Nothing that it accepts (${result.outcomes.join(', ')}) was found on what it selects.`)]
    : []
}

const gone = 'Correct it, or take it out: the object may have been renamed or removed, or the node replaced.'

function neverMatching(message: string, remedy = gone): Words {
  return { id: 'waiver-never-matching', severity: 'medium', message, remedy }
}

function unused(message: string): Words {
  return {
    id: 'waiver-unused',
    severity: 'low',
    message,
    remedy: 'Take it out, so that it cannot cover what comes back.',
  }
}

function breadthIssues(entry: Entry, { maxUnits }: Limits, { catalogue }: Seen): Words[] {
  const { result, selector, isEveryRule, rules } = entry
  const remedy = 'Name the namespaces, kinds or objects that are meant.'
  const tooBroad = (message: string, severity: WaiverIssue['severity'] = 'medium'): Words[] => [
    { id: 'waiver-too-broad', severity, message, remedy },
  ]
  if (result.state === 'ended') return []
  if (isEveryRule && selector.isEverything)
    return tooBroad('Would accept every finding of every rule; it does not count.', 'high')
  const { fail, unknown, error, manual } = result.waived
  const taken = fail + unknown + error + manual
  if (taken > maxUnits)
    return tooBroad(`Covers ${taken} findings, more than the ${maxUnits} from which one is told as too broad.`)
  const isOverMany = catalogue.rules.some(({ rule }) => rules.has(rule.id) && rule.each !== 'cluster')
  if (selector.isEverything && isOverMany) return tooBroad('Accepts its rules on every unit there is and will be.')
  if (selector.isLabelsOnly)
    return tooBroad('Selects by labels alone: whoever may label an object anywhere takes part in it.')
  return []
}
