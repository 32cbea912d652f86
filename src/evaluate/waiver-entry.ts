// A waiver while it is applied, and what the run finds out about it. May not: judge it; waiver-issues.ts does.
import type { WaiverResult } from '../model/waiver.ts'
import type { Selector } from './waiver-selector.ts'

/** A waiver with what the run found out about it. */
export interface Entry {
  readonly result: WaiverResult
  readonly selector: Selector
  /** Ids of rules of this run. */
  readonly rules: ReadonlySet<string>
  /** Names rules that this run left out. */
  readonly hasLeftOut: boolean
  /** Takes every rule. */
  readonly isEveryRule: boolean
  /** Of the object that asks; undefined for one of a file. */
  readonly unit: string | undefined
  /** Units it is about, whatever their outcome: whether there is any. */
  isAbout: boolean
  /** Findings it would have, had it not ended or were it allowed. */
  missed: number
  /** Findings of it that another waiver has. */
  shadowed: number
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}
