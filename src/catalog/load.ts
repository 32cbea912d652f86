// Reads the catalogue folder: every rule validated, compiled, and told apart by its id; all problems at once, each with its place.
// May not: evaluate a rule, or skip one that is wrong.
import { createHash } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { type Benchmark, benchmarkSchema, type ControlList, controlListSchema } from '../model/benchmark.ts'
import { crosswalkSchema } from '../model/crosswalk.ts'
import type { RetiredRule } from '../model/retired-rule.ts'
import { type Rule, ruleSchema } from '../model/rule.ts'
import { nearest } from '../util/did-you-mean.ts'
import { InputError } from '../util/input-error.ts'
import { type Problem, YamlSource } from '../util/yaml-source.ts'
import { benchmarkId } from './benchmark.ts'
import { type CompiledRule, compileRule } from './compile.ts'
import { type BenchmarkPlan, checkControlList, planOf } from './controls.ts'
import { checkCrosswalk, type Framework, frameworkOf } from './crosswalk.ts'
import { visibleText } from './quote.ts'
import { readRetired, retiredFile } from './retired.ts'

/** Of a problem in one line; lists of what is allowed are long. */
const maxShown = 10_000

export interface PackIdentity {
  /** Name of its folder. */
  readonly name: string
  /** SHA-256, hex, over the sorted names and contents of its files. */
  readonly digest: string
  readonly rules: number
}

export interface Catalogue {
  /** Sorted by id. */
  readonly rules: readonly CompiledRule[]
  /** By key, such as "cis-kubernetes". */
  readonly benchmarks: ReadonlyMap<string, Benchmark>
  /** Every number of a version with the rules that answer it, by id such as "cis-kubernetes@2.0"; old versions have none. */
  readonly plans: ReadonlyMap<string, BenchmarkPlan>
  /** Frameworks whose requirements rules say something about, by key. */
  readonly frameworks: ReadonlyMap<string, Framework>
  /** Rules that are no more; rule packs have none. */
  readonly retired?: readonly RetiredRule[]
  /** Of the package that brings it, or "unversioned" for a folder of one's own; the digest tells those apart. */
  readonly version: string
  /** SHA-256, hex, over the sorted names and contents of all its files. */
  readonly digest: string
  /** Rule packs of users that were added. */
  readonly packs?: readonly PackIdentity[]
}

/** Everything wrong with a catalogue; the message has one line a problem. */
export class CatalogueError extends InputError {
  override readonly name = 'CatalogueError'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    // Names of files and keys are a pack's author's, and go to a terminal.
    const lines = problems.map(({ file, line, column, message }) =>
      visibleText(`${file}:${line}:${column}: ${message}`, maxShown),
    )
    // A template can name the same wrong field for two of its uses.
    super([...new Set(lines)].join('\n'))
    this.problems = problems
  }
}

export interface SourceFile {
  /** Below the catalogue folder, with forward slashes. */
  readonly path: string
  readonly shown: string
  readonly text: string
}

/** Loads rules and benchmarks of a folder. Throws CatalogueError with every problem found. */
export async function loadCatalogue(folder: string, version = 'unversioned'): Promise<Catalogue> {
  const files = await readFiles(folder)
  const problems: Problem[] = []
  const benchmarks = readBenchmarks(files, problems)
  const rules = compileFiles(files.filter(isRule), benchmarks, new Map(), problems)
  if (!files.some(isRule)) problems.push({ file: folder, line: 1, column: 1, message: 'holds no rules (*.yaml)' })
  rules.sort((a, b) => (a.rule.id < b.rule.id ? -1 : 1))
  const plans = readPlans(
    files,
    benchmarks,
    rules.map(({ rule }) => rule),
    problems,
  )
  const frameworks = readFrameworks(files, rules, plans, problems)
  const ids = new Set(rules.map(({ rule }) => rule.id))
  const retired = readRetired(
    files.find(({ path }) => path === retiredFile),
    ids,
    problems,
  )
  if (problems.length > 0) throw new CatalogueError(problems)
  return { rules, benchmarks, plans, frameworks, retired, version, digest: digestOf(files) }
}

/** Nothing is joined while a rule or a benchmark is wrong. */
function readFrameworks(
  files: readonly SourceFile[],
  rules: readonly CompiledRule[],
  plans: ReadonlyMap<string, BenchmarkPlan>,
  problems: Problem[],
): Map<string, Framework> {
  const isJoinable = problems.length === 0
  const frameworks = new Map<string, Framework>()
  for (const file of files.filter(isCrosswalk)) {
    const source = new YamlSource(file.shown, file.text, crosswalkSchema)
    const { value } = source
    if (value !== undefined && isJoinable) {
      const named = basename(file.path, '.yaml')
      if (value.key !== named) source.add(['key'], `the key is ${value.key}, but the file is named ${named}`)
      checkCrosswalk(source, value, rules, plans)
      frameworks.set(value.key, frameworkOf(value, rules, plans))
    }
    problems.push(...source.problems)
  }
  return frameworks
}

