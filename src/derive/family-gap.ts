// Whether a list of the API server can be relied on, for facts that say "there is none" or count.
import type { Evidence } from '../model/evidence.ts'
import { type Unavailable, unavailable } from '../model/fact.ts'
import type { Family } from '../model/objects.ts'

/** Why a family is missing or only partly there; undefined when its list is complete. */
export function familyGap(evidence: Evidence, ...families: readonly Family[]): Unavailable | undefined {
  for (const family of families) {
    const { status } = evidence.families[family]
    if (status === undefined) return unavailable('not-collected', `The snapshot does not hold the list of ${family}.`)
    if (status.unavailable !== undefined) return { unavailable: status.unavailable }
  }
  return undefined
}

/** Ascending by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
