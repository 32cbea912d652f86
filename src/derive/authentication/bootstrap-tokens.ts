// Row I3: bootstrap tokens by name and age. When a token ends stands in its contents, which are never read.
// May not: read a clock; ages are counted up to when the audit began.
import type { Evidence } from '../../model/evidence.ts'
import { type Fact, unavailable } from '../../model/fact.ts'
import type { FactValue } from '../../model/facts.ts'
import { compareText, familyGap } from '../family-gap.ts'

type Tokens = FactValue<'bootstrapTokens'>

const hour = 3_600_000

export function deriveBootstrapTokens(evidence: Evidence): Fact<Tokens> {
  const gap = familyGap(evidence, 'bootstraptokens')
  const readAt = Date.parse(evidence.header.startedAt)
  const known = evidence.families.bootstraptokens.objects
    .toSorted((a, b) => compareText(a.name, b.name))
    .map(({ name, creationTimestamp = '' }): Tokens['tokens'][number] => {
      const made = Date.parse(creationTimestamp)
      if (Number.isNaN(made) || Number.isNaN(readAt)) {
        return unavailable('malformed', `When Secret kube-system/${name} was made is not known.`)
      }
      const hours = Math.max(0, Math.floor((readAt - made) / hour))
      return {
        value: { name, createdAt: creationTimestamp, ageHours: hours, age: ageInWords(hours) },
        source: `Secret kube-system/${name}`,
      }
    })
  // Nothing was seen: the reason is that of the whole fact.
  if (gap !== undefined && known.length === 0) return gap
  return { tokens: gap === undefined ? known : [...known, gap] }
}

function ageInWords(hours: number): string {
  if (hours < 48) return `${hours} ${hours === 1 ? 'hour' : 'hours'}`
  return `${Math.floor(hours / 24)} days`
}
