// Requirements of frameworks, each on one line: what was found for it through the map of rules, or why no rule says anything.
// May not: call a requirement met, or leave out those without rules.
import type { FrameworkResult } from '../model/result.ts'
import { countNoun, formatCount } from './text.ts'
import type { FrameworksSection, FrameworkView, RequirementLine } from './view-benchmarks-model.ts'
import type { ViewContext } from './view-model.ts'
import { type Mark, outcomeMarks } from './words.ts'

type Requirement = FrameworkResult['requirements'][number]

export function frameworksView(context: ViewContext, withBlock: ReadonlySet<string>): FrameworksSection {
  const { frameworks = [] } = context.result
  return {
    sentence:
      'A map of rules to requirements says where evidence is. It is no verdict about a framework: that nothing was found does not mean that a requirement is met.',
    frameworks: frameworks.map((framework, index) => frameworkView(framework, index, context, withBlock)),
  }
}

function frameworkView(
  framework: FrameworkResult,
  index: number,
  context: ViewContext,
  withBlock: ReadonlySet<string>,
): FrameworkView {
  const { name, version, requirements, summary } = framework
  const shown = requirements.slice(0, context.limits.indexRows)
  const { fail, pass, unknown, error } = summary.outcomes
  const others = summary.mapped - fail - pass - unknown - error
  const counts = [
    `${formatCount(fail)} with findings`,
    `${formatCount(pass)} without`,
    ...(unknown + error > 0 ? [`${formatCount(unknown + error)} unknown`] : []),
    ...(others > 0 ? [`${formatCount(others)} without a verdict`] : []),
    `${formatCount(summary.unmapped)} that no rule says anything about`,
  ]
  return {
    anchor: `framework-${index + 1}`,
    title: `${name} ${version}`,
    sentence: `${countNoun(summary.requirements, 'requirement', 'requirements')}: ${counts.join(', ')}.`,
    source: sourceOf(framework),
    requirements: shown.map((requirement) => requirementLine(requirement, context, withBlock)),
    note:
      shown.length < requirements.length
        ? `${formatCount(shown.length)} of ${formatCount(requirements.length)} requirements shown, all in ${context.dataFile}`
        : '',
  }
}

/** Which publication the ids are of, what the map rests on, and how many rules it sets aside. */
function sourceOf({ publication, source, reviewed, unmappedRules = [] }: FrameworkResult): string {
  const ids =
    publication === undefined
      ? ''
      : `Ids of: ${publication.title} (${publication.publisher}), ${publication.edition}, ${publication.date}. `
  const aside =
    unmappedRules.length === 0
      ? ''
      : ` ${countNoun(unmappedRules.length, 'rule is', 'rules are')} set aside: no requirement is about them.`
  return `${ids}${source} Reviewed ${reviewed}.${aside}`
}

function requirementLine(
  requirement: Requirement,
  { anchors, limits }: ViewContext,
  withBlock: ReadonlySet<string>,
): RequirementLine {
  const failing = requirement.rules.filter(({ outcome }) => outcome === 'fail')
  const shown = failing.slice(0, limits.names * 2)
  const more = failing.length - shown.length
  return {
    id: requirement.id,
    subject: requirement.subject,
    mark: markOf(requirement),
    mapped: mappedWords(requirement),
    why: requirement.reason ?? '',
    failing: shown.map(({ rule, strength }) => ({
      id: rule,
      anchor: withBlock.has(rule) ? (anchors.get(rule) ?? '') : '',
      strength,
    })),
    more: more > 0 ? `and ${formatCount(more)} more` : '',
  }
}

/** No finding takes no mark of success: the map does not say that a requirement is met. */
function markOf({ outcome, rules }: Requirement): Mark {
  if (rules.length === 0) return { kind: 'notApplicable', word: 'No rule' }
  if (outcome === undefined) return { kind: 'open', word: 'No verdict' }
  if (outcome === 'fail') return { kind: 'high', word: 'Findings' }
  return outcome === 'pass' ? { kind: 'open', word: 'No finding' } : outcomeMarks[outcome]
}

/** "2 direct, 14 partial, 1 indirect". */
function mappedWords({ rules }: Requirement): string {
  return (['direct', 'partial', 'indirect'] as const)
    .map((strength) => ({ strength, count: rules.filter((rule) => rule.strength === strength).length }))
    .filter(({ count }) => count > 0)
    .map(({ strength, count }) => `${formatCount(count)} ${strength}`)
    .join(', ')
}
