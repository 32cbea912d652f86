// Newline-delimited JSON: one line a finding, those beyond the cap by fingerprint, remarks on waivers, and a last line that counts.
// May not: leave a finding out, or put two into a line.
import type { FindingLine } from '../../model/finding-line.ts'
import type { Result, RuleResult } from '../../model/result.ts'
import { findingOutcomes, findingRows } from './findings.ts'
import type { Exporter } from './format.ts'
import { plainText } from './text.ts'

export const exporter: Exporter = {
  fileName: () => 'findings.ndjson',
  *render(result) {
    for (const line of linesOf(result)) yield `${JSON.stringify(line, visible)}\n`
  },
}

function* linesOf(result: Result): Generator<FindingLine> {
  const common = commonOf(result)
  const controls = controlsByRule(result)
  const waivers = new Map((result.waivers?.list ?? []).map((one) => [one.id, one]))
  let findings = 0
  let capped = 0
  for (const { rule, finding, outcome, fingerprint } of findingRows(result)) {
    const { unit, evidence, missing, waiver } = finding
    findings += 1
    yield {
      kind: 'finding',
      ...common,
      rule: ruleOf(rule),
      severity: rule.severity,
      outcome,
      unit,
      fingerprint,
      waiver: waiver === undefined ? null : { ...waiver, ...peopleOf(waivers.get(waiver.id)) },
      controls: controls.get(rule.id) ?? [],
      evidence,
      ...(missing !== undefined && { missing }),
    }
  }
  for (const rule of result.rules) {
    const waived = new Set(rule.cappedWaived)
    for (const outcome of findingOutcomes) {
      for (const fingerprint of rule.capped?.[outcome] ?? []) {
        capped += 1
        const isWaived = waived.has(fingerprint)
        yield { kind: 'capped', ...common, rule: ruleOf(rule), severity: rule.severity, outcome, fingerprint, isWaived }
      }
    }
  }
  for (const issue of result.waivers?.issues ?? []) yield { kind: 'waiver', ...common, ...issue }
  const { lower, upper, coverage } = result.score
  const score = { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }), coverage }
  yield { kind: 'end', ...common, findings, capped, score }
}

function commonOf({ schemaVersion, reportId, evaluatedAt, cluster: { name, uid } }: Result) {
  return { schemaVersion, reportId, evaluatedAt, cluster: { name, ...(uid !== undefined && { uid }) } }
}

function ruleOf({ id, title, problem }: RuleResult) {
  return { id, title, problem }
}

function peopleOf(waiver: NonNullable<Result['waivers']>['list'][number] | undefined) {
  const { approver, ticket } = waiver ?? {}
  return { ...(approver !== undefined && { approver }), ...(ticket !== undefined && { ticket }) }
}

/** Numbers of the run's benchmarks by rule. */
function controlsByRule({ benchmarks = [] }: Result): ReadonlyMap<string, string[]> {
  const byRule = new Map<string, string[]>()
  for (const { key, version, controls } of benchmarks) {
    for (const { number, rules } of controls) {
      for (const rule of rules) {
        const known = byRule.get(rule)
        if (known === undefined) byRule.set(rule, [`${key}@${version}:${number}`])
        else known.push(`${key}@${version}:${number}`)
      }
    }
  }
  return byRule
}

/** As in every format: no character that acts, here or in what a reader of JSON makes of it. */
function visible(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? plainText(value, Number.POSITIVE_INFINITY) : value
}
