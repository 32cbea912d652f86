// A framework's requirements and the rules that say something about them: rules/crosswalk/<key>.yaml. Ids are the publisher's,
// subjects are in our own words. A map is no verdict about a framework: it says where evidence for a requirement can be found.
import { z } from 'zod'

const text = z.string().min(1)
const patterns = z.array(text).min(1)

/**
 * direct: the requirement asks for the very property that the rule looks at. partial: it asks for several things, and this is one.
 * indirect: it asks for something else, and this helps to meet it or to see that it is not met. From strong to weak.
 */
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

/** What the ids are of. */
export const publicationSchema = z.strictObject({
  publisher: text,
  title: text,
  edition: text,
  /** Of publication, as exact as known: YYYY, YYYY-MM or YYYY-MM-DD. */
  date: z.string().regex(/^\d{4}(-\d{2}){0,2}$/),
})
export type Publication = z.infer<typeof publicationSchema>

export const crosswalkSchema = z.strictObject({
  key: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  name: text,
  version: text,
  publication: publicationSchema,
  /** What the map rests on, and how far it was reviewed. */
  source: text,
  /** Who read the whole map and what it was held against, oldest first. */
  reviews: z.array(z.strictObject({ date: z.iso.date(), by: text, against: text })).min(1),
  /** "nsa-cisa@1.2": its controls are the requirements; then there are none here. */
  benchmark: text.optional(),
  requirements: z.array(requirementSchema).optional(),
  /** Rules (ids or "<section>/*") that no requirement is about beyond those that take every rule, and why. */
  unmapped: z.array(z.strictObject({ rules: patterns, reason: text })).optional(),
})
export type Crosswalk = z.infer<typeof crosswalkSchema>
