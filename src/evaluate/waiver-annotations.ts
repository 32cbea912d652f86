// What objects ask to have waived: `kube-assay.io/waive: rule=…; until=…; reason=…`, on the object itself and for it alone.
// May not: accept a pattern. A tenant names the rules, one by one.

import { visibleText } from '../catalog/index.ts'
import type { UnitIdentity } from '../model/unit.ts'
import { waiverSchema } from '../model/waiver.ts'

/** A waiver in its own words; `created` is not known. */
export interface AskedWaiver {
  readonly rules: readonly string[]
  readonly until: string
  readonly reason: string
  readonly owner: string
  readonly ticket?: string
}

const keys = ['rule', 'until', 'reason', 'owner', 'ticket'] as const
const { expires } = waiverSchema.shape

/** The waiver, or what is wrong with the annotation. */
export function parseAnnotation({ name, waive = '' }: Pick<UnitIdentity, 'name' | 'waive'>): AskedWaiver | string {
  const values = new Map<string, string>()
  for (const part of waive.split(';').filter((one) => one.trim() !== '')) {
    const at = part.indexOf('=')
    const key = part.slice(0, Math.max(at, 0)).trim()
    if (!keys.some((known) => known === key)) return `"${visibleText(part.trim(), 60)}" is none of ${keys.join('=, ')}=`
    if (values.has(key)) return `${key}= stands there twice`
    values.set(key, visibleText(part.slice(at + 1).trim(), 500))
  }
  const rules = (values.get('rule') ?? '').split(',').map((rule) => rule.trim())
  if (!rules.every((rule) => /^[a-z0-9-]+$/.test(rule)))
    return 'rule= must name rules by their ids, with commas between them'
  const until = expires.safeParse(values.get('until') ?? '')
  if (!until.success) return `until= ${until.error.issues[0]?.message ?? 'is not a day'}`
  const reason = values.get('reason') ?? ''
  if (reason === '') return 'reason= is missing'
  const ticket = values.get('ticket')
  return {
    rules,
    until: until.data,
    reason,
    owner: values.get('owner') || `whoever may change ${visibleText(name, 100)}`,
    ...(ticket ? { ticket } : {}),
  }
}
