import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRunFiles } from '../../../src/cli/run-files.ts'
import { openTerminal } from '../../../src/cli/terminal.ts'
import { writeDocuments } from '../../../src/cli/write-documents.ts'
import type { Edition } from '../../../src/model/split.ts'
import { demoResult } from '../../support/sample-results.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function write(output: string, editions: Edition[], splitBy?: string): Promise<string[]> {
  const written: string[] = []
  const terminal = await openTerminal({ quiet: true, verbose: false, color: false })
  const options = { resultDigest: 'ab'.repeat(32), ...(splitBy === undefined ? {} : { splitBy }) }
  await mkdir(output, { recursive: true })
  await writeDocuments(
    demoResult(),
    output,
    ['html', 'json'],
    { options, editions },
    {
      terminal,
      signal: new AbortController().signal,
      files: createRunFiles(),
      onWritten: (path) => written.push(path.slice(output.length + 1)),
    },
  )
  return written
}

test('one file for each edition, once', async () => {
  const output = join(folder, 'editions')
  expect(await write(output, ['auditor', 'executive', 'remediation', 'executive'])).toEqual([
    'report.html',
    'report-executive.html',
    'report-remediation.html',
  ])
  expect(await readFile(join(output, 'report-executive.html'), 'utf8')).toContain('ab'.repeat(32))
})

test('one file for each owner, with an index; parts of an earlier run are gone', async () => {
  const output = join(folder, 'parts')
  expect(await write(output, ['auditor'], 'namespace')).toEqual(['by-namespace/index.html', 'report.html'])
  const parts = await readdir(join(output, 'by-namespace'))
  expect(parts.toSorted()).toEqual([
    'cluster-4102f1ee.html',
    'index.html',
    'legacy.html',
    'monitoring.html',
    'nodes-979b14e3.html',
    'shop.html',
  ])
  const index = await readFile(join(output, 'by-namespace', 'index.html'), 'utf8')
  for (const part of parts.filter((name) => name !== 'index.html')) expect(index).toContain(`<a href="${part}">`)
  await writeFile(join(output, 'by-namespace', 'retired.html'), '')
  await write(output, ['auditor'], 'namespace')
  expect(await readdir(join(output, 'by-namespace'))).not.toContain('retired.html')
})

test('a folder that is somebody else’s is left alone', async () => {
  const own = join(folder, 'taken', 'by-namespace')
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'notes.txt'), 'mine')
  await expect(write(join(folder, 'taken'), ['auditor'], 'namespace')).rejects.toThrow(
    /by-namespace exists and was not made by an earlier run/,
  )
  expect(await readdir(own)).toEqual(['notes.txt'])
  expect((await readdir(join(folder, 'taken'))).filter((name) => name.includes('partial'))).toEqual([])
})
