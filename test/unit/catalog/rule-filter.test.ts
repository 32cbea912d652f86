// --include, --exclude, --tag and --level: what they leave out, with which words, and what they refuse.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkSelection, leftOutRules, loadCatalogue, type RuleSelection } from '../../../src/catalog/index.ts'

const catalogue = await loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules'))
const cis = { key: 'cis-kubernetes', version: '2.0' }
const all = catalogue.rules.map(({ rule }) => rule.id)

const swapRules = ['swap-at-boot', 'swap-configuration', 'swap-memory-volumes']

function kept(selection: RuleSelection, choices = [cis]): string[] {
  const leftOut = leftOutRules(catalogue, choices, selection)
  return all.filter((id) => !leftOut.has(id))
}

describe('which rules a run keeps', () => {
  it('keeps all where nothing is asked for', () => {
    expect(kept({})).toEqual(all)
  })

  it.each<[string, RuleSelection, (id: string) => boolean]>([
    ['a rule id', { include: ['swap-at-boot'] }, (id) => id === 'swap-at-boot'],
    ['a pattern of ids', { include: ['etcd-*-tls'] }, (id) => ['etcd-auto-tls', 'etcd-peer-auto-tls'].includes(id)],
    ['a section', { include: ['swap/*'] }, (id) => swapRules.includes(id)],
    ['a number', { include: ['4.2.1'] }, (id) => id === 'kubelet-anonymous-authentication'],
    ['a number with its benchmark', { include: ['cis-kubernetes@2.0:4.2.6'] }, (id) => id === 'iptables-util-chains'],
    ['numbers of two rules', { include: ['5.1.2'] }, (id) => ['secret-access', 'namespace-secret-access'].includes(id)],
    ['all but a section', { exclude: ['rbac/*'] }, (id) => !sectionOf(id).startsWith('rbac')],
    ['a tag', { tags: ['etcd'] }, (id) => sectionOf(id) === 'etcd'],
    ['a row', { tags: ['D1'] }, (id) => swapRules.includes(id)],
    [
      'include less exclude',
      { include: ['swap/*'], exclude: ['swap-at-boot'] },
      (id) => swapRules.slice(1).includes(id),
    ],
  ])('%s', (_, selection, expected) => {
    expect(kept(selection)).toEqual(all.filter(expected))
  })

  it('leaves out at level 1 what every number of the benchmark calls level 2, and nothing the benchmark does not name', () => {
    const left = kept({ level: 1 })
    expect(left).not.toContain('audit-policy-coverage')
    expect(left).toContain('audit-policy')
    expect(left).toContain('swap-at-boot')
    expect(kept({ level: 2 })).toEqual(all)
  })

  it('reads a number under the benchmark of the run: 4.2.6 is another control up to 1.24', () => {
    expect(kept({ include: ['4.2.6'] }, [{ key: 'cis-kubernetes', version: '1.24' }])).toEqual([
      'protect-kernel-defaults',
    ])
  })

  it('keeps the reason of each', () => {
    const leftOut = leftOutRules(catalogue, [cis], { exclude: ['swap-at-*'], tags: ['swap', 'etcd'], level: 1 })
    expect(leftOut.get('swap-at-boot')).toBe('--exclude swap-at-*')
    expect(leftOut.get('audit-log')).toBe('not in --tag swap, etcd')
    expect(leftOut.get('etcd-certificate-authority')).toBe('level 2; --level 1 was asked for')
  })
})

describe('what is refused', () => {
  it.each<[RuleSelection, RegExp]>([
    [
      { include: ['swap-at-bot'] },
      /^--include swap-at-bot: no rule has this id, section or number \(did you mean swap-at-boot\?\)/,
    ],
    [{ exclude: ['9.9.*'] }, /^--exclude 9\.9\.\*: no rule has this/],
    [{ tags: ['etc'] }, /^--tag etc: no rule has this tag \(did you mean etcd\?\); known: /],
    [{ include: ['swap/*'], exclude: ['*'] }, /^No rule is left to evaluate/],
  ])('%o', (selection, message) => {
    expect(() => leftOutRules(catalogue, [cis], selection)).toThrow(message)
  })

  it('tells before anything is read what no benchmark has, and lets pass what one has', () => {
    expect(() => checkSelection(catalogue, { include: ['9.9.*'] })).toThrow(/--include 9\.9/)
    expect(() => checkSelection(catalogue, { include: ['1.2.31'], tags: ['rbac'] })).not.toThrow()
  })

  it('matches a pattern of many stars in no time', () => {
    const started = performance.now()
    expect(() => leftOutRules(catalogue, [cis], { include: [`${'*a'.repeat(5000)}b`] })).toThrow(/no rule has this/)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

function sectionOf(id: string): string {
  return catalogue.rules.find(({ rule }) => rule.id === id)?.section ?? ''
}
