// Two audits of a cluster held against each other, finding by finding, by fingerprint.
// May not: call something fixed that was not assessed, or that was only asked in another way.
import type { ChangeCounts, Comparison, FindingChange, RunRecord, Trend } from '../model/comparison.ts'
import { severities } from '../model/outcome.ts'
import { comparabilityOf, differingQuestions, wallBetween } from './comparable.ts'

type RuleRecord = RunRecord['rules'][number]
type Unit = NonNullable<FindingChange['unit']>

/** What an audit says of one rule on one unit. clear: passes, does not apply, or there is no such unit. */
type Status = 'fail' | 'unassessed' | 'absent' | 'clear'

/**
 * Compares an audit with a baseline. `earlier` are audits before the baseline, in any order: with them, what failed before it and
 * was gone in it is reopened, and what it could not assess keeps the status it had. `changes` holds every finding, persisting ones
 * too, most severe first; nothing is cut.
 */
export function compare(before: RunRecord, now: RunRecord, earlier: readonly RunRecord[] = []): Comparison {
  const { comparable, differences, changedRules, isScoreComparable } = comparabilityOf(before, now)
  const past = [before, ...newestFirst(earlier, before)].map((run) => new RunIndex(run))
  const current = new RunIndex(now)
  const changes = comparable === 'no' ? [] : allChanges(past, current, changedRules)
  const counts: ChangeCounts = { new: 0, reopened: 0, persisting: 0, fixed: 0, noLongerAssessed: 0 }
  const newBySeverity = { critical: 0, high: 0, medium: 0, low: 0, info: 0 }
  for (const { change, severity, waived } of changes) {
    counts[change] += 1
    if ((change === 'new' || change === 'reopened') && waived !== true) newBySeverity[severity] += 1
  }
  return {
    baseline: { reportId: before.reportId, evaluatedAt: before.evaluatedAt, catalogue: before.catalogue.version },
    comparable,
    differences,
    counts,
    newBySeverity,
    score: { before: pointOf(before), now: pointOf(now), isComparable: isScoreComparable },
    changes,
  }
}

/** The scores of some audits and of this one, oldest first; those of other clusters are left out. */
export function trendOf(earlier: readonly RunRecord[], now: RunRecord): Trend {
  const runs = earlier.filter((run) => run.evaluatedAt < now.evaluatedAt && isOfCluster(run, now))
  return [...runs.toSorted((a, b) => (a.evaluatedAt < b.evaluatedAt ? -1 : 1)), now].map((run) => {
    const differs = differingQuestions(run, now)
    return {
      reportId: run.reportId,
      evaluatedAt: run.evaluatedAt,
      ...pointOf(run),
      failing: run.failing,
      outcomes: run.outcomes,
      isComparable: differs.length === 0,
      ...(differs.length > 0 && { differs }),
    }
  })
}

export function isOfCluster(run: RunRecord, now: RunRecord): boolean {
  const { uid, name } = now.cluster
  return uid === undefined || run.cluster.uid === undefined ? run.cluster.name === name : run.cluster.uid === uid
}

function newestFirst(earlier: readonly RunRecord[], before: RunRecord): RunRecord[] {
  return earlier
    .filter((run) => run.evaluatedAt < before.evaluatedAt && wallBetween(run, before) === undefined)
    .toSorted((a, b) => (a.evaluatedAt > b.evaluatedAt ? -1 : 1))
}

function pointOf({ score: { lower, upper, coverage } }: RunRecord) {
  return { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }), coverage }
}

function allChanges(past: readonly RunIndex[], now: RunIndex, changedRules: ReadonlySet<string>): FindingChange[] {
  const changes: FindingChange[] = []
  for (const rule of now.rules.values())
    for (const fingerprint of rule.failing.keys()) changes.push(ofFailing(past, now, rule, fingerprint, changedRules))
  for (const [id, open] of openBefore(past))
    for (const [fingerprint, at] of open) {
      if (now.status(id, fingerprint) === 'fail') continue
      changes.push(ofClosed(at, now, id, fingerprint, changedRules))
    }
  return changes.sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      byText(a.rule, b.rule) ||
      byText(a.unit?.id ?? '', b.unit?.id ?? '') ||
      byText(a.fingerprint, b.fingerprint),
  )
}

function ofFailing(
  past: readonly RunIndex[],
  now: RunIndex,
  rule: IndexedRule,
  fingerprint: string,
  changedRules: ReadonlySet<string>,
): FindingChange {
  const { id } = rule.record
  const statuses = past.map((run) => run.status(id, fingerprint))
  const told = statuses.find((status) => status === 'fail' || status === 'clear')
  const shared = now.describe(rule, fingerprint)
  if (told === 'fail') return { change: 'persisting', ...shared }
  if (told === 'clear' && statuses.includes('fail')) return { change: 'reopened', ...shared }
  return { change: 'new', ...newReason(statuses[0], changedRules.has(id)), ...shared }
}

