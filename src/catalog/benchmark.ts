// Which version of a benchmark speaks about a cluster, and which of a rule's references hold under it. The same control number means
// different things in different versions, so a number is only ever shown with the version it belongs to.
// May not: fall back to an older version in silence.
import { z } from 'zod'
import type { Unavailable } from '../model/fact.ts'
import type { Rule } from '../model/rule.ts'
import { InputError } from '../util/input-error.ts'

export const benchmarkSchema = z.strictObject({
  /** Key of a rule's references: "cis-kubernetes". */
  key: z.string(),
  /** For people: "CIS Kubernetes". */
  name: z.string(),
  /** Oldest first. `kubernetes` lists the minor versions that the publisher names for it. */
  versions: z
    .array(z.strictObject({ version: z.string(), kubernetes: z.array(z.string().regex(/^1\.\d+$/)).min(1) }))
    .min(1),
})
export type Benchmark = z.infer<typeof benchmarkSchema>

export interface BenchmarkChoice {
  readonly key: string
  readonly name: string
  readonly version: string
  /** Why this version, where that is not plain. */
  readonly note?: string
}

/**
 * The version of the CIS benchmark for a server such as "v1.33.2"; `requested` is "auto" or a version. A server newer than the table, older than it, or
 * unknown gets a version with a note. Throws InputError for a requested version that does not exist.
 */
export function selectBenchmark(
  catalogue: { readonly benchmarks: ReadonlyMap<string, Benchmark> },
  requested: string,
  serverVersion: string | Unavailable,
): BenchmarkChoice {
  const benchmark = catalogue.benchmarks.get('cis-kubernetes')
  if (benchmark === undefined) throw new InputError('The rules folder has no benchmarks/cis-kubernetes.yaml.')
  const { key, name, versions } = benchmark
  if (requested === 'auto') return { key, name, ...versionFor(benchmark, serverVersion) }
  if (versions.some(({ version }) => version === requested)) return { key, name, version: requested }
  const known = versions.map(({ version }) => version).join(', ')
  throw new InputError(`There is no ${name} benchmark ${requested}; known are ${known}, or auto.`)
}

function versionFor({ name, versions }: Benchmark, server: string | Unavailable): { version: string; note?: string } {
  const newest = versions.at(-1)?.version ?? ''
  const minor = typeof server === 'string' ? /^v?(1\.\d+)/.exec(server)?.[1] : undefined
  if (minor === undefined) {
    return { version: newest, note: 'The version of the cluster is not known; the newest benchmark is used.' }
  }
  const match = versions.findLast(({ kubernetes }) => kubernetes.includes(minor))
  if (match !== undefined) return { version: match.version }
  const oldest = versions[0]
  if (oldest?.kubernetes[0] !== undefined && minorNumber(minor) < minorNumber(oldest.kubernetes[0])) {
    const note = `No ${name} benchmark known here covers Kubernetes ${minor}; the oldest, ${oldest.version}, is used.`
    return { version: oldest.version, note }
  }
  const note = `No published ${name} benchmark names Kubernetes ${minor}; the newest, ${newest}, is used.`
  return { version: newest, note }
}

function minorNumber(version: string): number {
  return Number(version.split('.')[1])
}

/** A rule's references for people, under the chosen benchmark: "CIS Kubernetes 1.24 · 4.2.6", "DISA STIG V-242434", "Documents A1". */
export function referencesOf(rule: Rule, benchmark: BenchmarkChoice): string[] {
  const { references } = rule
  const control = benchmark.key === 'cis-kubernetes' ? references['cis-kubernetes']?.[benchmark.version] : undefined
  return [
    ...(control === undefined ? [] : [`${benchmark.name} ${benchmark.version} · ${control}`]),
    ...(references['disa-stig'] ?? []).map((id) => `DISA STIG ${id}`),
    ...(references['pod-security-standards'] ?? []).map((level) => `Pod Security Standards ${level}`),
    ...(references.documents ?? []).map((row) => `Documents ${row}`),
  ]
}
