// A rule as its YAML file holds it, and the fixture file that lives beside it under test/rules.
import { z } from 'zod'
import { type FactName, factNames, unitKindSchema } from './facts.ts'
import { outcomeSchema, severitySchema } from './outcome.ts'

const factName = z.enum(factNames as [FactName, ...FactName[]])
const cel = z.string().min(1)
const text = z.string().min(1)

export const checkSchema = z.strictObject({
  /** CEL list; the check then holds for every `item` of it, and each item that does not gives a line of evidence. */
  forEach: cel.optional(),
  /** CEL, true when all is well. */
  expression: cel,
  /** What is wrong, as a statement; `{{ CEL }}` is replaced. */
  message: text,
  /** CEL string: the value seen. */
  observed: cel,
  /** Text with `{{ CEL }}`: the value wanted. */
  expected: text,
  /** CEL string: where it was read. */
  source: cel,
  /** CEL string: which part of what the rule asks a line of evidence is about. A benchmark can ask for one part alone. */
  part: cel.optional(),
})
export type Check = z.infer<typeof checkSchema>

/**
 * What a script can do with a step. `access`: chmod, chown and setfacl lines. `kernel-parameters`: lines of a sysctl file.
 * `kubelet-settings`: YAML merged into a file of settings. `static-pod-arguments`: flags in a manifest. `patch`: strategic merge
 * patch of the workload. `apply`: an object to create. `by-hand`: a person must act, so that nothing of the finding is scripted.
 * Steps without an action only tell something.
 */
export const stepActionSchema = z.enum([
  'access',
  'kernel-parameters',
  'kubelet-settings',
  'static-pod-arguments',
  'patch',
  'apply',
  'by-hand',
])

export const remediationStepSchema = z.strictObject({
  /** CEL; the step is left out when false. */
  when: cel.optional(),
  /** What to do, a sentence; `{{ CEL }}` is replaced. */
  text,
  /** File to create or edit, when that is the step; `{{ CEL }}` is replaced. */
  file: text.optional(),
  action: stepActionSchema.optional(),
  /** Language of `content`, which decides how interpolated values are quoted. */
  language: z.enum(['shell', 'yaml', 'json', 'toml', 'ini', 'sysctl', 'text']).optional(),
  /** CEL list; `content` is then repeated per `item`, joined by newlines. */
  forEach: cel.optional(),
  /** CEL over `item`: the elements for which `content` is repeated. One that cannot be told is named and left out, the others stay. */
  where: cel.optional(),
  /** Stands once before the repeated `content`, such as the head of a YAML list; `{{ CEL }}` is replaced as in `content`. */
  header: text.optional(),
  content: text.optional(),
})

export const remediationSchema = z.strictObject({
  /** What applying it can break, and the order that avoids it. */
  risk: text.optional(),
  /** Ids of rules whose changes must come before these. */
  after: z.array(z.string()).optional(),
  /** While this rule fails on a node, these actions have no effect there, or do more than they say; a person comes first. */
  blocks: z.array(stepActionSchema).optional(),
  /**
   * The change takes away something that a workload may stand on, or sets a value that nobody measured: scripts make it with --opt-in
   * only. So do changes of a workload for which one named in `after` is opt-in and not made.
   */
  optIn: z.boolean().optional(),
  /** How to undo it, where that is more than putting back the file or the pod template. */
  undo: text.optional(),
  steps: z.array(remediationStepSchema).min(1),
})

/** A value that is a site's policy, read in expressions as `params.<name>`, and changed in the configuration. */
export const parameterSchema = z
  .strictObject({
    type: z.enum(['int', 'double', 'string', 'bool', 'strings']),
    default: z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]),
    /** What it decides, with its unit. */
    description: text,
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  })
  .refine((one) => one.minimum === undefined || one.maximum === undefined || one.minimum <= one.maximum, {
    message: 'minimum is above maximum',
  })
export type Parameter = z.infer<typeof parameterSchema>
export type ParameterValue = Parameter['default']

/** What a configuration says about one rule. */
export const ruleChangeSchema = z
  .strictObject({
    severity: severitySchema.optional(),
    parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.string())])).optional(),
    enabled: z.boolean().optional(),
    reason: text.optional().describe('Why; shown in the report. Needed where the rule is off.'),
  })
  .refine(({ enabled, reason }) => enabled !== false || reason !== undefined, {
    message: 'a rule that is off needs a reason, which the report shows',
  })
export type RuleChange = z.infer<typeof ruleChangeSchema>

export const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** What should be, as a statement. */
  title: text,
  /** What is wrong where the rule fails, as a statement that " on 2 of 6 nodes" can follow; without a period. */
  problem: z
    .string()
    .max(80)
    .regex(/[^.!?\s]$/, 'must not end with a period; " on 2 of 6 nodes" can follow'),
  severity: severitySchema,
  assessment: z.enum(['automated', 'manual']),
  /** Words of the site's own, for --tag; section, severity and unit are tags already. */
  tags: z.array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)).optional(),
  references: z.strictObject({
    /** CIS Kubernetes benchmark version → control number. */
    'cis-kubernetes': z.record(z.string(), z.string()).optional(),
    'disa-stig': z.array(z.string()).optional(),
    'pod-security-standards': z.array(z.string()).optional(),
    /** Rows of the founding documents, A1 … I4. */
    documents: z.array(z.string().regex(/^[A-I]\d$/)).optional(),
    links: z.array(z.url()).optional(),
  }),
  needs: z.array(factName).min(1),
  each: unitKindSchema,
  parameters: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/), parameterSchema).optional(),
  /** CEL; units for which it is false are notApplicable. */
  when: cel.optional(),
  checks: z.array(checkSchema).min(1),
  description: text,
  rationale: text,
  remediation: remediationSchema,
  /** Commands that show the change took effect; shell, `{{ CEL }}` is replaced and quoted. */
  verify: text,
})
export type Rule = z.infer<typeof ruleSchema>

/** One case of test/rules/<section>/<rule-id>.yaml. */
export const fixtureCaseSchema = z.strictObject({
  name: text,
  outcome: outcomeSchema,
  /** Name of an earlier case; its facts hold where `facts` says nothing else (test/support/fixture-facts.ts). */
  like: text.optional(),
  /** Facts by name, shaped as the fact schema says; with `like`, only what differs. Observed values nobody gives were not collected. */
  facts: z.partialRecord(factName, z.unknown()),
  /** Values that the evidence must show, in order: the whole list, not a sample. */
  observed: z.array(z.string()).optional(),
  /** Rendered remediation content, step by step (only steps that have content). */
  remediation: z.array(z.string()).optional(),
})
export const fixtureSchema = z.strictObject({ rule: z.string(), cases: z.array(fixtureCaseSchema).min(3) })
export type Fixture = z.infer<typeof fixtureSchema>
