// What a run found for the requirements of a framework, through the map of rules. It is evidence, no verdict about the framework.
// May not: call a requirement met. The best a requirement can have is that nothing was found in what was evaluated.
import type { Framework } from '../catalog/index.ts'
import { worstOutcome } from '../model/outcome.ts'
import type { FrameworkResult, RuleResult } from '../model/result.ts'
import { countOutcomes } from './score.ts'

/** One framework of a result. Rules that were left out of the run are named without an outcome. */
export function frameworkResult(framework: Framework, rules: readonly RuleResult[]): FrameworkResult {
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const { key, name, version, publication, source, reviewed } = framework
  const requirements = framework.requirements.map((requirement) => {
    const { id, subject, reason } = requirement
    const mapped = requirement.rules.map(({ id: rule, strength }) => {
      const outcome = byId.get(rule)?.outcome
      return { rule, strength, ...(outcome !== undefined && { outcome }) }
    })
    const telling = mapped.filter(({ strength }) => strength !== 'indirect')
    const outcome = outcomeOf(telling.map((one) => one.outcome))
    return {
      id,
      subject,
      rules: mapped,
      ...(outcome !== undefined && { outcome }),
      ...(reason !== undefined && { reason }),
    }
  })
  return {
    key,
    name,
    version,
    publication,
    source,
    reviewed,
    requirements,
    unmappedRules: framework.unmappedRules.map(({ id, ...why }) => ({ rule: id, ...why })),
    summary: {
      requirements: requirements.length,
      mapped: requirements.filter((one) => one.rules.length > 0).length,
      unmapped: requirements.filter((one) => one.rules.length === 0).length,
      outcomes: countOutcomes(requirements.flatMap(({ outcome }) => outcome ?? [])),
    },
  }
}

/** Undefined where only indirect rules are mapped, or where one that tells was left out and the others do not fail. */
function outcomeOf(outcomes: readonly (RuleResult['outcome'] | undefined)[]): RuleResult['outcome'] | undefined {
  const present = outcomes.filter((one) => one !== undefined)
  const worst = worstOutcome(present)
  if (present.length === 0) return undefined
  return present.length < outcomes.length && worst !== 'fail' ? undefined : worst
}
