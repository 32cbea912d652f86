import { describe, expect, test } from 'vitest'
import type { UnitKind } from '../../../src/model/facts.ts'
import type { Finding } from '../../../src/model/result.ts'
import { languageOf } from '../../../src/report/index.ts'
import { editionLimits, paperLimits, screenLimits } from '../../../src/report/limits.ts'
import { buildView } from '../../../src/report/view.ts'
import type { People } from '../../../src/report/view-model.ts'
import { shownNote } from '../../../src/report/view-order.ts'
import { plainPhrase } from '../../support/plain-phrase.ts'
import { nodeUnit, type ResultParts, result, rule } from '../../support/result-builder.ts'
import { bigResult, demoResult, lostNode, readNode } from '../../support/sample-results.ts'

const paper = { limits: { ...paperLimits, fixes: 2 }, resultDigest: 'ab12'.repeat(16) }
const viewOf = (parts: ResultParts) => buildView(result(parts), paper)
const demo = buildView(demoResult(), paper)
const block = (id: string) => {
  const all = [...demo.findings.groups.flatMap((group) => group.blocks), ...demo.unknown.blocks, ...demo.manual.blocks]
  return all.find((item) => item.ruleId === id)
}

test('the cover says who, when, how much and how sure', () => {
  expect(demo.cover.scoreCaption).toBe('score 79.9, at best 91.5  ·  hatched: not assessed')
  expect(demo.cover.bar).toEqual({ solid: 79.9, hatched: 91.5 - 79.9 })
  expect(demo.cover.counts.map(({ value, word }) => `${value} ${word}`)).toEqual([
    '2 critical',
    '2 high',
    '1 medium',
    '1 low',
    '2 unknown',
    '1 for a person',
    '4 passed',
  ])
  expect(demo.cover.facts).toEqual([
    { label: 'Cluster', value: 'prod-eu-1', code: 'uid 5b0c6d1e-2f0a-4c1b-9d2e-0e6f7a8b91af' },
    { label: 'Version', value: 'v1.24.17', code: '' },
    { label: 'Benchmark', value: 'CIS Kubernetes 1.24; level 1 and 2; documents 1.0', code: '' },
    { label: 'Nodes', value: '5 of 6 nodes read', code: '' },
    { label: 'Objects', value: '9 namespaces, 48 workloads, 131 pods; 1 list not read in full', code: '' },
    { label: 'Collected', value: '2026-11-20 02:00:04 – 02:01:17 UTC', code: '' },
    { label: 'Answered', value: '236 of 244 answers (96.7 %); 8 missing, counted as not passed', code: '' },
    { label: 'Report', value: '', code: 'KA-2026-11-20-prod-eu-1-7f3a' },
    { label: 'Evidence', value: '', code: `sha256 ${'9f86d081884c7d659a2feaa0c55ad015'.repeat(2)}` },
  ])
})

test('no score is said, not drawn', () => {
  const { cover } = viewOf({ rules: [] })
  expect([cover.bar, cover.scoreCaption]).toEqual([null, 'no score: nothing applicable was assessed'])
})

test('coverage names each node, each missing fact and why', () => {
  expect(demo.coverage.sentence).toBe(
    '5 of 6 nodes could be read, 47 of 60 node facts are known, 8 of 9 lists of the API were read in full. 236 of 244 answers rest on evidence (96.7 %).',
  )
  expect(
    demo.coverage.nodes.map((node) => [node.name, node.detail, node.cells.map((cell) => cell.word).join(' ')]),
  ).toEqual([
    ...['control-1', 'control-2', 'control-3'].map((name) => [name, 'control-plane', Array(10).fill('read').join(' ')]),
    ['worker-1', 'worker', Array(10).fill('read').join(' ')],
    ['worker-2', 'worker', 'read read read sudo sudo read read sudo sudo read'],
    ['worker-3', 'worker', `read ${Array(9).fill('no route').join(' ')}`],
  ])
  expect(demo.coverage.gaps.map(({ where, what, why }) => [where, what, plainPhrase(why)])).toEqual([
    ['worker-2', 'Kubelet, Kubelet unit, Runtime, Storage', 'sudo refused: sudo -n was refused for user audit'],
    [
      'worker-3',
      'System, Kernel, Kubelet, Kubelet unit, Swap, cgroups, Runtime, Storage, Isolation',
      'unreachable: connect to 10.0.0.26:22 timed out after 10 s',
    ],
  ])
  expect(demo.coverage.families.find((family) => family.name === 'secrets')).toEqual({
    name: 'secrets',
    count: '0',
    source: 'GET /api/v1/secrets',
    state: { kind: 'unknown', word: 'not read' },
    why: english('access forbidden: User "audit" cannot list resource "secrets" in the API group ""'),
  })
})

