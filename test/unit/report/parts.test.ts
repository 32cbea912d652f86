import { describe, expect, test } from 'vitest'
import type { Finding, Result } from '../../../src/model/result.ts'
import { splitSchema } from '../../../src/model/split.ts'
import { cspHash, readAsset } from '../../../src/report/assets.ts'
import { renderHtml } from '../../../src/report/html.ts'
import { paperLimits } from '../../../src/report/limits.ts'
import { fileNamesOf } from '../../../src/report/parts/file-names.ts'
import { renderPartIndex } from '../../../src/report/parts/index-page.ts'
import { partsOf } from '../../../src/report/parts/owners.ts'
import { buildView } from '../../../src/report/view.ts'
import { nodeUnit, result, rule, workloadUnit } from '../../support/result-builder.ts'
import { demoResult, hostileResult } from '../../support/sample-results.ts'

const fail = (unit: Finding['unit']): Finding => ({ unit, outcome: 'fail', evidence: [] })
const cart = workloadUnit('shop', 'Deployment', 'cart')
const pay = workloadUnit('shop', 'Deployment', 'pay')
const job = workloadUnit('legacy', 'Job', 'import')
const cluster: Finding['unit'] = { kind: 'cluster', id: 'cluster', name: 'prod' }

const base = result({
  rules: [
    rule({ id: 'a', title: 'a', severity: 'high', each: 'workloads', findings: [fail(cart), fail(pay), fail(job)] }),
    rule({
      id: 'b',
      title: 'b',
      severity: 'low',
      each: 'nodes',
      findings: [fail(nodeUnit('w-1')), fail(nodeUnit('w-2'))],
    }),
    rule({ id: 'c', title: 'c', severity: 'low', each: 'cluster', findings: [fail(cluster)] }),
    rule({
      id: 'd',
      title: 'd',
      severity: 'low',
      each: 'workloads',
      findings: [{ ...fail(cart), outcome: 'unknown' }],
    }),
  ],
})
const counts = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 1 }
const control = (number: string, rules: string[]) => ({
  number,
  subject: `asks ${number}`,
  rules,
  state: 'evaluated' as const,
  counts,
})
const whole: Result = {
  ...base,
  labels: [
    { unit: 'namespace/shop', labels: ['team=store'] },
    { unit: pay.id, labels: ['team=money', 'teams=none'] },
  ],
  nodes: {
    columns: [],
    pools: [{ name: 'gpu', by: 'label', nodes: 1, usual: [] }],
    nodes: [{ node: 'w-1', pool: 0, values: [], differs: [] }],
  },
  benchmarks: [
    {
      key: 'k',
      name: 'CIS',
      version: '2.0',
      controls: [control('1.1', ['a', 'b']), control('1.2', ['b'])],
      summary: { controls: 2, evaluated: 2, manual: 0, notEvaluated: 0, excluded: 0, outcomes: counts },
      score: { formula: 'f', coverage: 1, answered: 1, expected: 1 },
    },
  ],
}
const told = (split: string) =>
  partsOf(whole, split).map(({ title, rules }) => [
    title,
    rules.map(({ id, findings }) => `${id}: ${findings.map(({ unit }) => unit.name).join(', ')}`),
  ])

test.each([
  [
    'namespace',
    [
      ['Namespace legacy', ['a: Job legacy/import']],
      ['Namespace shop', ['a: Deployment shop/cart, Deployment shop/pay']],
      ['The cluster as a whole', ['c: prod']],
      ['Nodes', ['b: w-1, w-2']],
    ],
  ],
  [
    'node-pool',
    [
      ['Node pool gpu', ['b: w-1']],
      [
        'Not on a node of a known pool',
        ['a: Deployment shop/cart, Deployment shop/pay, Job legacy/import', 'b: w-2', 'c: prod'],
      ],
    ],
  ],
  [
    'team-label=team',
    [
      ['team money', ['a: Deployment shop/pay']],
      ['team store', ['a: Deployment shop/cart']],
      ['Without the label team', ['a: Job legacy/import', 'b: w-1, w-2', 'c: prod']],
    ],
  ],
  [
    'control',
    [
      ['CIS 2.0 · 1.1: asks 1.1', ['a: Deployment shop/cart, Deployment shop/pay, Job legacy/import', 'b: w-1, w-2']],
      ['CIS 2.0 · 1.2: asks 1.2', ['b: w-1, w-2']],
      ['Without a control', ['c: prod']],
    ],
  ],
])('by %s every failing finding has its owner', (split, wanted) => {
  expect(told(split)).toEqual(wanted)
})

test.each([
  ['namespace', true],
  ['team-label=app.kubernetes.io/part-of', true],
  ['team-label=', false],
  ['pod', false],
  ['namespace=x', false],
])('--split-by %s: %s', (split, isGood) => {
  expect(splitSchema.safeParse(split).success).toBe(isGood)
})

