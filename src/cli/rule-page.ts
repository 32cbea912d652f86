// A rule as a page to read: the same parts for the terminal (`rules show`) and for docs/rules/ in Markdown.
// May not: evaluate anything, or show a character that would act on a terminal.
import type { CompiledRule } from '../catalog/index.ts'
import { facts } from '../model/facts.ts'
import { families } from '../model/objects.ts'
import type { Fixture, Rule } from '../model/rule.ts'
import { visibleText } from '../util/visible-text.ts'
import { wrap } from './wrap.ts'

/** A paragraph, a list, or text that keeps its lines; `detail` is left out where room is short. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string; readonly detail?: true }

export interface RulePage {
  readonly title: string
  /** Severity, id, how and for what it is assessed. */
  readonly facts: readonly string[]
  readonly sections: readonly { readonly title: string; readonly blocks: readonly Block[] }[]
}

const text = (value: string): Block => ({ kind: 'text', text: value })
const code = (language: string, value: string): Block => ({ kind: 'code', language, text: value.trimEnd() })
const list = (items: readonly string[]): Block => ({ kind: 'list', items })

/** The parts of a rule's page. `fixture` brings examples; an installed package has none. */
export function rulePage({ rule, section }: CompiledRule, fixture?: Fixture): RulePage {
  const references = allReferences(rule)
  return {
    title: rule.title,
    facts: [rule.severity, rule.id, `section ${section}`, `${rule.assessment}, for ${rule.each}`],
    sections: [
      { title: 'What is checked', blocks: [text(rule.description)] },
      { title: 'Why it matters', blocks: [text(rule.rationale)] },
      { title: 'How it decides', blocks: decisionBlocks(rule) },
      ...parameterSections(rule),
      { title: 'What it needs', blocks: [list(needLines(rule))] },
      { title: 'What to do', blocks: remediationBlocks(rule) },
      { title: 'How to verify', blocks: [code('sh', rule.verify)] },
      { title: 'How to undo', blocks: undoBlocks(rule) },
      ...(fixture === undefined ? [] : [{ title: 'Examples', blocks: [list(fixture.cases.map(exampleLine))] }]),
      ...(references.length === 0 ? [] : [{ title: 'References', blocks: [list(references)] }]),
    ],
  }
}

function decisionBlocks(rule: Rule): Block[] {
  const applies =
    rule.when === undefined
      ? []
      : [text(`It applies where this holds; elsewhere: notApplicable.`), code('cel', rule.when)]
  const manual =
    rule.assessment === 'manual' ? [text('A person decides: the outcome is manual, with what was seen.')] : []
  const checks = rule.checks.flatMap(({ forEach, expression, message, expected }) => [
    text(`Wanted: ${expected}. Otherwise: ${message}.`),
    ...(forEach === undefined ? [] : [code('cel', `// for each item of\n${forEach}`)]),
    code('cel', expression),
  ])
  return [...applies, ...manual, ...checks, text(`Where it fails: ${rule.problem}.`)]
}

function parameterSections({ parameters = {} }: Rule): RulePage['sections'] {
  const items = Object.entries(parameters).map(([name, one]) => {
    const bounds = [
      ...(one.minimum === undefined ? [] : [`at least ${one.minimum}`]),
      ...(one.maximum === undefined ? [] : [`at most ${one.maximum}`]),
    ]
    return `${name}: ${one.description} Default ${JSON.stringify(one.default)}${bounds.length === 0 ? '' : ` (${bounds.join(', ')})`}.`
  })
  return items.length === 0 ? [] : [{ title: 'What can be set', blocks: [list(items)] }]
}

/** Each fact with the lists and the access that it costs. */
function needLines({ needs }: Rule): string[] {
  return needs.map((need) => {
    const { label, families: lists, host } = facts[need]
    const resources = lists.map((family) => {
      const { apiGroup, resource } = families[family]
      return apiGroup === '' ? resource : `${resource}.${apiGroup}`
    })
    const access = [
      ...(host ? ['the node probe, as root or through sudo'] : []),
      ...(resources.length > 0 ? [`the right to list ${resources.join(', ')}`] : []),
    ]
    return `${need} (${label}): ${access.join('; ') || 'the version of the API server'}`
  })
}

function remediationBlocks({ remediation }: Rule): Block[] {
  const risk = remediation.risk === undefined ? [] : [text(`Risk: ${remediation.risk}`)]
  const steps = remediation.steps.flatMap((step, index) => [
    text(`${index + 1}. ${step.text}${step.file === undefined ? '' : ` (${step.file})`}`),
    ...(step.when === undefined ? [] : [{ ...code('cel', `// where\n${step.when}`), detail: true } as const]),
    ...(step.content === undefined
      ? []
      : [code(step.language ?? 'text', step.header === undefined ? step.content : `${step.header}\n${step.content}`)]),
  ])
  return [...risk, ...steps]
}