test('what was not collected is unknown too, not a dash', () => {
  const nodes = [lostNode('a', [], { reason: 'not-collected', detail: 'node access is off' })]
  const cells = viewOf({ rules: [], nodes }).coverage.nodes[0]?.cells.slice(0, 2)
  expect(cells).toEqual([
    { kind: 'pass', word: 'read', isQuiet: true },
    { kind: 'unknown', word: 'not read', isQuiet: false },
  ])
})

test('a list that broke off is read in part, never read', () => {
  const families = [
    { family: 'pods', count: 500, source: 'GET', unavailable: { reason: 'connection-lost' as const, detail: '' } },
  ]
  expect(viewOf({ rules: [], families }).coverage.families[0]).toMatchObject({
    state: { kind: 'unknown', word: 'in part' },
    why: english('the answer broke off'),
  })
})

const english = (text: string) => [{ text, lang: '' }]

describe('a finding', () => {
  test('says where, what is open, and gives each group its own ordered fix', () => {
    const finding = block('protect-kernel-defaults')
    expect(finding?.heading).toBe('The kubelet changes kernel parameters by itself on 2 of 6 nodes')
    const groups = finding?.evidence.flatMap((table) => table.groups) ?? []
    expect(groups.map((group) => [group.units, group.rows, group.first.source])).toEqual([
      ['control-3', 1, 'default; /var/lib/kubelet/config.yaml has no value'],
      ['worker-1', 3, '--protect-kernel-defaults=false (pid 812)'],
    ])
    expect(finding?.open).toEqual([
      {
        units: 'worker-2',
        reasons: [{ what: english('Kubelet'), why: english('sudo refused: sudo -n was refused for user audit') }],
      },
      {
        units: 'worker-3',
        reasons: [
          { what: english('Kubelet'), why: english('unreachable: connect to 10.0.0.26:22 timed out after 10 s') },
        ],
      },
    ])
    expect(finding?.fixes.map((fix) => [fix.units, fix.steps.map((step) => step.file || step.content)])).toEqual([
      [
        'control-3',
        [
          '/var/lib/kubelet/config.yaml',
          'systemctl daemon-reload\nsystemctl restart kubelet',
          'kubectl wait --for=condition=Ready --timeout=120s node/control-3',
        ],
      ],
      [
        'worker-1',
        [
          '/etc/sysctl.d/90-kubelet.conf',
          'sysctl -p /etc/sysctl.d/90-kubelet.conf\nsysctl vm.overcommit_memory kernel.panic',
          '/var/lib/kubelet/config.yaml',
          'systemctl daemon-reload\nsystemctl restart kubelet',
          'kubectl wait --for=condition=Ready --timeout=120s node/worker-1',
        ],
      ],
    ])
  })

  test('one sentence for all units is said once', () => {
    expect(block('privileged-containers')).toMatchObject({
      found: 'A container runs privileged.',
      hasMessages: false,
      evidenceNote: '',
      fixesNote: '',
    })
  })

  test('that is unknown everywhere is no finding and no pass', () => {
    expect(block('kubelet-client-ca')).toMatchObject({
      heading: 'The kubelet verifies client certificates against a CA: not known for 2 of 6 nodes',
      mark: { kind: 'unknown', word: 'Unknown' },
      evidence: [],
      fixes: [],
    })
  })

  test('links are http or https, whatever the catalogue holds', () => {
    const links = ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'no url', 'https://example.org/a b']
    const view = viewOf({
      rules: [
        rule({
          id: 'x',
          title: 'x',
          severity: 'low',
          each: 'nodes',
          findings: [{ unit: nodeUnit('a'), outcome: 'fail', evidence: [] }],
          links,
        }),
      ],
    })
    expect(view.findings.groups[0]?.blocks[0]?.links).toEqual([
      { text: 'https://example.org/a b', href: 'https://example.org/a%20b' },
    ])
  })

  test('that could not be told is listed by its cause, for paper', () => {
    const missing = (fact: string, detail: string) => ({ fact, reason: 'timeout' as const, detail })
    const open = (node: string, ...gaps: ReturnType<typeof missing>[]): Finding => ({
      unit: nodeUnit(node),
      outcome: 'unknown',
      evidence: [],
      missing: gaps,
    })
    const rules = [
      rule({ id: 'a', title: 'A', severity: 'low', each: 'nodes', findings: [open('n', missing('kubelet', 'x'))] }),
      rule({
        id: 'b',
        title: 'B',
        severity: 'low',
        each: 'nodes',
        findings: [open('n', missing('kubelet', 'x'), missing('storage', 'x'), missing('swap', 'y'))],
      }),
    ]
    expect(
      viewOf({ rules }).unknown.causes.map(({ units, why, rules: told }) => [
        units,
        plainPhrase(why),
        ...told.map(({ ruleId, what, anchor }) => `${ruleId}: ${plainPhrase(what)} ${anchor}`),
      ]),
    ).toEqual([
      ['n', 'no answer in time: x', 'a: kubelet finding-a', 'b: kubelet, storage finding-b'],
      ['n', 'no answer in time: y', 'b: Swap '],
    ])
  })

  test('an error without a reason says so', () => {
    const error: Finding = { unit: nodeUnit('a'), outcome: 'error', evidence: [] }
    const view = viewOf({ rules: [rule({ id: 'x', title: 'x', severity: 'low', each: 'nodes', findings: [error] })] })
    expect(view.unknown.blocks[0]?.open).toEqual([
      { units: 'a', reasons: [{ what: english('Error'), why: english('the result gives no reason') }] },
    ])
  })
})

