// A judgement in words: evidence, the change for this unit, and how to verify it. Where a value that a text needs was not read, the
// text says so; a command is whole or not there.
// May not: change an outcome.
import {
  type Attempt,
  type CompiledRule,
  type CompiledStep,
  type Template,
  type UnitContext,
  visibleText,
} from '../catalog/index.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Evidence, Finding } from '../model/result.ts'
import type { UnitIdentity } from '../model/unit.ts'
import type { CheckedItem, Judgement } from './judge.ts'

type Step = NonNullable<Finding['remediation']>[number]

/** Findings are kept for these outcomes, most pressing first. */
export const findingOutcomes = ['fail', 'unknown', 'error', 'manual'] as const satisfies readonly Outcome[]

/** The finding of a unit whose outcome is one of `findingOutcomes`. */
export function describe(
  compiled: CompiledRule,
  judgement: Judgement,
  identity: UnitIdentity,
  context: UnitContext,
): Finding {
  const { outcome, missing } = judgement
  const evidence = judgement.shown.map((shown) => evidenceOf(shown, context))
  context.item = undefined
  const broken = judgement.errors.map((detail) => brokenEvidence(compiled, detail))
  const needsChange = outcome === 'fail' || outcome === 'manual'
  return {
    unit: unitOf(identity),
    outcome,
    evidence: [...evidence, ...broken],
    ...(missing.length > 0 && { missing: missing.map((one) => ({ ...one, detail: visibleText(one.detail) })) }),
    ...(needsChange && { remediation: stepsOf(compiled, context), verify: verifyOf(compiled, context) }),
  }
}

/** The part of a finding that says what it is about. */
export function unitOf(identity: UnitIdentity): Finding['unit'] {
  const { kind, id, name, node, namespace, pods, podNames, owner } = identity
  return {
    kind,
    id,
    name,
    ...(node !== undefined && { node }),
    ...(namespace !== undefined && { namespace }),
    ...(pods !== undefined && { pods }),
    ...(podNames !== undefined && { podNames: [...podNames] }),
    ...(owner !== undefined && { owner: { ...owner } }),
  }
}

function evidenceOf({ check, item }: CheckedItem, context: UnitContext): Evidence {
  context.item = item
  return {
    message: inWords(check.message.render(context)),
    observed: visibleText(inWords(check.observed.attempt(context))),
    expected: inWords(check.expected.render(context)),
    source: visibleText(inWords(check.source.attempt(context))),
  }
}

function brokenEvidence(compiled: CompiledRule, detail: string): Evidence {
  return {
    message: 'The rule could not be evaluated for this unit; this is a defect of the rule',
    observed: visibleText(detail),
    expected: 'an expression that gives an answer',
    source: `rule ${compiled.rule.id}`,
  }
}

/** The text of an attempt, or in its place why there is none. */
function inWords(attempt: Attempt<string>): string {
  return attempt.kind === 'value' ? attempt.value : reasonOf(attempt)
}

function reasonOf(attempt: Exclude<Attempt<unknown>, { kind: 'value' }>): string {
  if (attempt.kind === 'error') return `could not be written: ${visibleText(attempt.detail)}`
  const parts = attempt.missing.map(({ fact, reason, detail }) => `${fact} (${reason}: ${visibleText(detail, 200)})`)
  return `could not be read: ${parts.join('; ')}`
}

function stepsOf(compiled: CompiledRule, context: UnitContext): Step[] {
  return compiled.steps.flatMap((step) => stepOf(step, context) ?? [])
}

function stepOf(step: CompiledStep, context: UnitContext): Step | undefined {
  const applies = step.when?.attempt(context) ?? { kind: 'value', value: true }
  const text = inWords(step.text.render(context))
  if (applies.kind !== 'value')
    return { text: `Whether this step is needed ${reasonOf(applies)}. The step: ${text}`, ...byHand(step) }
  if (!applies.value) return undefined
  const { content, untold } = contentOf(step, context)
  if (content === 'nothing to do')
    return untold && { text: `Whether this step is needed ${reasonOf(untold)}. The step: ${text}` }
  const file = step.file?.render(context) ?? { kind: 'value', value: undefined }
  if (file.kind !== 'value') return withoutChange(step, text, file)
  if (content.kind !== 'value') return withoutChange(step, text, content)
  return {
    text: untold === undefined ? text : `${text} Whether more of them need it ${reasonOf(untold)}.`,
    ...(file.value !== undefined && { file: file.value }),
    ...(content.value !== undefined && { language: step.language ?? 'text', content: content.value }),
    ...(step.action !== undefined && { action: step.action }),
  }
}

function withoutChange(step: CompiledStep, text: string, why: Exclude<Attempt<unknown>, { kind: 'value' }>): Step {
  return { text: `${text} The exact change is not shown: a value ${reasonOf(why)}.`, ...byHand(step) }
}

/** A change that could not be written leaves the whole to a person. */
function byHand({ action }: CompiledStep): Pick<Step, 'action'> {
  return action === undefined ? {} : { action: 'by-hand' }
}

interface StepContent {
  readonly content: Attempt<string | undefined> | 'nothing to do'
  /** Why it could not be told whether an element of its list belongs to it. */
  readonly untold?: Untold
}

/** A step that repeats its content for a list that is empty has nothing to do and is left out. */
function contentOf(step: CompiledStep, context: UnitContext): StepContent {
  const { content, header } = step
  if (content === undefined) return { content: { kind: 'value', value: undefined } }
  if (step.forEach === undefined) return { content: joined([header, content], context) }
  const list = step.forEach.attempt(context)
  if (list.kind !== 'value') return { content: list }
  const { items, ...rest } = choose(step, list.value, context)
  if (items.length === 0) return { content: 'nothing to do', ...rest }
  const parts: Attempt<string>[] = header === undefined ? [] : [header.render(context)]
  for (const item of items) {
    context.item = item
    parts.push(content.render(context))
  }
  context.item = undefined
  return { content: whole(parts), ...rest }
}

type Untold = Exclude<Attempt<string>, { kind: 'value' }>

/** The elements that `where` holds for, and why it could not be told for another. */
function choose(
  { where }: CompiledStep,
  all: readonly unknown[],
  context: UnitContext,
): { items: readonly unknown[]; untold?: Untold } {
  if (where === undefined) return { items: all }
  let untold: Untold | undefined
  const items = all.filter((item) => {
    context.item = item
    const holds = where.attempt(context)
    if (holds.kind !== 'value') untold ??= holds
    return holds.kind === 'value' && holds.value
  })
  context.item = undefined
  return { items, ...(untold !== undefined && { untold }) }
}

function joined(templates: readonly (Template | undefined)[], context: UnitContext): Attempt<string> {
  return whole(templates.flatMap((template) => (template === undefined ? [] : [template.render(context)])))
}

/** All parts or none: half a file or command could do harm. */
function whole(parts: readonly Attempt<string>[]): Attempt<string> {
  const texts: string[] = []
  for (const part of parts) {
    if (part.kind !== 'value') return part
    texts.push(part.value)
  }
  return { kind: 'value', value: texts.join('\n') }
}

function verifyOf(compiled: CompiledRule, context: UnitContext): string {
  const verify = compiled.verify.render(context)
  return verify.kind === 'value' ? verify.value : `# No command: a value ${reasonOf(verify)}`
}
