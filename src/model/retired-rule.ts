// Rules that are no more: what became of an id that waivers, fingerprints and old results may still name.
import { z } from 'zod'

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a rule id')

export const retiredRuleSchema = z.strictObject({
  id,
  /** Version of the catalogue that no longer has it. */
  since: z.string().min(1),
  reason: z.string().min(1),
  /** Rules that ask for what it asked for. */
  successors: z.array(id).optional(),
})
export type RetiredRule = z.infer<typeof retiredRuleSchema>

export const retiredRulesSchema = z.strictObject({ retired: z.array(retiredRuleSchema) })