describe('a title says what is where a rule fails, and else what should be and how much of it is known', () => {
  const finding = (each: UnitKind, outcome: Finding['outcome']): Finding => ({
    unit: { kind: each, id: 'a', name: 'a' },
    outcome,
    evidence: [],
  })
  const texts = { id: 'x', title: 'The port is closed', problem: 'The port is open', severity: 'low' } as const
  test.each<[UnitKind, Finding['outcome'], string, string, string]>([
    ['nodes', 'fail', 'The port is open on 1 of 3 nodes', 'The port is open', 'on 1 of 3 nodes'],
    ['workloads', 'fail', 'The port is open in 1 of 3 workloads', 'The port is open', 'in 1 of 3 workloads'],
    ['namespaces', 'fail', 'The port is open in 1 of 3 namespaces', 'The port is open', 'in 1 of 3 namespaces'],
    ['bindings', 'fail', 'The port is open through 1 of 3 bindings', 'The port is open', 'through 1 of 3 bindings'],
    ['cluster', 'fail', 'The port is open', 'The port is open', 'in the cluster'],
    [
      'nodes',
      'unknown',
      'The port is closed: not known for 1 of 3 nodes',
      'The port is closed',
      'not known for 1 of 3 nodes',
    ],
    [
      'nodes',
      'error',
      'The port is closed: not known for 1 of 3 nodes',
      'The port is closed',
      'not known for 1 of 3 nodes',
    ],
    ['cluster', 'unknown', 'The port is closed: not known', 'The port is closed', 'not known'],
    ['nodes', 'manual', 'The port is closed: to be judged for 1 of 3 nodes', 'The port is closed', 'for 1 of 3 nodes'],
    ['cluster', 'manual', 'The port is closed: to be judged', 'The port is closed', 'for the cluster'],
  ])('%s, %s: %s', (each, outcome, heading, title, where) => {
    const pass = each === 'cluster' ? 0 : 2
    const view = viewOf({ rules: [rule({ ...texts, each, findings: [finding(each, outcome)], pass })] })
    const [shown] = [
      ...view.findings.groups.flatMap(({ blocks }) => blocks),
      ...view.unknown.blocks,
      ...view.manual.blocks,
    ]
    expect([shown?.heading, shown?.title, shown?.where]).toEqual([heading, title, where])
  })

  test.each<[UnitKind, number, number, string, string]>([
    ['nodes', 3, 0, 'The port is closed', 'for 3 of 3 nodes'],
    ['bindings', 3, 0, 'The port is closed', 'for 3 of 3 bindings'],
    ['cluster', 1, 0, 'The port is closed', 'for the cluster'],
    ['nodes', 0, 3, 'The port is closed', '3 nodes'],
    ['cluster', 0, 1, 'The port is closed', 'the cluster'],
  ])('%s, %i passed, %i not applicable: %s, %s', (each, pass, notApplicable, title, where) => {
    const { passed, notApplicable: idle } = viewOf({ rules: [rule({ ...texts, each, pass, notApplicable })] })
    expect([...passed.lines, ...idle.lines].map((line) => [line.title, line.where])).toEqual([[title, where]])
  })

  test('a finding with open units says how many', () => {
    const findings = [finding('nodes', 'fail'), finding('nodes', 'unknown'), finding('nodes', 'error')]
    const { partly } = viewOf({ rules: [rule({ ...texts, each: 'nodes', findings, pass: 1 })] }).unknown
    expect(partly.map((line) => [line.title, line.where])).toEqual([['The port is open', 'for 2 of 4 nodes']])
  })

  test('what is most pressing reads on into where, also for the cluster', () => {
    const rules = (['nodes', 'cluster'] as const).map((each) =>
      rule({ ...texts, id: each, each, findings: [finding(each, 'fail')] }),
    )
    expect(viewOf({ rules }).summary.pressing.map((line) => `${line.title} ${line.where}`.trim())).toEqual([
      'The port is open',
      'The port is open on 1 of 1 node',
    ])
  })
})

