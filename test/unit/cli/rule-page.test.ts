// A rule as a page: everything in it, at any width, and nothing in a rule of others that acts on a terminal or on Markdown.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CompiledRule, loadCatalogue } from '../../../src/catalog/index.ts'
import { escapeMarkdown, pageForMarkdown, pageForTerminal, rulePage } from '../../../src/cli/rule-page.ts'

const { rules } = await loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules'))
const plain = (_: 'bold', text: string) => text
const find = (id: string): CompiledRule => {
  const found = rules.find(({ rule }) => rule.id === id)
  if (found === undefined) throw new Error(`There is no rule ${id}.`)
  return found
}

describe('the page of a rule', () => {
  it('has every part, in the order in which a reader asks', () => {
    const page = rulePage(find('protect-kernel-defaults'))
    expect(page.sections.map(({ title }) => title)).toEqual([
      'What is checked',
      'Why it matters',
      'How it decides',
      'What it needs',
      'What to do',
      'How to verify',
      'How to undo',
      'References',
    ])
    expect(page.facts).toEqual(['medium', 'protect-kernel-defaults', 'section kubelet', 'automated, for nodes'])
  })

  it('names the rights and the host access behind each fact', () => {
    const needs = rulePage(find('protect-kernel-defaults')).sections.find(({ title }) => title === 'What it needs')
    expect(needs?.blocks).toEqual([
      {
        kind: 'list',
        items: [
          'kubeletConfiguration (Kubelet): the node probe, as root or through sudo; the right to list nodes',
          'kernelParameters (Kernel): the node probe, as root or through sudo; the right to list nodes',
        ],
      },
    ])
  })

  it('stays within 80 columns wherever a word allows it', () => {
    for (const compiled of rules) {
      const lines = pageForTerminal(rulePage(compiled), 80, plain).split('\n')
      const wide = lines.filter(
        (line) => line.length > 80 && line.replace(/^[- ]*/, '').includes(' ') && !line.startsWith('      '),
      )
      expect({ id: compiled.rule.id, wide }).toEqual({ id: compiled.rule.id, wide: [] })
    }
  })

  it('shows what a hostile rule would do instead of doing it', () => {
    const { rule, ...rest } = find('api-profiling')
    const hostile = {
      ...rest,
      rule: {
        ...rule,
        title: '\u001b[2Jgone \u202egnp.exe',
        description: '# Heading\n<script>alert(1)</script> [x](javascript:1) ```',
        verify: 'true\n```\n<img src=x>\n````',
      },
    }
    const terminal = pageForTerminal(rulePage(hostile), 80, plain)
    expect(terminal).toContain('[U+001B][2Jgone [U+202E]gnp.exe')
    const markdown = pageForMarkdown(rulePage(hostile))
    expect(markdown).not.toMatch(/[\u001b\u202e]/)
    expect(markdown).toContain('\\# Heading \\<script\\>alert(1)\\</script\\> \\[x\\](javascript:1) \\`\\`\\`')
    expect(markdown).toContain('`````sh\ntrue\n```\n<img src=x>\n````\n`````')
  })

  it.each([
    ['a | b', 'a \\| b'],
    ['1. Do it.', '**1.** Do it.'],
    ['run `a_b` and {{ c[0] }}', 'run `a_b` and `{{ c[0] }}`'],
    ['https://kubernetes.io/docs/', '<https://kubernetes.io/docs/>'],
    ['`open', '\\`open'],
  ])('escapes %s for Markdown', (raw, escaped) => {
    expect(escapeMarkdown(raw)).toBe(escaped)
  })
})
