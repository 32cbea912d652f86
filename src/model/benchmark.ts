// A benchmark: its versions (rules/benchmarks/<key>.yaml), and for each version every number it has
// (rules/benchmarks/<key>-<version>.yaml). Which rule answers a number is said once: by the rule's references, or, where a rule has no
// key for a benchmark, here. Subjects are in our own words; numbers, levels and values are facts.
import { z } from 'zod'

const text = z.string().min(1)
const ids = z.array(text).min(1)

/** Kinds of cluster that have a benchmark of their own. */
export const distributions = ['eks', 'gke', 'aks', 'k3s', 'rke2', 'openshift'] as const
export type Distribution = (typeof distributions)[number]

export const benchmarkSchema = z.strictObject({
  /** Key of a rule's references: "cis-kubernetes". */
  key: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** For people: "CIS Kubernetes". */
  name: text,
  /** `auto` takes it for clusters of this kind. */
  distribution: z.enum(distributions).optional(),
  /** Oldest first. `kubernetes` lists the minor versions that the publisher names for it; none: it names none. */
  versions: z
    .array(
      z.strictObject({
        version: text,
        kubernetes: z
          .array(z.string().regex(/^1\.\d+$/))
          .min(1)
          .optional(),
      }),
    )
    .min(1),
})
export type Benchmark = z.infer<typeof benchmarkSchema>

export const controlSchema = z.strictObject({
  number: text,
  /** What is asked, as a statement, in our own words. */
  subject: text,
  /** CIS profile; absent where the benchmark has none or it is not known to us. */
  level: z.union([z.literal(1), z.literal(2)]).optional(),
  /** What the benchmark itself says of the control; absent where it does not or it is not known to us. */
  assessment: z.enum(['automated', 'manual']).optional(),
  /** Numbers of the list named by `basis` that ask the same: their rules answer this one. */
  as: ids.optional(),
  /** Rules that answer it and cannot say so themselves, because rules have no key for this benchmark. */
  rules: ids.optional(),
  /** The one part of what these rules ask that the control is about, as their evidence names it. */
  part: text.optional(),
  /** What a person must answer, where no rule can. */
  question: text.optional(),
  /** Rules whose results help to answer the question. */
  evidence: ids.optional(),
  /** Why nothing here evaluates it. */
  reason: text.optional(),
  /** Where a rule asks for more than this benchmark does. */
  accepts: z
    .strictObject({
      /** What the benchmark accepts and the rule does not. */
      text,
      /** Observed values that the benchmark accepts: a fail that shows nothing else is a pass of the control. None: a fail is for a person. */
      observed: ids.optional(),
    })
    .optional(),
  /** First minor version of Kubernetes 1 that has what is asked about. */
  since: z.number().int().optional(),
  /** What else a reader should know, such as what our rules do not see. */
  note: text.optional(),
})
export type Control = z.infer<typeof controlSchema>

export const controlListSchema = z.strictObject({
  benchmark: text,
  version: text,
  /** Where the facts of its numbering come from, and what is uncertain. */
  source: text,
  /** "cis-kubernetes@1.9": the list that `as` and `inherits` speak of. */
  basis: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/)
    .optional(),
  /** The basis has the same numbers: all of its controls hold here, and those listed below replace single ones. */
  inherits: z.boolean().optional(),
  controls: z.array(controlSchema),
})
export type ControlList = z.infer<typeof controlListSchema>
