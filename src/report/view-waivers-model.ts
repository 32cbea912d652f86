// What the chapter on accepted risks holds. May not: know how it is made.
import type { Mark } from './words.ts'

interface Labelled {
  readonly label: string
  readonly value: string
  readonly code: string
  readonly lang?: 'en'
}

export interface WaiverLine {
  readonly id: string
  /** "In force until 2027-02-01", "Ended on 2026-11-19". */
  readonly state: string
  readonly isInForce: boolean
  /** "3 findings, 1 unknown", or why nothing. */
  readonly covers: string
  readonly owner: string
  readonly reason: string
  readonly facts: readonly Labelled[]
}

export interface WaiversSection {
  readonly isThere: boolean
  readonly sentence: string
  /** '' where there is no second score. */
  readonly score: string
  readonly issues: readonly {
    readonly mark: Mark
    readonly waiver: string
    readonly message: string
    readonly remedy: string
  }[]
  readonly issuesNote: string
  readonly list: readonly WaiverLine[]
  readonly listNote: string
  readonly files: readonly Labelled[]
}
