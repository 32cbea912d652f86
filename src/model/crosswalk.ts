// A framework's requirements and the rules that say something about them: rules/crosswalk/<key>.yaml. Ids are the publisher's,
// subjects are in our own words. A map is no verdict about a framework: it says where evidence for a requirement can be found.
import { z } from 'zod'

const text = z.string().min(1)
const patterns = z.array(text).min(1)

/** direct: the rule asks what the requirement asks. partial: a part of it. indirect: it helps to meet it. From strong to weak. */
export const strengths = ['direct', 'partial', 'indirect'] as const
export const strengthSchema = z.enum(strengths)
export type Strength = z.infer<typeof strengthSchema>

export const requirementSchema = z.strictObject({
  id: text,
  /** What is asked, in our own words. */
  subject: text,
  /** Rule ids, "<section>/*" for all of a section, or "*" for every rule. */
  direct: patterns.optional(),
  partial: patterns.optional(),
  indirect: patterns.optional(),
  /** Why no rule says anything about it. */
  reason: text.optional(),
})

export const crosswalkSchema = z.strictObject({
  key: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: text,
  version: text,
  /** What the map rests on, and how far it was reviewed. */
  source: text,
  /** Date of the last review, YYYY-MM-DD. */
  reviewed: z.iso.date(),
  /** "nsa-cisa@1.2": its controls are the requirements; then there are none here. */
  benchmark: text.optional(),
  requirements: z.array(requirementSchema).optional(),
})
export type Crosswalk = z.infer<typeof crosswalkSchema>
