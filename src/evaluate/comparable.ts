// What stands between two audits beside the cluster itself: other scope, rules, benchmarks, or less that could be read.
// May not: call two audits comparable because a part of them is not known.
import type { Difference, RunRecord, Trend } from '../model/comparison.ts'

export interface Comparability {
  readonly comparable: 'yes' | 'partly' | 'no'
  readonly differences: Difference[]
  /** Rules of both that do not ask the same. */
  readonly changedRules: ReadonlySet<string>
  /** Whether the same rules were asked in the same way, so that scores can be held against each other. */
  readonly isScoreComparable: boolean
}

export function comparabilityOf(before: RunRecord, now: RunRecord): Comparability {
  const wall = wallBetween(before, now)
  if (wall !== undefined)
    return { comparable: 'no', differences: [wall], changedRules: new Set(), isScoreComparable: false }
  const changedRules = new Set(changedBetween(before, now))
  const rules = [...ruleDifferences(before, now), ...definitionDifference(changedRules)]
  const coverage = coverageDifferences(before, now)
  const benchmarks = benchmarkDifference(before, now)
  const formula = before.score.formula === now.score.formula
  const all = [...rules, ...benchmarks, ...coverage]
  return {
    comparable: all.length === 0 ? 'yes' : 'partly',
    differences: [...all, ...toolDifference(before, now)],
    changedRules,
    isScoreComparable: all.length === 0 && formula,
  }
}

/** In what the questions of two audits differ; where in nothing, their scores can be drawn on one line. */
export function differingQuestions(before: RunRecord, now: RunRecord): NonNullable<Trend[number]['differs']> {
  const wall = wallBetween(before, now)
  const aspects = [
    ...(wall === undefined ? [] : [wall.aspect]),
    ...ruleDifferences(before, now).map(({ aspect }) => aspect),
    ...(changedBetween(before, now).length === 0 ? [] : ['catalogue']),
    ...benchmarkDifference(before, now).map(({ aspect }) => aspect),
    ...(before.score.formula === now.score.formula ? [] : ['formula']),
  ]
  return (['cluster', 'format', 'scope', 'benchmark', 'catalogue', 'formula'] as const).filter((one) =>
    aspects.includes(one),
  )
}

/** What forbids every comparison. */
export function wallBetween(before: RunRecord, now: RunRecord): Difference | undefined {
  const [was, is] = [before.cluster, now.cluster]
  if (was.uid !== undefined && is.uid !== undefined && was.uid !== is.uid)
    return { aspect: 'cluster', detail: `Another cluster: ${was.name} (${was.uid}), now ${is.name} (${is.uid}).` }
  if ((was.uid === undefined) !== (is.uid === undefined))
    return {
      aspect: 'cluster',
      detail:
        'One of the audits does not know the cluster’s UID, so that its findings cannot be matched with the other’s.',
    }
  if (is.uid === undefined && was.name !== is.name)
    return { aspect: 'cluster', detail: `Other names and no UID: ${was.name}, now ${is.name}.` }
  if (is.uid === undefined && was.source !== is.source)
    return { aspect: 'scope', detail: `Other files: ${was.source}, now ${is.source}.` }
  if (!before.hasFingerprints || !now.hasFingerprints)
    return {
      aspect: 'format',
      detail: `The ${before.hasFingerprints ? 'later' : 'earlier'} result was written without fingerprints. Evaluate its snapshot again.`,
    }
  const ids = new Set(before.rules.map(({ id }) => id))
  if (!now.rules.some(({ id }) => ids.has(id)))
    return { aspect: 'scope', detail: 'No rule was evaluated in both audits.' }
  return undefined
}

function ruleDifferences(before: RunRecord, now: RunRecord): Difference[] {
  const missing = (there: RunRecord, here: RunRecord) => {
    const ids = new Set(here.rules.map(({ id }) => id))
    return there.rules.map(({ id }) => id).filter((id) => !ids.has(id))
  }
  const [added, removed] = [missing(now, before), missing(before, now)]
  const excluded = new Map(now.excluded.map(({ rule, reason }) => [rule, reason]))
  const out = removed.filter((id) => excluded.has(id))
  const retired = removed.filter((id) => !excluded.has(id))
  const wasOut = new Set(before.excluded.map(({ rule }) => rule))
  const back = added.filter((id) => wasOut.has(id))
  const fresh = added.filter((id) => !wasOut.has(id))
  return [
    ...difference('scope', out, 'left out now that the baseline evaluated'),
    ...difference('scope', back, 'evaluated now that the baseline left out'),
    ...difference('catalogue', fresh, 'that the baseline’s catalogue did not have'),
    ...difference('catalogue', retired, 'of the baseline that this catalogue does not have'),
  ]
}

function difference(aspect: Difference['aspect'], rules: readonly string[], what: string): Difference[] {
  if (rules.length === 0) return []
  return [{ aspect, detail: `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} ${what}.`, rules: [...rules] }]
}

/** Without a definition on both sides nobody can tell, except where the whole catalogue is the same. */
function changedBetween(before: RunRecord, now: RunRecord): string[] {
  const definitions = new Map(before.rules.map(({ id, definition }) => [id, definition]))
  const isSameCatalogue = before.catalogue.digest === now.catalogue.digest
  return now.rules
    .filter(({ id }) => definitions.has(id))
    .filter(({ id, definition }) => {
      const was = definitions.get(id)
      return was === undefined || definition === undefined ? !isSameCatalogue : was !== definition
    })
    .map(({ id }) => id)
}

function definitionDifference(changed: ReadonlySet<string>): Difference[] {
  return difference('catalogue', [...changed], 'that ask something else than in the baseline, or may do so')
}

function benchmarkDifference(before: RunRecord, now: RunRecord): Difference[] {
  const [was, is] = [before.benchmarks.join(', '), now.benchmarks.join(', ')]
  if (was === is) return []
  return [
    {
      aspect: 'benchmark',
      detail: `Other benchmarks: ${was}, now ${is}. Findings are compared by rule; numbers of controls and scores are not.`,
    },
  ]
}

function coverageDifferences(before: RunRecord, now: RunRecord): Difference[] {
  const only = (here: readonly string[], there: readonly string[]) => here.filter((one) => !there.includes(one))
  const lists: [names: string[], what: string][] = [
    [only(now.unread, before.unread), 'Nodes not read now that the baseline did read or did not know'],
    [only(before.unread, now.unread), 'Nodes that the baseline did not read and this audit did or does not know'],
    [only(now.unlisted, before.unlisted), 'Lists missing or partial now'],
    [only(before.unlisted, now.unlisted), 'Lists that were missing or partial in the baseline'],
  ]
  const told = lists.filter(([names]) => names.length > 0).map(([names, what]) => `${what}: ${some(names)}.`)
  if (before.interrupted !== now.interrupted)
    told.push(now.interrupted ? 'This audit was interrupted.' : 'The baseline was interrupted.')
  return told.map((detail) => ({ aspect: 'coverage' as const, detail }))
}

/** Findings do not depend on it, but how facts are read may. */
function toolDifference(before: RunRecord, now: RunRecord): Difference[] {
  return before.tool === now.tool ? [] : [{ aspect: 'tool', detail: `Made by ${before.tool}, now by ${now.tool}.` }]
}

function some(names: readonly string[]): string {
  const more = names.length - 5
  return more > 0 ? `${names.slice(0, 5).join(', ')} and ${more} more` : names.join(', ')
}
