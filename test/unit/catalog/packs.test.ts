// Rule packs of other authors: what they may do, and each way to do more, which is refused at load or stopped.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { addPacks, changeRules, leftOutRules, loadCatalogue, selectBenchmarks } from '../../../src/catalog/index.ts'
import { deriveFacts } from '../../../src/derive/index.ts'
import { evaluate } from '../../../src/evaluate/index.ts'
import type { Result } from '../../../src/model/result.ts'
import { renderHtml } from '../../../src/report/index.ts'
import { loadSnapshot } from '../../../src/snapshot/index.ts'
import { DeadlineError, withDeadline } from '../../../src/util/deadline.ts'
import { root, rulesFolder } from './support.ts'

const builtIn = await loadCatalogue(rulesFolder)
const evidence = await loadSnapshot(join(root, 'reports/sample/snapshot.ndjson.zst'))
const facts = deriveFacts(evidence)

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface RuleText {
  id?: string
  expression?: string
  observed?: string
  more?: string
}
function ruleText({ id = 'own-rule', expression = 'node.name != ""', observed = '"seen"', more = '' }: RuleText = {}) {
  return `id: ${id}
title: Own title
problem: Own problem
severity: low
assessment: automated
references: {}
needs: [node]
each: nodes
${more}checks:
  - expression: ${JSON.stringify(expression)}
    message: Wrong
    observed: ${JSON.stringify(observed)}
    expected: right
    source: '"somewhere"'
description: d
rationale: r
remediation:
  steps:
    - text: Do it.
verify: "true"
`
}