/** Rules of files; what is wrong is added to `problems`. `taken`: ids that are in use, with whose they are. */
export function compileFiles(
  files: readonly SourceFile[],
  benchmarks: ReadonlyMap<string, Benchmark>,
  taken: ReadonlyMap<string, string>,
  problems: Problem[],
): CompiledRule[] {
  const places = new Map(taken)
  return files.flatMap((file) => {
    const source = new YamlSource(file.shown, file.text, ruleSchema)
    const compiled = source.value && checkRule(source, source.value, file, places, benchmarks)
    problems.push(...source.problems)
    return compiled ?? []
  })
}

function readBenchmarks(files: readonly SourceFile[], problems: Problem[]): Map<string, Benchmark> {
  const benchmarks = new Map<string, Benchmark>()
  for (const file of files.filter((one) => isBenchmark(one) && !isControlList(one))) {
    const source = new YamlSource(file.shown, file.text, benchmarkSchema)
    const named = basename(file.path, '.yaml')
    if (source.value !== undefined && source.value.key !== named)
      source.add(['key'], `the key is ${source.value.key}, but the file is named ${named}; they must be the same`)
    problems.push(...source.problems)
    if (source.value !== undefined) benchmarks.set(source.value.key, source.value)
  }
  return benchmarks
}

/** The lists of controls joined with the rules. Nothing is joined while a rule or a benchmark is wrong. */
function readPlans(
  files: readonly SourceFile[],
  benchmarks: ReadonlyMap<string, Benchmark>,
  rules: readonly Rule[],
  problems: Problem[],
): Map<string, BenchmarkPlan> {
  const sources = files.filter(isControlList).map((file) => new YamlSource(file.shown, file.text, controlListSchema))
  const lists = new Map<string, ControlList>()
  for (const { value } of sources)
    if (value !== undefined) lists.set(benchmarkId({ key: value.benchmark, version: value.version }), value)
  if (problems.length === 0)
    for (const source of sources)
      if (source.value !== undefined) checkControlList(source, source.value, { lists, benchmarks, rules })
  problems.push(...sources.flatMap((source) => source.problems))
  return problems.length > 0 ? new Map() : new Map([...lists].map(([id, list]) => [id, planOf(list, lists, rules)]))
}

function checkRule(
  source: YamlSource<Rule>,
  rule: Rule,
  file: SourceFile,
  places: Map<string, string>,
  benchmarks: ReadonlyMap<string, Benchmark>,
): CompiledRule | undefined {
  const named = basename(file.path).replace(/\.ya?ml$/, '')
  if (rule.id !== named)
    source.add(['id'], `the id is ${rule.id}, but the file is named ${named}; they must be the same`)
  const other = places.get(rule.id)
  if (other !== undefined) source.add(['id'], `${rule.id} is also the id of ${other}`)
  places.set(rule.id, file.shown)
  const section = dirname(file.path)
  if (section === '.' || section.includes('/')) source.add([], 'a rule lies in rules/<section>/<id>.yaml')
  const versions = (benchmarks.get('cis-kubernetes')?.versions ?? []).map(({ version }) => version)
  for (const version of Object.keys(rule.references['cis-kubernetes'] ?? {})) {
    if (versions.includes(version)) continue
    const message = `there is no CIS Kubernetes benchmark ${version}${nearest(version, versions)}; known: ${versions.join(', ')}`
    source.add(['references', 'cis-kubernetes', version], message)
  }
  return compileRule(rule, section, (path, message) => source.add(path, message))
}

async function readFiles(folder: string): Promise<SourceFile[]> {
  const paths: string[] = []
  try {
    for await (const path of glob('**/*.{yaml,yml}', { cwd: folder, exclude: ['translations'] })) paths.push(path)
  } catch (error) {
    throw new InputError(
      `The rules folder ${folder} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`,
    )
  }
  paths.sort()
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(folder, path), 'utf8')
      return { path: path.split(sep).join('/'), shown: join(basename(folder), path), text }
    }),
  )
}

function isCrosswalk(file: SourceFile): boolean {
  return file.path.startsWith('crosswalk/')
}

function isRule(file: SourceFile): boolean {
  return !isBenchmark(file) && !isCrosswalk(file) && file.path !== retiredFile
}

function isBenchmark(file: SourceFile): boolean {
  return file.path.startsWith('benchmarks/')
}

/** "benchmarks/<key>-<version>.yaml" holds `controls`, "benchmarks/<key>.yaml" the versions. */
function isControlList(file: SourceFile): boolean {
  return isBenchmark(file) && /^controls:/m.test(file.text)
}

/** SHA-256, hex, over names and contents. */
export function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256')
  for (const { path, text } of files) hash.update(`${path}\0${Buffer.byteLength(text)}\0`).update(text)
  return hash.digest('hex')
}