describe('lists are bounded and say what they leave out', () => {
  test.each([
    [12, 12, 12, ''],
    [12, 4310, 4310, '12 of 4,310 nodes shown, all in result.json'],
    [12, 4310, 1000, '12 of 4,310 nodes shown; result.json holds the first 1,000'],
  ])('%i of %i, %i kept', (shown, total, kept, note) =>
    expect(shownNote({ lang: languageOf('en'), findingsFile: 'result.json' }, shown, total, kept, 'nodes')).toBe(note),
  )

  const big = buildView(bigResult(), paper)
  test('nodes that look the same share a row', () => {
    expect(big.coverage.nodes.map((node) => node.name)).toEqual(['4,824 nodes', '120 nodes', '52 nodes', '4 nodes'])
    expect(big.coverage.nodesNote).toBe(
      '5,000 nodes in 4 rows: nodes of the same role with the same coverage share one.',
    )
  })
  test('nodes that differ in their name only share a fix, and are told to use their own', () => {
    const finding = big.findings.groups
      .flatMap((group) => group.blocks)
      .find((item) => item.ruleId === 'protect-kernel-defaults')
    expect(finding?.evidenceNote).toBe('1,000 of 1,667 nodes shown; result.json holds the first 1,000')
    expect(finding?.fixes.map((fix) => [fix.units, fix.note])).toEqual([
      [
        'worker-0000.eu-west-1.compute.internal, worker-0006.eu-west-1.compute.internal, worker-0012.eu-west-1.compute.internal and 497 more',
        'Written for worker-0000.eu-west-1.compute.internal; the others put their own name in its place.',
      ],
      [
        'worker-0003.eu-west-1.compute.internal, worker-0009.eu-west-1.compute.internal, worker-0015.eu-west-1.compute.internal and 497 more',
        'Written for worker-0003.eu-west-1.compute.internal; the others put their own name in its place.',
      ],
    ])
  })
  test('the matrix names its columns and the nodes it leaves out', () => {
    expect(big.matrix.columns).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'])
    expect(big.matrix.legend[0]).toEqual({
      letter: 'A',
      nodes:
        '2,497 nodes: worker-0001.eu-west-1.compute.internal, worker-0002.eu-west-1.compute.internal, worker-0004.eu-west-1.compute.internal and 2,494 more',
    })
    expect(big.matrix.columnsNote).toMatch(/^4,\d{3} of 5,000 nodes shown, all in result\.json$/)
  })
  test('a rule pack of thousands is an index with the first blocks', () => {
    const finding: Finding = { unit: nodeUnit('a'), outcome: 'fail', evidence: [] }
    const rules = Array.from({ length: 1000 }, (_, index) =>
      rule({ id: `r${index}`, title: 't', severity: 'low', each: 'nodes', findings: [finding] }),
    )
    const { findings } = viewOf({ rules })
    expect([findings.indexNote, findings.blocksNote]).toEqual([
      '300 of 1,000 findings shown, all in result.json',
      '120 of 1,000 findings in full shown, all in result.json',
    ])
  })
})

