// `rules list` and `rules show`: what is checked, for people and for programs.
import {
  type BenchmarkChoice,
  benchmarkId,
  type Catalogue,
  type CompiledRule,
  checkSelection,
  selectBenchmarks,
  tagsOf,
} from '../../catalog/index.ts'
import { unavailable } from '../../model/fact.ts'
import { isAtLeast, type Severity, severities } from '../../model/outcome.ts'
import type { Rule } from '../../model/rule.ts'
import { nearest } from '../../util/did-you-mean.ts'
import { InputError } from '../../util/input-error.ts'
import { exitCodes } from '../exit.ts'
import { loadRules } from '../load-rules.ts'
import { pageForMarkdown, pageForTerminal, rulePage } from '../rule-page.ts'
import type { Terminal } from '../terminal.ts'

export interface ListFlags {
  readonly format: 'table' | 'json'
  readonly benchmark?: readonly string[]
  readonly severity?: Severity
  readonly tag?: readonly string[]
  readonly rules?: string[]
}

export interface ShowFlags {
  readonly format: ShowFormat
  readonly rules?: string[]
}

export async function listRules(flags: ListFlags, terminal: Terminal): Promise<number> {
  const catalogue = await loadRules(packsOf(flags))
  const rules = catalogue.rules.filter(filterOf(catalogue, flags))
  if (flags.format === 'json') terminal.print(JSON.stringify(rules.map(asListed), null, 2))
  else terminal.print(rules.length === 0 ? 'No rule is all of this.' : table(rules, terminal))
  return exitCodes.done
}

function packsOf({ rules }: { readonly rules?: string[] }): { rulePacks?: string[] } {
  return rules === undefined ? {} : { rulePacks: rules }
}

function filterOf(catalogue: Catalogue, { benchmark, severity, tag }: ListFlags): (one: CompiledRule) => boolean {
  const nothing = unavailable('not-collected', 'No cluster was read.')
  const choices = benchmark === undefined ? undefined : selectBenchmarks(catalogue, benchmark, { version: nothing })
  if (tag !== undefined) checkSelection(catalogue, { tags: tag })
  return ({ rule, section }) =>
    (choices === undefined || isIn(catalogue, rule, choices)) &&
    (severity === undefined || isAtLeast(rule.severity, severity)) &&
    (tag === undefined || tag.some((one) => tagsOf({ rule, section }).includes(one)))
}

function isIn({ plans }: Catalogue, rule: Rule, choices: readonly BenchmarkChoice[]): boolean {
  return choices.some((choice) => {
    const plan = plans.get(benchmarkId(choice))
    return plan === undefined
      ? rule.references['cis-kubernetes']?.[choice.version] !== undefined
      : plan.controls.some((control) => control.rules.includes(rule.id))
  })
}

function asListed({ rule, section }: CompiledRule) {
  const { id, title, severity, assessment, each, needs, references } = rule
  return { id, section, title, severity, assessment, each, needs, references }
}

function table(rules: readonly CompiledRule[], { style, columns }: Terminal): string {
  const sections = Map.groupBy(rules, ({ section }) => section)
  const idWidth = Math.max(...rules.map(({ rule }) => rule.id.length))
  const blocks = [...sections]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([section, members]) => {
      const lines = members
        .toSorted((a, b) => severities.indexOf(a.rule.severity) - severities.indexOf(b.rule.severity))
        .map(({ rule }) => {
          const references = fitting(shortReferences(rule), columns - idWidth - 14)
          return `  ${style(rule.severity, rule.severity.padEnd(8))}  ${rule.id.padEnd(idWidth)}  ${style('dim', references)}`.trimEnd()
        })
      return [style('bold', section), ...lines].join('\n')
    })
  return `${blocks.join('\n\n')}\n\n${rules.length} rules. kube-assay rules show <id> tells more of one.`
}

/** As many references as there is room for, whole ones only; an ellipsis says that there are more. */
function fitting(references: readonly string[], room: number): string {
  const all = references.join(' · ')
  if (all.length <= room) return all
  const shown = references.findLastIndex((_, index) => references.slice(0, index).join(' · ').length + 4 <= room)
  return shown < 1 ? '' : `${references.slice(0, shown).join(' · ')} · …`
}

function shortReferences({ references }: Rule): string[] {
  const cis = Object.entries(references['cis-kubernetes'] ?? {}).at(-1)
  return [
    ...(references.documents ?? []),
    ...(cis === undefined ? [] : [`CIS ${cis[0]} ${cis[1]}`]),
    ...(references['disa-stig'] ?? []),
    ...(references['pod-security-standards'] ?? []).map((level) => `PSS ${level}`),
  ]
}

type ShowFormat = 'text' | 'markdown' | 'json'

/** One rule as a page; `json` is the rule as its file holds it, with its section. */
export async function showRule(id: string, flags: ShowFlags, terminal: Terminal): Promise<number> {
  const { format } = flags
  const { rules } = await loadRules(packsOf(flags))
  const found = rules.find(({ rule }) => rule.id === id)
  if (found === undefined) {
    const ids = rules.map(({ rule }) => rule.id)
    throw new InputError(`There is no rule ${id}${nearest(id, ids)}. kube-assay rules list shows all ${ids.length}.`)
  }
  terminal.print(shown(found, format, terminal))
  return exitCodes.done
}

function shown(found: CompiledRule, format: ShowFormat, { columns, style }: Terminal): string {
  switch (format) {
    case 'json':
      return JSON.stringify({ section: found.section, ...found.rule }, null, 2)
    case 'markdown':
      return pageForMarkdown(rulePage(found)).trimEnd()
    case 'text':
      return pageForTerminal(rulePage(found), columns, style)
  }
}
