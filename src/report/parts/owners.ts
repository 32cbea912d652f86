// A result's failing rules by owner: namespace, team, node pool or control. Every failing finding is in one part at least.
// May not: lose a finding that has no owner; those have a part of their own.
import type { LanguageCode } from '../../model/language.ts'
import type { Finding, Result, RuleResult } from '../../model/result.ts'
import { type Language, languageOf } from '../lang/language.ts'
import type { Part, ShownRule } from '../part-model.ts'

interface Owner {
  readonly name: string
  readonly title: string
  /** Owners by name, then what has none. */
  readonly rank: number
}

type Ownership = (finding: Finding, rule: RuleResult) => readonly Owner[]

/** `split`: as the schema of the configuration has it. Owners by name; what has no owner comes last. */
export function partsOf(result: Result, split: string, lang: LanguageCode = 'en'): Part[] {
  const ownership = ownershipBy(result, split, languageOf(lang))
  const found = new Map<string, { owner: Owner; findings: Map<RuleResult, Finding[]> }>()
  for (const rule of result.rules) {
    for (const finding of rule.findings.filter(({ outcome }) => outcome === 'fail')) {
      for (const owner of ownership(finding, rule)) {
        const key = JSON.stringify([owner.rank, owner.name])
        const part = found.get(key) ?? { owner, findings: new Map<RuleResult, Finding[]>() }
        const own = part.findings.get(rule)
        if (own === undefined) part.findings.set(rule, [finding])
        else own.push(finding)
        found.set(key, part)
      }
    }
  }
  return [...found.values()]
    .sort(({ owner: a }, { owner: b }) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .map(({ owner: { name, title }, findings }) => ({
      name,
      title,
      rules: [...findings].map(([rule, own]) => narrow(rule, own)),
      cut: [...findings.keys()].filter(isCut).map(({ id }) => id),
    }))
}

function isCut({ findings, counts }: RuleResult): boolean {
  return findings.filter(({ outcome }) => outcome === 'fail').length < counts.fail
}

function narrow(rule: RuleResult, findings: readonly Finding[]): ShownRule {
  const counts = { notApplicable: 0, pass: 0, manual: 0, unknown: 0, error: 0, fail: findings.length }
  const { waived: _, ...rest } = rule
  const accepted = findings.filter(({ waiver }) => waiver !== undefined).length
  return {
    ...rest,
    ...(accepted > 0 && { waived: { fail: accepted, unknown: 0, error: 0, manual: 0 } }),
    counts,
    findings: [...findings],
    findingsTotal: findings.length,
    isPart: true,
  }
}

function ownershipBy(result: Result, split: string, lang: Language): Ownership {
  if (split === 'namespace') return byNamespace(lang)
  if (split === 'node-pool') return byPool(result, lang)
  if (split === 'control') return byControl(result, lang)
  return byLabel(result, split.slice(split.indexOf('=') + 1), lang)
}

function byNamespace({ say }: Language): Ownership {
  return ({ unit: { namespace: name, kind } }) => {
    if (name !== undefined) return [{ name, title: say('owners.namespace', { name }), rank: 0 }]
    return kind === 'nodes'
      ? [{ name: '(nodes)', title: say('owners.nodes'), rank: 1 }]
      : [{ name: '(cluster)', title: say('owners.cluster'), rank: 1 }]
  }
}

function byPool({ nodes }: Result, { say, term }: Language): Ownership {
  const pools = new Map(nodes?.nodes.map(({ node, pool }) => [node, nodes.pools[pool]?.name ?? '']))
  return ({ unit }) => {
    const pool = pools.get(unit.node ?? '')
    if (pool !== undefined) return [{ name: pool, title: say('owners.pool', { name: term(pool) }), rank: 0 }]
    return [{ name: '(elsewhere)', title: say('owners.noPool'), rank: 1 }]
  }
}

function byControl({ benchmarks = [] }: Result, { say }: Language): Ownership {
  const controls = benchmarks.flatMap(({ name, version, controls: all }) =>
    all.map(({ number, subject, rules }) => ({
      rules: new Set(rules),
      owner: { name: `${name} ${version} ${number}`, title: `${name} ${version} · ${number}: ${subject}`, rank: 0 },
    })),
  )
  const none = [{ name: '(no control)', title: say('owners.noControl'), rank: 1 }]
  const known = new Map<string, Owner[]>()
  return (_, { id }) => {
    const owners = known.get(id) ?? controls.filter(({ rules }) => rules.has(id)).map(({ owner }) => owner)
    known.set(id, owners)
    return owners.length > 0 ? owners : none
  }
}

/** A unit's own label, else its namespace's. */
function byLabel({ labels = [] }: Result, key: string, { say }: Language): Ownership {
  const teams = new Map<string, string>()
  for (const { unit, labels: own } of labels) {
    const label = own.find((one) => one.startsWith(`${key}=`))
    if (label !== undefined) teams.set(unit, label.slice(key.length + 1))
  }
  return ({ unit }) => {
    const team = teams.get(unit.id) ?? teams.get(`namespace/${unit.namespace ?? ''}`)
    if (team !== undefined) return [{ name: team, title: `${key} ${team}`, rank: 0 }]
    return [{ name: `(no ${key})`, title: say('owners.noLabel', { key }), rank: 1 }]
  }
}
