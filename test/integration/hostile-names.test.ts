// Names from a cluster or host that were chosen to break out of a command or a file, in every failing case of every rule: commands
// are run by a shell that has nothing but one program, which must never be called; YAML, JSON and TOML must give the same document as
// with a plain name; other files must keep their lines.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { type CompiledRule, loadCatalogue } from '../../src/catalog/index.ts'
import { findingOf } from '../../src/evaluate/index.ts'
import { type Case, readFixtures, rulesFolder, unitsOfCase } from '../unit/catalog/support.ts'

const plain = 'plainname'
const hostile = {
  'quotes, substitutions and separators': `x'$(owned)"\`owned\`;owned|owned&&owned #\\ {{ü 日本`,
  'a name like an option': '-$(owned)',
  'line breaks and direction marks': 'a\nowned\r\nowned\u202e\u0000\u001b[2J',
}

/** Keys whose texts are names that somebody else chose. Words of Kubernetes' own, such as a kind, stay. */
const names = new Set(
  `account bindingName claim component configuration container containers duplicateOf field flag image key manifest member name namespace
  node path paths policy roleName rule service services subject subjects urlHost user username volume volumes workloads`.split(
    /\s+/,
  ),
)

const folder = mkdtempSync(join(tmpdir(), 'kube-assay-hostile-'))
const trace = join(folder, 'called')
beforeAll(() => {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/owned'), `#!/bin/sh\n: > ${trace}\n`, { mode: 0o755 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Shows what kubectl would be given, argument by argument. */
const showArguments = `kubectl() { printf '%s\\0' "$@"; }`

/** A restricted shell writes to no file and finds no program outside its path. */
function run(command: string): { stderr: string; words: string[] } {
  const env = { PATH: join(folder, 'bin') }
  const { stdout, stderr, error } = spawnSync('/bin/bash', ['--restricted', '-c', `${showArguments}\n${command}`], {
    encoding: 'utf8',
    env,
    cwd: folder,
    timeout: 20_000,
  })
  if (error !== undefined) throw error
  return { stderr, words: stdout.split('\0') }
}

function poisoned(value: unknown, text: string, isName = false): unknown {
  if (typeof value === 'string') return isName && value !== '' ? text : value
  if (Array.isArray(value)) return value.map((one) => poisoned(one, text, isName))
  if (typeof value !== 'object' || value === null) return value
  if ('unavailable' in value) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      poisoned(one, text, names.has(key) || (isName && key === 'value')),
    ]),
  )
}

interface Rendered {
  readonly language: string
  readonly content: string
}

function render(compiled: CompiledRule, { facts }: Case, text: string): Map<string, Rendered> {
  const given = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, poisoned(fact, text)]))
  const { unit, cluster } = unitsOfCase(compiled.rule.each, given)
  const { kind, namespace, node } = unit.identity
  const identity = {
    ...unit.identity,
    kind,
    id: text,
    name: text,
    ...(namespace !== undefined && { namespace: text }),
    ...(node !== undefined && { node: text }),
  }
  const { remediation = [], verify } = findingOf(compiled, { ...unit, identity }, cluster)
  const steps = remediation.flatMap(({ language = 'text', content }, at) =>
    content === undefined ? [] : [[`step ${at}`, { language, content }] as const],
  )
  return new Map([
    ...steps,
    ...(verify === undefined ? [] : [['verify', { language: 'shell', content: verify }] as const]),
  ])
}

/** The document with the hostile text put back to the plain one. */
function restored(document: unknown, text: string): unknown {
  if (typeof document === 'string') return document.replaceAll(text, plain)
  if (Array.isArray(document)) return document.map((one) => restored(one, text))
  if (typeof document !== 'object' || document === null) return document
  return Object.fromEntries(
    Object.entries(document).map(([key, one]) => [key.replaceAll(text, plain), restored(one, text)]),
  )
}

/** An argument, or the document that it is, with the plain name in it. */
function wordOf(word: string, text = plain): unknown {
  return /^(\{|\[\{)/.test(word) ? restored(JSON.parse(word), text) : word.replaceAll(text, plain)
}

function problemsOf({ language, content }: Rendered, as: Rendered | undefined, text: string): string[] {
  switch (language) {
    case 'shell': {
      const { stderr, words } = run(content)
      // Where a value cannot be written, there is no command, and it says so.
      if (content.startsWith('# No command: ')) return words.length > 1 ? [`runs something: ${content}`] : []
      const called = existsSync(trace)
      rmSync(trace, { force: true })
      const [given, wanted] = [
        words.map((word) => wordOf(word, text)),
        run(as?.content ?? '').words.map((word) => wordOf(word)),
      ]
      if (JSON.stringify(given) !== JSON.stringify(wanted)) return [`other arguments: ${content}`]
      return [
        ...(called ? [`runs what a name says: ${content}`] : []),
        ...(/syntax error/.test(stderr) ? [stderr] : []),
      ]
    }
    case 'yaml':
    case 'json':
    case 'toml': {
      const parse = (source: string): unknown => (language === 'toml' ? parseToml(source) : parseYaml(source))
      const [given, wanted] = [restored(parse(content), text.toWellFormed()), parse(as?.content ?? '')]
      return JSON.stringify(given) === JSON.stringify(wanted) ? [] : [`another document: ${content}`]
    }
    default:
      return content.split('\n').length === (as?.content ?? '').split('\n').length &&
        !/[\u0000\u001b\u202e\r]/.test(content)
        ? []
        : [`other lines: ${content}`]
  }
}

const catalogue = await loadCatalogue(rulesFolder)
const fixtures = new Map(readFixtures().map(({ fixture }) => [fixture?.rule ?? '', fixture?.cases ?? []]))
const known = new Set<string>()

describe.each(Object.entries(hostile))('remediation and verification with %s', (_words, text) => {
  it.each(catalogue.rules.map((compiled) => [compiled.rule.id, compiled] as const))('%s', (id, compiled) => {
    const problems = (fixtures.get(id) ?? []).flatMap((one) => {
      if (one.outcome !== 'fail' && one.outcome !== 'manual') return []
      const plainly = render(compiled, one, plain)
      return [...render(compiled, one, text)].flatMap(([place, rendered]) => {
        if (rendered.language === 'shell' && known.has(rendered.content)) return []
        known.add(rendered.content)
        return problemsOf(rendered, plainly.get(place), text)
      })
    })
    expect(problems).toEqual([])
  })
})

it('would see a name that gets out', () => {
  run('echo $(owned)')
  expect(existsSync(trace)).toBe(true)
  rmSync(trace)
})
