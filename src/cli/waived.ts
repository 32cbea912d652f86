// What waivers do to gates: a finding under a waiver does not fail one. Its outcome stays what it is.
import type { Result } from '../model/result.ts'

export type WaivedRule = Pick<Result['rules'][number], 'outcome'> & {
  readonly counts?: Pick<Result['rules'][number]['counts'], 'fail'>
  readonly waived?: Result['rules'][number]['waived']
}

/** Whether every failing unit of the rule is under a waiver. */
export function isWaived({ outcome, counts, waived }: WaivedRule): boolean {
  return outcome === 'fail' && counts !== undefined && waived !== undefined && waived.fail >= counts.fail
}

/** Whether every unit that is unknown or in error is under a waiver that accepts that outcome. */
export function isGapWaived({ counts, waived }: Pick<Result['rules'][number], 'counts' | 'waived'>): boolean {
  return waived !== undefined && waived.unknown >= counts.unknown && waived.error >= counts.error
}

/** For the line that gives the reason of an exit code: "; 2 more are waived", or nothing. */
export function waivedNote(count: number): string {
  if (count === 0) return ''
  return `; ${count} more ${count === 1 ? 'is' : 'are'} waived`
}
