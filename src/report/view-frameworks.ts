// Requirements of frameworks, each on one line: what was found for it through the map of rules, or why no rule says anything.
// May not: call a requirement met, or leave out those without rules.
import type { FrameworkResult } from '../model/result.ts'
import type { Language } from './lang/language.ts'
import { englishIn, type Phrase, phraseOf } from './phrase.ts'
import type { FrameworksSection, FrameworkView, RequirementLine } from './view-benchmarks-model.ts'
import type { ViewContext } from './view-model.ts'
import { cutNote } from './view-order.ts'
import { type Mark, termsOf } from './words.ts'

type Requirement = FrameworkResult['requirements'][number]

export function frameworksView(context: ViewContext, withBlock: ReadonlySet<string>): FrameworksSection {
  const { frameworks = [] } = context.result
  return {
    sentence: context.lang.say('frameworks.sentence'),
    frameworks: frameworks.map((framework, index) => frameworkView(framework, index, context, withBlock)),
  }
}

function frameworkView(
  framework: FrameworkResult,
  index: number,
  context: ViewContext,
  withBlock: ReadonlySet<string>,
): FrameworkView {
  const { say } = context.lang
  const { name, version, requirements, summary } = framework
  const shown = requirements.slice(0, context.limits.indexRows)
  const { fail, pass, unknown, error } = summary.outcomes
  const others = summary.mapped - fail - pass - unknown - error
  const counts = [
    say('frameworks.findings', { number: fail }),
    say('frameworks.without', { number: pass }),
    ...(unknown + error > 0 ? [say('frameworks.unknown', { number: unknown + error })] : []),
    ...(others > 0 ? [say('frameworks.noVerdict', { number: others })] : []),
    say('frameworks.unmapped', { number: summary.unmapped }),
  ]
  return {
    anchor: `framework-${index + 1}`,
    title: `${name} ${version}`,
    sentence: say('benchmarks.summary', {
      controls: say('count.requirements', { count: summary.requirements }),
      parts: context.lang.parts(counts),
    }),
    source: sourceOf(framework, context.lang),
    requirements: shown.map((requirement) => requirementLine(requirement, context, withBlock)),
    note: cutNote(context, shown.length, requirements.length, 'requirements'),
  }
}

/** Which publication the ids are of, what the map rests on, and how many rules it sets aside. */
function sourceOf(framework: FrameworkResult, lang: Language): Phrase {
  const { say, day } = lang
  const { publication, source, reviewed, unmappedRules = [] } = framework
  const ids =
    publication === undefined
      ? ''
      : say('frameworks.ids', {
          ...publication,
          title: englishIn(publication.title, lang),
          publisher: englishIn(publication.publisher, lang),
          date: day(publication.date),
        })
  const aside = unmappedRules.length === 0 ? '' : say('frameworks.aside', { count: unmappedRules.length })
  return phraseOf(`${ids}${say('frameworks.source', { source: englishIn(source, lang), day: day(reviewed) })}${aside}`)
}

function requirementLine(
  requirement: Requirement,
  { anchors, limits, lang }: ViewContext,
  withBlock: ReadonlySet<string>,
): RequirementLine {
  const failing = requirement.rules.filter(({ outcome }) => outcome === 'fail')
  const shown = failing.slice(0, limits.names * 2)
  const more = failing.length - shown.length
  return {
    id: requirement.id,
    subject: requirement.subject,
    mark: markOf(requirement, lang),
    mapped: mappedWords(requirement, lang),
    why: requirement.reason ?? '',
    failing: shown.map(({ rule, strength }) => ({
      id: rule,
      anchor: withBlock.has(rule) ? (anchors.get(rule) ?? '') : '',
      strength: lang.say(`frameworks.${strength}`),
    })),
    more: more > 0 ? lang.say('frameworks.more', { number: more }) : '',
  }
}

/** No finding takes no mark of success: the map does not say that a requirement is met. */
function markOf({ outcome, rules }: Requirement, lang: Language): Mark {
  const { say } = lang
  if (rules.length === 0) return { kind: 'notApplicable', word: say('frameworks.markNoRule') }
  if (outcome === undefined) return { kind: 'open', word: say('frameworks.markNoVerdict') }
  if (outcome === 'fail') return { kind: 'high', word: say('frameworks.markFindings') }
  if (outcome === 'pass') return { kind: 'open', word: say('frameworks.markNoFinding') }
  return termsOf(lang).outcomeMarks[outcome]
}

/** "2 direct, 14 partial, 1 indirect". */
function mappedWords({ rules }: Requirement, { say }: Language): string {
  return (['direct', 'partial', 'indirect'] as const)
    .map((strength) => ({ strength, count: rules.filter((rule) => rule.strength === strength).length }))
    .filter(({ count }) => count > 0)
    .map(({ strength, count }) => say('frameworks.mapped', { number: count, strength: say(`frameworks.${strength}`) }))
    .join(', ')
}
