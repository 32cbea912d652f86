// A line of the ndjson format: each is whole by itself, so that a stream can be cut, filtered and joined anywhere.
import { z } from 'zod'
import { outcomeSchema, severitySchema } from './outcome.ts'
import { findingSchema } from './result.ts'
import { waiverIssueSchema, waiverResultSchema } from './waiver.ts'

const text = z.string()
const int = z.number().int()

const common = {
  /** Of result.json; see docs/result-format.md. */
  schemaVersion: text,
  reportId: text,
  /** ISO 8601, UTC. */
  evaluatedAt: text,
  cluster: z.strictObject({ name: text, uid: text.optional() }),
}

/** What a finding was accepted under: all that the waiver says of people and days. */
const waiver = waiverResultSchema.pick({
  id: true,
  owner: true,
  approver: true,
  reason: true,
  ticket: true,
  expires: true,
})

const findingLine = z.strictObject({
  kind: z.literal('finding'),
  ...common,
  rule: z.strictObject({ id: text, title: text, problem: text }),
  severity: severitySchema,
  outcome: outcomeSchema,
  unit: findingSchema.shape.unit,
  fingerprint: text,
  /** null: nobody accepted it. */
  waiver: waiver.nullable(),
  /** "<benchmark>@<version>:<number>" of this run's benchmarks. */
  controls: z.array(text),
  evidence: findingSchema.shape.evidence,
  missing: findingSchema.shape.missing,
})

/** A finding beyond the cap, of which only this is kept. */
const cappedLine = z.strictObject({
  kind: z.literal('capped'),
  ...common,
  rule: findingLine.shape.rule,
  severity: severitySchema,
  outcome: outcomeSchema,
  fingerprint: text,
  isWaived: z.boolean(),
})

/** Something wrong with a waiver. */
const waiverLine = z.strictObject({ kind: z.literal('waiver'), ...common, ...waiverIssueSchema.shape })

/** The last line: how many there were, so that a cut stream is known. */
const endLine = z.strictObject({
  kind: z.literal('end'),
  ...common,
  findings: int,
  capped: int,
  score: z.strictObject({ lower: z.number().optional(), upper: z.number().optional(), coverage: z.number() }),
})

export const findingLineSchema = z.discriminatedUnion('kind', [findingLine, cappedLine, waiverLine, endLine])
export type FindingLine = z.infer<typeof findingLineSchema>