describe('the matrix does not guess', () => {
  const nodes = ['a', 'b'].map((name) => readNode(name, []))
  const finding: Finding = { unit: nodeUnit('a'), outcome: 'fail', evidence: [] }
  const cells = (parts: { findings?: Finding[]; pass?: number; notApplicable?: number; cap?: number }) => {
    const view = viewOf({ nodes, rules: [rule({ id: 'x', title: 'x', severity: 'high', each: 'nodes', ...parts })] })
    return view.matrix.rows[0]?.cells.map((cell) => cell.word)
  }
  const noFinding = 'No finding: passed or not applicable'
  test.each([
    ['the rest passed', { findings: [finding], pass: 1 }, ['Finding, high', 'Passed']],
    ['none applies', { notApplicable: 2 }, ['Not applicable', 'Not applicable']],
    ['passed or not applicable', { pass: 1, notApplicable: 1 }, [noFinding, noFinding]],
    [
      'findings left out',
      { findings: [finding, { ...finding, unit: nodeUnit('b') }], cap: 1 },
      ['Finding, high', 'Not listed: the result keeps only the first findings'],
    ],
  ])('%s', (_, parts, words) => expect(cells(parts)).toEqual(words))
})

test('notes on findings name the table that is written beside the report, and the digest stays that of the JSON', () => {
  const view = buildView(bigResult(), { ...paper, findingsFile: 'findings.csv', resultDigest: 'f'.repeat(64) })
  expect(view.bounds).toContain('findings.csv')
  expect(JSON.stringify(view.findings).includes('all in findings.csv')).toBe(true)
  expect(JSON.stringify(view.control)).toContain('sha256sum result.json')
  expect(JSON.stringify(view.nodes)).not.toContain('findings.csv')
})

test('document control names the people that it was told, and leaves out the others', () => {
  const rows = (people?: People) =>
    buildView(demoResult(), { ...paper, ...(people && { people }) })
      .control.facts.map(({ label, value }) => [label, value])
      .slice(0, 3)
  const people = { preparedBy: 'Platform security', distribution: ['CISO', 'x'.repeat(500)] }
  expect(rows(people)).toEqual([
    ['Prepared by', 'Platform security'],
    ['Distribution', `CISO; ${'x'.repeat(200)} … [200 of 500 characters]`],
    ['Report', ''],
  ])
  expect(rows()[0]).toEqual(['Report', ''])
  expect(rows({ preparedBy: ' ', preparedFor: '', distribution: ['\t', ''] })[0]).toEqual(['Report', ''])
})

test('the editions for who decides name fewer people, so that the text of their row is never cut as one of the result', () => {
  const distribution = Array.from({ length: 40 }, (_, index) => `${index}${'x'.repeat(300)}`)
  const listOf = (tightness: number) => {
    const limits = { ...paper.limits, ...editionLimits('executive', tightness) }
    const view = buildView(demoResult(), { limits, edition: 'executive', tightness, people: { distribution } })
    const value = view.control.facts.find(({ label }) => label === 'Distribution')?.value ?? ''
    return [value.split('; ').length, value.length < limits.text.characters, / and (\d+) more$/.exec(value)?.[1]]
  }
  expect([0, 1, 2, 3, 4].map(listOf)).toEqual([
    [6, true, '34'],
    [3, true, '37'],
    [2, true, '38'],
    [1, true, '39'],
    [1, true, '39'],
  ])
})

