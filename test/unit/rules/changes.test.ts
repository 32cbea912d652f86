// Every case that fails shows a change for its object or host: a file, a patch, or a command that alters something. A command that
// only looks, or text alone, is a lecture.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { findingOf } from '../../../src/evaluate/index.ts'
import { readFixtures, rulesFolder, unitsOfCase } from '../catalog/support.ts'

const catalogue = await loadCatalogue(rulesFolder)
const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule ?? '', fixture?.cases ?? []]))

/** Programs that change nothing, as far as rules use them. */
const looks = new Set(
  `awk cat crictl curl df du findmnt find getfacl grep jq journalctl ls openssl ps ss stat sysctl uname wc`.split(' '),
)
const looksOfKubectl = new Set(`api-resources auth config describe diff edit explain get logs top`.split(' '))

function isLook(line: string): boolean {
  const [first = '', ...words] = line.trim().split(/\s+/)
  if (first === '' || first.startsWith('#')) return true
  if (/\b(tee|sed -i|sed --in-place|xargs)\b/.test(line) || /[^2&]>\s*\/(etc|var)/.test(line)) return false
  if (/ --dry-run\b/.test(line)) return true
  if (first === 'kubectl')
    return looksOfKubectl.has(words.find((word, at) => !word.startsWith('-') && !isValue(words, at)) ?? '')
  if (first === 'systemctl') return /^(cat|is-active|is-enabled|show|status)$/.test(words[0] ?? '')
  if (first === 'sysctl')
    return !words.some((word) => word === '-w' || word === '--write' || word === '--system' || word === '-p')
  return looks.has(first)
}

function isValue(words: readonly string[], at: number): boolean {
  return ['--namespace', '-n'].includes(words[at - 1] ?? '')
}

describe('a failing case shows a change', () => {
  it.each(catalogue.rules.map((compiled) => [`${compiled.section}/${compiled.rule.id}`, compiled] as const))(
    '%s',
    (id, compiled) => {
      const without = (fixtures.get(compiled.rule.id) ?? []).flatMap(({ name, outcome, facts }) => {
        if (outcome !== 'fail') return []
        const { unit, cluster } = unitsOfCase(compiled.rule.each, facts)
        const { remediation = [] } = findingOf(compiled, unit, cluster)
        const changes = remediation.some(({ language, content = '' }) =>
          language === 'shell' ? content.split('\n').some((line) => !isLook(line)) : content !== '',
        )
        return changes ? [] : [`${id}: ${name}`]
      })
      expect(without).toEqual([])
    },
  )
})
