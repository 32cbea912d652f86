// The formats as a user asks for them: files, modes, and what one format that cannot be made does to the others.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportFormats } from '../../src/model/report-format.ts'
import { runCli } from '../support/cli.ts'
import { benchmarkResult } from '../support/format-results.ts'
import { demoResult } from '../support/sample-results.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
  await writeFile(join(folder, 'with.json'), JSON.stringify(benchmarkResult()))
  await writeFile(join(folder, 'without.json'), JSON.stringify(demoResult()))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const render = (file: string, ...args: string[]) =>
  runCli(['render', join(folder, file), '--output', join(folder, 'out'), ...args])
const written = () =>
  readdir(join(folder, 'out')).then(
    (names) => names.toSorted(),
    () => [],
  )

test('each format is one private file, and nothing else is left', async () => {
  const account = ['--aws-account', '123456789012', '--aws-region', 'eu-central-1']
  const run = await render('with.json', '--format', exportFormats.join(','), ...account)
  expect(run).toMatchObject({ code: 0, stderr: '' })
  const names = await written()
  expect(names).toHaveLength(exportFormats.length)
  expect(run.stdout.trim().split('\n').toSorted()).toEqual(names.map((name) => join(folder, 'out', name)))
  for (const name of names) expect((await stat(join(folder, 'out', name))).mode & 0o777, name).toBe(0o600)
})

test.each([
  ['asff without account', ['--format', 'json,asff'], /asff needs --aws-account and --aws-region/],
  [
    'an account that is none',
    ['--format', 'asff', '--aws-account', '12'],
    /--aws-account: An AWS account has twelve digits/,
  ],
  ['a region that is none', ['--format', 'asff', '--aws-region', 'moon'], /--aws-region: Expected a region such as/],
  ['a format that is none', ['--format', 'sarif,serif'], /--format: Invalid option: expected one of "html"/],
  ['--apply without a format for it', ['--format', 'sarif', '--apply'], /--apply needs one of --format openreports/],
])('%s ends before anything is written', async (_, args, message) => {
  const run = await render('with.json', ...args)
  expect(run).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  expect(await written()).toEqual([])
})

test('a format that cannot tell this result takes no other with it', async () => {
  const run = await render('without.json', '--format', 'kube-bench,csv,json')
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a benchmark with numbered controls') })
  expect(await written()).toEqual(['findings.csv', 'result.json'])
})
