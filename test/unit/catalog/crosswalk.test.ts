// The maps from rules to requirements: ids well-formed, every requirement with rules or a reason, every rule tied to something.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkCrosswalk, frameworkOf } from '../../../src/catalog/crosswalk.ts'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { crosswalkSchema } from '../../../src/model/crosswalk.ts'
import { YamlSource } from '../../../src/util/yaml-source.ts'

const catalogue = await loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules'))

/** How the publisher writes an id; whole families, categories and themes without the number. */
const idForms: Readonly<Record<string, RegExp>> = {
  'nist-800-53': /^[A-Z]{2}(-\d{1,2})?$/,
  'pci-dss': /^\d{1,2}(\.\d{1,2}\.\d{1,2})?$/,
  'soc-2': /^(CC\d(\.\d)?|A1\.\d|C1\.\d|PI1|P)$/,
  'iso-27001': /^A\.[5-8](\.\d{1,2})?$/,
  'mitre-attack': /^T\d{4}(\.\d{3})?$/,
  'nsa-cisa': /^[a-z]+\.\d{1,2}$/,
  'disa-stig': /^V-\d{6}$/,
}

describe('the built-in frameworks', () => {
  it('are those whose ids are known', () => {
    expect([...catalogue.frameworks.keys()].toSorted()).toEqual(Object.keys(idForms).toSorted())
  })

  it.each(Object.entries(idForms))('%s has well-formed ids, each with rules or a reason', (key, form) => {
    const requirements = catalogue.frameworks.get(key)?.requirements ?? []
    expect(requirements.length).toBeGreaterThan(20)
    expect(requirements.filter(({ id }) => !form.test(id))).toEqual([])
    expect(requirements.filter(({ rules, reason }) => (rules.length === 0) !== (reason !== undefined))).toEqual([])
  })

  it('tie every rule to a requirement of NIST 800-53, and nine of ten to more than the ones that are about all settings', () => {
    const requirements = catalogue.frameworks.get('nist-800-53')?.requirements ?? []
    const tied = (id: string) =>
      requirements.filter(({ rules }) => rules.some((rule) => rule.id === id)).map((one) => one.id)
    const general = ['CM-6', 'CA-7']
    const ids = catalogue.rules.map(({ rule }) => rule.id)
    expect(ids.filter((id) => tied(id).length === 0)).toEqual([])
    const onlyGeneral = ids.filter((id) => tied(id).every((one) => general.includes(one)))
    expect(onlyGeneral.length, onlyGeneral.join(', ')).toBeLessThan(ids.length / 4)
  })

  it('NIST 800-53 ties every rule to a requirement that is about it, or sets it aside with a reason', () => {
    const unplaced = (catalogue.frameworks.get('nist-800-53')?.unmappedRules ?? []).filter(
      (one) => one.reason === undefined,
    )
    expect(
      unplaced.map(({ id }) => id),
      'name the rule in rules/crosswalk/nist-800-53.yaml: at a requirement, or under `unmapped` with the reason',
    ).toEqual([])
  })

  it.each(Object.keys(idForms))('%s places nearly every rule, and says so of those that nobody has placed', (key) => {
    const unplaced = (catalogue.frameworks.get(key)?.unmappedRules ?? []).filter((one) => one.reason === undefined)
    const ids = unplaced.map(({ id }) => id)
    expect(ids.length, `name these in rules/crosswalk/${key}.yaml: ${ids.join(', ')}`).toBeLessThan(
      catalogue.rules.length * 0.04,
    )
  })

  it.each(Object.keys(idForms))('%s names its publication and two readings or more', (key) => {
    const { publication, reviews, reviewed } = catalogue.frameworks.get(key) ?? expect.fail(key)
    expect(publication.publisher).not.toBe('')
    expect(reviews.map(({ by }) => by).slice(0, 2)).toEqual(['first reader', 'second reader'])
    expect(reviewed).toBe(reviews.at(-1)?.date)
  })

  it('never say that anything is compliant', () => {
    const texts = JSON.stringify([...catalogue.frameworks.values()]).toLowerCase()
    expect(texts).not.toMatch(/\bcompliant\b|\bcomplies\b/)
  })
})

const head = `key: test
name: Test
version: "1"
publication: { publisher: P, title: T, edition: E, date: "2026" }
source: here
reviews: [{ date: "2026-11-25", by: me, against: it }]
`

function problemsOf(text: string): string[] {
  const source = new YamlSource('test.yaml', head + text, crosswalkSchema)
  if (source.value !== undefined) checkCrosswalk(source, source.value, catalogue.rules, catalogue.plans)
  return source.problems.map(({ line, message }) => `${line}: ${message}`)
}

describe('a file', () => {
  it.each([
    [
      'requirements: [{ id: A, subject: S, direct: [swap-at-bot] }]',
      '7: requirements[0].direct: there is no rule or section swap-at-bot (did you mean swap-at-boot?)',
    ],
    [
      'requirements: [{ id: A, subject: S, direct: ["swp/*"] }]',
      '7: requirements[0].direct: there is no rule or section swp/* (did you mean swap/*?)',
    ],
    ['requirements: [{ id: A, subject: S }]', '7: requirements[0].id: A has no rules, and no reason says why'],
    [
      'requirements: [{ id: A, subject: S, direct: [swap-at-boot], reason: R }]',
      '7: requirements[0].reason: give rules or a reason, not both',
    ],
    [
      'requirements:\n  - { id: A, subject: S, reason: R }\n  - { id: A, subject: S, reason: R }',
      '9: requirements[1].id: A is listed twice',
    ],
    [
      'requirements: [{ id: A, subject: S, direct: [swap-at-boot] }]\nunmapped: [{ rules: ["*"], reason: R }]',
      '8: unmapped[0].rules: name rules or sections: nobody sets all rules aside',
    ],
    [
      'requirements: [{ id: A, subject: S, direct: [swap-at-boot] }]\nunmapped: [{ rules: [swap-at-boot], reason: R }]',
      '8: unmapped[0].rules: swap-at-boot is mapped to a requirement',
    ],
    ['benchmark: "nsa@1"', '7: benchmark: there is no list of controls nsa@1'],
    ['', '1: key: give either requirements or a benchmark'],
  ])('%s', (text, problem) => {
    expect(problemsOf(text)).toContain(problem)
  })

  it('takes the strongest of several ties, strong ones first', () => {
    const file = crosswalkSchema.parse({
      key: 'test',
      name: 'T',
      version: '1',
      publication: { publisher: 'P', title: 'T', edition: 'E', date: '2026' },
      source: 's',
      reviews: [{ date: '2026-11-25', by: 'me', against: 'it' }],
      requirements: [{ id: 'A', subject: 'S', indirect: ['swap/*', 'audit-log'], direct: ['swap-at-boot'] }],
    })
    expect(frameworkOf(file, catalogue.rules, catalogue.plans).requirements).toEqual([
      {
        id: 'A',
        subject: 'S',
        rules: [
          { id: 'swap-at-boot', strength: 'direct' },
          { id: 'audit-log', strength: 'indirect' },
          { id: 'swap-configuration', strength: 'indirect' },
          { id: 'swap-memory-volumes', strength: 'indirect' },
        ],
      },
    ])
  })
})
