// What a rule asks, as a digest: two audits are only compared where it is the same.
// May not: depend on a rule's words; a better sentence is no other question.
import { hash } from 'node:crypto'
import type { CompiledRule } from '../catalog/index.ts'

/** 16 hex digits over unit kind, assessment, expressions and the values of parameters. */
export function definitionOf({ rule, params }: CompiledRule): string {
  const { each, assessment, when, checks, parameters = {} } = rule
  const values = Object.entries(parameters)
    .map(([name, one]) => [name, params?.values[name] ?? one.default])
    .sort()
  const asked = [each, assessment, when ?? null, checks.map(({ expression }) => expression), values]
  return hash('sha256', JSON.stringify(asked)).slice(0, 16)
}
