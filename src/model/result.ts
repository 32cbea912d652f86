// The verdict file: a versioned public contract. Keys are only added within a major version.
import { z } from 'zod'
import { changeKindSchema, comparisonSchema, trendSchema } from './comparison.ts'
import { publicationSchema, strengthSchema } from './crosswalk.ts'
import { unavailableReasonSchema } from './fact.ts'
import { unitKindSchema } from './facts.ts'
import { outcomeSchema, severitySchema } from './outcome.ts'
import { nodeProfilesSchema, unitLabelsSchema } from './result-nodes.ts'
import { stepActionSchema } from './rule.ts'
import { findingWaiverSchema, waivedSchema, waiversResultSchema } from './waiver.ts'

export const resultSchemaVersion = '1.1'

const text = z.string()
const int = z.number().int()
const counts = z.strictObject({ notApplicable: int, pass: int, manual: int, unknown: int, error: int, fail: int })
const reason = z.strictObject({ reason: unavailableReasonSchema, detail: text })

export const evidenceSchema = z.strictObject({
  message: text,
  observed: text,
  expected: text,
  /** File and line, flag of pid, object path, API call. */
  source: text,
})

export const renderedStepSchema = z.strictObject({
  text,
  file: text.optional(),
  language: text.optional(),
  content: text.optional(),
  /** What a script can do with it; see the schema of rules. */
  action: stepActionSchema.optional(),
  /** The file on the node as the audit found it, so that a script can tell whether it was changed since. */
  seen: z
    .strictObject({
      absent: z.literal(true).optional(),
      /** Of its bytes, hex; left out where the evidence does not hold them as they are. */
      sha256: text.optional(),
      /** Seconds since the epoch. */
      modifiedAt: int.optional(),
    })
    .optional(),
})

export const findingSchema = z.strictObject({
  unit: z.strictObject({
    kind: unitKindSchema,
    id: text,
    name: text,
    node: text.optional(),
    namespace: text.optional(),
    pods: int.optional(),
    podNames: z.array(text).optional(),
    /** Of workloads: the object to change, and the tool or resource that would undo a change of it. */
    owner: z.strictObject({ kind: text, name: text, managedBy: text.optional() }).optional(),
  }),
  /** Names this finding in every audit of the cluster: "fp1:" and 32 hex digits. Absent in results of format 1.0. */
  fingerprint: text.optional(),
  /** Against the baseline; of failures, where the result carries a comparison. */
  change: changeKindSchema.extract(['new', 'reopened', 'persisting']).optional(),
  outcome: outcomeSchema,
  /** The accepted risk that this finding falls under. The outcome stays what it is. */
  waiver: findingWaiverSchema.optional(),
  evidence: z.array(evidenceSchema),
  /** Why the outcome is unknown, each missing fact once; on a failure, what else could not be told. */
  missing: z.array(z.strictObject({ fact: text, reason: unavailableReasonSchema, detail: text })).optional(),
  remediation: z.array(renderedStepSchema).optional(),
  verify: text.optional(),
})

export const ruleResultSchema = z.strictObject({
  id: text,
  /** What should be. */
  title: text,
  /** What is wrong where the rule fails; " on 2 of 6 nodes" can follow. */
  problem: text,
  severity: severitySchema,
  /** Folder of the catalogue: "kubelet", "rbac". Absent in results of older versions. */
  section: text.optional(),
  assessment: z.enum(['automated', 'manual']),
  each: unitKindSchema,
  /** "CIS Kubernetes 1.24 · 4.2.6", "DISA STIG V-242434", "Documents A1": for the benchmarks of this run. */
  references: z.array(text),
  links: z.array(text),
  description: text,
  rationale: text,
  risk: text.optional(),
  /** Rules whose changes come first. */
  after: z.array(text).optional(),
  /** Name of the rule pack it comes from; built-in rules have none. */
  pack: text.optional(),
  /** 16 hex digits over what decides the outcome: expressions, unit kind, values of parameters. Absent in results of older versions. */
  definition: text.optional(),
  /** Values that are the site's policy, as they were used. */
  parameters: z.array(z.strictObject({ name: text, value: text, default: text, description: text })).optional(),
  /** Set where the configuration gave the rule another severity. */
  severityBefore: severitySchema.optional(),
  /** Why the configuration changed the rule. */
  changeReason: text.optional(),
  blocks: z.array(stepActionSchema).optional(),
  /** A script makes the change only when it is asked for by name. */
  optIn: z.boolean().optional(),
  undo: text.optional(),
  /** The most pressing outcome over the units. */
  outcome: outcomeSchema,
  counts,
  /**
   * By how many points the score's lower bound would rise if this rule alone passed on all its units; absent where that is nothing, and in
   * results of older versions.
   */
  gain: z.number().optional(),
  /** Of a rule that asks for several things: counts for each that some unit fails; "" stands for every other one. */
  parts: z.array(z.strictObject({ name: z.string(), counts })).optional(),
  /** Units with outcome fail, unknown, error or manual, in that order, then by unit id; at most `findingsCap` of each outcome. */
  findings: z.array(findingSchema),
  /** Findings before the cap. More than `findings` holds means that some are left out here. */
  findingsTotal: int,
  /** Fingerprints of the findings that the cap left out, by outcome, in the order of the findings. */
  capped: z
    .strictObject({
      fail: z.array(text).optional(),
      unknown: z.array(text).optional(),
      error: z.array(text).optional(),
      manual: z.array(text).optional(),
    })
    .optional(),
  /** Findings under a waiver, by outcome, exact also beyond the cap; absent where none is. */
  waived: waivedSchema.optional(),
  /** Fingerprints of those in `capped` that are under a waiver. */
  cappedWaived: z.array(text).optional(),
})