function pack(files: Readonly<Record<string, string>>, name = 'site'): string {
  const parent = mkdtempSync(join(tmpdir(), 'kube-assay-pack-'))
  folders.push(parent)
  const folder = join(parent, name)
  mkdirSync(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
const one = (text: string) => pack({ 'own/own-rule.yaml': text })

/** An expression whose text is `factor` times as long after each of `levels` loops. */
function grown(levels: number, factor: number): string {
  return Array.from({ length: levels }).reduce<string>(
    (inner) => `[${inner}].map(a, ${Array.from({ length: factor }, () => 'a').join('+')})[0]`,
    '"x"',
  )
}

async function refusal(...packs: string[]): Promise<string> {
  try {
    await addPacks(builtIn, packs)
    return 'accepted'
  } catch (error) {
    return error instanceof Error ? error.message : 'something else'
  }
}

async function resultWith(packs: readonly string[], changes = {}): Promise<Result> {
  const { catalogue, off } = changeRules(await addPacks(builtIn, packs), changes)
  const [benchmark] = selectBenchmarks(catalogue, ['auto'], { version: evidence.header.cluster.version })
  if (benchmark === undefined) throw new Error('no benchmark')
  return evaluate({
    evidence,
    facts,
    catalogue,
    benchmark,
    leftOut: off,
    now: '2026-11-20T00:00:00.000Z',
    tool: { name: 'kube-assay', version: '0.0.0' },
    findingsCap: 1000,
  })
}

describe('a pack', () => {
  it('adds its rules, and the result says whose they are', async () => {
    const result = await resultWith([one(ruleText({ expression: 'node.name == "cp-1"' }))])
    const rule = result.rules.find(({ id }) => id === 'own-rule')
    expect(rule).toMatchObject({ pack: 'site', outcome: 'fail', counts: { fail: 5, pass: 1 } })
    expect(result.catalogue.packs).toEqual([
      { name: 'site', digest: expect.stringMatching(/^[0-9a-f]{64}$/), rules: 1 },
    ])
    expect(result.catalogue.digest).toBe(builtIn.digest)
  })

  it('has parameters, which the configuration changes within their bounds', async () => {
    const more =
      'parameters:\n  name: { type: string, default: cp-1, description: d }\n  most: { type: int, default: 3, maximum: 5, description: d }\n'
    const folder = one(ruleText({ more, expression: 'node.name == params.name && params.most < 4' }))
    const before = (await resultWith([folder])).rules.find(({ id }) => id === 'own-rule')
    const after = (
      await resultWith([folder], {
        'own-rule': { parameters: { name: 'cp-2', most: 5 }, severity: 'high', reason: 'policy 7' },
      })
    ).rules.find(({ id }) => id === 'own-rule')
    expect(before?.counts).toMatchObject({ pass: 1, fail: 5 })
    expect(after).toMatchObject({
      counts: { pass: 0, fail: 6 },
      severity: 'high',
      severityBefore: 'low',
      changeReason: 'policy 7',
      parameters: [
        { name: 'name', value: 'cp-2', default: 'cp-1' },
        { name: 'most', value: '5', default: '3' },
      ],
    })
    await expect(resultWith([folder], { 'own-rule': { parameters: { most: 6, nam: 'x' } } })).rejects.toThrow(
      'rules.own-rule.parameters.most: must be at most 5\nrules.own-rule.parameters.nam: there is no such parameter (did you mean name?); it has name, most',
    )
  })

  it('does not hide that a rule is off', async () => {
    const result = await resultWith([], { 'audit-log-age': { enabled: false, reason: 'logs go to the SIEM' } })
    expect(result.rules.some(({ id }) => id === 'audit-log-age')).toBe(false)
    expect(result.excluded).toEqual([
      { rule: 'audit-log-age', reason: 'switched off in the configuration: logs go to the SIEM' },
    ])
  })

  it('is refused where a change names no rule', async () => {
    await expect(resultWith([], { 'audit-log-agee': { severity: 'low' } })).rejects.toThrow(
      'rules.audit-log-agee: there is no rule audit-log-agee (did you mean audit-log-age?)',
    )
  })
})

describe('a pack with a rule for a control', () => {
  it('joins its lists, tags and filters, and every report says whose answer it is', async () => {
    const references = 'references: { cis-kubernetes: { "1.12": "1.2.20" }, documents: [A1] }'
    const folder = one(ruleText({ more: 'tags: [nightly]\n' }).replace('references: {}', references))
    const catalogue = await addPacks(builtIn, [folder])
    const [benchmark, documents] = selectBenchmarks(catalogue, ['cis-kubernetes@1.12', 'documents@1'], {
      version: evidence.header.cluster.version,
    })
    if (benchmark === undefined || documents === undefined) throw new Error('no benchmark')
    const others = leftOutRules(catalogue, [benchmark], { tags: ['nightly'] })
    expect(catalogue.rules.filter(({ rule }) => !others.has(rule.id)).map(({ rule }) => rule.id)).toEqual(['own-rule'])
    const result = evaluate({
      evidence,
      facts,
      catalogue,
      benchmark,
      furtherBenchmarks: [documents],
      now: '2026-11-20T00:00:00.000Z',
      tool: { name: 'kube-assay', version: '0.0.0' },
      findingsCap: 1000,
    })
    const [first, second] = (result.benchmarks ?? []).map(({ controls }) => controls)
    // What is left to a person stays with one: a pass of the pack's rule stands beside the question.
    expect(first?.find(({ number }) => number === '1.2.20')).toMatchObject({
      state: 'evaluated',
      outcome: 'manual',
      rules: ['api-request-timeout', 'own-rule'],
    })
    expect(second?.find(({ number }) => number === 'A1')?.rules).toContain('own-rule')
    expect(result.rules.find(({ id }) => id === 'own-rule')).toMatchObject({ pack: 'site', outcome: 'pass' })
    const html = await renderHtml(result)
    expect(html).toMatch(/own-rule(<\/a>)? \(of the rule pack site\)/)
    expect(html).not.toContain('privileged-containers</a> (of the rule pack')
  }, 60_000)
})

describe('a pack is refused', () => {
  const at = 'site/own/own-rule.yaml'
  it.each<[name: string, text: string, problem: RegExp | string]>([
    ['with a wrong key', ruleText({ more: 'owner: me\n' }), `${at}:9:1: unknown key owner`],
    [
      'with a key that names a prototype',
      ruleText({ more: '__proto__: { severity: critical }\n' }),
      /own-rule\.yaml:9:1: unknown key __proto__/,
    ],
    ['with a constructor as key', ruleText({ more: 'constructor: {}\n' }), /unknown key constructor/],
    [
      'with a parameter named after a prototype',
      ruleText({ more: 'parameters:\n  __proto__: { type: int, default: 1, description: d }\n' }),
      /own-rule\.yaml/,
    ],
    [
      'with a parameter that is not read',
      ruleText({ more: 'parameters:\n  a: { type: int, default: 1, description: d }\n' }),
      /params is never read/,
    ],
    [
      'with a default of another type',
      ruleText({ more: 'parameters:\n  a: { type: int, default: x, description: d }\n', expression: 'params.a > 1' }),
      /parameters\.a\.default: must be a whole number/,
    ],
    [
      'that reads a prototype',
      ruleText({ expression: 'node.__proto__ == node' }),
      /has no field __proto__|Unexpected|not available/,
    ],
    [
      'that reads a constructor',
      ruleText({ expression: 'node.constructor.name == "x"' }),
      /node has no field constructor/,
    ],
    ['that reads a field in brackets', ruleText({ expression: 'node["constructor"] == "x"' }), /.+/],
    ['that asks for the environment', ruleText({ expression: 'env("HOME") == ""' }), /there is no function env\(\)/],
    [
      'that asks for a file',
      ruleText({ expression: 'readFile("/etc/shadow") == ""' }),
      /there is no function readFile\(\)/,
    ],
    [
      'that asks the network',
      ruleText({ expression: 'http.get("http://169.254.169.254/") == ""' }),
      /there is no function get\(\)|there is nothing named http/,
    ],
    ['that names process', ruleText({ expression: 'process.env.HOME == ""' }), /there is nothing named process/],
    ['with a backtracking pattern', ruleText({ expression: 'node.name.matches("(a+)+$")' }), /matches\(\) is refused/],
    [
      'with a pattern that grows when it is compiled',
      ruleText({ expression: 're2Matches(node.name, "((a{1,1000}){1,1000}){1,1000}")' }),
      /re2Matches: /,
    ],
    ['with a pattern from a value', ruleText({ expression: 're2Matches("x", node.name)' }), /must be a literal/],
    [
      'with a deep expression',
      ruleText({ expression: `${'('.repeat(60)}true${')'.repeat(60)} && node.name != ""` }),
      /.+/,
    ],
    [
      'with a long expression',
      ruleText({ expression: `node.name != "${'a'.repeat(2000)}"` }),
      /longer than 2000 characters/,
    ],
    [
      'with four nested loops',
      ruleText({
        expression: '[1].all(a, [1].all(b, [1].all(c, [1].all(d, a + b + c + d > 0)))) && node.name != ""',
      }),
      /more than 3 nested loops/,
    ],
    [
      'with a text that doubles in every loop',
      ruleText({ expression: `size(${grown(9, 9)}.split("")) > 0 && node.name != ""` }),
      /repeats what it reads up to millions of times/,
    ],
    [
      'with an observed value that doubles in every loop',
      ruleText({ expression: 'node.name == ""', observed: `node.name + ${grown(3, 8)}` }),
      /repeats what it reads up to 513 times \(at most 50\)/,
    ],
    [
      'with lists in lists that are joined',
      ruleText({
        expression:
          'size(["a", "b"].map(a, ["a", "b", "c"].map(b, [a, b, a, b, a, b, a, b, a, b].join(a)).join(a)).join("")) > 0 && node.name != ""',
      }),
      /repeats what it reads up to \d+ times/,
    ],
    [
      'with an alias bomb',
      `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n`,
      /Excessive alias count/,
    ],
    ['that is nested without end', '['.repeat(100_000), /own-rule\.yaml:\d+:\d+: /],
    ['in braces without end', `a: ${'{a: '.repeat(50_000)}`, /own-rule\.yaml:\d+:\d+: /],
    ['with a tag of JavaScript', 'a: !!js/function "function () {}"\n', /own-rule\.yaml:\d+:\d+: /],
    ['that is too large', `${ruleText()}# ${'x'.repeat(300_000)}\n`, `${at}:1:1: is larger than 256 KiB`],
  ])('%s', async (_, text, problem) => {
    const message = await refusal(one(text))
    expect(message).toMatch(problem)
    expect(message).not.toBe('accepted')
  })

  it('with the id of a built-in rule, or of another pack', async () => {
    const shadow = pack({ 'pods/privileged-containers.yaml': ruleText({ id: 'privileged-containers' }) })
    expect(await refusal(shadow)).toContain('privileged-containers is also the id of a built-in rule')
    const [a, b] = [pack({ 'x/own-rule.yaml': ruleText() }, 'a'), pack({ 'x/own-rule.yaml': ruleText() }, 'b')]
    expect(await refusal(a, b)).toContain('b/x/own-rule.yaml:1:5: id: own-rule is also the id of a rule of the pack a')
    expect(await refusal(a, pack({ 'x/other.yaml': ruleText({ id: 'other' }) }, 'a'))).toContain(
      'there are two packs named a',
    )
  })

  it('with a link to a file or folder elsewhere, or something that is no file', async () => {
    const file = pack({ 'own/own-rule.yaml': ruleText() })
    symlinkSync('/etc/passwd', join(file, 'own/passwd.yaml'))
    expect(await refusal(file)).toBe('site/own/passwd.yaml:1:1: is a symbolic link; a pack holds its files itself')
    const folder = pack({ 'own/own-rule.yaml': ruleText() })
    symlinkSync('/etc', join(folder, 'etc'))
    expect(await refusal(folder)).toContain('site/etc:1:1: is a symbolic link')
    const fifo = pack({ 'own/own-rule.yaml': ruleText() })
    execFileSync('mkfifo', [join(fifo, 'own/fifo.yaml')])
    expect(await refusal(fifo)).toBe('site/own/fifo.yaml:1:1: is not a regular file')
  })

  it('with names that a terminal would obey, which it is told without', async () => {
    const name = 'own/evil\n\u001b[2J\u202e.yaml'
    const message = await refusal(pack({ [name]: ruleText({ id: 'evil' }) }))
    expect(message).toMatch(/site\/own\/evil\\n\\u\{1b\}\[2J\\u\{202e\}\.yaml:\d+:\d+: /)
    expect(message).not.toContain('\u001b')
  })

  it('with too many files, too deep, with benchmarks, with nothing, or not there', async () => {
    const many = Object.fromEntries(Array.from({ length: 4_001 }, (_, index) => [`a/${index}.txt`, '']))
    expect(await refusal(pack(many))).toContain('holds more than 4000 files')
    expect(await refusal(pack({ 'a/b/c/d/e/f.yaml': 'x' }))).toContain('lies too deep')
    expect(await refusal(pack({ 'benchmarks/x.yaml': 'x', 'own/own-rule.yaml': ruleText() }))).toContain(
      'a pack holds rules only',
    )
    expect(await refusal(pack({}))).toContain('holds no rules')
    expect(await refusal('/nonexistent/pack')).toBe('The rule pack /nonexistent/pack does not exist.')
    expect(await refusal(pack({ 'own/own-rule.yaml': ruleText() }, 'Site Rules'))).toContain('named in lower case')
  })
})

describe('a rule that does not come to an end', () => {
  // 1,000 × 1,000 × 1,000 steps within every limit of size.
  const loop = (body: string) => {
    const list = `"${'a'.repeat(300)}".split("")`
    return `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.size() > 0 && ${body})))`
  }

  it('is an error, which says timeout, and takes nothing else with it', async () => {
    const started = performance.now()
    const result = await resultWith([one(ruleText({ expression: loop('node.name != ""') }))])
    expect(performance.now() - started).toBeLessThan(30_000)
    const rule = result.rules.find(({ id }) => id === 'own-rule')
    expect(rule).toMatchObject({ outcome: 'error', counts: { error: 6, pass: 0, fail: 0 } })
    expect(rule?.findings.map(({ evidence: [line] }) => line?.observed)).toEqual(
      Array.from({ length: 6 }, () => 'timeout'),
    )
    const { rules } = await resultWith([])
    // What a rule is worth depends on all of them.
    const withoutGain = (all: typeof rules) => all.map((one) => ({ ...one, gain: undefined }))
    expect(withoutGain(result.rules.filter(({ id }) => id !== 'own-rule'))).toEqual(withoutGain(rules))
  }, 60_000)

  it('keeps the outcome where only its words have no end', async () => {
    const words = `${loop('node.name != ""')} ? "a" : "b"`
    const result = await resultWith([one(ruleText({ expression: 'node.name == ""', observed: words }))])
    const rule = result.rules.find(({ id }) => id === 'own-rule')
    expect(rule).toMatchObject({ outcome: 'fail', counts: { fail: 6 } })
    expect(rule?.findings.map(({ evidence: [line] }) => line?.observed)).toEqual(
      Array.from({ length: 6 }, () => 'timeout'),
    )
  }, 60_000)
})

describe('a deadline', () => {
  it('ends a loop that calls nothing', () => {
    expect(() =>
      withDeadline(50, () => {
        for (;;);
      }),
    ).toThrow(DeadlineError)
  })
  it('is not seen by a catch or finally inside', () => {
    let seen = 'nothing'
    expect(() =>
      withDeadline(50, () => {
        try {
          for (;;);
        } catch {
          seen = 'caught'
        }
      }),
    ).toThrow(DeadlineError)
    expect(seen).toBe('nothing')
  })
  it('passes on what the code gives or throws', () => {
    expect(withDeadline(1000, () => 42)).toBe(42)
    expect(() =>
      withDeadline(1000, () => {
        throw new RangeError('own')
      }),
    ).toThrow(RangeError)
  })
})