test('names of files are safe, stable and never shared', () => {
  const names = [
    'shop',
    'Shop',
    '../../etc/passwd',
    '',
    'con',
    'index',
    '-rf',
    'a b',
    'a/b',
    '팀',
    'shop',
    'x'.repeat(300),
  ]
  const files = fileNamesOf(names)
  expect(files.slice(0, 3)).toEqual(['shop', 'shop-d00aae6b', 'etc-passwd-3754d6cb'])
  expect(new Set(files).size).toBe(names.length)
  for (const file of files) expect(file).toMatch(/^[a-z0-9][a-z0-9-]{0,70}$/)
  expect(files).not.toContain('con')
  expect(files).not.toContain('index')
})

describe('a part alone', () => {
  const [, shop] = partsOf(whole, 'namespace')
  const view = buildView(whole, { limits: paperLimits, ...(shop === undefined ? {} : { part: shop }) })
  test('speaks for its owner, without a score or a share of the whole', () => {
    expect([view.title, view.cover.cluster, view.cover.lead, view.cover.bar]).toEqual([
      'Kubernetes cluster audit: prod-eu-1, Namespace shop',
      'Namespace shop',
      '1 finding.',
      null,
    ])
    expect(view.chapters.map(({ title }) => title)).toEqual(['Namespace shop'])
    expect(view.chapters[0]?.group?.blocks.map(({ heading }) => heading)).toEqual([
      'a is not as it should be in 2 workloads',
    ])
  })
})

test('what the result keeps only in part is said', () => {
  const capped = result({
    rules: [
      rule({ id: 'a', title: 'a', severity: 'high', each: 'workloads', findings: [fail(cart), fail(job)], cap: 1 }),
    ],
  })
  const view = buildView(capped, { limits: paperLimits, edition: 'remediation' })
  expect(view.chapters.map(({ group }) => group?.sentence)).toEqual([
    '1 rule does not hold, on 1 unit. result.json holds only the first findings of a: more may fail here.',
  ])
})

test('where not all fit, the severe ones of all owners are shown in full, and the others are told', () => {
  const view = buildView(whole, { limits: { ...paperLimits, indexRows: 3 }, edition: 'remediation' })
  expect(view.chapters.map(({ title, group }) => [title, group?.blocks.length, group?.sentence])).toEqual([
    ['Namespace legacy', 1, '1 rule does not hold, on 1 unit.'],
    ['Namespace shop', 1, '1 rule does not hold, on 2 units.'],
    ['The cluster as a whole', 1, '1 rule does not hold, on 1 unit.'],
    ['Further owners', 0, '3 of 4 owners shown, all in result.json.'],
  ])
})

describe('documents of the editions', () => {
  test.each(['executive', 'remediation'] as const)('%s: every link leads somewhere, whatever names hold', (edition) => {
    for (const made of [demoResult(), hostileResult(), result({ rules: [] })]) {
      const html = renderHtml(made, { edition })
      const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
      expect(ids).toEqual([...new Set(ids)])
      const targets = [...html.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => id)
      expect(targets.filter((id) => !ids.includes(id ?? ''))).toEqual([])
      expect(html.replace(/<style>[\s\S]*?<\/style>|<script>[\s\S]*?<\/script>/g, '')).not.toMatch(
        /\[object Object\]|undefined|NaN/,
      )
    }
  })
  test('the index lists every owner with its files, and shows hostile names as text', () => {
    const parts = partsOf(hostileResult(), 'namespace')
    const html = renderPartIndex(
      hostileResult(),
      parts.map((part, index) => ({ part, files: [`part-${index}.html`] })),
      { splitBy: 'namespace' },
    )
    expect(html.match(/<a href="part-\d+\.html">/g)?.length).toBe(parts.length)
    expect(html).not.toContain('onmouseover=alert')
    expect(html).toContain(`script-src ${cspHash(readAsset('theme.js'))};`)
    expect(html.match(/<script/g)).toHaveLength(1)
  })
})

test('a part counts the accepted risks of its own units, says that they are no work now, and keeps them listed', () => {
  const waiver = { id: 'w', owner: 'Platform', reason: 'Known', expires: '2027-01-01' }
  const [a, ...others] = base.rules
  if (a === undefined) throw new Error('no rule')
  const findings = a.findings.map((finding) => (finding.unit.id === pay.id ? { ...finding, waiver } : finding))
  const rules = [{ ...a, findings, waived: { fail: 3, unknown: 0, error: 0, manual: 0 } }, ...others]
  const parts = partsOf({ ...base, rules }, 'namespace')
  const waived = parts.map(({ name, rules: own }) => [name, own.find(({ id }) => id === 'a')?.waived?.fail])
  expect(waived.slice(0, 2)).toEqual([
    ['legacy', undefined],
    ['shop', 1],
  ])
  const shop = parts.find(({ name }) => name === 'shop')
  if (shop === undefined) throw new Error('no part')
  const [group] = buildView({ ...base, rules }, { limits: paperLimits, part: shop }).chapters
  expect(group?.group?.sentence).toBe(
    '1 rule does not hold, on 2 units. 1 of the findings is accepted for a time and is no work now.',
  )
  expect(group?.group?.index.map(({ where }) => where)).toEqual(['in 2 workloads, 1 accepted'])
})
