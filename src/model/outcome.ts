// The closed set of outcomes and severities, and their order. Mappings to other formats' states live with those formats.
import { z } from 'zod'

/** From least to most pressing; a roll-up is the last one present. */
export const outcomes = ['notApplicable', 'pass', 'manual', 'unknown', 'error', 'fail'] as const
export const outcomeSchema = z.enum(outcomes)
export type Outcome = z.infer<typeof outcomeSchema>

/** From most to least severe. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export const severitySchema = z.enum(severities)
export type Severity = z.infer<typeof severitySchema>

/** The most pressing of some outcomes; `notApplicable` for none. */
export function worstOutcome(all: Iterable<Outcome>): Outcome {
  let worst = 0
  for (const outcome of all) worst = Math.max(worst, outcomes.indexOf(outcome))
  return outcomes[worst] ?? 'notApplicable'
}

/** Whether `severity` is `threshold` or more severe. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold)
}
