// Which versions of which benchmarks speak about a cluster, and which of a rule's references hold under them. The same control number
// means different things in different versions, so a number is only ever shown with the version it belongs to.
// May not: fall back to an older version in silence.
import type { Benchmark, Distribution } from '../model/benchmark.ts'
import { isUnavailable, type Unavailable } from '../model/fact.ts'
import type { Rule } from '../model/rule.ts'
import { nearest } from '../util/did-you-mean.ts'
import { InputError } from '../util/input-error.ts'
import type { BenchmarkPlan } from './controls.ts'

const defaultKey = 'cis-kubernetes'

export interface BenchmarkChoice {
  readonly key: string
  readonly name: string
  readonly version: string
  /** Why this version, where that is not plain. */
  readonly note?: string
}

type Benchmarks = { readonly benchmarks: ReadonlyMap<string, Benchmark> }

export interface ChosenCluster {
  readonly version: string | Unavailable
  readonly distribution?: Distribution | undefined
}

/** Key and version in one word, as --benchmark takes it: "cis-kubernetes@2.0". */
export function benchmarkId({ key, version }: Pick<BenchmarkChoice, 'key' | 'version'>): string {
  return `${key}@${version}`
}

/**
 * The versions asked for, each once, in the order given; "auto" is the benchmark of the cluster's distribution and version, else CIS
 * Kubernetes. `auto` for a server newer than the table, older than it, or unknown gets a version with a note. Throws InputError for one
 * that does not exist.
 */
export function selectBenchmarks(
  catalogue: Benchmarks,
  requested: readonly string[],
  cluster: ChosenCluster,
): BenchmarkChoice[] {
  const chosen = requested.map((name) => selectBenchmark(catalogue, name, cluster.version, cluster.distribution))
  return chosen.filter((one, index) => chosen.findIndex((other) => benchmarkId(other) === benchmarkId(one)) === index)
}

/**
 * One benchmark: "auto", "cis-kubernetes@2.0", "cis-kubernetes" for the version that fits the cluster, or the bare version of the CIS
 * Kubernetes benchmark. See `selectBenchmarks`.
 */
export function selectBenchmark(
  { benchmarks }: Benchmarks,
  requested: string,
  serverVersion: string | Unavailable,
  distribution?: Distribution,
): BenchmarkChoice {
  const server = isUnavailable(serverVersion) ? undefined : serverVersion
  if (requested === 'auto') return autoChoice(benchmarks, server, distribution)
  const [first = '', second] = requested.split('@')
  const isBareVersion = second === undefined && !benchmarks.has(first)
  const benchmark = benchmarkOf(benchmarks, isBareVersion ? defaultKey : first)
  const { key, name, versions } = benchmark
  const version = isBareVersion ? first : second
  if (version === undefined) return { key, name, ...versionFor(benchmark, server) }
  if (versions.some((known) => known.version === version)) return { key, name, version }
  const known = versions.map((one) => one.version).join(', ')
  const others = isBareVersion ? ` Other benchmarks: ${otherKeys(benchmarks)}.` : ''
  throw new InputError(`There is no ${name} benchmark ${version}; known are ${known}, or auto.${others}`)
}

function autoChoice(
  benchmarks: ReadonlyMap<string, Benchmark>,
  server: string | undefined,
  distribution: Distribution | undefined,
): BenchmarkChoice {
  const own = [...benchmarks.values()].find((one) => distribution !== undefined && one.distribution === distribution)
  const benchmark = own ?? benchmarkOf(benchmarks, defaultKey)
  const { key, name } = benchmark
  const { version, note } = versionFor(benchmark, server)
  const notes = [
    ...(distribution !== undefined && own === undefined
      ? [
          `The benchmark of ${distributionNames[distribution]} is not in this catalogue; that of plain Kubernetes is used.`,
        ]
      : []),
    ...(note === undefined ? [] : [note]),
  ]
  return { key, name, version, ...(notes.length > 0 && { note: notes.join(' ') }) }
}

