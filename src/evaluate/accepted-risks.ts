// Accepted risks beside the verdicts: which finding falls under which waiver, and what is wrong with the waivers themselves.
// May not: change an outcome, a count or the score; or accept anything by a waiver that has ended, is too long or takes everything.
import { benchmarkId, type Catalogue, type CompiledRule, visibleText } from '../catalog/index.ts'
import type { Finding, Result } from '../model/result.ts'
import type { FactSet, UnitIdentity } from '../model/unit.ts'
import type { WaivedCounts, Waiver, WaiverIssue, WaiverResult, WaiversConfig, WaiversResult } from '../model/waiver.ts'
import { starPattern } from '../util/star-pattern.ts'
import type { findingOutcomes } from './describe.ts'
import { type ClusterIdentity, fingerprintOf } from './fingerprint.ts'
import { parseAnnotation } from './waiver-annotations.ts'
import { daysBetween, type Entry } from './waiver-entry.ts'
import { issuesOf, type Limits } from './waiver-issues.ts'
import { type Selector, selectorOf } from './waiver-selector.ts'

export type FindingOutcome = (typeof findingOutcomes)[number]

/** What a run was given. */
export interface WaiversInput {
  readonly files: WaiversResult['files']
  readonly waivers: readonly (Waiver & { readonly source: string })[]
  readonly config: WaiversConfig
}

export interface WaiverScope {
  readonly catalogue: Catalogue
  readonly leftOut: ReadonlyMap<string, string>
  readonly facts: FactSet
  readonly cluster: ClusterIdentity
  /** ISO 8601, UTC. */
  readonly now: string
}

/** The waivers of one run. */
export class WaiverBook {
  readonly #entries: readonly Entry[]
  readonly #byRule = new Map<string, { readonly all: Entry[]; readonly byUnit: Map<string, Entry[]> }>()
  readonly #issues: WaiverIssue[] = []
  readonly #input: WaiversInput
  readonly #scope: WaiverScope
  readonly #limits: Limits

