// Results that every export format is tried with: ordinary, empty, capped, very large, and with hostile text in every place.
// May not: be used outside tests.
import type { Outcome } from '../../src/model/outcome.ts'
import { type Finding, type Result, resultSchema } from '../../src/model/result.ts'
import { nodeUnit, result, rule, workloadUnit } from './result-builder.ts'
import { bigResult, demoResult, lostNode } from './sample-results.ts'

/** What hosts, objects and rule packs could put into any text of a result. */
export const hostileTexts: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'only spaces': '   \t ',
  'every C0 control': Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('x'),
  'DEL and C1 controls': Array.from({ length: 33 }, (_, code) => String.fromCharCode(127 + code)).join('x'),
  NUL: 'a\u0000b',
  'a lone high surrogate': 'half \uD800 pair',
  'a lone low surrogate': '\uDFFF',
  'noncharacters that XML refuses': 'a\uFFFEb\uFFFFc',
  'bidi and zero width': 'safe\u202Egnp.exe\u200B\u2066x',
  'line separators': 'a\u2028b\u2029c\u0085d',
  'the end of CDATA and of a comment': ']]> --> <![CDATA[ <!ENTITY x SYSTEM "file:///etc/passwd">',
  'a formula': '=HYPERLINK("http://127.0.0.1/?"&A1,"x")',
  'formulas on further lines': 'ok\n=1+1\n\t@SUM(A1)\n -2+3',
  'a formula by DDE': "+cmd|' /C calc'!A0",
  'Markdown, HTML and mentions':
    '@octocat #1 **x** [a](javascript:alert(1)) ![i](http://127.0.0.1/i.png) <img src=x onerror=alert(1)> ``` | a | owner/repo#2 www.example.org',
  'quotes and backslashes': '"\'`\\"\\\\n{0} {{x}} %s $(id) ${1}',
  'a path upwards': '../../../etc/passwd',
  'only dots': '..',
  'text with CRLF': 'a\r\nb\rc\r\n',
  '10,000 characters': `${'é😀'.repeat(3_333)}end`,
  '10,000 backticks': '`'.repeat(10_000),
  '10,000 controls': '\u0001'.repeat(10_000),
}

/** The text in every place of a result that is not a number or one of a closed set. */
export function resultWith(text: string): Result {
  const finding = (outcome: Outcome, index: number): Finding => ({
    unit: {
      kind: 'workloads',
      id: `${text}/Deployment/${text}${index}`,
      name: text,
      node: text,
      namespace: text,
      pods: 1,
      podNames: [text],
      owner: { kind: text, name: text, managedBy: text },
    },
    outcome,
    evidence: outcome === 'fail' ? [{ message: text, observed: text, expected: text, source: text }] : [],
    ...(outcome === 'unknown' ? { missing: [{ fact: text, reason: 'malformed', detail: text }] } : {}),
    remediation: [{ text, file: text, language: text, content: text }],
    verify: text,
  })
  const own = (id: string, outcomes: readonly Outcome[]) =>
    rule({
      id,
      title: text,
      problem: text,
      severity: 'critical',
      each: 'workloads',
      references: [text, `${text}2`],
      links: [text, 'https://example.org/'],
      rationale: text,
      risk: text,
      findings: outcomes.map(finding),
    })
  const made = result({
    rules: [own(text, ['fail', 'unknown', 'error', 'manual']), { ...own(`${text} `, []), description: text }],
    nodes: [lostNode(text, [text], { reason: 'malformed', detail: text })],
    families: [{ family: text, count: 1, source: text, unavailable: { reason: 'malformed', detail: text } }],
    cluster: { name: text, source: text, version: text },
    benchmark: { name: text, version: text, note: text },
  })
  return resultSchema.parse({
    ...made,
    tool: { name: text, version: text },
    catalogue: { version: text, digest: text, rules: 2 },
    reportId: text,
    benchmarks: [benchmark(text, [{ number: '1.1.1', subject: text, rules: [text], outcome: 'fail', reason: text }])],
  })
}

type Control = NonNullable<Result['benchmarks']>[number]['controls'][number]
type ControlParts = Pick<Control, 'number' | 'subject' | 'rules'> & Partial<Control>

const noCounts = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 0 }

/** A benchmark with these controls. */
function benchmark(name: string, controls: readonly ControlParts[], key = 'cis-kubernetes') {
  return {
    key,
    name,
    version: '1.24',
    controls: controls.map((parts) => ({ state: 'evaluated', assessment: 'automated', counts: noCounts, ...parts })),
    summary: {
      controls: controls.length,
      evaluated: controls.length,
      manual: 0,
      notEvaluated: 0,
      excluded: 0,
      outcomes: noCounts,
    },
    score: { formula: 'severity-weighted-mean/1', lower: 83.1, upper: 85.7, coverage: 0.9, answered: 9, expected: 10 },
  }
}