const distributionNames: { readonly [D in Distribution]: string } = {
  eks: 'Amazon EKS',
  gke: 'Google GKE',
  aks: 'Azure AKS',
  k3s: 'K3s',
  rke2: 'RKE2',
  openshift: 'OpenShift',
}

function benchmarkOf(benchmarks: ReadonlyMap<string, Benchmark>, key: string): Benchmark {
  const found = benchmarks.get(key)
  if (found !== undefined) return found
  if (key === defaultKey) throw new InputError(`The rules folder has no benchmarks/${defaultKey}.yaml.`)
  const keys = [...benchmarks.keys()]
  throw new InputError(`There is no benchmark ${key}${nearest(key, keys)}; known are ${keys.join(', ')}, or auto.`)
}

function otherKeys(benchmarks: ReadonlyMap<string, Benchmark>): string {
  return [...benchmarks.keys()].filter((key) => key !== defaultKey).join(', ') || 'none'
}

function versionFor({ name, versions }: Benchmark, server: string | undefined): { version: string; note?: string } {
  const newest = versions.at(-1)?.version ?? ''
  if (versions.every(({ kubernetes }) => kubernetes === undefined)) return { version: newest }
  const minor = server === undefined ? undefined : /^v?(1\.\d+)/.exec(server)?.[1]
  if (minor === undefined) {
    return { version: newest, note: 'The version of the cluster is not known; the newest benchmark is used.' }
  }
  const match = versions.findLast(({ kubernetes }) => kubernetes?.includes(minor))
  if (match !== undefined) return { version: match.version }
  const oldest = versions[0]
  if (oldest?.kubernetes?.[0] !== undefined && minorNumber(minor) < minorNumber(oldest.kubernetes[0])) {
    const note = `No ${name} benchmark known here covers Kubernetes ${minor}; the oldest, ${oldest.version}, is used.`
    return { version: oldest.version, note }
  }
  const note = `No ${name} benchmark known here names Kubernetes ${minor}; the newest, ${newest}, is used.`
  return { version: newest, note }
}

function minorNumber(version: string): number {
  return Number(version.split('.')[1])
}

/** Benchmarks that a rule names without a version: they are shown whatever a run reports. */
const alwaysShown = new Set(['disa-stig', 'pod-security-standards', 'documents'])

/**
 * A rule's references for people, under the benchmarks of a run: "CIS Kubernetes 1.24 · 4.2.6", "DISA STIG V-242434", "Documents A1".
 * `plans` gives the numbers of benchmarks that rules have no key for.
 */
export function referencesOf(
  rule: Rule,
  choices: readonly BenchmarkChoice[],
  plans: ReadonlyMap<string, BenchmarkPlan>,
): string[] {
  const { references } = rule
  const numbered = choices.flatMap((choice) => {
    const numbers = alwaysShown.has(choice.key) ? [] : numbersOf(rule, choice, plans.get(benchmarkId(choice)))
    return numbers.length === 0 ? [] : [`${choice.name} ${choice.version} · ${numbers.join(', ')}`]
  })
  return [
    ...numbered,
    ...(references['disa-stig'] ?? []).map((id) => `DISA STIG ${id}`),
    ...(references['pod-security-standards'] ?? []).map((level) => `Pod Security Standards ${level}`),
    ...(references.documents ?? []).map((row) => `Documents ${row}`),
  ]
}

function numbersOf(rule: Rule, { key, version }: BenchmarkChoice, plan: BenchmarkPlan | undefined): string[] {
  if (plan !== undefined)
    return plan.controls.filter((control) => control.rules.includes(rule.id)).map(({ number }) => number)
  const own = key === 'cis-kubernetes' ? rule.references['cis-kubernetes']?.[version] : undefined
  return own === undefined ? [] : [own]
}