function newReason(atBaseline: Status | undefined, isChanged: boolean): Pick<FindingChange, 'because'> {
  if (atBaseline === 'absent') return { because: 'rule-added' }
  if (isChanged) return { because: 'rule-changed' }
  return atBaseline === 'unassessed' ? { because: 'was-unknown' } : {}
}

/** What failed when it was last assessed, by rule and fingerprint, with the audit that saw it. */
function openBefore(past: readonly RunIndex[]): Map<string, Map<string, RunIndex>> {
  const open = new Map<string, Map<string, RunIndex>>()
  for (const [index, run] of past.entries())
    for (const { record, failing } of run.rules.values())
      for (const fingerprint of failing.keys()) {
        const later = past.slice(0, index).map((one) => one.status(record.id, fingerprint))
        if (later.some((status) => status === 'fail' || status === 'clear')) continue
        const ofRule = open.get(record.id) ?? new Map<string, RunIndex>()
        open.set(record.id, ofRule.set(fingerprint, run))
      }
  return open
}

function ofClosed(
  at: RunIndex,
  now: RunIndex,
  id: string,
  fingerprint: string,
  changedRules: ReadonlySet<string>,
): FindingChange {
  const was = at.rules.get(id)
  if (was === undefined) throw new Error(`rule ${id} is not in the audit that it was found in`)
  const { record } = now.rules.get(id) ?? was
  const shared = { ...at.describe(was, fingerprint), severity: record.severity }
  const status = now.status(id, fingerprint)
  if (status === 'absent') return { change: 'noLongerAssessed', because: 'rule-not-evaluated', ...shared }
  if (status === 'unassessed') return { change: 'noLongerAssessed', because: 'unknown-now', ...shared }
  const isSame = at.isSameRule(id, now) && !changedRules.has(id)
  if (!isSame) return { change: 'noLongerAssessed', because: 'rule-changed', ...shared }
  const there = now.hasUnit(shared.unit)
  return { change: 'fixed', ...(there !== undefined && { because: there ? 'passes' : 'gone' }), ...shared }
}

interface IndexedRule {
  readonly record: RuleRecord
  /** By fingerprint; undefined where the unit's name is not kept. */
  readonly failing: ReadonlyMap<string, Unit | undefined>
  readonly unassessed: ReadonlySet<string>
  readonly waived: ReadonlySet<string>
}

/** One audit, ready to be asked. */
class RunIndex {
  readonly rules: ReadonlyMap<string, IndexedRule>
  readonly #units: RunRecord['units']
  readonly #ids = new Map<string, ReadonlySet<string>>()
  readonly #catalogue: string

  constructor(run: RunRecord) {
    this.rules = new Map(run.rules.map((record) => [record.id, indexed(record)]))
    this.#units = run.units
    this.#catalogue = run.catalogue.digest
  }

  status(rule: string, fingerprint: string): Status {
    const found = this.rules.get(rule)
    if (found === undefined) return 'absent'
    if (found.failing.has(fingerprint)) return 'fail'
    return found.record.isPartial === true || found.unassessed.has(fingerprint) ? 'unassessed' : 'clear'
  }

  describe({ record, failing, waived }: IndexedRule, fingerprint: string): Omit<FindingChange, 'change' | 'because'> {
    const unit = failing.get(fingerprint)
    return {
      fingerprint,
      rule: record.id,
      severity: record.severity,
      ...(unit !== undefined && { unit }),
      ...(waived.has(fingerprint) && { waived: true as const }),
    }
  }

  /** Undefined where it cannot be told. */
  hasUnit(unit: Unit | undefined): boolean | undefined {
    if (unit === undefined) return undefined
    const ids = this.#units?.[unit.kind]
    if (ids === undefined) return undefined
    const known = this.#ids.get(unit.kind) ?? new Set(ids)
    this.#ids.set(unit.kind, known)
    return known.has(unit.id)
  }

  isSameRule(rule: string, other: RunIndex): boolean {
    const [mine, theirs] = [this.rules.get(rule)?.record.definition, other.rules.get(rule)?.record.definition]
    return mine === undefined || theirs === undefined ? this.#catalogue === other.#catalogue : mine === theirs
  }
}

function indexed(record: RuleRecord): IndexedRule {
  const named = record.fail.map(({ fingerprint, id, name }): [string, Unit | undefined] => [
    fingerprint,
    { kind: record.each, id, name },
  ])
  const unnamed = (record.capped ?? []).map((fingerprint): [string, Unit | undefined] => [fingerprint, undefined])
  return {
    record,
    failing: new Map([...unnamed, ...named]),
    unassessed: new Set(record.unassessed),
    waived: new Set(record.waived ?? []),
  }
}

function byText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
