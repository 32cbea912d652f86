// Facts and rules to a result: whole findings, roll-ups, gaps, cap, order and determinism.
import { describe, expect, it } from 'vitest'
import { loadCatalogue } from '../../../src/catalog/index.ts'
import { evaluate, findingOf, firstUnavailable } from '../../../src/evaluate/index.ts'
import { unavailable } from '../../../src/model/fact.ts'
import { type Result, resultSchema } from '../../../src/model/result.ts'
import { rulesFolder } from '../catalog/support.ts'
import { catalogueOf, compiled, evidenceOf, factSetOf, inputOf, node, seen, unreachable } from './support.ts'

const first = node('worker-1', { version: seen('v1') })
const second = node('worker-2', unreachable)
const nodes = [first, second, node('worker-3', { version: seen('v2') })]
const cluster = factSetOf({}).cluster

/** A result must always satisfy its own published schema. */
function checked(result: Result): Result {
  return resultSchema.parse(structuredClone(result))
}

describe('a finding', () => {
  it('holds evidence, change and verification of a failing unit', () => {
    expect(findingOf(compiled(), first, cluster)).toEqual({
      unit: { kind: 'nodes', id: 'node/worker-1', name: 'worker-1', node: 'worker-1' },
      outcome: 'fail',
      evidence: [{ message: 'The node uses cgroup v1', observed: 'v1', expected: 'v2', source: '/proc/mounts' }],
      remediation: [{ text: 'Boot worker-1 with cgroup v2.' }],
      verify: 'ssh worker-1 stat -fc %T /sys/fs/cgroup',
    })
  })

  it('holds only the reason of a unit that could not be assessed', () => {
    expect(findingOf(compiled(), second, cluster)).toEqual({
      unit: { kind: 'nodes', id: 'node/worker-2', name: 'worker-2', node: 'worker-2' },
      outcome: 'unknown',
      evidence: [],
      missing: [{ fact: 'cgroups', reason: 'unreachable', detail: 'worker-2 refused the connection' }],
    })
  })

  const denied = unavailable('sudo-denied', 'sudo was refused')
  const deniedMissing = { fact: 'cgroups.kubeletDriver', reason: 'sudo-denied', detail: 'sudo was refused' }
  const twoChecks = compiled({
    checks: [
      {
        expression: 'cgroups.version.value == "v2"',
        message: 'cgroup {{ cgroups.version.value }} with driver {{ cgroups.kubeletDriver.value }}',
        observed: 'cgroups.kubeletDriver.value',
        expected: 'v2',
        source: 'cgroups.version.source',
      },
      {
        expression: 'cgroups.kubeletDriver.value == "systemd"',
        message: 'Another driver',
        observed: 'cgroups.kubeletDriver.value',
        expected: 'systemd',
        source: 'cgroups.kubeletDriver.source',
      },
    ],
    remediation: {
      steps: [
        { text: 'First.', when: 'cgroups.kubeletDriver.value != "systemd"' },
        { text: 'Then.', language: 'yaml', content: 'cgroupDriver: {{ cgroups.kubeletDriver.value }}' },
        {
          text: 'Then the file of {{ cgroups.version.value }}.',
          language: 'yaml',
          file: '/etc/{{ cgroups.kubeletDriver.value }}',
          content: 'a: 1',
        },
        {
          text: 'Each.',
          language: 'text',
          forEach: 'cgroups.controllers.value',
          header: 'controllers of {{ unit.name }}:',
          content: '{{ item }}!',
        },
        { text: 'None.', language: 'text', forEach: 'cgroups.missingControllers.value', content: '{{ item }}' },
        { text: 'Never.', when: 'cgroups.version.value == "v2"' },
      ],
    },
    verify: 'echo {{ cgroups.kubeletDriver.value }}',
  })
  const unreadable = 'could not be read: cgroups.kubeletDriver (sudo-denied: sudo was refused)'

  it('fails by what was read, and says in words what was not, never half a command', () => {
    const unit = node('worker-1', {
      version: seen('v1'),
      controllers: seen(['cpu', 'io']),
      missingControllers: seen([]),
      kubeletDriver: denied,
    })
    expect(findingOf(twoChecks, unit, cluster)).toEqual({
      unit: { kind: 'nodes', id: 'node/worker-1', name: 'worker-1', node: 'worker-1' },
      outcome: 'fail',
      evidence: [{ message: unreadable, observed: unreadable, expected: 'v2', source: '/proc/mounts' }],
      missing: [deniedMissing],
      remediation: [
        { text: `Whether this step is needed ${unreadable}. The step: First.` },
        { text: `Then. The exact change is not shown: a value ${unreadable}.` },
        { text: `Then the file of v1. The exact change is not shown: a value ${unreadable}.` },
        { text: 'Each.', language: 'text', content: 'controllers of worker-1:\ncpu!\nio!' },
      ],
      verify: `# No command: a value ${unreadable}`,
    })
  })

  it('does not write a hostile value into a command or, unseen, into a text', () => {
    const hostile = 'v1\n\u001b[31m; reboot'
    const rule = compiled({ verify: 'cat {{ cgroups.version.value }}' })
    expect(findingOf(rule, node('worker-1', { version: seen(hostile, 'a\u202eb') }), cluster)).toMatchObject({
      evidence: [
        {
          message: 'The node uses cgroup v1\\n\\u{1b}[31m; reboot',
          observed: 'v1\\n\\u{1b}[31m; reboot',
          source: 'a\\u{202e}b',
        },
      ],
      verify: '# No command: a value could not be written: "v1\\n\\u{1b}[31m; reboot" holds control characters',
    })
  })

  it('is an error, not a failure, where the rule breaks', () => {
    const rule = compiled({
      checks: compiled().rule.checks.map((check) => ({ ...check, expression: 'cgroups.controllers.value[5] == "x"' })),
    })
    expect(findingOf(rule, node('worker-1', { version: seen('v1'), controllers: seen(['cpu']) }), cluster)).toEqual({
      unit: { kind: 'nodes', id: 'node/worker-1', name: 'worker-1', node: 'worker-1' },
      outcome: 'error',
      evidence: [
        {
          message: 'The rule could not be evaluated for this unit; this is a defect of the rule',
          observed: 'check 1: No such key: index out of bounds, index 5 >= size 1',
          expected: 'an expression that gives an answer',
          source: 'rule cgroup-version',
        },
      ],
    })
  })

  it.each([
    ['applies', 'cgroups.initDriver.value == "systemd"', seen('systemd'), 'fail'],
    ['does not apply', 'cgroups.initDriver.value == "openrc"', seen('systemd'), 'notApplicable'],
    ['cannot be told, although a check fails', 'cgroups.initDriver.value == "systemd"', denied, 'unknown'],
    ['breaks', 'cgroups.initDriver.value.split("")[9] == ""', seen('x'), 'error'],
  ])('has the outcome for a condition that %s', (_, when, initDriver, outcome) => {
    const unit = node('worker-1', { version: seen('v1'), initDriver })
    expect(findingOf(compiled({ when }), unit, cluster).outcome).toBe(outcome)
  })

  it.each([
    [seen('v1'), 'manual', ['v1']],
    [seen('v2'), 'manual', ['v2']],
    [denied, 'unknown', []],
  ])('of a manual rule shows what was seen, whatever it is', (version, outcome, observed) => {
    const finding = findingOf(compiled({ assessment: 'manual' }), node('worker-1', { version }), cluster)
    expect([finding.outcome, finding.evidence.map((one) => one.observed)]).toEqual([outcome, observed])
  })
})

