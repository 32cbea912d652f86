// Accepted risks: the file people write, and what a result says of them. A waiver never changes an outcome.
import { z } from 'zod'
import { severitySchema } from './outcome.ts'

const text = z.string()
const words = z.string({ error: 'is needed' }).trim().min(1).max(2000)
const pattern = z.string().min(1).max(253)
const patterns = z.union([pattern, z.array(pattern).min(1)])
const isDay = (value: string) => {
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
const day = z
  .string({ error: 'is needed: a day as YYYY-MM-DD' })
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day as YYYY-MM-DD')
  .refine(isDay, 'is no day of the calendar')
/** A number alone means another control in another version of a benchmark. */
const control = z
  .string()
  .regex(/^[a-z0-9-]+@[^:\s]+:[^:\s]+$/, 'must be <benchmark>@<version>:<number>, such as cis-kubernetes@2.0:4.2.6')

export const waivableOutcomes = ['fail', 'unknown', 'error', 'manual'] as const

export const waiverSelectorSchema = z.strictObject({
  cluster: patterns.optional().describe('Name of the cluster, or the uid of its namespace kube-system.'),
  node: patterns.optional(),
  namespace: patterns.optional(),
  kind: patterns
    .optional()
    .describe(
      'Kind of the object to change: Deployment, StaticPod, Node, Namespace, ClusterRole, ServiceAccount, Cluster …',
    ),
  name: patterns.optional().describe('Name of that object.'),
  labels: z
    .record(z.string(), pattern)
    .optional()
    .describe('Labels that a workload, node or namespace must all have. Whoever may set them decides what is waived.'),
  fingerprint: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('Exactly these findings. A renamed workload or a replaced node has others.'),
})

export const waiverSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, dots and dashes, at most 63')
      .describe('Names the waiver in reports; each only once.'),
    rule: patterns.optional().describe('Rule ids or "<section>/*"; * matches any characters.'),
    control: z
      .union([control, z.array(control).min(1)])
      .optional()
      .describe('"<benchmark>@<version>:<number>"; the rules that answer it. * matches any characters.'),
    match: waiverSelectorSchema
      .optional()
      .describe('All that is given must hold; of a list, one. Without it: every unit.'),
    outcomes: z
      .array(z.enum(waivableOutcomes))
      .min(1)
      .optional()
      .describe('Outcomes that are accepted; default: fail alone.'),
    owner: words.describe('Who carries the risk.'),
    approver: words.describe('Who accepted it.'),
    reason: words,
    ticket: words.optional(),
    created: day,
    expires: day.describe('The last day on which it counts, in UTC.'),
  })
  .refine((waiver) => waiver.rule !== undefined || waiver.control !== undefined, {
    message: 'A waiver needs a rule or a control.',
  })
  .refine((waiver) => waiver.expires >= waiver.created, { message: 'must not be before created', path: ['expires'] })
export type Waiver = z.infer<typeof waiverSchema>
export type WaiverSelector = z.infer<typeof waiverSelectorSchema>

export const waiversFileSchema = z.strictObject({ waivers: z.array(waiverSchema) })

export const waiversConfigSchema = z.strictObject({
  files: z.array(z.string().min(1)).optional().describe('Files with waivers.'),
  maxDays: z.number().int().min(1).max(3660).optional().describe('Longest time from created to expires; default 365.'),
  warnDays: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Days before the end in which a waiver is told as about to expire; default 30.'),
  maxUnits: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('A waiver of more units than this is told as too broad; default 100.'),
  annotations: z
    .enum(['forbidden', 'allowed'])
    .optional()
    .describe(
      'Whether an object may waive findings of its own by the annotation kube-assay.io/waive; default forbidden, because whoever may change the object then accepts its risks.',
    ),
})
export type WaiversConfig = z.infer<typeof waiversConfigSchema>

/** In a finding. The rest stands once, in the result's list of waivers. */
export const findingWaiverSchema = z.strictObject({ id: text, owner: text, reason: text, expires: text })

const waivedCounts = z.strictObject({
  fail: z.number().int(),
  unknown: z.number().int(),
  error: z.number().int(),
  manual: z.number().int(),
})
export const waivedSchema = waivedCounts

export const waiverStates = ['active', 'ended', 'refused', 'elsewhere'] as const

export const waiverIssueKinds = [
  'waiver-expired',
  'waiver-expiring',
  'waiver-unused',
  'waiver-never-matching',
  'waiver-too-broad',
  'waiver-too-long',
  'waiver-not-started',
  'waiver-retired-rule',
  'waiver-malformed',
  'waiver-not-allowed',
] as const

export const waiverIssueSchema = z.strictObject({
  id: z.enum(waiverIssueKinds),
  severity: severitySchema,
  waiver: text,
  message: text,
  /** What to do. */
  remedy: text,
  fingerprint: text,
})

export const waiverResultSchema = z.strictObject({
  id: text,
  /** File and line, or the object with its annotation. */
  source: text,
  rules: z.array(text),
  controls: z.array(text),
  /** The selector in words; "every unit" without one. */
  selects: text,
  outcomes: z.array(z.enum(waivableOutcomes)),
  owner: text,
  approver: text.optional(),
  reason: text,
  ticket: text.optional(),
  /** YYYY-MM-DD. */
  created: text.optional(),
  expires: text,
  /** active: it counts. ended, refused: it does not; see the issues. elsewhere: meant for other clusters. */
  state: z.enum(waiverStates),
  /** Findings that carry it, by outcome, exact also beyond the cap. */
  waived: waivedCounts,
})

export const waiversResultSchema = z.strictObject({
  /** Files that were read, with SHA-256 of their bytes. */
  files: z.array(z.strictObject({ path: text, sha256: text })),
  annotations: z.enum(['forbidden', 'allowed']),
  list: z.array(waiverResultSchema),
  /** Findings about the waivers themselves; they weigh nothing in the score. */
  issues: z.array(waiverIssueSchema),
})

export type WaiverIssue = z.infer<typeof waiverIssueSchema>
export type WaiverResult = z.infer<typeof waiverResultSchema>
export type WaiversResult = z.infer<typeof waiversResultSchema>
export type WaivedCounts = z.infer<typeof waivedCounts>