  constructor(input: WaiversInput | undefined, scope: WaiverScope) {
    this.#input = input ?? { files: [], waivers: [], config: {} }
    this.#scope = scope
    const { maxDays = 365, warnDays = 30, maxUnits = 100 } = this.#input.config
    this.#limits = { today: scope.now.slice(0, 10), maxDays, warnDays, maxUnits }
    this.#entries = [...this.#input.waivers.map((waiver) => this.#fromFile(waiver)), ...this.#fromObjects()]
    for (const entry of this.#entries) this.#file(entry)
  }

  /** The waiver of a finding, the first that counts. Call once for each finding; it is counted. */
  take(rule: string, unit: UnitIdentity, outcome: FindingOutcome): Finding['waiver'] {
    const filed = this.#byRule.get(rule)
    if (filed === undefined) return undefined
    const fingerprint = () => fingerprintOf(this.#scope.cluster, rule, unit)
    let taken: Entry | undefined
    for (const entry of [...filed.all, ...(filed.byUnit.get(unit.id) ?? [])]) {
      if (!entry.result.outcomes.includes(outcome) || !entry.selector.matches(unit, fingerprint)) continue
      if (entry.result.state !== 'active') entry.missed += 1
      else if (taken === undefined) taken = entry
      else entry.shadowed += 1
    }
    if (taken === undefined) return undefined
    taken.result.waived[outcome] += 1
    const { id, owner, reason, expires } = taken.result
    return { id, owner, reason, expires }
  }

  /** What a result says of its waivers; after every finding was asked for. Undefined where there is nothing to say. `isBlind`: no cluster was read. */
  report({ isBlind = false } = {}): WaiversResult | undefined {
    const { facts, catalogue, cluster } = this.#scope
    for (const entry of this.#entries) entry.isAbout = isAboutSome(entry, this.#scope)
    const isOpen = ({ rule }: CompiledRule) => isBlind || facts.missingUnits[rule.each] !== undefined
    const open = new Set(catalogue.rules.filter(isOpen).map(({ rule }) => rule.id))
    const issues = this.#entries.flatMap((entry) => issuesOf(entry, this.#limits, { open, catalogue, cluster }))
    const all = [...this.#issues, ...issues]
    if (this.#entries.length + this.#input.files.length + all.length === 0) return undefined
    return {
      files: this.#input.files.map((file) => ({ ...file })),
      annotations: this.#input.config.annotations ?? 'forbidden',
      list: this.#entries.map(({ result }) => result),
      issues: all,
    }
  }

  #file(entry: Entry): void {
    if (entry.result.state === 'elsewhere') return
    for (const rule of entry.rules) {
      const filed = this.#byRule.get(rule) ?? { all: [], byUnit: new Map<string, Entry[]>() }
      this.#byRule.set(rule, filed)
      const { unit } = entry
      if (unit === undefined) filed.all.push(entry)
      else filed.byUnit.set(unit, [...(filed.byUnit.get(unit) ?? []), entry])
    }
  }

  #fromFile(waiver: Waiver & { readonly source: string }): Entry {
    const patterns = [waiver.rule ?? []].flat()
    const controls = [waiver.control ?? []].flat()
    const selector = selectorOf(waiver.match, this.#scope.cluster)
    const named = this.#scope.catalogue.rules.filter(ruleTest(patterns, controls, this.#scope.catalogue))
    const isEveryRule = [...patterns, ...controls].some((one) => /^\*+(\/\*+)?$/.test(one))
    const isRefused = this.#isTooLong(waiver.created, waiver.expires) || waiver.created > this.#limits.today
    const takesAll = isEveryRule && selector.isEverything
    const state = this.#stateOf(waiver.expires, selector.isHere, isRefused || takesAll)
    return this.#entry(named, selector, isEveryRule, undefined, {
      id: waiver.id,
      source: waiver.source,
      rules: patterns,
      controls,
      selects: selector.inWords,
      outcomes: waiver.outcomes ?? ['fail'],
      owner: waiver.owner,
      approver: waiver.approver,
      reason: waiver.reason,
      ...(waiver.ticket !== undefined && { ticket: waiver.ticket }),
      created: waiver.created,
      expires: waiver.expires,
      state,
      waived: noneWaived(),
    })
  }

  #stateOf(expires: string, isHere: boolean, isRefused: boolean): WaiverResult['state'] {
    if (!isHere) return 'elsewhere'
    if (expires < this.#limits.today) return 'ended'
    return isRefused ? 'refused' : 'active'
  }

  #isTooLong(from: string, to: string): boolean {
    return daysBetween(from, to) > this.#limits.maxDays
  }

  #entry(
    named: readonly CompiledRule[],
    selector: Selector,
    isEveryRule: boolean,
    unit: string | undefined,
    result: WaiverResult,
  ): Entry {
    const { leftOut } = this.#scope
    const ids = named.map(({ rule }) => rule.id)
    return {
      result,
      selector,
      rules: new Set(ids.filter((id) => !leftOut.has(id))),
      hasLeftOut: ids.some((id) => leftOut.has(id)),
      isEveryRule,
      unit,
      isAbout: false,
      missed: 0,
      shadowed: 0,
    }
  }