/** The demo's cluster with a control of every state. */
export function benchmarkResult(): Result {
  return resultSchema.parse({
    ...demoResult(),
    benchmarks: [
      benchmark(
        'Pod Security Standards',
        [{ number: 'privileged', subject: 'x', rules: [] }],
        'pod-security-standards',
      ),
      benchmark('CIS Kubernetes', [
        { number: '1.1.1', subject: 'Passes', rules: [], outcome: 'pass' },
        {
          number: '1.2.1',
          subject: 'Needs a person',
          rules: [],
          state: 'manual',
          outcome: 'manual',
          question: 'Is it?',
        },
        { number: '4.2.1', subject: 'Does not apply', rules: [], outcome: 'notApplicable' },
        { number: '4.2.6', subject: 'Fails', rules: ['protect-kernel-defaults'], outcome: 'fail' },
        { number: '4.2.9', subject: 'Not answered', rules: [], outcome: 'unknown', reason: 'no evidence' },
        { number: '5.1.1', subject: 'Left out', rules: [], state: 'excluded', reason: 'not wanted' },
      ]),
    ],
  })
}

/** One rule of each outcome, and one with all of them. */
export function outcomesResult(): Result {
  const open = (outcome: Outcome): Finding => ({ unit: nodeUnit(`${outcome}-1`), outcome, evidence: [] })
  const one = (id: string, parts: object) =>
    rule({ id, title: `Title of ${id}`, severity: 'critical', each: 'nodes', ...parts })
  return result({
    rules: [
      one('fails', { findings: [open('fail')], pass: 2 }),
      one('errs', { findings: [open('error')], pass: 2 }),
      one('is-unknown', { findings: [open('unknown')], pass: 2 }),
      one('needs-a-person', { findings: [open('manual')], pass: 2 }),
      one('passes', { pass: 2 }),
      one('does-not-apply', { notApplicable: 2 }),
      one('has-no-units', {}),
      one('fails-and-unknown', { findings: [open('fail'), open('unknown'), open('error'), open('manual')], pass: 1 }),
    ],
  })
}

/** Many findings with texts that hardly compress. */
export function incompressibleResult(findings: number): Result {
  let state = 1
  const noise = () => {
    let text = ''
    while (text.length < 900) {
      state = (state * 48_271) % 2_147_483_647
      text += state.toString(36)
    }
    return text
  }
  const all = Array.from(
    { length: findings },
    (_, index): Finding => ({
      unit: workloadUnit(`team-${index % 50}`, 'Deployment', `app-${index}`),
      outcome: 'fail',
      evidence: [{ message: noise(), observed: noise(), expected: 'nothing', source: 'spec' }],
    }),
  )
  return result({
    rules: [
      rule({ id: 'noise', title: 'No noise', severity: 'high', each: 'workloads', findings: all, cap: findings }),
    ],
  })
}

/** Every shape that a format must bear. */
export const shapes: Readonly<Record<string, () => Result>> = {
  'the demo': demoResult,
  'controls of every state': benchmarkResult,
  'every outcome': outcomesResult,
  'findings that are accepted': acceptedResult,
  'no rules at all': () => result({ rules: [] }),
  'findings beyond the cap': () => bigResult(3_500),
}

/** A failure that is accepted, and one of the same rule that is not. */
export function acceptedResult(): Result {
  const waiver = { id: 'w-1', owner: 'team-shop', reason: 'until the new node pool', expires: '2027-01-31' }
  const findings: Finding[] = [
    { unit: nodeUnit('accepted'), outcome: 'fail', evidence: [], waiver },
    { unit: nodeUnit('open'), outcome: 'fail', evidence: [] },
  ]
  const waived = { fail: 1, unknown: 0, error: 0, manual: 0 }
  const made = result({
    rules: [
      { ...rule({ id: 'mixed', title: 'Mixed', severity: 'high', each: 'nodes', findings }), waived },
      { ...rule({ id: 'all', title: 'All', severity: 'low', each: 'nodes', findings: findings.slice(0, 1) }), waived },
    ],
  })
  return resultSchema.parse({
    ...made,
    benchmarks: [
      benchmark('CIS Kubernetes', [
        { number: '4.1.1', subject: 'Mixed', rules: ['mixed'], outcome: 'fail' },
        { number: '4.1.2', subject: 'All', rules: ['all'], outcome: 'fail' },
      ]),
    ],
    waivers: {
      files: [],
      annotations: 'forbidden',
      list: [
        {
          ...waiver,
          source: 'waivers.yaml:1',
          rules: ['mixed', 'all'],
          controls: [],
          selects: 'node accepted',
          outcomes: ['fail'],
          approver: 'security',
          ticket: 'SEC-1',
          state: 'active',
          waived: { ...waived, fail: 2 },
        },
      ],
      issues: [],
    },
  })
}