test('rules left out are looked up where this document has them', () => {
  const lessRules = { ...demoResult(), excluded: [{ rule: 'x', reason: '--exclude x' }] }
  const scope = (edition: 'auditor' | 'executive') =>
    buildView(lessRules, { ...paper, edition }).method.facts.find(({ label }) => label === 'Scope')?.value
  expect(scope('auditor')).toContain('1 rule left out (see the appendix)')
  expect(scope('executive')).toContain('1 rule left out (named in result.json)')
})

test('document control and method carry what a reader can check', () => {
  expect(demo.control.facts).toEqual([
    { label: 'Report', value: '', code: 'KA-2026-11-20-prod-eu-1-7f3a' },
    { label: 'Made by', value: 'kube-assay 0.1.0, evaluated 2026-11-20 02:01:18 UTC', code: '' },
    { label: 'Result', value: 'result.json, sha256', code: 'ab12'.repeat(16) },
    {
      label: 'Evidence',
      value: 'records of the snapshot, format 1.0, sha256',
      code: '9f86d081884c7d659a2feaa0c55ad015'.repeat(2),
    },
    { label: 'Catalogue', value: '0.1.0, 14 rules, digest', code: '5f2c'.repeat(16) },
  ])
  expect(demo.control.verify.map(({ command }) => command)).toEqual([
    'sha256sum result.json',
    'zstd -dc snapshot.ndjson.zst | head -n -1 | sha256sum',
    'kube-assay evaluate snapshot.ndjson.zst',
  ])
  expect(demo.method.facts.find(({ label }) => label === 'Collected')?.value).toBe(
    '2026-11-20 02:00:04 – 02:01:17 UTC, 73 s, with kube-assay 0.1.0',
  )
  expect(demo.method.access).toEqual([
    { head: 'control-1, control-2, control-3, worker-1', cells: ['ssh', 'audit', 'sudo -n', '428–459 ms', '250 KiB'] },
    { head: 'worker-2', cells: ['ssh', 'audit', 'none: files that need root are unknown', '428 ms', '63 KiB'] },
  ])
})

test('what a filter can hide is known to it; what it cannot know stays open-ended', () => {
  const screen = buildView(bigResult(), { limits: screenLimits })
  const filters = screen.findings.groups
    .flatMap((group) => group.blocks)
    .map((item) => [item.ruleId, item.filter.isComplete] as const)
  expect(Object.fromEntries(filters)).toMatchObject({ 'protect-kernel-defaults': false, 'container-limits': false })
  expect(screen.filters.note).toBe('400 of 5,000 nodes shown, all in result.json')
})

test('anchors are unique and plain whatever a rule is called', () => {
  const finding: Finding = { unit: nodeUnit('a'), outcome: 'fail', evidence: [] }
  const rules = ['A b', 'a-b', '<x>', '"'].map((id) =>
    rule({ id, title: id, severity: 'low', each: 'nodes', findings: [finding] }),
  )
  const anchors = viewOf({ rules, nodes: [lostNode('a', [], { reason: 'timeout', detail: '' })] }).findings.index.map(
    (line) => line.anchor,
  )
  expect(anchors.toSorted()).toEqual(['finding--', 'finding--x-', 'finding-a-b', 'finding-a-b-2'])
})

