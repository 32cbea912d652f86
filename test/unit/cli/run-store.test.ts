// What is kept, what `latest` leads to, and what retention may remove.
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sparkline } from '../../../src/cli/commands/history.ts'
import { latestRun, listRuns, removeOldRuns, setLatest } from '../../../src/cli/run-store.ts'
import { runRecordOf } from '../../../src/evaluate/run-record.ts'
import { demoResult } from '../../support/sample-results.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-assay-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const name = (day: number) => `2026-11-${String(day).padStart(2, '0')}T02-00-00Z`
const record = JSON.stringify(runRecordOf(demoResult()))

async function addRun(day: number): Promise<string> {
  const path = join(folder, name(day))
  await mkdir(path)
  await writeFile(join(path, 'run.json'), record)
  return path
}

const now = new Date('2026-11-10T03:00:00Z')
const removeOf = async (retention: { keep?: number; keepDays?: number }, protect: string[] = []) => {
  const { removed, kept } = await removeOldRuns(folder, retention, now, protect)
  return [removed, kept].map((list) => list.map((path) => path.slice(folder.length + 1)))
}

describe('latest', () => {
  it('is a link that only moves forward', async () => {
    for (const day of [1, 2, 3]) await addRun(day)
    expect(await setLatest(folder, name(2))).toBe(true)
    expect(await readlink(join(folder, 'latest'))).toBe(name(2))
    await setLatest(folder, name(1))
    expect((await latestRun(folder))?.name).toBe(name(2))
    await setLatest(folder, name(3))
    expect((await latestRun(folder))?.name).toBe(name(3))
    expect(await readdir(folder)).toEqual([name(1), name(2), name(3), 'latest'])
  })

  it('is read from a file too, and is the newest run where it leads nowhere', async () => {
    for (const day of [1, 2]) await addRun(day)
    await writeFile(join(folder, 'latest'), `${name(1)}\n`)
    expect((await latestRun(folder))?.name).toBe(name(1))
    await writeFile(join(folder, 'latest'), '../../etc\n')
    expect((await latestRun(folder))?.name).toBe(name(2))
  })

  it('leaves a folder of that name alone', async () => {
    await addRun(1)
    await mkdir(join(folder, 'latest'))
    expect(await setLatest(folder, name(1))).toBe(false)
    expect((await lstat(join(folder, 'latest'))).isDirectory()).toBe(true)
  })
})

describe('retention', () => {
  beforeEach(async () => {
    for (const day of [1, 2, 8, 9, 10]) await addRun(day)
  })

  it.each<[string, { keep?: number; keepDays?: number }, string[]]>([
    ['nothing asked', {}, []],
    ['by count', { keep: 3 }, [name(2), name(1)]],
    ['by age', { keepDays: 5 }, [name(2), name(1)]],
    ['whichever removes more', { keep: 2, keepDays: 5 }, [name(8), name(2), name(1)]],
    ['never the newest', { keepDays: 0.001 }, [name(9), name(8), name(2), name(1)]],
  ])('%s', async (_name, retention, expected) => {
    expect(await removeOf(retention)).toEqual([expected, []])
    expect((await listRuns(folder)).map((run) => run.name)).toEqual(
      [1, 2, 8, 9, 10].map(name).filter((one) => !expected.includes(one)),
    )
  })

  it('keeps the baseline, what latest leads to, and runs with a rollback in them', async () => {
    await setLatest(folder, name(2))
    const saved = join(folder, name(8), 'remediation', 'namespaces', 'shop', 'saved')
    await mkdir(saved, { recursive: true })
    await writeFile(join(saved, 'cart.json'), '{}')
    const [removed, kept] = await removeOf({ keep: 1 }, [join(folder, name(1))])
    expect(removed).toEqual([name(9)])
    expect(kept).toEqual([name(8)])
  })

  it('touches nothing that is no run of ours', async () => {
    const outside = join(folder, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'run.json'), record)
    await symlink('outside', join(folder, name(3)), 'dir')
    await mkdir(join(folder, name(4)))
    await mkdir(join(folder, 'notes'))
    await mkdir(join(folder, name(5)))
    await writeFile(join(folder, name(5), 'run.json'), '{"kind":"another"}')
    await removeOf({ keep: 1 })
    expect(await readdir(folder)).toEqual([name(3), name(4), name(5), name(10), 'notes', 'outside'])
    expect(await readdir(outside)).toEqual(['run.json'])
  })
})

it.each<[scores: (number | undefined)[], lines: string[]]>([
  [[80], []],
  [[50, undefined, 60, 70], ['Score  ▁·▅█  lowest 50.0, highest 70.0']],
  [[80, 80], ['Score  ▄▄  80.0 throughout']],
])('bars of %j', (scores, lines) => {
  expect(sparkline(scores)).toEqual(lines)
})
