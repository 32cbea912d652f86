// What changed between two audits of a cluster, and the line of its scores over time. Part of the result; keys are only added.
// May not: know how a change is found.
import { z } from 'zod'
import { unitKindSchema } from './facts.ts'
import { outcomeSchema, severitySchema } from './outcome.ts'

const text = z.string()
const int = z.number().int()

/**
 * new: fails now and did not before. reopened: the same, but it had failed in an audit before that and was gone in between.
 * persisting: fails in both. fixed: failed, and now passes, does not apply, or its unit is gone. noLongerAssessed: failed, and
 * nobody knows now; never counted as fixed.
 */
export const changeKinds = ['new', 'reopened', 'persisting', 'fixed', 'noLongerAssessed'] as const
export const changeKindSchema = z.enum(changeKinds)
export type ChangeKind = z.infer<typeof changeKindSchema>

/**
 * What else is to be known of a change. rule-added, rule-changed: the baseline's rule was not there or another one, so that the
 * cluster need not have changed. was-unknown: the baseline could not tell. passes, gone: how it was fixed.
 */
export const changeReasons = [
  'rule-added',
  'rule-changed',
  'rule-not-evaluated',
  'was-unknown',
  'unknown-now',
  'passes',
  'gone',
] as const

export const findingChangeSchema = z.strictObject({
  change: changeKindSchema,
  because: z.enum(changeReasons).optional(),
  fingerprint: text,
  rule: text,
  severity: severitySchema,
  /** Absent where only the fingerprint is known, beyond the cap of findings. */
  unit: z.strictObject({ kind: unitKindSchema, id: text, name: text }).optional(),
  /** Under an accepted risk. */
  waived: z.literal(true).optional(),
})
export type FindingChange = z.infer<typeof findingChangeSchema>

export const differenceSchema = z.strictObject({
  aspect: z.enum(['cluster', 'format', 'scope', 'benchmark', 'catalogue', 'coverage', 'tool']),
  detail: text,
  /** Rules that cannot be compared for it. */
  rules: z.array(text).optional(),
})
export type Difference = z.infer<typeof differenceSchema>

const changeCounts = z.strictObject({
  new: int,
  reopened: int,
  persisting: int,
  fixed: int,
  noLongerAssessed: int,
})
export type ChangeCounts = z.infer<typeof changeCounts>

const bySeverity = z.strictObject({ critical: int, high: int, medium: int, low: int, info: int })

const scorePoint = z.strictObject({ lower: z.number().optional(), upper: z.number().optional(), coverage: z.number() })

export const comparisonSchema = z.strictObject({
  baseline: z.strictObject({ reportId: text, evaluatedAt: text, catalogue: text }),
  /** no: nothing is counted, and `differences` says why. partly: the rules in `differences` are not compared. */
  comparable: z.enum(['yes', 'partly', 'no']),
  differences: z.array(differenceSchema),
  /** Units, exact also beyond the cap. */
  counts: changeCounts,
  /** Of new and reopened ones that are under no accepted risk. */
  newBySeverity: bySeverity,
  /** Of the baseline and of this audit; comparable only where the same rules were asked in the same way. */
  score: z.strictObject({ before: scorePoint, now: scorePoint, isComparable: z.boolean() }),
  /** All but the persisting ones, which stand in the findings; most severe first; at most the cap of each kind, `counts` has all. */
  changes: z.array(findingChangeSchema),
})
export type Comparison = z.infer<typeof comparisonSchema>

/** Audits of the same cluster from oldest to this one. */
export const trendSchema = z.array(
  z.strictObject({
    reportId: text,
    evaluatedAt: text,
    ...scorePoint.shape,
    /** Failing rules. */
    failing: bySeverity,
    /** All rules by outcome; absent in results of older versions. */
    outcomes: z.partialRecord(outcomeSchema, int).optional(),
    /** Whether the score can be held against this audit's: same formula, rules and benchmarks. */
    isComparable: z.boolean(),
    /** In what the questions were others; absent where they were not, and in results of older versions. */
    differs: z.array(z.enum(['cluster', 'format', 'scope', 'benchmark', 'catalogue', 'formula'])).optional(),
  }),
)
export type Trend = z.infer<typeof trendSchema>

/** `run.json`: what later audits need to know of this one. Holds names of units, as the result does. */
export const runRecordSchema = z.strictObject({
  kind: z.literal('kube-assay/run'),
  schemaVersion: text,
  reportId: text,
  tool: text,
  evaluatedAt: text,
  interrupted: z.boolean(),
  cluster: z.strictObject({ name: text, uid: text.optional(), version: text.optional(), source: text }),
  catalogue: z.strictObject({ version: text, digest: text }),
  /** "cis-kubernetes@1.12". */
  benchmarks: z.array(text),
  /** False for results that were written without fingerprints; they cannot be compared. */
  hasFingerprints: z.boolean(),
  score: z.strictObject({ formula: text, ...scorePoint.shape, answered: int, expected: int }),
  failing: bySeverity,
  outcomes: z.partialRecord(outcomeSchema, int),
  excluded: z.array(z.strictObject({ rule: text, reason: text })),
  nodes: int,
  /** Nodes whose host was not read. */
  unread: z.array(text),
  /** Lists that are missing or partial. */
  unlisted: z.array(text),
  /** Ids of all units; absent where the result does not have them. */
  units: z.partialRecord(unitKindSchema, z.array(text)).optional(),
  rules: z.array(
    z.strictObject({
      id: text,
      severity: severitySchema,
      each: unitKindSchema,
      outcome: outcomeSchema,
      /** Digest of what decides the rule's outcome; absent in results of older versions. */
      definition: text.optional(),
      /** The list that names its units is missing or partial: a unit that is not told of was not assessed. */
      isPartial: z.literal(true).optional(),
      fail: z.array(z.strictObject({ fingerprint: text, id: text, name: text })),
      /** Fingerprints of failing units beyond the cap. */
      capped: z.array(text).optional(),
      /** Fingerprints that are unknown, error or left to a person. */
      unassessed: z.array(text),
      /** Fingerprints of failing units under an accepted risk. */
      waived: z.array(text).optional(),
    }),
  ),
})
export type RunRecord = z.infer<typeof runRecordSchema>
export const runRecordVersion = '1.0'