export const controlResultSchema = z.strictObject({
  number: text,
  subject: text,
  level: z.union([z.literal(1), z.literal(2)]).optional(),
  /** What the benchmark says of it; our own assessment is that of the rules. */
  assessment: z.enum(['automated', 'manual']).optional(),
  rules: z.array(text),
  /** The one part of what its rules ask that the control is about; counts are of it. */
  part: text.optional(),
  /** manual: a person decides. notEvaluated: nothing here can tell. excluded: this run was asked to leave it out. */
  state: z.enum(['evaluated', 'manual', 'notEvaluated', 'excluded']),
  /** The most pressing outcome of its rules; unknown where nothing can tell, manual where a person must; absent where excluded. */
  outcome: outcomeSchema.optional(),
  /** Units of all its rules. */
  counts,
  /** Why it is not evaluated, or why its outcome is not that of its rules. */
  reason: text.optional(),
  /** What a person must answer. */
  question: text.optional(),
  /** Rules that help to answer the question. */
  evidence: z.array(z.strictObject({ rule: text, outcome: outcomeSchema })).optional(),
  note: text.optional(),
})

const scoreShape = {
  /** Identifies the formula; docs/scoring.md explains it. */
  formula: text,
  /** 0–100, one decimal: every unknown counted as fail. Absent when nothing applicable was assessed. */
  lower: z.number().optional(),
  /** Every unknown counted as pass. */
  upper: z.number().optional(),
  /** Answered units over those known to be expected, 0–1; see `unlisted`. */
  coverage: z.number(),
  answered: int,
  expected: int,
}

export const benchmarkResultSchema = z.strictObject({
  key: text,
  name: text,
  version: text,
  note: text.optional(),
  /** Where the facts of its numbering come from, and what is uncertain. */
  source: text.optional(),
  controls: z.array(controlResultSchema),
  summary: z.strictObject({
    controls: int,
    evaluated: int,
    manual: int,
    notEvaluated: int,
    excluded: int,
    /** Of the evaluated ones. */
    outcomes: counts,
  }),
  /** Over the rules of its evaluated controls. */
  score: z.strictObject(scoreShape),
})

export const frameworkResultSchema = z.strictObject({
  key: text,
  name: text,
  version: text,
  /** What the ids are of; absent in results of older versions. */
  publication: publicationSchema.optional(),
  /** What the map of rules rests on. */
  source: text,
  /** Date of the last review of the map. */
  reviewed: text,
  /** Rules that no requirement is about; absent in results of older versions. */
  unmappedRules: z.array(z.strictObject({ rule: text, reason: text.optional() })).optional(),
  requirements: z.array(
    z.strictObject({
      id: text,
      subject: text,
      rules: z.array(z.strictObject({ rule: text, strength: strengthSchema, outcome: outcomeSchema.optional() })),
      /** The most pressing outcome of its direct and partial rules; absent where there are none. A pass is no statement that it is met. */
      outcome: outcomeSchema.optional(),
      /** Why no rule says anything about it. */
      reason: text.optional(),
    }),
  ),
  summary: z.strictObject({ requirements: int, mapped: int, unmapped: int, outcomes: counts }),
})

