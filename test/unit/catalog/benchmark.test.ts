// Which benchmark speaks about which cluster, and whether the built-in lists are whole: every number, with an answer or a reason.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCatalogue, selectBenchmark, selectBenchmarks } from '../../../src/catalog/index.ts'
import { unavailable } from '../../../src/model/fact.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const reference = join(root, '..', 'shared', 'reference', 'cis-controls.csv')
const catalogue = await loadCatalogue(join(root, 'rules'))

describe('selection', () => {
  it('reports each benchmark asked for once, in the order given', () => {
    const choices = selectBenchmarks(catalogue, ['2.0', 'cis-kubernetes@1.24', 'auto'], { version: 'v1.34.1' })
    expect(choices.map(({ key, version }) => `${key}@${version}`)).toEqual([
      'cis-kubernetes@2.0',
      'cis-kubernetes@1.24',
    ])
  })

  it('says that the benchmark of a distribution is not known here, never silently takes another', () => {
    expect(selectBenchmark(catalogue, 'auto', 'v1.33.2', 'openshift')).toMatchObject({
      key: 'cis-kubernetes',
      version: '1.12',
      note: expect.stringContaining('benchmark of OpenShift is not in this catalogue'),
    })
  })

  it.each([
    ['cis-kubernets', /There is no benchmark|There is no CIS Kubernetes benchmark cis-kubernets/],
    ['cis-kubernets@2.0', /There is no benchmark cis-kubernets \(did you mean cis-kubernetes\?\)/],
    ['cis-kubernetes@3.0', /There is no CIS Kubernetes benchmark 3\.0; known are 1\.5, /],
  ])('refuses %s', (name, message) => {
    expect(() => selectBenchmark(catalogue, name, unavailable('not-collected', ''))).toThrow(message)
  })
})

describe('the lists of CIS Kubernetes', () => {
  it.each([
    ['1.24', 124],
    ['1.7', 131],
    ['1.8', 130],
    ['1.9', 130],
    ['1.10', 130],
    ['1.11', 133],
    ['1.12', 131],
    ['2.0', 131],
  ])('%s has %i numbers, each answered by a rule or with the question or reason why not', (version, count) => {
    const controls = catalogue.plans.get(`cis-kubernetes@${version}`)?.controls ?? []
    expect(controls).toHaveLength(count)
    const open = controls.filter(
      ({ rules, question, reason }) => rules.length === 0 && question === undefined && reason === undefined,
    )
    expect(open).toEqual([])
  })

  it('leaves at most ten controls of 2.0 without an automated rule, each with its question', () => {
    const manualRules = new Set(
      catalogue.rules.filter(({ rule }) => rule.assessment === 'manual').map(({ rule }) => rule.id),
    )
    const manual = (catalogue.plans.get('cis-kubernetes@2.0')?.controls ?? []).filter(({ rules }) =>
      rules.every((id) => manualRules.has(id)),
    )
    expect(manual.filter(({ question }) => question === undefined)).toEqual([])
    expect(manual.length).toBeLessThanOrEqual(4)
  })

  it.skipIf(!existsSync(reference))('agrees with the reference table on numbers, levels and assessments of 2.0', () => {
    const rows = readFileSync(reference, 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => ({
        number: line.split(',')[0],
        assessment: line.split(',')[3],
        level: /,L([12]),(?:yes|no)$/.exec(line)?.[1],
      }))
    const ours = catalogue.plans
      .get('cis-kubernetes@2.0')
      ?.controls.map(({ number, assessment, level }) => ({ number, assessment, level: String(level) }))
    expect(ours).toHaveLength(131)
    expect(new Set(ours?.map((one) => JSON.stringify(one)))).toEqual(
      new Set(rows.map(({ number, assessment, level }) => JSON.stringify({ number, assessment, level }))),
    )
  })
})