function undoBlocks({ remediation: { steps, undo } }: Rule): Block[] {
  if (undo !== undefined) return [text(undo)]
  const files = steps.some(({ file }) => file?.includes('/'))
  const patches = steps.some(({ file }) => file === 'patch.yaml')
  return [
    text(
      [
        ...(files ? ['Keep a copy of each file before the change, put it back and restart what read it.'] : []),
        ...(patches ? ['Keep the pod template that was there, and put it back as a whole.'] : []),
        'Run the verification again: it shows the old value.',
      ].join(' '),
    ),
  ]
}

function exampleLine({ name, outcome, observed = [] }: Fixture['cases'][number]): string {
  return `${outcome}: ${name}${observed.length === 0 ? '' : ` — seen: ${observed.join('; ')}`}`
}

/** References with their framework, such as "CIS Kubernetes 1.24: 4.2.6". */
function allReferences({ references }: Rule): string[] {
  const cis = Object.entries(references['cis-kubernetes'] ?? {}).map(([version, number]) => `${version}: ${number}`)
  return [
    ...(cis.length === 0 ? [] : [`CIS Kubernetes ${cis.join(', ')}`]),
    ...(references['disa-stig'] ?? []).map((stig) => `DISA STIG ${stig}`),
    ...(references['pod-security-standards'] ?? []).map((level) => `Pod Security Standards ${level}`),
    ...(references.documents ?? []).map((row) => `Documents ${row}`),
    ...(references.links ?? []),
  ]
}

/** For a terminal of `columns`; code keeps its lines, and lines that are too long are broken at spaces. */
export function pageForTerminal(
  page: RulePage,
  columns: number,
  style: (format: 'bold', text: string) => string,
): string {
  const block = (one: Block): string | readonly [] => {
    switch (one.kind) {
      case 'text':
        return wrap(shortTemplates(visibleText(one.text)), columns, '  ')
      case 'list':
        return one.items.map((item) => hanging(visibleText(item), columns)).join('\n')
      case 'code':
        if (one.detail === true) return []
        return visibleText(one.text)
          .split('\n')
          .map((line) => wrapCode(line, columns, '      '))
          .join('\n')
    }
  }
  const sections = page.sections.map(
    ({ title, blocks }) => `${style('bold', title)}\n${blocks.flatMap(block).join('\n')}\n`,
  )
  return [
    `${style('bold', wrap(visibleText(page.title), columns))}\n${wrap(visibleText(page.facts.join(' · ')), columns)}\n`,
    ...sections,
  ].join('\n')
}

/** Long expressions say nothing to who reads a sentence; `--format json` has them. */
function shortTemplates(sentence: string): string {
  return sentence.replaceAll(/\{\{(?:(?!\}\}).){40,}\}\}/gs, '{{ … }}')
}

function hanging(item: string, columns: number): string {
  return wrap(item, columns, '    ').replace(/^ {4}/, '  - ')
}

/** Leading spaces of a line of code are part of it. */
function wrapCode(line: string, columns: number, indent: string): string {
  const own = /^ */.exec(line)?.[0] ?? ''
  return wrap(line.trimStart(), columns, indent + own)
}

/** GitHub Markdown. Nothing in the rule can end a code fence or begin a heading or HTML. */
export function pageForMarkdown(page: RulePage): string {
  const block = (one: Block): string => {
    switch (one.kind) {
      case 'text':
        return escapeMarkdown(one.text.trim())
      case 'list':
        return one.items.map((item) => `- ${escapeMarkdown(item)}`).join('\n')
      case 'code': {
        const fence = '`'.repeat(Math.max(3, ...[...one.text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
        return `${fence}${one.language}\n${visibleText(one.text)}\n${fence}`
      }
    }
  }
  const sections = page.sections.map(({ title, blocks }) => `## ${title}\n\n${blocks.map(block).join('\n\n')}\n`)
  return [`# ${escapeMarkdown(page.title)}\n\n${escapeMarkdown(page.facts.join(' · '))}\n`, ...sections].join('\n')
}

/** Text that Markdown shows as it is, on one line; links stay links, and what stands in backquotes or {{ }} is code. */
export function escapeMarkdown(raw: string): string {
  const shown = visibleText(raw).replaceAll(/\s*\n\s*/g, ' ')
  if (/^https:\/\/[\w./#?=&%~-]+$/.test(shown)) return `<${shown}>`
  return shown
    .split(/(`[^`]+`|\{\{[^`]*?\}\})/)
    .map((part, index) => {
      if (index % 2 === 1) return part.startsWith('`') ? part : `\`${part}\``
      return part.replaceAll(/[\\`*_[\]<>|]/g, '\\$&')
    })
    .join('')
    .replace(/^(\d+)\. /, '**$1.** ')
    .replace(/^([#+-])/, '\\$1')
}
