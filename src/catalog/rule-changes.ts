// What the configuration changes about rules: severity, parameters, or that a rule is off. Each change is kept with its reason, so
// that the report can show it beside the rule.
// May not: change what a rule looks at, or accept a change of a rule that does not exist.
import type { ParameterValue, RuleChange } from '../model/rule.ts'
import { nearest } from '../util/did-you-mean.ts'
import { InputError } from '../util/input-error.ts'
import type { CompiledRule } from './compile.ts'
import type { Catalogue } from './load.ts'
import { valueProblem } from './parameters.ts'

/** The catalogue with the changes made, and the rules that are off with the reason. Throws InputError with every problem. */
export function changeRules(
  catalogue: Catalogue,
  changes: Readonly<Record<string, RuleChange>>,
): { readonly catalogue: Catalogue; readonly off: ReadonlyMap<string, string> } {
  const ids = catalogue.rules.map(({ rule }) => rule.id)
  const problems = Object.keys(changes)
    .filter((id) => !ids.includes(id))
    .map((id) => `rules.${id}: there is no rule ${id}${nearest(id, ids)}`)
  const off = new Map<string, string>()
  const rules = catalogue.rules.map((compiled) => {
    const { id } = compiled.rule
    const change = Object.hasOwn(changes, id) ? changes[id] : undefined
    if (change === undefined) return compiled
    problems.push(...parameterProblems(compiled, change.parameters ?? {}))
    if (change.enabled === false)
      off.set(id, `switched off in the configuration: ${change.reason ?? 'no reason given'}`)
    return problems.length > 0 ? compiled : changed(compiled, change)
  })
  if (problems.length > 0) throw new InputError(problems.join('\n'))
  return { catalogue: { ...catalogue, rules }, off }
}

function parameterProblems({ rule }: CompiledRule, given: Readonly<Record<string, ParameterValue>>): string[] {
  const parameters = rule.parameters ?? {}
  const names = Object.keys(parameters)
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    const at = `rules.${rule.id}.parameters.${name}`
    if (parameter === undefined) {
      const has = names.length === 0 ? 'the rule has none' : `it has ${names.join(', ')}`
      return [`${at}: there is no such parameter${nearest(name, names)}; ${has}`]
    }
    const problem = valueProblem(parameter, value)
    return problem === undefined ? [] : [`${at}: ${problem}`]
  })
}

function changed(compiled: CompiledRule, { severity, parameters = {}, reason }: RuleChange): CompiledRule {
  const { rule, params } = compiled
  return {
    ...compiled,
    ...(severity !== undefined &&
      severity !== rule.severity && { rule: { ...rule, severity }, severityBefore: rule.severity }),
    ...(params !== undefined && { params: params.with(parameters) }),
    ...(reason !== undefined && { changeReason: reason }),
  }
}
