// docs/distributions.md: each control of CIS Kubernetes 2.0, sections 1 to 4, on each stored host.
// May not: judge anything itself.
import { loadCatalogue } from '../../src/catalog/index.ts'
import { rulesFolder } from '../../src/cli/paths.ts'
import { findingOf } from '../../src/evaluate/index.ts'
import { type Outcome, worstOutcome } from '../../src/model/outcome.ts'
import { distributionHosts } from '../../src/simulator/hosts/distributions/index.ts'
import { type DistributionReading, readDistribution } from './distribution-evidence.ts'

export interface Matrix {
  readonly readings: ReadonlyMap<string, DistributionReading>
  /** By control and host. */
  readonly outcomes: ReadonlyMap<string, ReadonlyMap<string, Outcome>>
}

const version = '2.0'
const marks: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  fail: 'FAIL',
  unknown: '?',
  notApplicable: '–',
  manual: 'manual',
  error: 'ERROR',
}

export async function readMatrix(): Promise<Matrix> {
  const { rules } = await loadCatalogue(rulesFolder)
  const readings = new Map<string, DistributionReading>()
  for (const host of distributionHosts) readings.set(host.id, await readDistribution(host))
  const outcomes = new Map<string, Map<string, Outcome>>()
  for (const compiled of rules) {
    const { each, references } = compiled.rule
    const number = references['cis-kubernetes']?.[version]
    if (each !== 'nodes' || number === undefined || number.startsWith('5.')) continue
    const row = outcomes.get(number) ?? new Map<string, Outcome>()
    outcomes.set(number, row)
    for (const [id, { facts }] of readings) {
      const [unit] = facts.units.nodes
      if (unit === undefined) throw new Error(`${id} has no node`)
      const { outcome } = findingOf(compiled, unit, facts.cluster)
      const before = row.get(id)
      row.set(id, before === undefined ? outcome : worstOutcome([before, outcome]))
    }
  }
  return { readings, outcomes }
}

/** Numbers in their own order: 1.2.9 before 1.2.10. */
function byNumber([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  const at = left.findIndex((part, index) => part !== right[index])
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
}

/** What each number asks, in the words of our list. */
export async function readSubjects(): Promise<ReadonlyMap<string, string>> {
  const { plans } = await loadCatalogue(rulesFolder)
  const plan = plans.get(`cis-kubernetes@${version}`)
  return new Map((plan?.controls ?? []).map(({ number, subject }) => [number, subject]))
}

export function matrixPage({ outcomes }: Matrix, subjects: ReadonlyMap<string, string>): string {
  const hosts = distributionHosts
  const rows = [...outcomes]
    .toSorted(byNumber)
    .map(
      ([number, row]) =>
        `| ${number} | ${subjects.get(number) ?? ''} | ${hosts.map(({ id }) => marks[row.get(id) ?? 'error']).join(' | ')} |`,
    )
  const counts = hosts.map(({ id }) => {
    const all = [...outcomes.values()].map((row) => row.get(id) ?? 'error')
    const count = (outcome: Outcome): number => all.filter((one) => one === outcome).length
    return `${count('pass')} / ${count('fail')} / ${count('unknown')} / ${count('notApplicable')}`
  })
  return `${[
    `| control | what is asked | ${hosts.map(({ title }) => title).join(' | ')} |`,
    `| --- | --- | ${hosts.map(() => '---').join(' | ')} |`,
    ...rows,
    `| all | pass / fail / unknown / not applicable | ${counts.join(' | ')} |`,
  ].join('\n')}\n`
}