describe('a result', () => {
  it('is whole and satisfies its schema', () => {
    const result = checked(evaluate(inputOf({ facts: factSetOf({ nodes }) })))
    expect(result.rules[0]?.findings.map(({ unit, outcome }) => [unit.id, outcome])).toEqual([
      ['node/worker-1', 'fail'],
      ['node/worker-2', 'unknown'],
    ])
    const { rules, coverage, nodes: profiles, ...rest } = result
    expect(profiles?.nodes.map(({ node, differs }) => [node, differs])).toEqual([
      ['worker-1', []],
      ['worker-2', []],
      ['worker-3', []],
    ])
    expect({ ...rules[0], findings: [] }).toEqual({
      id: 'cgroup-version',
      title: 'The node uses cgroup v2',
      problem: 'The node uses cgroup v1',
      severity: 'medium',
      section: 'cgroups',
      assessment: 'automated',
      each: 'nodes',
      references: ['CIS Kubernetes 1.24 · 9.9.9', 'Documents C5'],
      links: [],
      description: 'About cgroups.',
      rationale: 'Because of cgroups.',
      risk: 'A reboot.',
      definition: expect.stringMatching(/^[0-9a-f]{16}$/),
      outcome: 'fail',
      counts: { notApplicable: 0, pass: 1, manual: 0, unknown: 1, error: 0, fail: 1 },
      findings: [],
      findingsTotal: 2,
      gain: 66.67,
    })
    expect(rest).toEqual({
      kind: 'kube-assay/result',
      schemaVersion: '1.1',
      reportId: 'KA-2026-11-20-prod-eu-1-7f3a',
      tool: { name: 'kube-assay', version: '0.1.0' },
      catalogue: { version: '0.1.0', digest: 'd'.repeat(64), rules: 1 },
      benchmark: { name: 'CIS Kubernetes', version: '1.24' },
      benchmarks: [expect.objectContaining({ key: 'cis-kubernetes', version: '1.24', controls: [] })],
      snapshot: {
        sha256: '7f3a'.padEnd(64, '0'),
        schemaVersion: '1.0',
        startedAt: '2026-11-20T08:00:00Z',
        finishedAt: '2026-11-20T08:01:00Z',
        interrupted: false,
        tool: 'kube-assay 0.1.0',
      },
      evaluatedAt: '2026-11-20T09:00:00Z',
      units: {
        cluster: ['cluster'],
        nodes: ['node/worker-1', 'node/worker-2', 'node/worker-3'],
        workloads: [],
        namespaces: [],
        bindings: [],
        roles: [],
        subjects: [],
      },
      cluster: {
        name: 'Prod/EU 1',
        uid: 'uid-1',
        version: 'v1.24.17',
        source: 'https://10.0.0.1:6443',
        nodes: 3,
        nodesReached: 1,
        namespaces: 0,
        workloads: 0,
        pods: 0,
      },
      score: {
        formula: 'severity-weighted-mean/1',
        lower: 33.3,
        upper: 66.6,
        coverage: 2 / 3,
        answered: 2,
        expected: 3,
      },
      summary: {
        rules: { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: 1 },
        units: { notApplicable: 0, pass: 1, manual: 0, unknown: 1, error: 0, fail: 1 },
        failingBySeverity: { critical: 0, high: 0, medium: 1, low: 0, info: 0 },
      },
    })
    expect(coverage.families.filter(({ family }) => ['pods', 'secrets'].includes(family))).toEqual([
      { family: 'pods', count: 0, source: 'GET /pods', readAt: '2026-11-20T08:00:00Z' },
      {
        family: 'secrets',
        count: 0,
        source: 'GET /secrets',
        readAt: '2026-11-20T08:00:00Z',
        unavailable: { reason: 'forbidden', detail: 'secrets are forbidden' },
      },
    ])
    const column = coverage.columns.findIndex(({ fact }) => fact === 'cgroups')
    expect(
      coverage.nodes.map((one) => [one.node, one.facts[column]?.reason, one.facts.length, one.access?.user]),
    ).toEqual([
      ['worker-1', 'not-collected', coverage.columns.length, 'audit'],
      ['worker-2', 'unreachable', coverage.columns.length, undefined],
      ['worker-3', 'not-collected', coverage.columns.length, undefined],
    ])
  })

  it('keeps findings to the cap per outcome, after sorting, with exact totals', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      node(`n${8 - index}`, index % 3 === 2 ? unreachable : { version: seen(index % 3 === 0 ? 'v1' : 'v2') }),
    )
    const [rule] = evaluate(inputOf({ facts: factSetOf({ nodes: many }), findingsCap: 2 })).rules
    expect([rule?.findings.map(({ unit }) => unit.name), rule?.findingsTotal, rule?.counts]).toEqual([
      ['n2', 'n5', 'n0', 'n3'],
      6,
      { notApplicable: 0, pass: 3, manual: 0, unknown: 3, error: 0, fail: 3 },
    ])
  })

  it('says which units could not be listed, before those that could, and keeps it under any cap', () => {
    const gap = { family: 'nodes' as const, ...unavailable('forbidden', 'nodes is forbidden') }
    const result = checked(evaluate(inputOf({ facts: factSetOf({ nodes }, { nodes: gap }), findingsCap: 1 })))
    expect(result.rules[0]?.findings.filter(({ outcome }) => outcome === 'unknown')).toEqual([
      {
        unit: { kind: 'nodes', id: '(nodes)', name: 'nodes that could not be listed' },
        outcome: 'unknown',
        evidence: [],
        missing: [{ fact: 'nodes', reason: 'forbidden', detail: 'nodes is forbidden' }],
        fingerprint: expect.stringMatching(/^fp1:[0-9a-f]{32}$/),
      },
    ])
    expect([result.rules[0]?.counts.unknown, result.rules[0]?.findingsTotal, result.score]).toEqual([
      2,
      3,
      {
        formula: 'severity-weighted-mean/1',
        lower: 0,
        upper: 100,
        coverage: 0.5,
        answered: 2,
        expected: 4,
        unlisted: [{ kind: 'nodes', family: 'nodes', reason: 'forbidden' }],
      },
    ])
  })

  it('calls a rule without any unit not applicable only when none could be missing', () => {
    const gap = { family: 'nodes' as const, ...unavailable('forbidden', '') }
    const none = evaluate(inputOf({}))
    const unlisted = evaluate(inputOf({ facts: factSetOf({}, { nodes: gap }) }))
    expect([none.rules[0]?.outcome, unlisted.rules[0]?.outcome]).toEqual(['notApplicable', 'unknown'])
    expect(none.score).toEqual({ formula: 'severity-weighted-mean/1', coverage: 0, answered: 0, expected: 0 })
  })

  it('is the same for the same input, and leaves the input as it is', async () => {
    const catalogue = await loadCatalogue(rulesFolder)
    const facts = factSetOf({ nodes })
    const before = JSON.stringify(facts)
    const texts = [1, 2].map(() => JSON.stringify(evaluate(inputOf({ facts, catalogue }))))
    expect(texts[0] === texts[1]).toBe(true)
    expect(JSON.stringify(facts)).toBe(before)
  })

  it('knows nothing of a cluster of which nothing was read, rule by rule', async () => {
    const catalogue = await loadCatalogue(rulesFolder)
    const forbidden = (family: 'nodes' | 'pods' | 'namespaces' | 'clusterrolebindings' | 'clusterroles') => ({
      family,
      ...unavailable('unauthorized', 'The token has expired.'),
    })
    const facts = factSetOf(
      {},
      {
        nodes: forbidden('nodes'),
        workloads: forbidden('pods'),
        namespaces: forbidden('namespaces'),
        bindings: forbidden('clusterrolebindings'),
        roles: forbidden('clusterroles'),
        subjects: forbidden('clusterrolebindings'),
      },
    )
    const result = checked(evaluate(inputOf({ facts, catalogue })))
    expect(new Set(result.rules.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']))
    expect([result.score.lower, result.score.upper, result.score.coverage]).toEqual([0, 100, 0])
  })

  it.each([
    ['', 'KA-2026-11-20-cluster-7f3a'],
    ['../../etc/passwd', 'KA-2026-11-20-etc-passwd-7f3a'],
    ['a'.repeat(90), `KA-2026-11-20-${'a'.repeat(40)}-7f3a`],
  ])('has a report id that is safe in a file name: %j', (name, expected) => {
    const evidence = evidenceOf()
    const header = { ...evidence.header, cluster: { ...evidence.header.cluster, name } }
    expect(evaluate(inputOf({ evidence: { ...evidence, header }, catalogue: catalogueOf([]) })).reportId).toBe(expected)
  })
})

describe('why a fact is not fully known', () => {
  const denied = unavailable('permission-denied', 'not readable')
  it.each([
    ['all of it is known', { a: seen(1), b: [seen('x'), { c: seen(true) }] }, null],
    ['the whole of it', unreachable, { reason: 'unreachable', detail: 'worker-2 refused the connection' }],
    [
      'one part deep inside',
      { a: seen(1), b: [{ c: denied }] },
      { reason: 'permission-denied', detail: 'not readable' },
    ],
    [
      'the reason that explains most, and its first occurrence',
      { a: unavailable('unsupported', '1'), b: unavailable('timeout', '2'), c: unavailable('timeout', '3') },
      { reason: 'timeout', detail: '2' },
    ],
  ])('%s', (_, value, expected) => expect(firstUnavailable(value)).toEqual(expected))
})
