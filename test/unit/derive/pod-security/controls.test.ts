// Every line of the Pod Security Standards benchmarks judges exactly the check that it is named after: over all conformance cases, in
// the version of each, through the rules and the roll-up of a run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { benchmarkId, type CompiledRule, loadCatalogue, UnitContext } from '../../../../src/catalog/index.ts'
import { projectObject } from '../../../../src/collect/projection/index.ts'
import { podSecurityChecks } from '../../../../src/derive/pod-security/checks.ts'
import { derivePodSecurity, evaluatePodSecurity } from '../../../../src/derive/pod-security/index.ts'
import { benchmarkResult } from '../../../../src/evaluate/benchmarks.ts'
import { judge } from '../../../../src/evaluate/judge.ts'
import { partsOf } from '../../../../src/evaluate/parts.ts'
import { countOutcomes } from '../../../../src/evaluate/score.ts'
import type { Fact } from '../../../../src/model/fact.ts'
import type { FactValue } from '../../../../src/model/facts.ts'
import type { PodTemplate } from '../../../../src/model/pod.ts'
import type { RuleResult } from '../../../../src/model/result.ts'
import type { Unit } from '../../../../src/model/unit.ts'
import { rule as ruleResult } from '../../../support/result-builder.ts'

const file = join(import.meta.dirname, '../../../../../shared/reference/pod-security/cases.jsonl.gz')
const isThere = existsSync(file)
if (!isThere)
  console.warn(
    'SKIPPED: lines of the Pod Security benchmarks, because the reference cases are not beside the repository.',
  )

const catalogue = await loadCatalogue(join(import.meta.dirname, '../../../../rules'))
const levelRules = catalogue.rules.filter(({ rule }) => /^pod-security-(baseline|restricted)$/.test(rule.id))
const cluster: Unit = { identity: { kind: 'cluster', id: 'cluster', name: 'cluster' }, facts: {} }
const workload = {
  namespace: 'n',
  kind: 'Pod',
  name: 'p',
  pods: 1,
  nodes: 1,
  isStaticPod: false,
  managedBy: '',
  podSpecPath: 'spec',
}

/** What a rule's remediation needs besides has no say in the outcome. */
const containerSecurity = { os: '', containers: [], hostPorts: [] }

function unitWith(podSecurity: Fact<FactValue<'podSecurity'>>): Unit {
  const identity = { kind: 'workloads', id: 'w', name: 'p', namespace: 'n' } as const
  return { identity, facts: { podSecurity, containerSecurity, workload } }
}

function ended(compiled: CompiledRule, units: readonly Unit[]): RuleResult {
  const outcomes = units.map((unit) => judge(compiled, new UnitContext(unit, cluster)).outcome)
  const counts = countOutcomes(outcomes)
  const failing = units.filter((_, index) => outcomes[index] === 'fail')
  const parts = partsOf(compiled, failing, counts, cluster)
  const [outcome = 'pass'] = outcomes
  const { id, title, severity } = compiled.rule
  return { ...ruleResult({ id, title, severity, each: 'workloads' }), outcome, counts, ...(parts && { parts }) }
}

/** Outcome by number. */
function linesOf(level: string, units: readonly Unit[], minor: number): Record<string, string | undefined> {
  const choice = { key: 'pod-security-standards', name: 'Pod Security Standards', version: level }
  expect(catalogue.plans.has(benchmarkId(choice))).toBe(true)
  const rules = levelRules.map((compiled) => ended(compiled, units))
  const run = { plans: catalogue.plans, rules, leftOut: new Map(), minor, isIncomplete: () => false }
  const { controls } = benchmarkResult(choice, run)
  return Object.fromEntries(controls.map(({ number, outcome }) => [number, outcome]))
}

function templateOf(manifest: string): PodTemplate {
  const found: PodTemplate[] = []
  projectObject('pods', parse(manifest), new Set(), (record) => {
    if (record.record === 'template') found.push(JSON.parse(JSON.stringify(record.template)))
  })
  return found[0] ?? expect.fail('the projection does not keep the pod')
}

function factOf(template: PodTemplate, minor: number) {
  return derivePodSecurity(template, { gitVersion: `v1.${minor}.0`, major: 1, minor })
}

/** Numbers of a level, and whether Kubernetes 1.`minor` has the check. */
function expectedLines(template: PodTemplate, level: 'baseline' | 'restricted', minor: number) {
  const broken = new Set(
    (['baseline', 'restricted'] as const).flatMap((one) =>
      evaluatePodSecurity(template, one, minor).map(({ check }) => check),
    ),
  )
  const checks = podSecurityChecks.filter((check) => level === 'restricted' || check.level === 'baseline')
  const lines = checks.map(({ id, versions }) => {
    const isThereYet = (versions[0]?.since ?? 0) <= minor
    return [id, isThereYet ? (broken.has(id) ? 'fail' : 'pass') : 'notApplicable'] as const
  })
  const whole = evaluatePodSecurity(template, level, minor).length === 0 ? 'pass' : 'fail'
  return Object.fromEntries([[level, whole], ...lines])
}

describe.runIf(isThere)('the lines of a level', () => {
  const cases: { level: 'baseline' | 'restricted'; version: string; case: string; manifest: string }[] = isThere
    ? gunzipSync(readFileSync(file))
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : []

  it('end as their checks do, in every conformance case', () => {
    expect(cases).toHaveLength(4_241)
    const wrong = cases.flatMap((one) => {
      const minor = Number(one.version.slice('v1.'.length))
      const template = templateOf(one.manifest)
      const expected = expectedLines(template, one.level, minor)
      const lines = linesOf(one.level, [unitWith(factOf(template, minor))], minor)
      const different = Object.keys(expected).filter((id) => lines[id] !== expected[id])
      const more = Object.keys(lines).filter((id) => !(id in expected))
      return different.length + more.length === 0 ? [] : [`${one.version}/${one.case}: ${[...different, ...more]}`]
    })
    expect(wrong.slice(0, 20)).toEqual([])
  })
})

describe('a line', () => {
  const template: PodTemplate = {
    id: 't',
    spec: { containers: [{ name: 'a', kind: 'container', image: 'i', securityContext: { procMount: 'Unmasked' } }] },
  }

  it('is unknown for a workload whose template nobody could judge, and fails where another breaks its check', () => {
    const unknown = unitWith({ unavailable: { reason: 'forbidden', detail: 'no' } })
    expect(linesOf('baseline', [unknown], 36)).toMatchObject({ baseline: 'unknown', procMount: 'unknown' })
    const both = linesOf('baseline', [unitWith(factOf(template, 36)), unknown], 36)
    expect(both).toMatchObject({ baseline: 'fail', procMount: 'fail', appArmorProfile: 'unknown' })
  })

  it('says how many workloads break its check, not how many break the level', () => {
    const other: PodTemplate = { id: 'o', spec: { hostPID: true, containers: [] } }
    const clean: PodTemplate = { id: 'c', spec: { containers: [] } }
    const [baseline] = levelRules.filter(({ rule }) => rule.id === 'pod-security-baseline')
    const result = ended(
      baseline ?? expect.fail(),
      [template, other, other, clean].map((one) => unitWith(factOf(one, 36))),
    )
    expect(result.counts).toMatchObject({ fail: 3, pass: 1 })
    expect(result.parts?.map(({ name, counts }) => [name, counts.fail, counts.pass])).toEqual([
      ['', 0, 4],
      ['hostNamespaces', 2, 2],
      ['procMount', 1, 3],
    ])
  })
})