describe('one page for who decides', () => {
  test('says what presses most, and why, in plain words', () => {
    expect(demo.summary.pressing.slice(0, 2).map(({ title, where, why }) => [title, where, why])).toEqual([
      [
        'Containers run privileged',
        'in 2 of 48 workloads',
        'A privileged container has the devices and capabilities of its host.',
      ],
      [
        'Subjects that many callers share have every right in the cluster',
        'through 1 of 61 bindings',
        'Whoever gets a shell in any pod of this namespace owns the cluster: the account is mounted into every pod that names none.',
      ],
    ])
  })
  test('says what moves the score: by how much, how severe, what is and what was not assessed', () => {
    const { interval, movers, moversNote } = demo.summary
    expect(interval).toBe('The score is 79.9 if all that was not assessed fails, and 91.5 if all of it passes.')
    const notAssessed = { kind: 'unknown', word: 'Not assessed' }
    expect(movers.slice(0, 3)).toEqual([
      {
        points: '+6.41',
        mark: { kind: 'high', word: 'High' },
        title: 'The kubelet changes kernel parameters by itself',
        titleLang: '',
        anchor: 'finding-protect-kernel-defaults',
        found: 'Finding on 2 of 6 nodes',
        open: notAssessed,
        openWhere: 'for 2 of 6 nodes',
      },
      {
        points: '+3.20',
        mark: { kind: 'high', word: 'High' },
        title: 'The kubelet verifies client certificates against a CA',
        titleLang: '',
        anchor: 'finding-kubelet-client-ca',
        found: '',
        open: notAssessed,
        openWhere: 'for 2 of 6 nodes',
      },
      {
        points: '+1.50',
        mark: { kind: 'low', word: 'Low' },
        title: 'Swap is unbounded, or its setup keeps the kubelet from starting',
        titleLang: '',
        anchor: 'finding-swap-off',
        found: 'Finding on 1 of 6 nodes',
        open: notAssessed,
        openWhere: 'for 1 of 6 nodes',
      },
    ])
    expect(movers.at(3)).toMatchObject({
      points: '+0.15',
      found: 'Finding through 1 of 61 bindings',
      open: null,
      openWhere: '',
    })
    expect(moversNote).toBe('Points that the score gains if the rule alone passes everywhere it applies.')
  })
  test('names eight movers at most, fewer for who decides, counts the rest, and links only to what the document has', () => {
    const open = demoResult().rules.filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown')
    const many = { ...demoResult(), rules: [...open, ...open].map((one) => ({ ...one, gain: 0.25 })) }
    const told = (edition: 'auditor' | 'executive', tightness = 0) =>
      buildView(many, { ...paper, edition, tightness }).summary
    expect(told('auditor').movers.length).toBe(8)
    expect(told('auditor').moversNote).toMatch(/ 8 rules more, worth 2\.00 points together\.$/)
    expect([0, 1, 2, 3, 4].map((tightness) => told('executive', tightness).movers.length)).toEqual([4, 3, 2, 1, 0])
    const executive = buildView(demoResult(), { ...paper, edition: 'executive' })
    expect(executive.summary.movers.map(({ anchor }) => anchor)).toEqual([
      'finding-protect-kernel-defaults',
      '',
      'finding-swap-off',
      'finding-cluster-admin-bindings',
    ])
  })
  test('has no movers for a result of an older version, and says why a score is one number', () => {
    const older = viewOf({ rules: [] }).summary
    expect([older.interval, older.movers, older.moversNote]).toEqual(['', [], ''])
    const made = demoResult()
    const intervalOf = (score: Partial<typeof made.score>) =>
      buildView({ ...made, score: { ...made.score, ...score } }, paper).summary.interval
    expect(intervalOf({ lower: 80, upper: 80, answered: 9, expected: 9 })).toBe(
      'Everything that counts was assessed, so the score is one number.',
    )
    expect(intervalOf({ lower: 80, upper: 80, answered: 8, expected: 9 })).toBe(
      'What was not assessed weighs less than a tenth of a point, so the score is one number.',
    )
  })
  test('says what changed since the audit it was held against, or why that cannot be said', () => {
    const counts = { new: 4, reopened: 0, persisting: 20, fixed: 7, noLongerAssessed: 1 }
    const score = { before: { coverage: 1 }, now: { coverage: 1 }, isComparable: true }
    const comparison = {
      baseline: { reportId: 'KA-1', evaluatedAt: '2026-11-19T02:01:18Z', catalogue: '0.1.0' },
      comparable: 'yes' as const,
      differences: [{ aspect: 'cluster' as const, detail: 'Another cluster.' }],
      counts,
      newBySeverity: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
      score,
      changes: [],
    }
    const told = (comparable: 'yes' | 'no') =>
      plainPhrase(buildView({ ...demoResult(), comparison: { ...comparison, comparable } }, paper).summary.changes)
    expect(demo.summary.changes).toEqual([])
    expect(told('yes')).toBe(
      'Since KA-1 of 2026-11-19 02:01:18 UTC: 4 new, 7 fixed, 1 no longer assessed, 20 as before (findings by unit).',
    )
    expect(told('no')).toBe('Since KA-1 of 2026-11-19 02:01:18 UTC: not comparable. Another cluster.')
  })
  test('every chart has its numbers beside it', () => {
    expect(demo.summary.outcomes.map(({ mark, count }) => `${mark.word} ${count}`)).toEqual([
      'Finding 6',
      'Unknown 2',
      'Needs a person 1',
      'Passed 4',
      'Not applicable 1',
    ])
    expect(demo.summary.ring.map(({ word }) => word)).toEqual(demo.summary.outcomes.map(({ mark }) => mark.word))
  })
  test('sections are compared by what fails and what is not known', () => {
    const of = (id: string, section: string, findings: Finding[]) => ({
      ...rule({ id, title: id, severity: 'high', each: 'nodes', findings, pass: 1 }),
      section,
    })
    const fails: Finding = { unit: nodeUnit('a'), outcome: 'fail', evidence: [] }
    const open: Finding = { unit: nodeUnit('b'), outcome: 'unknown', evidence: [] }
    const { summary } = viewOf({
      rules: [
        of('r', 'swap', []),
        of('s', 'kubelet', [open]),
        of('t', 'rbac', [fails]),
        of('u', 'rbac', [fails, open]),
      ],
    })
    expect(summary.sectionColumns).toEqual(['High', 'Unknown', 'Rules'])
    expect(
      summary.sections.map(({ name, cells, bar }) => [name, cells, bar.map(({ x, width }) => [x, width])]),
    ).toEqual([
      ['Access rights (RBAC)', ['2', '–', '2'], [[0, 100]]],
      ['Kubelet', ['–', '1', '1'], [[0, 50]]],
    ])
    expect(summary.sectionNote).toBe('Nothing fails or is unknown in: Swap.')
  })
})