  /** Every object that asks; what it asks for counts only where the run allows it. */
  #fromObjects(): Entry[] {
    const { workloads, nodes, namespaces } = this.#scope.facts.units
    const asking = [...nodes, ...workloads, ...namespaces].map(({ identity }) => identity).filter(({ waive }) => waive)
    if (asking.length === 0) return []
    if (this.#input.config.annotations === 'allowed') return asking.flatMap((unit) => this.#fromObject(unit) ?? [])
    const names = asking.slice(0, 5).map(({ name }) => visibleText(name, 100))
    const more = asking.length > names.length ? ` and ${asking.length - names.length} more` : ''
    this.#issues.push(
      this.#issue(
        'waiver-not-allowed',
        'info',
        'annotations',
        `Objects ask for waivers by annotation, which this run does not allow: ${names.join(', ')}${more}.`,
        'Write what is accepted into the waivers file, or allow annotations in the configuration (waivers.annotations).',
      ),
    )
    return []
  }

  #fromObject(unit: UnitIdentity): Entry | undefined {
    const id = `annotation:${unit.id}`
    const asked = parseAnnotation(unit)
    if (typeof asked === 'string') {
      this.#issues.push(
        this.#issue(
          'waiver-malformed',
          'medium',
          id,
          `The annotation kube-assay.io/waive of ${visibleText(unit.name, 100)} cannot be read: ${asked}. Nothing is waived by it.`,
          'Write rule=<id>; until=<YYYY-MM-DD>; reason=<text>, with owner= and ticket= where they are wanted.',
        ),
      )
      return undefined
    }
    const selector = { ...selectorOf(undefined, this.#scope.cluster), isEverything: false }
    const named = this.#scope.catalogue.rules.filter(({ rule }) => asked.rules.includes(rule.id))
    return this.#entry(named, selector, false, unit.id, {
      id,
      source: `annotation kube-assay.io/waive of ${visibleText(unit.name, 100)}`,
      rules: [...asked.rules],
      controls: [],
      selects: visibleText(unit.name, 100),
      outcomes: ['fail'],
      owner: asked.owner,
      reason: asked.reason,
      ...(asked.ticket !== undefined && { ticket: asked.ticket }),
      expires: asked.until,
      state: this.#stateOf(asked.until, true, this.#isTooLong(this.#limits.today, asked.until)),
      waived: noneWaived(),
    })
  }

  #issue(
    id: WaiverIssue['id'],
    severity: WaiverIssue['severity'],
    waiver: string,
    message: string,
    remedy: string,
  ): WaiverIssue {
    const unit = { kind: 'cluster', id: `waiver/${waiver}` } as const
    return { id, severity, waiver, message, remedy, fingerprint: fingerprintOf(this.#scope.cluster, id, unit) }
  }
}

/**
 * What can be told of waivers without a cluster: days, retired and unknown rules, and those that take everything. Nothing is idle
 * here, since nothing was looked at.
 */
export function checkWaiverBook(input: WaiversInput, catalogue: Catalogue, now: string): readonly WaiverIssue[] {
  const unseen = { kind: 'cluster', id: 'cluster', name: '' } as const
  const cluster = { identity: unseen, facts: {} }
  const none = { cluster: [cluster], nodes: [], workloads: [], namespaces: [], bindings: [], roles: [], subjects: [] }
  const waivers = input.waivers.map((waiver) => {
    const { cluster: _other, ...match } = waiver.match ?? {}
    return { ...waiver, match }
  })
  const facts = { cluster, units: none, missingUnits: {} }
  const scope = { catalogue, leftOut: new Map<string, string>(), facts, cluster: { name: '' }, now }
  return new WaiverBook({ ...input, waivers }, scope).report({ isBlind: true })?.issues ?? []
}

export function noneWaived(): WaivedCounts {
  return { fail: 0, unknown: 0, error: 0, manual: 0 }
}

/** Rules whose id or section a pattern names, or that answer a control that one names. */
function ruleTest(
  patterns: readonly string[],
  controls: readonly string[],
  { plans }: Catalogue,
): (one: CompiledRule) => boolean {
  const byName = patterns.map(starPattern)
  const byControl = controls.map(starPattern)
  const answering = new Set(
    byControl.length === 0
      ? []
      : [...plans.values()].flatMap((plan) =>
          plan.controls
            .filter(({ number }) => byControl.some((test) => test(`${benchmarkId(plan)}:${number}`)))
            .flatMap(({ rules }) => rules),
        ),
  )
  return ({ rule, section }) =>
    answering.has(rule.id) || byName.some((test) => test(rule.id) || test(`${section}/${rule.id}`))
}

function isAboutSome(entry: Entry, { catalogue, facts, cluster }: WaiverScope): boolean {
  const { waived } = entry.result
  if (waived.fail + waived.unknown + waived.error + waived.manual + entry.missed + entry.shadowed > 0) return true
  return catalogue.rules.some(
    ({ rule }) =>
      entry.rules.has(rule.id) &&
      facts.units[rule.each].some(
        ({ identity }) =>
          (entry.unit === undefined || entry.unit === identity.id) &&
          entry.selector.matches(identity, () => fingerprintOf(cluster, rule.id, identity)),
      ),
  )
}

/** A rule's units by outcome without those under a waiver. */
export function countsWithout(rule: Result['rules'][number]): Result['rules'][number]['counts'] {
  const { counts, waived } = rule
  if (waived === undefined) return counts
  return {
    ...counts,
    fail: counts.fail - waived.fail,
    unknown: counts.unknown - waived.unknown,
    error: counts.error - waived.error,
    manual: counts.manual - waived.manual,
  }
}