export const resultSchema = z.strictObject({
  kind: z.literal('kube-assay/result'),
  schemaVersion: text,
  /** Derived from cluster, time and snapshot digest: "KA-2026-11-20-prod-eu-1-7f3a". */
  reportId: text,
  tool: z.strictObject({ name: text, version: text }),
  catalogue: z.strictObject({
    version: text,
    digest: text,
    rules: int,
    /** Rule packs of users, in order. */
    packs: z.array(z.strictObject({ name: text, digest: text, rules: int })).optional(),
  }),
  /** The first of `benchmarks`. */
  benchmark: z.strictObject({ name: text, version: text, note: text.optional() }),
  /** Every control of the benchmarks of this run; absent in results of older versions. */
  benchmarks: z.array(benchmarkResultSchema).optional(),
  /** Where the rules' results are evidence for the requirements of the frameworks asked for. */
  frameworks: z.array(frameworkResultSchema).optional(),
  /** Rules that this run was asked to leave out. */
  excluded: z.array(z.strictObject({ rule: text, reason: text })).optional(),
  /** Accepted risks; absent where the run was given none and no object asks for any. */
  waivers: waiversResultSchema.optional(),
  snapshot: z.strictObject({
    sha256: text,
    schemaVersion: text,
    startedAt: text,
    finishedAt: text,
    interrupted: z.boolean(),
    tool: text,
  }),
  evaluatedAt: text,
  cluster: z.strictObject({
    name: text,
    uid: text.optional(),
    version: text.optional(),
    source: text,
    nodes: int,
    nodesReached: int,
    namespaces: int,
    workloads: int,
    pods: int,
  }),
  score: z.strictObject({
    ...scoreShape,
    /** Lists that would name units and are missing or partial. Present: how many units there are is not known, and coverage is at most this. */
    unlisted: z
      .array(z.strictObject({ kind: unitKindSchema, family: text, reason: unavailableReasonSchema }))
      .optional(),
    /** The same formula without the units under a waiver; absent where there is none. Never the headline. */
    withAcceptedRisks: z.strictObject({ lower: z.number().optional(), upper: z.number().optional() }).optional(),
  }),
  summary: z.strictObject({
    rules: counts,
    units: counts,
    /** Failing rules by severity. */
    failingBySeverity: z.strictObject({ critical: int, high: int, medium: int, low: int, info: int }),
  }),
  rules: z.array(ruleResultSchema),
  /** Absent in results of older versions, and where no node is known. */
  nodes: nodeProfilesSchema.optional(),
  labels: unitLabelsSchema.optional(),
  /** Ids of all units by kind, also of those without findings; absent in results of older versions. */
  units: z.partialRecord(unitKindSchema, z.array(text)).optional(),
  /** Against the baseline that the run was given. */
  comparison: comparisonSchema.optional(),
  /** Earlier audits of the cluster that are stored beside this one, and this one. */
  trend: trendSchema.optional(),
  coverage: z.strictObject({
    families: z.array(
      z.strictObject({
        family: text,
        count: int,
        source: text,
        /** When reading it began, ISO 8601; absent where nobody tried, and in results of older versions. */
        readAt: text.optional(),
        unavailable: reason.optional(),
      }),
    ),
    /** Facts per node, in column order. */
    columns: z.array(z.strictObject({ fact: text, label: text })),
    nodes: z.array(
      z.strictObject({
        node: text,
        roles: z.array(text),
        /** When the probe was started on it, ISO 8601; absent where it did not run, and in results of older versions. */
        readAt: text.optional(),
        /** Per column: null when known, else why not (the first reason when a part is missing). */
        facts: z.array(reason.nullable()),
        /** How the node was read: transport, address, user, privilege, milliseconds, bytes. */
        access: z
          .strictObject({
            transport: text,
            address: text.optional(),
            user: text.optional(),
            privilege: text,
            durationMs: int,
            bytes: int,
          })
          .optional(),
        /** Ways to the node that were tried and fell short, in order; where `access` is absent, all of them. */
        tried: z.array(z.strictObject({ way: text, ...reason.shape })).optional(),
      }),
    ),
  }),
})

export type Result = z.infer<typeof resultSchema>
export type RuleResult = z.infer<typeof ruleResultSchema>
export type Finding = z.infer<typeof findingSchema>
export type Evidence = z.infer<typeof evidenceSchema>
export type OutcomeCounts = z.infer<typeof counts>
export type BenchmarkResult = z.infer<typeof benchmarkResultSchema>
export type ControlResult = z.infer<typeof controlResultSchema>
export type FrameworkResult = z.infer<typeof frameworkResultSchema>
