// Texts of rules in another language than English. May not: hold a rule that has none; what is not here is shown in English.
import { z } from 'zod'

const text = z.string().trim().min(1)

/** Texts of one rule, named as its own. Steps are the texts of `remediation.steps`, all of them, in their order. */
export const ruleTranslationSchema = z.strictObject({
  title: text,
  problem: text.max(80).regex(/[^.!?。\s]$/, 'must not end with a period; a place can follow'),
  description: text.optional(),
  rationale: text.optional(),
  risk: text.optional(),
  undo: text.optional(),
  steps: z.array(text).min(1).optional(),
})
export type RuleTranslation = z.infer<typeof ruleTranslationSchema>

/** One file of rules/translations/<lang>: rule id → its texts. */
export const translationFileSchema = z.record(z.string(), ruleTranslationSchema)

/** Sentences that expressions in step texts write out, such as of a condition: with places named as the translation names them. */
export const phraseFileSchema = z.array(z.strictObject({ english: z.string().min(1), text: z.string().min(1) }))

/**
 * What each translated text was made from: rule id → place of the text ("title", "steps.0") → digest of the English one. A text
 * whose English has changed since is not shown.
 */
export const madeFromSchema = z.record(z.string(), z.record(z.string(), z.string()))
export type MadeFrom = z.infer<typeof madeFromSchema>

/** A text with places for values: one more literal than there are places. */
export interface TextParts {
  readonly literals: readonly string[]
  readonly expressions: readonly string[]
}

export interface Rephrased {
  readonly from: TextParts
  readonly to: TextParts
}

export interface TranslatedRule {
  /** Translated texts by the English ones they were made from. */
  readonly texts: ReadonlyMap<string, string>
  readonly steps: readonly Rephrased[]
  /** Sentences that expressions of these steps write out. */
  readonly phrases?: readonly Rephrased[]
}

/** What a report needs to show rules in a language, by rule id. */
export type Translation = ReadonlyMap<string, TranslatedRule>
