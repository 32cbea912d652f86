// Turns a result into an exit code, with the one line that says why.
import type { Config } from '../model/config.ts'
import { isAtLeast } from '../model/outcome.ts'
import type { Result } from '../model/result.ts'
import { ExitError, exitCodes } from './exit.ts'

/** What the gates look at. */
interface Gated {
  readonly rules: readonly Pick<Result['rules'][number], 'id' | 'severity' | 'outcome'>[]
  readonly score: Result['score']
}

/** Throws ExitError when a gate of the settings is not met. Findings come before coverage: they are certain. */
export function checkGates(result: Gated, settings: Config): void {
  const { failOn, minCoverage } = settings
  if (failOn !== undefined) {
    const failing = result.rules.filter((rule) => rule.outcome === 'fail' && isAtLeast(rule.severity, failOn))
    if (failing.length > 0) {
      const names = failing
        .slice(0, 3)
        .map((rule) => rule.id)
        .join(', ')
      const more = failing.length > 3 ? ` and ${failing.length - 3} more` : ''
      throw new ExitError(
        exitCodes.findings,
        `exit 1: ${failing.length} failing at or above --fail-on ${failOn}: ${names}${more}`,
      )
    }
  }
  if (minCoverage === undefined) return
  const { coverage, answered, expected } = result.score
  if (coverage < minCoverage) {
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: coverage ${coverage.toFixed(3)} (${answered} of ${expected} units answered) is below --min-coverage ${minCoverage}`,
    )
  }
  // What was left out by choice (files instead of a cluster) is no loss; what could not be listed might be most of it.
  const lost = (result.score.unlisted ?? []).filter(({ reason }) => reason !== 'not-collected')
  if (minCoverage > 0 && lost.length > 0) {
    const names = [...new Set(lost.map(({ family, reason }) => `${family} (${reason})`))].join(', ')
    throw new ExitError(
      exitCodes.incomplete,
      `exit 3: coverage is not known to reach --min-coverage ${minCoverage}: lists that are missing or partial: ${names}`,
    )
  }
}
