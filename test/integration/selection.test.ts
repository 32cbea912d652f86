// Benchmarks and rules as a user chooses them: each flag alone and together, over a snapshot, by what the result then holds; and every
// mistake in one line before the snapshot is opened.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Result } from '../../src/model/result.ts'
import { resultSchema } from '../../src/model/result.ts'
import { runCli } from '../support/cli.ts'

const folder = await mkdtemp(join(tmpdir(), 'kube-assay-selection-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const snapshot = 'reports/sample/snapshot.ndjson.zst'

async function evaluate(name: string, ...flags: string[]): Promise<Result> {
  const output = join(folder, `${name}.json`)
  const run = await runCli(['evaluate', snapshot, '--output', output, ...flags])
  expect(run.stderr).not.toContain('internal error')
  expect([run.code, run.stderr.split('\n').filter((line) => line.startsWith('kube-assay:'))]).toEqual([0, []])
  return resultSchema.parse(JSON.parse(await readFile(output, 'utf8')))
}

/** Without any flag. */
const plain = evaluate('plain')

const names = ({ benchmarks = [] }: Result) => benchmarks.map(({ key, version }) => `${key}@${version}`)
const ids = ({ rules }: Result) => rules.map(({ id }) => id)

describe('benchmarks', () => {
  it('several come from one evaluation, in the order given, each once', async () => {
    const result = await evaluate(
      'several',
      ...['auto', 'nsa-cisa@1.2', 'pod-security-standards@baseline', 'cis-kubernetes@2.0'].flatMap((one) => [
        '--benchmark',
        one,
      ]),
    )
    expect(names(result)).toEqual(['cis-kubernetes@2.0', 'nsa-cisa@1.2', 'pod-security-standards@baseline'])
    const [first, , pods] = result.benchmarks ?? []
    expect(first?.controls).toHaveLength(131)
    expect(pods?.controls.find(({ number }) => number === 'hostNamespaces')).toMatchObject({
      state: 'evaluated',
      part: 'hostNamespaces',
      rules: ['pod-security-baseline'],
    })
  })

  it('--level 1 leaves out what is level 2 only, and lists it', async () => {
    const all = await plain
    const one = await evaluate('level-1', '--level', '1')
    expect(names(all)).toEqual(['cis-kubernetes@2.0'])
    const excluded = (one.benchmarks?.[0]?.controls ?? []).filter(({ state }) => state === 'excluded')
    expect(excluded.length).toBeGreaterThan(10)
    expect(excluded.filter(({ level }) => level !== 2)).toEqual([])
    expect(excluded[0]?.reason).toBe('level 2; --level 1 was asked for')
    const gone = ids(all).filter((id) => !ids(one).includes(id))
    expect(gone.length).toBeGreaterThan(0)
    expect(one.excluded).toEqual(gone.map((rule) => ({ rule, reason: 'level 2; --level 1 was asked for' })))
  })
})

describe('rules', () => {
  it('--include takes ids, sections and numbers; the rest is listed with the reason', async () => {
    const result = await evaluate(
      'include',
      '--include',
      'swap/*',
      '--include',
      '1.2.1',
      '--include',
      'kubelet-client-ca',
    )
    expect(ids(result)).toEqual([
      'api-anonymous-authentication',
      'kubelet-client-ca',
      'swap-at-boot',
      'swap-configuration',
      'swap-memory-volumes',
    ])
    expect(result.excluded?.[0]?.reason).toBe('not in --include swap/*, 1.2.1, kubelet-client-ca')
    const [control] = (result.benchmarks?.[0]?.controls ?? []).filter(({ number }) => number === '1.2.2')
    expect(control).toMatchObject({ state: 'excluded' })
    expect(control?.outcome).toBe(undefined)
  })

  it('--exclude wins over --include', async () => {
    const result = await evaluate('exclude', '--include', 'swap/*', '--exclude', 'swap-at-*')
    expect(ids(result)).toEqual(['swap-configuration', 'swap-memory-volumes'])
    expect(result.excluded).toContainEqual({ rule: 'swap-at-boot', reason: '--exclude swap-at-*' })
  })

  it('--tag goes by section, severity, unit and row', async () => {
    const result = await evaluate('tag', '--tag', 'D1', '--tag', 'certificates')
    expect(ids(result)).toContain('swap-configuration')
    expect(ids(result)).toContain('expired-certificates')
    expect(ids(result)).not.toContain('host-network')
  })
})

describe('a mistake', () => {
  it.each<[string, string[], RegExp]>([
    [
      'a benchmark',
      ['--benchmark', 'cis-kubernets@2.0'],
      /There is no benchmark cis-kubernets \(did you mean cis-kubernetes\?\)/,
    ],
    ['a version of it', ['--benchmark', 'cis-kubernetes@3.0'], /known are 1\.5, /],
    ['a rule', ['--include', 'swap-at-bot'], /--include swap-at-bot: no rule .* \(did you mean swap-at-boot\?\)/],
    ['a section', ['--exclude', 'swp/*'], /--exclude swp\/\*: no rule has this id, section or number/],
    ['a number', ['--include', '9.9.9'], /--include 9\.9\.9: no rule has this id, section or number/],
    ['a tag', ['--tag', 'D9'], /--tag D9: no rule has this tag/],
    ['a level', ['--level', '3'], /Allowed choices are 1, 2/],
    ['a framework', ['--framework', 'soc2'], /There is no framework soc2 \(did you mean soc-2\?\)/],
  ])('in %s is told before the snapshot is opened', async (_name, flags, message) => {
    const output = join(folder, 'refused.json')
    const run = await runCli(['evaluate', join(folder, 'no-such-snapshot'), '--output', output, ...flags])
    expect(run.stderr).toMatch(message)
    expect(run.stderr.trim().split('\n').length).toBeLessThan(4)
    expect([run.code, run.stdout, existsSync(output)]).toEqual([2, '', false])
  })
})
