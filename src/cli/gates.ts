// Turns a result into an exit code, with the one line that says why.
import type { ChangeKind } from '../model/comparison.ts'
import type { Config } from '../model/config.ts'
import { isAtLeast, type Severity, severities } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { visibleText } from '../util/visible-text.ts'
import { ExitError, exitCodes } from './exit.ts'
import { isGapWaived, isWaived, type WaivedRule, waivedNote } from './waived.ts'

/** What the gates look at. */
interface Gated {
  readonly rules: readonly (Pick<Result['rules'][number], 'id' | 'severity' | 'counts'> & WaivedRule)[]
  readonly score: Result['score']
  readonly comparison?: Result['comparison']
}

/** Throws ExitError when a gate of the settings is not met. Findings come before coverage: they are certain. */
export function checkGates(result: Gated, settings: Config): void {
  checkFailing(result, settings.failOn)
  checkNew(result, settings.failOnNew)
  checkScore(result.score, settings.minScore)
  checkUnknown(result, settings.failOnUnknown)
  checkCoverage(result.score, settings.minCoverage)
}

function checkFailing({ rules }: Gated, failOn: Severity | undefined): void {
  if (failOn === undefined) return
  const severe = rules.filter((rule) => rule.outcome === 'fail' && isAtLeast(rule.severity, failOn))
  const failing = severe.filter((rule) => !isWaived(rule))
  if (failing.length === 0) return
  throw new ExitError(
    exitCodes.findings,
    `exit 1: ${failing.length} failing at or above --fail-on ${failOn}: ${named(failing.map(({ id }) => id))}${waivedNote(severe.length - failing.length)}`,
  )
}

/** Without a baseline every failure is new; with one that cannot be compared, nobody knows. */
function checkNew(result: Gated, failOnNew: Severity | undefined): void {
  if (failOnNew === undefined) return
  const { comparison } = result
  if (comparison === undefined) {
    const failing = result.rules.filter(
      (rule) => rule.outcome === 'fail' && !isWaived(rule) && isAtLeast(rule.severity, failOnNew),
    )
    if (failing.length === 0) return
    throw new ExitError(
      exitCodes.findings,
      `exit 1: ${failing.length} failing at or above --fail-on-new ${failOnNew}, all of them new without a baseline: ${named(failing.map(({ id }) => id))}`,
    )
  }
  if (comparison.comparable === 'no')
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: what is new for --fail-on-new ${failOnNew} cannot be told: ${visibleText(comparison.differences[0]?.detail ?? '')}`,
    )
  const count = severities
    .filter((severity) => isAtLeast(severity, failOnNew))
    .reduce((sum, severity) => sum + comparison.newBySeverity[severity], 0)
  if (count === 0) return
  const ids = comparison.changes
    .filter(({ change, severity, waived }) => isNew(change) && waived !== true && isAtLeast(severity, failOnNew))
    .map(({ rule }) => rule)
  throw new ExitError(
    exitCodes.findings,
    `exit 1: ${count} new at or above --fail-on-new ${failOnNew} since ${comparison.baseline.evaluatedAt}: ${named([...new Set(ids)])}`,
  )
}

function isNew(change: ChangeKind): boolean {
  return change === 'new' || change === 'reopened'
}

function checkScore({ lower, upper }: Result['score'], minScore: number | undefined): void {
  if (minScore === undefined) return
  if (lower === undefined)
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: there is no score for --min-score ${minScore}: nothing was assessed`,
    )
  if (lower >= minScore) return
  const best = upper === undefined || upper === lower ? '' : `, at best ${upper}`
  throw new ExitError(
    exitCodes.findings,
    `exit 1: score ${lower} with every unknown counted as fail${best}; below --min-score ${minScore}`,
  )
}

function checkUnknown({ rules }: Gated, failOnUnknown: Severity | undefined): void {
  if (failOnUnknown === undefined) return
  const unassessed = rules.filter(
    ({ counts, severity }) => counts.unknown + counts.error > 0 && isAtLeast(severity, failOnUnknown),
  )
  const open = unassessed.filter((rule) => !isGapWaived(rule))
  if (open.length === 0) return
  throw new ExitError(
    exitCodes.incomplete,
    `exit 3: ${open.length} not wholly assessed at or above --fail-on-unknown ${failOnUnknown}: ${named(open.map(({ id }) => id))}${waivedNote(unassessed.length - open.length)}`,
  )
}

function checkCoverage(score: Result['score'], minCoverage: number | undefined): void {
  if (minCoverage === undefined) return
  const { coverage, answered, expected } = score
  if (coverage < minCoverage) {
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: coverage ${coverage.toFixed(3)} (${answered} of ${expected} units answered) is below --min-coverage ${minCoverage}`,
    )
  }
  // What was left out by choice (files instead of a cluster) is no loss; what could not be listed might be most of it.
  const lost = (score.unlisted ?? []).filter(({ reason }) => reason !== 'not-collected')
  if (minCoverage > 0 && lost.length > 0) {
    const names = [...new Set(lost.map(({ family, reason }) => `${family} (${reason})`))].join(', ')
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: coverage is not known to reach --min-coverage ${minCoverage}: lists that are missing or partial: ${names}`,
    )
  }
}

function named(ids: readonly string[]): string {
  const more = ids.length - 3
  return `${ids.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