describe('evidence that differs in the unit’s own name only', () => {
  const finding = (node: string): Finding => ({
    unit: nodeUnit(node),
    outcome: 'fail',
    evidence: [{ message: 'm', observed: '0', expected: '1', source: `status of ${node}, not ${node}0 or x-${node}` }],
  })
  const blockOf = (findings: Finding[]) =>
    viewOf({ rules: [rule({ id: 'r', title: 'r', severity: 'low', each: 'nodes', findings })] }).findings.groups[0]
      ?.blocks[0]
  test('is shown once, with a place for the name, and never renames another', () => {
    const groupsOf = (block: ReturnType<typeof blockOf>) => block?.evidence.flatMap(({ groups }) => groups) ?? []
    expect(
      groupsOf(blockOf([finding('node-1'), finding('node-2')])).map(({ units, first }) => [units, first.source]),
    ).toEqual([
      ['node-1', 'status of node-1, not node-10 or x-node-1'],
      ['node-2', 'status of node-2, not node-20 or x-node-2'],
    ])
    const plain = (node: string): Finding => ({
      ...finding(node),
      evidence: [{ message: 'm', observed: '0', expected: '1', source: `status of ${node}` }],
    })
    const shared = blockOf([plain('node-1'), plain('node-2')])
    expect(groupsOf(shared).map(({ units, first }) => [units, first.source])).toEqual([
      ['node-1, node-2', 'status of ‹node›'],
    ])
    expect(shared?.evidence.map(({ wanted, unitsAbove }) => [wanted, unitsAbove])).toEqual([['1', false]])
  })
})

test.each([
  [
    'auditor',
    [
      'summary',
      'method',
      'coverage',
      'trend',
      'findings',
      'unknown',
      'manual',
      'passed',
      'not-applicable',
      'benchmarks',
      'nodes',
      'matrix',
      'appendix',
    ],
  ],
  ['executive', ['summary', 'benchmarks', 'findings', 'method']],
  ['remediation', ['part-1', 'part-2', 'part-3', 'part-4', 'part-5']],
] as const)('the chapters of the edition %s', (edition, ids) => {
  expect(buildView(demoResult(), { ...paper, edition }).chapters.map(({ id }) => id)).toEqual(ids)
})
